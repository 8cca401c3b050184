"""The task definition and the log group of its containers."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.cfn.intrinsics import Value, get_att, join, ref
from copilot.cfn.template import Resource
from copilot.manifest.parts.task import Platform
from copilot.stacks.parts.containers import LOG_GROUP
from copilot.stacks.parts.references import APP_NAME, ENV_NAME, WORKLOAD_NAME, full_name
from copilot.stacks.parts.task_roles import EXECUTION_ROLE, TASK_ROLE

TASK_DEFINITION = "TaskDefinition"

_WINDOWS_DEFAULT = "WINDOWS_SERVER_2019_CORE"


def resources(platform: Platform | None, containers: Sequence[Value], volumes: Sequence[Value]) -> dict[str, Resource]:
    """The task definition of these containers, and their log group."""
    return {LOG_GROUP: _log_group(), TASK_DEFINITION: _task_definition(platform, containers, volumes)}


def platform_version(platform: Platform | None) -> str:
    """The Fargate platform version: Linux follows the latest, Windows has but one.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
    """
    return "1.0.0" if platform and platform.is_windows else "LATEST"


def _log_group() -> Resource:
    name = join("", ["/copilot/", ref(APP_NAME), "-", ref(ENV_NAME), "-", ref(WORKLOAD_NAME)])
    return Resource(
        type="AWS::Logs::LogGroup",
        description="The log of the containers",
        properties={"LogGroupName": name, "RetentionInDays": ref("LogRetention")},
    )


def _task_definition(platform: Platform | None, containers: Sequence[Value], volumes: Sequence[Value]) -> Resource:
    properties: dict[str, Value] = {
        "Family": full_name(),
        **_runtime_platform(platform),
        "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "Cpu": ref("TaskCPU"),
        "Memory": ref("TaskMemory"),
        "ExecutionRoleArn": get_att(EXECUTION_ROLE, "Arn"),
        "TaskRoleArn": get_att(TASK_ROLE, "Arn"),
        "ContainerDefinitions": list(containers),
    }
    if volumes:
        properties["Volumes"] = list(volumes)
    return Resource(
        type="AWS::ECS::TaskDefinition",
        description="What a task is: its containers, size and roles",
        depends_on=(LOG_GROUP,),
        properties=properties,
    )


def _runtime_platform(platform: Platform | None) -> dict[str, Value]:
    if platform is None or not (platform.is_windows or platform.is_arm):
        return {}
    family = _WINDOWS_DEFAULT if platform.osfamily == "windows" else platform.osfamily.upper()
    return {
        "RuntimePlatform": {
            "OperatingSystemFamily": family,
            "CpuArchitecture": "ARM64" if platform.is_arm else "X86_64",
        }
    }
