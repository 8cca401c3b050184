"""What an engine is asked to run: one container of a task, read from its task definition. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DEFAULT_STOP_SECONDS = 5.0
QUICK_INTERVAL_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A container health check; `grace` is how long a container that was never healthy may fail."""

    command: tuple[str, ...]
    interval: float
    timeout: float
    retries: int
    grace: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name by which other tasks of the cluster call this one. Port 0 means any port of the container."""

    host: str
    port: int = 0
    target: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContainer:
    """One container of a task. `command` and `entrypoint` are None where the image's own count.

    `memory` is in MiB and `cpu` in CPU units, of which a processor has 1024; 0 is no limit. `siblings` are the ports of
    the task's other containers, None for a container that is alone.
    """

    name: str
    task_arn: str
    cluster_arn: str
    service: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    workdir: str = ""
    user: str = ""
    ports: tuple[int, ...] = ()
    siblings: tuple[int, ...] | None = None
    memory: int = 0
    cpu: int = 0
    health_check: HealthCheck | None = None
    stop_seconds: float = DEFAULT_STOP_SECONDS
    names: tuple[Name, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[str, ...] = ()
    cap_add: tuple[str, ...] = ()
    read_only: bool = False
    init: bool = False
    privileged: bool = False
    is_logged: bool = False
    """Somebody reads the container's output to its end: it goes to CloudWatch Logs."""

    @property
    def task_id(self) -> str:
        return self.task_arn.rpartition("/")[2]


def read(
    definition: Mapping[str, Any],
    task_definition: Mapping[str, Any],
    *,
    task_arn: str,
    cluster_arn: str,
    service: str,
    environment: Mapping[str, str],
    names: Sequence[Name] = (),
    binds: Sequence[str] = (),
) -> TaskContainer:
    """A container definition of a task definition, as ECS's API has them."""
    others = [each for each in task_definition.get("containerDefinitions") or () if each["name"] != definition["name"]]
    linux = definition.get("linuxParameters") or {}
    return TaskContainer(
        name=definition["name"],
        task_arn=task_arn,
        cluster_arn=cluster_arn,
        service=service,
        environment=dict(environment),
        command=_words(definition.get("command")),
        entrypoint=_words(definition.get("entryPoint")),
        workdir=definition.get("workingDirectory") or "",
        user=definition.get("user") or "",
        ports=ports(definition),
        siblings=tuple(port for other in others for port in ports(other)) if others else None,
        memory=_units(definition.get("memory") or task_definition.get("memory")),
        cpu=_units(definition.get("cpu") or task_definition.get("cpu")),
        health_check=health_check(definition.get("healthCheck")),
        stop_seconds=float(definition.get("stopTimeout") or DEFAULT_STOP_SECONDS),
        names=tuple(names),
        labels=dict(definition.get("dockerLabels") or {}),
        binds=tuple(binds),
        cap_add=tuple((linux.get("capabilities") or {}).get("add") or ()),
        read_only=_true(definition.get("readonlyRootFilesystem")),
        init=_true(linux.get("initProcessEnabled")),
        privileged=_true(definition.get("privileged")),
        is_logged=(definition.get("logConfiguration") or {}).get("logDriver") == "awslogs",
    )


def _units(value: Any) -> int:
    """MiB or CPU units; a task's may be written as `1 GB` or `.5 vCPU`.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    """
    found = re.fullmatch(r"\s*([\d.]+)\s*(gb|vcpu)?\s*", str(value or 0), re.IGNORECASE)
    return int(float(found[1]) * (1024 if found[2] else 1)) if found else 0


def ports(definition: Mapping[str, Any]) -> tuple[int, ...]:
    """The container ports of a definition, in order."""
    return tuple(int(mapping["containerPort"]) for mapping in definition.get("portMappings") or ())


def health_check(check: Mapping[str, Any] | None) -> HealthCheck | None:
    """A health check at a laptop's pace: asked every two seconds, and failing no sooner than it would on AWS.

    Defaults: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    """
    command = _words((check or {}).get("command"))
    if check is None or not command or command[0] == "NONE":
        return None
    interval = float(check.get("interval") or 30)
    retries = int(check.get("retries") or 3)
    return HealthCheck(
        command=command,
        interval=min(interval, QUICK_INTERVAL_SECONDS),
        timeout=float(check.get("timeout") or 5),
        retries=retries,
        grace=float(check.get("startPeriod") or 0) + interval * retries,
    )


def _words(value: Any) -> tuple[str, ...] | None:
    return tuple(str(word) for word in value) if value else None


def _true(value: Any) -> bool:
    """CloudFormation may have left a boolean as text."""
    return value is True or str(value).lower() == "true"
