"""Waiting for an ECS service as CloudFormation does: until its deployment is steady, or says why it cannot be."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from copilot.local.cloudformation.resources.handlers import ResourceFailed, query, value

_POLL_SECONDS = 0.1
_LEAST_GRACE_SECONDS = 30
# The rollback of a new stack deletes the log of the tasks that failed. On AWS that takes minutes: whoever watches the
# tasks has read it by then.
_LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """The primary deployment of a service, watched from a worker thread."""

    cluster: str
    service: str
    stack_name: str

    @classmethod
    def of(cls, arn: str, stack_name: str) -> Rollout:
        """The deployment of the service with that ARN; `stack_name` is the stack that waits."""
        _, cluster, service = arn.rpartition(":")[2].split("/", 2)
        return cls(cluster=cluster, service=service, stack_name=stack_name)

    def begin(self, facts: Mapping[str, Any]) -> None:
        """Makes an empty service's deployment one that is under way, so that failing tasks count against it."""
        self.describe(facts)
        for deployment in self._record()["deployments"]:
            deployment.update(rolloutState="IN_PROGRESS", rolloutStateReason="", _image_resolution_disabled=False)

    def describe(self, facts: Mapping[str, Any]) -> None:
        """Puts facts that the emulator does not keep on the service and its primary deployment."""
        record = self._record()
        for target in (record, *(item for item in record["deployments"] if item["status"] == "PRIMARY")):
            target.update({name: fact for name, fact in facts.items() if fact is not None})

    def wait(self) -> None:
        """Returns when the deployment is steady and its targets are healthy; ResourceFailed when it failed, when the
        targets stay unhealthy beyond the grace period, or when the stack operation was cancelled."""
        mine = self._primary()["id"]
        running_since = 0.0
        while True:
            self._refuse_when_cancelled()
            deployment = next((item for item in self._record()["deployments"] if item["id"] == mine), None)
            if deployment is None or deployment["rolloutState"] == "FAILED":
                time.sleep(_LOOK_SECONDS)
                raise ResourceFailed(self._failure(mine))
            if self._steady(deployment):
                unhealthy = list(self._unhealthy_targets())
                if not unhealthy:
                    return
                running_since = running_since or time.monotonic()
                if time.monotonic() - running_since > self._grace():
                    raise ResourceFailed(f"(service {self.service}) is unhealthy: {'; '.join(unhealthy)}")
            time.sleep(_POLL_SECONDS)

    def _record(self) -> dict[str, Any]:
        from ministack.services import ecs

        record: dict[str, Any] | None = ecs._services.get(f"{self.cluster}/{self.service}")
        if record is None or record["status"] != "ACTIVE":
            raise ResourceFailed(f"the service {self.service} was deleted")
        return record

    def _primary(self) -> dict[str, Any]:
        primary: dict[str, Any] = next(item for item in self._record()["deployments"] if item["status"] == "PRIMARY")
        return primary

    def _steady(self, deployment: Mapping[str, Any]) -> bool:
        wanted = int(self._record()["desiredCount"])
        return deployment["rolloutState"] == "COMPLETED" and int(deployment["runningCount"]) >= wanted

    def _grace(self) -> float:
        return max(float(self._record().get("healthCheckGracePeriodSeconds") or 0), _LEAST_GRACE_SECONDS)

    def _refuse_when_cancelled(self) -> None:
        from ministack.services.cloudformation import _stacks

        stack = _stacks.get(self.stack_name) or {}
        # A cancellation is heard once: the rollback that follows waits for the service too.
        if stack.pop("_cancel_requested", False) or stack.get("_delete_requested"):
            raise ResourceFailed("Resource operation cancelled")

    def _unhealthy_targets(self) -> Iterator[str]:
        """What the load balancer says about every target of the service that is not healthy."""
        from ministack.services import alb

        if not int(self._record()["desiredCount"]):
            return
        for balancer in self._record().get("loadBalancers") or ():
            group = balancer.get("targetGroupArn")
            if not group:
                continue
            for node in query(alb._ACTION_MAP["DescribeTargetHealth"], {"TargetGroupArn": group}).iter():
                if node.tag.endswith("}TargetHealth") and value(node, "State") != "healthy":
                    yield value(node, "Description") or value(node, "Reason") or value(node, "State")

    def _failure(self, deployment_id: str) -> str:
        from ministack.services import ecs

        reasons = [
            _stopped(task)
            for task in ecs._tasks.values()
            if task.get("_deployment_id") == deployment_id and task.get("lastStatus") == "STOPPED"
        ]
        told = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."
        return " ".join((told, *reasons[-1:]))


def _stopped(task: Mapping[str, Any]) -> str:
    codes = [
        f"{container['name']}: exit code {container['exitCode']}"
        for container in task.get("containers") or ()
        if container.get("exitCode") is not None
    ]
    ended = f" ({', '.join(codes)})" if codes else ""
    return f"Task {str(task['taskArn']).rpartition('/')[2]} stopped: {task.get('stoppedReason', '')}{ended}"
