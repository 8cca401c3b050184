"""What one capability adds to a workload's stack.

A capability (load balancer, storage, scaling, ...) is a function that returns a `Fragment`; the task definition, the
roles, the service and the environment controller are made once, from all fragments together. A new capability
therefore touches no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from copilot.cfn.intrinsics import Value
from copilot.cfn.template import Resource

ContainerBuilder = Callable[[Sequence[Value]], Value]
"""Makes a container's definition from the variables that every container has."""


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

    `variables` go to every container, `secrets` to the main one; `containers` make those that stand beside it;
    `task_policies` and `execution_policies` are inline policies of the two roles; `features` are the environment's
    parameters in which this workload wants to be listed; `service` holds further properties of the ECS service.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    conditions: Mapping[str, Value] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    variables: tuple[Value, ...] = ()
    secrets: tuple[Value, ...] = ()
    containers: tuple[ContainerBuilder, ...] = ()
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
    return Fragment(
        **{f.name: _joined([getattr(part, f.name) for part in (Fragment(), *parts)]) for f in fields(Fragment)}
    )


def _joined(values: Sequence[Any]) -> Any:
    if isinstance(values[0], tuple):
        return tuple(item for value in values for item in value)
    names = [name for value in values for name in value]
    taken = sorted({name for name in names if names.count(name) > 1})
    if taken:
        raise ValueError(f"{', '.join(taken)} is there twice")
    return {name: value[name] for value in values for name in value}
