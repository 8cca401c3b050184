"""The ECS service: how many tasks, where in the network, how a deployment goes, and how other services reach it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-service.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.cfn.intrinsics import NO_VALUE, Value, if_, join, ref, split
from copilot.cfn.template import Resource
from copilot.manifest.ecs import EcsService
from copilot.manifest.parts.network import Connect, Network
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.parts.containers import SERVICE_CONNECT_PORT, log_configuration, text_or_import
from copilot.stacks.parts.fragment import Fragment
from copilot.stacks.parts.ports import Target
from copilot.stacks.parts.references import WORKLOAD_NAME, env_export
from copilot.stacks.parts.task_definition import TASK_DEFINITION, platform_version

SERVICE = "Service"
GOV_CLOUD = "IsGovCloud"
"""A condition: the partition lacks Service Connect and deployment alarms."""


def resource(manifest: EcsService, facts: WorkloadFacts, *, offered: Target | None, additions: Fragment) -> Resource:
    """The service with what the capabilities add; `offered` is the port that Service Connect offers to others."""
    properties: dict[str, Value] = {
        "PlatformVersion": platform_version(manifest.platform),
        "Cluster": env_export("ClusterId"),
        "TaskDefinition": ref(TASK_DEFINITION),
        "DesiredCount": ref("TaskCount"),
        "DeploymentConfiguration": _deployment(),
        "PropagateTags": "SERVICE",
        "LaunchType": "FARGATE",
        "ServiceConnectConfiguration": _service_connect(
            manifest.network.connect, facts.service_discovery_endpoint, is_server=offered is not None
        ),
        "NetworkConfiguration": {
            "AwsvpcConfiguration": network(manifest.network, facts.subnet_ids, additions.security_groups)
        },
        **additions.service,
    }
    if manifest.exec:
        properties["EnableExecuteCommand"] = True
    if "CapacityProviderStrategy" in properties:
        del properties["LaunchType"]
    if additions.load_balancers:
        properties["LoadBalancers"] = list(additions.load_balancers)
    return Resource(
        type="AWS::ECS::Service",
        description="The service that keeps the tasks running",
        depends_on=additions.service_depends_on,
        properties=properties,
    )


def network(given: Network, subnet_ids: Sequence[str], security_groups: Sequence[Value]) -> dict[str, Value]:
    """Subnets and security groups of the tasks; only in public subnets do they get a public address."""
    placement = given.vpc.placement
    groups = [] if given.vpc.security_groups.deny_default else [env_export("EnvironmentSecurityGroup")]
    groups += [text_or_import(group) for group in given.vpc.security_groups.groups]
    return {
        "AssignPublicIp": "ENABLED" if placement.where == "public" else "DISABLED",
        "Subnets": _subnets(placement.where, placement.subnets or subnet_ids),
        "SecurityGroups": [*groups, *security_groups],
    }


def _subnets(where: str | None, ids: Sequence[str]) -> Value:
    if where is None:
        return list(ids)
    return split(",", env_export("PublicSubnets" if where == "public" else "PrivateSubnets"))


def _deployment() -> Mapping[str, Value]:
    no_alarms = {"Enable": False, "AlarmNames": [], "Rollback": True}
    return {
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        "MinimumHealthyPercent": 100,
        "MaximumPercent": 200,
        "Alarms": if_(GOV_CLOUD, NO_VALUE, no_alarms),
    }


def _service_connect(connect: Connect | None, endpoint: str, *, is_server: bool) -> Value:
    if connect is None:
        return if_(GOV_CLOUD, NO_VALUE, {"Enabled": False})
    properties: dict[str, Value] = {
        "Enabled": True,
        "Namespace": endpoint,
        "LogConfiguration": log_configuration(),
    }
    if is_server:
        # The plain name belongs to service discovery in the same namespace.
        discovery_name = join("-", [ref(WORKLOAD_NAME), "sc"])
        client_alias = {"Port": ref("TargetPort"), "DnsName": connect.alias or ref(WORKLOAD_NAME)}
        properties["Services"] = [
            {"PortName": SERVICE_CONNECT_PORT, "DiscoveryName": discovery_name, "ClientAliases": [client_alias]}
        ]
    return properties
