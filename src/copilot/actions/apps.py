"""Applications: begin one, upgrade and delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from copilot import TEMPLATE_VERSION, names
from copilot.actions.context import Context
from copilot.actions.delete_env import delete_env_stack
from copilot.actions.remains import find_unfinished_app, find_unfinished_envs
from copilot.actions.requests import InitApp
from copilot.actions.services import delete_workload_stacks
from copilot.actions.stack_deployments import change_app, stack_deployment
from copilot.aws.parallel import each, together
from copilot.deploy.app import create_stack_set, delete_stack_set, remove_regions
from copilot.deploy.cleanup import empty_region
from copilot.deploy.plan import REPLACED_STATUSES
from copilot.deploy.stacks import delete_stack, deploy_stack
from copilot.describe.app import app_version
from copilot.describe.regional import read_regional
from copilot.describe.stacks import observe_with_template
from copilot.describe.versions import compare
from copilot.errors import AlreadyExists, NotFound, UsageError
from copilot.model.events import Event, State
from copilot.model.outcome import Ended, Outcome
from copilot.model.records import App
from copilot.stacks.app import roles_stack
from copilot.workspace.workspace import Workspace


def init_app(request: InitApp, context: Context) -> Outcome:
    """Makes an application, or binds the workspace to one that exists, which keeps what it has.

    The record is written last, so that an application that is listed is complete.
    """
    _require_name(request.name)
    _require_free_workspace(request.name, context.workspace)
    app, is_new = _wanted_app(request, context)
    workspace = context.workspace
    if workspace is None or not workspace.app:
        Workspace.create(context.root, request.name)
    deploy_app_resources(app, context, keep=not is_new)
    if is_new:
        context.registry.create_app(app)
    there = "is ready" if is_new else "was there already, and this workspace is bound to it"
    return Outcome(
        message=f"Application {app.name} {there}; everything in it carries the tag {names.APP_TAG}={app.name}.",
        notices=() if is_new else _ignored(request, app),
        next_steps=("Run `copilot init` to add a service to it.",),
    )


def _ignored(request: InitApp, app: App) -> tuple[str, ...]:
    """What was asked for and an application that exists does not take."""
    boundary = request.permissions_boundary.rpartition("/")[2]
    flags = [
        *(["--resource-tags"] if request.resource_tags and request.resource_tags != app.tags else []),
        *(["--permissions-boundary"] if boundary and boundary != app.permissions_boundary else []),
    ]
    return (
        (f"{' and '.join(flags)} changed nothing: application {app.name} keeps what it was made with.",)
        if flags
        else ()
    )


def _require_name(name: str) -> None:
    problem = names.name_problem(name)
    if problem:
        raise UsageError(f"application name {name!r} is not valid: it {problem}")


def _require_free_workspace(name: str, workspace: Workspace | None) -> None:
    if workspace is not None and workspace.app and workspace.app != name:
        raise AlreadyExists(
            f"workspace is already bound: {workspace.root} belongs to application {workspace.app}",
            hints=(
                f"to work on {workspace.app}, leave the name out",
                f"to begin {name} here, remove copilot/.workspace first",
            ),
        )


def _wanted_app(request: InitApp, context: Context) -> tuple[App, bool]:
    """The recorded application, or a new one after the checks that keep a foreign one from being overwritten."""
    existing, role, account = together(
        lambda: context.registry.find_app(request.name),
        lambda: context.cloud.roles.find(names.admin_role(request.name)),
        lambda: context.cloud.account,
    )
    if existing is not None:
        if request.domain and request.domain != existing.domain:
            raise AlreadyExists(
                f"application {existing.name} can't get domain {request.domain}: "
                f"it was made with {existing.domain or 'no domain'}",
                hints=("delete the application and begin it again with the new domain",),
            )
        return existing, False
    if role is not None:
        _refuse_foreign_role(request.name, role.tags, context)
    boundary = request.permissions_boundary.rpartition("/")[2]
    if boundary and not context.cloud.roles.has_local_policy(boundary):
        raise NotFound(
            f"permissions boundary {boundary} can't be used: account {account} has no policy of that name",
            hints=("create the IAM policy first, or correct --permissions-boundary",),
        )
    return (
        App(
            name=request.name,
            account=account,
            domain=request.domain,
            domain_hosted_zone_id=context.cloud.zones.require_public(request.domain) if request.domain else "",
            permissions_boundary=boundary,
            tags=request.resource_tags,
        ),
        True,
    )


def _refuse_foreign_role(name: str, tags: Mapping[str, str], context: Context) -> None:
    """A role of the same name is another region's application, somebody else's, or what a killed `app init` left."""
    role = names.admin_role(name)
    if tags.get(names.APP_TAG) != name:
        raise AlreadyExists(
            f"application {name} can't be made: IAM role {role} exists and is not Copilot's",
            hints=("choose another name",),
        )
    if context.cloud.stacks.find(names.roles_stack(name)) is None:
        raise AlreadyExists(
            f"application {name} can't be made: it exists in this account, but not in {context.cloud.region}",
            hints=("set AWS_REGION to the region that it was made in", "or choose another name"),
        )


def deploy_app_resources(app: App, context: Context, *, keep: bool = False) -> None:
    """Brings the roles stack up to date, or makes it only if it is not there; makes sure that the stack set exists."""
    cloud = context.cloud
    observed = observe_with_template(cloud, names.roles_stack(app.name))
    if keep and observed.deployed is not None and observed.deployed.status not in REPLACED_STATUSES:
        create_stack_set(cloud, app)
        return
    known = [a for a in observed.parameters.get("AppDNSDelegatedAccounts", "").split(",") if a]
    stack = roles_stack(app, delegated_accounts=tuple(dict.fromkeys([*known, app.account])))
    deploy_stack(
        stack_deployment(
            stack, context=context, cloud=cloud, observed=observed, label=f"Roles of application {app.name}"
        )
    )
    create_stack_set(cloud, app)


def upgrade_app(name: str, context: Context) -> Outcome:
    """Brings the application's own stacks to this version; a no-op when they are."""
    app, version = together(lambda: context.registry.get_app(name), lambda: app_version(context.cloud, name))
    if compare(version, TEMPLATE_VERSION) >= 0:
        return Outcome(ended=Ended.UNCHANGED, message=f"Application {name} is up to date: {version}.")
    if app.domain and not app.domain_hosted_zone_id:
        app = replace(app, domain_hosted_zone_id=context.cloud.zones.require_public(app.domain))
    context.registry.update_app(app)
    deploy_app_resources(app, context)
    change_app(app, lambda state: state, context, always=True)
    return Outcome(message=f"Application {name} is now at {TEMPLATE_VERSION}; it was at {version}.")


def delete_app(name: str, context: Context, *, forget_workspace: bool = True) -> Outcome:
    """Deletes everything that the application made: services, environments, shared resources, records.

    What is already gone is passed over, so an interrupted deletion goes on where it stopped; what a killed command made
    before it could record it goes too.
    """
    app = context.registry.find_app(name) or find_unfinished_app(name, context)
    if app is None:
        return _forget_deleted(name, context)
    workloads, envs = together(lambda: context.registry.list_workloads(name), lambda: context.registry.list_envs(name))
    envs += find_unfinished_envs(app, envs, context)
    each(lambda env: delete_workload_stacks(app, env, workloads, context), envs)
    for env in envs:
        delete_env_stack(app, env, context)
    _delete_shared(app, context)
    each(lambda workload: context.registry.delete_workload(name, workload.name), workloads)
    each(lambda env: context.registry.delete_env(name, env.name), envs)
    context.registry.delete_app(name)
    if forget_workspace and context.workspace is not None and context.workspace.app == name:
        context.workspace.forget()
    return Outcome(message=f"Application {name} is deleted; the manifests under copilot/ are kept.")


def _delete_shared(app: App, context: Context) -> None:
    cloud, name = context.cloud, names.stack_set(app.name)
    path = (name,)
    context.observe(Event(path=path, state=State.RUNNING, label="Application resources", status="deleting"))
    instances = cloud.stack_sets.instances(name)
    regions = {instance.region for instance in instances}
    each(lambda region: empty_region(cloud.in_region(region), read_regional(cloud, instances, region)), regions)
    remove_regions(cloud, app, regions, clock=context.clock, observe=context.observe)
    delete_stack_set(cloud, app, clock=context.clock, observe=context.observe)
    roles = stack_deployment(
        roles_stack(app, delegated_accounts=()), context=context, cloud=cloud, label=f"Roles of application {app.name}"
    )
    delete_stack(roles)


def _forget_deleted(name: str, context: Context) -> Outcome:
    """The record was the last thing to go: a workspace that still names the application is all that is left."""
    if context.workspace is not None and context.workspace.app == name:
        context.workspace.forget()
        return Outcome(message=f"Application {name} is deleted.")
    raise NotFound(f"application {name} not found in {context.cloud.region}", hints=("copilot app ls",))
