"""Takes an application of AWS Copilot's over: shows what this tool changes in every stack, then does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copilot import TEMPLATE_VERSION, cfn, names
from copilot.actions.adoption_plans import Candidate, env_candidates, roles_candidate
from copilot.actions.context import Context
from copilot.actions.requests import AdoptApp
from copilot.actions.stack_deployments import change_app, stack_deployment
from copilot.aws.parallel import each, together
from copilot.cfn.compare import compare_resources
from copilot.deploy.lambdas import upload_lambdas
from copilot.deploy.preview import preview
from copilot.deploy.stacks import deploy_stack
from copilot.describe.adoption import explain, newer
from copilot.errors import Blocked, CopilotError
from copilot.model.adoption import AppAdoption, StackAdoption
from copilot.model.outcome import Ended, Outcome
from copilot.model.records import App, Env
from copilot.stacks.app import read_stack_set_metadata, stack_set_template


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """What is adopted in one go: the application's own stacks, or one environment with its workloads."""

    name: str
    candidates: Sequence[Candidate]
    adoptions: Sequence[StackAdoption]


def check_adoption(name: str, context: Context) -> AppAdoption:
    """What adopting would change, in every stack; changes nothing."""
    app, envs = _records(name, context)
    stages = _stages(app, envs, context)
    return AppAdoption(app=name, stacks=[adoption for stage in stages for adoption in stage.adoptions])


def adopt_app(request: AdoptApp, context: Context) -> Outcome:
    """Deploys every stack with this tool, environment by environment; run again, it goes on with what is left.

    Refuses to begin while a stack would lose or replace something, unless told otherwise.
    """
    app, envs = _records(request.name, context)
    stages = _stages(app, envs, context)
    everything = [adoption for stage in stages for adoption in stage.adoptions]
    _require_harmless(everything, allow=request.allow_replacement)
    _require_unblocked_app(stages[0])
    for stage in stages:
        if not any(adoption.changes or adoption.is_destructive for adoption in stage.adoptions):
            continue
        if not request.yes and not context.confirm(f"Adopt {stage.name}?"):
            return Outcome(
                ended=Ended.DECLINED,
                message=f"Adoption stopped before {stage.name}; what was adopted stays adopted.",
                next_steps=(f"Run `copilot app adopt --name {app.name}` to go on.",),
            )
        _adopt(stage, app, context)
    return _outcome(app, everything)


def _records(name: str, context: Context) -> tuple[App, list[Env]]:
    return together(lambda: context.registry.get_app(name), lambda: context.registry.list_envs(name))


def _stages(app: App, envs: Sequence[Env], context: Context) -> list[_Stage]:
    instances = context.cloud.stack_sets.instances(names.stack_set(app.name))
    roles, stack_set, found = together(
        lambda: _preview(roles_candidate(app, context)),
        lambda: _stack_set_adoption(app, context),
        lambda: each(lambda env: env_candidates(app, env, instances, context), envs),
    )
    stages = [_Stage(name=f"application {app.name}", candidates=[roles[0]], adoptions=[roles[1], stack_set])]
    for env, (env_candidate, workloads) in zip(envs, found, strict=True):
        candidates = [env_candidate, *workloads]
        previews = each(_preview, candidates)
        stages.append(
            _Stage(
                name=f"environment {env.name}", candidates=candidates, adoptions=[adoption for _, adoption in previews]
            )
        )
    return stages


def _preview(candidate: Candidate) -> tuple[Candidate, StackAdoption]:
    """The candidate and what CloudFormation says about it."""
    if candidate.stack is None or candidate.blocked:
        return candidate, StackAdoption(
            stack=candidate.name, label=candidate.label, blocked=candidate.blocked, next_step=candidate.next_step
        )
    try:
        changes = preview(
            candidate.stack,
            candidate.cloud.stacks,
            upload=candidate.upload or (lambda body: body),
            role_arn=candidate.role_arn,
        )
    except CopilotError as error:
        hint = error.hints[0] if error.hints else "it keeps running as it is"
        return candidate, StackAdoption(
            stack=candidate.name, label=candidate.label, blocked=error.message, next_step=hint
        )
    return candidate, StackAdoption(
        stack=candidate.name,
        label=candidate.label,
        changes=explain(candidate.observed, candidate.stack.template, changes),
        replaced=[c.logical_id for c in changes if c.action == "Modify" and c.replacement == "True"],
        removed=[c.logical_id for c in changes if c.action == "Remove"],
    )


def _stack_set_adoption(app: App, context: Context) -> StackAdoption:
    """Stack sets have no change sets: the templates are compared instead."""
    name, label = names.stack_set(app.name), f"resources of application {app.name}"
    found, running = together(
        lambda: context.cloud.stack_sets.find(name),
        lambda: [o for o in context.cloud.stack_sets.operations(name) if o.is_running],
    )
    if found is None:
        blocked, step = "the stack set does not exist: the application is half made or half deleted", "copilot app init"
        return StackAdoption(stack=name, label=label, blocked=blocked, next_step=f"{step} {app.name}")
    if running:
        blocked = f"the stack set is locked: its operation {running[0].id} ({running[0].action}) is running"
        return StackAdoption(stack=name, label=label, blocked=blocked, next_step="wait until it has ended")
    deployed = cfn.load(found.template)
    state = read_stack_set_metadata(deployed.get("Metadata") or {})
    blocked, step = newer(state.template_version)
    if blocked:
        return StackAdoption(stack=name, label=label, blocked=blocked, next_step=step)
    wanted = stack_set_template(app, workloads=state.workloads, accounts=state.accounts, version=state.version)
    differences = list(compare_resources(deployed, wanted))
    changes = [f"{d.logical_id}: {', '.join(d.properties) or 'attributes'}" for d in differences if d.old and d.new]
    changes += [f"adds {d.logical_id}" for d in differences if not d.old]
    if state.template_version != TEMPLATE_VERSION:
        changes.append(f"version {state.template_version} -> {TEMPLATE_VERSION}")
    return StackAdoption(
        stack=name, label=label, changes=changes, removed=[d.logical_id for d in differences if not d.new]
    )


def _require_harmless(adoptions: Sequence[StackAdoption], *, allow: bool) -> None:
    destructive = [adoption for adoption in adoptions if adoption.is_destructive]
    if destructive and not allow:
        raise Blocked(
            "application can't be adopted: adopting it would replace or remove resources",
            details="\n".join(f"{adoption.stack}: {adoption.summary}" for adoption in destructive),
            hints=("look at them one by one", "to go on all the same: --allow-replacement"),
        )


def _require_unblocked_app(stage: _Stage) -> None:
    """The application's own stacks come first; without them nothing else can be adopted."""
    blocked = [adoption for adoption in stage.adoptions if adoption.blocked]
    if blocked:
        raise Blocked(
            f"{stage.name} can't be adopted: {blocked[0].blocked}",
            hints=tuple(adoption.next_step for adoption in blocked if adoption.next_step),
        )


def _adopt(stage: _Stage, app: App, context: Context) -> None:
    """The environment's stack first, then its workloads one after the other; the application's stack set last."""
    for candidate, adoption in zip(stage.candidates, stage.adoptions, strict=False):
        if candidate.stack is None or adoption.blocked or not (adoption.changes or adoption.is_destructive):
            continue
        if candidate.artifacts is not None:
            upload_lambdas(candidate.artifacts.buckets, candidate.packages, candidate.observed.template)
        deploy_stack(
            stack_deployment(
                candidate.stack,
                context=context,
                cloud=candidate.cloud,
                observed=candidate.observed,
                upload=candidate.upload,
                role_arn=candidate.role_arn,
                label=candidate.label,
            )
        )
    if any(a.stack == names.stack_set(app.name) and a.changes for a in stage.adoptions):
        change_app(app, lambda state: state, context, always=True)


def _outcome(app: App, adoptions: Sequence[StackAdoption]) -> Outcome:
    left = [adoption for adoption in adoptions if adoption.blocked]
    if left:
        return Outcome(
            message=f"Application {app.name} is adopted, but for {len(left)} of its stacks.",
            next_steps=tuple(f"{a.label}: {a.blocked}. Next: {a.next_step}." for a in left),
        )
    if not any(adoption.changes for adoption in adoptions):
        return Outcome(ended=Ended.UNCHANGED, message=f"Application {app.name} is adopted already.")
    return Outcome(message=f"Application {app.name} is adopted; from now on deploy it as before.")
