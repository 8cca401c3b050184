"""The emulator's load balancing records, of every account and region at once: what the data plane reads.

The emulator scopes its records by the caller's account and region. A request to a load balancer has neither, and every
record is found by its ARN, which is unique; so these readers look past the scopes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from copilot.local.balancers.forwarding import weights

Record = dict[str, Any]


class Target(NamedTuple):
    """One registered target of a target group."""

    group: str
    id: str
    port: int


@dataclass(frozen=True, slots=True)
class Records:
    """Readers over the emulator's module `alb`."""

    alb: Any

    def balancers(self) -> Iterator[tuple[str, str, Record]]:
        """Account, region and record of each load balancer."""
        for (account, region, _), balancer in list(self.alb._lbs._data.items()):
            yield account, region, balancer

    def listeners(self, balancer: str) -> list[Record]:
        return [each for each in _values(self.alb._listeners) if each["LoadBalancerArn"] == balancer]

    def entrance(self, balancer: str) -> Record | None:
        """The listener that the loopback port stands for.

        The one for HTTPS where there is one, as a client on AWS ends up there; else the one with the lowest port.
        """
        listeners = self.listeners(balancer)
        return min(listeners, key=lambda each: (each["Protocol"] not in ("HTTPS", "TLS"), each["Port"]), default=None)

    def rules(self, listener: str) -> list[Record]:
        """By priority, the default rule last."""
        rules = [each for each in _values(self.alb._rules) if each["ListenerArn"] == listener]
        return sorted(rules, key=lambda rule: (bool(rule.get("IsDefault")), _number(rule.get("Priority"))))

    def group(self, arn: str) -> Record | None:
        account, region = _scope(arn)
        found: Record | None = self.alb._tgs._data.get((account, region, arn))
        return found

    def groups_in_use(self) -> set[str]:
        """The target groups that a rule of some listener forwards to."""
        actions = (action for rule in _values(self.alb._rules) for action in rule.get("Actions", ()))
        return {group for action in actions for group in weights(action)}

    def targets(self, group: Record) -> list[Target]:
        arn = group["TargetGroupArn"]
        default = group.get("Port") or 80
        registered = self.alb._targets._data.get((_scope(arn)[0], arn), ())
        return [Target(arn, str(each["Id"]), int(each.get("Port") or default)) for each in list(registered)]

    def group_attribute(self, group: str, name: str) -> str:
        """The attribute's value, or "" when it isn't set."""
        attributes = self.alb._tg_attrs._data.get((_scope(group)[0], group), ())
        return next((str(each["Value"]) for each in attributes if each["Key"] == name), "")


def _scope(arn: str) -> tuple[str, str]:
    """Account and region: the emulator's records are filed under them."""
    parts = [*arn.split(":"), "", "", "", "", ""]
    return parts[4], parts[3]


def _values(store: Any) -> list[Record]:
    return list(store._data.values())


def _number(priority: Any) -> int:
    text = str(priority)
    return int(text) if text.isdigit() else 0
