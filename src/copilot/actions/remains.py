"""What killed commands left of an application: parts that have no record, since records are written last."""

from __future__ import annotations

from collections.abc import Sequence

from copilot import names
from copilot.actions.context import Context
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import each
from copilot.describe.app import STACK_TYPE
from copilot.model.records import App, Env
from copilot.stacks.facts import partition_of


def find_unfinished_app(name: str, context: Context) -> App | None:
    """The application of which there is no record yet, but a roles stack; None when there is nothing of it."""
    stack = context.cloud.stacks.find(names.roles_stack(name))
    if stack is None or stack.tags.get(names.APP_TAG) != name:
        return None
    return App(name=name, account=context.cloud.account)


def find_unfinished_envs(app: App, recorded: Sequence[Env], context: Context) -> list[Env]:
    """Environments that have a stack in one of the application's regions, but no record."""
    cloud = context.cloud
    instances = cloud.stack_sets.instances(names.stack_set(app.name))
    regions = sorted({cloud.region, *(instance.region for instance in instances)})
    known = {(env.name, env.region) for env in recorded}
    found = each(lambda region: _unrecorded(cloud.in_region(region), app), regions)
    return [env for envs in found for env in envs if (env.name, env.region) not in known]


def _unrecorded(cloud: Cloud, app: App) -> list[Env]:
    resources = cloud.tagging.resources([STACK_TYPE], {names.APP_TAG: app.name, names.ENV_TAG: ""})
    return [_env(app, name, cloud.region) for name in sorted({resource.tags[names.ENV_TAG] for resource in resources})]


def _env(app: App, name: str, region: str) -> Env:
    role = names.env_manager_role(app.name, name)
    manager = f"arn:{partition_of(region)}:iam::{app.account}:role/{role}"
    return Env(app=app.name, name=name, region=region, account_id=app.account, manager_role_arn=manager)
