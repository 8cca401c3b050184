"""Routes that several workloads of one deployment claim: the load balancer sends such requests to one of them only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copilot.manifest import WorkloadManifest
from copilot.manifest.backend import BackendService
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.manifest.parts.http import RoutingRule

Route = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def same_routes(manifests: Sequence[WorkloadManifest]) -> list[str]:
    """A notice for each route that more than one of the workloads has."""
    claims: dict[Route, list[str]] = {}
    for manifest in manifests:
        for route in dict.fromkeys(_routes(manifest)):
            claims.setdefault(route, []).append(manifest.name)
    return [
        f"{' and '.join(sorted(names))} both claim http.path {_shown(route)}: only one of them gets these requests. "
        "Give each a path or an alias of its own."
        for route, names in claims.items()
        if len(names) > 1
    ]


def _routes(manifest: WorkloadManifest) -> Iterator[Route]:
    if isinstance(manifest, LoadBalancedWebService | BackendService) and manifest.http:
        for rule in manifest.http.rules:
            yield _route(manifest.type, rule)


def _route(balancer: str, rule: RoutingRule) -> Route:
    hosts = tuple(sorted(alias.name for alias in rule.alias))
    return (balancer, rule.path.strip("/"), hosts, tuple(sorted(map(str, rule.allowed_source_ips))))


def _shown(route: Route) -> str:
    _, path, hosts, _ = route
    return f"/{path}" + (f" of {', '.join(hosts)}" if hosts else "")
