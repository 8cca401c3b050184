"""Waiting for AWS: short pauses at first, longer ones later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from copilot.clock import Clock
from copilot.errors import AWSError

T = TypeVar("T")

LONGEST_WAIT_SECONDS = 90 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Pauses in seconds: the first, how each grows on the one before, the longest; `patience` is when to give up."""

    first: float = 0.2
    growth: float = 1.5
    longest: float = 5.0
    patience: float = LONGEST_WAIT_SECONDS


def until(
    read: Callable[[], T], is_done: Callable[[T], bool], *, what: str, clock: Clock, pace: Pace | None = None
) -> T:
    """What `read` returned when `is_done` was first true; AWSError naming `what` when patience ends."""
    pace = pace or Pace()
    started = clock.monotonic()
    pause = pace.first
    while not is_done(value := read()):
        if clock.monotonic() - started > pace.patience:
            raise AWSError(f"gave up waiting for {what}: it took longer than {pace.patience / 60:.0f} minutes")
        clock.sleep(pause)
        pause = min(pause * pace.growth, pace.longest)
    return value
