"""The order in which the containers of a task start: what `dependsOn` says, and what RegisterTaskDefinition refuses.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from copilot.graph import Cycle, ranks

START, HEALTHY, COMPLETE, SUCCESS = CONDITIONS = ("START", "HEALTHY", "COMPLETE", "SUCCESS")
DEFAULT_START_SECONDS = 180.0

Definition = Mapping[str, Any]


def dependencies(definition: Definition) -> dict[str, str]:
    """The containers that this one waits for, with the condition that each must meet."""
    return {str(each["containerName"]): str(each["condition"]) for each in definition.get("dependsOn") or ()}


def start_seconds(definition: Definition) -> float:
    """How long others wait for this container to meet their condition."""
    return float(definition.get("startTimeout") or DEFAULT_START_SECONDS)


def in_order(definitions: Sequence[Definition]) -> list[int]:
    """The indexes of the container definitions, each after those that it depends on, else as they were written."""
    names = [each["name"] for each in definitions]
    try:
        groups = ranks({each["name"]: dependencies(each) for each in definitions})
    except Cycle:
        return list(range(len(names)))
    return [index for group in groups for index in sorted(map(names.index, group))]


def problem(definitions: Sequence[Definition]) -> str:
    """Why the dependencies can't be kept; empty when they can."""
    by_name = {each["name"]: each for each in definitions}
    for each in definitions:
        for name, condition in dependencies(each).items():
            if why := _objection(by_name.get(name), condition):
                return f"the container {each['name']} can't depend on {name}: {why}"
    try:
        ranks({name: dependencies(each) for name, each in by_name.items()})
    except Cycle as err:
        return f"the containers depend on each other in a circle: {err}"
    return ""


def _objection(dependency: Definition | None, condition: str) -> str:
    if dependency is None:
        return "there is no such container in the task definition"
    if condition not in CONDITIONS:
        return f"{condition} is not a condition, which is one of {', '.join(CONDITIONS)}"
    if condition == HEALTHY and not dependency.get("healthCheck"):
        return "it has no health check"
    if condition in (COMPLETE, SUCCESS) and str(dependency.get("essential", True)).lower() == "true":
        return f"it is essential, and its end, for which {condition} waits, would be the end of the task"
    return ""
