"""Starts the containers of a task in the order of their dependencies, each once what it waits for has happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from copilot.local.engines import ordering
from copilot.local.engines.health import HEALTHY

POLL_SECONDS = 0.1
ESSENTIAL_EXITED = "EssentialContainerExited"
START_FAILED = "TaskFailedToStart"
Task = dict[str, Any]


class Startup:
    """The start of tasks. `stop(task, reason, code, exit_code)` ends one; `is_open` is false once the cloud closes."""

    def __init__(
        self,
        ecs: Any,
        containers_of: Callable[[Task], list[Any]],
        stop: Callable[[Task, str, str, int | None], None],
        is_open: Callable[[], bool],
    ) -> None:
        self._ecs = ecs
        self._containers_of = containers_of
        self._stop = stop
        self._is_open = is_open

    def ordered(self, task: Task, task_definition: Mapping[str, Any]) -> dict[str, Any]:
        """The task definition with its containers in the order of their start; the task's record gets the same one.

        The emulator starts them one after the other, and finds a container's record by its place.
        """
        definitions = task_definition.get("containerDefinitions") or ()
        order = ordering.in_order(definitions)
        for name in ("containers", "_container_essentials"):
            if len(task.get(name) or ()) == len(order):
                task[name] = [task[name][index] for index in order]
        return {**task_definition, "containerDefinitions": [definitions[index] for index in order]}

    def wait(self, task: Task, definition: Mapping[str, Any], task_definition: Mapping[str, Any]) -> None:
        """Returns when the container may start, or when its task was stopped because it never may."""
        waiting = ordering.dependencies(definition)
        limits = {each["name"]: ordering.start_seconds(each) for each in task_definition["containerDefinitions"]}
        started = time.monotonic()
        while waiting and self._is_open() and self._ecs._task_is_active(task["taskArn"], task):
            containers = {container.spec.name: container for container in self._containers_of(task)}
            if self._has_ended(task, containers):
                return
            waiting = {name: wanted for name, wanted in waiting.items() if not is_met(wanted, containers.get(name))}
            for name, condition in waiting.items():
                is_late = time.monotonic() - started > limits[name]
                if why := hopeless(condition, containers.get(name), is_late=is_late):
                    self._stop(
                        task, f"the container {definition['name']} was not started: {name} {why}", START_FAILED, None
                    )
                    return
            if waiting:
                time.sleep(POLL_SECONDS)

    def _has_ended(self, task: Task, containers: Mapping[str, Any]) -> bool:
        """Stops a task whose essential container has ended before the last one was started."""
        records = zip(task.get("containers") or (), task.get("_container_essentials") or (), strict=False)
        essential = (containers.get(record["name"]) for record, is_essential in records if is_essential)
        ended = next((each for each in essential if each is not None and each.status == "exited"), None)
        if ended is not None:
            self._stop(task, "", ESSENTIAL_EXITED, ended.exit_code)
        return ended is not None


def is_met(condition: str, container: Any) -> bool:
    """Whether a started container meets a condition."""
    if container is None:
        return False
    has_ended: bool = container.status == "exited"
    match condition:
        case ordering.HEALTHY:
            return not has_ended and bool(container.health.status == HEALTHY)
        case ordering.COMPLETE:
            return has_ended
        case ordering.SUCCESS:
            return has_ended and bool(container.exit_code == 0)
    return True


def hopeless(condition: str, container: Any, *, is_late: bool) -> str:
    """Why a condition that is not met will not be any more; empty while it still may."""
    if container is not None and container.status == "exited":
        if condition == ordering.HEALTHY:
            return "ended before it was healthy"
        if condition == ordering.SUCCESS:
            return f"ended with exit code {container.exit_code}"
    return f"was not {condition} in time (startTimeout)" if is_late else ""
