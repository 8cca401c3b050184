"""An AWS that answers as it is told, for what no emulator does."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from copilot.aws.cloud import Cloud, Keys
from copilot.clock import SystemClock

REGION = "us-west-2"


class QuickClock(SystemClock):
    """Its pauses take no time."""

    def sleep(self, seconds: float) -> None:
        """Returns at once."""


@dataclass(kw_only=True)
class Answering:
    """A cloud behind which the function gives the answer to each operation, and what it was asked."""

    cloud: Cloud
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@contextlib.contextmanager
def answering(answer: Callable[[str, dict[str, Any]], dict[str, Any]]) -> Iterator[Answering]:
    """Services of the JSON protocol; an answer with `__type` is an error of that code."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            here.asked.append((operation, asked))
            told = answer(operation, asked)
            text = json.dumps(told).encode()
            self.send_response(400 if "__type" in told else 200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    keys = Keys(access_key_id="123456789012", secret_access_key="nothing")
    url = f"http://127.0.0.1:{server.server_port}"
    here = Answering(cloud=Cloud.connect(keys=keys, region=REGION, endpoint=url, clock=QuickClock()))
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
