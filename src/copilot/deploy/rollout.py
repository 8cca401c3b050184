"""Watches a service's tasks while its stack is in progress, so that a task that dies is told with its reason at once.

When CloudFormation gives up, the tasks and often their logs are gone: what they said must be read while they are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from copilot.aws.cloud import Cloud
from copilot.aws.ecs import Task, TaskContainer
from copilot.aws.stack_records import StackEvent
from copilot.clock import Clock
from copilot.errors import AWSError, StackFailed
from copilot.model.events import Event, State

SERVICE_TYPE = "AWS::ECS::Service"
SHOWN_TASKS = 2
SHOWN_LOG_LINES = 10
LOG_PREFIX = "    | "
STEADY_SECONDS = 20 * 60
FIRST_POLL_SECONDS = 0.5
LONGEST_POLL_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stopped:
    """A stopped task, why it stopped, and what of that are its log's last lines."""

    task: Task
    story: str
    lines: tuple[str, ...]


@dataclass(kw_only=True)
class RolloutWatch:
    """Looks for stopped tasks of the workload whose stack this is; what keeps it from looking stops no deployment."""

    cloud: Cloud
    cluster: str
    stack: str
    since: datetime | None = None
    is_watching: bool = False
    seen: set[str] = field(default_factory=set)
    told: list[_Stopped] = field(default_factory=list)
    trouble: str = ""

    @property
    def stories(self) -> list[str]:
        return [each.story for each in self.told]

    def look(self, events: Iterable[StackEvent]) -> Iterator[Event]:
        """Tells each newly stopped task beneath the service's node; looks only while the service is in progress."""
        finished = False
        for event in events:
            if event.type == SERVICE_TYPE:
                self.is_watching = event.status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
                self.since = self.since or event.time.replace(microsecond=0)  # a task's times may be whole seconds
                finished = not self.is_watching
        yield from self._late_lines()
        if not self.cluster or not (self.is_watching or finished):
            return
        for task in self._newly_stopped():
            if len(self.told) >= SHOWN_TASKS:
                return
            stopped = self._stopped(task)
            if stopped.story in self.stories:
                continue
            self.told.append(stopped)
            yield self._event(task, stopped.story.splitlines())

    def _late_lines(self) -> Iterator[Event]:
        """Log lines that had not reached CloudWatch when their task was told: they may come a moment after its end."""
        for position, earlier in enumerate(self.told):
            if earlier.lines:
                continue
            now = self._stopped(earlier.task)
            if now.lines:
                self.told[position] = now
                yield self._event(now.task, now.lines)

    def _event(self, task: Task, lines: Iterable[str]) -> Event:
        return Event(
            path=(self.stack, "Service"),
            state=State.RUNNING,
            status=f"task {task.id[:8]} stopped",
            lines=tuple(lines),
        )

    def findings(self) -> str:
        if not self.stories:
            return self.trouble
        return "\n".join([*self.stories, *self._advice()])

    def _newly_stopped(self) -> list[Task]:
        try:
            stopped = self.cloud.services.tasks(self.cluster, family=self.stack, stopped=True)
        except AWSError as error:
            self.trouble = f"(its tasks can't be looked at: {error.message})"
            return []
        fresh = [task for task in stopped if task.arn not in self.seen and self._is_of_this_deployment(task)]
        self.seen.update(task.arn for task in stopped)
        return fresh

    def _is_of_this_deployment(self, task: Task) -> bool:
        """It stopped since the service began to change, and not because somebody asked for it."""
        if task.stopped_at is None or self.since is None or task.stopped_at < self.since:
            return False
        reason = task.stopped_reason.lower()
        return "health" in reason or not ("scaling activity" in reason or task.stop_code == "UserInitiated")

    def _stopped(self, task: Task) -> _Stopped:
        head = [f"a task stopped: {task.stopped_reason or 'no reason is given'}"]
        lines: list[str] = []
        for container in task.containers:
            said = [f"{LOG_PREFIX}{message}" for message in self._last_lines(container, task)]
            if container.exit_code is not None or container.reason:
                head.append(f"  {_ending(container)}")
            head += said
            lines += said
        return _Stopped(task=task, story="\n".join(head), lines=tuple(lines))

    def _last_lines(self, container: TaskContainer, task: Task) -> list[str]:
        stream = f"copilot/{container.name}/{task.id}"
        try:
            events = self.cloud.logs.tail(f"/copilot/{self.stack}", stream=stream, limit=SHOWN_LOG_LINES)
        except AWSError as error:
            return [f"(its logs can't be read: {error.message})"]
        return [event.message for event in events]

    def _advice(self) -> list[str]:
        said = [line for story in self.stories for line in story.splitlines()]
        text = "\n".join(line for line in said if not line.startswith(LOG_PREFIX)).lower()
        return [advice for signs, advice in _ADVICE if any(sign in text for sign in signs)] or [_READ_LOGS]


_READ_LOGS = "Read the last lines above: the container ended by itself."
_ADVICE = (
    (
        ("health check", "unhealthy"),
        "Try: does the container listen on image.port, and does http.healthcheck.path answer 200?",
    ),
    (("cannotpull", "pull"), "Try: is image.location right, and may the execution role pull it?"),
    (("outofmemory", "out of memory", "exit code 137"), "Try: give the task more memory (memory: in the manifest)."),
    (
        ("resourceinitialization", "secret"),
        "Try: do the secrets exist, with the tags of this application and environment?",
    ),
    (
        ("no such file", "no such program", "not found", "exit code 127"),
        "Try: is the command in the image? See entrypoint and command in the manifest.",
    ),
)


def _ending(container: TaskContainer) -> str:
    parts = [f"container {container.name}"]
    if container.exit_code is not None:
        parts.append(f"exit code {container.exit_code}")
    if container.reason:
        parts.append(container.reason)
    return ": ".join([parts[0], ", ".join(parts[1:])])


def force_rollout(cloud: Cloud, *, cluster: str, stack: str, clock: Clock, wait: bool) -> None:
    """Restarts a service's tasks with what is deployed, and waits until the new ones run."""
    service = cloud.services.of_stack(cluster, stack)
    if service is None:
        raise StackFailed(f"{stack} can't be restarted: it has no ECS service")
    begun = cloud.services.force_deployment(cluster, service.arn)
    deadline = clock.monotonic() + STEADY_SECONDS
    pause = FIRST_POLL_SECONDS
    is_known = False
    while wait:
        if clock.monotonic() > deadline:
            raise StackFailed(
                f"{stack} was not restarted: {STEADY_SECONDS // 60} minutes have passed without its new tasks running",
                hints=("look at its tasks: `copilot svc status`",),
            )
        deployments = cloud.services.get(cluster, service.arn).deployments
        ours = next((each for each in deployments if each.id == begun), None)
        if ours is not None and ours.rollout_state == "COMPLETED":
            return
        if ours.rollout_state == "FAILED" if ours else is_known:
            reason = ours.rollout_reason if ours else ""
            raise StackFailed(f"{stack} was not restarted: {reason or 'its new tasks did not stay up'}")
        is_known = ours is not None
        clock.sleep(pause)
        pause = min(pause * 1.4, LONGEST_POLL_SECONDS)
