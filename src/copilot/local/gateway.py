"""The door of the local cloud: the emulator's application with Copilot's additions, and a few addresses of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from copilot.local import engines, extensions, live, refusals
from copilot.local.balancers.data_plane import DataPlane
from copilot.local.home import Home
from copilot.local.persistence import Saver

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger("copilot.local")
T = TypeVar("T")
_POLL_SECONDS = 0.1


class Gateway:
    """The ASGI application of the server; `ready` is set once it may be called."""

    def __init__(self, emulator: Any, data_plane: DataPlane, saver: Saver) -> None:
        self._emulator = emulator
        self._data_plane = data_plane
        self._saver = saver
        self._background: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()

    @classmethod
    def install(cls, home: Home, *, port: int, engine: str) -> Gateway:
        """Imports the emulator and applies every addition to it; call it in the server's loop."""
        import ministack.app as emulator
        from ministack.core import router

        extensions.install()
        engines.install(engine, home.path, port)
        data_plane = DataPlane(home.path, gateway_port=port, reach=engines.reachable)
        saver = Saver(home.state, emulator._build_persistence_save_dict, _tidy, _between_requests())
        # Filled on demand it holds the models of every AWS service, 400 MB, to word a refusal that `_answer` words.
        router._KNOWN_AWS_SERVICE_NAMES = frozenset()
        emulator.save_all = lambda _: saver.stop()
        return cls(emulator, data_plane, saver)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._emulator.app(scope, receive, self._watching(send))
        elif scope["type"] == "http" and scope["path"].startswith("/_copilot/"):
            await self._answer_own(scope, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._emulator.app(scope, receive, send)

    def _watching(self, send: Send) -> Send:
        async def watch(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._start()
            elif message["type"] == "lifespan.shutdown.complete" and self._background:
                self._background.cancel()
            await send(message)

        return watch

    def _start(self) -> None:
        """Everything that needs the restored state and must be there before the first request."""
        self._data_plane.reopen()
        self._background = asyncio.create_task(self._data_plane.run())
        self._saver.start()
        self.ready.set()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        service = refusals.signed_service(headers)
        if service and self._is_unknown(service, scope, headers):
            body = await _read(receive)
            await _send_response(send, *refusals.unknown_service(service, headers, body))
            return
        naming = _Naming(send, service)
        started = time.monotonic()
        await self._emulator.app(scope, receive, naming)
        self._saver.touch()
        what = headers.get("x-amz-target", "").rpartition(".")[2] or scope["path"]
        took = (time.monotonic() - started) * 1000
        logger.info("%s %s %s: %d in %.0f ms", service or "unsigned", scope["method"], what, naming.status, took)

    def _is_unknown(self, service: str, scope: Scope, headers: dict[str, str]) -> bool:
        """The emulator takes what it cannot place for S3, or gives it a name that no handler has."""
        if service.startswith("s3") or service in self._emulator.SERVICE_HANDLERS:
            return False
        detected = self._emulator.detect_service(scope["method"], scope["path"], headers, {})
        return detected == "s3" or detected not in self._emulator.SERVICE_HANDLERS

    async def _answer_own(self, scope: Scope, send: Send) -> None:
        match scope["method"], scope["path"]:
            case "GET", "/_copilot/ping":
                await _send_json(send, 200, {})
            case "GET", "/_copilot/status":
                await _send_json(send, 200, {"balancers": self._data_plane.describe()})
            case "POST", "/_copilot/save":
                await _send_json(send, 200, {"saved": await asyncio.to_thread(self._saver.save)})
            case "POST", "/_copilot/wipe":
                await asyncio.to_thread(self._emulator._reset_all_state)
                self._saver.forget()
                await _send_json(send, 200, {})
            case _:
                await _send_json(send, 404, {"message": "no such address"})


def _between_requests() -> Callable[[Callable[[], list[T]], Callable[[], bool]], list[T]]:
    """Calls a function in the running loop, where no request and no stack operation is half done."""
    loop = asyncio.get_running_loop()

    def call(look: Callable[[], list[T]], is_over: Callable[[], bool]) -> list[T]:
        async def looked() -> list[T]:
            return look()

        future = asyncio.run_coroutine_threadsafe(looked(), loop)
        while not is_over():
            with contextlib.suppress(TimeoutError):
                return future.result(timeout=_POLL_SECONDS)
        future.cancel()
        raise TimeoutError("the server is stopping")

    return call


class _Naming:
    """Passes a response on; one that says "unknown operation" goes out as 501, in our words."""

    def __init__(self, send: Send, service: str) -> None:
        self._send = send
        self._service = service
        self._held: Message | None = None
        self.status = 0
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        if message["type"] == "http.response.start" and message["status"] == 400:
            self._held = message
        elif self._held is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._release(self._held)

    async def _release(self, start: Message) -> None:
        renamed = refusals.unknown_operation(self._service, self._body)
        if renamed is not None:
            headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            headers.append((b"content-length", str(len(renamed)).encode()))
            self.status = refusals.STATUS
            start = {**start, "status": self.status, "headers": headers}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body if renamed is None else renamed})


def _tidy() -> None:
    logs = sys.modules.get("ministack.services.cloudwatch_logs")
    gone = live.trim_logs(logs) if logs else 0
    if gone:
        logger.info("the oldest %d log events are dropped", gone)


async def _read(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            return body


async def _send_json(send: Send, status: int, content: Message) -> None:
    await _send_response(send, status, {"content-type": "application/json"}, json.dumps(content).encode())


async def _send_response(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
