"""A service's log lines: the last ones, those of a time, or as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    group = names.log_group(request.app, request.env, request.name)
    tasks = _previous_task(request, cloud) if request.previous else request.tasks
    shown = list(_first(request, cloud, group, tasks, context))
    if not shown and not request.follow:  # nothing to say is not the same as not being there
        find_service(cloud, request.app, request.env, request.name)
    yield from shown
    if request.follow:
        yield from _follow(request, cloud, group, tasks, context, shown)


def _first(
    request: ServiceLogs, cloud: Cloud, group: str, tasks: Sequence[str], context: Context
) -> Sequence[LogEvent]:
    start, end = _window(request, context)
    streams = _streams(request, cloud, group, tasks)
    if not streams:
        return ()
    limit = request.limit or (0 if start or end else DEFAULT_LIMIT)
    if not (start or end):
        tails = each(lambda stream: cloud.logs.tail(group, stream=stream, limit=limit), streams)
        events = sorted((event for tail in tails for event in tail), key=lambda event: event.timestamp)
    else:
        events = cloud.logs.events(group, streams=streams, start=start, end=end)
    return events[-limit:] if limit else events


def _window(request: ServiceLogs, context: Context) -> tuple[int | None, int | None]:
    start = request.start_time
    if request.since is not None:
        start = context.clock.now() - request.since
    return _milliseconds(start), _milliseconds(request.end_time)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _streams(request: ServiceLogs, cloud: Cloud, group: str, tasks: Sequence[str]) -> list[str]:
    """Streams are named `copilot/{container}/{task id}`."""
    prefix = f"copilot/{request.container}/" if request.container else ""
    streams = [stream for stream in cloud.logs.streams(group, prefix=prefix) if stream.startswith("copilot/")]
    if tasks:
        return [s for s in streams if any(s.rpartition("/")[2].startswith(task) for task in tasks)]
    return streams


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


def _follow(
    request: ServiceLogs, cloud: Cloud, group: str, tasks: Sequence[str], context: Context, shown: Sequence[LogEvent]
) -> Iterator[LogEvent]:
    """Polls for events since the last one seen; what was shown is not shown again."""
    since = shown[-1].timestamp if shown else int(context.clock.now().timestamp() * 1000)
    known = {_identity(event) for event in shown}
    is_first = True
    while True:
        context.clock.sleep(FOLLOW_SECONDS)
        streams = _streams(request, cloud, group, tasks)
        fresh = cloud.logs.events(group, streams=streams, start=since - LATE_MILLISECONDS) if streams else []
        if is_first:
            known |= {_identity(event) for event in fresh if event.timestamp < since}
            is_first = False
        for event in fresh:
            if _identity(event) not in known:
                known.add(_identity(event))
                since = max(since, event.timestamp)
                yield event
        known = {_identity(event) for event in fresh} or known


def _identity(event: LogEvent) -> tuple[str, int, str]:
    return (event.stream, event.timestamp, event.message)
