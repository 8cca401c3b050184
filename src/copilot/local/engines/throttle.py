"""How often a service that keeps failing is tried again: at first at once, then less and less often, as ECS does.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PROMPT_FAILURES = 6
"""So many failures in a row are followed by a new task at once: enough for a deployment's circuit breaker to open."""

FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 60.0
FORGIVEN_SECONDS = 180.0
"""A service that has not failed for so long begins anew."""


@dataclass(slots=True)
class _Failures:
    count: int = 0
    last: float = 0.0


class Throttle:
    """Counts failures by service and puts off what follows them."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = monotonic
        self._lock = threading.Lock()
        self._failures: dict[tuple[str, str], _Failures] = {}

    def delay(self, task: Mapping[str, Any]) -> float:
        """Notes a task's failure and says how many seconds to wait before its service starts another one."""
        key = (str(task.get("clusterArn", "")), str(task.get("group", "")))
        now = self._now()
        with self._lock:
            failures = self._failures.setdefault(key, _Failures())
            if now - failures.last > FORGIVEN_SECONDS:
                failures.count = 0
            failures.count, failures.last = failures.count + 1, now
            late = failures.count - PROMPT_FAILURES
        return min(FIRST_DELAY_SECONDS * 2.0 ** (late - 1), LONGEST_DELAY_SECONDS) if late > 0 else 0.0


def after(seconds: float, action: Callable[[], Any]) -> None:
    """Does something now, or later in the account and region of now."""
    if seconds <= 0:
        action()
        return
    timer = threading.Timer(seconds, contextvars.copy_context().run, args=(action,))
    timer.daemon = True
    timer.start()
