"""The host engine's containers are real processes of this machine."""

import http.client
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
from docker.errors import ImageNotFound

from copilot.images.engine import BuildRequest
from copilot.images.host import HostEngine
from copilot.images.store import ImageStore
from copilot.local.engines import proxy, sockets
from copilot.local.engines.host import ADDRESSES, HostClient
from copilot.local.engines.process import HostContainer
from copilot.local.engines.relay import Relay
from copilot.local.engines.spec import HealthCheck, Name, TaskContainer

SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (os.environ.get("SAYS", "hello") + " " + self.path).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): print("asked", self.path)
port = int(sys.argv[1]) if len(sys.argv) > 1 else int(os.environ["PORT"])
print("listening", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


class Bench:
    """A host engine with one image whose command a test gives."""

    def __init__(self, root: Path) -> None:
        context = root / "context"
        context.mkdir()
        (context / "server.py").write_text(SERVER)
        (context / "Dockerfile").write_text(
            'FROM python:3\nWORKDIR /app\nCOPY server.py .\nEXPOSE 8080\nCMD ["python", "/app/server.py"]\n'
        )
        engine = HostEngine(ImageStore(root / "images"))
        request = BuildRequest(dockerfile=context / "Dockerfile", context=context, tags=("app:latest",))
        engine.build(request, lambda line: None)
        self.root = root
        self.home = root / "home"
        self.client = self.connect()
        self._count = 0

    def connect(self) -> HostClient:
        return HostClient(self.home, self.root / "images", lambda reference: "")

    def run(self, *command: str, **options: object) -> HostContainer:
        self._count += 1
        fields: dict[str, object] = {
            "name": "app",
            "task_arn": f"arn:aws:ecs:r:1:task/c/{self._count:032}",
            "cluster_arn": "cluster",
            "service": "app",
            "ports": (8080,),
            "command": command or None,
            "stop_seconds": 60.0,
            **options,
        }
        return self.client.containers.run("app:latest", spec=TaskContainer(**fields))  # type: ignore[arg-type]

    def ask(self, container: HostContainer, path: str = "/", port: int = 8080) -> str:
        host, real = self.client.reachable(container.address, port)
        with urllib.request.urlopen(f"http://{host}:{real}{path}", timeout=60) as answer:
            return str(answer.read().decode())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    yield found
    found.client.close()


def eventually(holds: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def lines(container: HostContainer) -> list[str]:
    text = container.logs()
    assert isinstance(text, bytes)
    return text.decode().splitlines()


def python(code: str) -> tuple[str, ...]:
    return ("python", "-u", "-c", code)


def test_several_tasks_of_one_image_listen_side_by_side_and_are_told_apart(bench: Bench) -> None:
    one = bench.run(environment={"SAYS": "one"})
    two = bench.run(environment={"SAYS": "two"})
    eventually(lambda: "listening" in lines(one) and "listening" in lines(two))
    assert one.address != two.address
    assert one.address.startswith(ADDRESSES)
    eventually(lambda: one.listening() and two.listening())
    assert (bench.ask(one), bench.ask(two)) == ("one /", "two /")


def test_a_program_that_ignores_port_is_found_where_it_listens(bench: Bench) -> None:
    port = sockets.free_port()
    container = bench.run("python", "/app/server.py", str(port))
    eventually(container.listening)
    assert bench.client.reachable(container.address, 8080) == ("127.0.0.1", port)


def test_a_port_that_is_taken_is_said_with_the_task_that_holds_it(bench: Bench) -> None:
    port = sockets.free_port()
    holder = bench.run("python", "/app/server.py", str(port), ports=(port,))
    eventually(holder.listening)
    other = bench.run("python", "/app/server.py", str(port), ports=(port,))
    assert other.wait(120)["StatusCode"] == 1
    assert f"port {port} is taken by task {holder.spec.task_id[:8]} of app" in other.failure
    assert "PORT" in other.failure
    assert other.failure in lines(other)[-1]


def test_the_exit_code_and_the_last_lines_of_a_task_that_dies_at_once_are_kept(bench: Bench) -> None:
    container = bench.run(*python("import sys; print('one'); print('two', file=sys.stderr); sys.exit(7)"))
    assert container.wait(120)["StatusCode"] == 7
    assert (container.status, container.exit_code) == ("exited", 7)
    assert lines(container) == ["one", "two"]
    streamed = container.logs(stream=True)
    assert list(streamed) == [b"one", b"two"]


def test_the_end_of_a_logged_task_is_told_when_its_last_line_was_read(bench: Bench) -> None:
    container = bench.run(*python("print('one'); print('two')"), is_logged=True)
    reader = iter(container.logs(stream=True))
    assert [next(reader), next(reader)] == [b"one", b"two"]
    eventually(lambda: container.exit_code == 0)
    assert container.status == "running", "the reader has not said that it is done with the last line"
    assert list(reader) == []
    container.wait(120)
    assert container.status == "exited"


def test_a_task_that_a_signal_ended_has_the_code_of_a_shell(bench: Bench) -> None:
    container = bench.run(*python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert container.wait(120)["StatusCode"] == 137


def test_a_program_that_does_not_exist_is_named(bench: Bench) -> None:
    container = bench.run("no-such-program")
    container.wait(120)
    assert (container.status, container.exit_code) == ("exited", 127)
    assert "no-such-program" in container.failure


def test_stop_asks_first_and_kills_after_the_stop_timeout(bench: Bench) -> None:
    polite = bench.run(
        *python("import signal, sys, time\nsignal.signal(15, lambda *_: sys.exit(5))\nprint('up')\ntime.sleep(600)")
    )
    eventually(lambda: "up" in lines(polite))
    polite.stop()
    assert polite.exit_code == 5
    deaf = bench.run(
        *python("import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('up')\ntime.sleep(600)"),
        stop_seconds=0.3,
    )
    eventually(lambda: "up" in lines(deaf))
    deaf.stop()
    assert deaf.exit_code == 137


def test_what_a_task_started_ends_with_it(bench: Bench) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session={})\n"
        "print(child.pid)\ntime.sleep(600)"
    )
    for apart in (False, True):
        container = bench.run(*python(code.format(apart)))
        eventually(lambda container=container: lines(container))  # type: ignore[misc]
        child = int(lines(container)[0])
        container.remove()
        eventually(lambda child=child: not alive(child))  # type: ignore[misc]


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_task_writes_to_its_own_copy_and_leaves_the_image_alone(bench: Bench) -> None:
    container = bench.run(
        *python("open('made', 'w').write('x'); open('/dev/null'); print(open('server.py').read()[:7])")
    )
    container.wait(120)
    assert container.exit_code == 0
    stored = bench.client.images.get("app:latest").stored
    assert sorted(path.name for path in (stored.rootfs / "app").iterdir()) == ["server.py"]
    container.remove()
    assert not list((bench.home / "tasks").iterdir())


def test_what_a_killed_server_left_running_is_ended_at_the_next_start(bench: Bench) -> None:
    container = bench.run()
    eventually(container.listening)
    pid = container.pid
    again = bench.connect()
    eventually(lambda: not alive(pid))
    assert not list((bench.home / "tasks").glob("*"))
    again.close()


def test_a_health_check_runs_beside_the_task_and_asks_its_real_port(bench: Bench) -> None:
    code = "import urllib.request; urllib.request.urlopen('http://localhost:8080/health')"
    check = HealthCheck(command=("CMD", "python", "-c", code), interval=0.1, timeout=60, retries=1, grace=0)
    container = bench.run(health_check=check)
    eventually(lambda: container.health.status == "HEALTHY")
    assert "asked /health" in lines(container)


def test_a_failing_health_check_makes_a_task_unhealthy(bench: Bench) -> None:
    check = HealthCheck(command=("CMD-SHELL", "exit 1"), interval=0.1, timeout=60, retries=1, grace=0)
    container = bench.run(health_check=check)
    eventually(lambda: container.health.status == "UNHEALTHY")


def test_an_image_that_was_not_built_here_is_not_found(bench: Bench) -> None:
    with pytest.raises(ImageNotFound, match="only images that it built"):
        bench.client.images.pull("nginx:latest")


def test_the_address_of_a_task_that_is_gone_leads_nowhere(bench: Bench) -> None:
    container = bench.run()
    container.remove()
    assert bench.client.reachable(container.address, 8080) == ("127.0.0.1", 0)
    assert bench.client.reachable("10.0.0.1", 80) == ("10.0.0.1", 80)


def test_services_reach_each_other_by_name_turn_by_turn(bench: Bench) -> None:
    names = (Name(host="back", port=8080, target=8080), Name(host="back.test.app.local"))
    tasks = [bench.run(environment={"SAYS": says}, names=names) for says in ("one", "two")]
    for task in tasks:
        eventually(task.listening)
    code = (
        "import urllib.request as u\n"
        "for url in ['http://back:8080/a?b=1'] * 4 + ['http://back.test.app.local:8080/c'] * 2:\n"
        "    print(u.urlopen(url, timeout=60).read().decode())"
    )
    caller = bench.run(*python(code))
    caller.wait(120)
    assert sorted(lines(caller)) == ["one /a?b=1", "one /a?b=1", "one /c", "two /a?b=1", "two /a?b=1", "two /c"]


def test_a_name_does_not_answer_in_another_cluster(bench: Bench) -> None:
    back = bench.run(names=(Name(host="back", port=8080, target=8080),))
    eventually(back.listening)
    code = "import urllib.request as u\ntry: u.urlopen('http://back:8080/')\nexcept OSError as err: print(err)"
    caller = bench.run(*python(code), cluster_arn="other")
    caller.wait(120)
    assert "502" in lines(caller)[0]


def test_a_wrong_port_is_answered_with_the_right_one(bench: Bench) -> None:
    back = bench.run(names=(Name(host="back", port=8080, target=8080),))
    with pytest.raises(proxy.NoRoute, match="back listens on 8080, not on 80"):
        proxy.route("back", 80, [back], 0)
    assert proxy.route("elsewhere", 80, [back], 0) is None


@pytest.fixture
def echo() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_the_proxy_passes_other_addresses_on_with_their_bodies(bench: Bench, echo: int) -> None:
    port = bench.client.proxy.port("cluster")
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = b"x" * 300_000
    client.request("POST", f"http://127.0.0.1:{echo}/", body=body)
    assert client.getresponse().read() == body


def test_the_proxy_says_what_it_wants_to_one_who_asks_it_directly(bench: Bench) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{bench.client.proxy.port('cluster')}/", timeout=60)
    assert caught.value.code == 400
    caught.value.close()


def test_a_request_becomes_one_to_a_server_and_an_upgrade_stays_one() -> None:
    head = b"GET http://a:1/p?q HTTP/1.1\r\nHost: a:1\r\nProxy-Connection: keep-alive\r\nConnection: keep-alive\r\n\r\n"
    assert proxy.origin_form("GET", "http://a:1/p?q", head) == (
        b"GET /p?q HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\n\r\n"
    )
    upgrade = b"GET http://a:1/ HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert b"Connection: Upgrade\r\nUpgrade: websocket" in proxy.origin_form("GET", "http://a:1/", upgrade)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_a_relay_lets_its_own_network_through_and_nobody_else(echo: int) -> None:
    for subnet, passes in (("127.0.0.0/8", True), ("172.30.0.0/16", False)):
        relay = Relay("127.0.0.9", echo, subnet)
        try:
            with socket.create_connection(("127.0.0.9", echo), timeout=60) as client:
                client.sendall(b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi")
                try:
                    answer = b"".join(iter(lambda client=client: client.recv(1000), b""))  # type: ignore[misc]
                except ConnectionResetError:
                    answer = b""
        finally:
            relay.close()
        assert answer.endswith(b"hi") is passes
