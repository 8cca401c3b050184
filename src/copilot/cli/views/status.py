"""How a deployed service is doing."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from copilot.cli.views.documents import document, listed, moment
from copilot.model.description import AlarmStatus, ServiceStatus, TaskStatus
from copilot.term.console import Ink, Stream
from copilot.term.tables import columns, sections, table

BAR_WIDTH = 10
SHORT_ID = 8
SAMPLES = 3
COLUMN_WIDTH = 12
"""The original's columns are a little wider here than elsewhere."""

REASON_WIDTH = 60
"""Reasons that quote a health check are longer than a terminal is wide."""

NO_HEALTH = ("", "UNKNOWN")


def as_text(found: ServiceStatus, stream: Stream, now: datetime) -> str:
    parts = [_summary(found, stream)]
    if found.stopped_tasks:
        headings = ("Reason", "Task Count", "Sample IDs")
        parts.append(table(stream, "Stopped Tasks", headings, _stopped(found), narrowest=COLUMN_WIDTH))
    parts.append(_tasks(found, stream, now))
    if found.alarms:
        names = ("Name", "Type", "Condition", "Last Updated", "Health")
        alarms = [_alarm(alarm, now) for alarm in found.alarms]
        parts.append(table(stream, "Alarms", names, alarms, narrowest=COLUMN_WIDTH))
    return sections(parts)


def _tasks(found: ServiceStatus, stream: Stream, now: datetime) -> str:
    """The tasks; a column that no task has anything for is left out."""
    headings = ["ID", "Status", "Revision", "Started At"]
    optional = {
        "Capacity": any(task.capacity_provider for task in found.tasks),
        "Cont. Health": any(task.health not in NO_HEALTH for task in found.tasks),
        "HTTP Health": bool(found.target_health),
    }
    shown = [*headings, *(heading for heading, is_filled in optional.items() if is_filled)]
    rows = [_task(found, task, now) for task in found.tasks]
    return table(stream, "Tasks", shown, [[row[heading] for heading in shown] for row in rows], narrowest=COLUMN_WIDTH)


def _summary(found: ServiceStatus, stream: Stream) -> str:
    desired = found.desired_count
    rows = [
        ("Running", _bar(found.running_count, desired), f"{found.running_count}/{desired} desired tasks are running")
    ]
    if found.target_health:
        healthy = sum(target.state == "healthy" for target in found.target_health)
        total = len(found.target_health)
        rows.append(("Health", _bar(healthy, total), f"{healthy}/{total} pass the HTTP health check"))
    elif any(task.health not in NO_HEALTH for task in found.tasks):
        healthy = sum(task.health == "HEALTHY" for task in found.tasks)
        rows.append(("Health", _bar(healthy, desired), f"{healthy}/{desired} pass the container health check"))
    providers = {task.capacity_provider for task in found.tasks if task.capacity_provider}
    for provider in sorted(providers):
        count = sum(task.capacity_provider == provider for task in found.tasks)
        rows.append(("Capacity Provider", _bar(count, len(found.tasks)), f"{count}/{len(found.tasks)} on {provider}"))
    return "\n".join((stream.paint("Task Summary", Ink.HEADING), "", *columns(rows, narrowest=COLUMN_WIDTH))) + "\n"


def _bar(part: int, whole: int) -> str:
    filled = BAR_WIDTH * min(part, whole) // whole if whole else 0
    return "█" * filled + "░" * (BAR_WIDTH - filled)


def _stopped(found: ServiceStatus) -> list[tuple[str, str, str]]:
    by_reason: dict[str, list[str]] = {}
    for task in found.stopped_tasks:
        by_reason.setdefault(task.stopped_reason, []).append(task.id[:SHORT_ID])
    rows = []
    for reason, ids in by_reason.items():
        first, *rest = textwrap.wrap(reason, REASON_WIDTH) or [""]
        rows += [(first, str(len(ids)), ",".join(ids[:SAMPLES])), *((line, "", "") for line in rest)]
    return rows


def _task(found: ServiceStatus, task: TaskStatus, now: datetime) -> dict[str, str]:
    states = [target.state.upper() for target in found.target_health if target.task_id == task.id]
    return {
        "ID": task.id[:SHORT_ID],
        "Status": task.last_status,
        "Revision": task.task_definition_arn.rpartition(":")[2] or "-",
        "Started At": ago(task.started_at, now),
        "Capacity": task.capacity_provider or "-",
        "Cont. Health": task.health or "-",
        "HTTP Health": ",".join(states) or "-",
    }


def _alarm(alarm: AlarmStatus, now: datetime) -> tuple[str, ...]:
    return (alarm.name, alarm.type, alarm.condition, ago(alarm.updated_at, now), alarm.status)


def ago(then: datetime | None, now: datetime) -> str:
    """How long ago something was, in its largest unit."""
    if then is None:
        return "-"
    seconds = max(int((now - then).total_seconds()), 0)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count = seconds // size
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "now"


def as_json(found: ServiceStatus) -> str:
    return document(
        {
            "Service": {
                "desiredCount": found.desired_count,
                "runningCount": found.running_count,
                "status": found.status,
                "deployments": [
                    {
                        "id": one.id,
                        "desiredCount": one.desired_count,
                        "runningCount": one.running_count,
                        "updatedAt": moment(one.updated_at),
                        "launchType": one.launch_type,
                        "taskDefinition": one.task_definition,
                        "status": one.status,
                    }
                    for one in found.deployments
                ],
                "lastDeploymentAt": moment(found.last_deployment_at),
                "taskDefinition": found.task_definition,
            },
            "tasks": _task_documents(found.tasks),
            "alarms": [
                {
                    "arn": one.arn,
                    "name": one.name,
                    "condition": one.condition,
                    "status": one.status,
                    "type": one.type,
                    "updatedTimes": moment(one.updated_at),
                }
                for one in found.alarms
            ],
            "stoppedTasks": _task_documents(found.stopped_tasks),
            "targetHealthDescriptions": _targets(found),
        }
    )


def _task_documents(tasks: Sequence[TaskStatus]) -> list[dict[str, Any]] | None:
    return listed(
        {
            "health": task.health,
            "id": task.id,
            "images": [{"ID": one.id, "Digest": one.digest.removeprefix("sha256:")} for one in task.images],
            "lastStatus": task.last_status,
            "startedAt": moment(task.started_at),
            "stoppedAt": moment(task.stopped_at),
            "stoppedReason": task.stopped_reason,
            "capacityProvider": task.capacity_provider,
            "taskDefinitionARN": task.task_definition_arn,
        }
        for task in tasks
    )


def _targets(found: ServiceStatus) -> list[dict[str, Any]] | None:
    return listed(
        {
            "healthStatus": {
                "targetID": one.target_id,
                "description": one.description,
                "state": one.state,
                "reason": one.reason,
            },
            "taskID": one.task_id,
            "targetGroup": one.target_group,
        }
        for one in found.target_health
    )
