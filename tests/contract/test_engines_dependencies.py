"""The containers of a task start in the order of their dependencies and stop in the opposite one, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from container_engines import ENGINES, connect
from engines_bench import CLUSTER, Bench, eventually

BUSYBOX = Path("/bin/busybox")
FILES: dict[str, dict[str, str | bytes]] = {
    "containers": {
        "busybox": BUSYBOX.read_bytes() if BUSYBOX.is_file() else b"",
        "Dockerfile": 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n'
        'ENV PATH=/bin\nCMD ["sh"]\n',
    },
    "host": {"Dockerfile": 'FROM busybox\nCMD ["sh"]\n'},
}
STAY = "trap 'echo stopping; exit 0' TERM; echo up; while :; do sleep 0.1; done"


@pytest.fixture(scope="module", params=["host", *(pytest.param(each, marks=pytest.mark.docker) for each in ENGINES)])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    engine = str(request.param)
    if engine != "host":
        connect(engine).close()
        if not BUSYBOX.is_file():
            pytest.skip("there is no static busybox to make an image from")
    found = Bench(tmp_path_factory.mktemp(engine), engine)
    yield found
    found.cloud.stop()


@pytest.fixture(scope="module")
def image(bench: Bench) -> str:
    return bench.publish("shell", FILES["host" if bench.engine == "host" else "containers"]).reference


def container(name: str, image: str, script: str, *, essential: bool = True, **more: Any) -> dict[str, Any]:
    after = [{"containerName": other, "condition": condition} for other, condition in more.pop("after", {}).items()]
    waits = {"dependsOn": after} if after else {}
    return {
        "name": name,
        "image": image,
        "command": ["sh", "-c", script],
        "essential": essential,
        "stopTimeout": 30,
        **waits,
        **more,
    }


def stopped(bench: Bench, task: str) -> dict[str, Any]:
    return eventually(lambda: (found := bench.task(task))["lastStatus"] == "STOPPED" and found)


def test_a_container_starts_after_those_that_it_depends_on(bench: Bench, image: str) -> None:
    check = {"command": ["CMD-SHELL", "true"], "interval": 5}
    task = bench.run(
        "ordered",
        [
            container("main", image, STAY, after={"setup": "SUCCESS", "proxy": "HEALTHY", "notes": "COMPLETE"}),
            container("notes", image, "echo noted; exit 3", essential=False, after={"proxy": "START"}),
            container("proxy", image, STAY, healthCheck=check),
            container("setup", image, "sleep 1; echo done", essential=False),
        ],
    )

    def first_words() -> list[tuple[str, int]]:
        found = bench.task(task)
        assert found["lastStatus"] != "STOPPED", found
        return bench.events("ordered", "main", task)

    assert eventually(first_words)[0][0] == "up"
    ended = {name: bench.container(task, name)["exitCode"] for name in ("setup", "notes")}
    assert ended == {"setup": 0, "notes": 3}
    for name, said in (("setup", "done"), ("notes", "noted")):
        assert eventually(lambda name=name: bench.events("ordered", name, task))[0][0] == said  # type: ignore[misc]
    eventually(lambda: bench.task(task)["lastStatus"] == "RUNNING")
    bench.ecs.stop_task(cluster=CLUSTER, task=task)

    def stopping(name: str) -> int:
        """When a container was told to stop."""
        return eventually(lambda: [at for line, at in bench.events("ordered", name, task) if line == "stopping"])[0]

    assert stopping("main") <= stopping("proxy"), "what depends on others ends before them"


def test_a_failed_dependency_keeps_a_container_from_starting(bench: Bench, image: str) -> None:
    setup = container("setup", image, "exit 5", essential=False)
    task = bench.run("failed", [container("main", image, STAY, after={"setup": "SUCCESS"}), setup])
    ended = stopped(bench, task)
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"] == "the container main was not started: setup ended with exit code 5"
    eventually(lambda: bench.container(task, "setup").get("exitCode") == 5)
    assert "exitCode" not in bench.container(task, "main")


def test_a_dependency_that_is_not_healthy_in_time_ends_the_task(bench: Bench, image: str) -> None:
    check = {"command": ["CMD-SHELL", "false"], "interval": 5}
    slow = container("slow", image, STAY, essential=False, healthCheck=check, startTimeout=2)
    task = bench.run("late", [container("main", image, STAY, after={"slow": "HEALTHY"}), slow])
    assert stopped(bench, task)["stoppedReason"] == (
        "the container main was not started: slow was not HEALTHY in time (startTimeout)"
    )


def test_an_essential_container_that_ends_while_others_wait_ends_the_task(bench: Bench, image: str) -> None:
    hang = container("hang", image, STAY, essential=False)
    task = bench.run(
        "early",
        [
            container("main", image, STAY, after={"hang": "COMPLETE"}),
            container("vital", image, "echo bye; exit 7"),
            hang,
        ],
    )
    ended = stopped(bench, task)
    assert (ended["stopCode"], ended["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    eventually(lambda: bench.container(task, "vital").get("exitCode") == 7)
    assert "exitCode" not in bench.container(task, "main")


def test_dependencies_that_cannot_be_kept_are_refused(bench: Bench, image: str) -> None:
    circle = [container("a", image, STAY, after={"b": "START"}), container("b", image, STAY, after={"a": "START"})]
    with pytest.raises(ClientError, match="circle"):
        bench.ecs.register_task_definition(family="circle", containerDefinitions=circle)
