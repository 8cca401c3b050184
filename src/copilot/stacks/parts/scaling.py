"""How many tasks run: a fixed number, spare capacity, or a range that metrics move in."""

from __future__ import annotations

from copilot.cfn.intrinsics import Value, get_att, join, ref
from copilot.cfn.template import Resource
from copilot.manifest.parts.count import Cooldown, Count, Range
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.parts.fragment import Fragment
from copilot.stacks.parts.functions import custom_resource, function, function_role
from copilot.stacks.parts.listeners import LoadBalancer
from copilot.stacks.parts.policies import allow, inline_policy, role, trust
from copilot.stacks.parts.references import APP_NAME, ENV_NAME, WORKLOAD_NAME, aws_policy, env_export

FUNCTION = "DynamicDesiredCountFunction"
SCALE_IN_SECONDS = 120
SCALE_OUT_SECONDS = 60


def fragment(count: Count, facts: WorkloadFacts, *, balancer: LoadBalancer | None = None) -> Fragment:
    """What a count that is more than a number adds; `balancer` is whose metrics are watched."""
    service: dict[str, Value] = {}
    strategy = _capacity(count)
    if strategy:
        service["CapacityProviderStrategy"] = strategy
    if count.spot is not None or count.range is None:
        return Fragment(service=service)
    service["DesiredCount"] = get_att("DynamicDesiredCountAction", "DesiredCount")
    resources = _desired_count(facts) | _target(facts, count.range) | _policies(count, balancer)
    return Fragment(service=service, resources=resources)


def _capacity(count: Count) -> list[Value]:
    """From `spot_from` on tasks run on spare capacity: all tasks before it are the base of the ordinary one."""
    spot_from = count.range.spot_from if count.range else None
    if count.spot is None and spot_from is None:
        return []
    strategy: list[Value] = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]
    if count.range is not None and spot_from is not None and spot_from >= count.range.min:
        strategy.append({"CapacityProvider": "FARGATE", "Weight": 0, "Base": max(spot_from - 1, 0)})
    return strategy


def _desired_count(facts: WorkloadFacts) -> dict[str, Resource]:
    """A deployment must not undo what scaling did, so the count that runs now is asked for at every one."""
    role_id = f"{FUNCTION}Role"
    properties: dict[str, Value] = {
        "Cluster": env_export("ClusterId"),
        "App": ref(APP_NAME),
        "Env": ref(ENV_NAME),
        "Svc": ref(WORKLOAD_NAME),
        "DefaultDesiredCount": ref("TaskCount"),
        "UpdateID": facts.random,
    }
    return {
        "DynamicDesiredCountAction": custom_resource(FUNCTION, "How many tasks run now", properties),
        FUNCTION: function(FUNCTION, role_id, facts.lambdas),
        role_id: function_role(facts.app, "the number of tasks of the service is read", [_count_policy()]),
    }


def _count_policy() -> Value:
    cluster = {
        "Fn::Sub": [
            "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/${ClusterName}",
            {"ClusterName": env_export("ClusterId")},
        ]
    }
    return inline_policy(
        "DelegateDesiredCountAccess",
        allow(["ecs:DescribeServices"], "*", condition={"ArnEquals": {"ecs:cluster": cluster}}, sid="ECS"),
        allow(["resource-groups:GetResources"], "*", sid="ResourceGroups"),
        allow(["tag:GetResources"], "*", sid="Tags"),
    )


def _target(facts: WorkloadFacts, given: Range) -> dict[str, Resource]:
    return {
        "AutoScalingRole": role(
            facts.app,
            "the number of tasks is changed",
            trusted=trust("ecs-tasks.amazonaws.com"),
            managed=[aws_policy("service-role/AmazonEC2ContainerServiceAutoscaleRole")],
        ),
        "AutoScalingTarget": Resource(
            type="AWS::ApplicationAutoScaling::ScalableTarget",
            description="The range in which the number of tasks moves",
            properties={
                "MinCapacity": given.min,
                "MaxCapacity": given.max,
                "ResourceId": join("/", ["service", env_export("ClusterId"), get_att("Service", "Name")]),
                "ScalableDimension": "ecs:service:DesiredCount",
                "ServiceNamespace": "ecs",
                "RoleARN": get_att("AutoScalingRole", "Arn"),
            },
        ),
    }


def _policies(count: Count, balancer: LoadBalancer | None) -> dict[str, Resource]:
    """One policy a metric that the manifest gives a value."""
    policies: dict[str, Resource] = {}
    for metric, utilization in (
        ("ECSServiceAverageCPUUtilization", count.cpu_percentage),
        ("ECSServiceAverageMemoryUtilization", count.memory_percentage),
    ):
        if utilization is not None:
            measured = {"PredefinedMetricSpecification": {"PredefinedMetricType": metric}}
            policies[f"AutoScalingPolicy{metric}"] = _policy(
                metric, measured, utilization.value, utilization.cooldown, count.cooldown
            )
    for name, metric, statistic, wanted in (
        ("ALBSumRequestCountPerTarget", "RequestCountPerTarget", "Sum", count.requests),
        ("ALBAverageResponseTime", "TargetResponseTime", "Average", count.response_time),
    ):
        if wanted is not None and balancer is not None:
            measured = {"CustomizedMetricSpecification": _balancer_metric(metric, statistic, balancer)}
            policies[f"AutoScalingPolicy{name}"] = _policy(
                name, measured, wanted.value, wanted.cooldown, count.cooldown
            )
    return policies


def _balancer_metric(metric: str, statistic: str, balancer: LoadBalancer) -> Value:
    return {
        "Dimensions": [
            {"Name": "LoadBalancer", "Value": balancer.full_name},
            {"Name": "TargetGroup", "Value": get_att("TargetGroup", "TargetGroupFullName")},
        ],
        "MetricName": metric,
        "Namespace": "AWS/ApplicationELB",
        "Statistic": statistic,
    }


def _policy(name: str, measured: dict[str, Value], value: float, own: Cooldown, general: Cooldown) -> Resource:
    return Resource(
        type="AWS::ApplicationAutoScaling::ScalingPolicy",
        properties={
            "PolicyName": join("-", [ref(WORKLOAD_NAME), name, "ScalingPolicy"]),
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": ref("AutoScalingTarget"),
            "TargetTrackingScalingPolicyConfiguration": {
                **measured,
                "ScaleInCooldown": _first(own.into, general.into, SCALE_IN_SECONDS),
                "ScaleOutCooldown": _first(own.out, general.out, SCALE_OUT_SECONDS),
                "TargetValue": int(value) if float(value).is_integer() else value,
            },
        },
    )


def _first(*seconds: int | None) -> int:
    return next(given for given in seconds if given is not None)
