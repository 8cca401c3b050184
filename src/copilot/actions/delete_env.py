"""Deletes an environment: its stack, its roles, what it shares with no other one, its record."""

from __future__ import annotations

from copilot import names
from copilot.actions.context import Context
from copilot.actions.requests import DeleteEnv
from copilot.actions.stack_deployments import change_app, stack_deployment
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import together
from copilot.cfn.template import Stack
from copilot.deploy.app import remove_regions, without_account
from copilot.deploy.cleanup import empty_region
from copilot.deploy.roles import delete_leftover_roles
from copilot.deploy.stacks import delete_stack
from copilot.describe.app import remaining_cloud, running_workloads
from copilot.describe.regional import read_regional
from copilot.errors import Blocked
from copilot.model.outcome import Outcome
from copilot.model.records import App, Env

LOG_BUCKET = "ELBAccessLogsBucket"


def delete_env(request: DeleteEnv, context: Context) -> Outcome:
    """Deletes an environment that nothing runs in; its record goes last, its manifest stays."""
    app, env, recorded = together(
        lambda: context.registry.get_app(request.app),
        lambda: context.registry.get_env(request.app, request.name),
        lambda: context.registry.list_workloads(request.app),
    )
    running = running_workloads(remaining_cloud(context.cloud, env), app.name, env.name, recorded)
    if running:
        raise Blocked(
            f"environment {env.name} can't be deleted: {', '.join(running)} still run{'s' * (len(running) == 1)} there",
            hints=tuple(f"copilot svc delete --name {name} --env {env.name}" for name in running),
        )
    delete_env_stack(app, env, context)
    _release(app, env, context)
    context.registry.delete_env(app.name, env.name)
    return Outcome(message=f"Environment {env.name} is deleted.")


def delete_env_stack(app: App, env: Env, context: Context) -> None:
    """Deletes the stack with its own execution role, then the two roles that it retains."""
    target = remaining_cloud(context.cloud, env)
    deployed = target.stacks.find(names.env_stack(app.name, env.name))
    if deployed is not None:
        _empty_log_bucket(target, deployed.name)
        delete_stack(
            stack_deployment(
                Stack(name=deployed.name, template={}),
                context=context,
                cloud=target,
                label=f"Environment {env.name}",
                role_arn=env.execution_role_arn,
            )
        )
    is_own_account = env.account_id == context.cloud.account
    delete_leftover_roles(context.cloud if is_own_account else target, app.name, env.name)


def _empty_log_bucket(target: Cloud, stack: str) -> None:
    """The bucket of the load balancer's access logs, where the environment made one."""
    for resource in target.stacks.resources(stack):
        if resource.logical_id == LOG_BUCKET and resource.physical_id:
            target.buckets.empty(resource.physical_id)


def _release(app: App, env: Env, context: Context) -> None:
    """Gives back the region and the account when the environment was the last one there."""
    others = [e for e in context.registry.list_envs(app.name) if e.name != env.name]
    cloud, name = context.cloud, names.stack_set(app.name)
    if not any(other.region == env.region for other in others):
        instances = cloud.stack_sets.instances(name, region=env.region)
        empty_region(cloud.in_region(env.region), read_regional(cloud, instances, env.region))
        remove_regions(cloud, app, [env.region], clock=context.clock, observe=context.observe)
    if not any(other.account_id == env.account_id for other in others):
        change_app(app, without_account(env.account_id), context)
