"""A service's log lines: the last ones, those of a time, or as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from copilot import names
from copilot.actions.context import Context
from copilot.actions.requests import ServiceLogs
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import each, together
from copilot.describe.app import env_cloud
from copilot.describe.status import find_service
from copilot.errors import NotFound
from copilot.model.description import LogEvent

DEFAULT_LIMIT = 10
MOST_STREAMS = 100
"""Each task has a stream that stays as long as its lines do; the last lines are in those that were written last."""

FOLLOW_SECONDS = 1.0
LATE_MILLISECONDS = 10_000
"""How late an event may arrive and still be shown when following."""


def service_logs(request: ServiceLogs, context: Context) -> Iterator[LogEvent]:
    """Events oldest first; with `follow` the iterator ends only when it is closed."""
    env, _ = together(
        lambda: context.registry.get_env(request.app, request.env),
        lambda: context.registry.get_service(request.app, request.name),
    )
    cloud = env_cloud(context.cloud, env)
    tasks = _previous_task(request, cloud) if request.previous else request.tasks
    source = _Source(
        cloud=cloud,
        group=names.log_group(request.app, request.env, request.name),
        prefix=f"copilot/{request.container}/" if request.container else "copilot/",
        tasks=tasks,
    )
    start = context.clock.now() - request.since if request.since is not None else request.start_time
    shown = source.read(_milliseconds(start), _milliseconds(request.end_time), request.limit)
    if not shown and not request.follow:  # nothing to say is not the same as not being there
        find_service(cloud, request.app, request.env, request.name)
    yield from shown
    if request.follow:
        yield from _follow(source, shown, _milliseconds(start) or 0, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A service's log group, and whose lines of it: streams are named `copilot/{container}/{task id}`."""

    cloud: Cloud
    group: str
    prefix: str
    tasks: Sequence[str]

    def read(self, start: int | None, end: int | None, limit: int) -> Sequence[LogEvent]:
        """The last events, ten unless told or a time is given."""
        limit = limit or (0 if start or end else DEFAULT_LIMIT)
        if start is not None or not limit:
            return self.events(start, end)[-limit:]
        streams = [stream for stream in self.cloud.logs.streams(self.group, prefix=self.prefix) if self._is_of(stream)]
        tails = each(
            lambda stream: self.cloud.logs.tail(self.group, stream=stream, limit=limit, end=end), streams[:MOST_STREAMS]
        )
        return sorted((event for tail in tails for event in tail), key=lambda event: event.timestamp)[-limit:]

    def events(self, start: int | None, end: int | None = None) -> list[LogEvent]:
        found = self.cloud.logs.events(self.group, prefix=self.prefix, start=start, end=end)
        return [event for event in found if self._is_of(event.stream)]

    def _is_of(self, stream: str) -> bool:
        task = stream.rpartition("/")[2]
        return not self.tasks or any(task.startswith(wanted) for wanted in self.tasks)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _previous_task(request: ServiceLogs, cloud: Cloud) -> tuple[str, ...]:
    cluster, _ = find_service(cloud, request.app, request.env, request.name)
    stack = names.workload_stack(request.app, request.env, request.name)
    found = cloud.services.tasks(cluster, family=stack, stopped=True)
    stopped = {task.stopped_at: task.id for task in found if task.stopped_at}
    if not stopped:
        raise NotFound(
            f"no stopped task of {request.name} found in environment {request.env}: ECS remembers none",
            hints=("leave --previous out to read the logs of running tasks",),
        )
    return (stopped[max(stopped)],)


def _follow(source: _Source, shown: Sequence[LogEvent], start: int, context: Context) -> Iterator[LogEvent]:
    """Polls for events since the last one seen; what was shown, and what is older, is not shown again.

    Only times of CloudWatch count: this machine's clock may be minutes away from them.
    """
    since = shown[-1].timestamp if shown else start
    known = Counter(map(_identity, shown))
    if since:
        known |= Counter(map(_identity, source.events(_before(since), since - 1)))
    while True:
        context.clock.sleep(FOLLOW_SECONDS)
        seen: Counter[tuple[str, int, str]] = Counter()
        for event in source.events(_before(since)):
            seen[_identity(event)] += 1
            if seen[_identity(event)] > known[_identity(event)]:
                since = max(since, event.timestamp)
                yield event
        known = seen or known


def _before(moment: int) -> int:
    """From when on an event may still be new."""
    return max(0, moment - LATE_MILLISECONDS)


def _identity(event: LogEvent) -> tuple[str, int, str]:
    return (event.stream, event.timestamp, event.message)
