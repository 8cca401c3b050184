"""Template versions compare as the original compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot import TEMPLATE_VERSION
from copilot.describe.stacks import BOOTSTRAP, NO_VERSION
from copilot.describe.versions import compare

ASCENDING = [
    "v1.0.0-alpha",
    "v1.0.0-alpha.1",
    "v1.0.0-alpha.beta",
    "v1.0.0-beta.2",
    "v1.0.0-beta.11",
    "v1.0.0",
    "v1.2.9",
    "v1.10.0",
    "v2",
]

versions = st.one_of(
    st.sampled_from([*ASCENDING, BOOTSTRAP, "", "1.0.0", "v01.0.0", NO_VERSION]),
    st.builds("v{}.{}.{}".format, *[st.integers(0, 20)] * 3),
)


def test_versions_ascend_in_the_order_of_semantic_versions() -> None:
    for index, lower in enumerate(ASCENDING):
        for higher in ASCENDING[index + 1 :]:
            assert compare(lower, higher) < 0 < compare(higher, lower), (lower, higher)


@pytest.mark.parametrize(("left", "right"), [("v1", "v1.0.0"), ("v1.34.1", "v1.34.1+python.0.1.0"), ("", "bootstrap")])
def test_what_is_left_out_is_zero_and_who_built_it_does_not_count(left: str, right: str) -> None:
    assert compare(left, right) == 0


@pytest.mark.parametrize("text", [BOOTSTRAP, "", "1.0.0", "v1.0.0.0", "v01.0.0", "latest"])
def test_what_is_no_version_is_below_every_version(text: str) -> None:
    assert compare(text, NO_VERSION) < 0
    assert compare(text, TEMPLATE_VERSION) < 0


@given(versions, versions, versions)
def test_comparing_is_an_order(a: str, b: str, c: str) -> None:
    assert compare(a, b) == -compare(b, a)
    if compare(a, b) <= 0 and compare(b, c) <= 0:
        assert compare(a, c) <= 0
