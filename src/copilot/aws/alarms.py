"""CloudWatch alarms: those that scale a service, and those that roll its deployments back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from copilot.aws.connection import Api
from copilot.model.description import AlarmStatus

AUTO_SCALING = "Auto Scaling"
ROLLBACK = "Rollback"
_NAMES_A_CALL = 100
_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": "≥",
    "GreaterThanThreshold": ">",
    "LessThanOrEqualToThreshold": "≤",
    "LessThanThreshold": "<",
}


class Alarms:
    """Amazon CloudWatch alarms and the scaling policies that own some of them, one account and region."""

    def __init__(self, cloudwatch: Api, autoscaling: Api) -> None:
        self._cloudwatch = cloudwatch
        self._autoscaling = autoscaling

    def scaling_alarm_names(self, cluster: str, service: str) -> list[str]:
        """Names of the alarms that Application Auto Scaling made for an ECS service."""
        policies = self._autoscaling.items(
            "describe_scaling_policies",
            "ScalingPolicies",
            ServiceNamespace="ecs",
            ResourceId=f"service/{cluster}/{service}",
        )
        return [alarm["AlarmName"] for policy in policies for alarm in policy.get("Alarms") or ()]

    def named(self, names: Sequence[str], kind: str) -> list[AlarmStatus]:
        """The alarms of these names that exist, told as alarms of one kind."""
        found: list[AlarmStatus] = []
        for start in range(0, len(names), _NAMES_A_CALL):
            alarms = self._cloudwatch.items(
                "describe_alarms", "MetricAlarms", AlarmNames=list(names[start : start + _NAMES_A_CALL])
            )
            found += [_alarm(alarm, kind) for alarm in alarms]
        return found


def _alarm(answer: dict[str, Any], kind: str) -> AlarmStatus:
    minutes = answer.get("EvaluationPeriods", 1) * answer.get("Period", 60) / 60
    comparison = _COMPARISONS.get(answer["ComparisonOperator"], answer["ComparisonOperator"])
    points = answer.get("DatapointsToAlarm") or answer.get("EvaluationPeriods", 1)
    return AlarmStatus(
        arn=answer["AlarmArn"],
        name=answer["AlarmName"],
        condition=(
            f"{answer.get('MetricName', 'metric')} {comparison} {answer['Threshold']:.2f} "
            f"for {points} datapoints within {minutes:g} minutes"
        ),
        status=answer["StateValue"],
        type=kind,
        updated_at=answer["StateUpdatedTimestamp"],
    )
