"""Values as a property's type wants them: a parameter is always text, so numbers and booleans arrive as strings.

CloudFormation converts them by the resource's schema
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Kinds = Mapping[str, Any]
Create = Callable[[str, dict[str, Any], str], Any]


def integer(value: Any) -> Any:
    """The number that a text of digits means; anything else as it is."""
    text = str(value).strip()
    return int(text) if isinstance(value, str) and text.lstrip("-").isdigit() else value


def boolean(value: Any) -> Any:
    """The truth that "true" or "false" means; anything else as it is."""
    return {"true": True, "false": False}.get(value.strip().lower(), value) if isinstance(value, str) else value


def text(value: Any) -> Any:
    """A number or truth as CloudFormation writes it; anything else as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


_CONTAINER: Kinds = {
    "Cpu": integer,
    "Memory": integer,
    "MemoryReservation": integer,
    "Essential": boolean,
    "Privileged": boolean,
    "ReadonlyRootFilesystem": boolean,
    "StartTimeout": integer,
    "StopTimeout": integer,
    "Environment": {"Value": text},
    "PortMappings": {"ContainerPort": integer, "HostPort": integer},
    "HealthCheck": {"Interval": integer, "Retries": integer, "StartPeriod": integer, "Timeout": integer},
    "MountPoints": {"ReadOnly": boolean},
    "Ulimits": {"HardLimit": integer, "SoftLimit": integer},
    "LinuxParameters": {"InitProcessEnabled": boolean},
}

KINDS: Mapping[str, Kinds] = {
    "AWS::ECS::TaskDefinition": {
        "Cpu": text,
        "Memory": text,
        "ContainerDefinitions": _CONTAINER,
        "EphemeralStorage": {"SizeInGiB": integer},
    },
    "AWS::ECS::Service": {
        "DesiredCount": integer,
        "HealthCheckGracePeriodSeconds": integer,
        "EnableExecuteCommand": boolean,
        "EnableECSManagedTags": boolean,
        "LoadBalancers": {"ContainerPort": integer},
        "ServiceRegistries": {"Port": integer, "ContainerPort": integer},
        "CapacityProviderStrategy": {"Base": integer, "Weight": integer},
        "DeploymentConfiguration": {
            "MinimumHealthyPercent": integer,
            "MaximumPercent": integer,
            "DeploymentCircuitBreaker": {"Enable": boolean, "Rollback": boolean},
            "Alarms": {"Enable": boolean, "Rollback": boolean},
        },
        "ServiceConnectConfiguration": {
            "Enabled": boolean,
            "Services": {"ClientAliases": {"Port": integer}, "IngressPortOverride": integer},
        },
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "Port": integer,
        "HealthCheckEnabled": boolean,
        "HealthCheckPort": text,
        "HealthCheckIntervalSeconds": integer,
        "HealthCheckTimeoutSeconds": integer,
        "HealthyThresholdCount": integer,
        "UnhealthyThresholdCount": integer,
        "Matcher": {"HttpCode": text},
        "TargetGroupAttributes": {"Value": text},
    },
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"LoadBalancerAttributes": {"Value": text}},
    "AWS::ElasticLoadBalancingV2::Listener": {"Port": integer},
    "AWS::ElasticLoadBalancingV2::ListenerRule": {"Priority": integer},
    "AWS::EC2::VPC": {"EnableDnsSupport": boolean, "EnableDnsHostnames": boolean},
    "AWS::EC2::Subnet": {"MapPublicIpOnLaunch": boolean},
    "AWS::EC2::SecurityGroupIngress": {"FromPort": integer, "ToPort": integer, "IpProtocol": text},
    "AWS::EC2::SecurityGroupEgress": {"FromPort": integer, "ToPort": integer, "IpProtocol": text},
    "AWS::EC2::SecurityGroup": {
        "SecurityGroupIngress": {"FromPort": integer, "ToPort": integer, "IpProtocol": text},
        "SecurityGroupEgress": {"FromPort": integer, "ToPort": integer, "IpProtocol": text},
    },
    "AWS::Lambda::Function": {"Timeout": integer, "MemorySize": integer},
    "AWS::Logs::LogGroup": {"RetentionInDays": integer},
    "AWS::ServiceDiscovery::Service": {
        "DnsConfig": {"DnsRecords": {"TTL": integer}},
        "HealthCheckCustomConfig": {"FailureThreshold": integer},
    },
    "AWS::SQS::Queue": {
        "DelaySeconds": integer,
        "MessageRetentionPeriod": integer,
        "VisibilityTimeout": integer,
        "RedrivePolicy": {"maxReceiveCount": integer},
        "FifoQueue": boolean,
    },
    "AWS::ApplicationAutoScaling::ScalableTarget": {"MinCapacity": integer, "MaxCapacity": integer},
    "AWS::StepFunctions::StateMachine": {"LoggingConfiguration": {"IncludeExecutionData": boolean}},
    "AWS::EFS::FileSystem": {"Encrypted": boolean},
    "AWS::Route53::RecordSet": {"TTL": text, "Weight": integer},
}


def coerced(value: Any, kinds: Any) -> Any:
    """The value with every member that has a kind converted; lists are converted member by member."""
    if callable(kinds):
        return kinds(value)
    if isinstance(value, list):
        return [coerced(member, kinds) for member in value]
    if not isinstance(value, dict):
        return value
    return {name: coerced(member, kinds[name]) if name in kinds else member for name, member in value.items()}


def coercing(entry: Mapping[str, Any], kinds: Kinds) -> dict[str, Any]:
    """The resource type's handlers, given properties of the right types."""
    wrapped = dict(entry)
    create, update = entry["create"], entry.get("update")

    def create_coerced(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        return create(logical_id, coerced(properties, kinds), stack_name)

    def update_coerced(physical_id: str, old: Any, new: Any, *rest: Any) -> Any:
        assert update is not None
        return update(physical_id, coerced(old, kinds), coerced(new, kinds), *rest)

    wrapped["create"] = create_coerced
    if update is not None:
        wrapped["update"] = update_coerced
    return wrapped
