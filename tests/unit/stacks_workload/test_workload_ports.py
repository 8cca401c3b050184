"""Which container listens where, and where rules point."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot.manifest.parts.http import Http
from copilot.stacks.parts.ports import Exposed, Ports, Target, expose

_PORT = st.integers(min_value=1, max_value=65535)


def _http(**fields: object) -> Http:
    return Http.model_validate({"path": "/", **fields})


def test_a_rule_without_target_points_at_the_main_container() -> None:
    ports = expose("web", 8080, _http())
    assert ports.target(_http()) == Target(container="web", port=8080)


def test_a_target_port_opens_that_port_on_the_main_container() -> None:
    http = _http(target_port="9090")
    ports = expose("web", 8080, http)
    assert ports.target(http) == Target(container="web", port=9090)
    assert [exposed.port for exposed in ports.of("web")] == [8080, 9090]


def test_a_target_port_that_a_neighbour_has_points_at_the_neighbour() -> None:
    http = _http(target_port="81")
    ports = expose("web", 8080, http, [Exposed(port=81, container="nginx", is_declared=True)])
    assert ports.target(http) == Target(container="nginx", port=81)


def test_a_target_container_without_port_means_the_port_that_it_names_itself() -> None:
    http = _http(target_container="nginx")
    ports = expose("web", 8080, http, [Exposed(port=81, container="nginx", is_declared=True)])
    assert ports.target(http) == Target(container="nginx", port=81)


def test_a_target_container_that_is_the_main_one_is_no_explicit_target() -> None:
    http = _http(target_container="web")
    assert expose("web", 8080, http).explicit_target(http) is None


def test_a_container_without_port_is_no_target() -> None:
    assert expose("api", None, None).target(None) == Target(container="api", port=None)


def test_a_port_that_only_a_rule_names_is_not_the_containers_own() -> None:
    http = _http(target_port="9090")
    assert expose("web", None, http).declared("web") is None


@given(main=st.none() | _PORT, targets=st.lists(_PORT, max_size=5), beside=st.lists(_PORT, max_size=5, unique=True))
def test_every_port_belongs_to_one_container(main: int | None, targets: list[int], beside: list[int]) -> None:
    http = _http(additional_rules=[{"path": "/", "target_port": str(port)} for port in targets])
    ports: Ports = expose("web", main, http, [Exposed(port=port, container="nginx") for port in beside])
    listed = [exposed.port for container in ("web", "nginx") for exposed in ports.of(container)]
    assert sorted(listed) == sorted({*targets, *beside, *([] if main is None else [main])})
