"""CloudFront in front of the public load balancer."""

from __future__ import annotations

from dataclasses import replace

from copilot.cfn.intrinsics import NO_VALUE, REGION, Value, get_att, if_, ref
from copilot.cfn.template import Resource
from copilot.manifest.environment import Cdn, StaticAssets
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.env_terms import CREATE_ALB, DELEGATE_DNS, env_name
from copilot.stacks.parts.functions import custom_resource, function, function_role
from copilot.stacks.parts.piece import EnvOutput, Piece
from copilot.stacks.parts.public_load_balancer import BALANCER

DISTRIBUTION = "CloudFrontDistribution"
REPLICATOR = "CertificateReplicator"
REPLICATOR_FUNCTION = "CertificateReplicatorFunction"
UNIQUE_ALIASES_FUNCTION = "UniqueJSONValuesFunction"
UNIQUE_ALIASES_ROLE = "UniqueJSONValuesFunctionRole"
UNIQUE_ALIASES = "UniqueAliasesAction"
ACCESS_CONTROL = "CloudFrontOriginAccessControl"

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""The hosted zone of every distribution's name.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-route53-aliastarget.html
"""
CLOUDFRONT_REGION = "us-east-1"
"""CloudFront takes certificates from this region only."""

_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""
_ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html"""
_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")


def piece(design: EnvDesign) -> Piece:
    """The distribution, its names and its certificate, when the manifest has one."""
    cdn = design.manifest.cdn
    if cdn is None:
        return Piece()
    found = _unique_aliases(design, cdn) if design.cdn_has_names else {}
    if cdn.static_assets:
        found[ACCESS_CONTROL] = _access_control()
    found[DISTRIBUTION] = _distribution(design, cdn)
    if _replicates_certificate(design, cdn):
        found |= _replicator(design)
    output = EnvOutput(
        value=get_att(DISTRIBUTION, "DomainName"),
        export="CloudFrontDomainName",
        condition=CREATE_ALB,
        description="The name of the CloudFront distribution.",
    )
    return Piece(resources=found, outputs={"CloudFrontDomainName": output})


def _replicates_certificate(design: EnvDesign, cdn: Cdn) -> bool:
    return not cdn.certificate and design.manages_domain


def _unique_aliases(design: EnvDesign, cdn: Cdn) -> dict[str, Resource]:
    extra = {"AdditionalStrings": [cdn.static_assets.alias]} if cdn.static_assets else {}
    action = custom_resource(
        UNIQUE_ALIASES_FUNCTION,
        "Lists each alias of your services once",
        {"Aliases": ref("Aliases"), **extra, "FilterFor": ref("ALBWorkloads")},
    )
    made = {
        UNIQUE_ALIASES_ROLE: function_role(design.facts.app, "aliases are listed", []),
        UNIQUE_ALIASES_FUNCTION: function(UNIQUE_ALIASES_FUNCTION, UNIQUE_ALIASES_ROLE, design.lambdas),
        UNIQUE_ALIASES: action,
    }
    return {name: replace(resource, condition=CREATE_ALB) for name, resource in made.items()}


def _access_control() -> Resource:
    return Resource(
        type="AWS::CloudFront::OriginAccessControl",
        description="Keeps the bucket of static assets closed to all but CloudFront",
        properties={
            "OriginAccessControlConfig": {
                "Description": "Access control for static s3 origin",
                "Name": env_name("-origin-access-control"),
                "OriginAccessControlOriginType": "s3",
                "SigningBehavior": "always",
                "SigningProtocol": "sigv4",
            }
        },
    )


def _distribution(design: EnvDesign, cdn: Cdn) -> Resource:
    config: dict[str, Value] = {
        "DefaultCacheBehavior": {
            "AllowedMethods": list(_METHODS),
            "CachePolicyId": _CACHING_DISABLED,
            "TargetOriginId": env_name("-origin"),
            "OriginRequestPolicyId": _ALL_VIEWER,
            "ViewerProtocolPolicy": "redirect-to-https" if cdn.terminate_tls else "allow-all",
        },
        "Enabled": True,
        "IPV6Enabled": True,
        "Origins": [_balancer_origin(cdn)],
    }
    if design.cdn_has_names:
        config["Aliases"] = get_att(UNIQUE_ALIASES, "UniqueValues")
    if cdn.static_assets:
        config["Origins"].append(_static_origin(cdn.static_assets))
        config["CacheBehaviors"] = [_static_behavior(cdn.static_assets)]
    if cdn.certificate:
        config["ViewerCertificate"] = _viewer_certificate(cdn.certificate)
    elif _replicates_certificate(design, cdn):
        config["ViewerCertificate"] = if_(DELEGATE_DNS, _viewer_certificate(ref(REPLICATOR)), NO_VALUE)
    return Resource(
        type="AWS::CloudFront::Distribution",
        description="The CloudFront distribution that serves the world from places near it",
        condition=CREATE_ALB,
        properties={"DistributionConfig": config},
    )


def _balancer_origin(cdn: Cdn) -> dict[str, Value]:
    return {
        "Id": env_name("-origin"),
        "DomainName": get_att(BALANCER, "DNSName"),
        "CustomOriginConfig": {"OriginProtocolPolicy": "http-only" if cdn.terminate_tls else "match-viewer"},
    }


def _static_origin(assets: StaticAssets) -> dict[str, Value]:
    """CloudFront wants a bucket's origin access identity, if only an empty one, beside access control too."""
    return {
        "Id": env_name("-s3"),
        "DomainName": assets.location,
        "OriginAccessControlId": ref(ACCESS_CONTROL),
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }


def _static_behavior(assets: StaticAssets) -> dict[str, Value]:
    return {
        "AllowedMethods": list(_METHODS),
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": _CACHING_OPTIMIZED,
        "TargetOriginId": env_name("-s3"),
        "PathPattern": assets.path,
    }


def _viewer_certificate(certificate: Value) -> dict[str, Value]:
    return {"AcmCertificateArn": certificate, "MinimumProtocolVersion": "TLSv1", "SslSupportMethod": "sni-only"}


def _replicator(design: EnvDesign) -> dict[str, Resource]:
    action = custom_resource(
        REPLICATOR_FUNCTION,
        f"Requests the environment's certificate in {CLOUDFRONT_REGION} too, where CloudFront looks for it",
        {
            "AppName": ref("AppName"),
            "EnvName": ref("EnvironmentName"),
            "TargetRegion": CLOUDFRONT_REGION,
            "EnvRegion": REGION,
            "CertificateArn": ref("HTTPSCert"),
        },
    )
    code = function(REPLICATOR_FUNCTION, "CustomResourceRole", design.lambdas, timeout_seconds=900)
    return {
        REPLICATOR_FUNCTION: replace(code, condition=DELEGATE_DNS),
        REPLICATOR: replace(action, condition=DELEGATE_DNS),
    }
