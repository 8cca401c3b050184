"""Which loopback port each load balancer has: chosen once, kept over restarts, given back when it is deleted."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from pathlib import Path

from copilot.errors import LocalCloudError
from copilot.local import ports
from copilot.local.home import read_json, write_json

logger = logging.getLogger("copilot.local.balancers")


class Addresses:
    """The ports by load balancer ARN, in a file; `open` may be called from any thread."""

    def __init__(self, path: Path, *, gateway_port: int) -> None:
        self._path = path
        self._gateway_port = gateway_port
        self._ports: dict[str, int] = read_json(path)
        self._lock = threading.Lock()

    def open(self, arn: str) -> socket.socket:
        """A listening socket on the load balancer's port; on another port when somebody took that one meanwhile."""
        with self._lock:
            listener = self._reopen(arn) or self._open_new()
            self._ports[arn] = listener.getsockname()[1]
            write_json(self._path, self._ports)
            return listener

    def release(self, arn: str) -> None:
        """Gives the port of a deleted load balancer back."""
        with self._lock:
            if self._ports.pop(arn, None):
                write_json(self._path, self._ports)

    def _reopen(self, arn: str) -> socket.socket | None:
        known = self._ports.get(arn)
        listener = _bind(known) if known and ports.gets_free(known) else None
        if known and listener is None:
            who = ports.holder(known) or "another program"
            logger.warning("port %d of %s is in use by %s: it gets another one", known, arn, who)
        return listener

    def _open_new(self) -> socket.socket:
        kept = set(self._ports.values())
        for candidate in ports.balancer_candidates(self._gateway_port):
            if candidate not in kept and (listener := _bind(candidate)):
                return listener
        raise LocalCloudError("the load balancer gets no port: every loopback port of the range is in use")


def _bind(port: int) -> socket.socket | None:
    try:
        return ports.bind(port)
    except OSError as err:
        if err.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise
