from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.local.balancers.rules import Ask, choose, matches


def ask(**changes: Any) -> Ask:
    values: dict[str, Any] = {
        "method": "GET",
        "path": "/",
        "query": "",
        "host": "localhost:20001",
        "headers": {},
        "source": "127.0.0.1",
    }
    return Ask(**(values | changes))


def condition(field: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"Field": field, "Values": list(values), **more}


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/api", "/api", True),
        ("/api", "/api/x", False),
        ("/api/*", "/api/x/y", True),
        ("/api/*", "/api", False),
        ("/a?c", "/abc", True),
        ("/Api", "/api", False),
        ("/[a-z]", "/b", False),
        ("/a\\*c", "/a*c", True),
        ("/a\\*c", "/abc", False),
        ("*", "/anything", True),
    ],
)
def test_a_path_pattern_knows_two_wildcards_and_their_escape(pattern: str, path: str, expected: bool) -> None:
    assert matches(condition("path-pattern", pattern), ask(path=path)) is expected


def test_a_host_is_compared_without_its_port_and_case() -> None:
    assert matches(condition("host-header", "API.example.com"), ask(host="api.Example.com:20001"))
    assert matches(condition("host-header", "*.example.com"), ask(host="a.b.example.com"))
    assert not matches(condition("host-header", "api.example.com"), ask(host="example.com"))


def test_a_source_address_is_looked_up_in_networks() -> None:
    networks = condition("source-ip", "10.0.0.0/8", "127.0.0.0/8")
    assert matches(networks, ask(source="127.0.0.1"))
    assert not matches(networks, ask(source="192.168.1.1"))
    assert not matches(networks, ask(source="not an address"))


def test_headers_methods_and_queries_are_conditions_too() -> None:
    header = condition("http-header", HttpHeaderConfig={"HttpHeaderName": "X-Kind", "Values": ["b*"]})
    assert matches(header, ask(headers={"x-kind": "Beta"}))
    assert not matches(header, ask())
    assert matches(condition("http-request-method", "POST", "PUT"), ask(method="PUT"))
    assert not matches(condition("http-request-method", "POST"), ask(method="GET"))
    assert matches(condition("query-string", "version=v*"), ask(query="a=1&Version=V2"))
    assert matches(condition("query-string", "two"), ask(query="any=two"))
    assert not matches(condition("query-string", "version=v1"), ask(query="version=v2"))


def test_an_unknown_kind_of_condition_is_met_by_no_request() -> None:
    assert not matches(condition("phase-of-the-moon", "full"), ask())


def test_the_first_rule_that_matches_wins_and_the_default_rule_takes_the_rest() -> None:
    one = {"Conditions": [condition("path-pattern", "/a*"), condition("http-request-method", "GET")]}
    two = {"Conditions": [condition("path-pattern", "/a*")]}
    default = {"IsDefault": True, "Conditions": []}
    rules = [one, two, default]
    assert choose(rules, ask(path="/ab")) is one
    assert choose(rules, ask(path="/ab", method="PUT")) is two
    assert choose(rules, ask(path="/b")) is default
    assert choose([one], ask(path="/b")) is None


@given(st.text(max_size=30))
def test_every_path_matches_itself_once_its_wildcards_are_escaped(path: str) -> None:
    escaped = path.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    assert matches(condition("path-pattern", escaped), ask(path=path))


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_a_star_stands_for_any_text(before: str, between: str, after: str) -> None:
    start, end = (part.replace("\\", "").replace("*", "").replace("?", "") for part in (before, after))
    assert matches(condition("path-pattern", f"{start}*{end}"), ask(path=f"{start}{between}{end}"))
