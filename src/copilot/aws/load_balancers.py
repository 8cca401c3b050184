"""Elastic Load Balancing: the health of targets, and the hosts that listener rules answer for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.aws.connection import Api
from copilot.errors import AWSError


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target of a target group; `reason` is Elastic Load Balancing's word, `description` its sentence."""

    id: str
    port: int
    state: str
    reason: str = ""
    description: str = ""


class LoadBalancers:
    """Elastic Load Balancing v2, one account and region."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def target_health(self, target_group: str) -> list[Target]:
        """The group's targets as their health checks see them; none when there is no group."""
        try:
            answer = self._api.call("describe_target_health", TargetGroupArn=target_group)
        except AWSError as error:
            if error.code in {"TargetGroupNotFound", "TargetGroupNotFoundException"}:
                return []
            raise
        return [
            Target(
                id=each["Target"]["Id"],
                port=each["Target"].get("Port", 0),
                state=each["TargetHealth"]["State"],
                reason=each["TargetHealth"].get("Reason", ""),
                description=each["TargetHealth"].get("Description", ""),
            )
            for each in answer["TargetHealthDescriptions"]
        ]

    def rule_hosts(self, rules: Sequence[str]) -> tuple[str, ...]:
        """The host names that listener rules (ARNs) match, in their order without repetition."""
        if not rules:
            return ()
        hosts: list[str] = []
        for rule in self._api.call("describe_rules", RuleArns=list(rules))["Rules"]:
            for condition in rule.get("Conditions") or ():
                if condition.get("Field") == "host-header":
                    hosts += (condition.get("HostHeaderConfig") or {}).get("Values") or condition.get("Values") or ()
        return tuple(dict.fromkeys(hosts))
