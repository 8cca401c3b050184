"""The door of the local cloud: ministack's application with Copilot's additions installed, and a few addresses of its own."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from copilot.local.home import Home

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

logger = logging.getLogger("copilot.local")


class Gateway:
    """The ASGI application of the server; `ready` is set once it may be called."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.ready = asyncio.Event()

    @classmethod
    def install(cls, home: Home, *, port: int, engine: str) -> Gateway:
        """Imports ministack and applies every addition to it."""
        import ministack.app

        for module, arguments in (("copilot.local.extensions", ()), ("copilot.local.engines", (engine, home.path, port))):
            if importlib.util.find_spec(module):
                getattr(importlib.import_module(module), "install", lambda *_: None)(*arguments)
        return cls(ministack.app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.application.app(scope, receive, self._watching(send))
        elif scope["type"] == "http" and scope["path"].startswith("/_copilot/"):
            await self._answer_own(scope, send)
        else:
            await self.application.app(scope, receive, send)

    def _watching(self, send: Send) -> Send:
        async def watch(message: dict[str, Any]) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.ready.set()

        return watch

    async def _answer_own(self, scope: Scope, send: Send) -> None:
        match scope["method"], scope["path"]:
            case "GET", "/_copilot/status":
                await _respond(send, 200, {"balancers": []})
            case "POST", "/_copilot/wipe":
                await asyncio.to_thread(self.application._reset_all_state)
                await _respond(send, 200, {})
            case _:
                await _respond(send, 404, {"message": "no such address"})


async def _respond(send: Send, status: int, content: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
