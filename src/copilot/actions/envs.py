"""Environments: begin one."""

from __future__ import annotations

from collections.abc import Mapping

from copilot import names
from copilot.actions.context import Context
from copilot.actions.guards import require_not_newer
from copilot.actions.requests import InitEnv
from copilot.actions.stack_deployments import change_app, stack_deployment
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import together
from copilot.deploy.app import ensure_region, with_account
from copilot.deploy.plan import REPLACED_STATUSES
from copilot.deploy.roles import delete_leftover_roles
from copilot.deploy.stacks import deploy_stack
from copilot.describe.app import app_version
from copilot.describe.regional import read_regional
from copilot.describe.stacks import BOOTSTRAP, observe_with_template
from copilot.errors import AlreadyExists, Blocked, UsageError
from copilot.manifest import NewEnvironment, NewSubnets, new_environment
from copilot.model.outcome import Outcome
from copilot.model.records import App, Env
from copilot.stacks.app import roles_stack
from copilot.stacks.environment import bootstrap_stack
from copilot.stacks.facts import EnvFacts


def init_env(request: InitEnv, context: Context) -> Outcome:
    """Makes an environment's roles and record, and its manifest; its network and cluster come with `env deploy`.

    One that is recorded keeps what it has; its manifest is written where this workspace has none.
    """
    problem = names.name_problem(request.name)
    if problem:
        raise UsageError(f"environment name {request.name!r} is not valid: it {problem}")
    workspace = context.require_workspace()
    app, version, recorded = together(
        lambda: context.registry.get_app(request.app),
        lambda: app_version(context.cloud, request.app),
        lambda: context.registry.find_env(request.app, request.name),
    )
    require_not_newer(f"application {request.app}", version, allow=request.allow_downgrade)
    target = env_target(request, context, recorded)
    account = target.account
    _require_same_place(recorded, account, target.region)
    if request.import_vpc is not None:
        imported = request.import_vpc
        target.network.require_importable(imported.id, (*imported.public_subnets, *imported.private_subnets))
    written = workspace.write_environment_manifest(request.name, new_environment(_new_environment(request)))
    create_env(app, request.name, account, target, context)
    there = "was there already" if recorded else "is ready"
    manifest = f"copilot/environments/{request.name}/manifest.yml"
    kept = "" if written else f" Its manifest was there already and is kept: {manifest}."
    return Outcome(
        message=f"Environment {request.name} {there} in {target.region}, account {account}.{kept}",
        notices=_notices(request),
        next_steps=(
            f"Look at {manifest} and change what you like.",
            f"Run `copilot env deploy --name {request.name}` to make its network and cluster.",
        ),
    )


def _notices(request: InitEnv) -> tuple[str, ...]:
    if request.import_vpc is not None and not request.import_vpc.public_subnets:
        return (
            f"Environment {request.name} has no public subnets: Load Balanced Web Services can't be reached in it, "
            "and services must set network.vpc.placement to private.",
        )
    return ()


def _require_same_place(recorded: Env | None, account: str, region: str) -> None:
    """An environment stays where it is."""
    if recorded is not None and (recorded.account_id, recorded.region) != (account, region):
        raise AlreadyExists(
            f"environment {recorded.name} can't be made in {region}, account {account}: "
            f"it exists in {recorded.region}, account {recorded.account_id}",
            hints=("choose another name", f"or delete it first: `copilot env delete --name {recorded.name}`"),
        )


def env_target(request: InitEnv, context: Context, recorded: Env | None = None) -> Cloud:
    """The account and region that the environment will be in: where it is recorded, unless the request says."""
    given = request.credentials
    if given.profile or given.access_key_id:
        return context.connect(given)
    region = given.region or (recorded.region if recorded else "")
    return context.cloud.in_region(region) if region else context.cloud


def create_env(app: App, name: str, account: str, target: Cloud, context: Context) -> Env:
    """Registers the account and region, makes the bootstrap stack, and records the environment last."""
    cloud = context.cloud
    if app.domain and account != app.account:
        _delegate_dns(app, account, context)
    target.roles.ensure_ecs_service_linked_role()
    change_app(app, with_account(account), context)
    ensure_region(cloud, app, target.region, clock=context.clock, observe=context.observe)
    outputs = _bootstrap(app, name, account, target, context)
    env = Env(
        app=app.name,
        name=name,
        region=target.region,
        account_id=account,
        execution_role_arn=outputs["CFNExecutionRoleARN"],
        manager_role_arn=outputs["EnvironmentManagerRoleARN"],
    )
    context.registry.create_env(env)
    return env


def _bootstrap(app: App, name: str, account: str, target: Cloud, context: Context) -> Mapping[str, str]:
    """The outputs of the environment's stack, which is made with the two roles alone when it is not there."""
    stack_name = names.env_stack(app.name, name)
    observed = observe_with_template(target, stack_name)
    if observed.outputs.get("EnvironmentManagerRoleARN"):
        return observed.outputs
    if observed.deployed is None or observed.deployed.status in REPLACED_STATUSES:
        delete_leftover_roles(target, app.name, name)
    stack = bootstrap_stack(_bootstrap_facts(app, name, account, target, context))
    label = f"Roles of environment {name}"
    deploy_stack(stack_deployment(stack, context=context, cloud=target, observed=observed, label=label))
    return target.stacks.get(stack_name).outputs


def _bootstrap_facts(app: App, name: str, account: str, target: Cloud, context: Context) -> EnvFacts:
    instances = context.cloud.stack_sets.instances(names.stack_set(app.name), region=target.region)
    regional = read_regional(context.cloud, instances, target.region)
    if regional is None:
        raise Blocked(
            f"environment {name} can't be made: application {app.name} has nothing in {target.region}",
            hints=(f"copilot app init {app.name}",),
        )
    return EnvFacts(
        app=app,
        name=name,
        account=account,
        region=target.region,
        artifact_bucket=regional.bucket,
        artifact_key_arn=regional.key_arn,
        version=BOOTSTRAP,
    )


def _delegate_dns(app: App, account: str, context: Context) -> None:
    """Lets another account write into the application's zone."""
    observed = observe_with_template(context.cloud, names.roles_stack(app.name))
    known = [a for a in observed.parameters.get("AppDNSDelegatedAccounts", "").split(",") if a]
    accounts = tuple(dict.fromkeys([*known, app.account, account]))
    stack = roles_stack(app, delegated_accounts=accounts)
    deploy_stack(
        stack_deployment(
            stack,
            context=context,
            cloud=context.cloud,
            observed=observed,
            label=f"Delegation of {app.domain} to account {account}",
        )
    )


def _new_environment(request: InitEnv) -> NewEnvironment:
    imported, adjusted = request.import_vpc, request.adjust_vpc
    return NewEnvironment(
        name=request.name,
        vpc_id=imported.id if imported else "",
        vpc_cidr=adjusted.cidr if adjusted else "",
        subnets=NewSubnets(
            public_ids=imported.public_subnets if imported else (),
            private_ids=imported.private_subnets if imported else (),
            public_cidrs=adjusted.public_cidrs if adjusted else (),
            private_cidrs=adjusted.private_cidrs if adjusted else (),
            az_names=adjusted.az_names if adjusted else (),
        ),
        public_certificates=request.import_cert_arns,
        internal_alb_subnets=request.internal_alb_subnets,
        internal_alb_vpc_ingress=request.internal_alb_allow_vpc_ingress,
        container_insights=request.container_insights,
    )
