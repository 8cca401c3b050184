"""Several workloads in one command: registers what is new, brings up the environment, deploys in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.actions.context import Context
from copilot.actions.deploy_env import deploy_env
from copilot.actions.deploy_order import dependencies, groups, parse_names
from copilot.actions.deploy_service import deploy_planned, upload_functions
from copilot.actions.envs import create_env, env_target
from copilot.actions.requests import Credentials, Deploy, DeployEnv, DeployService, InitEnv
from copilot.actions.scenes import Scene, observe_scene
from copilot.actions.service_plans import ServicePlan, plan_service, read_manifest
from copilot.actions.services import register
from copilot.aws.parallel import each, together
from copilot.errors import NotFound, UsageError
from copilot.manifest import Loaded, WorkloadManifest
from copilot.model.outcome import Ended, Outcome
from copilot.model.records import App, Workload


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
    if request.deploy_env or is_new:
        deploy_env(DeployEnv(app=app.name, name=request.env, allow_downgrade=request.allow_downgrade), context)
    return deploy_workloads(request, tags, manifests, context)


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
    outcomes: list[Outcome] = []
    for group in order:
        outcomes += each(lambda name: _deploy_one(plans[name], request, context), group)
    return _summary(list(tags), request, outcomes)


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


def _summary(names: Sequence[str], request: Deploy, outcomes: Sequence[Outcome]) -> Outcome:
    unchanged = all(outcome.ended is Ended.UNCHANGED for outcome in outcomes)
    listed = ", ".join(sorted(names))
    message = (
        f"Everything is up to date in environment {request.env}: {listed}."
        if unchanged
        else f"Deployed to environment {request.env}: {listed}."
    )
    urls = tuple(dict.fromkeys(url for outcome in outcomes for url in outcome.urls if "://" in url))
    return Outcome(ended=Ended.UNCHANGED if unchanged else Ended.DONE, message=message, urls=urls)
