"""What a person or a script is shown of deployed things. Field names follow the original's `--json` documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from copilot.model.records import Env, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    type: str
    physical_id: str
    logical_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppDescription:
    """`version` is the lower one of its two stacks'; `deployed` maps a workload to its environments."""

    name: str
    version: str
    uri: str = ""
    permissions_boundary: str = ""
    environments: Sequence[Env] = ()
    services: Sequence[Workload] = ()
    jobs: Sequence[Workload] = ()
    deployed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    can_upgrade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvVPC:
    id: str = ""
    public_subnet_ids: Sequence[str] = ()
    private_subnet_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvDescription:
    environment: Env
    services: Sequence[Workload] = ()
    jobs: Sequence[Workload] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    resources: Sequence[StackResource] = ()
    vpc: EnvVPC = field(default_factory=EnvVPC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """One environment's configuration; numbers as the stack's parameters spell them, `port` "-" when there is none."""

    environment: str
    port: str
    cpu: str
    memory: str
    tasks: str
    platform: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    environment: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalEndpoint:
    """A name that other services call; one endpoint may stand for several environments."""

    environments: Sequence[str]
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    environment: str
    name: str
    value: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    environment: str
    name: str
    value_from: str
    container: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackAlarm:
    name: str
    description: str
    environment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDescription:
    service: str
    type: str
    application: str
    configurations: Sequence[ServiceConfig] = ()
    rollback_alarms: Sequence[RollbackAlarm] = ()
    routes: Sequence[Route] = ()
    service_discovery: Sequence[InternalEndpoint] = ()
    service_connect: Sequence[InternalEndpoint] = ()
    variables: Sequence[Variable] = ()
    secrets: Sequence[Secret] = ()
    resources: Mapping[str, Sequence[StackResource]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    id: str
    desired_count: int
    running_count: int
    updated_at: datetime
    launch_type: str
    task_definition: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    id: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    health: str
    id: str
    images: Sequence[Image]
    last_status: str
    started_at: datetime | None
    stopped_at: datetime | None
    stopped_reason: str
    capacity_provider: str
    task_definition_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStatus:
    """`type` is "Auto Scaling" or "Rollback"."""

    arn: str
    name: str
    condition: str
    status: str
    type: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetHealth:
    target_id: str
    description: str
    state: str
    reason: str
    task_id: str
    target_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    desired_count: int
    running_count: int
    status: str
    last_deployment_at: datetime
    task_definition: str
    deployments: Sequence[Deployment] = ()
    tasks: Sequence[TaskStatus] = ()
    stopped_tasks: Sequence[TaskStatus] = ()
    alarms: Sequence[AlarmStatus] = ()
    target_health: Sequence[TargetHealth] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """Times are milliseconds since 1970, as CloudWatch Logs has them."""

    stream: str
    message: str
    timestamp: int
    ingestion_time: int
