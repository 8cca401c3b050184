from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from copilot.local import ports
from copilot.local.balancers.addresses import Addresses
from copilot.local.loopback import is_local


def test_a_bound_port_is_not_free_and_says_who_holds_it() -> None:
    with ports.bind(0) as listener:
        port = listener.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.is_answering(port)
        assert f"(pid {os.getpid()})" in ports.holder(port)
        error = ports.taken(port)
        assert str(port) in error.message and psutil.Process().name() in error.message
        assert f"copilot local start --port {port + 1}" in error.hints[0]
    assert ports.is_free(port)
    assert not ports.is_answering(port)


def test_a_port_that_a_living_process_holds_is_not_waited_for() -> None:
    with ports.bind(0) as listener:
        assert not ports.gets_free(listener.getsockname()[1], seconds=3600)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process may not see what others listen on")
def test_a_port_that_nobody_holds_any_more_is_waited_for() -> None:
    one, other = socket.socketpair()
    with ports.bind(0) as listener:
        port = listener.getsockname()[1]
        # On its way to another process a socket is in nobody's hands, as those of a process that was just killed are.
        socket.send_fds(one, [b"."], [listener.fileno()])
    assert not ports.is_free(port)
    assert not ports.gets_free(port, seconds=0.1)
    letting_go = threading.Timer(0.2, lambda: (one.close(), other.close()))
    letting_go.start()
    assert ports.gets_free(port, seconds=300)
    letting_go.join()


def test_a_port_is_bound_on_loopback_only() -> None:
    with ports.bind(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_the_gateway_ports_of_a_name_are_always_the_same_and_all_different() -> None:
    one = list(ports.gateway_candidates("shop-1234"))
    assert one == list(ports.gateway_candidates("shop-1234"))
    assert len(set(one)) == len(one) == 500
    assert all(20_000 <= port < 32_768 for port in one)
    assert one[0] != next(ports.gateway_candidates("shop-1235"))


def test_load_balancers_come_right_after_their_gateway() -> None:
    assert list(itertools.islice(ports.balancer_candidates(24_000), 2)) == [24_001, 24_002]


@pytest.fixture
def gateway_port() -> int:
    return next(port for port in ports.gateway_candidates(f"test-{os.getpid()}") if ports.is_free(port))


def test_a_load_balancer_keeps_its_port(tmp_path: Path, gateway_port: int) -> None:
    path = tmp_path / "ports.json"
    first = Addresses(path, gateway_port=gateway_port)
    with first.open("arn:one") as one, first.open("arn:two") as two:
        before = one.getsockname()[1], two.getsockname()[1]
    again = Addresses(path, gateway_port=gateway_port)
    with again.open("arn:two") as two, again.open("arn:one") as one:
        assert (one.getsockname()[1], two.getsockname()[1]) == before


def test_a_load_balancer_whose_port_is_taken_gets_another(tmp_path: Path, gateway_port: int) -> None:
    path = tmp_path / "ports.json"
    with Addresses(path, gateway_port=gateway_port).open("arn:one") as one:
        taken = one.getsockname()[1]
        with Addresses(path, gateway_port=gateway_port).open("arn:one") as other:
            assert other.getsockname()[1] != taken


def test_the_port_of_a_deleted_load_balancer_is_free_for_the_next(tmp_path: Path, gateway_port: int) -> None:
    addresses = Addresses(tmp_path / "ports.json", gateway_port=gateway_port)
    with addresses.open("arn:one") as one:
        port = one.getsockname()[1]
    addresses.release("arn:one")
    with addresses.open("arn:two") as two:
        assert two.getsockname()[1] == port


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_addresses_are_local(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "example.com"])
def test_addresses_that_others_could_reach_are_not_local(host: str) -> None:
    assert not is_local(host)


def test_an_address_of_this_machine_in_the_network_is_not_local() -> None:
    outward = [
        each.address
        for name, addresses in psutil.net_if_addrs().items()
        for each in addresses
        if each.family == socket.AF_INET and name.startswith(("eth", "en", "wl"))
    ]
    assert not any(is_local(address) for address in outward)


def test_a_guarded_process_cannot_be_reached_from_outside() -> None:
    script = (
        "import socket; from copilot.local import loopback; loopback.guard()\n"
        "socket.socket().bind(('127.0.0.1', 0))\n"
        "for host in ('0.0.0.0', ''):\n"
        "    try: socket.socket().bind((host, 0)); print('bound', host)\n"
        "    except PermissionError as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [
        "the local cloud binds loopback addresses only, not 0.0.0.0",
        "the local cloud binds loopback addresses only, not every interface",
    ]
