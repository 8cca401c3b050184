"""How many tasks run, and what makes their number change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from copilot.manifest.values import FractionalSeconds, Integer, Model, Seconds, wrong


class Range(Model):
    """The smallest and largest number of tasks; from the `spot_from`th on they run on spare capacity."""

    short_form = {"type": "string", "pattern": "^[0-9]+-[0-9]+$"}

    min: Integer
    max: Integer
    spot_from: Integer | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, str):
            match = re.fullmatch(r"(\d+)-(\d+)", value)
            if not match:
                raise wrong(f"'{value}' is not a range such as 1-10")
            return {"min": int(match[1]), "max": int(match[2])}
        if not isinstance(value, Mapping | cls):
            raise wrong("must be a range such as 1-10 or a mapping")
        return value


class Cooldown(Model):
    """Seconds to wait between two scaling activities of one direction; None takes the default."""

    into: Seconds | None = Field(default=None, alias="in")
    out: Seconds | None = None


def _target(value: Any) -> Any:
    return value if isinstance(value, Mapping | Model) else {"value": value}


class Target(Model):
    """The number of a metric that scaling aims at."""

    short_form = {"type": ["integer", "string"]}

    value: Integer
    cooldown: Cooldown = Field(default_factory=Cooldown)


class Percentage(Target):
    """A utilization in percent."""

    value: Annotated[Integer, Field(ge=0, le=100)]


class ResponseTime(Model):
    """The average response time that scaling aims at."""

    short_form = {"type": "string"}

    value: FractionalSeconds
    cooldown: Cooldown = Field(default_factory=Cooldown)


_FromValue = BeforeValidator(_target)


class Count(Model):
    """A fixed number of tasks (`value`), a number of tasks on spare capacity (`spot`), or a range and its metrics."""

    short_form = {"type": ["integer", "string"]}
    internal = frozenset({"value"})

    value: Integer | None = None
    spot: Integer | None = None
    range: Range | None = None
    cooldown: Cooldown = Field(default_factory=Cooldown)
    cpu_percentage: Annotated[Percentage, _FromValue] | None = None
    memory_percentage: Annotated[Percentage, _FromValue] | None = None
    requests: Annotated[Target, _FromValue] | None = None
    response_time: Annotated[ResponseTime, _FromValue] | None = None

    @property
    def desired(self) -> int:
        """The number of tasks to start with."""
        if self.spot is not None:
            return self.spot
        if self.range is not None:
            return self.range.min
        return 1 if self.value is None else self.value

    @property
    def is_autoscaled(self) -> bool:
        return self.range is not None


def _count(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "value" in value and not isinstance(value["value"], int):
            raise wrong("has no field value")
        return value
    if isinstance(value, Count):
        return value
    if isinstance(value, list | tuple):
        raise wrong("must be a whole number or a mapping")
    return {"value": value}


CountField = Annotated[Count, BeforeValidator(_count)]
