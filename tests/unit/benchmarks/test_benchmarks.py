"""What the benchmarks conclude from what they see."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from benchmarks.commands import LATENCIES, ROWS
from benchmarks.machine import Local, Startup
from benchmarks.proxy import Recorder, Request, proxy
from benchmarks.report import Beside, report
from benchmarks.tools import Cost, Run, Tool, chain, cost


def requests(*spans: tuple[float, float]) -> list[Request]:
    return [Request(start=start, end=end) for start, end in spans]


def test_requests_that_follow_one_another_are_a_chain() -> None:
    assert chain(requests((0, 1), (1, 2), (2.5, 3))) == 3


def test_requests_at_the_same_time_count_once() -> None:
    assert chain(requests((0, 1), (0.1, 1.1), (0.2, 0.9))) == 1


def test_a_long_request_beside_a_chain_does_not_shorten_it() -> None:
    assert chain(requests((0, 9), (0, 1), (1, 2), (2, 3))) == 3


def test_no_request_is_no_chain() -> None:
    assert chain([]) == 0


def test_a_cost_is_the_median_of_its_runs() -> None:
    one, two = requests((0, 1)), requests((0, 1), (1, 2))
    runs = [Run(seconds=3, requests=one), Run(seconds=1, requests=two), Run(seconds=2, requests=two)]
    assert cost(runs) == Cost(seconds=2, calls=2, chain=2)


class Echo(BaseHTTPRequestHandler):
    """Answers with the Host header and the body that reached it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.headers["Host"].encode() + b" " + body
        self.send_response(418)
        self.send_header("X-Told", "yes")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_proxy_hands_on_what_it_gets_and_takes_its_time(upstream: str) -> None:
    recorder = Recorder(latency=0.05)
    with proxy(upstream, recorder) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.request("POST", "/", body=b"ping", headers={"Host": "sts.us-west-2.amazonaws.com"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
    assert (answer.status, answer.getheader("X-Told")) == (418, "yes")
    assert content == b"sts.us-west-2.amazonaws.com ping"
    (seen,) = recorder.take()
    assert seen.end - seen.start >= 0.05
    assert recorder.take() == []


def test_the_report_has_columns_for_every_tool() -> None:
    tools = [Tool(name=name, command=(name,)) for name in ("ours", "theirs")]
    measured = dict.fromkeys(LATENCIES, Cost(seconds=1.5, calls=12, chain=4))
    costs = {tool.name: {row.name: measured for row in ROWS} for tool in tools}
    startups = [Startup(command="python", seconds=0.01), Startup(command="ours", seconds=0.02)]
    local = Local(cold=9, warm=1, memory=100 * 1024 * 1024)
    text = report(tools, startups, local, costs, "no original")
    assert "| ours | 20.0 ms | 2.0 times |" in text
    assert "| command | ours: calls | ours: in a row | ours: at 0 ms | ours: at 50 ms | theirs: calls |" in text
    assert "| `app ls` | 12 | 4 | 1.50 s | 1.50 s | 12 | 4 | 1.50 s | 1.50 s |" in text
    assert "100 MiB" in text
    assert "Not measured here: no original." in text
    beside = Beside(ours=costs["ours"], original=costs["theirs"], name="the original")
    text = report(tools, startups, local, costs, beside)
    assert "| `app ls` | 12 | 12 | 1.00 | 1.50 s | 1.50 s | 1.00 |" in text
