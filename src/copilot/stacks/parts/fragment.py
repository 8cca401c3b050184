"""What one capability adds to a workload's stack.

A capability (load balancer, storage, scaling, ...) is a function that returns a `Fragment`; the task definition, the
roles, the service and the environment controller are made once, from all fragments together. A new capability
therefore touches no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from copilot.cfn.intrinsics import Value
from copilot.cfn.template import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A template parameter and the value that the stack gets for it."""

    value: str
    type: str = "String"
    default: str | int | None = None
    allowed: tuple[bool | str, ...] = ()
    description: str = ""

    def definition(self) -> dict[str, Any]:
        """The parameter as the template declares it."""
        document: dict[str, Any] = {"Type": self.type}
        if self.description:
            document["Description"] = self.description
        if self.allowed:
            document["AllowedValues"] = list(self.allowed)
        if self.default is not None:
            document["Default"] = self.default
        return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A stack output that others import."""

    value: Value
    export: Value
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """Additions to the template, and to the parts of it that several capabilities share.

    `variables` go to every container, `secrets` to the main one; `containers` stand beside the main one;
    `task_policies` and `execution_policies` are inline policies of the two roles; `features` are the environment's
    parameters in which this workload wants to be listed; `service` holds further properties of the ECS service.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    conditions: Mapping[str, Value] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    variables: tuple[Value, ...] = ()
    secrets: tuple[Value, ...] = ()
    containers: tuple[Value, ...] = ()
    volumes: tuple[Value, ...] = ()
    task_policies: tuple[Value, ...] = ()
    task_managed_policies: tuple[Value, ...] = ()
    execution_policies: tuple[Value, ...] = ()
    security_groups: tuple[Value, ...] = ()
    features: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    load_balancers: tuple[Value, ...] = ()
    service: Mapping[str, Value] = field(default_factory=dict)
    service_depends_on: tuple[str, ...] = ()


def combine(fragments: Iterable[Fragment]) -> Fragment:
    """All fragments as one, in their order; ValueError when two claim the same name."""
    parts = tuple(fragments)

    def union(read: Callable[[Fragment], Mapping[str, Any]]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for part in parts:
            taken = merged.keys() & read(part).keys()
            if taken:
                raise ValueError(f"{', '.join(sorted(taken))} is there twice")
            merged |= read(part)
        return merged

    def chain(read: Callable[[Fragment], tuple[Any, ...]]) -> tuple[Any, ...]:
        return tuple(item for part in parts for item in read(part))

    return Fragment(
        parameters=union(lambda part: part.parameters),
        conditions=union(lambda part: part.conditions),
        resources=union(lambda part: part.resources),
        outputs=union(lambda part: part.outputs),
        variables=chain(lambda part: part.variables),
        secrets=chain(lambda part: part.secrets),
        containers=chain(lambda part: part.containers),
        volumes=chain(lambda part: part.volumes),
        task_policies=chain(lambda part: part.task_policies),
        task_managed_policies=chain(lambda part: part.task_managed_policies),
        execution_policies=chain(lambda part: part.execution_policies),
        security_groups=chain(lambda part: part.security_groups),
        features=chain(lambda part: part.features),
        aliases=chain(lambda part: part.aliases),
        load_balancers=chain(lambda part: part.load_balancers),
        service=union(lambda part: part.service),
        service_depends_on=chain(lambda part: part.service_depends_on),
    )
