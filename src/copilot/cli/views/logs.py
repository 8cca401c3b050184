"""Lines that a workload has logged."""

from __future__ import annotations

import re

from copilot.cli.views.documents import document
from copilot.model.description import LogEvent
from copilot.term.console import Ink, Stream

SHORT_ID = 8

_BAD = re.compile(r"\b(fatal|error|err)\b", re.IGNORECASE)
_CAUTION = re.compile(r"\b(warning|warn)\b", re.IGNORECASE)


def as_text(event: LogEvent, stream: Stream) -> str:
    """`copilot/web/1a2b3c4d  message`: the stream with a short task id, and words of alarm in colour."""
    place, _, task = event.stream.rpartition("/")
    short = "/".join(part for part in (place, task[:SHORT_ID]) if part)
    message = _BAD.sub(lambda word: stream.paint(word[0], Ink.BAD), event.message.rstrip("\n"))
    message = _CAUTION.sub(lambda word: stream.paint(word[0], Ink.CAUTION), message)
    return f"{stream.paint(short, Ink.FAINT)}  {message}"


def as_json(event: LogEvent) -> str:
    return document(
        {
            "logStreamName": event.stream,
            "ingestionTime": event.ingestion_time,
            "message": event.message,
            "timestamp": event.timestamp,
        }
    )
