"""The workspace on the local cloud: bring all of it up, take it down. Nothing here knows that the cloud is local."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.actions.apps import delete_app, init_app
from copilot.actions.context import Context
from copilot.actions.deploy import deploy_workloads, make_env
from copilot.actions.deploy_env import deploy_env
from copilot.actions.env_plans import read_environment, require_deployable
from copilot.actions.remains import find_unfinished_app
from copilot.actions.requests import Credentials, Deploy, DeployEnv, InitApp, LocalUp
from copilot.actions.service_plans import read_manifest
from copilot.actions.services import register
from copilot.aws.parallel import together
from copilot.errors import NotFound, UsageError, WorkspaceError
from copilot.manifest import NewEnvironment, new_environment
from copilot.model.outcome import Outcome
from copilot.model.records import Workload
from copilot.names import name_problem

DEFAULT_ENV = "test"


def local_up(request: LocalUp, context: Context) -> Outcome:
    """Application, environment and every workload of the workspace, made or brought up to date."""
    workspace = context.require_workspace()
    app_name = context.app_name()
    env = request.env or choose_env(workspace.environment_names())
    problem = name_problem(env)
    if problem:
        raise UsageError(f"environment name {env!r} is not valid: it {problem}")
    names = workspace.workload_names()
    if not names:
        raise WorkspaceError(
            f"nothing to deploy: application {app_name} has no workload in {workspace.root}/copilot",
            hints=("copilot svc init",),
        )
    manifests = {name: read_manifest(name, app_name, env, context) for name in names}
    if env in workspace.environment_names():
        read_environment(env, app_name, context)
    else:
        require_deployable(workspace)
        workspace.write_environment_manifest(env, new_environment(NewEnvironment(name=env)))
    app, envs, recorded = together(
        lambda: context.registry.find_app(app_name),
        lambda: context.registry.list_envs(app_name),
        lambda: context.registry.list_workloads(app_name),
    )
    if app is None:
        init_app(InitApp(name=app_name), context)
        app = context.registry.get_app(app_name)
    known = {workload.name for workload in recorded}
    new = [Workload(app=app_name, name=name, type=manifests[name].manifest.type) for name in names if name not in known]
    register(app, new, context)
    if env not in [record.name for record in envs]:
        make_env(app, env, Credentials(), context)
    deploy_env(DeployEnv(app=app_name, name=env), context)
    request_all = Deploy(app=app_name, env=env, names=tuple(names), detach=request.detach)
    return deploy_workloads(request_all, dict.fromkeys(names, 0), manifests, context)


def choose_env(local: Sequence[str]) -> str:
    """The workspace's environment: `test` where there is one or none, else the first."""
    if not local or DEFAULT_ENV in local:
        return DEFAULT_ENV
    return local[0]


def local_down(context: Context) -> Outcome:
    """Deletes the workspace's application from this cloud; the workspace stays bound to it."""
    name = context.app_name()
    if context.registry.find_app(name) is None and find_unfinished_app(name, context) is None:
        raise NotFound(f"nothing to delete: application {name} is not on this cloud", hints=("copilot local up",))
    return delete_app(name, context, forget_workspace=False)
