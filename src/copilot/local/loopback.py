"""The rule that a local cloud is reachable from this machine only."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

# Bridges that container engines make on this machine: containers reach the local cloud there, the network does not.
_BRIDGES = ("docker", "br-", "podman", "cni", "virbr", "lo")


def guard() -> None:
    """From here on no socket of this process binds an address that other machines could reach.

    A guard in the interpreter instead of a list of ports: the emulator opens listeners too, some on every interface.
    """
    sys.addaudithook(_check)


def _check(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.bind" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        if not is_local(host):
            raise PermissionError(f"the local cloud binds loopback addresses only, not {host or 'every interface'}")


def is_local(host: str) -> bool:
    """Whether only this machine, or a container on it, can reach a listener on the address."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or (not address.is_unspecified and _is_bridge(host))


def _is_bridge(host: str) -> bool:
    import psutil

    return any(
        name.startswith(_BRIDGES) and any(each.address == host for each in addresses)
        for name, addresses in psutil.net_if_addrs().items()
    )
