"""The pure parts of the engines: what a container definition asks for, names, paths, ports, health and logs."""

import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.local.engines import paths, records, sockets, spec
from copilot.local.engines.health import HEALTHY, UNHEALTHY, UNKNOWN, Health
from copilot.local.engines.logs import LogBuffer
from copilot.local.engines.records import overall, settle
from copilot.local.engines.registry import digest_on_record, is_local_repository
from copilot.local.engines.rollout import patience
from copilot.local.engines.spec import HealthCheck, Name

CONNECT = {
    "enabled": "true",
    "namespace": "test.vote.local",
    "services": [
        {"portName": "target", "discoveryName": "web-sc", "clientAliases": [{"port": "80", "dnsName": "web"}, {}]}
    ],
}
DEFINITION = {"containerDefinitions": [{"portMappings": [{"containerPort": "8080", "name": "target"}]}]}


def test_a_container_definition_is_read_with_text_where_numbers_belong() -> None:
    asked = spec.read(
        {
            "name": "web",
            "command": ["run"],
            "entryPoint": [],
            "portMappings": [{"containerPort": "8080"}, {"containerPort": 9090}],
            "stopTimeout": "7",
            "readonlyRootFilesystem": "true",
            "linuxParameters": {"initProcessEnabled": "false", "capabilities": {"add": ["SYS_PTRACE"]}},
        },
        {},
        task_arn="arn:aws:ecs:r:1:task/c/abc",
        cluster_arn="c",
        service="web",
        environment={"A": "1"},
    )
    assert (asked.task_id, asked.ports, asked.command, asked.entrypoint) == ("abc", (8080, 9090), ("run",), None)
    assert (asked.stop_seconds, asked.read_only, asked.init, asked.cap_add) == (7.0, True, False, ("SYS_PTRACE",))


def test_a_health_check_is_asked_quickly_but_fails_no_sooner_than_on_aws() -> None:
    check = spec.health_check({"command": ["CMD", "x"], "interval": 10, "retries": 3, "startPeriod": 60})
    assert check == HealthCheck(command=("CMD", "x"), interval=2.0, timeout=5.0, retries=3, grace=90.0)
    assert spec.health_check(None) is None
    assert spec.health_check({"command": ["NONE"]}) is None


def test_service_connect_and_cloud_map_name_a_service() -> None:
    service = {"serviceConnectConfiguration": CONNECT}
    assert records.names_of(service, DEFINITION, ["web.test.vote.local"]) == (
        Name(host="web", port=80, target=8080),
        Name(host="web-sc.test.vote.local", port=8080, target=8080),
        Name(host="web.test.vote.local"),
    )


def test_a_service_without_service_connect_has_no_short_name() -> None:
    service = {"serviceConnectConfiguration": {**CONNECT, "enabled": False}}
    assert records.names_of(service, DEFINITION, []) == ()
    assert records.service_of("service:web") == "web"
    assert records.service_of("family:task") == ""


@pytest.mark.parametrize(
    ("stored", "sent"),
    [("2026-01-02T03:04:05.678Z", 1767323045.678), ("", ""), ("monday", "monday"), (7, 7), (None, None)],
)
def test_a_time_is_sent_with_its_fraction_and_anything_else_as_it_is(stored: object, sent: object) -> None:
    assert records.wire_time(stored) == sent


@pytest.fixture
def rootfs(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "server.py").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/app/server.py", "{0}/app/server.py"),
        ("exec python /app/server.py --log=/app/log", "exec python {0}/app/server.py --log=/app/log"),
        ("--config=/app", "--config={0}/app"),
        ("/etc/hosts", "/etc/hosts"),
        ("http://host/app", "http://host/app"),
        ("./app/server.py", "./app/server.py"),
        ("$HOME/app", "$HOME/app"),
    ],
)
def test_paths_that_the_image_holds_become_those_of_the_copy(rootfs: Path, text: str, expected: str) -> None:
    assert paths.into_copy(text, rootfs) == expected.format(rootfs)


def test_python_is_the_interpreter_that_runs_us(rootfs: Path) -> None:
    assert paths.command(["python", "/app/server.py"], rootfs, "/usr/bin") == [
        sys.executable,
        f"{rootfs}/app/server.py",
    ]
    assert paths.command(["/usr/local/bin/python3"], rootfs, "/none") == [sys.executable]


def test_a_program_of_the_image_comes_before_one_of_this_machine(rootfs: Path) -> None:
    program = rootfs / "app" / "sh"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert paths.command(["/app/sh"], rootfs, "/bin") == [str(program)]
    assert paths.command(["/bin/sh", "-c", "x"], rootfs, "/bin")[0] == "/bin/sh"
    assert paths.command(["sh"], rootfs, paths.search_path("/app", rootfs))[0] == str(program)


def test_a_program_that_nobody_has_is_named(rootfs: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program: this machine has no such program"):
        paths.command(["no-such-program"], rootfs, "/bin")
    with pytest.raises(FileNotFoundError, match="give no command"):
        paths.command([], rootfs, "/bin")


def test_a_task_sees_nothing_of_our_environment_but_the_way_to_programs(
    rootfs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SECRET", "x")
    values = paths.environment({"PATH": "/app:$PATH", "A": "image", "PYTHONPATH": "/app"}, {"A": "task"}, rootfs)
    assert "MY_SECRET" not in values
    assert (values["A"], values["PYTHONPATH"]) == ("task", f"{rootfs}/app")
    assert values["PATH"].startswith(f"{rootfs}/app:")


def test_a_health_check_asks_the_port_where_the_task_really_listens() -> None:
    words = ["curl -f http://localhost:8080/ && nc 127.0.0.1 8080 && curl localhost:80801 other:8080"]
    assert paths.with_ports(words, {8080: 5555}) == [
        "curl -f http://127.0.0.1:5555/ && nc 127.0.0.1 5555 && curl localhost:80801 other:8080"
    ]


@pytest.mark.parametrize(
    ("wanted", "assigned", "actual", "expected"),
    [
        ([8080], 5000, [5000], {8080: 5000}),
        ([8080], 5000, [8080], {8080: 8080}),
        ([8080], 5000, [3000], {8080: 3000}),
        ([8080], 5000, [3000, 4000], {}),
        ([8080], 5000, [], {}),
        ([8080, 9090], 5000, [5000, 9090], {8080: 5000, 9090: 9090}),
        ([8080, 9090], 5000, [5000, 7000], {8080: 5000, 9090: 7000}),
    ],
)
def test_container_ports_are_found_among_those_that_a_task_listens_on(
    wanted: list[int], assigned: int, actual: list[int], expected: dict[int, int]
) -> None:
    assert sockets.map_ports(wanted, assigned, actual) == expected


@given(st.lists(st.integers(1, 50), unique=True), st.integers(51, 60), st.lists(st.integers(1, 60), unique=True))
def test_no_two_container_ports_are_mapped_to_one_port(wanted: list[int], assigned: int, actual: list[int]) -> None:
    found = sockets.map_ports(wanted, assigned, actual)
    assert len(set(found.values())) == len(found)
    assert set(found) <= set(wanted)
    assert set(found.values()) <= set(actual)


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def checked(clock: Clock, *, retries: int = 2, grace: float = 10) -> Health:
    check = HealthCheck(command=("CMD", "x"), interval=1, timeout=1, retries=retries, grace=grace)
    return Health(check, lambda words, timeout: True, clock=clock)


def test_failures_within_the_grace_don_t_count_and_after_it_they_do() -> None:
    clock = Clock()
    health = checked(clock)
    for _ in range(5):
        health.note(False)
    assert health.status == UNKNOWN
    clock.now = 11
    health.note(False)
    assert health.status == UNHEALTHY


def test_a_task_that_was_healthy_is_unhealthy_after_its_retries() -> None:
    health = checked(Clock())
    health.note(True)
    health.note(False)
    assert health.status == HEALTHY
    health.note(False)
    assert health.status == UNHEALTHY
    health.note(True)
    assert health.status == HEALTHY


def test_a_container_without_a_check_stays_unknown() -> None:
    health = Health(None, lambda words, timeout: True)
    health.note(False)
    assert (health.status, health.is_checked) == (UNKNOWN, False)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [([], UNKNOWN), ([HEALTHY], HEALTHY), ([HEALTHY, UNKNOWN], UNKNOWN), ([HEALTHY, UNHEALTHY], UNHEALTHY)],
)
def test_a_task_is_as_healthy_as_its_essential_containers(statuses: list[str], expected: str) -> None:
    assert overall(statuses) == expected


def test_a_follower_reads_every_line_once_and_ends_with_the_log() -> None:
    log = LogBuffer()
    log.append(b"early")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.extend(log.follow()))
    reader.start()
    for number in range(100):
        log.append(str(number).encode())
    log.close()
    reader.join(60)
    assert read == [b"early", *(str(number).encode() for number in range(100))]
    assert log.delivered(0)
    assert log.tail(2) == [b"98", b"99"]


def test_a_log_is_delivered_once_a_reader_has_had_all_of_it() -> None:
    log = LogBuffer()
    log.append(b"a")
    assert not log.delivered(0.01), "nobody has read it yet"
    follower = log.follow()
    assert next(follower) == b"a"
    log.close()
    assert not log.delivered(0.01), "the reader may still be busy with the line"
    assert list(follower) == []
    assert log.delivered(0)


def test_repositories_of_ecr_are_told_from_others() -> None:
    assert is_local_repository("123456789012.dkr.ecr.us-west-2.amazonaws.com/app/web:latest")
    assert not is_local_repository("public.ecr.aws/nginx/nginx:latest")
    assert not is_local_repository("nginx")
    assert digest_on_record("nginx:latest") == ""


def test_the_record_of_a_task_that_ended_with_its_server_is_settled() -> None:
    task = {"attachments": [1], "containers": [{"lastStatus": "RUNNING"}], "healthStatus": HEALTHY}
    settle(task, "now")
    assert task["containers"] == [{"lastStatus": "STOPPED", "healthStatus": UNKNOWN}]
    assert (task["desiredStatus"], task["attachments"], task["stoppedAt"]) == ("STOPPED", [], "now")


@pytest.mark.parametrize(("grace", "expected"), [(0, 30), (40, 40), (60, 45), (61, 61), (600, 600)])
def test_a_failing_deployment_is_told_within_a_minute_unless_a_longer_grace_was_asked_for(
    grace: float, expected: float
) -> None:
    assert patience(grace) == expected
