"""Several workloads in one command: registers what is new, brings up the environment, deploys in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from copilot import names
from copilot.actions.context import Context
from copilot.actions.deploy_env import deploy_env
from copilot.actions.deploy_order import dependencies, groups, parse_names
from copilot.actions.deploy_service import deploy_planned, upload_functions
from copilot.actions.env_plans import read_environment
from copilot.actions.envs import create_env, env_target
from copilot.actions.requests import Credentials, Deploy, DeployEnv, DeployService, InitEnv
from copilot.actions.same_routes import same_routes
from copilot.actions.scenes import Scene, observe_scene
from copilot.actions.service_plans import ServicePlan, plan_service, read_manifest
from copilot.actions.services import register
from copilot.aws.parallel import each_told, together
from copilot.describe.app import env_cloud
from copilot.describe.stacks import BOOTSTRAP, observe_version
from copilot.errors import NotFound, UsageError
from copilot.manifest import Loaded, WorkloadManifest
from copilot.model.events import Event, State
from copilot.model.outcome import Ended, Outcome
from copilot.model.records import App, Env, Workload


def deploy(request: Deploy, context: Context) -> Outcome:
    """Deploys workloads into an environment, making records and environment where they are missing and wanted."""
    app, recorded, envs = together(
        lambda: context.registry.get_app(request.app),
        lambda: context.registry.list_workloads(request.app),
        lambda: context.registry.list_envs(request.app),
    )
    tags = _chosen(request, [workload.name for workload in recorded], context)
    manifests = {name: read_manifest(name, app.name, request.env, context) for name in tags}
    is_new = request.env not in [env.name for env in envs]
    if is_new:
        _init_env(request, app, context)
    new = [name for name in tags if name not in {workload.name for workload in recorded}]
    register(app, [Workload(app=app.name, name=name, type=manifests[name].manifest.type) for name in new], context)
    env = next((env for env in envs if env.name == request.env), None)
    notices = _deploy_env(request, context) if _wants_env(request, env, context) else ()
    outcome = deploy_workloads(request, tags, manifests, context)
    return replace(outcome, notices=(*notices, *outcome.notices))


def _wants_env(request: Deploy, env: Env | None, context: Context) -> bool:
    """Asked for, or needed: a new environment, and one whose making an earlier `--init-env` began."""
    if env is None or request.deploy_env is not None:
        return env is None or bool(request.deploy_env)
    if not request.init_env:
        return False
    stack = names.env_stack(request.app, request.env)
    return observe_version(env_cloud(context.cloud, env), stack).version == BOOTSTRAP


def _deploy_env(request: Deploy, context: Context) -> Sequence[str]:
    """Deploys the environment; the notices of that."""
    if request.env not in context.require_workspace().environment_names():
        return (
            f"Environment {request.env} was not deployed: this workspace has no manifest of it. "
            f"See the deployed one: `copilot env show --name {request.env} --manifest`.",
        )
    return deploy_env(
        DeployEnv(app=request.app, name=request.env, allow_downgrade=request.allow_downgrade), context
    ).notices


def _chosen(request: Deploy, recorded: Sequence[str], context: Context) -> dict[str, int]:
    """Order tags by name: the named ones, and with --all the rest of the workspace behind them."""
    tags = parse_names(request.names)
    local = context.require_workspace().workload_names()
    unknown = sorted(set(tags) - set(local))
    if unknown:
        raise NotFound(
            f"{', '.join(unknown)} can't be deployed: no copilot/{unknown[0]}/manifest.yml in this workspace",
            hints=("copilot svc init", "copilot svc ls --local"),
        )
    if request.all:
        last = max(tags.values(), default=0) + 1
        rest = [name for name in local if name in recorded or request.init_workloads]
        tags = {**dict.fromkeys(rest, last), **tags}
    if not tags:
        raise UsageError("--name is required: no workload is named", hints=("or deploy all of them: `--all`",))
    return tags


def _init_env(request: Deploy, app: App, context: Context) -> None:
    workspace = context.require_workspace()
    if request.env not in workspace.environment_names():
        raise NotFound(
            f"environment {request.env} not found: application {app.name} has none of that name",
            hints=(f"copilot env init --name {request.env}", "copilot env ls"),
        )
    if request.deploy_env is False:
        raise UsageError(
            f"environment {request.env} can't be left undeployed: it does not exist yet",
            hints=("leave --deploy-env=false out",),
        )
    if request.init_env is False or (
        request.init_env is None and not context.confirm(f"Environment {request.env} is not there yet. Make it?")
    ):
        raise NotFound(
            f"environment {request.env} not found: application {app.name} has none of that name",
            hints=("add --init-env to make it",),
        )
    read_environment(request.env, app.name, context)
    make_env(app, request.env, request.credentials, context)


def make_env(app: App, name: str, credentials: Credentials, context: Context) -> None:
    """Makes an environment's roles and record; its manifest is there already."""
    target = env_target(InitEnv(app=app.name, name=name, credentials=credentials), context)
    create_env(app, name, target.account, target, context)


def deploy_workloads(
    request: Deploy, tags: Mapping[str, int], manifests: Mapping[str, Loaded[WorkloadManifest]], context: Context
) -> Outcome:
    """Deploys group after group, the members of a group at once; one that fails keeps later groups from beginning."""
    records = context.registry.get_deployment(request.app, request.env, list(tags))
    scene = observe_scene(records, list(tags), context)
    plans = {name: _plan(scene, loaded, request, context) for name, loaded in manifests.items()}
    upload_functions(list(plans.values()), context)
    order = groups(tags, dependencies([plan.manifest for plan in plans.values()], request.app, request.env))
    _announce([[plans[name] for name in group] for group in order], context)
    outcomes: dict[str, Outcome] = {}
    for group in order:
        outcomes |= zip(group, each_told(lambda name: _deploy_one(plans[name], request, context), group), strict=True)
    return replace(_summary(outcomes, request), notices=tuple(same_routes([plan.manifest for plan in plans.values()])))


def _announce(order: Sequence[Sequence[ServicePlan]], context: Context) -> None:
    """Shows every workload in its order before the first one is begun, and what the later ones wait for."""
    before: Sequence[ServicePlan] = ()
    for group in order:
        for plan in group:
            waits = f"after {', '.join(other.name for other in before)}" if before else ""
            status = "queued" if before else ""
            context.observe(
                Event(path=(plan.stack_name,), state=State.WAITING, label=plan.label, status=status, detail=waits)
            )
        before = group


def _plan(scene: Scene, loaded: Loaded[WorkloadManifest], request: Deploy, context: Context) -> ServicePlan:
    return plan_service(scene, loaded, context, tag=request.tag, allow_downgrade=request.allow_downgrade)


def _deploy_one(plan: ServicePlan, request: Deploy, context: Context) -> Outcome:
    single = DeployService(
        app=request.app,
        env=request.env,
        name=plan.name,
        tag=request.tag,
        resource_tags=request.resource_tags,
        force=request.force,
        no_rollback=request.no_rollback,
        detach=request.detach,
    )
    return deploy_planned(plan, single, context)


def _summary(outcomes: Mapping[str, Outcome], request: Deploy) -> Outcome:
    """What became of each workload, in a sentence for each way to end."""
    by_end = {ended: sorted(name for name, outcome in outcomes.items() if outcome.ended is ended) for ended in _SAID}
    sentences = [
        f"{said.format(env=request.env)}: {', '.join(by_end[end])}." for end, said in _SAID.items() if by_end[end]
    ]
    if all(outcome.ended is Ended.UNCHANGED for outcome in outcomes.values()):
        sentences = [f"Everything is up to date in environment {request.env}: {', '.join(sorted(outcomes))}."]
    urls = tuple(dict.fromkeys(url for outcome in outcomes.values() for url in outcome.urls if "://" in url))
    ended = next(end for end in _SAID if by_end[end])
    return Outcome(ended=ended, message=" ".join(sentences), urls=urls)


_SAID = {
    Ended.DONE: "Deployed to environment {env}",
    Ended.DETACHED: "Deploying to environment {env}, which goes on by itself",
    Ended.UNCHANGED: "Up to date already",
}
