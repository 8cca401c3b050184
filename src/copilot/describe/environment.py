"""An environment as `env show` tells it."""

from __future__ import annotations

from copilot import names
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import together
from copilot.describe.app import deployed_workloads, env_cloud
from copilot.errors import NotFound
from copilot.model.description import EnvDescription, EnvVPC, StackResource
from copilot.registry.registry import Registry


def describe_env(app: str, name: str, cloud: Cloud, *, resources: bool) -> EnvDescription:
    """Record, workloads, tags and network, in two round trips."""
    registry = Registry(cloud)
    env, workloads = together(lambda: registry.get_env(app, name), lambda: registry.list_workloads(app))
    inside = env_cloud(cloud, env)
    stack_name = names.env_stack(app, name)
    deployed, stack, listed = together(
        lambda: deployed_workloads(inside, app, name),
        lambda: inside.stacks.find(stack_name),
        lambda: stack_resources(inside, stack_name) if resources else [],
    )
    if stack is None:
        raise NotFound(
            f"environment {name} has no stack: {stack_name} is gone", hints=(f"copilot env init --name {name}",)
        )
    here = [workload for workload in workloads if workload.name in deployed]
    return EnvDescription(
        environment=env,
        services=[w for w in here if not w.is_job],
        jobs=[w for w in here if w.is_job],
        tags=stack.tags,
        resources=listed,
        vpc=EnvVPC(
            id=stack.outputs.get("VpcId", ""),
            public_subnet_ids=_split(stack.outputs.get("PublicSubnets", "")),
            private_subnet_ids=_split(stack.outputs.get("PrivateSubnets", "")),
        ),
    )


def stack_resources(cloud: Cloud, stack: str) -> list[StackResource]:
    """A stack's resources in CloudFormation's order."""
    return [
        StackResource(type=r.type, physical_id=r.physical_id, logical_id=r.logical_id)
        for r in cloud.stacks.resources(stack)
    ]


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)
