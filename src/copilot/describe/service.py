"""A service as `svc show` tells it: configuration, routes, endpoints, variables and secrets in each environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from copilot import names
from copilot.aws.cloud import Cloud
from copilot.aws.ecs import TaskDefinition
from copilot.aws.parallel import each, together
from copilot.aws.stack_records import DeployedStack
from copilot.describe.app import env_cloud
from copilot.describe.environment import stack_resources
from copilot.model.description import (
    InternalEndpoint,
    Route,
    Secret,
    ServiceConfig,
    ServiceDescription,
    StackResource,
    Variable,
)
from copilot.model.records import Env, Workload
from copilot.registry.registry import Registry
from copilot.stacks.endpoints import NO_PORT, Deployed, Reach, discovery_address, locate, rules_to_read

DEFAULT_PLATFORM = "LINUX/X86_64"
"""Where ECS runs the tasks of a definition that names no platform."""

HIDDEN_TYPES = frozenset({"Custom::RulePriorityFunction", "AWS::CloudFormation::WaitConditionHandle"})


@dataclass(frozen=True, kw_only=True)
class _InEnv:
    """A service as it is deployed in one environment."""

    env: Env
    stack: DeployedStack
    definition: TaskDefinition
    resources: Sequence[StackResource]
    deployed: Deployed


def describe_service(app: str, name: str, cloud: Cloud, *, resources: bool) -> ServiceDescription:
    """Four round trips, whatever the number of environments."""
    registry = Registry(cloud)
    workload, envs = together(lambda: registry.get_service(app, name), lambda: registry.list_envs(app))
    everywhere = each(lambda env: _in_env(env_cloud(cloud, env), workload, env), envs)
    found = [one for one in everywhere if one is not None]
    return ServiceDescription(
        service=name,
        type=workload.type,
        application=app,
        configurations=[_config(one) for one in found],
        routes=[Route(environment=one.env.name, url=str(locate(one.deployed))) for one in found if _has_route(one)],
        service_discovery=_grouped((one.env.name, discovery_address(one.deployed)) for one in found),
        service_connect=_grouped((one.env.name, text) for one in found for text in one.deployed.connect_names),
        variables=_variables(found),
        secrets=_secrets(found),
        resources={one.env.name: _shown(one.resources) for one in found} if resources else {},
    )


def _in_env(cloud: Cloud, workload: Workload, env: Env) -> _InEnv | None:
    """What is deployed in one environment, None when nothing is."""
    name = names.workload_stack(workload.app, env.name, workload.name)
    stack, env_stack, listed = together(
        lambda: cloud.stacks.find(name),
        lambda: cloud.stacks.find(names.env_stack(workload.app, env.name)),
        lambda: stack_resources(cloud, name),
    )
    if stack is None or not listed:
        return None
    physical = {resource.logical_id: resource.physical_id for resource in listed}
    deployed = Deployed(
        name=workload.name,
        type=workload.type,
        namespace=env_stack.parameters.get("ServiceDiscoveryEndpoint", f"{workload.app}.local") if env_stack else "",
        parameters=stack.parameters,
        resources=physical,
        outputs=stack.outputs,
        env_outputs=env_stack.outputs if env_stack else {},
    )
    definition, connect, hosts = together(
        lambda: cloud.services.task_definition(physical.get("TaskDefinition") or name),
        lambda: _connect_names(cloud, physical.get("Service", "")),
        lambda: cloud.load_balancers.rule_hosts(rules_to_read(deployed)),
    )
    main = next((c for c in definition.containers if c.name == workload.name), None)
    balancer = main.variables.get("COPILOT_LB_DNS", "") if main else ""
    deployed = replace(deployed, connect_names=connect, rule_hosts=hosts, load_balancer_dns=balancer)
    return _InEnv(env=env, stack=stack, definition=definition, resources=listed, deployed=deployed)


def _connect_names(cloud: Cloud, service: str) -> tuple[str, ...]:
    if not service:
        return ()
    deployments = cloud.services.get(service.split("/")[-2], service).deployments
    return deployments[0].connect_names if deployments else ()


def _has_route(one: _InEnv) -> bool:
    return locate(one.deployed).reach in (Reach.INTERNET, Reach.INTERNAL)


def _config(one: _InEnv) -> ServiceConfig:
    parameters = one.stack.parameters
    port = parameters.get("ContainerPort", NO_PORT)
    return ServiceConfig(
        environment=one.env.name,
        port="-" if port == NO_PORT else port,
        cpu=parameters.get("TaskCPU", ""),
        memory=parameters.get("TaskMemory", ""),
        tasks=parameters.get("TaskCount", ""),
        platform=one.definition.platform or DEFAULT_PLATFORM,
    )


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[InternalEndpoint]:
    """One entry an endpoint, with all the environments that it stands for."""
    by_endpoint: dict[str, list[str]] = {}
    for env, endpoint in pairs:
        if endpoint:
            by_endpoint.setdefault(endpoint, []).append(env)
    return [InternalEndpoint(environments=tuple(envs), endpoint=text) for text, envs in sorted(by_endpoint.items())]


def _variables(found: Sequence[_InEnv]) -> list[Variable]:
    return [
        Variable(environment=one.env.name, name=name, value=value, container=container.name)
        for one in found
        for container in one.definition.containers
        for name, value in container.variables.items()
    ]


def _secrets(found: Sequence[_InEnv]) -> list[Secret]:
    return [
        Secret(environment=one.env.name, name=name, value_from=source, container=container.name)
        for one in found
        for container in one.definition.containers
        for name, source in container.secrets.items()
    ]


def _shown(resources: Sequence[StackResource]) -> list[StackResource]:
    return [resource for resource in resources if resource.type not in HIDDEN_TYPES]
