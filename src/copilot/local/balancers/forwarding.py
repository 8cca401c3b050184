"""Forward actions with several target groups, whose weights the emulator leaves out.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

Record = dict[str, Any]

SPREAD = (5**0.5 - 1) / 2
"""Multiples of the golden ratio's fraction fall evenly everywhere: each group gets its share of a few requests, too."""


def install(alb: Any, provisioners: Any) -> None:
    """Has weights kept and told, whether they come by the API or in a template."""
    alb._parse_actions = _reading(alb, alb._parse_actions)
    alb._action_xml = _telling(alb._action_xml)
    provisioners._elbv2_listener_actions = _keeping(provisioners._elbv2_listener_actions)


def weights(action: Record) -> dict[str, int]:
    """The target groups of a forward action with their weights."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
    found = {str(each["TargetGroupArn"]): int(each.get("Weight", 1)) for each in groups}
    return found or ({action["TargetGroupArn"]: 1} if action.get("TargetGroupArn") else {})


def choose(shares: dict[str, int], turn: int) -> str:
    """The target group whose turn it is; groups of weight 0 have none. Empty when there is no group."""
    point = (turn * SPREAD % 1) * sum(shares.values())
    for group, weight in shares.items():
        if point < weight:
            return group
        point -= weight
    return ""


def _reading(alb: Any, parse: Callable[..., list[Record]]) -> Callable[..., list[Record]]:
    def read(params: Record, prefix: str = "DefaultActions") -> list[Record]:
        actions = parse(params, prefix)
        for index, action in enumerate(actions, start=1):
            _keep(action, list(_members(alb, params, f"{prefix}.member.{index}.ForwardConfig.TargetGroups.member")))
        return actions

    return read


def _members(alb: Any, params: Record, prefix: str) -> Iterator[Record]:
    index = 1
    while arn := alb._p(params, f"{prefix}.{index}.TargetGroupArn"):
        yield {"TargetGroupArn": arn, "Weight": int(alb._p(params, f"{prefix}.{index}.Weight", "1"))}
        index += 1


def _keeping(convert: Callable[..., list[Record]]) -> Callable[..., list[Record]]:
    def keep(properties: Record, balancer: str, prop: str = "DefaultActions") -> list[Record]:
        actions = convert(properties, balancer, prop)
        written = [each for each in properties.get(prop) or () if isinstance(each, dict)]
        for action, original in zip(actions, written, strict=True):
            groups = (original.get("ForwardConfig") or {}).get("TargetGroups") or ()
            _keep(action, [{**each, "Weight": int(each.get("Weight", 1))} for each in groups])
        return actions

    return keep


def _keep(action: Record, groups: Sequence[Record]) -> None:
    """Puts the groups on the action's record; one alone is its target group, too, as on AWS."""
    if groups:
        action["ForwardConfig"] = {"TargetGroups": list(groups)}
        action.pop("TargetGroupArn", None)
    if len(groups) == 1:
        action["TargetGroupArn"] = groups[0]["TargetGroupArn"]


def _telling(tell: Callable[[Record], str]) -> Callable[[Record], str]:
    def told(action: Record) -> str:
        groups = "".join(
            f"<member><TargetGroupArn>{escape(str(each['TargetGroupArn']))}</TargetGroupArn>"
            f"<Weight>{each['Weight']}</Weight></member>"
            for each in (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
        )
        config = f"<ForwardConfig><TargetGroups>{groups}</TargetGroups></ForwardConfig>" if groups else ""
        return tell(action).removesuffix("</member>") + config + "</member>"

    return told
