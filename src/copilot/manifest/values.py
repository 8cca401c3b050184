"""How the text of a YAML scalar becomes a value: the field's type decides, not the scalar's look.

Scalars reach the models as text: `0123`, `1.0`, `on` and account ids stay what the user wrote where text is wanted.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

_TRUE = frozenset({"true", "True", "TRUE", "y", "Y", "yes", "on"})
_FALSE = frozenset({"false", "False", "FALSE", "n", "N", "no", "off"})
# As Go's YAML reader reads them: a leading zero means octal, unless a digit says otherwise.
_OCTAL = re.compile(r"[-+]?0[0-7]+")
_INTEGER = re.compile(r"[-+]?([1-9][0-9]*|0|0o[0-7]+|0x[0-9a-fA-F]+|0b[01]+)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DURATION = re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class Scalar(str):
    """The source text of a YAML scalar. `plain` is true when it stood without quotes."""

    __slots__ = ("plain",)

    def __new__(cls, text: str, *, plain: bool = True) -> Scalar:
        scalar = super().__new__(cls, text)
        scalar.plain = plain
        return scalar

    plain: bool


def wrong(message: str, **context: Any) -> PydanticCustomError:
    """The error a validator raises: `message` completes the sentence `{field} ...`."""
    return PydanticCustomError("manifest", message.replace("{", "{{").replace("}", "}}"), context or None)


class Model(BaseModel):
    """A mapping in a manifest: frozen, and no key but its fields. A key without a value counts as absent."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    # The JSON Schema of a shorter form that the model reads too, and fields that only this form fills.
    short_form: ClassVar[Mapping[str, Any]] = {}
    internal: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(schema)
        described = handler.resolve_ref_schema(reference)
        for name in cls.internal & set(described.get("properties", {})):
            del described["properties"][name]
        if cls.short_form:
            mapping = dict(described)
            described.clear()
            described["anyOf"] = [dict(cls.short_form), mapping]
        return reference

    @model_validator(mode="before")
    @classmethod
    def _read_mapping(cls, value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise wrong("must be a mapping")
        return {k: v for k, v in value.items() if v is not None or k not in cls.model_fields}


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    raise wrong("must be text")


def _text_or_empty(value: Any) -> Any:
    return "" if value is None else _text(value)


def _integer(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.replace("_", "")
        if _OCTAL.fullmatch(text):
            return int(text, 8)
        if _INTEGER.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text) and float(text).is_integer():
            return int(float(text))
    raise wrong("must be a whole number")


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise wrong("must be true or false")


def boolean_or_none(value: Any) -> bool | None:
    """The value of a scalar that reads as true or false; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return True if value in _TRUE else False if value in _FALSE else None
    return None


def parse_duration(text: str) -> float | None:
    """Seconds of a duration in Go's notation (`90s`, `1h30m`, `500ms`); None when it is none.

    https://pkg.go.dev/time#ParseDuration
    """
    if text in {"0", "+0", "-0"}:
        return 0.0
    sign, rest = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    if not rest or rest[0] in "+-":
        return None
    total = 0.0
    while rest:
        match = _DURATION.match(rest)
        if not match or rest[0] in "+-":
            return None
        total += float(match[1]) * _SECONDS[match[3]]
        rest = rest[match.end() :]
    return sign * total


def _fractional_seconds(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    seconds = parse_duration(value) if isinstance(value, str) else None
    if seconds is None:
        raise wrong("must be a duration such as 10s or 1m30s")
    if seconds < 0:
        raise wrong("must not be negative")
    return seconds


def _seconds(value: Any) -> Any:
    return int(_fractional_seconds(value) + 1e-9)


def _cidr(value: Any) -> Any:
    text = _text(value)
    try:
        if "/" not in text:
            raise ValueError(text)
        ipaddress.ip_network(text, strict=False)
    except ValueError as err:
        raise wrong(f"'{text}' is not a CIDR block such as 10.0.0.0/16") from err
    return text


def _port(value: Any) -> Any:
    number = _integer(value)
    if not 1 <= number <= 65535:
        raise wrong("must be a port from 1 to 65535")
    return number


def _arn(value: Any) -> Any:
    text = _text(value)
    if not text.startswith("arn:") or text.count(":") < 5:
        raise wrong(f"'{text}' is not an ARN")
    return text


def _list(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return value
    raise wrong("must be a list")


def _mapping(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise wrong("must be a mapping")


def _text_or_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else _list(value)


# For JSON Schema only: what YAML readers may make of a text, and a variable that stands for a value of another type.
DURATION_PATTERN = "^([0-9.]+(ns|us|ms|s|m|h))+$"
AnyScalar = str | int | float | bool
Variable = Annotated[str, Field(pattern=r"\$\{[_a-zA-Z][_a-zA-Z0-9]*\}")]
PortNumber = Annotated[int, Field(ge=1, le=65535)]

Text = Annotated[str, BeforeValidator(_text, json_schema_input_type=AnyScalar)]
TextOrEmpty = Annotated[str, BeforeValidator(_text_or_empty, json_schema_input_type=AnyScalar | None)]
Integer = Annotated[int, BeforeValidator(_integer, json_schema_input_type=int | Variable)]
Boolean = Annotated[bool, BeforeValidator(_boolean, json_schema_input_type=bool | Variable)]
Port = Annotated[int, BeforeValidator(_port, json_schema_input_type=PortNumber | Variable)]
Duration = Annotated[str, Field(pattern=DURATION_PATTERN)]
Seconds = Annotated[int, BeforeValidator(_seconds, json_schema_input_type=Duration | Variable)]
FractionalSeconds = Annotated[float, BeforeValidator(_fractional_seconds, json_schema_input_type=Duration | Variable)]
Cidr = Annotated[str, BeforeValidator(_cidr)]
Arn = Annotated[str, BeforeValidator(_arn)]
TextList = Annotated[tuple[Text, ...], BeforeValidator(_list)]
TextOrList = Annotated[tuple[Text, ...], BeforeValidator(_text_or_list, json_schema_input_type=str | list[str])]
TextMap = Annotated[Mapping[str, TextOrEmpty], BeforeValidator(_mapping)]
AsList = BeforeValidator(_list)
AsMapping = BeforeValidator(_mapping)
