"""What CloudFormation hears, however the work ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from copilot.lambdas.custom_resource import Request, serve


class Context:
    log_group_name = "/aws/lambda/function"
    log_stream_name = "2030/01/01/stream"

    def __init__(self, seconds: float = 60) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def event(url: str) -> dict[str, Any]:
    return {
        "RequestType": "Create",
        "ResponseURL": url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Action",
        "ResourceProperties": {},
    }


def test_a_success_carries_the_data(answers: tuple[str, list[dict[str, Any]]]) -> None:
    url, received = answers

    def work(request: Request) -> None:
        request.data["Number"] = 7

    serve(event(url), Context(), "id", work)
    assert received[0] | {"content-type": None} == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": "id",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Action",
        "Data": {"Number": 7},
        "content-type": None,
    }


def test_a_failure_is_answered_with_its_reason_and_where_the_log_is(
    answers: tuple[str, list[dict[str, Any]]],
) -> None:
    url, received = answers

    def work(request: Request) -> None:
        request.data["Number"] = 7
        raise ValueError("x" * 5000)

    serve(event(url), Context(), "", work)
    (answer,) = received
    assert (answer["Status"], answer["Data"]) == ("FAILED", {})
    assert answer["PhysicalResourceId"] == "2030/01/01/stream"
    assert answer["Reason"].endswith("x (Log: /aws/lambda/function/2030/01/01/stream)")
    assert len(answer["Reason"]) < 2000


def test_work_that_never_ends_is_answered_before_the_functions_time_is_over(
    answers: tuple[str, list[dict[str, Any]]],
) -> None:
    url, received = answers

    attempts = []

    def work(request: Request) -> None:
        for attempt in request.polls("the moon"):
            attempts.append(attempt)

    serve(event(url), Context(seconds=1), "id", work)
    assert len(attempts) <= 3, "the pauses before a fourth one are longer than a second"
    assert received[0]["Status"] == "FAILED"
    assert "the moon took too long" in received[0]["Reason"]


@pytest.fixture
def stubborn() -> Iterator[tuple[str, list[int]]]:
    """A server that takes the third answer only."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            statuses.append(200 if len(statuses) == 2 else 503)
            self.send_response(statuses[-1])
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", statuses
    server.shutdown()
    server.server_close()


def test_an_answer_that_does_not_arrive_is_sent_again(stubborn: tuple[str, list[int]]) -> None:
    url, statuses = stubborn
    serve(event(url), Context(), "id", lambda request: None)
    assert statuses == [503, 503, 200]
