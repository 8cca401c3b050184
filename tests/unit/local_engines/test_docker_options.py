"""What an engine is asked for, and the program that holds a task's network."""

import platform
import subprocess
from pathlib import Path
from typing import Any

import pytest

from copilot.local.engines import spec
from copilot.local.engines.docker_options import limits
from copilot.local.engines.docker_pause import program

ALL = {"MemoryLimit": True, "SwapLimit": True, "CPUShares": True}


def asked(container: dict[str, Any], **task: Any) -> spec.TaskContainer:
    whole = {**task, "containerDefinitions": [{"name": "web", **container}, {"name": "side"}]}
    return spec.read(whole["containerDefinitions"][0], whole, task_arn="t", cluster_arn="c", service="", environment={})


@pytest.mark.parametrize(
    ("container", "task", "found"),
    [
        ({}, {}, {}),
        ({}, {"memory": "512", "cpu": "256"}, {"mem_limit": "512m", "memswap_limit": "512m", "cpu_shares": 256}),
        ({"memory": "128", "cpu": 0}, {"memory": "512"}, {"mem_limit": "128m", "memswap_limit": "128m"}),
        ({}, {"memory": "1 GB", "cpu": ".5 vCPU"}, {"mem_limit": "1024m", "memswap_limit": "1024m", "cpu_shares": 512}),
        ({"memory": 1, "cpu": 1}, {}, {"mem_limit": "6m", "memswap_limit": "6m", "cpu_shares": 2}),
    ],
)
def test_a_container_has_its_own_limits_else_the_task_s(
    container: dict[str, Any], task: dict[str, Any], found: dict[str, Any]
) -> None:
    assert limits(asked(container, **task), ALL) == found


def test_an_engine_that_cannot_limit_is_not_asked_to() -> None:
    assert limits(asked({}, memory="512", cpu="256"), {"MemoryLimit": False, "CPUShares": False}) == {}
    assert limits(asked({}, memory="512"), {"MemoryLimit": True, "SwapLimit": False}) == {"mem_limit": "512m"}


@pytest.mark.skipif(platform.system() != "Linux", reason="it is a program for Linux")
def test_the_program_that_holds_a_network_waits(tmp_path: Path) -> None:
    path = tmp_path / "pause"
    path.write_bytes(program({"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]))
    path.chmod(0o755)
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([path], timeout=0.3, check=False)
