"""ECS of the local cloud with Docker: real containers, their names, networks, logs and ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException
from engines_bench import CLUSTER, Bench, eventually

from copilot.images import endpoint
from copilot.local.engines.docker_networks import CLOUD_LABEL

BUSYBOX = Path("/bin/busybox")
SCRIPT = """#!/bin/sh
trap 'echo stopping; exit 3' TERM
mkdir -p /www && echo "hello from $(hostname)" > /www/index.html
echo up
httpd -f -p 8080 -h /www &
wait $!
"""
DOCKERFILE = """FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY run.sh /run.sh
ENV PATH=/bin
CMD ["sh", "/run.sh"]
"""

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(not endpoint.answers(endpoint.docker_host(os.environ)), reason="Docker does not answer"),
    pytest.mark.skipif(not BUSYBOX.is_file(), reason="there is no static busybox to make an image from"),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    found = Bench(tmp_path_factory.mktemp("docker"), "docker")
    yield found
    found.cloud.stop()


@pytest.fixture(scope="module")
def image(bench: Bench, engine: docker.DockerClient) -> Iterator[str]:
    files = {"busybox": BUSYBOX.read_bytes(), "run.sh": SCRIPT, "Dockerfile": DOCKERFILE}
    published = bench.publish("web", files)
    yield published.reference
    bench.cloud.stop()
    try:
        engine.images.remove(published.digest, force=True)
    except DockerException as err:
        pytest.fail(f"the image is still in use: {err}")


def containers(engine: docker.DockerClient, bench: Bench) -> list[Any]:
    found = engine.containers.list(all=True, filters={"label": CLOUD_LABEL}, ignore_removed=True)
    return [each for each in found if bench.cloud.name in each.labels[CLOUD_LABEL]]


def networks(engine: docker.DockerClient, bench: Bench) -> list[Any]:
    return [each for each in engine.networks.list(filters={"label": CLOUD_LABEL}) if bench.cloud.name in each.name]


def shell(image_command: str) -> list[str]:
    return ["sh", "-c", image_command]


def test_a_service_runs_containers_logs_and_leaves_nothing(
    bench: Bench, image: str, engine: docker.DockerClient
) -> None:
    bench.service("life", image, count=2)
    eventually(lambda: bench.is_steady("life", 2))
    tasks = bench.tasks("life")
    for task in tasks:
        assert eventually(lambda task=task: bench.log("life", task)) == ["up"]  # type: ignore[misc]
    assert len(containers(engine, bench)) == 2
    bench.ecs.delete_service(cluster=CLUSTER, service="life", force=True)
    ended = bench.ecs.describe_tasks(cluster=CLUSTER, tasks=[task["taskArn"] for task in tasks])["tasks"]
    assert [task["containers"][0]["exitCode"] for task in ended] == [3, 3]
    eventually(lambda: bench.log("life", tasks[0]) == ["up", "stopping"])
    eventually(lambda: (containers(engine, bench), networks(engine, bench)) == ([], []))


def test_containers_reach_each_other_by_name_and_the_local_cloud(bench: Bench, image: str) -> None:
    bench.service("back", image)
    eventually(lambda: bench.is_steady("back"))
    ask = "wget -q -O - http://back:8080/; wget -q -O - $AWS_ENDPOINT_URL/_copilot/status | head -c 1; echo; sleep 600"
    bench.service("front", image, command=shell(ask))
    task = eventually(lambda: bench.tasks("front"))[0]
    lines = eventually(lambda: len(found := bench.log("front", task)) >= 2 and found)
    assert lines[0].startswith("hello from ") and lines[1] == "{"


def test_a_container_that_dies_at_once_leaves_its_code_and_last_words(bench: Bench, image: str) -> None:
    bench.service("dying", image, command=shell("echo one; echo two >&2; exit 9"))
    ended = eventually(lambda: bench.tasks("dying", "STOPPED"))[0]
    assert ended["stoppedReason"] == "Essential container in task exited"
    assert ended["containers"][0]["exitCode"] == 9
    assert sorted(bench.log("dying", ended)) == ["one", "two"]
    bench.ecs.delete_service(cluster=CLUSTER, service="dying", force=True)


def test_docker_s_own_health_check_reaches_the_records(bench: Bench, image: str) -> None:
    bench.service(
        "checked", image, healthCheck={"command": ["CMD-SHELL", "wget -q -O - localhost:8080"], "interval": 5}
    )
    eventually(lambda: bench.is_steady("checked"))
    assert bench.tasks("checked")[0]["healthStatus"] == "HEALTHY"


def test_the_containers_of_a_task_share_localhost(bench: Bench, image: str) -> None:
    group = "/copilot/pair"
    bench.logs.create_log_group(logGroupName=group)
    options = {"awslogs-group": group, "awslogs-region": bench.endpoint.region, "awslogs-stream-prefix": "copilot"}
    logged = {"image": image, "logConfiguration": {"logDriver": "awslogs", "options": options}}
    ask = shell("until wget -q -O - http://localhost:8080/; do sleep 0.1; done; exit 4")
    definitions = [{"name": "main", **logged}, {"name": "pair", "essential": False, "command": ask, **logged}]
    bench.services()
    task = bench.ecs.register_task_definition(family="pair", networkMode="awsvpc", containerDefinitions=definitions)
    asked = bench.ecs.run_task(cluster=CLUSTER, taskDefinition=task["taskDefinition"]["taskDefinitionArn"])["tasks"][0]

    def helper() -> Any:
        found = bench.ecs.describe_tasks(cluster=CLUSTER, tasks=[asked["taskArn"]])["tasks"][0]
        ended = found["containers"][1]
        return (found, ended) if ended["lastStatus"] == "STOPPED" else None

    found, ended = eventually(helper)
    assert (found["lastStatus"], ended["exitCode"]) == ("RUNNING", 4)
    assert eventually(lambda: bench.log("pair", asked))[0].startswith("hello from ")
    bench.ecs.stop_task(cluster=CLUSTER, task=asked["taskArn"])


def test_a_missing_image_is_told_as_ecs_tells_it(bench: Bench, image: str) -> None:
    bench.service("gone", image.partition("@")[0] + ":gone")
    ended = eventually(lambda: bench.tasks("gone", "STOPPED"))[0]
    assert ended["stoppedReason"].startswith("CannotPullContainerError: ")
    assert "web:gone: not found" in ended["stoppedReason"]


def test_a_killed_server_s_containers_are_replaced(
    tmp_path_factory: pytest.TempPathFactory, bench: Bench, image: str, engine: docker.DockerClient
) -> None:
    other = Bench(tmp_path_factory.mktemp("killed"), "docker")
    try:
        files = {"busybox": BUSYBOX.read_bytes(), "run.sh": SCRIPT, "Dockerfile": DOCKERFILE}
        other.service("web", other.publish("web", files).reference)
        eventually(lambda: other.is_steady("web"))
        old = {each.id for each in containers(engine, other)}
        saved = other.cloud.home.state / "ecs.json"
        eventually(lambda: saved.exists() and "web" in saved.read_text())
        os.kill(other.cloud.status().pid, signal.SIGKILL)
        eventually(lambda: other.cloud.endpoint() is None)
        other.start()
        eventually(lambda: other.tasks("web"))
        assert len(old) == 1
        eventually(lambda: len(now := {each.id for each in containers(engine, other)}) == 1 and not old & now)
    finally:
        other.cloud.stop()
    eventually(lambda: (containers(engine, other), networks(engine, other)) == ([], []))
