"""A loopback proxy in front of an AWS endpoint: makes every request wait, and writes down when it was under way."""

from __future__ import annotations

import http
import http.client
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}
_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to AWS, from its arrival to its answer, in seconds of a monotonic clock."""

    start: float
    end: float


@dataclass(slots=True)
class Recorder:
    """What the proxy adds to each request, and the requests it saw since it was last asked."""

    latency: float = 0.0
    _requests: list[Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lets_pass(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Called before a request is passed on; False drops it, and the connection it came by."""
        time.sleep(self.latency)
        return True

    def add(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)

    def take(self) -> list[Request]:
        """The requests since the last call."""
        with self._lock:
            taken, self._requests = self._requests, []
        return taken


@contextmanager
def proxy(upstream: str, recorder: Recorder) -> Iterator[str]:
    """The address of a proxy before `upstream` (http://HOST:PORT), for as long as the block lasts."""
    server = _Server(urlsplit(upstream).netloc, recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str, recorder: Recorder) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.recorder = recorder


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.upstream = http.client.HTTPConnection(self.server.upstream, timeout=_SECONDS)

    def finish(self) -> None:
        self.upstream.close()
        super().finish()

    def handle_expect_100(self) -> bool:
        self.send_response_only(http.HTTPStatus.CONTINUE)
        self.end_headers()
        self.wfile.flush()
        return True

    def forward(self) -> None:
        start = time.monotonic()
        body = self._body()
        if not self.server.recorder.lets_pass(self.headers, body):
            self.close_connection = True
            return
        self._ask(body)
        answer = self.upstream.getresponse()
        content = answer.read()
        self.server.recorder.add(Request(start=start, end=time.monotonic()))
        self._answer(answer, content)

    def _ask(self, body: bytes) -> None:
        """The request as it came: with the Host header that was signed."""
        self.upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _HOP_BY_HOP:
                self.upstream.putheader(name, value)
        self.upstream.putheader("Content-Length", str(len(body)))
        self.upstream.endheaders(body)

    def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        length = answer.getheader("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward  # noqa: N815
