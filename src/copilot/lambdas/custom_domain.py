"""CustomDomainFunction of an environment: its services' aliases point to its load balancer or distribution."""

from __future__ import annotations

import json
from typing import Any

from copilot.lambdas.custom_resource import Request, serve
from copilot.lambdas.zones import Zones, alias, points_to


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, event["LogicalResourceId"], work)


def work(request: Request) -> None:
    """Writes a record for each alias under the application's domain, and removes those that are no aliases any more."""
    properties, old = request.properties, request.old_properties
    zones = Zones(properties["AppName"], properties["EnvName"], properties["DomainName"], properties["AppDNSRole"])
    wanted = set() if request.type == "Delete" else names(properties)
    before = names(properties if request.type == "Delete" else old)
    dns_name, zone_id = properties["PublicAccessDNS"], properties["PublicAccessHostedZone"]
    zones.change(request, "UPSERT", [alias(name, dns_name, zone_id) for name in sorted(wanted)])
    zones.remove(request, "A", sorted(before - wanted), points_to(old.get("PublicAccessDNS", dns_name)))


def names(properties: dict[str, Any]) -> set[str]:
    services = json.loads(properties.get("Aliases") or "{}")
    return {alias for aliases in services.values() for alias in aliases}
