"""Where tasks run and how they find each other: ECS cluster, private namespace, the containers' security group."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.cfn.intrinsics import Value, get_att, join, ref
from copilot.cfn.template import Resource
from copilot.manifest.environment import SecurityGroupRule
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import ALL_PROTOCOLS, name_tag
from copilot.stacks.parts.piece import EnvOutput, Piece

SECURITY_GROUP = "EnvironmentSecurityGroup"


def piece(design: EnvDesign) -> Piece:
    """What every environment has."""
    return Piece(
        resources={
            "ServiceDiscoveryNamespace": _namespace(design),
            "Cluster": _cluster(design),
            SECURITY_GROUP: _security_group(design),
            "EnvironmentSecurityGroupIngressFromSelf": ingress_from(
                SECURITY_GROUP, SECURITY_GROUP, "Ingress from other containers in the same security group"
            ),
        },
        outputs={
            "ServiceDiscoveryNamespaceID": EnvOutput(
                value=get_att("ServiceDiscoveryNamespace", "Id"), export="ServiceDiscoveryNamespaceID"
            ),
            "EnvironmentSecurityGroup": EnvOutput(value=ref(SECURITY_GROUP), export="EnvironmentSecurityGroup"),
            "ClusterId": EnvOutput(value=ref("Cluster"), export="ClusterId"),
        },
    )


def ingress_from(source: str, group: str, description: str, *, condition: str = "") -> Resource:
    """A rule that lets everything from one security group into another."""
    return Resource(
        type="AWS::EC2::SecurityGroupIngress",
        condition=condition,
        properties={
            "Description": description,
            "GroupId": ref(group),
            "IpProtocol": ALL_PROTOCOLS,
            "SourceSecurityGroupId": ref(source),
        },
    )


def _namespace(design: EnvDesign) -> Resource:
    return Resource(
        type="AWS::ServiceDiscovery::PrivateDnsNamespace",
        description="The private DNS names under which services find each other",
        properties={"Name": ref("ServiceDiscoveryEndpoint"), "Vpc": design.network.vpc},
    )


def _cluster(design: EnvDesign) -> Resource:
    insights = "enabled" if design.manifest.observability.container_insights else "disabled"
    return Resource(
        type="AWS::ECS::Cluster",
        description="The ECS cluster in which the environment's tasks run",
        properties={
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "DEFAULT"}},
            "ClusterSettings": [{"Name": "containerInsights", "Value": insights}],
        },
    )


def _security_group(design: EnvDesign) -> Resource:
    chosen = design.manifest.network.vpc.security_group
    properties: dict[str, Value] = {
        "GroupDescription": join("", [ref("AppName"), "-", ref("EnvironmentName"), SECURITY_GROUP]),
        "VpcId": design.network.vpc,
        "Tags": name_tag("-env"),
    }
    if chosen.ingress:
        properties["SecurityGroupIngress"] = _rules(chosen.ingress)
    if chosen.egress:
        properties["SecurityGroupEgress"] = _rules(chosen.egress)
    return Resource(
        type="AWS::EC2::SecurityGroup",
        description="The security group that lets the environment's containers talk to each other",
        properties=properties,
    )


def _rules(rules: Sequence[SecurityGroupRule]) -> list[dict[str, Value]]:
    return [
        {
            "IpProtocol": rule.ip_protocol,
            "FromPort": rule.ports.first,
            "ToPort": rule.ports.last,
            "CidrIp": rule.cidr,
        }
        for rule in rules
    ]
