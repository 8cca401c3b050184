"""What both load balancers of an environment have: listeners with an empty target group, until services add rules."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.cfn.intrinsics import Value, ref
from copilot.cfn.template import Resource
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import HTTP_PORT, HTTPS_PORT


def target_group(design: EnvDesign, condition: str) -> Resource:
    """A target group without targets: a listener needs one before the first service is there."""
    return Resource(
        type="AWS::ElasticLoadBalancingV2::TargetGroup",
        condition=condition,
        properties={
            "HealthCheckIntervalSeconds": 10,
            "HealthyThresholdCount": 2,
            "HealthCheckTimeoutSeconds": 5,
            "Port": HTTP_PORT,
            "Protocol": "HTTP",
            "TargetGroupAttributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": 60}],
            "TargetType": "ip",
            "VpcId": design.network.vpc,
        },
    )


def http_listener(balancer: str, group: str, condition: str, description: str) -> Resource:
    """The listener of plain HTTP."""
    return Resource(
        type="AWS::ElasticLoadBalancingV2::Listener",
        description=description,
        condition=condition,
        properties=_listener(balancer, group, HTTP_PORT, "HTTP"),
    )


def https_listener(
    balancer: str, group: str, condition: str, description: str, *, certificate: Value, ssl_policy: str | None
) -> Resource:
    """The listener of HTTPS; a certificate of None leaves it without one, which is well when it is never made."""
    properties = _listener(balancer, group, HTTPS_PORT, "HTTPS")
    if certificate is not None:
        properties["Certificates"] = [{"CertificateArn": certificate}]
    if ssl_policy:
        properties["SslPolicy"] = ssl_policy
    return Resource(
        type="AWS::ElasticLoadBalancingV2::Listener",
        description=description,
        condition=condition,
        properties=properties,
    )


def _listener(balancer: str, group: str, port: int, protocol: str) -> dict[str, Value]:
    return {
        "DefaultActions": [{"TargetGroupArn": ref(group), "Type": "forward"}],
        "LoadBalancerArn": ref(balancer),
        "Port": port,
        "Protocol": protocol,
    }


def more_certificates(prefix: str, listener: str, certificates: Sequence[str], condition: str) -> dict[str, Resource]:
    """A listener takes one certificate when it is made; the second and further ones are added, numbered from 2."""
    return {
        f"{prefix}{number}": Resource(
            type="AWS::ElasticLoadBalancingV2::ListenerCertificate",
            condition=condition,
            properties={"ListenerArn": ref(listener), "Certificates": [{"CertificateArn": certificate}]},
        )
        for number, certificate in enumerate(certificates[1:], start=2)
    }
