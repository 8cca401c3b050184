"""Services: begin one, register and delete."""

from __future__ import annotations

from collections.abc import Sequence

from copilot import names
from copilot.actions.context import Context
from copilot.actions.guards import require_not_newer
from copilot.actions.new_service import describe_new, find_dockerfile, notices_of
from copilot.actions.requests import DeleteService, InitService
from copilot.actions.stack_deployments import change_app, stack_deployment
from copilot.aws.parallel import each, together
from copilot.cfn.template import Stack
from copilot.deploy.app import with_workloads, without_workload
from copilot.deploy.stacks import delete_stack
from copilot.describe.app import app_version, remaining_cloud, running_workloads
from copilot.errors import AlreadyExists, UsageError
from copilot.manifest import Source, new_workload, read_header
from copilot.model.events import Event, State
from copilot.model.outcome import Outcome
from copilot.model.records import (
    BACKEND_SERVICE,
    LOAD_BALANCED_WEB_SERVICE,
    REQUEST_DRIVEN_WEB_SERVICE,
    SERVICE_TYPES,
    STATIC_SITE,
    App,
    Env,
    Workload,
)
from copilot.stacks.facts import RegisteredWorkload
from copilot.workspace.workspace import Workspace

SUPPORTED_TYPES = (LOAD_BALANCED_WEB_SERVICE, BACKEND_SERVICE)


def init_service(request: InitService, context: Context) -> Outcome:
    """Writes a service's manifest and registers the service; a manifest that is there is kept and used."""
    workspace = context.require_workspace()
    require_service_name(request.name, request.type)
    existing = _existing_manifest(request, workspace)
    app, version, recorded = together(
        lambda: context.registry.get_app(request.app),
        lambda: app_version(context.cloud, request.app),
        lambda: context.registry.list_workloads(request.app),
    )
    require_not_newer(f"application {request.app}", version, allow=request.allow_downgrade)
    _require_same_type(request, recorded)
    if not (existing or request.dockerfile or request.image):
        raise UsageError(f"--dockerfile or --image is required: service {request.name} has no manifest yet")
    notices: tuple[str, ...] = ()
    if not existing:
        source = find_dockerfile(request.dockerfile, workspace, context.root)
        wanted = describe_new(request, source, app=app, recorded=recorded, workspace=workspace)
        workspace.write_manifest(request.name, new_workload(wanted))
        notices = notices_of(wanted, source)
    register(app, [Workload(app=app.name, name=request.name, type=request.type)], context)
    place = f"copilot/{request.name}/manifest.yml"
    verb = "was there already and is kept" if existing else "is written"
    return Outcome(
        message=f"Service {request.name} is ready: its manifest {verb}: {place}.",
        notices=notices,
        next_steps=(f"Run `copilot svc deploy --name {request.name} --env ENV` to deploy it.",),
    )


def require_service_name(name: str, type_name: str) -> None:
    longest = names.APP_RUNNER_NAME_MAX if type_name == REQUEST_DRIVEN_WEB_SERVICE else names.WORKLOAD_NAME_MAX
    problem = names.name_problem(name, longest=longest)
    if name in names.RESERVED_WORKLOAD_NAMES:
        problem = "is the name of a directory that Copilot keeps for itself"
    if problem:
        raise UsageError(f"service name {name!r} is not valid: it {problem}")
    if type_name not in SERVICE_TYPES:
        raise UsageError(
            f"service type {type_name!r} is not valid: it is none of {', '.join(map(repr, SERVICE_TYPES))}"
        )
    if type_name not in SUPPORTED_TYPES:
        raise UsageError(
            f"service type {type_name!r} can't be used: this version does not deploy it yet",
            hints=(f"use one of {', '.join(map(repr, SUPPORTED_TYPES))}",),
        )


def _existing_manifest(request: InitService, workspace: Workspace) -> bool:
    text = workspace.find_manifest(request.name)
    if text is None:
        return False
    header = read_header(Source(text=text.text, path=text.path))
    if header.type != request.type:
        raise AlreadyExists(
            f"service {request.name} can't be a {request.type}: its manifest {text.path} says {header.type}",
            hints=(f'use `--svc-type "{header.type}"`, or choose another name',),
        )
    return True


def _require_same_type(request: InitService, recorded: Sequence[Workload]) -> None:
    other = next((w for w in recorded if w.name == request.name and w.type != request.type), None)
    if other is not None:
        raise AlreadyExists(
            f"service {request.name} can't be a {request.type}: "
            f"application {request.app} has a {other.type} of that name",
            hints=("choose another name", f"or delete it first: `copilot svc delete --name {request.name}`"),
        )


def register(app: App, workloads: Sequence[Workload], context: Context) -> None:
    """Gives workloads their image repositories in one change of the stack set, then their records."""
    if not workloads:
        return
    change_app(
        app,
        with_workloads(RegisteredWorkload(name=w.name, has_repository=w.type != STATIC_SITE) for w in workloads),
        context,
    )
    each(context.registry.create_workload, workloads)


def delete_service(request: DeleteService, context: Context) -> Outcome:
    """Deletes a service's stacks and, unless one environment is named, its images and its record."""
    app, envs, _ = together(
        lambda: context.registry.get_app(request.app),
        lambda: context.registry.list_envs(request.app),
        lambda: context.registry.get_service(request.app, request.name),
    )
    chosen = [env for env in envs if not request.env or env.name == request.env]
    if request.env and not chosen:
        context.registry.get_env(request.app, request.env)
    each(lambda env: delete_workload_stack(app, env, request.name, context), chosen)
    if request.env:
        return Outcome(message=f"Service {request.name} is deleted from environment {request.env}.")
    each(lambda region: _empty_repository(app, region, request.name, context), sorted({env.region for env in envs}))
    change_app(app, without_workload(request.name), context)
    context.registry.delete_workload(app.name, request.name)
    return Outcome(
        message=f"Service {request.name} is deleted; its manifest is kept: copilot/{request.name}/manifest.yml.",
    )


def _empty_repository(app: App, region: str, workload: str, context: Context) -> None:
    context.cloud.in_region(region).repositories.clear(names.repository(app.name, workload))


def delete_workload_stack(app: App, env: Env, workload: str, context: Context) -> None:
    """Deletes one workload's stack in one environment; one that is not there is fine."""
    name = names.workload_stack(app.name, env.name, workload)
    target = remaining_cloud(context.cloud, env)
    if target.stacks.find(name) is None:
        context.observe(Event(path=(name,), state=State.SKIPPED, label=f"{workload} in {env.name}", status="not there"))
        return
    stack = Stack(name=name, template={"Resources": {}})
    delete_stack(
        stack_deployment(
            stack,
            context=context,
            cloud=target,
            label=f"{workload} in {env.name}",
            role_arn=env.execution_role_arn,
        )
    )


def delete_workload_stacks(app: App, env: Env, recorded: Sequence[Workload], context: Context) -> None:
    """Deletes every workload's stack in one environment, at once."""
    found = running_workloads(remaining_cloud(context.cloud, env), app.name, env.name, recorded)
    each(lambda workload: delete_workload_stack(app, env, workload, context), found)
