"""ECS: clusters' services, their deployments and tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from copilot.aws import tags as shapes
from copilot.aws.connection import Api
from copilot.errors import AWSError, NotFound

_TASKS_A_CALL = 100
_MISSING = frozenset({"ClusterNotFoundException", "ServiceNotFoundException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeployment:
    """`status` is PRIMARY for the newest; `connect_names` are what it offers by Service Connect, as `name:port`."""

    id: str
    status: str
    task_definition: str
    desired: int
    running: int
    failed: int
    launch_type: str
    updated_at: datetime
    rollout_state: str = ""
    rollout_reason: str = ""
    connect_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    arn: str
    name: str
    status: str
    desired: int
    running: int
    task_definition: str
    deployments: tuple[ServiceDeployment, ...]
    target_groups: tuple[str, ...] = ()
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContainer:
    name: str
    status: str
    image: str
    digest: str
    exit_code: int | None
    reason: str
    health: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    arn: str
    status: str
    health: str
    started_at: datetime | None
    stopped_at: datetime | None
    stopped_reason: str
    stop_code: str
    capacity_provider: str
    task_definition: str
    addresses: tuple[str, ...]
    containers: tuple[TaskContainer, ...]

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerDefinition:
    """`variables` and `secrets` by name; a secret's value is where it comes from."""

    name: str
    image: str
    is_essential: bool
    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDefinition:
    arn: str
    cpu: str
    memory: str
    platform: str
    containers: tuple[ContainerDefinition, ...]


class Services:
    """Amazon ECS, one account and region."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, cluster: str, service: str) -> Service:
        """The service with its deployments, the newest first; NotFound when the cluster has none of this name."""
        answer = self._api.call("describe_services", cluster=cluster, services=[service], include=["TAGS"])
        if not answer["services"]:
            raise NotFound(f"service {service} does not exist in cluster {cluster}")
        return _service(answer["services"][0])

    def of_stack(self, cluster: str, stack: str) -> Service | None:
        """The active service whose tasks are of the stack's family; None when there is none."""
        arns = list(self._api.items("list_services", "serviceArns", cluster=cluster))
        for start in range(0, len(arns), 10):
            answer = self._api.call("describe_services", cluster=cluster, services=arns[start : start + 10])
            for each in answer["services"]:
                if each["status"] == "ACTIVE" and _family(each["taskDefinition"]) == stack:
                    return _service(each)
        return None

    def tasks(self, cluster: str, *, family: str = "", service: str = "", stopped: bool = False) -> list[Task]:
        """Tasks of a family or a service that run or, with `stopped`, that ECS still remembers."""
        chosen = {key: value for key, value in (("family", family), ("serviceName", service)) if value}
        status = "STOPPED" if stopped else "RUNNING"
        try:
            arns = list(self._api.items("list_tasks", "taskArns", cluster=cluster, desiredStatus=status, **chosen))
        except AWSError as error:
            if error.code in _MISSING:
                return []
            raise
        return self.describe_tasks(cluster, arns)

    def describe_tasks(self, cluster: str, arns: Sequence[str]) -> list[Task]:
        """Tasks by ARN, the latest started last."""
        found: list[Task] = []
        for start in range(0, len(arns), _TASKS_A_CALL):
            answer = self._api.call("describe_tasks", cluster=cluster, tasks=list(arns[start : start + _TASKS_A_CALL]))
            found += [_task(each) for each in answer["tasks"]]
        return sorted(found, key=lambda task: (task.started_at.timestamp() if task.started_at else 0.0, task.arn))

    def task_definition(self, arn: str) -> TaskDefinition:
        """A revision of a task definition, or a family's latest."""
        return _task_definition(self._api.call("describe_task_definition", taskDefinition=arn)["taskDefinition"])

    def force_deployment(self, cluster: str, service: str) -> str:
        """Begins to replace a service's tasks by new ones of the same definition; returns the deployment's id."""
        answer = self._api.call("update_service", cluster=cluster, service=service, forceNewDeployment=True)
        return next(each.id for each in _service(answer["service"]).deployments if each.status == "PRIMARY")


def _family(task_definition: str) -> str:
    return task_definition.rpartition("/")[2].partition(":")[0]


def _service(answer: Mapping[str, Any]) -> Service:
    return Service(
        arn=answer["serviceArn"],
        name=answer["serviceName"],
        status=answer["status"],
        desired=answer["desiredCount"],
        running=answer["runningCount"],
        task_definition=answer["taskDefinition"],
        deployments=tuple(_deployment(each) for each in answer.get("deployments") or ()),
        target_groups=tuple(
            each["targetGroupArn"] for each in answer.get("loadBalancers") or () if each.get("targetGroupArn")
        ),
        tags=shapes.from_list(answer.get("tags"), key="key", value="value"),
    )


def _deployment(answer: Mapping[str, Any]) -> ServiceDeployment:
    connect = answer.get("serviceConnectConfiguration") or {}
    names = [
        f"{alias.get('dnsName') or service.get('discoveryName') or service['portName']}:{alias['port']}"
        for service in connect.get("services") or ()
        for alias in service.get("clientAliases") or ()
    ]
    return ServiceDeployment(
        id=answer["id"],
        status=answer["status"],
        task_definition=answer["taskDefinition"],
        desired=answer["desiredCount"],
        running=answer["runningCount"],
        failed=answer.get("failedTasks", 0),
        launch_type=answer.get("launchType", ""),
        updated_at=answer["updatedAt"],
        rollout_state=answer.get("rolloutState", ""),
        rollout_reason=answer.get("rolloutStateReason", ""),
        connect_names=tuple(names) if connect.get("enabled") else (),
    )


def _task(answer: Mapping[str, Any]) -> Task:
    return Task(
        arn=answer["taskArn"],
        status=answer.get("lastStatus", ""),
        health=answer.get("healthStatus", "UNKNOWN"),
        started_at=answer.get("startedAt"),
        stopped_at=answer.get("stoppedAt"),
        stopped_reason=answer.get("stoppedReason", ""),
        stop_code=answer.get("stopCode", ""),
        capacity_provider=answer.get("capacityProviderName", ""),
        task_definition=answer["taskDefinitionArn"],
        addresses=tuple(
            detail["value"]
            for attachment in answer.get("attachments") or ()
            for detail in attachment.get("details") or ()
            if detail["name"].lower() == "privateipv4address"
        ),
        containers=tuple(_container(each) for each in answer.get("containers") or ()),
    )


def _container(answer: Mapping[str, Any]) -> TaskContainer:
    return TaskContainer(
        name=answer["name"],
        status=answer.get("lastStatus", ""),
        image=answer.get("image", ""),
        digest=answer.get("imageDigest", ""),
        exit_code=answer.get("exitCode"),
        reason=answer.get("reason", ""),
        health=answer.get("healthStatus", "UNKNOWN"),
    )


def _task_definition(answer: Mapping[str, Any]) -> TaskDefinition:
    platform = answer.get("runtimePlatform") or {}
    family, architecture = platform.get("operatingSystemFamily", ""), platform.get("cpuArchitecture", "")
    return TaskDefinition(
        arn=answer["taskDefinitionArn"],
        cpu=str(answer.get("cpu", "")),
        memory=str(answer.get("memory", "")),
        platform=f"{family}/{architecture}" if family else "",
        containers=tuple(_definition(each) for each in answer.get("containerDefinitions") or ()),
    )


def _definition(answer: Mapping[str, Any]) -> ContainerDefinition:
    return ContainerDefinition(
        name=answer["name"],
        image=answer.get("image", ""),
        is_essential=answer.get("essential", True),
        variables={each["name"]: each.get("value", "") for each in answer.get("environment") or ()},
        secrets={each["name"]: each["valueFrom"] for each in answer.get("secrets") or ()},
        ports=tuple(each["containerPort"] for each in answer.get("portMappings") or ()),
    )
