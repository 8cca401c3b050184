from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.cfn.diff import diff
from copilot.cfn.intrinsics import get_att, if_, ref, sub
from copilot.cfn.yaml import dump, load

WORDS = st.sampled_from(["a", "b", "c", "on", "80", "two words"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    WORDS | st.integers(0, 3) | st.booleans() | st.builds(ref, WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=10,
)
TEMPLATES = st.dictionaries(WORDS, VALUES, max_size=3)


def rendered(old: str, new: str) -> str:
    return diff(load(old), load(new)).render()


@given(TEMPLATES)
def test_a_template_does_not_differ_from_itself(template: dict[str, Any]) -> None:
    assert diff(template, load(dump(template))).empty


@given(TEMPLATES, TEMPLATES)
def test_a_difference_is_empty_exactly_when_it_shows_nothing(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert diff(old, new).empty == (diff(old, new).render() == "")
    assert diff(old, new).empty == diff(new, old).empty


@given(TEMPLATES, TEMPLATES)
def test_every_line_says_what_kind_of_change_it_is(old: dict[str, Any], new: dict[str, Any]) -> None:
    for line in diff(old, new).render().splitlines():
        assert line.lstrip().startswith(("~ ", "+ ", "- ", "("))


def test_single_changes_are_told_with_their_whole_path() -> None:
    old = "A:\n  H:\n    cm:\n      t:\n        r: 190\n    inch:\n      r: 6\n"
    new = "A:\n  H:\n    cm:\n      t:\n        r: 168\n    inch:\n      r: 5.2\n"
    assert rendered(old, new) == ("~ A/H:\n    ~ cm/t:\n        ~ r: 190 -> 168\n    ~ inch:\n        ~ r: 6 -> 5.2\n")


def test_a_mapping_that_came_and_one_that_went_are_shown_whole() -> None:
    small, large = "M:\n  H: 1\n", "M:\n  H: 1\n  W:\n    kg: 52\n"
    assert rendered(small, large) == "~ M:\n    + W:\n    +     kg: 52\n"
    assert rendered(large, small) == "~ M:\n    - W:\n    -     kg: 52\n"


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("[a, b, d]", "[a, b, c, d]", ["(2 unchanged items)", "+ - c", "(1 unchanged item)"]),
        ("[a, b, c, d]", "[a, b, d]", ["(2 unchanged items)", "- - c", "(1 unchanged item)"]),
        ("[a, b, c]", "[a, x, c]", ["(1 unchanged item)", "~ - b -> x", "(1 unchanged item)"]),
        (
            "[i, t, c, r]",
            "[t, e, r, f]",
            ["- - i", "(1 unchanged item)", "~ - c -> e", "(1 unchanged item)", "+ - f"],
        ),
        ("[]", "[a]", ["+ - a"]),
        ("[a, b]", "[a]", ["(1 unchanged item)", "- - b"]),
    ],
)
def test_lists_are_compared_by_what_they_have_in_common(old: str, new: str, lines: list[str]) -> None:
    assert rendered(f"L: {old}", f"L: {new}") == "~ L:\n" + "".join(f"    {line}\n" for line in lines)


def test_a_changed_item_of_a_list_shows_what_changed_in_it() -> None:
    old = "S:\n  - N: dog\n  - N: bear\n    L: meh\n    R:\n      - x\n      - {a: no}\n"
    new = "S:\n  - N: dog\n  - N: bear\n    C: yeah\n    L: ok\n    R:\n      - x\n      - {a: yes}\n"
    assert (
        rendered(old, new)
        == """\
~ S:
    (1 unchanged item)
    ~ - (changed item)
      + C: yeah
      ~ L: meh -> ok
      ~ R:
          (1 unchanged item)
          ~ - (changed item)
            ~ a: 'no' -> 'yes'
"""
    )


def test_a_value_of_another_kind_is_shown_as_gone_and_come() -> None:
    assert rendered("M:\n  D:\n    B: 1\n  E: 1\n", "M:\n  D:\n    - B: 1\n      C: 2\n  E: 1\n") == (
        "~ M:\n    - D:\n    -     B: 1\n    + D:\n    +     - B: 1\n    +       C: 2\n"
    )


def test_an_absent_template_is_compared_as_empty() -> None:
    assert rendered("", "A:\n  B: x\n") == "+ A:\n+     B: x\n"
    assert rendered("A: x", "") == "- A: x\n"
    assert rendered("", "") == ""


def test_the_manifest_is_ignored_and_the_version_is_shown() -> None:
    old = {"Metadata": {"Version": "v1.26.0", "Manifest": "one"}}
    assert diff(old, {"Metadata": {"Version": "v1.26.0", "Manifest": "two"}}).empty
    assert diff({}, {"Metadata": {"Manifest": "two"}}).empty
    changed = diff(old, {"Metadata": {"Version": "v1.27.0", "Manifest": "two"}})
    assert changed.render() == "~ Metadata:\n    ~ Version: v1.26.0 -> v1.27.0\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A: !Ref B", "A:\n  Ref: B"),
        ("A: !GetAtt B.C.D", "A:\n  Fn::GetAtt: [B, C.D]"),
        ("A: !GetAtt [B, C]", "A:\n  Fn::GetAtt: B.C"),
        ("A: !Sub x", "A: !Sub [x, {}]"),
        ("A: !If [C, 80, !Ref D]", "A:\n  Fn::If: [C, '80', {Ref: D}]"),
        ("A: true", "A: 'true'"),
    ],
)
def test_what_means_the_same_does_not_differ(old: str, new: str) -> None:
    assert diff(load(old), load(new)).empty


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (ref("B"), ref("C"), "~ A: !Ref B -> !Ref C\n"),
        (ref("B"), 80, "~ A: !Ref B -> 80\n"),
        (ref("B"), get_att("C", "Arn"), "~ A: !Ref B -> !GetAtt C.Arn\n"),
        (get_att("B", "Arn"), get_att("C", "Arn"), "~ A: !GetAtt B.Arn -> !GetAtt C.Arn\n"),
        (sub("a\nb"), sub("a\nc"), "- A: !Sub |-\n-     a\n-     b\n+ A: !Sub |-\n+     a\n+     c\n"),
        (ref("B"), ["/"], "- A: !Ref B\n+ A:\n+     - /\n"),
        (ref("B"), {"X": 1}, "- A: !Ref B\n+ A:\n+     X: 1\n"),
        (if_("C", 1, 2), if_("C", 1, 3), "~ A/Fn::If:\n    (2 unchanged items)\n    ~ - 2 -> 3\n"),
        (True, 1, "~ A: true -> 1\n"),
        (None, "", "~ A: null -> ''\n"),
    ],
)
def test_functions_are_shown_in_their_short_form(old: Any, new: Any, text: str) -> None:
    assert diff({"A": old}, {"A": new}).render() == text
