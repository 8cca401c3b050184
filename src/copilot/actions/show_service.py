"""A service in every environment that it is deployed in."""

from __future__ import annotations

from copilot import names
from copilot.actions.context import Context
from copilot.actions.requests import ShowService
from copilot.describe.app import env_cloud
from copilot.describe.service import describe_service
from copilot.describe.stacks import observe_stack
from copilot.errors import NotFound
from copilot.model.description import ServiceDescription


def show_service(request: ShowService, context: Context) -> ServiceDescription:
    return describe_service(request.app, request.name, context.cloud, resources=request.resources)


def service_manifest(app: str, env: str, name: str, context: Context) -> str:
    """The manifest that the service was last deployed with in an environment."""
    record = context.registry.get_env(app, env)
    observed = observe_stack(env_cloud(context.cloud, record), names.workload_stack(app, env, name))
    if not observed.manifest:
        raise NotFound(
            f"no manifest of {name} found in environment {env}: it is not deployed there, "
            "or was before manifests were kept",
            hints=(f"copilot svc deploy --name {name} --env {env}",),
        )
    return observed.manifest
