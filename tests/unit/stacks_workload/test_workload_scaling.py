"""How many tasks a service's stack runs."""

from __future__ import annotations

from typing import Any

import pytest
from workload_builders import facts, properties, render_api, render_web

POLICIES = {
    "cpu_percentage": "AutoScalingPolicyECSServiceAverageCPUUtilization",
    "memory_percentage": "AutoScalingPolicyECSServiceAverageMemoryUtilization",
    "requests": "AutoScalingPolicyALBSumRequestCountPerTarget",
    "response_time": "AutoScalingPolicyALBAverageResponseTime",
}


def _policy(count: dict[str, Any], metric: str) -> dict[str, Any]:
    policy = properties(render_web(count=count), POLICIES[metric])
    return dict(policy["TargetTrackingScalingPolicyConfiguration"])


def test_a_number_is_the_desired_count() -> None:
    stack = render_web(count="3")
    assert stack.parameters["TaskCount"] == "3"
    assert properties(stack, "Service")["DesiredCount"] == {"Ref": "TaskCount"}
    assert "AutoScalingTarget" not in stack.template["Resources"]


def test_no_task_at_all_is_a_count_too() -> None:
    assert render_web(count="0").parameters["TaskCount"] == "0"


def test_spot_tasks_run_on_spare_capacity_only() -> None:
    service = properties(render_web(count={"spot": "4"}), "Service")
    assert service["CapacityProviderStrategy"] == [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]
    assert "LaunchType" not in service
    assert render_web(count={"spot": "4"}).parameters["TaskCount"] == "4"


@pytest.mark.parametrize(("low", "spot_from", "base"), [(1, 3, 2), (3, 3, 2), (0, 0, 0), (0, 1, 0), (4, 3, None)])
def test_tasks_before_spot_from_are_the_base_of_ordinary_capacity(low: int, spot_from: int, base: int | None) -> None:
    count = {"range": {"min": str(low), "max": "9", "spot_from": str(spot_from)}, "cpu_percentage": "50"}
    strategy = properties(render_web(count=count), "Service")["CapacityProviderStrategy"]
    ordinary = [item["Base"] for item in strategy if item["CapacityProvider"] == "FARGATE"]
    assert ordinary == ([] if base is None else [base])


def test_a_range_keeps_the_count_that_runs_at_every_deployment() -> None:
    stack = render_web(count={"range": "2-9", "cpu_percentage": "50"}, about=facts(random="first"))
    assert properties(stack, "Service")["DesiredCount"] == {"Fn::GetAtt": ["DynamicDesiredCountAction", "DesiredCount"]}
    assert properties(stack, "DynamicDesiredCountAction")["UpdateID"] == "first"
    assert stack.parameters["TaskCount"] == "2"
    target = properties(stack, "AutoScalingTarget")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 9)


def test_only_metrics_with_a_value_are_watched() -> None:
    stack = render_web(count={"range": "1-2", "memory_percentage": "70"})
    watched = [name for name in POLICIES.values() if name in stack.template["Resources"]]
    assert watched == [POLICIES["memory_percentage"]]


def test_cooldowns_go_from_the_metric_to_the_count_to_the_default() -> None:
    count = {"range": "1-2", "cooldown": {"in": "30s"}, "cpu_percentage": {"value": "50", "cooldown": {"in": "10s"}}}
    policy = _policy(count, "cpu_percentage")
    assert (policy["ScaleInCooldown"], policy["ScaleOutCooldown"]) == (10, 60)
    policy = _policy({**count, "memory_percentage": "60"}, "memory_percentage")
    assert (policy["ScaleInCooldown"], policy["ScaleOutCooldown"]) == (30, 60)
    policy = _policy({"range": "1-2", "cpu_percentage": "50"}, "cpu_percentage")
    assert (policy["ScaleInCooldown"], policy["ScaleOutCooldown"]) == (120, 60)


@pytest.mark.parametrize(("given", "seconds"), [("2s", 2), ("500ms", 0.5), ("1m", 60)])
def test_a_response_time_is_watched_in_seconds(given: str, seconds: float) -> None:
    target = _policy({"range": "1-2", "response_time": given}, "response_time")["TargetValue"]
    assert target == seconds
    assert isinstance(target, int) == float(seconds).is_integer()


def test_requests_are_counted_on_the_load_balancer_of_the_service() -> None:
    count = {"range": "1-2", "requests": "10"}
    public = _policy(count, "requests")["CustomizedMetricSpecification"]["Dimensions"][0]["Value"]
    assert public == {"Fn::GetAtt": ["EnvControllerAction", "PublicLoadBalancerFullName"]}
    internal = properties(render_api(count=count, http={"path": "/"}), POLICIES["requests"])
    metric = internal["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    assert metric["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["EnvControllerAction", "InternalLoadBalancerFullName"]}
