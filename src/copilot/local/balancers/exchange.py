"""One client's connection to a load balancer: HTTP/1.1 in and out, bodies streamed, upgrades passed through."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterable

import h11

from copilot.local.balancers.health import Reach, any_certificate
from copilot.local.balancers.router import Forward, Reply, explain
from copilot.local.balancers.rules import Ask

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 60.0  # the default idle timeout of a load balancer
_CHUNK_BYTES = 65_536
_MAX_HEAD_BYTES = (
    65_536  # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
)
_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"transfer-encoding", b"upgrade", b"expect"}
)

Headers = list[tuple[bytes, bytes]]
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Exchange:
    """Serves the requests of one connection, one after the other."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        route: Callable[[Ask], Reply | Forward],
        reach: Reach,
        failed: Callable[[Forward], None],
        port: int,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._route = route
        self._reach = reach
        self._failed = failed
        self._port = port
        self._source = str((writer.get_extra_info("peername") or ("127.0.0.1",))[0])
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)

    async def serve(self) -> None:
        """Until the client is done or misbehaves."""
        try:
            while await self._serve_one():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as err:
            if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                await self._reply(explain(err.error_status_hint or 400, f"This is not HTTP: {err}"))

    async def _serve_one(self) -> bool:
        """Answers one request; whether another may follow on the connection."""
        request = await self._next_event()
        if not isinstance(request, h11.Request):
            return False
        decision = self._route(_ask(request, self._source))
        if isinstance(decision, Reply):
            await self._reply(decision, request)
        else:
            await self._forward(request, decision)
        return bool(self._http.our_state is h11.DONE and self._http.their_state is h11.DONE)

    async def _next_event(self) -> h11.Event | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            async with asyncio.timeout(IDLE_SECONDS):
                self._http.receive_data(await self._reader.read(_CHUNK_BYTES))
        return event  # type: ignore[return-value]

    async def _send(self, *events: h11.Event) -> None:
        for event in events:
            self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    async def _reply(self, reply: Reply, request: h11.Request | None = None) -> None:
        headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        headers += [(b"server", b"awselb/2.0"), (b"content-length", str(len(reply.body)).encode())]
        if request is not None and self._http.their_state is not h11.DONE:
            await self._drop_body()
        body = b"" if request is not None and request.method == b"HEAD" else reply.body
        await self._send(
            h11.Response(status_code=reply.status, headers=headers), h11.Data(data=body), h11.EndOfMessage()
        )

    async def _drop_body(self) -> None:
        while isinstance(await self._next_event(), h11.Data):
            pass

    async def _forward(self, request: h11.Request, decision: Forward) -> None:
        host, port = self._reach(decision.target.id, decision.target.port)
        tls = any_certificate() if decision.is_tls else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                target = await Upstream.open(host, port, tls)
        except (OSError, TimeoutError) as err:
            self._failed(decision)
            why = str(err) or "no connection within 10 seconds"
            await self._reply(
                explain(502, f"The target {decision.target.id} port {decision.target.port} does not answer: {why}"),
                request,
            )
            return
        with contextlib.closing(target):
            await target.send(
                h11.Request(method=request.method, target=request.target, headers=self._target_headers(request))
            )
            pumping = asyncio.create_task(self._pump_body(target))
            try:
                await self._relay(target, decision)
            finally:
                pumping.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError, TimeoutError, h11.ProtocolError):
                    await pumping

    async def _pump_body(self, target: Upstream) -> None:
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Data):
                await target.send(h11.Data(data=event.data))
            elif isinstance(event, h11.EndOfMessage):
                await target.send(h11.EndOfMessage())
                return
            else:
                return

    async def _relay(self, target: Upstream, decision: Forward) -> None:
        """Passes the target's answer on as it comes."""
        try:
            response = await target.response()
        except TimeoutError:
            await self._reply(explain(504, f"The target did not answer within {IDLE_SECONDS:.0f} seconds."))
            return
        except (OSError, h11.ProtocolError) as err:
            self._failed(decision)
            await self._reply(explain(502, f"The target closed the connection without an answer: {err}"))
            return
        if isinstance(response, h11.InformationalResponse):
            await self._send(h11.InformationalResponse(status_code=101, headers=list(response.headers)))
            await self._switch(target)
            return
        headers = _end_to_end(response.headers)
        headers += [(name.encode(), value.encode()) for name, value in decision.headers.items()]
        await self._send(h11.Response(status_code=response.status_code, headers=headers, reason=response.reason))
        async for chunk in target.body():
            await self._send(h11.Data(data=chunk))
        await self._send(h11.EndOfMessage())

    async def _switch(self, target: Upstream) -> None:
        """From here on bytes go both ways, whatever they mean: a WebSocket."""
        early, _ = self._http.trailing_data
        target.writer.write(early)
        late, _ = target.http.trailing_data
        self._writer.write(late)
        await splice((self._reader, self._writer), (target.reader, target.writer))

    def _target_headers(self, request: h11.Request) -> Headers:
        """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html"""
        headers = _end_to_end(request.headers)
        present = dict(headers)
        forwarded = [present[b"x-forwarded-for"]] if b"x-forwarded-for" in present else []
        added = {
            b"x-forwarded-for": b", ".join([*forwarded, self._source.encode()]),
            b"x-forwarded-proto": b"http",
            b"x-forwarded-port": str(self._port).encode(),
            b"x-amzn-trace-id": present.get(b"x-amzn-trace-id") or _trace_id(),
        }
        if any(name == b"transfer-encoding" for name, _ in request.headers):
            added[b"transfer-encoding"] = b"chunked"
        if _is_upgrade(request):
            added |= {b"connection": b"Upgrade", b"upgrade": dict(request.headers)[b"upgrade"]}
        return [(name, value) for name, value in headers if name not in added] + list(added.items())


class Upstream:
    """The connection to a target."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)

    @classmethod
    async def open(cls, host: str, port: int, tls: ssl.SSLContext | None) -> Upstream:
        return cls(*await asyncio.open_connection(host, port, ssl=tls))

    def close(self) -> None:
        self.writer.close()

    async def send(self, event: h11.Event) -> None:
        self.writer.write(self.http.send(event) or b"")
        await self.writer.drain()

    async def response(self) -> h11.Response | h11.InformationalResponse:
        """The head of the answer, or the agreement to switch protocols."""
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Response):
                return event
            if isinstance(event, h11.InformationalResponse):
                if event.status_code == 101:
                    return event
                continue
            raise h11.RemoteProtocolError("connection closed")

    async def body(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._next_event(), h11.Data):
            yield bytes(event.data)

    async def _next_event(self) -> h11.Event | type[h11.PAUSED]:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            async with asyncio.timeout(IDLE_SECONDS):
                self.http.receive_data(await self.reader.read(_CHUNK_BYTES))
        return event  # type: ignore[return-value]


async def splice(one: Stream, other: Stream) -> None:
    """Copies bytes both ways until both sides have said all."""
    async with asyncio.TaskGroup() as both:
        both.create_task(_copy(one[0], other[1]))
        both.create_task(_copy(other[0], one[1]))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


def _ask(request: h11.Request, source: str) -> Ask:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key = name.decode("ascii")
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    path, _, query = request.target.decode("latin-1").partition("?")
    return Ask(
        method=request.method.decode("ascii"),
        path=path,
        query=query,
        host=headers.get("host", ""),
        headers=headers,
        source=headers.get("x-forwarded-for", source).split(",")[0].strip(),
    )


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Without those that concern one connection only."""
    present = list(headers)
    named = {token.strip().lower() for name, value in present if name == b"connection" for token in value.split(b",")}
    return [(name, value) for name, value in present if name not in _HOP_BY_HOP and name not in named]


def _is_upgrade(request: h11.Request) -> bool:
    headers = dict(request.headers)
    return b"upgrade" in headers and b"upgrade" in headers.get(b"connection", b"").lower()


def _trace_id() -> bytes:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html"""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}".encode()
