"""From what a manifest says about HTTP to the rules that a load balancer gets."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.errors import UsageError
from copilot.manifest.parts.http import HealthCheck as ManifestHealthCheck
from copilot.manifest.parts.http import Http, RoutingRule
from copilot.stacks.parts.listeners import HealthCheck, LoadBalancer, Routing, Rule
from copilot.stacks.parts.ports import Ports


def route(http: Http, ports: Ports, balancer: LoadBalancer, *, has_https: bool) -> Routing:
    """The rules of a service on one of the environment's load balancers."""
    return Routing(
        load_balancer=balancer,
        rules=tuple(_rule(rule, ports, balancer, has_https=has_https) for rule in http.rules),
        has_https=has_https,
        zone_aliases=_zone_aliases(http),
    )


def _rule(rule: RoutingRule, ports: Ports, balancer: LoadBalancer, *, has_https: bool) -> Rule:
    target = ports.target(rule)
    if target.port is None:
        raise UsageError(
            f"path {rule.path} can't be routed: container {target.container} exposes no port",
            hints=["set image.port or http.target_port in the manifest"],
        )
    return Rule(
        path=_rooted(rule.path),
        container=target.container,
        port=target.port,
        health_check=_health_check(rule.healthcheck),
        aliases=tuple(alias.name for alias in rule.alias) if has_https else (),
        allowed_source_ips=rule.allowed_source_ips,
        has_stickiness=rule.stickiness,
        version=rule.version or "",
        redirects_to_https=balancer.is_internal or rule.redirect_to_https is not False,
        deregistration_delay_seconds=rule.deregistration_delay,
    )


def _health_check(check: ManifestHealthCheck) -> HealthCheck:
    return HealthCheck(
        path=_rooted(check.path),
        port=check.port,
        success_codes=check.success_codes or "",
        healthy_threshold=check.healthy_threshold,
        unhealthy_threshold=check.unhealthy_threshold,
        interval_seconds=check.interval,
        timeout_seconds=check.timeout,
    )


def _rooted(path: str) -> str:
    """Load balancers want paths that begin with a slash; manifests may leave it out."""
    return path if path.startswith("/") else f"/{path}"


def _zone_aliases(http: Http) -> Mapping[str, tuple[str, ...]]:
    """The main rule's aliases per hosted zone. Those of additional rules get no records, as in the original."""
    zones: dict[str, dict[str, None]] = {}
    for alias in http.alias:
        zone = alias.hosted_zone or http.hosted_zone
        if zone:
            zones.setdefault(zone, {})[alias.name] = None
    return {zone: tuple(names) for zone, names in zones.items()}
