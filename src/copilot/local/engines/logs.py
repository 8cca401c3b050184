"""A container's output while it runs: lines that one reader follows and others look back on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

KEPT_LINES = 20_000
LOG_SECONDS = 15.0
"""A container's end is told once its log has been read: whoever hears of it finds the last lines. So long at most."""


class LogBuffer:
    """Lines in order. Followers get each line once, from the first that is still kept, until the buffer is closed."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque(maxlen=KEPT_LINES)
        self._count = 0
        self._closed = False
        self._following = 0
        self._delivered = False
        self._changed = threading.Condition()

    def append(self, line: bytes) -> None:
        with self._changed:
            self._lines.append(line)
            self._count += 1
            self._changed.notify_all()

    def close(self) -> None:
        """No more lines will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def follow(self) -> Iterator[bytes]:
        """Every line, waiting for the next ones."""
        with self._changed:
            self._following += 1
        try:
            seen = 0
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._count > seen or self._closed)  # noqa: B023
                    first = self._count - len(self._lines)
                    lines = list(self._lines)[max(0, seen - first) :]
                    seen = self._count
                    if not lines and self._closed:
                        return
                yield from lines
        finally:
            with self._changed:
                self._following -= 1
                self._delivered = True
                self._changed.notify_all()

    def delivered(self, seconds: float) -> bool:
        """Waits until a reader has had every line; False when none came or it took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self._delivered and not self._following, timeout=seconds)

    def tail(self, count: int) -> list[bytes]:
        """The last lines."""
        with self._changed:
            return list(self._lines)[-count:] if count else []

    def all(self) -> list[bytes]:
        with self._changed:
            return list(self._lines)
