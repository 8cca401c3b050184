"""An application as it stands, and every stack of it as this tool would deploy it.

The manifests are the deployed ones, not the workspace's, so that adopting changes the tool and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from copilot import TEMPLATE_VERSION, cfn, names
from copilot.actions.context import Context
from copilot.actions.deploy_env import artifact_cloud
from copilot.actions.env_plans import EnvScene, plan_env
from copilot.actions.scenes import Scene, observe_scene
from copilot.actions.service_plans import plan_service
from copilot.actions.stack_deployments import uploader
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import each
from copilot.aws.stack_sets import StackSetInstance
from copilot.cfn.template import Stack
from copilot.deploy.images import LATEST
from copilot.deploy.lambdas import LambdaPackage
from copilot.describe.adoption import newer, obstacle
from copilot.describe.app import deployed_workloads, remaining_cloud
from copilot.describe.legacy import legacy_manifest
from copilot.describe.regional import read_regional
from copilot.describe.stacks import BOOTSTRAP, NO_VERSION, ObservedStack, observe_with_template
from copilot.errors import CopilotError
from copilot.manifest import Loaded, Source, WorkloadManifest, load_environment, load_workload
from copilot.model.records import App, Env
from copilot.stacks.app import roles_stack

COPILOT_TAGS = frozenset({names.APP_TAG, names.ENV_TAG, names.SERVICE_TAG})
AS_IT_IS = "it keeps running as it is"
OVERRIDDEN = ("using AWS Copilot with YAML patches", "using AWS Copilot and CDK")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A stack that may be adopted. `stack` is what is wanted, None when `blocked` says why there is no such thing."""

    label: str
    name: str
    cloud: Cloud
    observed: ObservedStack
    stack: Stack | None = None
    role_arn: str = ""
    artifacts: Cloud | None = None
    upload: Callable[[str], str] | None = None
    packages: Mapping[str, LambdaPackage] = field(default_factory=dict)
    blocked: str = ""
    next_step: str = ""


def roles_candidate(app: App, context: Context) -> Candidate:
    """The application's roles stack."""
    name = names.roles_stack(app.name)
    observed = observe_with_template(context.cloud, name)
    label = f"roles of application {app.name}"
    blocked, next_step = obstacle(observed, name, f"copilot app init {app.name}")
    if not blocked:
        blocked, next_step = newer(str(observed.metadata.get("TemplateVersion") or NO_VERSION))
    known = [a for a in observed.parameters.get("AppDNSDelegatedAccounts", "").split(",") if a]
    return Candidate(
        label=label,
        name=name,
        cloud=context.cloud,
        observed=observed,
        stack=None if blocked else roles_stack(app, delegated_accounts=known or (app.account,)),
        blocked=blocked,
        next_step=next_step,
    )


def env_candidates(
    app: App, env: Env, instances: Sequence[StackSetInstance], context: Context
) -> tuple[Candidate, list[Candidate]]:
    """An environment's stack and those of the workloads that run in it."""
    name = names.env_stack(app.name, env.name)
    cloud = remaining_cloud(context.cloud, env)
    try:
        observed = observe_with_template(cloud, name)
        workloads = sorted(deployed_workloads(cloud, app.name, env.name))
        regional = read_regional(context.cloud, instances, env.region)
    except CopilotError as error:
        unknown = Candidate(label=f"environment {env.name}", name=name, cloud=cloud, observed=ObservedStack())
        return _blocked(unknown, _words(error), _advice(error)), []
    create = f"copilot env init --name {env.name}"
    blocked, next_step = obstacle(observed, name, create)
    if not blocked and regional is None:
        blocked, next_step = f"the application has nothing in {env.region}", create
    base = Candidate(
        label=f"environment {env.name}",
        name=name,
        cloud=cloud,
        observed=observed,
        role_arn=env.execution_role_arn,
        blocked=blocked,
        next_step=next_step,
    )
    if blocked or regional is None:
        return base, _waiting(workloads, base, app, env)
    scene = EnvScene(app=app, env=env, cloud=cloud, regional=regional, observed=observed)
    env_candidate = _with_env_stack(base, scene, context)
    version = TEMPLATE_VERSION if env_candidate.stack else observed.version
    return env_candidate, _workload_candidates(scene, workloads, version, context)


def _with_env_stack(base: Candidate, scene: EnvScene, context: Context) -> Candidate:
    refusal = _refusal(scene.observed)
    if refusal:
        return _blocked(base, refusal, AS_IT_IS)
    if scene.observed.version == BOOTSTRAP:
        return _blocked(base, "it has only its roles", f"copilot env deploy --name {scene.env.name}")
    text = scene.observed.manifest or legacy_manifest(scene.env)
    source = Source(text=text, path=f"manifest of environment {scene.env.name}, as deployed")
    try:
        loaded = load_environment(source, app=scene.app.name, env=scene.env.name, environ=context.environ)
        plan = plan_env(scene, loaded, context)
    except CopilotError as error:
        return _blocked(base, _words(error), _advice(error))
    artifacts = artifact_cloud(scene, context)
    return Candidate(
        label=base.label,
        name=base.name,
        cloud=base.cloud,
        observed=base.observed,
        role_arn=base.role_arn,
        stack=plan.stack,
        packages=plan.packages,
        artifacts=artifacts,
        upload=uploader(base.name, artifacts, scene.regional),
    )


def _workload_candidates(
    env: EnvScene, workloads: Sequence[str], env_version: str, context: Context
) -> list[Candidate]:
    """`env_version` is the environment's once it is adopted: its workloads hold it in their templates."""
    if not workloads:
        return []
    try:
        records = context.registry.get_deployment(env.app.name, env.env.name, workloads)
        scene = observe_scene(records, workloads, context).at_version(env_version)
    except CopilotError as error:
        return [
            Candidate(
                label=f"{name} in {env.env.name}",
                name=names.workload_stack(env.app.name, env.env.name, name),
                cloud=env.cloud,
                observed=ObservedStack(),
                blocked=_words(error),
                next_step=_advice(error),
            )
            for name in workloads
        ]
    return each(lambda name: _workload_candidate(scene, name, artifact_cloud(env, context), context), workloads)


def _workload_candidate(scene: Scene, name: str, artifacts: Cloud, context: Context) -> Candidate:
    observed = scene.observed[name]
    label = f"{name} in {scene.env.name}"
    stack_name = names.workload_stack(scene.app.name, scene.env.name, name)
    blocked, next_step = obstacle(observed, stack_name, f"copilot svc deploy --name {name} --env {scene.env.name}")
    base = Candidate(
        label=label,
        name=stack_name,
        cloud=scene.cloud,
        observed=observed,
        role_arn=scene.env.execution_role_arn,
        blocked=blocked or _refusal(observed),
        next_step=next_step or AS_IT_IS,
    )
    if base.blocked:
        return base
    try:
        loaded = _deployed_manifest(scene, name, context)
        plan = plan_service(scene, loaded, context, tag=LATEST)
    except CopilotError as error:
        return _blocked(base, _words(error), _advice(error))
    parameters = observed.parameters
    tags = observed.deployed.tags if observed.deployed else {}
    extra = {key: value for key, value in tags.items() if key not in COPILOT_TAGS and key not in scene.app.tags}
    stack = plan.with_env_file(parameters.get("EnvFileARN", "")).render(
        parameters.get("ContainerImage", ""), context, extra
    )
    return Candidate(
        label=label,
        name=base.name,
        cloud=base.cloud,
        observed=observed,
        role_arn=base.role_arn,
        stack=stack,
        packages=plan.packages,
        artifacts=artifacts,
        upload=uploader(base.name, artifacts, scene.regional),
    )


def _deployed_manifest(scene: Scene, name: str, context: Context) -> Loaded[WorkloadManifest]:
    source = Source(text=scene.observed[name].manifest, path=f"manifest of {name}, as deployed in {scene.env.name}")
    return load_workload(source, app=scene.app.name, env=scene.env.name, environ=context.environ)


def _refusal(observed: ObservedStack) -> str:
    """What this version can't render yet; rendering without it would remove it."""
    template = cfn.load(observed.template) if observed.template else {}
    if any(mark in str(template.get("Description", "")) for mark in OVERRIDDEN):
        return "it was made with overrides, which this version does not apply yet"
    parameters = observed.parameters
    nested = "AddonsStack" in (template.get("Resources") or {})
    if parameters.get("AddonsTemplateURL") or (nested and "AddonsTemplateURL" not in parameters):
        return "it has addons, which this version does not deploy yet"
    return ""


def _blocked(base: Candidate, why: str, next_step: str) -> Candidate:
    return Candidate(
        label=base.label,
        name=base.name,
        cloud=base.cloud,
        observed=base.observed,
        role_arn=base.role_arn,
        blocked=why,
        next_step=next_step,
    )


def _waiting(workloads: Sequence[str], env: Candidate, app: App, record: Env) -> list[Candidate]:
    """Workloads whose environment has to be mended first; none of them is looked at."""
    return [
        Candidate(
            label=f"{name} in {record.name}",
            name=names.workload_stack(app.name, record.name, name),
            cloud=env.cloud,
            observed=ObservedStack(),
            blocked=f"{env.label} comes first",
            next_step=env.next_step,
        )
        for name in workloads
    ]


def _words(error: CopilotError) -> str:
    return "; ".join(error.details.splitlines()) if error.details else error.message


def _advice(error: CopilotError) -> str:
    return error.hints[0] if error.hints else AS_IT_IS
