"""Which rule of a listener a request falls under. Pure.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What rules look at in a request. `headers` has lower-case names; `path` is as received, without the query."""

    method: str
    path: str
    query: str
    host: str
    headers: Mapping[str, str]
    source: str

    @property
    def hostname(self) -> str:
        """The host without its port: conditions are written for the names that clients use on AWS."""
        return self.host.rsplit(":", 1)[0] if re.search(r":\d+$", self.host) else self.host


def choose(rules: Sequence[Record], ask: Ask) -> Record | None:
    """The first rule whose conditions all hold; `rules` are in order of priority, the default rule last."""
    return next((rule for rule in rules if rule.get("IsDefault") or _holds(rule, ask)), None)


def _holds(rule: Record, ask: Ask) -> bool:
    return all(matches(condition, ask) for condition in rule.get("Conditions", ()))


def matches(condition: Record, ask: Ask) -> bool:
    """Whether the request meets the condition; a condition of an unknown kind is met by none."""
    values = [str(value) for value in condition.get("Values", ())]
    match condition.get("Field"):
        case "path-pattern":
            return any(_like(ask.path, value) for value in values)
        case "host-header":
            return any(_like(ask.hostname, value, ignore_case=True) for value in values)
        case "http-request-method" | "http-method":
            return ask.method in values
        case "http-header":
            return _header_matches(condition, values, ask)
        case "query-string":
            return any(_query_matches(value, ask.query) for value in values)
        case "source-ip":
            return any(_is_within(ask.source, value) for value in values)
        case _:
            return False


def _header_matches(condition: Record, values: Sequence[str], ask: Ask) -> bool:
    config = condition.get("HttpHeaderConfig") or {}
    actual = ask.headers.get(str(config.get("HttpHeaderName", "")).lower())
    wanted = config.get("Values") or values
    return actual is not None and any(_like(actual, str(value), ignore_case=True) for value in wanted)


def _query_matches(wanted: str, query: str) -> bool:
    """`key=value` or, without a key, a value of whichever key."""
    key, separator, value = wanted.partition("=")
    if not separator:
        key, value = "*", wanted
    pairs = parse_qsl(query, keep_blank_values=True)
    return any(_like(k, key, ignore_case=True) and _like(v, value, ignore_case=True) for k, v in pairs)


def _like(text: str, pattern: str, *, ignore_case: bool = False) -> bool:
    """`*` stands for any characters, `?` for one, a backslash takes the next character as it is."""
    parts = re.findall(r"\\.|[*?]|[^*?\\]+|\\", pattern, re.DOTALL)
    expression = "".join({"*": ".*", "?": "."}.get(part) or re.escape(_unescaped(part)) for part in parts)
    return re.fullmatch(expression, text, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


def _unescaped(part: str) -> str:
    return part[1:] if len(part) == 2 and part[0] == "\\" else part


def _is_within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
