"""When a service's new task counts as good: its container is healthy, and so is its target in every target group.

The emulator calls a deployment complete once its tasks have run for a second, and then stops the old ones. ECS keeps
those until the new ones are healthy, and so does this.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from copilot.local.engines.health import HEALTHY
from copilot.local.engines.records import service_of
from copilot.local.engines.targets import groups_of

STARTUP_SECONDS = 1.0
FIRST_POLL_SECONDS = 0.05
POLL_SECONDS = 0.2
DEFAULT_GRACE_SECONDS = 60.0
DEFAULT_PATIENCE_SECONDS = 45.0
LEAST_PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 1.0
GOOD_STATES = frozenset({"healthy", "unused"})
BAD_STATES = frozenset({"unhealthy"})

Fail = Callable[[dict[str, Any], str], None]


class Readiness:
    """Watches each new task of a service until it is good or has failed; `fail` stops a task for a reason."""

    def __init__(self, ecs: Any, schedule: Callable[..., None], fail: Fail, is_checked: Callable[[Any], bool]) -> None:
        self._ecs = ecs
        self._schedule = schedule
        self._fail = fail
        self._is_checked = is_checked
        self._good_since: dict[str, float] = {}
        self._next_look: dict[str, float] = {}

    def watch(
        self, cluster_name: str, service_key: str, account: str, region: str, healthy_task: dict[str, Any] | None = None
    ) -> None:
        """What the emulator calls when a task runs, or (without one) when it goes back to an earlier deployment."""
        from ministack.core.concurrency import spawn_background
        from ministack.core.responses import request_scope

        if healthy_task is None:
            self._schedule(cluster_name, service_key, account, region)
            return
        task = healthy_task

        def follow() -> None:
            with request_scope(account, region):
                self._follow(cluster_name, service_key, task)

        spawn_background(follow, thread_name=f"copilot-ready-{task['taskArn'].rpartition('/')[2][:8]}")

    def _follow(self, cluster_name: str, service_key: str, task: dict[str, Any]) -> None:
        started = time.monotonic()
        self._watch_start(cluster_name, service_key, task)
        # The emulator starts one task of a deployment first; from here on the others may follow.
        self._ecs._reconcile_service_tasks(cluster_name, service_key)
        while self._ecs._task_is_active(task["taskArn"], task) and task.get("lastStatus") == "RUNNING":
            service = self._ecs._services.get(service_key) or {}
            why = self.not_ready(service, task)
            if not why:
                self._complete(cluster_name, service_key, task)
                return
            if time.monotonic() - started > patience(float(service.get("healthCheckGracePeriodSeconds") or 0)):
                self._give_up(service, task, why)
                return
            time.sleep(POLL_SECONDS)

    def _watch_start(self, cluster_name: str, service_key: str, task: dict[str, Any]) -> None:
        """Waits until a task that is checked is good, or any has lived for a moment: many that fail do so at once."""
        service = self._ecs._services.get(service_key) or {}
        is_checked = bool(service.get("loadBalancers")) or self._is_checked(task)
        end = time.monotonic() + STARTUP_SECONDS
        while time.monotonic() < end and not (is_checked and not self.not_ready(service, task)):
            time.sleep(FIRST_POLL_SECONDS)

    def not_ready(self, service: Mapping[str, Any], task: Mapping[str, Any]) -> str:
        """Why a running task is not good yet; empty when it is."""
        if self._is_checked(task) and task.get("healthStatus") != HEALTHY:
            return "Task failed container health checks"
        return self._failed_targets(service, task, lambda state: state not in GOOD_STATES)

    def _failed_targets(
        self, service: Mapping[str, Any], task: Mapping[str, Any], is_failed: Callable[[str], bool]
    ) -> str:
        address = self._ecs._task_ip(task)
        for group in groups_of(task, service):
            state, description = target_state(group, address)
            if is_failed(state):
                return f"Task failed ELB health checks in (target-group {group}){': ' * bool(description)}{description}"
        return ""

    def replace_unhealthy(self, task: dict[str, Any]) -> None:
        """Stops a task that was good when a target group calls it unhealthy; asked often, it looks now and then.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html
        """
        arn, now = task["taskArn"], time.monotonic()
        if task.get("lastStatus") != "RUNNING":
            self._good_since.pop(arn, None)
            self._next_look.pop(arn, None)
        elif task.get("_startup_stable") and self._next_look.get(arn, 0.0) <= now:
            self._next_look[arn] = now + LOOK_SECONDS
            cluster = self._ecs._cluster_name_from_arn(task.get("clusterArn", ""))
            service = self._ecs._services.get(f"{cluster}/{service_of(task.get('group', ''))}") or {}
            grace = float(service.get("healthCheckGracePeriodSeconds") or 0)
            if now - self._good_since.setdefault(arn, now) >= grace:
                why = self._failed_targets(service, task, BAD_STATES.__contains__)
                if why:
                    self._fail(task, why)

    def _complete(self, cluster_name: str, service_key: str, task: dict[str, Any]) -> None:
        ecs = self._ecs
        ecs._record_service_task_healthy(service_key, task)
        ecs._refresh_service_state(cluster_name, f"service:{service_key.partition('/')[2]}")
        ecs._reconcile_service_tasks(cluster_name, service_key)
        ecs._complete_service_deployment(cluster_name, service_key, expected_deployment_id=task.get("_deployment_id"))

    def _give_up(self, service: Mapping[str, Any], task: dict[str, Any], why: str) -> None:
        """Stops the task. A deployment of which no task was ever good has failed: two more tries would say the same."""
        deployment = self._ecs._deployment_for_task(service, task)
        others = [
            each for each in self._ecs._tasks.values() if each.get("_deployment_id") == task.get("_deployment_id")
        ]
        if deployment and not any(each.get("_startup_stable") for each in others):
            deployment["failedTasks"] = self._ecs._circuit_breaker_threshold(service) - 1
        self._fail(task, why)


def patience(grace: float) -> float:
    """How long a new task may stay unhealthy; with the default grace period a failure is told within a minute."""
    return grace if grace > DEFAULT_GRACE_SECONDS else min(max(grace, LEAST_PATIENCE_SECONDS), DEFAULT_PATIENCE_SECONDS)


def target_state(group: str, address: str) -> tuple[str, str]:
    """The state of a task's target in a target group, and what the load balancer says about it."""
    from ministack.services import alb

    parameters = {"TargetGroupArn": group}
    answer = alb._ACTION_MAP["DescribeTargetHealth"](parameters)
    text = answer[2].decode() if isinstance(answer[2], bytes) else str(answer[2])
    for member in re.findall(r"<member>(.*?)</member>", text, re.DOTALL):
        if f"<Id>{address}</Id>" in member:
            return _tag(member, "State"), _tag(member, "Description") or _tag(member, "Reason")
    return "initial", "it is not registered yet"


def _tag(text: str, name: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return found[1] if found else ""
