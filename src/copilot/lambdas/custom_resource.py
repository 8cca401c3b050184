"""What every custom resource does: its work within the time it has, and then an answer, whatever happens.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

ANSWER_SECONDS = 30.0
"""Kept back from the function's time, so that CloudFormation hears of a failure instead of waiting an hour."""
ANSWER_SHARE = 0.1
PUT_ATTEMPTS = 4
REASON_MAX = 1000
"""An answer may have 4096 bytes."""


class OutOfTime(Exception):
    """The function's time is nearly over."""


class Request:
    """What CloudFormation asks for, and what it will be answered: `physical_id` and `data`."""

    def __init__(self, event: dict[str, Any], context: Any, physical_id: str) -> None:
        self.event = event
        self.type: str = event["RequestType"]
        self.properties: dict[str, Any] = event.get("ResourceProperties") or {}
        self.old_properties: dict[str, Any] = event.get("OldResourceProperties") or {}
        self.physical_id = physical_id
        self.data: dict[str, Any] = {}
        left = context.get_remaining_time_in_millis() / 1000
        self._end = time.monotonic() + left - min(ANSWER_SECONDS, left * ANSWER_SHARE)

    def polls(self, what: str, first: float = 0.25, longest: float = 15.0) -> Iterator[int]:
        """Counts attempts with a pause after each, short at first; OutOfTime when there is no time for another."""
        attempt, pause = 0, first
        while True:
            yield attempt
            if time.monotonic() + pause > self._end:
                raise OutOfTime(f"{what} took too long")
            time.sleep(pause)
            attempt, pause = attempt + 1, min(pause * 1.5, longest)


def serve(event: dict[str, Any], context: Any, physical_id: str, work: Callable[[Request], None]) -> None:
    """Does the work and answers CloudFormation; a failure is answered too."""
    request = Request(event, context, physical_id)
    reason = ""
    try:
        work(request)
    except Exception as error:
        print(json.dumps({"failed": type(error).__name__, "message": str(error)}))
        reason = f"{error}"[:REASON_MAX] + f" (Log: {context.log_group_name}/{context.log_stream_name})"
    answer = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason,
        "PhysicalResourceId": request.physical_id or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {} if reason else request.data,
    }
    put(event["ResponseURL"], json.dumps(answer).encode())


def put(url: str, body: bytes) -> None:
    """Sends the answer; the signed URL wants no content type."""
    for attempt in range(PUT_ATTEMPTS):
        try:
            request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": ""})
            with urllib.request.urlopen(request, timeout=10):
                return
        except OSError:
            if attempt == PUT_ATTEMPTS - 1:
                raise
            time.sleep(0.2 * 2**attempt)
