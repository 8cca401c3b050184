"""Ctrl-C as a request: the first one asks running deployments to roll back, the second one leaves."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Cancellation:
    """A wish to stop, that every thread of a deployment can see."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._lock = threading.Lock()
        self._listeners = 0

    @property
    def is_requested(self) -> bool:
        return self._requested.is_set()

    def request(self) -> None:
        self._requested.set()

    def pause(self, seconds: float) -> None:
        """Sleeps, but wakes as soon as a stop is requested; once it is, sleeps its full time again."""
        if self._requested.is_set():
            threading.Event().wait(seconds)
        else:
            self._requested.wait(seconds)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While somebody listens, the first Ctrl-C is a request instead of an interruption."""
        with self._lock:
            self._listeners += 1
        try:
            yield
        finally:
            with self._lock:
                self._listeners -= 1

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handles SIGINT for the time of a command; only in the main thread, where signals arrive."""
        previous = signal.signal(signal.SIGINT, self._handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous)

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self._listeners and not self.is_requested:
            self.request()
        else:
            raise KeyboardInterrupt
