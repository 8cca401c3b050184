"""CloudWatch Logs: a service's log lines, read once or followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from copilot.aws.connection import Api
from copilot.errors import AWSError
from copilot.model.description import LogEvent

_MISSING = "ResourceNotFoundException"
_STREAMS_A_CALL = 100


class Logs:
    """Amazon CloudWatch Logs, one account and region."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def tail(self, group: str, *, stream: str, limit: int) -> list[LogEvent]:
        """The last events of one stream, oldest first; none when there is no such stream."""
        try:
            answer = self._api.call(
                "get_log_events", logGroupName=group, logStreamName=stream, limit=limit, startFromHead=False
            )
        except AWSError as error:
            if error.code == _MISSING:
                return []
            raise
        return [_event(each, stream) for each in answer["events"]]

    def streams(self, group: str, *, prefix: str = "") -> list[str]:
        """Names of a group's streams, the one with the latest event first; none when there is no group."""
        chosen = {"logStreamNamePrefix": prefix} if prefix else {"orderBy": "LastEventTime", "descending": True}
        try:
            found = list(self._api.items("describe_log_streams", "logStreams", logGroupName=group, **chosen))
        except AWSError as error:
            if error.code == _MISSING:
                return []
            raise
        found.sort(key=lambda each: each.get("lastEventTimestamp", 0), reverse=True)
        return [each["logStreamName"] for each in found]

    def events(
        self, group: str, *, streams: Sequence[str] = (), start: int | None = None, end: int | None = None
    ) -> list[LogEvent]:
        """Events of some streams (all when none is named) between two times in milliseconds, oldest first."""
        window = {key: value for key, value in (("startTime", start), ("endTime", end)) if value is not None}
        found: list[LogEvent] = []
        for batch in _batches(streams):
            try:
                answers = list(self._api.items("filter_log_events", "events", logGroupName=group, **batch, **window))
            except AWSError as error:
                if error.code == _MISSING:
                    return []
                raise
            found += [_event(each, each["logStreamName"]) for each in answers]
        return sorted(found, key=lambda event: event.timestamp)


def _batches(streams: Sequence[str]) -> list[dict[str, Any]]:
    if not streams:
        return [{}]
    return [
        {"logStreamNames": list(streams[start : start + _STREAMS_A_CALL])}
        for start in range(0, len(streams), _STREAMS_A_CALL)
    ]


def _event(answer: dict[str, Any], stream: str) -> LogEvent:
    return LogEvent(
        stream=stream,
        message=answer["message"],
        timestamp=answer["timestamp"],
        ingestion_time=answer.get("ingestionTime", answer["timestamp"]),
    )
