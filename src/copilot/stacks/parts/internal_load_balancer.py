"""The load balancer inside the network, made once a backend service asks for it."""

from __future__ import annotations

from copilot.cfn.intrinsics import REGION, Value, get_att, ref, sub
from copilot.cfn.template import Resource
from copilot.stacks.parts.cluster import SECURITY_GROUP, ingress_from
from copilot.stacks.parts.default_listeners import http_listener, https_listener, more_certificates, target_group
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import (
    ANYWHERE,
    CREATE_INTERNAL_ALB,
    EXPORT_INTERNAL_HTTPS_LISTENER,
    HTTP_PORT,
    HTTPS_PORT,
    name_tag,
)
from copilot.stacks.parts.piece import EnvOutput, Piece

BALANCER = "InternalLoadBalancer"
GROUP = "InternalLoadBalancerSecurityGroup"
ZONE = "InternalWorkloadsHostedZone"
_TARGETS = "DefaultInternalHTTPTargetGroup"
_DOMAIN = sub("${EnvironmentName}.${AppName}.internal")


def piece(design: EnvDesign) -> Piece:
    """The load balancer, its listeners, who may reach it, and the names of the services behind it."""
    return Piece(
        resources={**_security(design), **_balancer(design), **_listeners(design), **_zone(design)},
        outputs=_outputs(design),
    )


def _security(design: EnvDesign) -> dict[str, Resource]:
    found = {
        GROUP: Resource(
            type="AWS::EC2::SecurityGroup",
            description="Who may reach the internal load balancer",
            condition=CREATE_INTERNAL_ALB,
            properties={
                "GroupDescription": "Access to the internal load balancer",
                "VpcId": design.network.vpc,
                "Tags": name_tag("-internal-lb"),
            },
        ),
        "EnvironmentSecurityGroupIngressFromInternalALB": ingress_from(
            GROUP, SECURITY_GROUP, "Ingress from the internal ALB", condition=CREATE_INTERNAL_ALB
        ),
        "InternalALBIngressFromEnvironmentSecurityGroup": ingress_from(
            SECURITY_GROUP, GROUP, "Ingress from the env security group", condition=CREATE_INTERNAL_ALB
        ),
    }
    if design.manifest.http.private.ingress.vpc:
        found[f"{GROUP}IngressFromHttp"] = _ingress(HTTP_PORT, CREATE_INTERNAL_ALB)
        found[f"{GROUP}IngressFromHttps"] = _ingress(HTTPS_PORT, EXPORT_INTERNAL_HTTPS_LISTENER)
    return found


def _ingress(port: int, condition: str) -> Resource:
    return Resource(
        type="AWS::EC2::SecurityGroupIngress",
        description=f"Lets the whole network reach the internal load balancer on port {port}",
        condition=condition,
        properties={
            "Description": f"Allow from within the VPC on port {port}",
            "CidrIp": ANYWHERE,
            "FromPort": port,
            "ToPort": port,
            "IpProtocol": "tcp",
            "GroupId": ref(GROUP),
        },
    )


def _balancer(design: EnvDesign) -> dict[str, Resource]:
    subnets = design.manifest.http.private.subnets or design.network.private_subnets
    balancer = Resource(
        type="AWS::ElasticLoadBalancingV2::LoadBalancer",
        description="The load balancer that spreads requests from within the network over your services",
        condition=CREATE_INTERNAL_ALB,
        properties={
            "Scheme": "internal",
            "SecurityGroups": [get_att(GROUP, "GroupId")],
            "Subnets": list(subnets),
            "Type": "application",
        },
    )
    return {BALANCER: balancer, _TARGETS: target_group(design, CREATE_INTERNAL_ALB)}


def _listeners(design: EnvDesign) -> dict[str, Resource]:
    certificates = design.private_certificates
    return {
        "InternalHTTPListener": http_listener(
            BALANCER, _TARGETS, CREATE_INTERNAL_ALB, "Takes HTTP requests from within the network and routes them"
        ),
        "InternalHTTPSListener": https_listener(
            BALANCER,
            _TARGETS,
            EXPORT_INTERNAL_HTTPS_LISTENER,
            "Takes HTTPS requests from within the network and routes them",
            certificate=certificates[0] if certificates else None,
            ssl_policy=design.manifest.http.private.ssl_policy,
        ),
        **more_certificates(
            "InternalHTTPSImportCertificate",
            "InternalHTTPSListener",
            certificates,
            EXPORT_INTERNAL_HTTPS_LISTENER,
        ),
    }


def _zone(design: EnvDesign) -> dict[str, Resource]:
    """With imported certificates the user brings hosted zones as well."""
    if design.private_certificates:
        return {}
    facts = design.facts
    zone = Resource(
        type="AWS::Route53::HostedZone",
        description=f"The private hosted zone {facts.name}.{facts.app.name}.internal of services behind it",
        condition=CREATE_INTERNAL_ALB,
        properties={"Name": _DOMAIN, "VPCs": [{"VPCId": design.network.vpc, "VPCRegion": REGION}]},
    )
    return {ZONE: zone}


def _outputs(design: EnvDesign) -> dict[str, EnvOutput]:
    def made(value: Value, export: str, condition: str = CREATE_INTERNAL_ALB) -> EnvOutput:
        return EnvOutput(value=value, export=export, condition=condition)

    found = {
        "InternalLoadBalancerDNSName": made(get_att(BALANCER, "DNSName"), "InternalLoadBalancerDNS"),
        "InternalLoadBalancerFullName": made(get_att(BALANCER, "LoadBalancerFullName"), "InternalLoadBalancerFullName"),
        "InternalLoadBalancerHostedZone": made(
            get_att(BALANCER, "CanonicalHostedZoneID"), "InternalLoadBalancerCanonicalHostedZoneID"
        ),
        "InternalHTTPListenerArn": made(ref("InternalHTTPListener"), "InternalHTTPListenerArn"),
        "InternalHTTPSListenerArn": made(
            ref("InternalHTTPSListener"), "InternalHTTPSListenerArn", EXPORT_INTERNAL_HTTPS_LISTENER
        ),
        "InternalLoadBalancerSecurityGroup": made(ref(GROUP), "InternalLoadBalancerSecurityGroup"),
    }
    if not design.private_certificates:
        found[ZONE] = made(ref(ZONE), "InternalWorkloadsHostedZoneID")
        found[f"{ZONE}Name"] = made(_DOMAIN, "InternalWorkloadsHostedZoneName")
    return found
