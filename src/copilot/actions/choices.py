"""What questions choose from."""

from __future__ import annotations

from copilot.actions.context import Context
from copilot.describe.app import deployed_envs
from copilot.model.records import JOB_TYPES


def envs(app: str, context: Context) -> list[str]:
    return [env.name for env in context.registry.list_envs(app)]


def services(app: str, context: Context) -> list[str]:
    return [workload.name for workload in context.registry.list_workloads(app) if not workload.is_job]


def local_services(context: Context) -> list[str]:
    """Workloads of this workspace whose manifests don't say that they are jobs."""
    from copilot.manifest import Source, read_header  # costs a tenth of a second, which other choices don't need

    workspace = context.require_workspace()
    texts = {name: workspace.manifest(name) for name in workspace.workload_names()}
    headers = {name: read_header(Source(text=text.text, path=text.path)) for name, text in texts.items()}
    return [name for name, header in headers.items() if header.type not in JOB_TYPES]


def deployed_services(app: str, context: Context) -> list[tuple[str, str]]:
    """(service, environment) of everything that is deployed, sorted."""
    records = context.registry.get_all(app)
    services = [workload for workload in records.workloads if not workload.is_job]
    running = deployed_envs(context.cloud, records.app, records.envs, services)
    return sorted((name, env) for name, where in running.items() for env in where)
