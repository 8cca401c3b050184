"""The query protocol: flat `Name.member.N` parameters in, XML out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

Params = Mapping[str, Any]
Response = tuple[int, dict[str, str], bytes]
Action = Callable[[Params], Response]


class Refused(Exception):
    """A request that CloudFormation answers with an error of this code."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def text(params: Params, name: str, default: str = "") -> str:
    """One parameter's value, "" when it is not there."""
    value = params.get(name, default)
    if isinstance(value, list):
        value = value[0] if value else default
    return str(value)


def required(params: Params, name: str) -> str:
    """One parameter's value; refused when it is missing."""
    value = text(params, name)
    if not value:
        raise Refused("ValidationError", f"{name} is required")
    return value


def flag(params: Params, name: str) -> bool:
    """Whether a boolean parameter is true."""
    return text(params, name, "false").lower() == "true"


def members(params: Params, name: str) -> list[str]:
    """The values of a list of strings."""
    return [text(params, key) for key in _numbered(params, f"{name}.member")]


def pairs(params: Params, name: str, key: str, value: str) -> dict[str, str]:
    """The values of a list of key and value structures, as a mapping."""
    return {
        text(params, f"{prefix}.{key}"): text(params, f"{prefix}.{value}")
        for prefix in _numbered(params, f"{name}.member", suffix=f".{key}")
    }


def flatten(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values as the parameters of a query: lists become members, mappings become dotted names."""
    return dict(_flat("", values))


def reply(action: str, result: Mapping[str, Any]) -> Response:
    """A successful answer; lists are rendered as members, empty values are left out."""
    from ministack.services.cloudformation.helpers import _xml

    body = f"<{action}Result>{_elements(result)}</{action}Result>"
    response: Response = _xml(200, f"{action}Response", body)
    return response


def element(name: str, value: Any) -> str:
    """One XML element."""
    return f"<{name}>{_content(value)}</{name}>"


def action(handler: Callable[[Params], Response]) -> Action:
    """The handler with its refusals turned into CloudFormation's error envelope."""
    from ministack.services.cloudformation.helpers import _error

    def answer(params: Params) -> Response:
        try:
            return handler(params)
        except Refused as refused:
            response: Response = _error(refused.code, refused.message, refused.status)
            return response

    return answer


def _numbered(params: Params, prefix: str, suffix: str = "") -> Iterator[str]:
    number = 1
    while f"{prefix}.{number}{suffix}" in params:
        yield f"{prefix}.{number}"
        number += 1


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, list[str]]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else key, member)
    elif isinstance(value, list):
        for number, member in enumerate(value, start=1):
            yield from _flat(f"{prefix}.member.{number}", member)
    elif isinstance(value, bool):
        yield prefix, ["true" if value else "false"]
    else:
        yield prefix, [str(value)]


def _elements(values: Mapping[str, Any]) -> str:
    return "".join(element(name, value) for name, value in values.items() if value is not None)


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    if isinstance(value, list):
        return "".join(f"<member>{_content(member)}</member>" for member in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))
