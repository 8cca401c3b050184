"""A container health check that is run by us, as ECS's agent runs it on AWS."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from copilot.local.engines.spec import HealthCheck

UNKNOWN, HEALTHY, UNHEALTHY = "UNKNOWN", "HEALTHY", "UNHEALTHY"


class Check(Protocol):
    def __call__(self, words: tuple[str, ...], timeout: float) -> bool: ...


class Health:
    """The state of one container's health check: UNKNOWN until the first success, or until its grace is over."""

    def __init__(self, check: HealthCheck | None, ask: Check, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._check = check
        self._ask = ask
        self._clock = clock
        self._failures = 0
        self._started = clock()
        self._stopping = threading.Event()
        self.status = UNKNOWN

    @property
    def is_checked(self) -> bool:
        return self._check is not None

    def start(self) -> None:
        """Checks in the background until stop()."""
        if self._check is not None:
            threading.Thread(target=self._run, args=(self._check,), name="copilot-health", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self, check: HealthCheck) -> None:
        pause = min(0.5, check.interval)
        while not self._stopping.wait(pause):
            self.note(self._ask(check.command, check.timeout))
            pause = check.interval if self.status == HEALTHY else min(1.0, check.interval)

    def note(self, is_healthy: bool) -> None:
        """Counts one answer."""
        if self._check is None:
            return
        if is_healthy:
            self._failures, self.status = 0, HEALTHY
            return
        self._failures += 1
        in_grace = self.status != HEALTHY and self._clock() - self._started < self._check.grace
        if self._failures >= self._check.retries and not in_grace:
            self.status = UNHEALTHY


def check_words(command: tuple[str, ...]) -> list[str]:
    """The words to run for a health check's command, which may be of the form CMD, CMD-SHELL or neither."""
    if command[0] == "CMD-SHELL":
        return ["/bin/sh", "-c", " ".join(command[1:])]
    return list(command[command[0] == "CMD" :])
