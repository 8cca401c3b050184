"""How often a service that keeps failing is tried again."""

from __future__ import annotations

import threading

from copilot.local.engines.throttle import FORGIVEN_SECONDS, LONGEST_DELAY_SECONDS, PROMPT_FAILURES, Throttle, after

WEB = {"clusterArn": "arn:cluster", "group": "service:web"}
API = {"clusterArn": "arn:cluster", "group": "service:api"}


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_the_first_failures_are_followed_by_a_new_task_at_once() -> None:
    throttle = Throttle(monotonic=Time().monotonic)
    assert [throttle.delay(WEB) for _ in range(PROMPT_FAILURES)] == [0.0] * PROMPT_FAILURES


def test_later_ones_wait_ever_longer_up_to_a_limit() -> None:
    throttle = Throttle(monotonic=Time().monotonic)
    delays = [throttle.delay(WEB) for _ in range(PROMPT_FAILURES + 10)][PROMPT_FAILURES:]
    assert delays[:4] == [1.0, 2.0, 4.0, 8.0]
    assert delays[-1] == LONGEST_DELAY_SECONDS


def test_services_are_counted_apart() -> None:
    throttle = Throttle(monotonic=Time().monotonic)
    for _ in range(PROMPT_FAILURES):
        throttle.delay(WEB)
    assert throttle.delay(API) == 0.0
    assert throttle.delay(WEB) > 0.0


def test_a_service_that_was_well_for_a_while_begins_anew() -> None:
    time = Time()
    throttle = Throttle(monotonic=time.monotonic)
    for _ in range(PROMPT_FAILURES + 3):
        throttle.delay(WEB)
    time.now += FORGIVEN_SECONDS + 1
    assert throttle.delay(WEB) == 0.0


def test_what_is_not_late_is_done_at_once_and_the_rest_on_another_thread() -> None:
    done = threading.Event()
    threads: list[str] = []
    after(0, lambda: threads.append(threading.current_thread().name))
    after(0.01, lambda: (threads.append(threading.current_thread().name), done.set()))
    assert done.wait(60)
    assert threads[0] == threading.current_thread().name
    assert threads[1] != threads[0]
