"""ECS of the local cloud with Docker and Podman: real containers, their names, networks, logs and ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from container_engines import ENGINES, connect
from docker.errors import DockerException
from engines_bench import CLUSTER, Bench, eventually

from copilot.local.engines.docker import DockerImages
from copilot.local.engines.docker_options import CLOUD_LABEL, HOLDER_LABEL

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
    pytest.mark.skipif(not BUSYBOX.is_file(), reason="there is no static busybox to make an image from"),
]


@pytest.fixture(scope="module", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(engine_name: str) -> Iterator[docker.DockerClient]:
    client = connect(engine_name)
    yield client
    client.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, engine_name: str, engine: docker.DockerClient) -> Iterator[Bench]:
    found = Bench(tmp_path_factory.mktemp(engine_name), engine_name)
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


def running(engine: docker.DockerClient, bench: Bench) -> set[str]:
    """The containers of task definitions: without those that hold networks."""
    return {str(each.id) for each in containers(engine, bench) if HOLDER_LABEL not in each.labels}


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
    assert len(running(engine, bench)) == 2
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


def test_the_engine_s_own_health_check_reaches_the_records(bench: Bench, image: str) -> None:
    bench.service(
        "checked", image, healthCheck={"command": ["CMD-SHELL", "wget -q -O - localhost:8080"], "interval": 5}
    )
    eventually(lambda: bench.is_steady("checked"))
    assert bench.tasks("checked")[0]["healthStatus"] == "HEALTHY"


def test_the_containers_of_a_task_share_localhost(bench: Bench, image: str) -> None:
    ask = shell("until wget -q -O - http://localhost:8080/; do sleep 0.1; done; exit 4")
    pair = {"name": "pair", "image": image, "essential": False, "command": ask}
    task = bench.run("pair", [{"name": "main", "image": image}, pair])
    ended = eventually(lambda: (found := bench.container(task, "pair"))["lastStatus"] == "STOPPED" and found)
    assert (bench.task(task)["lastStatus"], ended["exitCode"]) == ("RUNNING", 4)
    assert eventually(lambda: bench.events("pair", "pair", task))[0][0].startswith("hello from ")
    bench.ecs.stop_task(cluster=CLUSTER, task=task)


def test_the_containers_of_a_task_keep_their_network_when_the_first_one_ends(bench: Bench, image: str) -> None:
    early = {"name": "early", "image": image, "essential": False, "command": shell("echo first")}
    after = [{"containerName": "early", "condition": "SUCCESS"}]
    ask = shell("until wget -q -O - http://localhost:8080/; do sleep 0.1; done; wget -q -O - $AWS_ENDPOINT_URL; exit 4")
    late = {"name": "late", "image": image, "essential": False, "command": ask, "dependsOn": after}
    task = bench.run("keep", [late, {"name": "main", "image": image, "dependsOn": after}, early])
    ended = eventually(lambda: (found := bench.container(task, "late"))["lastStatus"] == "STOPPED" and found)
    assert (bench.task(task)["lastStatus"], ended["exitCode"]) == ("RUNNING", 4)
    assert bench.container(task, "early")["exitCode"] == 0
    bench.ecs.stop_task(cluster=CLUSTER, task=task)


def test_the_first_container_of_an_environment_reaches_the_local_cloud(bench: Bench, image: str) -> None:
    ask = shell("wget -q -O - $AWS_ENDPOINT_URL/_copilot/status | head -c 1; echo; sleep 60")
    task = bench.run("lonely", [{"name": "only", "image": image, "command": ask}], cluster="lonely")
    assert eventually(lambda: bench.events("lonely", "only", task))[0][0] == "{"
    bench.ecs.stop_task(cluster="lonely", task=task)


def test_a_container_that_takes_more_memory_than_it_may_is_killed_and_says_so(
    bench: Bench, image: str, engine: docker.DockerClient
) -> None:
    greedy = {"name": "greedy", "image": image, "memory": 16, "command": shell("echo hungry; tail /dev/zero")}
    task = bench.run("greedy", [greedy])
    ended = eventually(lambda: (found := bench.task(task))["lastStatus"] == "STOPPED" and found)
    assert ended["containers"][0]["exitCode"] == 137
    if bench.engine == "podman" and engine.info()["CgroupVersion"] == "1":
        return  # where Podman does not tell why
    killed = "OutOfMemoryError: Container killed due to memory usage"
    assert ended["stoppedReason"] == f"Essential container in task exited: {killed}"
    assert ended["containers"][0]["reason"] == killed


def test_a_missing_image_is_told_as_ecs_tells_it(bench: Bench, image: str) -> None:
    bench.service("gone", image.partition("@")[0] + ":gone")
    ended = eventually(lambda: bench.tasks("gone", "STOPPED"))[0]
    assert ended["stoppedReason"].startswith("CannotPullContainerError: ")
    assert "web:gone: not found" in ended["stoppedReason"]


def test_an_image_without_a_name_or_a_container_is_dropped_and_any_other_stays(
    bench: Bench, image: str, engine: docker.DockerClient
) -> None:
    def build(content: str) -> str:
        return bench.publish(
            "pruned", {"file": content, "Dockerfile": 'FROM scratch\nCOPY file /\nCMD ["/none"]\n'}
        ).digest

    drop = DockerImages(engine, lambda _: "").drop
    used, unnamed, named = build("one"), build("two"), build("three")
    holder = engine.containers.create(used)
    try:
        assert [drop(digest) for digest in (used, unnamed, named, unnamed)] == [False, True, False, False]
        assert engine.images.get(used) and engine.images.get(named)
    finally:
        holder.remove(force=True)
        engine.images.remove(named, force=True)
    assert drop(used)


def test_a_killed_server_s_containers_are_replaced(
    tmp_path_factory: pytest.TempPathFactory, bench: Bench, image: str, engine: docker.DockerClient
) -> None:
    other = Bench(tmp_path_factory.mktemp("killed"), bench.engine)
    try:
        files = {"busybox": BUSYBOX.read_bytes(), "run.sh": SCRIPT, "Dockerfile": DOCKERFILE}
        other.service("web", other.publish("web", files).reference)
        eventually(lambda: other.is_steady("web"))
        old = running(engine, other)
        eventually(lambda: other.is_saved("web"))
        os.kill(other.cloud.status().pid, signal.SIGKILL)
        eventually(lambda: other.cloud.endpoint() is None)
        other.start()
        eventually(lambda: other.tasks("web"))
        assert len(old) == 1
        eventually(lambda: len(now := running(engine, other)) == 1 and not old & now)
    finally:
        other.cloud.stop()
    eventually(lambda: (containers(engine, other), networks(engine, other)) == ([], []))
