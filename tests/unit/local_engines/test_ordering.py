"""The order of a task's containers, and the dependencies that can't be kept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.local.engines.ordering import dependencies, in_order, problem


def definition(name: str, *after: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"name": name, "dependsOn": [{"containerName": n, "condition": c} for n, c in after], **more}


def test_containers_without_dependencies_start_as_they_were_written() -> None:
    assert in_order([definition("b"), definition("a")]) == [0, 1]


@given(st.permutations(range(5)), st.data())
def test_a_container_starts_after_all_that_it_depends_on(places: list[int], data: st.DataObject) -> None:
    earlier = {n: data.draw(st.sets(st.integers(0, n - 1)) if n else st.just(set())) for n in places}
    definitions = [definition(str(n), *((str(e), "START") for e in sorted(earlier[n]))) for n in places]
    order = in_order(definitions)
    assert sorted(order) == list(range(5))
    assert problem(definitions) == ""
    for place, index in enumerate(order):
        started = {definitions[each]["name"] for each in order[:place]}
        assert set(dependencies(definitions[index])) <= started


@pytest.mark.parametrize(
    ("other", "condition", "told"),
    [
        (definition("other"), "HEALTHY", "no health check"),
        (definition("other"), "SUCCESS", "essential"),
        (definition("other", essential="true"), "COMPLETE", "essential"),
        (definition("other"), "SOON", "not a condition"),
        (definition("else"), "START", "no such container"),
        (definition("other", ("main", "START")), "START", "circle"),
    ],
)
def test_dependencies_that_cannot_be_kept_are_named(other: dict[str, Any], condition: str, told: str) -> None:
    assert told in problem([definition("main", ("other", condition)), other])
