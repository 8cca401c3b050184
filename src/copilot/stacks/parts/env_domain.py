"""The environment's part of the application's domain: hosted zone, certificate, and the aliases of its services."""

from __future__ import annotations

from dataclasses import replace

from copilot.cfn.intrinsics import REGION, Value, get_att, ref, sub
from copilot.cfn.template import Resource
from copilot.stacks.parts.cdn import CLOUDFRONT_ZONE, DISTRIBUTION
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import DELEGATE_DNS, MANAGED_ALIASES
from copilot.stacks.parts.functions import custom_resource, function
from copilot.stacks.parts.piece import EnvOutput, Piece
from copilot.stacks.parts.policies import allow, inline_policy, role, trust
from copilot.stacks.parts.public_load_balancer import BALANCER

ROLE = "CustomResourceRole"
CERTIFICATE = "HTTPSCert"
ZONE = "EnvironmentHostedZone"
DELEGATION = "DelegateDNSAction"
CERTIFICATE_FUNCTION = "CertificateValidationFunction"
DELEGATION_FUNCTION = "DNSDelegationFunction"
ALIASES_FUNCTION = "CustomDomainFunction"

_SUBDOMAIN = sub("${EnvironmentName}.${AppName}.${AppDNSName}")


def piece(design: EnvDesign) -> Piece:
    """Nothing with imported certificates: then the user looks after names as well."""
    if not design.manages_domain:
        return Piece()
    return Piece(
        resources={ROLE: _role(design), ZONE: _zone(), **_functions(design), **_actions(design)},
        outputs={
            ZONE: EnvOutput(
                value=ref(ZONE),
                export="HostedZone",
                condition=DELEGATE_DNS,
                description="The hosted zone of the environment's domain.",
            ),
            "EnvironmentSubdomain": EnvOutput(
                value=_SUBDOMAIN, export="SubDomain", condition=DELEGATE_DNS, description="The environment's domain."
            ),
        },
    )


def _role(design: EnvDesign) -> Resource:
    certificates = ("List", "Request", "Describe", "Get", "Delete")
    actions = [
        *(f"acm:{verb}Certificate{'s' if verb == 'List' else ''}" for verb in certificates),
        *("acm:AddTagsToCertificate", "sts:AssumeRole", "logs:*", "route53:ChangeResourceRecordSets", "route53:Get*"),
        *("route53:Describe*", "route53:ListResourceRecordSets", "route53:ListHostedZonesByName"),
    ]
    made = role(
        design.facts.app,
        "certificates and hosted zones are managed",
        trusted=trust(["lambda.amazonaws.com"], ["sts:AssumeRole"]),
        policies=[inline_policy("DNSandACMAccess", allow(actions, ["*"]))],
        path="/",
    )
    return replace(made, condition=DELEGATE_DNS)


def _zone() -> Resource:
    comment = sub("HostedZone for environment ${EnvironmentName} - ${EnvironmentName}.${AppName}.${AppDNSName}")
    return Resource(
        type="AWS::Route53::HostedZone",
        description="The hosted zone of the environment's domain",
        condition=DELEGATE_DNS,
        properties={"HostedZoneConfig": {"Comment": comment}, "Name": _SUBDOMAIN},
    )


def _functions(design: EnvDesign) -> dict[str, Resource]:
    certificate = function(CERTIFICATE_FUNCTION, ROLE, design.lambdas, timeout_seconds=900)
    return {
        CERTIFICATE_FUNCTION: replace(certificate, condition=DELEGATE_DNS),
        ALIASES_FUNCTION: replace(function(ALIASES_FUNCTION, ROLE, design.lambdas), condition=MANAGED_ALIASES),
        DELEGATION_FUNCTION: replace(function(DELEGATION_FUNCTION, ROLE, design.lambdas), condition=DELEGATE_DNS),
    }


def _actions(design: EnvDesign) -> dict[str, Resource]:
    delegation = custom_resource(
        DELEGATION_FUNCTION,
        "Hands the environment's domain over to its own hosted zone",
        {
            "DomainName": sub("${AppName}.${AppDNSName}"),
            "SubdomainName": _SUBDOMAIN,
            "NameServers": get_att(ZONE, "NameServers"),
            "RootDNSRole": ref("AppDNSDelegationRole"),
        },
    )
    certificate = custom_resource(
        CERTIFICATE_FUNCTION,
        "Requests the certificate of the environment's domain and its aliases, and proves that they are yours",
        {
            **_names(),
            "DomainName": ref("AppDNSName"),
            "Aliases": ref("Aliases"),
            "EnvHostedZoneId": ref(ZONE),
            "Region": REGION,
            "RootDNSRole": ref("AppDNSDelegationRole"),
        },
    )
    aliases = custom_resource(
        ALIASES_FUNCTION, "Points the aliases of your services at the environment", _alias_properties(design)
    )
    return {
        DELEGATION: replace(delegation, condition=DELEGATE_DNS, depends_on=[DELEGATION_FUNCTION, ZONE]),
        CERTIFICATE: replace(certificate, condition=DELEGATE_DNS, depends_on=[CERTIFICATE_FUNCTION, ZONE, DELEGATION]),
        "CustomDomainAction": replace(aliases, condition=MANAGED_ALIASES),
    }


def _names() -> dict[str, Value]:
    return {"AppName": ref("AppName"), "EnvName": ref("EnvironmentName")}


def _alias_properties(design: EnvDesign) -> dict[str, Value]:
    if design.manifest.cdn:
        target, zone = get_att(DISTRIBUTION, "DomainName"), CLOUDFRONT_ZONE
    else:
        target, zone = get_att(BALANCER, "DNSName"), get_att(BALANCER, "CanonicalHostedZoneID")
    return {
        **_names(),
        "Aliases": ref("Aliases"),
        "AppDNSRole": ref("AppDNSDelegationRole"),
        "DomainName": ref("AppDNSName"),
        "PublicAccessDNS": target,
        "PublicAccessHostedZone": zone,
    }
