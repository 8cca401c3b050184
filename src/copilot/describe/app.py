"""An application: its versions, its regions, and what is deployed where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from copilot import TEMPLATE_VERSION, names
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import each, together
from copilot.describe.stacks import NO_VERSION
from copilot.describe.versions import compare
from copilot.model.description import AppDescription
from copilot.model.records import App, Env, Workload
from copilot.registry.registry import Registry

STACK_TYPE = "cloudformation:stack"


def describe_app(name: str, cloud: Cloud) -> AppDescription:
    """Everything that `app show` tells, in two round trips for the environments of the application's own account."""
    records, version = together(lambda: Registry(cloud).get_all(name), lambda: app_version(cloud, name))
    app, envs, workloads = records.app, records.envs, records.workloads
    deployed = deployed_envs(cloud, app, envs, workloads)
    return AppDescription(
        name=app.name,
        version=version,
        uri=app.domain,
        permissions_boundary=app.permissions_boundary,
        environments=envs,
        services=[w for w in workloads if not w.is_job],
        jobs=[w for w in workloads if w.is_job],
        deployed=deployed,
        can_upgrade=compare(version, TEMPLATE_VERSION) < 0,
    )


def app_version(cloud: Cloud, app: str) -> str:
    """The lower one of the roles stack's and the stack set's template versions."""
    summaries = together(
        lambda: cloud.stacks.summary(names.roles_stack(app)),
        lambda: cloud.stack_sets.summary(names.stack_set(app)),
    )
    versions = [str(s.metadata.get("TemplateVersion") or NO_VERSION) if s else NO_VERSION for s in summaries]
    return versions[0] if compare(versions[0], versions[1]) <= 0 else versions[1]


def deployed_envs(
    cloud: Cloud, app: App, envs: Sequence[Env], workloads: Iterable[Workload]
) -> Mapping[str, Sequence[str]]:
    """For each workload the environments that it is deployed in, sorted.

    Environments in the application's account are looked up region by region with the user's own credentials, others
    one by one with their manager roles.
    """
    own = [env for env in envs if env.account_id == app.account]
    regions = sorted({env.region for env in own})
    foreign = [env for env in envs if env.account_id != app.account]
    found, elsewhere = together(
        lambda: each(lambda region: _deployed(cloud.in_region(region), app.name), regions),
        lambda: each(lambda env: _deployed(env_cloud(cloud, env), app.name, env.name), foreign),
    )
    pairs = {pair for group in (*found, *elsewhere) for pair in group}
    return {w.name: tuple(env.name for env in envs if (env.name, w.name) in pairs) for w in workloads}


def deployed_workloads(cloud: Cloud, app: str, env: str) -> set[str]:
    """Names of the workloads that carry the tags of the environment: `cloud` is the environment's."""
    return {workload for _, workload in _deployed(cloud, app, env)}


def running_workloads(cloud: Cloud, app: str, env: str, recorded: Iterable[Workload]) -> list[str]:
    """Names of the workloads that have a stack in the environment, for steps that must miss none; sorted.

    AWS finds by tags what was just made, or is just gone, only after a while: each stack is looked for by its name too.
    """
    candidates = sorted({*deployed_workloads(cloud, app, env), *(workload.name for workload in recorded)})
    stacks = each(lambda name: cloud.stacks.find(names.workload_stack(app, env, name)), candidates)
    return [name for name, stack in zip(candidates, stacks, strict=True) if stack is not None]


def _deployed(cloud: Cloud, app: str, env: str = "") -> set[tuple[str, str]]:
    """Pairs of environment and workload that have a stack, found by tags."""
    resources = cloud.tagging.resources([STACK_TYPE], {names.APP_TAG: app, names.ENV_TAG: env, names.SERVICE_TAG: ""})
    return {(resource.tags[names.ENV_TAG], resource.tags[names.SERVICE_TAG]) for resource in resources}


def env_cloud(cloud: Cloud, env: Env) -> Cloud:
    """The environment's manager role in its region."""
    return cloud.assume(env.manager_role_arn, env.region)


def remaining_cloud(cloud: Cloud, env: Env) -> Cloud:
    """The environment as its manager role sees it, or as the user does once an interrupted deletion took that role."""
    role = env.manager_role_arn.rpartition("/")[2]
    if env.account_id == cloud.account and cloud.roles.find(role) is None:
        return cloud.in_region(env.region)
    return env_cloud(cloud, env)
