"""Service names on the host engine: an HTTP forward proxy that knows where the tasks of a cluster listen.

Processes of one machine share its resolver, so `http://aggregator:8080/` can't be a name there. Tasks get `http_proxy`
instead, which HTTP clients of most languages follow: the proxy takes a request for a service's name to one of its
running tasks, turn by turn, and any other request to where it says.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from copilot.local.engines import sockets
from copilot.local.engines.spec import TaskContainer

HEAD_LIMIT = 64 * 1024
CONNECT_SECONDS = 5.0
NO_PROXY = "localhost,127.0.0.1"

logger = logging.getLogger("copilot.local")


class Task(Protocol):
    """A running task, as the proxy needs it."""

    @property
    def spec(self) -> TaskContainer: ...

    def real_port(self, container_port: int) -> int: ...


class NoRoute(Exception):
    """A service's name, but no task behind it at that port."""


def route(host: str, port: int, tasks: Sequence[Task], turn: int) -> tuple[str, int] | None:
    """Where to go for a name: one of the tasks that have it; None for a name that no service of the cluster has.

    A Service Connect alias has one port; a Cloud Map name has every port of the container, as on AWS.
    """
    host = host.lower().rstrip(".")
    named = [(task, name) for task in tasks for name in task.spec.names if name.host.lower() == host]
    if not named:
        return None
    fitting = [(task, name.target or port) for task, name in named if name.port in (0, port)]
    fitting = [(task, target) for task, target in fitting if target in task.spec.ports]
    if not fitting:
        ports = sorted({name.port or port for task, name in named for port in task.spec.ports})
        raise NoRoute(f"{host} listens on {', '.join(map(str, ports)) or 'no port'}, not on {port}")
    task, target = fitting[turn % len(fitting)]
    return sockets.LOOPBACK, task.real_port(target)


class ServiceProxy:
    """One listener for each cluster, made when its first task starts; `running` answers a cluster's running tasks."""

    def __init__(self, running: Callable[[str], Sequence[Task]]) -> None:
        self._running = running
        self._turns = itertools.count()
        self._ports: dict[str, int] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="copilot-service-proxy", daemon=True)
        self._thread.start()

    def environment(self, cluster: str) -> dict[str, str]:
        """The variables that lead a task's HTTP clients here."""
        url = f"http://{sockets.LOOPBACK}:{self.port(cluster)}"
        # NODE_USE_ENV_PROXY: https://nodejs.org/api/cli.html#node_use_env_proxy1
        return {
            "http_proxy": url,
            "HTTP_PROXY": url,
            "no_proxy": NO_PROXY,
            "NO_PROXY": NO_PROXY,
            "NODE_USE_ENV_PROXY": "1",
        }

    def port(self, cluster: str) -> int:
        with self._lock:
            if cluster not in self._ports:
                self._ports[cluster] = asyncio.run_coroutine_threadsafe(self._listen(cluster), self._loop).result(10)
            return self._ports[cluster]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=2)

    async def _listen(self, cluster: str) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(cluster, reader, writer)

        server = await asyncio.start_server(serve, sockets.LOOPBACK, 0, limit=HEAD_LIMIT)
        return int(server.sockets[0].getsockname()[1])

    async def _serve(self, cluster: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
            if method == "CONNECT":
                await self._tunnel(cluster, target, reader, writer)
            else:
                await self._forward(cluster, (method, target, version), head, reader, writer)
        except NoRoute as err:
            await _answer(writer, 502, str(err))
        except (OSError, TimeoutError) as err:
            await _answer(writer, 502, f"no answer: {err or 'it took too long'}")
        except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _answer(writer, 400, "this is a proxy: ask it for http://SERVICE:PORT/PATH")
        finally:
            writer.close()

    async def _open(self, cluster: str, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # Finding a port may ask the operating system about the tasks' sockets.
        found = await asyncio.to_thread(route, host, port, self._running(cluster), next(self._turns))
        where = found or (host, port)
        return await asyncio.wait_for(asyncio.open_connection(*where), CONNECT_SECONDS)

    async def _tunnel(
        self, cluster: str, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host, _, port = target.rpartition(":")
        there, back = await self._open(cluster, host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _relay(reader, writer, there, back)

    async def _forward(
        self,
        cluster: str,
        line: tuple[str, str, str],
        head: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        url = urlsplit(line[1])
        if url.scheme != "http" or not url.hostname:
            raise ValueError(line[1])
        there, back = await self._open(cluster, url.hostname, url.port or 80)
        back.write(origin_form(line[0], line[1], head))
        await _relay(reader, writer, there, back)


def origin_form(method: str, target: str, head: bytes) -> bytes:
    """The head of a request as its server wants it: a path instead of a URL, and one request a connection."""
    url = urlsplit(target)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = head.rstrip(b"\r\n").split(b"\r\n")[1:]
    fields = [(line.partition(b":")[0].strip().lower(), line) for line in lines]
    is_upgrade = any(name == b"upgrade" for name, _ in fields)
    dropped = {b"proxy-connection", b"proxy-authorization"} | (set() if is_upgrade else {b"connection"})
    kept = [line for name, line in fields if name not in dropped]
    if not is_upgrade:
        kept.append(b"Connection: close")
    return b"\r\n".join([f"{method} {path} HTTP/1.1".encode("latin-1"), *kept, b"", b""])


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, there: asyncio.StreamReader, back: asyncio.StreamWriter
) -> None:
    """Copies both ways; the connection ends with the answer."""
    asking = asyncio.ensure_future(_copy(reader, back, half_close=True))
    try:
        await _copy(there, writer, half_close=False)
    finally:
        asking.cancel()
        back.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, half_close: bool) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(65536):
            sink.write(chunk)
            await sink.drain()
        if half_close and sink.can_write_eof():
            sink.write_eof()


def _answer(writer: asyncio.StreamWriter, status: int, text: str) -> Awaitable[None]:
    body = f"copilot: {text}\n".encode()
    reason = {400: "Bad Request", 502: "Bad Gateway"}[status]
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close"
    writer.write(head.encode() + b"\r\n\r\n" + body)
    return _flush(writer)


async def _flush(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        await writer.drain()
