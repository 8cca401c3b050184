"""The open loopback ports of the load balancers: one listener each, from its creation to its deletion."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from functools import partial
from typing import Any

import h11

from copilot.local.balancers.addresses import Addresses
from copilot.local.balancers.exchange import Exchange, splice
from copilot.local.balancers.health import Health, Reach
from copilot.local.balancers.records import Record, Records
from copilot.local.balancers.router import Forward, Router

logger = logging.getLogger("copilot.local.balancers")
_SWEEP_SECONDS = 0.5


class Doors:
    """Listeners by load balancer ARN. `open` may be called from any thread; the rest belongs to the server's loop."""

    def __init__(self, records: Records, addresses: Addresses, health: Health, reach: Reach) -> None:
        self._records = records
        self._addresses = addresses
        self._health = health
        self._reach = reach
        self._router = Router(records, health)
        self._loop = asyncio.get_running_loop()
        self._sockets: dict[str, socket.socket] = {}
        self._servers: dict[str, asyncio.Server] = {}
        self._connections: set[asyncio.Task[None]] = set()

    def open(self, balancer: Record) -> str:
        """Opens the load balancer's door and returns its DNS name here: `localhost:PORT`."""
        arn = balancer["LoadBalancerArn"]
        if arn not in self._sockets:
            listener = self._addresses.open(arn)
            self._sockets[arn] = listener
            self._loop.call_soon_threadsafe(self._serve_soon, balancer, listener)
        return f"localhost:{self._sockets[arn].getsockname()[1]}"

    def describe(self) -> list[dict[str, Any]]:
        """Name, port, account and region of each load balancer, as `LocalCloud.status` shows them."""
        return [
            {
                "name": balancer["LoadBalancerName"],
                "port": self._sockets[balancer["LoadBalancerArn"]].getsockname()[1],
                "account": account,
                "region": region,
            }
            for account, region, balancer in self._records.balancers()
            if balancer["LoadBalancerArn"] in self._sockets
        ]

    async def run(self) -> None:
        """Closes the doors of load balancers that were deleted, until cancelled; then all of them."""
        try:
            while True:
                await asyncio.sleep(_SWEEP_SECONDS)
                self._close_gone()
        finally:
            for arn in list(self._sockets):
                self._close(arn)
            for connection in list(self._connections):
                connection.cancel()

    def _close_gone(self) -> None:
        living = {balancer["LoadBalancerArn"] for _, _, balancer in self._records.balancers()}
        for arn in self._servers.keys() - living:
            self._close(arn)
            self._addresses.release(arn)

    def _close(self, arn: str) -> None:
        if server := self._servers.pop(arn, None):
            server.close()
        self._sockets.pop(arn).close()

    def _serve_soon(self, balancer: Record, listener: socket.socket) -> None:
        arn = balancer["LoadBalancerArn"]
        port = listener.getsockname()[1]

        async def serve() -> None:
            self._servers[arn] = await asyncio.start_server(partial(self._accept, balancer, port), sock=listener)
            logger.info("load balancer %s answers on http://localhost:%d/", balancer["LoadBalancerName"], port)

        task = self._loop.create_task(serve())
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _accept(
        self, balancer: Record, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if balancer.get("Type") == "network":
                await self._pass_through(balancer, reader, writer)
            else:
                await self._exchange(balancer, port, reader, writer).serve()
        except (ConnectionError, TimeoutError, h11.ProtocolError) as err:
            logger.debug("load balancer %s: a connection ended: %s", balancer["LoadBalancerName"], err)
        finally:
            self._connections.discard(task)
            writer.close()

    def _exchange(
        self, balancer: Record, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Exchange:
        def doubt(decision: Forward) -> None:
            self._health.doubt(decision.target)

        route = partial(self._router.route, balancer, port=port)
        return Exchange(reader, writer, route=route, reach=self._reach, failed=doubt, port=port)

    async def _pass_through(self, balancer: Record, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = self._router.connect(balancer)
        if target is None:
            return
        try:
            inner = await asyncio.open_connection(*self._reach(target.id, target.port))
        except OSError:
            self._health.doubt(target)
            return
        with contextlib.closing(inner[1]):
            await splice((reader, writer), inner)
