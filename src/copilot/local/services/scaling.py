"""Application Auto Scaling: targets and policies as records; a target holds a service's count within its limits."""

from __future__ import annotations

import time
import uuid
from typing import Any

from copilot.local.cloudformation import scope
from copilot.local.cloudformation.resources.handlers import Handlers, Made, Properties, handlers
from copilot.local.services.json_service import JsonService, Request, ServiceError

TARGETS, POLICIES = "targets", "policies"


class Scaling(JsonService):
    """The API and the CloudFormation types of Application Auto Scaling, over the same records.

    Policies are kept and told, never acted on: the local cloud measures no load.
    """

    def __init__(self) -> None:
        super().__init__(TARGETS, POLICIES)
        self.actions = {
            "RegisterScalableTarget": self.register,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "PutScalingPolicy": self._put_policy,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "DescribeScalingActivities": lambda _request: {"ScalingActivities": []},
            "DescribeScheduledActions": lambda _request: {"ScheduledActions": []},
        }

    def types(self) -> dict[str, Handlers]:
        """The CloudFormation types."""
        return {
            "AWS::ApplicationAutoScaling::ScalableTarget": handlers(
                self._create_target, self._remove_target, self._update_target
            ),
            "AWS::ApplicationAutoScaling::ScalingPolicy": handlers(
                self._create_policy, self._remove_policy, self._update_policy
            ),
        }

    def register(self, request: Request) -> dict[str, Any]:
        """Registers a target or changes its limits, and brings the service's count within them."""
        key = _target_key(request)
        known = self.stores[TARGETS].get(key) or {"CreationTime": int(time.time())}
        fields = ("ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity", "RoleARN")
        target = {**known, **{name: request[name] for name in fields if request.get(name) not in (None, "")}}
        target["MinCapacity"], target["MaxCapacity"] = int(target["MinCapacity"]), int(target["MaxCapacity"])
        target["ScalableTargetARN"] = _arn(f"scalable-target/{uuid.uuid4().hex[:20]}")
        self.stores[TARGETS][key] = target
        _hold_within_limits(target)
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def _deregister(self, request: Request) -> dict[str, Any]:
        if self.stores[TARGETS].pop(_target_key(request), None) is None:
            raise ServiceError("ObjectNotFoundException", f"No scalable target {request.get('ResourceId')}")
        return {}

    def _describe_targets(self, request: Request) -> dict[str, Any]:
        wanted = request.get("ResourceIds") or ()
        found = [
            target
            for target in self.stores[TARGETS].values()
            if target["ServiceNamespace"] == request.get("ServiceNamespace")
            and (not wanted or target["ResourceId"] in wanted)
        ]
        return {"ScalableTargets": found}

    def _put_policy(self, request: Request) -> dict[str, Any]:
        if _target_key(request) not in self.stores[TARGETS]:
            raise ServiceError("ObjectNotFoundException", f"No scalable target {request.get('ResourceId')}")
        key = f"{_target_key(request)}|{request['PolicyName']}"
        known = self.stores[POLICIES].get(key)
        name = f"{request['ServiceNamespace']}/{request['ResourceId']}:policyName/{request['PolicyName']}"
        arn = known["PolicyARN"] if known else _arn(f"scalingPolicy:{uuid.uuid4()}:resource/{name}")
        self.stores[POLICIES][key] = {"CreationTime": int(time.time()), **(known or {}), **request, "PolicyARN": arn}
        return {"PolicyARN": arn, "Alarms": []}

    def _delete_policy(self, request: Request) -> dict[str, Any]:
        if self.stores[POLICIES].pop(f"{_target_key(request)}|{request['PolicyName']}", None) is None:
            raise ServiceError("ObjectNotFoundException", f"No scaling policy {request['PolicyName']}")
        return {}

    def _describe_policies(self, request: Request) -> dict[str, Any]:
        names, resource = request.get("PolicyNames") or (), request.get("ResourceId")
        found = [
            {**policy, "Alarms": []}
            for policy in self.stores[POLICIES].values()
            if policy["ServiceNamespace"] == request.get("ServiceNamespace")
            and (not names or policy["PolicyName"] in names)
            and (not resource or policy["ResourceId"] == resource)
        ]
        return {"ScalingPolicies": found}

    def _create_target(self, _logical_id: str, properties: Properties, _stack: str) -> Made:
        self.register(properties)
        key = _target_key(properties)
        return key, {"Id": key}

    def _update_target(self, physical_id: str, _old: Properties, new: Properties, stack_name: str) -> Made:
        return self._create_target(physical_id, new, stack_name)

    def _remove_target(self, physical_id: str, _properties: Properties) -> None:
        self.stores[TARGETS].pop(physical_id, None)

    def _create_policy(self, _logical_id: str, properties: Properties, _stack: str) -> Made:
        arn = self._put_policy(_with_target(properties))["PolicyARN"]
        return arn, {"Arn": arn, "PolicyName": properties["PolicyName"]}

    def _update_policy(self, physical_id: str, _old: Properties, new: Properties, stack_name: str) -> Made:
        return self._create_policy(physical_id, new, stack_name)

    def _remove_policy(self, physical_id: str, _properties: Properties) -> None:
        for key, policy in list(self.stores[POLICIES].items()):
            if policy["PolicyARN"] == physical_id:
                del self.stores[POLICIES][key]


def _target_key(request: Request) -> str:
    """The id that CloudFormation gives a target: resource, dimension and namespace."""
    return "|".join(str(request[name]) for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))


def _with_target(properties: Properties) -> Properties:
    """A policy's properties with the target named in full, however the template names it."""
    values = dict(properties)
    target = values.pop("ScalingTargetId", "")
    if target:
        names = ("ResourceId", "ScalableDimension", "ServiceNamespace")
        values.update(zip(names, str(target).split("|"), strict=True))
    return values


def _hold_within_limits(target: dict[str, Any]) -> None:
    """Raises or lowers the desired count of an ECS service to the target's limits, as AWS does on registration."""
    from ministack.services import ecs

    if target["ScalableDimension"] != "ecs:service:DesiredCount":
        return
    _, cluster, service = str(target["ResourceId"]).split("/", 2)
    record = ecs._services.get(f"{cluster}/{service}")
    if record is None:
        return
    wanted = max(target["MinCapacity"], min(target["MaxCapacity"], int(record["desiredCount"])))
    if wanted != record["desiredCount"]:
        ecs._update_service({"cluster": cluster, "service": service, "desiredCount": wanted})


def _arn(resource: str) -> str:
    service = "autoscaling" if resource.startswith("scalingPolicy") else "application-autoscaling"
    return f"arn:aws:{service}:{scope.region()}:{scope.account()}:{resource}"
