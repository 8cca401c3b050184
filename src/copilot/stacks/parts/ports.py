"""Which container listens on which port, and where a load balancer or another service is sent to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from copilot.manifest.parts.http import Http, RoutingRule

TCP = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """A port of a container. `is_declared` when the container itself names it, not a rule that points at it."""

    port: int
    container: str
    protocol: str = TCP
    is_declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A container, and its port when it has one."""

    container: str
    port: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Every exposed port of a workload's containers; a port belongs to one container only."""

    main: str
    by_number: Mapping[int, Exposed]

    def of(self, container: str) -> tuple[Exposed, ...]:
        """The ports of a container, lowest first."""
        return tuple(
            self.by_number[port] for port in sorted(self.by_number) if self.by_number[port].container == container
        )

    def declared(self, container: str) -> Exposed | None:
        """The port that a container names itself."""
        return next((exposed for exposed in self.of(container) if exposed.is_declared), None)

    def explicit_target(self, rule: RoutingRule) -> Target | None:
        """Where a rule says it points; None when it leaves that to the main container."""
        if rule.target_port is not None:
            exposed = self.by_number.get(rule.target_port)
            container = rule.target_container or (exposed.container if exposed else self.main)
            return Target(container=container, port=rule.target_port)
        if rule.target_container in (None, self.main):
            return None
        declared = self.declared(rule.target_container)
        return Target(container=rule.target_container, port=declared.port if declared else None)

    def target(self, rule: RoutingRule | None) -> Target:
        """Where a rule points; without rule or explicit target the main container and its own port."""
        explicit = self.explicit_target(rule) if rule else None
        if explicit:
            return explicit
        declared = self.declared(self.main)
        return Target(container=self.main, port=declared.port if declared else None)


def expose(main: str, port: int | None, http: Http | None, beside: Iterable[Exposed] = ()) -> Ports:
    """The ports that the containers `beside` the main one, the rules and the main image bring; the first wins."""
    by_number = {exposed.port: exposed for exposed in beside}
    for rule in http.rules if http else ():
        if rule.target_port is not None and rule.target_port not in by_number:
            container = rule.target_container or main
            by_number[rule.target_port] = Exposed(port=rule.target_port, container=container)
    if port is not None:
        known = by_number.get(port, Exposed(port=port, container=main))
        by_number[port] = replace(known, is_declared=True)
    return Ports(main=main, by_number=by_number)
