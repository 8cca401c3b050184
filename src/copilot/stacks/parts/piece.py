"""What one capability adds to an environment's stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from copilot.cfn.intrinsics import Value, sub
from copilot.cfn.template import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvOutput:
    """An output of the environment's stack, exported as `{stack}-{export}` when `export` is set.

    Workloads read outputs by name through their environment controller, so names are as binding as exports.
    """

    value: Value
    export: str = ""
    condition: str = ""
    description: str = ""

    def definition(self) -> dict[str, Any]:
        """The output as the template declares it."""
        document = {
            "Description": self.description,
            "Condition": self.condition,
            "Value": self.value,
            "Export": {"Name": sub(f"${{AWS::StackName}}-{self.export}")} if self.export else None,
        }
        return {key: value for key, value in document.items() if value or key == "Value"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Resources, outputs and mappings of one capability."""

    resources: Mapping[str, Resource] = field(default_factory=dict)
    outputs: Mapping[str, EnvOutput] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)
