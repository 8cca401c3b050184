"""Looking at applications, environments and services. Imports no manifest models, so that looking is quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot import names
from copilot.actions.context import Context
from copilot.aws.parallel import together
from copilot.describe.app import describe_app, env_cloud
from copilot.describe.environment import describe_env
from copilot.describe.stacks import observe_stack
from copilot.errors import Blocked
from copilot.model.description import AppDescription, EnvDescription
from copilot.model.records import Env, Workload

if TYPE_CHECKING:
    from copilot.actions.requests import ShowEnv


def list_apps(context: Context) -> list[str]:
    """The names of the applications in the account and region."""
    return [app.name for app in context.registry.list_apps()]


def show_app(name: str, context: Context) -> AppDescription:
    """An application with its environments and workloads."""
    return describe_app(name, context.cloud)


def list_envs(app: str, context: Context) -> list[Env]:
    """The environments of an application that exists."""
    _, envs = together(lambda: context.registry.get_app(app), lambda: context.registry.list_envs(app))
    return envs


def show_env(request: ShowEnv, context: Context) -> EnvDescription:
    """An environment with its workloads, and with its resources when asked."""
    return describe_env(request.app, request.name, context.cloud, resources=request.resources)


def env_manifest(app: str, name: str, context: Context) -> str:
    """The manifest that the environment was last deployed with."""
    env = context.registry.get_env(app, name)
    observed = observe_stack(env_cloud(context.cloud, env), names.env_stack(app, name))
    if not observed.manifest:
        raise Blocked(
            f"environment {name} has no deployed manifest: it was not deployed since manifests are kept",
            hints=(f"copilot env deploy --name {name}",),
        )
    return observed.manifest


def list_services(app: str, context: Context, *, local: bool = False) -> list[Workload]:
    """The application's services; `local` keeps those whose manifests are in this workspace."""
    workspace = context.require_workspace() if local else None
    _, workloads = together(lambda: context.registry.get_app(app), lambda: context.registry.list_workloads(app))
    services = [workload for workload in workloads if not workload.is_job]
    if workspace is None:
        return services
    here = set(workspace.workload_names())
    return [service for service in services if service.name in here]
