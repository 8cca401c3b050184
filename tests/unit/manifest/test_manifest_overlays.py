from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifests import API, WEB, service

from copilot.manifest import Source
from copilot.manifest.overlays import overlay
from copilot.manifest.source import Node, build, compose
from copilot.manifest.values import Scalar


def tree(data: Any) -> Node:
    """A tree of nodes that stand nowhere."""
    if isinstance(data, dict):
        return node({key: tree(value) for key, value in data.items()})
    if isinstance(data, list):
        return node(tuple(tree(item) for item in data))
    return node(None if data is None else Scalar(data))


def node(value: Any) -> Node:
    return Node(value=value, line=0, column=0)


def merged(base: Any, over: Any) -> Any:
    return overlay(tree(base), tree(over)).plain()


def test_maps_merge_key_by_key() -> None:
    assert merged({"variables": {"A": "1", "B": "2"}}, {"variables": {"B": "3", "C": "4"}}) == {
        "variables": {"A": "1", "B": "3", "C": "4"}
    }


def test_a_list_replaces_the_whole_list() -> None:
    assert merged({"http": {"alias": ["a", "b"]}}, {"http": {"alias": ["c"]}}) == {"http": {"alias": ["c"]}}


def test_an_empty_list_replaces_the_list() -> None:
    assert merged({"http": {"alias": ["a"]}}, {"http": {"alias": []}}) == {"http": {"alias": []}}


def test_a_scalar_replaces_a_scalar() -> None:
    assert merged({"cpu": "256"}, {"cpu": "512"}) == {"cpu": "512"}


def test_a_variable_without_a_value_becomes_empty() -> None:
    text = f"{WEB}variables: {{A: a, B: b}}\nenvironments: {{test: {{variables: {{A: }}}}}}\n"
    assert {name: variable.value for name, variable in service(text).variables.items()} == {"A": "", "B": "b"}


@pytest.mark.parametrize(
    "inside",
    [{"variables": {"A": None}}, {"image": {"labels": {"A": None}}}, {"image": {"build": {"args": {"A": None}}}}],
)
def test_a_key_without_a_value_replaces_text_in_a_mapping_of_texts(inside: Any) -> None:
    base = json.loads(json.dumps(inside).replace("null", '"a"'))
    assert merged(base, inside) == inside


@pytest.mark.parametrize("over", [None, {}])
def test_nothing_changes_nothing(over: Any) -> None:
    assert merged({"http": {"path": "/"}}, {"http": over}) == {"http": {"path": "/"}}
    assert merged({"count": "1"}, {"count": over}) == {"count": "1"}


@pytest.mark.parametrize(
    ("base", "over"),
    [
        ({"image": {"build": {"dockerfile": "a"}}}, {"image": {"build": "b"}}),
        ({"image": {"build": "a"}}, {"image": {"build": {"dockerfile": "b"}}}),
        ({"http": {"alias": "a"}}, {"http": {"alias": ["b"]}}),
        ({"http": {"alias": [{"name": "a"}]}}, {"http": {"alias": "b"}}),
        ({"http": {"healthcheck": "/a"}}, {"http": {"healthcheck": {"interval": "5s"}}}),
        ({"http": {"healthcheck": {"path": "/a"}}}, {"http": {"healthcheck": "/b"}}),
        ({"http": {"path": "/"}}, {"http": "false"}),
        ({"http": "false"}, {"http": {"path": "/"}}),
        ({"http": {"targetContainer": "a"}}, {"http": {"target_container": "b"}}),
        ({"http": {"target_container": "a"}}, {"http": {"targetContainer": "b"}}),
        ({"platform": "linux/arm64"}, {"platform": {"osfamily": "linux", "architecture": "arm"}}),
        ({"count": "3"}, {"count": {"spot": "2"}}),
        ({"count": {"range": "1-2", "cpu_percentage": "1"}}, {"count": "3"}),
        ({"count": {"range": "1-2", "cpu_percentage": "1", "cooldown": {"in": "1s"}}}, {"count": {"spot": "2"}}),
        ({"count": {"spot": "2"}}, {"count": {"range": "1-2", "requests": "1"}}),
        ({"network": {"connect": "true"}}, {"network": {"connect": {"alias": "a"}}}),
        ({"network": {"vpc": {"placement": "private"}}}, {"network": {"vpc": {"placement": {"subnets": ["a"]}}}}),
        ({"image": {"build": "a"}}, {"image": {"location": "b"}}),
        ({"image": {"location": "a"}}, {"image": {"build": {"context": "b"}}}),
        ({"sidecars": {"n": {"image": {"location": "a"}}}}, {"sidecars": {"n": {"image": {"build": "b"}}}}),
        ({"secrets": {"S": "a"}}, {"secrets": {"S": {"secretsmanager": "b"}}}),
        ({"secrets": {"S": {"from_cfn": "a"}}}, {"secrets": {"S": {"secretsmanager": "b"}}}),
        ({"secrets": {"S": {"secretsmanager": "a"}}}, {"secrets": {"S": {"from_cfn": "b"}}}),
        (
            {"storage": {"volumes": {"v": {"efs": {"id": "a", "auth": {"iam": "true"}}}}}},
            {"storage": {"volumes": {"v": {"efs": {"uid": "1", "gid": "2"}}}}},
        ),
    ],
)
def test_one_form_of_a_field_removes_the_other(base: Any, over: Any) -> None:
    assert merged(base, over) == over


def test_a_cooldown_alone_keeps_the_spot_count() -> None:
    assert merged({"count": {"spot": "2"}}, {"count": {"cooldown": {"in": "1s"}}}) == {
        "count": {"spot": "2", "cooldown": {"in": "1s"}}
    }


def test_metrics_merge_into_a_range() -> None:
    assert merged({"count": {"range": "1-2", "requests": "1"}}, {"count": {"range": "2-4"}}) == {
        "count": {"range": "2-4", "requests": "1"}
    }


def test_variables_merge_in_the_manifest() -> None:
    text = f"{WEB}variables: {{A: base, B: base}}\nenvironments:\n  test:\n    variables: {{B: test, C: test}}\n"
    assert {k: v.value for k, v in service(text).variables.items()} == {"A": "base", "B": "test", "C": "test"}
    assert {k: v.value for k, v in service(text, env="prod").variables.items()} == {"A": "base", "B": "base"}


def test_an_overlay_may_take_a_built_image_from_a_registry() -> None:
    text = f"{WEB}environments:\n  test:\n    image: {{location: nginx}}\n"
    image = service(text).image
    assert (image.build, image.location, image.port) == (None, "nginx", 8080)


def test_an_overlay_may_give_a_backend_service_a_load_balancer() -> None:
    text = API + "  port: 80\nenvironments:\n  test:\n    http: {path: /}\n"
    assert service(text).http is not None
    assert service(text, env="prod").http is None


def test_a_node_keeps_the_place_where_it_was_written() -> None:
    source = Source(text="a: 1\nb: 2\nover:\n  b: 3\n", path="m.yml")
    root = build(source, compose(source), {})
    over = root.child("over")
    assert over is not None
    found = overlay(root, over)
    places = (
        {key: (child.line, child.path) for key, child in found.value.items()} if isinstance(found.value, dict) else {}
    )
    assert (places["a"], places["b"]) == ((1, "a"), (4, "over.b"))


KEYS = st.sampled_from(["image", "build", "location", "count", "spot", "range", "cooldown", "a", "b"])
SCALARS = st.sampled_from(["1", "x", ""])
DATA: st.SearchStrategy[Any] = st.recursive(
    SCALARS | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
MAPS = st.dictionaries(KEYS, DATA, max_size=4)


def without_contradictions(data: Any, path: tuple[str, ...] = ()) -> bool:
    """Whether no mapping holds both forms of a field, which no right manifest does."""
    if isinstance(data, dict):
        both = ({"build", "location"} <= data.keys() and path == ("image",)) or (
            {"spot"} < data.keys() and path == ("count",)
        )
        return not both and all(without_contradictions(v, (*path, k)) for k, v in data.items())
    return True


@given(MAPS.filter(without_contradictions))
def test_an_overlay_equal_to_the_base_changes_nothing(base: Any) -> None:
    assert merged(base, base) == base


@given(MAPS)
def test_an_empty_overlay_changes_nothing(base: Any) -> None:
    assert merged(base, {}) == base


@given(MAPS, MAPS)
def test_applying_an_overlay_twice_is_applying_it_once(base: Any, over: Any) -> None:
    once = merged(base, over)
    assert merged(once, over) == once


@given(MAPS, MAPS)
def test_scalars_and_lists_of_the_overlay_are_in_the_result(base: Any, over: Any) -> None:
    result = merged(base, over)
    for key, value in over.items():
        if isinstance(value, str | list):
            assert result[key] == value


@given(MAPS, MAPS)
def test_keys_that_the_overlay_does_not_name_stay(base: Any, over: Any) -> None:
    result = merged(base, over)
    assert all(result[key] == value for key, value in base.items() if key not in over)
