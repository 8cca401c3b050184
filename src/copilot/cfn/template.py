"""A template as it is built: sections that refuse a logical id twice, and the data that CloudFormation gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from copilot.cfn.intrinsics import Value

DESCRIPTION_KEY = "aws:copilot:description"
FORMAT_VERSION = "2010-09-09"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource. `description` is what the progress tree calls it; without one it is not shown."""

    type: str
    properties: Mapping[str, Value] = field(default_factory=dict)
    description: str = ""
    condition: str = ""
    depends_on: Sequence[str] = ()
    deletion_policy: str = ""
    update_replace_policy: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        metadata = dict(self.metadata)
        if self.description:
            metadata = {DESCRIPTION_KEY: self.description, **metadata}
        depends_on = list(self.depends_on)
        document = {
            "Metadata": metadata,
            "Type": self.type,
            "Condition": self.condition,
            "DependsOn": depends_on[0] if len(depends_on) == 1 else depends_on,
            "DeletionPolicy": self.deletion_policy,
            "UpdateReplacePolicy": self.update_replace_policy,
            "Properties": dict(self.properties),
        }
        return {key: value for key, value in document.items() if value or key == "Type"}


@dataclass(slots=True, kw_only=True)
class Template:
    """A template under construction; `to_dict` gives plain data in CloudFormation's order of sections."""

    description: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    mappings: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, Value] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    transform: Sequence[str] = ()

    def add(self, logical_id: str, resource: Resource) -> None:
        """Adds a resource; ValueError when the logical id is taken."""
        if logical_id in self.resources:
            raise ValueError(f"logical id {logical_id} is there twice")
        self.resources[logical_id] = resource

    def parameter(self, name: str, **definition: Any) -> None:
        self.parameters[name] = {"Type": "String", **definition}

    def output(
        self, name: str, value: Value, *, export: Value = None, condition: str = "", description: str = ""
    ) -> None:
        definition: dict[str, Any] = {}
        if description:
            definition["Description"] = description
        if condition:
            definition["Condition"] = condition
        definition["Value"] = value
        if export is not None:
            definition["Export"] = {"Name": export}
        self.outputs[name] = definition

    def to_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "AWSTemplateFormatVersion": FORMAT_VERSION,
            "Description": self.description,
            "Metadata": self.metadata,
            "Transform": list(self.transform),
            "Parameters": self.parameters,
            "Mappings": self.mappings,
            "Conditions": self.conditions,
            "Resources": {name: resource.to_dict() for name, resource in self.resources.items()},
            "Outputs": self.outputs,
        }
        return {key: value for key, value in document.items() if value or key == "Resources"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A document and what it is deployed with: all that CloudFormation needs but the credentials."""

    name: str
    template: Mapping[str, Any]
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
