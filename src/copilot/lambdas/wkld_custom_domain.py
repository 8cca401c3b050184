"""The aliases of one service: they point to its network load balancer or to its static site's distribution."""

from __future__ import annotations

from typing import Any

from copilot.lambdas.custom_resource import Request, serve
from copilot.lambdas.zones import Zones, alias, points_to, target


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, event["LogicalResourceId"], work)


def work(request: Request) -> None:
    """Writes a record for each alias that nobody else has, and removes those that are no aliases any more."""
    properties, old = request.properties, request.old_properties
    zones = Zones(
        properties["AppName"],
        properties["EnvName"],
        properties["DomainName"],
        properties["RootDNSRole"],
        properties["EnvHostedZoneId"],
    )
    dns_name, zone_id = properties["PublicAccessDNS"], properties["PublicAccessHostedZoneID"]
    before_dns = old.get("PublicAccessDNS", dns_name)
    wanted = set() if request.type == "Delete" else set(properties.get("Aliases") or [])
    before = set((properties if request.type == "Delete" else old).get("Aliases") or [])
    for name in sorted(wanted):
        require_ours(zones, name, (dns_name, before_dns))
    zones.change(request, "UPSERT", [alias(name, dns_name, zone_id) for name in sorted(wanted)])
    zones.remove(request, "A", sorted(before - wanted), points_to(before_dns))


def require_ours(zones: Zones, name: str, allowed: tuple[str, ...]) -> None:
    """Refuses an alias that points to something else; before an update it may point to where it did."""
    if not zones.holds(name):
        raise RuntimeError(f"alias {name} is not under the application's domain")
    record = zones.find(name, "A")
    if record and target(record) and not any(points_to(dns_name)(record) for dns_name in allowed):
        raise RuntimeError(f"alias {name} is in use: it points to {target(record)}")
