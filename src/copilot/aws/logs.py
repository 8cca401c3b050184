"""CloudWatch Logs: a service's log lines, read once or followed."""

from __future__ import annotations

from typing import Any

from copilot.aws.connection import Api
from copilot.errors import AWSError
from copilot.model.description import LogEvent

_MISSING = "ResourceNotFoundException"
_MOST_PAGES = 20
"""A page of a stream may be empty though there are events before it."""


class Logs:
    """Amazon CloudWatch Logs, one account and region."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def tail(self, group: str, *, stream: str, limit: int, end: int | None = None) -> list[LogEvent]:
        """The last events of one stream, before a time in milliseconds, oldest first; none without such a stream.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
        """
        asked: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": False}
        if end is not None:
            asked["endTime"] = end
        found: list[LogEvent] = []
        try:
            for _ in range(_MOST_PAGES):
                answer = self._api.call("get_log_events", limit=limit - len(found), **asked)
                found = [*(_event(each, stream) for each in answer["events"]), *found]
                token = answer.get("nextBackwardToken")
                if len(found) >= limit or token == asked.get("nextToken"):
                    break
                asked["nextToken"] = token
        except AWSError as error:
            if error.code != _MISSING:
                raise
        return found

    def streams(self, group: str, *, prefix: str = "") -> list[str]:
        """Names of a group's streams, the one with the latest event first; none when there is no group."""
        chosen = {"logStreamNamePrefix": prefix} if prefix else {"orderBy": "LastEventTime", "descending": True}
        try:
            found = list(self._api.items("describe_log_streams", "logStreams", logGroupName=group, **chosen))
        except AWSError as error:
            if error.code == _MISSING:
                return []
            raise
        # CloudWatch notes the time of the last event late: a stream that was just made has none yet.
        found.sort(key=lambda each: each.get("lastEventTimestamp") or each.get("creationTime", 0), reverse=True)
        return [each["logStreamName"] for each in found]

    def events(
        self, group: str, *, prefix: str = "", start: int | None = None, end: int | None = None
    ) -> list[LogEvent]:
        """Events of the streams of a prefix between two times in milliseconds, oldest first."""
        given = (("logStreamNamePrefix", prefix or None), ("startTime", start), ("endTime", end))
        chosen = {key: value for key, value in given if value is not None}
        try:
            answers = list(self._api.items("filter_log_events", "events", logGroupName=group, **chosen))
        except AWSError as error:
            if error.code == _MISSING:
                return []
            raise
        found = [_event(each, each["logStreamName"]) for each in answers if each["logStreamName"].startswith(prefix)]
        return sorted(found, key=lambda event: event.timestamp)


def _event(answer: dict[str, Any], stream: str) -> LogEvent:
    return LogEvent(
        stream=stream,
        message=answer["message"],
        timestamp=answer["timestamp"],
        ingestion_time=answer.get("ingestionTime", answer["timestamp"]),
    )
