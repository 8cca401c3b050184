"""Lets containers reach the local cloud, which listens on loopback only.

A relay on the gateway address of a container network: that network's containers are let through, nobody else.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import socket
import threading

logger = logging.getLogger("copilot.local")

CHUNK = 65536


class Relay:
    """Listens on `address`:`port` and passes connections from `subnet` on to the same port of 127.0.0.1."""

    def __init__(self, address: str, port: int, subnet: str) -> None:
        self.address = address
        self._subnet = ipaddress.ip_network(subnet)
        self._port = port
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((address, port))
        except OSError:
            self._listener.close()
            raise
        self._listener.listen(64)
        threading.Thread(target=self._accept, name=f"copilot-relay-{address}", daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, peer = self._listener.accept()
            except OSError:
                return
            if ipaddress.ip_address(peer[0]) not in self._subnet:
                logger.warning("refused a connection from %s to the local cloud", peer[0])
                client.close()
                continue
            threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._port), timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()
        client.close()
        server.close()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(CHUNK):
            sink.sendall(chunk)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
