"""What holds for the stack of every manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from workload_builders import IMAGE, PRIVATE_CERTIFICATES, PUBLIC_CERTIFICATES, api, facts, web

from copilot.cfn import dump, load
from copilot.manifest import WorkloadManifest
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.workload import render

_NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True)
_TEXTS = st.text(max_size=12)
_PORTS = st.integers(min_value=1, max_value=65535).map(str)
_HOSTS = st.from_regex(r"[a-z]{1,8}\.example\.com", fullmatch=True)


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


_RULES = st.builds(
    dict[str, Any],
    st.fixed_dictionaries(
        {"path": st.sampled_from(["/", "a", "/b/c"])},
        optional={
            "target_port": _PORTS,
            "alias": st.lists(_HOSTS, min_size=1, max_size=2),
            "stickiness": st.sampled_from(["true", "false"]),
            "allowed_source_ips": st.just(["10.0.0.0/8"]),
            "healthcheck": _some(path=st.just("well"), port=_PORTS, interval=st.just("10s")),
        },
    ),
)
_HTTP = st.builds(lambda main, more: {**main, "additional_rules": more}, _RULES, st.lists(_RULES, max_size=2))
_COUNTS = st.one_of(
    st.integers(min_value=0, max_value=9).map(str),
    st.just({"spot": "2"}),
    _some(cpu_percentage=st.just("50"), requests=st.just("5"), response_time=st.just("1s")).map(
        lambda metrics: {"range": "1-4", **metrics}
    ),
)
_FIELDS = _some(
    variables=st.dictionaries(_NAMES, _TEXTS, max_size=3),
    secrets=st.dictionaries(_NAMES, st.sampled_from(["/x", {"secretsmanager": "db"}, {"from_cfn": "e"}]), max_size=3),
    count=_COUNTS,
    exec=st.sampled_from(["true", "false"]),
    platform=st.sampled_from(["linux/arm64", "linux/x86_64", "windows/amd64"]),
    command=st.lists(_TEXTS, min_size=1, max_size=2),
    network=_some(
        connect=st.sampled_from(["true", "false", {"alias": "other"}]),
        vpc=_some(placement=st.sampled_from(["private", "public", {"subnets": ["subnet-1"]}])),
    ),
)
_WEBS = st.builds(lambda fields, http: web(**fields, http=http), _FIELDS, _HTTP)
_APIS = st.builds(
    lambda fields, http, image: api(**fields, image=IMAGE if http else image, **({"http": http} if http else {})),
    _FIELDS,
    st.none() | _HTTP,
    st.sampled_from([IMAGE, {"location": "x"}]),
)
_FACTS = st.builds(
    lambda domain, http, boundary: facts(app={"domain": domain, "permissions_boundary": boundary}, http=http),
    st.sampled_from(["", "example.com"]),
    st.sampled_from([{}, PUBLIC_CERTIFICATES, PRIVATE_CERTIFICATES]),
    st.sampled_from(["", "developers"]),
)
_MANIFESTS = _WEBS | _APIS


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
        for item in value.values():
            yield from _walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)


def _names_used(template: dict[str, Any]) -> Iterator[str]:
    for key, argument in _walk(template):
        if key == "Ref":
            yield argument
        elif key == "Fn::GetAtt":
            yield argument[0]
        elif key == "DependsOn" and isinstance(argument, str):
            yield argument
        elif key == "Fn::Sub":
            text, own = (argument[0], argument[1]) if isinstance(argument, list) else (argument, {})
            yield from (name for name in re.findall(r"\$\{([^}!]+)\}", text) if name not in own)


@settings(max_examples=60, deadline=None)
@given(manifest=_MANIFESTS, about=_FACTS)
def test_a_template_refers_only_to_what_it_declares(manifest: WorkloadManifest, about: WorkloadFacts) -> None:
    template = dict(render(manifest, about).template)
    declared = {*template["Parameters"], *template["Resources"]}
    used = {name for name in _names_used(template["Resources"]) if not name.startswith("AWS::")}
    assert used <= declared
    conditions = {argument[0] for key, argument in _walk(template) if key == "Fn::If"}
    assert conditions <= set(template["Conditions"])


@settings(max_examples=60, deadline=None)
@given(manifest=_MANIFESTS, about=_FACTS)
def test_a_stack_gives_a_text_to_every_parameter(manifest: WorkloadManifest, about: WorkloadFacts) -> None:
    stack = render(manifest, about)
    assert set(stack.parameters) == set(stack.template["Parameters"])
    assert all(isinstance(value, str) for value in stack.parameters.values())


@settings(max_examples=60, deadline=None)
@given(manifest=_MANIFESTS, about=_FACTS)
def test_a_rendered_template_survives_being_written_and_read(manifest: WorkloadManifest, about: WorkloadFacts) -> None:
    template = render(manifest, about).template
    assert load(dump(template)) == template


@settings(max_examples=30, deadline=None)
@given(manifest=_MANIFESTS, about=_FACTS)
def test_the_same_manifest_and_facts_give_the_same_stack(manifest: WorkloadManifest, about: WorkloadFacts) -> None:
    assert render(manifest, about) == render(manifest, about)
