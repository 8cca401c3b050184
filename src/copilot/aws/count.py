"""How many calls this process made to AWS, and how long each took."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TRACE_VARIABLE = "COPILOT_TRACE_CALLS"
_STARTED = "copilot_started"


class CallCounter:
    """Counts every call of the sessions it watches; with a trace file, one line `service.Operation millis` a call."""

    def __init__(self, trace: str = "") -> None:
        self._trace = Path(trace) if trace else None
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()

    @property
    def total(self) -> int:
        with self._lock:
            return self._calls.total()

    @property
    def calls(self) -> Mapping[str, int]:
        """`service.Operation` to the number of calls."""
        with self._lock:
            return dict(self._calls)

    def watch(self, session: Any) -> None:
        """Hears of every call of the clients that a botocore session makes from now on."""
        session.register("before-call", self._before)
        session.register("after-call", self._after)
        session.register("after-call-error", self._after)

    def _before(self, context: dict[str, Any], model: Any, **_: Any) -> None:
        operation = f"{model.service_model.service_name}.{model.name}"
        context[_STARTED] = (operation, time.perf_counter())

    def _after(self, context: dict[str, Any], **_: Any) -> None:
        operation, started = context[_STARTED]
        millis = (time.perf_counter() - started) * 1000
        with self._lock:
            self._calls[operation] += 1
            if self._trace is not None:
                with self._trace.open("a", encoding="utf-8") as file:
                    file.write(f"{operation} {millis:.1f}\n")
