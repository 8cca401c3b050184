"""Loopback ports: which one a cloud gets, whether one is free, and who holds it.

Ports are taken from below the ranges that kernels hand out for outgoing connections (Linux from 32768, macOS from
49152), so that a port stays ours between two starts.
"""

from __future__ import annotations

import errno
import hashlib
import socket
import time
from collections.abc import Iterator

from copilot.errors import LocalCloudError

LOOPBACK = "127.0.0.1"
_FIRST_PORT = 20_000
_BLOCKS = 500
_BLOCK_PORTS = 20  # the gateway and then its load balancers
_LET_GO_SECONDS = 5.0
_POLL_SECONDS = 0.02


def bind(port: int) -> socket.socket:
    """A loopback socket bound to the port (0: any); OSError when it is taken."""
    # asyncio sends small packets at once only on sockets that name their protocol: without it each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(1)  # Linux lets two sockets bind with SO_REUSEADDR as long as neither listens
    except OSError:
        listener.close()
        raise
    return listener


def is_free(port: int) -> bool:
    """Whether the loopback port can be had now."""
    try:
        bind(port).close()
    except OSError as err:
        if err.errno in (errno.EADDRINUSE, errno.EACCES):
            return False
        raise
    return True


def gets_free(port: int, *, seconds: float = _LET_GO_SECONDS) -> bool:
    """Whether the loopback port can be had now, or soon: a process that was just killed holds it for a moment longer.

    One that lives is not waited for.
    """
    end = time.monotonic() + seconds
    while not is_free(port):
        if holder(port) or time.monotonic() > end:
            return is_free(port)
        time.sleep(_POLL_SECONDS)
    return True


def is_answering(port: int, seconds: float = 1.0) -> bool:
    """Whether something accepts connections on the loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(seconds)
        return probe.connect_ex((LOOPBACK, port)) == 0


def is_serving(port: int, path: str, seconds: float = 2.0) -> bool:
    """Whether the program behind the loopback port answers HTTP; one that is too busy to do so counts as one that does.

    A process that was killed still accepts connections for an instant, but it answers none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(seconds)
        try:
            probe.connect((LOOPBACK, port))
            probe.sendall(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n".encode())
            return bool(probe.recv(1))
        except TimeoutError:
            return True
        except OSError:
            return False


def gateway_candidates(name: str) -> Iterator[int]:
    """The ports to try for the gateway of a cloud, the same order each time."""
    start = int(hashlib.sha256(name.encode()).hexdigest(), 16) % _BLOCKS
    for offset in range(_BLOCKS):
        yield _FIRST_PORT + (start + offset) % _BLOCKS * _BLOCK_PORTS


def balancer_candidates(gateway_port: int) -> Iterator[int]:
    """The ports to try for a load balancer: those after the gateway's, then every other of the range."""
    yield from range(gateway_port + 1, min(gateway_port + _BLOCK_PORTS, 65_536))
    yield from range(_FIRST_PORT, _FIRST_PORT + _BLOCKS * _BLOCK_PORTS)


def holder(port: int) -> str:
    """`NAME (pid N)` of the process that listens on the port, or "" where the system doesn't tell."""
    import psutil

    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})" if connection.pid else ""
    except psutil.Error:
        return ""  # macOS tells only root about the sockets of others
    return ""


def taken(port: int) -> LocalCloudError:
    """The error for a port that somebody else has."""
    who = holder(port)
    return LocalCloudError(
        f"the local cloud did not start: port {port} is in use{f' by {who}' if who else ''}",
        hints=(f"stop that program, or choose another port: copilot local start --port {port + 1}",),
    )
