"""Runs packaged functions as AWS Lambda would, against the local cloud."""

from __future__ import annotations

import importlib.util
import io
import json
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from copilot.aws.cloud import Cloud, Keys
from copilot.lambdas.packages import package
from copilot.local.clouds import Endpoint

Invoke = Callable[..., dict[str, Any]]


@dataclass
class Context:
    """What Lambda hands a function beside the event."""

    seconds: float = 900.0
    log_group_name: str = "/aws/lambda/function"
    log_stream_name: str = "2030/01/01/stream"
    answers: list[dict[str, Any]] = field(default_factory=list)

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@pytest.fixture
def answers() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server in CloudFormation's place: its address, and the answers it was sent."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append({**json.loads(body), "content-type": self.headers.get("Content-Type")})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/answer", received
    server.shutdown()
    server.server_close()


@pytest.fixture
def connection(endpoint: Endpoint) -> Cloud:
    keys = Keys(access_key_id=endpoint.access_key, secret_access_key=endpoint.secret_key)
    return Cloud.connect(keys=keys, region=endpoint.region, endpoint=endpoint.url)


@pytest.fixture
def invoke(
    endpoint: Endpoint,
    answers: tuple[str, list[dict[str, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Invoke:
    """Runs a function's zip with an event, and returns the answer that CloudFormation was sent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
    monkeypatch.setenv("AWS_REGION", endpoint.region)
    monkeypatch.setenv("AWS_DEFAULT_REGION", endpoint.region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", endpoint.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", endpoint.secret_key)
    boto3.setup_default_session()
    url, received = answers

    def run(function: str, kind: str, request: str, properties: dict[str, Any], **event: Any) -> dict[str, Any]:
        seconds = event.pop("seconds", 900.0)
        handler = load(function, kind, tmp_path)
        handler(
            {
                "RequestType": request,
                "ResponseURL": url,
                "StackId": "arn:aws:cloudformation:us-west-2:111111111111:stack/shop-test-web/1",
                "RequestId": str(uuid.uuid4()),
                "LogicalResourceId": "Action",
                "ResourceProperties": properties,
                **event,
            },
            Context(seconds=seconds),
        )
        return received[-1]

    return run


def load(function: str, kind: str, directory: Path) -> Callable[[dict[str, Any], Any], None]:
    """The handler of a function's zip, imported from its one file."""
    path = directory / f"{uuid.uuid4().hex}.py"
    with zipfile.ZipFile(io.BytesIO(package(function, kind))) as archive:
        path.write_bytes(archive.read("index.py"))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[dict[str, Any], Any], None] = module.handler
    return handler
