"""What docker-py is asked for: a container as a task definition describes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.local.engines.spec import HealthCheck, TaskContainer

CLOUD_LABEL = "copilot.local.cloud"
TASK_LABEL = "com.amazonaws.ecs.task-arn"
HOLDER_LABEL = "copilot.local.network-of"
"""On a container that only holds the network of a task."""

NANOSECONDS = 1_000_000_000
LEAST_MEMORY = 6
"""MiB; engines refuse less."""

LEAST_SHARES = 2


def container_options(spec: TaskContainer, cloud: str, abilities: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a container, without its network; `abilities` is what the engine says about itself."""
    options: dict[str, Any] = {
        "name": f"copilot-{cloud}-{spec.task_id[:12]}-{spec.name}",
        "environment": dict(spec.environment),
        "labels": {**spec.labels, CLOUD_LABEL: cloud, TASK_LABEL: spec.task_arn},
        "detach": True,
        "init": spec.init,
        "privileged": spec.privileged,
        "read_only": spec.read_only,
    }
    optional = {
        "command": list(spec.command) if spec.command is not None else None,
        "entrypoint": list(spec.entrypoint) if spec.entrypoint is not None else None,
        "working_dir": spec.workdir,
        "user": spec.user,
        "volumes": list(spec.binds),
        "cap_add": list(spec.cap_add),
        "healthcheck": _health_check(spec.health_check) if spec.health_check else None,
    }
    options |= {name: value for name, value in optional.items() if value}
    return options | limits(spec, abilities)


def limits(spec: TaskContainer, abilities: Mapping[str, Any]) -> dict[str, Any]:
    """Memory is a limit, without swap as on Fargate; CPU is a weight, so that a laptop's idle processor is not wasted.

    An engine that can't limit (a rootless one without the controllers) would refuse the container.
    """
    found: dict[str, Any] = {}
    if spec.memory and abilities.get("MemoryLimit"):
        found["mem_limit"] = f"{max(spec.memory, LEAST_MEMORY)}m"
        if abilities.get("SwapLimit"):
            found["memswap_limit"] = found["mem_limit"]
    if spec.cpu and abilities.get("CPUShares"):
        found["cpu_shares"] = max(spec.cpu, LEAST_SHARES)
    return found


def _health_check(check: HealthCheck) -> dict[str, Any]:
    return {
        "test": list(check.command) if check.command[0] in ("CMD", "CMD-SHELL") else ["CMD", *check.command],
        "interval": int(check.interval * NANOSECONDS),
        "timeout": int(check.timeout * NANOSECONDS),
        "retries": check.retries,
        "start_period": int(check.grace * NANOSECONDS),
    }
