"""CertificateValidationFunction of an environment: the certificate of its domain and of its services' aliases."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import boto3

from copilot.lambdas.certificates import dispose, issue, tags
from copilot.lambdas.custom_resource import Request, serve
from copilot.lambdas.zones import Zones


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, event.get("PhysicalResourceId", ""), work)


def work(request: Request) -> None:
    """Answers the certificate's Arn, which is the physical id too: other aliases mean another certificate."""
    properties = request.properties
    app, env, domain = properties["AppName"], properties["EnvName"], properties["DomainName"]
    zones = Zones(app, env, domain, properties["RootDNSRole"], properties["EnvHostedZoneId"])
    acm = boto3.client("acm", region_name=properties["Region"])
    if request.type == "Delete":
        dispose(request, acm, zones)
        return
    aliases = names(properties)
    if request.type == "Update" and aliases == names(request.old_properties):
        request.data["Arn"] = request.physical_id
        return
    name = f"{env}.{app}.{domain}"
    wanted = [f"*.{name}", *(alias for alias in aliases if zones.holds(alias) and alias != name)]
    arguments = {
        "DomainName": name,
        "SubjectAlternativeNames": list(dict.fromkeys(wanted)),
        "IdempotencyToken": hashlib.sha256(request.event["RequestId"].encode()).hexdigest()[:32],
        "Tags": tags(application=app, environment=env),
    }
    issue(request, acm, zones, arguments)


def names(properties: dict[str, Any]) -> list[str]:
    """The aliases of all services, sorted, each once."""
    services = json.loads(properties.get("Aliases") or "{}")
    return sorted({alias for aliases in services.values() for alias in aliases})
