"""The load balancer that the internet reaches, made once a service asks for it."""

from __future__ import annotations

from copilot.cfn.intrinsics import NO_VALUE, Value, get_att, if_, ref
from copilot.cfn.template import Resource
from copilot.stacks.parts import access_logs
from copilot.stacks.parts.cluster import SECURITY_GROUP, ingress_from
from copilot.stacks.parts.default_listeners import http_listener, https_listener, more_certificates, target_group
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import ANYWHERE, CREATE_ALB, EXPORT_HTTPS_LISTENER, HTTP_PORT, HTTPS_PORT, name_tag
from copilot.stacks.parts.piece import EnvOutput, Piece

BALANCER = "PublicLoadBalancer"
HTTP_GROUP = "PublicHTTPLoadBalancerSecurityGroup"
HTTPS_GROUP = "PublicHTTPSLoadBalancerSecurityGroup"
_TARGETS = "DefaultHTTPTargetGroup"


def piece(design: EnvDesign) -> Piece:
    """The load balancer, its listeners, and who may reach it."""
    return Piece(resources={**_security(design), **_balancer(design), **_listeners(design)}, outputs=_outputs(design))


def _security(design: EnvDesign) -> dict[str, Resource]:
    return {
        HTTP_GROUP: Resource(
            type="AWS::EC2::SecurityGroup",
            description="Who may reach the public load balancer over HTTP",
            condition=CREATE_ALB,
            properties=_group(design, "HTTP", HTTP_PORT),
        ),
        HTTPS_GROUP: Resource(
            type="AWS::EC2::SecurityGroup",
            description="Who may reach the public load balancer over HTTPS",
            condition=EXPORT_HTTPS_LISTENER,
            properties=_group(design, "HTTPS", HTTPS_PORT),
        ),
        "EnvironmentHTTPSecurityGroupIngressFromPublicALB": ingress_from(
            HTTP_GROUP, SECURITY_GROUP, "HTTP ingress from the public ALB", condition=CREATE_ALB
        ),
        "EnvironmentHTTPSSecurityGroupIngressFromPublicALB": ingress_from(
            HTTPS_GROUP, SECURITY_GROUP, "HTTPS ingress from the public ALB", condition=EXPORT_HTTPS_LISTENER
        ),
    }


def _group(design: EnvDesign, protocol: str, port: int) -> dict[str, Value]:
    return {
        "GroupDescription": f"{protocol} access to the public facing load balancer",
        "SecurityGroupIngress": _ingress(design, port),
        "VpcId": design.network.vpc,
        "Tags": name_tag(f"-lb-{protocol.lower()}"),
    }


def _ingress(design: EnvDesign, port: int) -> list[dict[str, Value]]:
    traffic = {"FromPort": port, "IpProtocol": "tcp", "ToPort": port}
    rules: list[dict[str, Value]] = []
    if prefix_list := design.cdn_prefix_list:
        description = f"Allow ingress from prefix list {prefix_list} on port {port}"
        rules.append({"SourcePrefixListId": prefix_list, "Description": description, **traffic})
    for cidr in design.manifest.http.public.ingress.source_ips:
        description = f"Allow ingress from source IP {cidr} on port {port}"
        rules.append({"CidrIp": cidr, "Description": description, **traffic})
    return rules or [{"CidrIp": ANYWHERE, "Description": f"Allow from anyone on port {port}", **traffic}]


def _balancer(design: EnvDesign) -> dict[str, Resource]:
    https_group = if_(EXPORT_HTTPS_LISTENER, get_att(HTTPS_GROUP, "GroupId"), NO_VALUE)
    balancer = Resource(
        type="AWS::ElasticLoadBalancingV2::LoadBalancer",
        description="The load balancer that spreads requests from the internet over your services",
        condition=CREATE_ALB,
        depends_on=[access_logs.BUCKET_POLICY] if design.makes_log_bucket else (),
        properties={
            "LoadBalancerAttributes": access_logs.attributes(design),
            "Scheme": "internet-facing",
            "SecurityGroups": [get_att(HTTP_GROUP, "GroupId"), https_group],
            "Subnets": list(design.network.public_subnets),
            "Type": "application",
        },
    )
    return {BALANCER: balancer, _TARGETS: target_group(design, CREATE_ALB)}


def _listeners(design: EnvDesign) -> dict[str, Resource]:
    certificates = design.public_certificates
    return {
        "HTTPListener": http_listener(BALANCER, _TARGETS, CREATE_ALB, "Takes HTTP requests and routes them"),
        "HTTPSListener": https_listener(
            BALANCER,
            _TARGETS,
            EXPORT_HTTPS_LISTENER,
            "Takes HTTPS requests and routes them",
            certificate=certificates[0] if certificates else ref("HTTPSCert"),
            ssl_policy=design.manifest.http.public.ssl_policy,
        ),
        **more_certificates("HTTPSImportCertificate", "HTTPSListener", certificates, EXPORT_HTTPS_LISTENER),
    }


def _outputs(design: EnvDesign) -> dict[str, EnvOutput]:
    def made(value: Value, export: str = "", condition: str = CREATE_ALB) -> EnvOutput:
        return EnvOutput(value=value, export=export, condition=condition)

    return {
        "PublicLoadBalancerDNSName": made(get_att(BALANCER, "DNSName"), "PublicLoadBalancerDNS"),
        "PublicLoadBalancerFullName": made(get_att(BALANCER, "LoadBalancerFullName"), "PublicLoadBalancerFullName"),
        "PublicLoadBalancerHostedZone": made(get_att(BALANCER, "CanonicalHostedZoneID"), "CanonicalHostedZoneID"),
        "HTTPListenerArn": made(ref("HTTPListener"), "HTTPListenerArn"),
        "HTTPSListenerArn": made(ref("HTTPSListener"), "HTTPSListenerArn", EXPORT_HTTPS_LISTENER),
        "DefaultHTTPTargetGroupArn": made(ref(_TARGETS), "DefaultHTTPTargetGroup"),
        "PublicALBAccessible": made(not design.cdn_prefix_list),
    }
