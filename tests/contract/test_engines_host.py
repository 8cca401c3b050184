"""ECS of the local cloud with the host engine: tasks are processes, and the records say the truth about them."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from engines_bench import CLUSTER, Bench, eventually

from copilot.local.engines.rollout import STARTUP_SECONDS

SERVER = """
import http.server, json, os, signal, sys, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/ask":
            body = urllib.request.urlopen("http://back:8080/", timeout=60).read()
        else:
            body = json.dumps(dict(os.environ)).encode()
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): print("asked", self.path, flush=True)
signal.signal(15, lambda *a: sys.exit(3))
print("up", flush=True)
http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""
DOCKERFILE = 'FROM python:3\nCOPY server.py /app/\nCMD ["python", "/app/server.py"]\n'


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    found = Bench(tmp_path_factory.mktemp("host"), "host")
    yield found
    found.cloud.stop()


@pytest.fixture(scope="module")
def image(bench: Bench) -> str:
    return bench.publish("web", {"server.py": SERVER, "Dockerfile": DOCKERFILE}).reference


def processes(bench: Bench) -> list[psutil.Process]:
    """The tasks of this cloud, as the operating system knows them."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(bench.root / "clouds") in " ".join(process.cmdline()[1:]) and "/tasks/" in " ".join(
                process.cmdline()
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_the_registry_of_the_local_cloud_is_on_loopback_and_lists_what_was_published(bench: Bench, image: str) -> None:
    found = bench.ecr.list_images(repositoryName="web")["imageIds"]
    assert {"imageTag": "latest", "imageDigest": image.partition("@")[2]} in found


def test_a_service_becomes_steady_logs_and_ends_with_its_exit_code(bench: Bench, image: str) -> None:
    bench.service("life", image, count=2)
    eventually(lambda: bench.is_steady("life", 2))
    tasks = bench.tasks("life")
    for task in tasks:
        assert eventually(lambda task=task: bench.log("life", task)) == ["up"]  # type: ignore[misc]
    bench.ecs.delete_service(cluster=CLUSTER, service="life", force=True)
    ended = bench.ecs.describe_tasks(cluster=CLUSTER, tasks=[task["taskArn"] for task in tasks])["tasks"]
    assert [task["containers"][0]["exitCode"] for task in ended] == [3, 3]
    assert {task["stoppedReason"] for task in ended} == {"Service deleted"}


def test_times_are_told_with_fractions_of_a_second(bench: Bench, image: str) -> None:
    """Clients know by them whether a deployment is later than what they asked for."""
    asked = datetime.now(UTC) - timedelta(milliseconds=1)
    bench.service("timed", image)
    eventually(lambda: bench.is_steady("timed"))
    deployment = bench.deployment("timed")
    assert asked <= deployment["createdAt"] < deployment["updatedAt"]
    assert {deployment["createdAt"].microsecond, deployment["updatedAt"].microsecond} != {0}


def test_a_task_gets_the_local_cloud_in_place_of_aws(bench: Bench, image: str) -> None:
    code = "import os; print(os.environ['AWS_ENDPOINT_URL'], os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_REGION'])"
    bench.service("environ", image, command=["python", "-c", code + "; import time; time.sleep(600)"])
    task = eventually(lambda: bench.tasks("environ"))[0]
    endpoint = bench.endpoint
    assert eventually(lambda: bench.log("environ", task)) == [f"{endpoint.url} {endpoint.access_key} {endpoint.region}"]


def test_services_reach_each_other_by_service_connect_names(bench: Bench, image: str) -> None:
    bench.service("back", image)
    eventually(lambda: bench.is_steady("back"))
    code = "import urllib.request as u; print(u.urlopen('http://back:8080/', timeout=60).status)"
    bench.service("front", image, command=["python", "-c", code + "; import time; time.sleep(600)"])
    task = eventually(lambda: bench.tasks("front"))[0]
    assert eventually(lambda: bench.log("front", task)) == ["200"]
    offered = bench.deployment("back")["serviceConnectConfiguration"]["services"][0]["clientAliases"]
    assert offered == [{"port": 8080, "dnsName": "back"}]


def test_a_task_that_dies_is_stopped_with_its_code_its_log_and_a_reason_and_replaced(bench: Bench, image: str) -> None:
    bench.service("mortal", image)
    eventually(lambda: bench.is_steady("mortal"))
    task = bench.tasks("mortal")[0]
    victim = next(p for p in processes(bench) if task["taskArn"] in _record(bench, p))
    victim.kill()
    ended = eventually(lambda: bench.tasks("mortal", "STOPPED"))[0]
    assert (ended["stopCode"], ended["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    assert ended["containers"][0]["exitCode"] == 137
    assert eventually(lambda: bench.tasks("mortal"))[0]["taskArn"] != task["taskArn"]


def _record(bench: Bench, process: psutil.Process) -> str:
    folder = Path(process.cmdline()[-1].partition("/rootfs/")[0])
    return (folder / "process.json").read_text()


def test_a_deployment_that_dies_at_once_fails_with_its_last_words_and_the_old_task_stays(
    bench: Bench, image: str
) -> None:
    bench.service("steady", image)
    eventually(lambda: bench.is_steady("steady"))
    before = bench.tasks("steady")[0]["taskArn"]
    bench.service("steady", image, command=["python", "-c", "import sys; print('bye'); sys.exit(9)"])
    failed = eventually(
        lambda: [task for task in bench.tasks("steady", "STOPPED") if "exited" in task["stoppedReason"]]
    )
    assert failed[0]["containers"][0]["exitCode"] == 9
    assert bench.log("steady", failed[0]) == ["bye"]
    eventually(lambda: bench.is_steady("steady"))
    eventually(lambda: [task["taskArn"] for task in bench.tasks("steady")] == [before])


def test_a_missing_image_is_told_as_ecs_tells_it(bench: Bench, image: str) -> None:
    gone = image.partition("@")[0] + ":gone"
    bench.service("gone", gone)
    ended = eventually(lambda: bench.tasks("gone", "STOPPED"))[0]
    assert ended["stoppedReason"].startswith(f"CannotPullContainerError: {gone}: not found")
    assert ended["stopCode"] == "TaskFailedToStart"


def test_a_tag_means_the_image_that_the_registry_has_on_record(bench: Bench, image: str) -> None:
    bench.service("tagged", image.partition("@")[0] + ":latest")
    task = eventually(lambda: bench.tasks("tagged"))[0]
    assert task["containers"][0]["imageDigest"] == image.partition("@")[2]


def test_a_container_health_check_decides_when_a_deployment_is_complete(bench: Bench, image: str) -> None:
    probe = "import urllib.request as u; u.urlopen('http://localhost:8080{}')"
    good = {"command": ["CMD", "python", "-c", probe.format("/")], "interval": 5, "timeout": 60, "retries": 10}
    bench.service("checked", image, healthCheck=good)
    eventually(lambda: bench.is_steady("checked"))
    task = bench.tasks("checked")[0]
    assert (task["healthStatus"], task["containers"][0]["healthStatus"]) == ("HEALTHY", "HEALTHY")
    bad = {"command": ["CMD", "python", "-c", probe.format("/none")], "interval": 5, "timeout": 60, "retries": 1}
    bench.service("checked", image, healthCheck=bad)
    ended = eventually(
        lambda: [each for each in bench.tasks("checked", "STOPPED") if "health" in each["stoppedReason"]]
    )
    assert ended[0]["stoppedReason"] == "Task failed container health checks"
    assert task["taskArn"] in [each["taskArn"] for each in bench.tasks("checked")]


def test_a_load_balancer_reaches_a_task_and_its_health_check_decides_too(bench: Bench, image: str) -> None:
    url, group = bench.balancer("well", health_path="/")
    bench.service("well", image, count=2, group=group)
    eventually(lambda: bench.is_steady("well", 2))
    eventually(lambda: bench.target_states(group) == ["healthy", "healthy"])
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.status == 200
    _, group = bench.balancer("sick", health_path="/none")
    bench.service("sick", image, group=group)
    eventually(lambda: bench.target_states(group) == ["unhealthy"])
    time.sleep(STARTUP_SECONDS)
    assert bench.deployment("sick")["rolloutState"] == "IN_PROGRESS"
    bench.ecs.delete_service(cluster=CLUSTER, service="sick", force=True)
    assert bench.target_states(group) == []


def test_a_killed_server_leaves_nothing_behind_and_its_services_come_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    bench = Bench(tmp_path_factory.mktemp("killed"), "host")
    try:
        image = bench.publish("web", {"server.py": SERVER, "Dockerfile": DOCKERFILE}).reference
        bench.service("web", image)
        eventually(lambda: bench.is_steady("web"))
        old = {process.pid for process in processes(bench)}
        eventually(lambda: bench.is_saved("web"))
        os.kill(bench.cloud.status().pid, signal.SIGKILL)
        eventually(lambda: bench.cloud.endpoint() is None)
        assert {process.pid for process in processes(bench)} == old
        bench.start()
        task = eventually(lambda: bench.tasks("web"))[0]
        eventually(lambda: bench.log("web", task))
        eventually(lambda: len(now := {process.pid for process in processes(bench)}) == 1 and not now & old)
        assert all(each["stoppedReason"] for each in bench.tasks("web", "STOPPED"))
    finally:
        bench.cloud.stop()
    eventually(lambda: processes(bench) == [])
