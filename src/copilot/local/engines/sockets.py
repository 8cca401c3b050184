"""Which loopback ports processes listen on."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import psutil

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it started; empty when it is gone."""
    try:
        leader = psutil.Process(pid)
        return [leader, *leader.children(recursive=True)]
    except psutil.Error:
        return []


def listening(processes: Iterable[psutil.Process]) -> list[int]:
    """The TCP ports that the processes listen on, in order."""
    found = set()
    for process in processes:
        try:
            connections = process.net_connections(kind="tcp")
        except psutil.Error:
            continue
        found |= {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}
    return sorted(found)


def map_ports(wanted: Iterable[int], assigned: int, actual: Iterable[int]) -> dict[int, int]:
    """Container port -> the port where the task really listens.

    The first container port is the one that PORT was set for; a program that ignores PORT listens on its own port, and
    one that knows neither is found by being the only one left.
    """
    wanted, left = list(wanted), list(actual)
    found: dict[int, int] = {}
    for index, port in enumerate(wanted):
        for candidate in (assigned, port) if index == 0 else (port,):
            if candidate in left:
                found[port] = candidate
                left.remove(candidate)
                break
    missing = [port for port in wanted if port not in found]
    if len(missing) == 1 and len(left) == 1:
        found[missing[0]] = left[0]
    return found


def holders() -> dict[int, str]:
    """Who listens on which port of this machine, as far as this user may know."""
    found: dict[int, str] = {}
    for process in psutil.process_iter(["pid", "name"]):
        for port in listening([process]):
            found.setdefault(port, f"{process.info['name']} (pid {process.info['pid']})")
    return found
