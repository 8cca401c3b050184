"""In which order several workloads are deployed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from copilot.actions.deploy_order import LAST, dependencies, groups, parse_names
from copilot.errors import UsageError
from copilot.manifest import Source, WorkloadManifest, load_workload


def test_an_order_tag_is_a_number_behind_a_slash() -> None:
    assert parse_names(["web/2", "api/1", "worker"]) == {"web": 2, "api": 1, "worker": LAST}


def test_the_same_name_twice_is_once_unless_its_tags_differ() -> None:
    assert parse_names(["web/2", "web/2"]) == {"web": 2}
    for pair in (["web/2", "web/3"], ["web", "web/3"]):
        with pytest.raises(UsageError, match="'web' is given twice"):
            parse_names(pair)


@pytest.mark.parametrize("text", ["web/", "web/x", "web/-1", "web/1.5", "web/1/2"])
def test_a_tag_that_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not valid"):
        parse_names([text])


def test_lower_tags_go_first_and_names_without_a_tag_last() -> None:
    assert groups(parse_names(["a", "b/2", "c/1", "d/2"]), {}) == [["c"], ["b", "d"], ["a"]]


def test_within_a_tag_what_is_called_goes_before_its_callers() -> None:
    tags = dict.fromkeys(["web", "api", "store"], 1)
    assert groups(tags, {"web": ["api"], "api": ["store"]}) == [["store"], ["api"], ["web"]]


def test_a_tag_is_stronger_than_a_dependency() -> None:
    assert groups({"web": 1, "api": 2}, {"web": ["api"]}) == [["web"], ["api"]]


def test_a_circle_is_deployed_at_once() -> None:
    tags = dict.fromkeys(["a", "b", "c"], 1)
    assert groups(tags, {"a": ["b"], "b": ["a"]}) == [["a", "b", "c"]]


NAMES = some.sampled_from(["a", "b", "c", "d", "e"])


@given(
    some.dictionaries(NAMES, some.integers(0, 3), min_size=1), some.dictionaries(NAMES, some.lists(NAMES, max_size=3))
)
def test_every_name_is_in_exactly_one_group_and_tags_never_fall(
    tags: dict[str, int], dependencies: dict[str, list[str]]
) -> None:
    order = groups(tags, dependencies)
    flat = [name for group in order for name in group]
    assert sorted(flat) == sorted(tags)
    assert [tags[name] for name in flat] == sorted(tags.values())


def manifest(name: str, **variables: str) -> WorkloadManifest:
    listed = "".join(f"  {key}: {value}\n" for key, value in variables.items())
    text = f"name: {name}\ntype: Backend Service\nimage: {{location: nginx, port: 80}}\n"
    text += f"variables:\n{listed}" if listed else ""
    return load_workload(Source(text=text, path="m.yml"), app="shop", env="test", environ={}).manifest


@pytest.mark.parametrize(
    ("value", "is_called"),
    [
        ("http://api:8080", True),
        ("http://api", True),
        ("http://api/v1", True),
        ("postgres://user:pw@api:5432/db", True),
        ("api.test.shop.local", True),
        ("http://api.test.shop.local:80/", True),
        ("http://api.prod.shop.local", False),
        ("http://my-api:80", False),
        ("http://api-v2:80", False),
        ("http://apis", False),
        ("api", False),
        ("x.api.test.shop.local", False),
    ],
)
def test_an_address_in_a_variable_is_a_dependency(value: str, is_called: bool) -> None:
    found = dependencies([manifest("web", API=value), manifest("api")], "shop", "test")
    assert found == {"web": ["api"] if is_called else [], "api": []}


def test_a_service_does_not_depend_on_itself_nor_on_strangers() -> None:
    assert dependencies([manifest("web", ME="http://web", IT="http://other")], "shop", "test") == {"web": []}
