"""JSON documents the way the original writes them: one line, keys in a fixed order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def document(content: Mapping[str, Any]) -> str:
    """One JSON document on one line."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def moment(value: datetime | None) -> str:
    """A time as RFC 3339 in UTC; Go's zero time when there is none."""
    if value is None:
        return "0001-01-01T00:00:00Z"
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
