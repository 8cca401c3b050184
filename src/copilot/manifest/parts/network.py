"""Where tasks run in the VPC, and how services find each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from copilot.manifest.parts.task import TextOrImport
from copilot.manifest.values import (
    AsList,
    AsMapping,
    Boolean,
    Model,
    Text,
    TextList,
    TextOrList,
    boolean_or_none,
    wrong,
)

PLACEMENTS = ("public", "private")
_PLACEMENT_SCHEMA = {
    "anyOf": [
        {"enum": list(PLACEMENTS)},
        {
            "type": "object",
            "properties": {"subnets": {"type": "array", "items": {"type": "string"}}},
            "additionalProperties": False,
        },
    ]
}


class Placement(Model):
    """The subnets of the tasks: the environment's public or private ones, or (`where` is None) ids or tags."""

    where: Literal["public", "private"] | None = None
    subnets: TextList = ()
    from_tags: Annotated[Mapping[str, TextOrList], AsMapping] = {}


def _placement(value: Any) -> Any:
    if isinstance(value, Placement):
        return value
    if isinstance(value, str):
        if value not in PLACEMENTS:
            raise wrong(f"'{value}' is not a placement: it must be public, private or a mapping")
        return Placement(where="private" if value == "private" else "public")
    if not isinstance(value, Mapping) or set(value) - {"subnets"}:
        raise wrong("must be public, private or a mapping with subnets")
    subnets = value.get("subnets")
    if subnets is None:
        return Placement(where="public")
    if isinstance(subnets, Mapping):
        if set(subnets) - {"from_tags"}:
            raise wrong("takes a list of subnets or a mapping with from_tags")
        return {"where": None, "from_tags": subnets.get("from_tags") or {}}
    return {"where": None, "subnets": subnets}


class SecurityGroups(Model):
    """Security groups beside the environment's own, which `deny_default` leaves out."""

    short_form = {"type": "array"}

    groups: Annotated[tuple[TextOrImport, ...], AsList] = ()
    deny_default: Boolean = False

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return {"groups": value}
        if not isinstance(value, Mapping | cls):
            raise wrong("must be a list or a mapping")
        return value


class Vpc(Model):
    """Subnets and security groups of the tasks."""

    placement: Annotated[Placement, BeforeValidator(_placement), WithJsonSchema(_PLACEMENT_SCHEMA)] = Field(
        default_factory=lambda: Placement(where="public")
    )
    security_groups: SecurityGroups = Field(default_factory=SecurityGroups)


class Connect(Model):
    """ECS Service Connect; without alias the service answers by its own name."""

    short_form = {"type": "boolean"}

    alias: Text | None = None


def _connect(value: Any) -> Any:
    if isinstance(value, Connect):
        return value
    if isinstance(value, Mapping):
        return value or None
    answer = boolean_or_none(value)
    if answer is None:
        raise wrong("must be true, false or a mapping")
    return {} if answer else None


class Network(Model):
    """The network of a service; `connect` is None when Service Connect is off."""

    vpc: Vpc = Field(default_factory=Vpc)
    connect: Annotated[Connect | None, BeforeValidator(_connect)] = None
