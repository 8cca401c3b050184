"""The certificate of one service: of a network load balancer's TLS listener, or of a static site's distribution."""

from __future__ import annotations

import hashlib
from typing import Any

import boto3

from copilot.lambdas.certificates import dispose, issue, tags
from copilot.lambdas.custom_resource import Request, serve
from copilot.lambdas.zones import Zones, points_to, target

CLOUDFRONT_REGION = "us-east-1"


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, event.get("PhysicalResourceId", ""), work)


def work(request: Request) -> None:
    """Answers the certificate's Arn, which is the physical id too: other aliases mean another certificate."""
    properties = request.properties
    app, env, service = properties["AppName"], properties["EnvName"], properties["ServiceName"]
    domain = properties["DomainName"]
    zones = Zones(app, env, domain, properties["RootDNSRole"], properties["EnvHostedZoneId"])
    is_cloudfront = str(properties.get("IsCloudFrontCertificate", "")).lower() == "true"
    acm = boto3.client("acm", region_name=CLOUDFRONT_REGION) if is_cloudfront else boto3.client("acm")
    if request.type == "Delete":
        dispose(request, acm, zones)
        return
    aliases = sorted(set(properties.get("Aliases") or []))
    if request.type == "Update" and aliases == sorted(set(request.old_properties.get("Aliases") or [])):
        request.data["Arn"] = request.physical_id
        return
    require_free(zones, aliases, properties.get("LoadBalancerDNS", ""))
    name = f"{service}.{env}.{app}.{domain}" if is_cloudfront else f"{service}-nlb.{env}.{app}.{domain}"
    others = [alias for alias in aliases if alias != name]
    arguments = {
        "DomainName": name,
        "IdempotencyToken": hashlib.md5(f"/{service}/{','.join(aliases)}".encode(), usedforsecurity=False).hexdigest(),
        "Tags": tags(application=app, environment=env, service=service),
        **({"SubjectAlternativeNames": others} if others else {}),
    }
    issue(request, acm, zones, arguments)


def require_free(zones: Zones, aliases: list[str], dns_name: str) -> None:
    """Refuses an alias that is outside the application's domain or points to something else."""
    for alias in aliases:
        if not zones.holds(alias):
            raise RuntimeError(f"alias {alias} is not under the application's domain")
        record = zones.find(alias, "A") if dns_name else None
        if record and target(record) and not points_to(dns_name)(record):
            raise RuntimeError(f"alias {alias} is in use: it points to {target(record)}")
