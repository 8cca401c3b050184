"""Where load balancing plugs into the emulator: its store of load balancers, three actions, one resource handler."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import AccountRegionScopedDict

from copilot.local.balancers.doors import Doors
from copilot.local.balancers.health import Condition, Health
from copilot.local.balancers.records import Record, Records

BALANCER_TYPE = "AWS::ElasticLoadBalancingV2::LoadBalancer"

Params = dict[str, Any]
Respond = Callable[[Params], tuple[int, dict[str, str], bytes]]


class NamedBalancers(AccountRegionScopedDict):  # type: ignore[misc]
    """The emulator's load balancers; one that is put in gets its door and the name of it."""

    __slots__ = ("_doors",)

    def __init__(self, doors: Doors) -> None:
        super().__init__()
        self._doors = doors

    def __setitem__(self, arn: str, balancer: Record) -> None:
        balancer["DNSName"] = self._doors.open(balancer)
        super().__setitem__(arn, balancer)

    def __deepcopy__(self, memo: dict[int, Any]) -> AccountRegionScopedDict:
        plain = AccountRegionScopedDict()
        plain._data = copy.deepcopy(self._data, memo)
        return plain


def install(alb: Any, handlers: dict[str, Any], records: Records, doors: Doors, health: Health) -> None:
    """Makes load balancers that are created from now on answer, and target health true."""
    alb._lbs = NamedBalancers(doors)
    actions = alb._ACTION_MAP
    actions["RegisterTargets"] = _register(alb)
    actions["DeregisterTargets"] = _deregister(alb)
    actions["DescribeTargetHealth"] = _describe_health(alb, records, health)
    entry = handlers[BALANCER_TYPE]
    entry["create"] = _named(alb, entry["create"])


def _named(alb: Any, create: Callable[..., tuple[str, Record]]) -> Callable[..., tuple[str, Record]]:
    """What Fn::GetAtt DNSName gives is what the API gives."""

    def create_named(*arguments: Any, **options: Any) -> tuple[str, Record]:
        arn, attributes = create(*arguments, **options)
        return arn, {**attributes, "DNSName": alb._lbs[arn]["DNSName"]}

    return create_named


def _register(alb: Any) -> Respond:
    """A target is an id and a port: one address may be registered with several ports.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
    """

    def register(params: Params) -> tuple[int, dict[str, str], bytes]:
        arn = alb._p(params, "TargetGroupArn")
        if arn not in alb._tgs:
            return _no_group(alb, arn)
        present = alb._targets.setdefault(arn, [])
        for target in alb._parse_targets_param(params):
            if not any(_is_same(target, each, alb._tgs[arn]) for each in present):
                present.append(target)
        return _answer(alb._empty("RegisterTargets"))

    return register


def _deregister(alb: Any) -> Respond:
    def deregister(params: Params) -> tuple[int, dict[str, str], bytes]:
        arn = alb._p(params, "TargetGroupArn")
        if arn not in alb._tgs:
            return _no_group(alb, arn)
        leaving = alb._parse_targets_param(params)
        stay = [
            each
            for each in alb._targets.get(arn, [])
            if not any(
                each["Id"] == target["Id"] and ("Port" not in target or _is_same(target, each, alb._tgs[arn]))
                for target in leaving
            )
        ]
        alb._targets[arn] = stay
        return _answer(alb._empty("DeregisterTargets"))

    return deregister


def _describe_health(alb: Any, records: Records, health: Health) -> Respond:
    def describe(params: Params) -> tuple[int, dict[str, str], bytes]:
        arn = alb._p(params, "TargetGroupArn")
        if arn not in alb._tgs:
            return _no_group(alb, arn)
        group = alb._tgs[arn]
        wanted = alb._parse_targets_param(params)
        members = [
            _health_xml(target.id, target.port, group, health.of(target))
            for target in records.targets(group)
            if not wanted or any(_is_same(each, {"Id": target.id, "Port": target.port}, group) for each in wanted)
        ]
        inner = f"<TargetHealthDescriptions>{''.join(members)}</TargetHealthDescriptions>"
        return _answer(alb._xml(200, "DescribeTargetHealth", inner))

    return describe


def _health_xml(target: str, port: int, group: Record, condition: Condition) -> str:
    check = str(group.get("HealthCheckPort") or "traffic-port")
    reason = f"<Reason>{condition.reason}</Reason>" if condition.reason else ""
    why = f"<Description>{escape(condition.description)}</Description>" if condition.description else ""
    return (
        f"<member><Target><Id>{escape(target)}</Id><Port>{port}</Port></Target>"
        f"<HealthCheckPort>{port if check == 'traffic-port' else check}</HealthCheckPort>"
        f"<TargetHealth><State>{condition.state}</State>{reason}{why}</TargetHealth></member>"
    )


def _is_same(one: Record, other: Record, group: Record) -> bool:
    default = group.get("Port") or 80
    return bool(one["Id"] == other["Id"] and int(one.get("Port") or default) == int(other.get("Port") or default))


def _no_group(alb: Any, arn: str) -> tuple[int, dict[str, str], bytes]:
    return _answer(alb._error("TargetGroupNotFound", f"Target group '{arn}' not found."))


def _answer(response: Any) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = response
    return status, headers, body


def rename(stores: Iterator[Any], old: str, new: str) -> None:
    """Puts the new name of a load balancer where CloudFormation remembers the old one: outputs, exports, attributes."""
    for store in stores:
        for key, record in list(store._data.items()):
            store._data[key] = _replaced(record, old, new)


def _replaced(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return value.replace(old, new)
        case dict():
            return {key: _replaced(each, old, new) for key, each in value.items()}
        case list():
            return [_replaced(each, old, new) for each in value]
        case _:
            return value
