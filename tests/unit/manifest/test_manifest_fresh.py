from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.manifest import (
    Environment,
    NewEnvironment,
    NewSubnets,
    NewWorkload,
    Source,
    WorkloadManifest,
    has_only_private_subnets,
    load_environment,
    load_workload,
    new_environment,
    new_workload,
)
from copilot.model.records import BACKEND_SERVICE, LOAD_BALANCED_WEB_SERVICE

TYPES = [LOAD_BALANCED_WEB_SERVICE, BACKEND_SERVICE]


@dataclass(frozen=True)
class Check:
    command: tuple[str, ...]
    interval: float | None = None
    timeout: float | None = None
    start_period: float | None = None
    retries: int | None = None


def loaded(wanted: NewWorkload, env: str = "test") -> WorkloadManifest:
    source = Source(text=new_workload(wanted), path=f"copilot/{wanted.name}/manifest.yml")
    found = load_workload(source, app="vote", env=env, environ={})
    assert found.manifest.name == wanted.name
    return found.manifest


def loaded_environment(wanted: NewEnvironment) -> Environment:
    source = Source(text=new_environment(wanted), path=f"copilot/environments/{wanted.name}/manifest.yml")
    return load_environment(source, app="vote", env=wanted.name, environ={}).manifest


def test_a_new_web_service_says_what_the_original_says() -> None:
    manifest = loaded(
        NewWorkload(name="web", type=LOAD_BALANCED_WEB_SERVICE, dockerfile="web/Dockerfile", port=80, path="web")
    )
    assert manifest.image.build is not None
    assert (manifest.image.build.dockerfile, manifest.image.port) == ("web/Dockerfile", 80)
    assert manifest.http is not None
    assert manifest.http.path == "web"
    assert (manifest.cpu, manifest.memory, manifest.count.desired, manifest.exec) == (256, 512, 1, True)
    assert manifest.network.connect is not None
    assert manifest.platform is None


def test_a_new_web_service_spells_out_a_quick_health_check() -> None:
    manifest = loaded(NewWorkload(name="web", type=LOAD_BALANCED_WEB_SERVICE, image="nginx", port=80))
    assert manifest.http is not None
    assert (manifest.http.healthcheck.interval, manifest.http.healthcheck.healthy_threshold) == (10, 2)


def test_the_port_of_grpc_brings_its_protocol() -> None:
    manifest = loaded(NewWorkload(name="web", type=LOAD_BALANCED_WEB_SERVICE, image="nginx", port=50051))
    assert manifest.http is not None
    assert manifest.http.version == "GRPC"


def test_a_new_backend_service_without_a_port_is_not_connected() -> None:
    manifest = loaded(NewWorkload(name="api", type=BACKEND_SERVICE, image="nginx"))
    assert (manifest.image.port, manifest.network.connect, manifest.http) == (None, None, None)
    assert loaded(NewWorkload(name="api", type=BACKEND_SERVICE, image="nginx", port=80)).network.connect is not None


def test_the_health_check_of_a_dockerfile_is_taken_over() -> None:
    check = Check(command=("CMD-SHELL", 'curl "x:$PORT/${PATH}" || exit 1'), interval=7.0, retries=9)
    image = loaded(
        NewWorkload(name="api", type=BACKEND_SERVICE, dockerfile="Dockerfile", port=80, healthcheck=check)
    ).image
    assert image.healthcheck is not None
    assert image.healthcheck.command == check.command
    assert (image.healthcheck.interval, image.healthcheck.retries, image.healthcheck.timeout) == (7, 9, 5)


def test_windows_gets_the_size_it_needs_and_neither_exec_nor_connect() -> None:
    manifest = loaded(NewWorkload(name="api", type=BACKEND_SERVICE, image="iis", port=80, platform="windows/amd64"))
    assert (manifest.cpu, manifest.memory, manifest.exec, manifest.network.connect) == (1024, 2048, False, None)


def test_environments_without_public_subnets_get_a_private_placement() -> None:
    wanted = NewWorkload(name="api", type=BACKEND_SERVICE, image="nginx", private_environments=("prod",))
    assert loaded(wanted, env="prod").network.vpc.placement.where == "private"
    assert loaded(wanted, env="test").network.vpc.placement.where == "public"


@pytest.mark.parametrize("name", ["on", "null", "y", "true", "off"])
def test_a_name_that_looks_like_another_type_stays_a_name(name: str) -> None:
    loaded(NewWorkload(name=name, type=BACKEND_SERVICE, image="nginx", private_environments=(name,)))
    assert loaded_environment(NewEnvironment(name=name)).name == name


PATHS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20) | st.text(
    "${}Aa/. #:", min_size=1
)


@given(st.sampled_from(TYPES), PATHS, st.integers(1, 65535), st.booleans())
def test_every_new_manifest_loads_and_says_what_was_wanted(kind: str, path: str, port: int, is_built: bool) -> None:
    wanted = NewWorkload(
        name="web",
        type=kind,
        dockerfile="a/" + path if is_built else "",
        image="" if is_built else "a/" + path,
        port=port,
        path="/" + path,
    )
    manifest = loaded(wanted)
    assert manifest.image.location == (None if is_built else "a/" + path)
    assert (manifest.image.build is not None) is is_built
    assert manifest.image.port == port
    if kind == LOAD_BALANCED_WEB_SERVICE:
        assert manifest.http is not None
        assert manifest.http.path == "/" + path


def test_a_new_environment_is_the_default_one() -> None:
    assert loaded_environment(NewEnvironment(name="test")) == Environment(name="test")


def test_an_imported_vpc_is_written() -> None:
    subnets = NewSubnets(public_ids=("a", "b"), private_ids=("c", "d"))
    manifest = loaded_environment(
        NewEnvironment(
            name="test", vpc_id="vpc-1", subnets=subnets, public_certificates=("arn:aws:acm:x:1:certificate/1",)
        )
    )
    assert manifest.network.vpc.id == "vpc-1"
    assert [s.id for s in manifest.network.vpc.subnets.public] == ["a", "b"]
    assert [s.id for s in manifest.network.vpc.subnets.private] == ["c", "d"]
    assert manifest.http.public.certificates == ("arn:aws:acm:x:1:certificate/1",)
    assert manifest.http.private.certificates == ()


def test_without_public_subnets_the_internal_load_balancer_gets_the_certificates() -> None:
    wanted = NewEnvironment(
        name="test",
        vpc_id="vpc-1",
        subnets=NewSubnets(private_ids=("c", "d")),
        public_certificates=("arn:aws:acm:x:1:certificate/1",),
        internal_alb_subnets=("c",),
        internal_alb_vpc_ingress=True,
    )
    private = loaded_environment(wanted).http.private
    assert (private.certificates, private.subnets) == (("arn:aws:acm:x:1:certificate/1",), ("c",))
    assert private.ingress.vpc
    assert has_only_private_subnets(Source(text=new_environment(wanted), path="m.yml"))


def test_an_adjusted_vpc_is_written_with_its_zones() -> None:
    subnets = NewSubnets(
        public_cidrs=("10.0.0.0/24", "10.0.1.0/24"), private_cidrs=("10.0.2.0/24", "10.0.3.0/24"), az_names=("a", "b")
    )
    wanted = NewEnvironment(name="test", vpc_cidr="10.0.0.0/16", subnets=subnets, container_insights=True)
    manifest = loaded_environment(wanted)
    assert manifest.network.vpc.cidr == "10.0.0.0/16"
    assert [(s.cidr, s.az) for s in manifest.network.vpc.subnets.private] == [
        ("10.0.2.0/24", "a"),
        ("10.0.3.0/24", "b"),
    ]
    assert manifest.observability.container_insights
    assert not has_only_private_subnets(Source(text=new_environment(wanted), path="m.yml"))


@pytest.mark.parametrize(
    "text", ["name: x\ntype: Environment\n", "name: x\nnetwork: 5\n", "name: x\nnetwork:\n  vpc:\n    id: a\n"]
)
def test_environments_that_say_nothing_of_subnets_have_public_ones(text: str) -> None:
    assert not has_only_private_subnets(Source(text=text, path="m.yml"))
