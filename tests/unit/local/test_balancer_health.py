from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.local.balancers.health import Condition, Verdict, is_success, probe
from copilot.local.balancers.records import Target

PASSED = Verdict()
FAILED = Verdict("Target.Timeout", "Request timed out")


def after(verdicts: list[Verdict], *, healthy: int = 3, unhealthy: int = 2) -> Condition:
    condition = Condition()
    for verdict in verdicts:
        condition = condition.after(verdict, healthy_count=healthy, unhealthy_count=unhealthy)
    return condition


def test_one_success_makes_a_new_target_healthy() -> None:
    assert after([PASSED]).state == "healthy"


def test_a_new_target_is_unhealthy_only_after_a_run_of_failures() -> None:
    assert after([FAILED]).state == "initial"
    failed = after([FAILED, FAILED])
    assert (failed.state, failed.reason, failed.description) == ("unhealthy", "Target.Timeout", "Request timed out")


def test_a_healthy_target_survives_one_failure() -> None:
    assert after([PASSED, FAILED]).state == "healthy"
    assert after([PASSED, FAILED, PASSED, FAILED]).state == "healthy"
    assert after([PASSED, FAILED, FAILED]).state == "unhealthy"


def test_an_unhealthy_target_needs_a_run_of_successes() -> None:
    down = [FAILED, FAILED]
    assert after([*down, PASSED, PASSED]).state == "unhealthy"
    assert after([*down, PASSED, PASSED, FAILED, PASSED]).state == "unhealthy"
    assert after([*down, PASSED, PASSED, PASSED]).state == "healthy"


@given(st.lists(st.sampled_from([PASSED, FAILED]), max_size=30), st.integers(1, 5), st.integers(1, 5))
def test_long_enough_runs_always_decide(before: list[Verdict], healthy: int, unhealthy: int) -> None:
    assert after([*before, *[PASSED] * healthy], healthy=healthy, unhealthy=unhealthy).state == "healthy"
    assert after([*before, *[FAILED] * unhealthy], healthy=healthy, unhealthy=unhealthy).state == "unhealthy"


@pytest.mark.parametrize(
    ("matcher", "status", "expected"),
    [("200", 200, True), ("200", 201, False), ("200,301", 301, True), ("200-399", 302, True), ("200-299", 404, False)],
)
def test_success_codes_are_lists_and_ranges(matcher: str, status: int, expected: bool) -> None:
    assert is_success(status, matcher) is expected


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def check(answer: Answer, **group: Any) -> Verdict:
    """One health check of a server that answers so."""

    async def run() -> Verdict:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await probe(group, Target("group", "127.0.0.1", port), lambda ip, port: (ip, port))

    return asyncio.run(run())


def says(text: str) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        writer.write(text.format(path=request.split()[1].decode()).encode())
        writer.close()

    return answer


def test_a_check_asks_for_the_path_of_the_target_group() -> None:
    only_healthz = says("HTTP/1.1 {path} x\r\n\r\n")
    assert check(only_healthz, HealthCheckPath="200") == Verdict()


def test_a_wrong_status_is_told_with_the_status() -> None:
    verdict = check(says("HTTP/1.1 404 Not Found\r\n\r\n"))
    assert verdict == Verdict("Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]")


def test_a_silent_target_times_out() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    assert check(silent, HealthCheckTimeoutSeconds=0.05).reason == "Target.Timeout"


def test_an_answer_that_is_not_http_fails_the_check() -> None:
    assert check(says("hello\r\n")).reason == "Target.FailedHealthChecks"


def test_a_tcp_check_only_connects() -> None:
    assert check(says("hello\r\n"), HealthCheckProtocol="TCP") == Verdict()


def test_a_port_of_its_own_is_checked_instead_of_the_traffic_port() -> None:
    seen = []

    def reach(ip: str, port: int) -> tuple[str, int]:
        seen.append(port)
        return ip, 1

    verdict = asyncio.run(probe({"HealthCheckPort": "9000"}, Target("group", "127.0.0.1", 80), reach))
    assert seen == [9000]
    assert verdict.reason == "Target.FailedHealthChecks"
