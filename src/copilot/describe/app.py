"""An application: its versions, its regions, and what is deployed where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from copilot import TEMPLATE_VERSION, names
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import each, together
from copilot.aws.stack_sets import StackSetInstance
from copilot.describe.stacks import NO_VERSION
from copilot.describe.versions import compare
from copilot.model.description import AppDescription
from copilot.model.observed import RegionalResources
from copilot.model.records import Env, Workload
from copilot.registry.registry import Registry
from copilot.stacks.facts import partition_of

STACK_TYPE = "cloudformation:stack"


def describe_app(name: str, cloud: Cloud) -> AppDescription:
    """Everything that `app show` tells, in three round trips whatever the number of environments."""
    registry = Registry(cloud)
    app, envs, workloads, version = together(
        lambda: registry.get_app(name),
        lambda: registry.list_envs(name),
        lambda: registry.list_workloads(name),
        lambda: app_version(cloud, name),
    )
    deployed = deployed_envs(cloud, name, envs, workloads)
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
    cloud: Cloud, app: str, envs: Sequence[Env], workloads: Iterable[Workload]
) -> Mapping[str, Sequence[str]]:
    """For each workload the environments that it is deployed in, sorted."""
    found = each(lambda env: deployed_workloads(env_cloud(cloud, env), app, env.name), envs)
    return {
        workload.name: tuple(env.name for env, names_ in zip(envs, found, strict=True) if workload.name in names_)
        for workload in workloads
    }


def deployed_workloads(cloud: Cloud, app: str, env: str) -> set[str]:
    """Names of the workloads that have a stack in the environment, found by tags: `cloud` is the environment's."""
    resources = cloud.tagging.resources([STACK_TYPE], {names.APP_TAG: app, names.ENV_TAG: env, names.SERVICE_TAG: ""})
    return {resource.tags[names.SERVICE_TAG] for resource in resources if names.SERVICE_TAG in resource.tags}


def env_cloud(cloud: Cloud, env: Env) -> Cloud:
    """The environment's manager role in its region."""
    return cloud.assume(env.manager_role_arn, env.region)


def remaining_cloud(cloud: Cloud, env: Env) -> Cloud:
    """The environment as its manager role sees it, or as the user does once an interrupted deletion took that role."""
    role = env.manager_role_arn.rpartition("/")[2]
    if env.account_id == cloud.account and cloud.roles.find(role) is None:
        return cloud.in_region(env.region)
    return env_cloud(cloud, env)


def read_regional(cloud: Cloud, instances: Iterable[StackSetInstance], region: str) -> RegionalResources | None:
    """What the application has in a region, given its stack set's instances; None when it has nothing there yet."""
    stack_id = next((i.stack_id for i in instances if i.region == region and i.stack_id), "")
    regional = cloud.in_region(region)
    stack = regional.stacks.find(stack_id) if stack_id else None
    if stack is None:
        return None
    return RegionalResources(
        region=region,
        bucket=stack.outputs["PipelineBucket"],
        key_arn=stack.outputs["KMSKeyARN"],
        repositories=repository_uris(stack.outputs),
    )


def repository_uris(outputs: Mapping[str, str]) -> dict[str, str]:
    """Each workload's image repository: the outputs hold ARNs, engines want addresses."""
    prefix = names.repository_output("")
    return {
        names.restore_dashes(output.removeprefix(prefix)): repository_uri(arn)
        for output, arn in outputs.items()
        if output.startswith(prefix)
    }


def repository_uri(arn: str) -> str:
    """`arn:aws:ecr:REGION:ACCOUNT:repository/NAME` as `ACCOUNT.dkr.ecr.REGION.DOMAIN/NAME`."""
    region, account, resource = arn.split(":", 5)[3:]
    domain = "amazonaws.com.cn" if partition_of(region) == "aws-cn" else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{domain}/{resource.removeprefix('repository/')}"
