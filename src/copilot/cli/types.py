"""Kinds of flag values, read as the original reads them (Go's flag syntax)."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # generic only in newer releases

_TRUE = ("1", "t", "true")
_FALSE = ("0", "f", "false")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)")


class _Kind(_ParamType):
    """A value type whose failures read `"VALUE" is not ...`."""

    def refused(
        self, value: object, why: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> click.BadParameter:
        return click.BadParameter(f'"{value}" {why}', ctx=ctx, param=param)


class Bool(_Kind):
    """`--flag`, `--flag=true` or `--flag=false`."""

    name = "bool"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        if isinstance(value, bool):
            return value
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        raise self.refused(value, "is neither true nor false", param, ctx)


class Whole(_Kind):
    """A whole number between two bounds."""

    def __init__(self, name: str, low: int, high: int) -> None:
        self.name, self.low, self.high = name, low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError as error:
            raise self.refused(value, "is not a whole number", param, ctx) from error
        if not self.low <= number <= self.high:
            raise self.refused(value, f"is not between {self.low} and {self.high}", param, ctx)
        return number


class Duration(_Kind):
    """Numbers with units, one after the other: `90s`, `1h30m`, `1.5h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        parts = _DURATION.findall(value)
        if not parts or "".join(parts) != value:
            raise self.refused(value, "is not a duration such as 90s, 5m or 1h30m", param, ctx)
        seconds = 0.0
        for part in parts:
            number = part.rstrip("nuµmsh")
            seconds += float(number) * _UNIT_SECONDS[part[len(number) :]]
        return timedelta(seconds=seconds)


class Moment(_Kind):
    """A time as RFC 3339 writes it, its offset included."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise self.refused(value, "is not a time such as 2026-01-31T08:30:00+00:00", param, ctx) from error
        if moment.tzinfo is None:
            raise self.refused(value, "has no time zone: end it in Z or in an offset such as +02:00", param, ctx)
        return moment


class Network(_Kind):
    """An IP network in CIDR notation, kept as text."""

    name = "ipnet"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(ipaddress.ip_network(value, strict=False))
        except ValueError as error:
            raise self.refused(value, "is not a network such as 10.0.0.0/16", param, ctx) from error


class Word(_Kind):
    """One of a few words, in any case; answers with its proper spelling."""

    def __init__(self, *words: str) -> None:
        self.name = "string"
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        for word in self.words:
            if word.lower() == str(value).lower():
                return word
        raise self.refused(value, f"is not one of {', '.join(self.words)}", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in self.words if word.lower().startswith(incomplete.lower())]


def split_list(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Values of a list flag, given by repetition, by commas or by both."""
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def split_map(texts: tuple[str, ...]) -> dict[str, str]:
    """Values of a map flag, `k=v,k=v`; a later key replaces an earlier one."""
    pairs: dict[str, str] = {}
    for part in split_list(texts):
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise click.BadParameter(f'"{part}" is not a pair such as key=value')
        pairs[key] = value
    return pairs


BOOL = Bool()
UINT16 = Whole("uint16", 0, 65535)
COUNT = Whole("int", 0, 2**31 - 1)
DURATION = Duration()
MOMENT = Moment()
NETWORK = Network()
