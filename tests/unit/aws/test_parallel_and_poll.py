"""Several calls at once, and waiting."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.aws.parallel import each, each_told, run
from copilot.aws.poll import Pace, until
from copilot.errors import AWSError, CopilotError


@given(st.lists(st.integers(), max_size=30), st.integers(1, 8))
def test_results_are_in_the_order_of_the_tasks(numbers: list[int], widest: int) -> None:
    assert each(lambda n: n * 2, numbers, widest=widest) == [n * 2 for n in numbers]


def test_one_task_needs_no_thread() -> None:
    assert run([threading.get_ident]) == [threading.get_ident()]


def test_tasks_run_at_the_same_time() -> None:
    barrier = threading.Barrier(3, timeout=60)
    assert len(run([barrier.wait] * 3)) == 3


def test_the_first_error_wins_and_what_has_not_begun_is_dropped() -> None:
    begun: list[int] = []
    failed = threading.Event()

    def fail() -> None:
        failed.set()
        raise ValueError("first")

    def follow(number: int) -> Callable[[], None]:
        def task() -> None:
            failed.wait(60)
            begun.append(number)

        return task

    with pytest.raises(ValueError, match="first"):
        run([fail, *[follow(n) for n in range(200)]], widest=2)
    assert len(begun) < 200


def test_ctrl_c_does_not_wait_for_a_call_that_hangs() -> None:
    program = (
        "import os, signal, sys, threading, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from copilot.aws.parallel import run\n"
        "def hang(): time.sleep(600)\n"
        "def interrupt(): time.sleep(0.2); os.kill(os.getpid(), signal.SIGINT); time.sleep(600)\n"
        "try: run([hang, interrupt])\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=300, check=False).returncode == 130


@dataclass
class Clock:
    """A clock that passes only by sleeping."""

    time: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds

    def uuid(self) -> str:
        return "uuid"


def test_pauses_grow_to_the_longest() -> None:
    clock, numbers = Clock(), iter(range(6))
    pace = Pace(first=1, growth=2, longest=4)
    assert until(lambda: next(numbers), lambda n: n == 5, what="five", clock=clock, pace=pace) == 5
    assert clock.pauses == [1, 2, 4, 4, 4]


def test_what_is_done_already_is_not_waited_for() -> None:
    clock = Clock()
    assert until(lambda: 1, lambda n: n == 1, what="one", clock=clock) == 1
    assert clock.pauses == []


def test_patience_ends_with_an_error_that_names_what_was_awaited() -> None:
    with pytest.raises(AWSError, match="the moon: it took longer than 2 minutes"):
        until(lambda: 1, lambda n: False, what="the moon", clock=Clock(), pace=Pace(patience=120))


def test_all_that_failed_is_told_in_one_error() -> None:
    def fail(name: str) -> None:
        if name != "good":
            raise CopilotError(f"{name} failed", details=f"{name} said why", hints=("look", f"mend {name}"))

    with pytest.raises(CopilotError) as failure:
        each_told(fail, ["one", "good", "other"])
    told = f"{failure.value.message}\n{failure.value.details}"
    assert all(text in told for text in ("one failed", "one said why", "other failed", "other said why"))
    assert sorted(failure.value.hints) == ["look", "mend one", "mend other"]
