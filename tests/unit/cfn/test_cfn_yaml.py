from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from copilot.cfn.intrinsics import get_att, if_, import_value, join, ref, sub
from copilot.cfn.yaml import Bare, dump, load
from copilot.errors import ManifestError

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40) | st.text(" \n\t#:-'\"|>a0{}[]&*!", max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
FUNCTION_NAMES = st.sampled_from(["Ref", "Condition", "Fn::Sub", "Fn::GetAtt", "Fn::If", "Fn::Cidr", "Fn::Other"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT, inner, max_size=4)
        | st.builds(lambda name, value: {name: value}, FUNCTION_NAMES, inner)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(TEXT, VALUES, max_size=4)

LOOKS_LIKE_ANOTHER_TYPE = [
    "on", "off", "yes", "no", "Y", "n", "true", "NULL", "~", "", "0123", "1e3", "12:30", "1_000", "0x1F", "0o17", "1.0",
    ".5", "+1", "-1", ".inf", "2012-10-17", "2001-12-14t21:59:43.10-05:00", "123456789012", "<<", "=",
]  # fmt: skip


@given(DOCUMENTS)
def test_what_is_written_is_read_back(document: dict[str, Any]) -> None:
    assert load(dump(document)) == document


@given(DOCUMENTS)
def test_what_is_read_back_has_the_same_types_and_order(document: dict[str, Any]) -> None:
    assert repr(load(dump(document))) == repr(document)


@given(TEXT)
def test_text_is_text_for_a_yaml_1_1_parser_too(text: str) -> None:
    assert yaml.safe_load(dump({"Key": text})) == {"Key": text}


@pytest.mark.parametrize("text", LOOKS_LIKE_ANOTHER_TYPE)
def test_text_that_looks_like_another_type_is_quoted(text: str) -> None:
    assert dump({"Key": text}) == f"Key: '{text}'\n"


@pytest.mark.parametrize(
    "text", ["arn:aws:iam::1:root", "10.0.0.0/16", "${AWS::StackName}-VpcId", "a, b [c] {d}", "Ünïcode", "say 'hi'"]
)
def test_ordinary_text_is_not_quoted(text: str) -> None:
    assert dump({"Key": text}) == f"Key: {text}\n"


@pytest.mark.parametrize("text", ["a: b", "a #b", "- a", "*", "{a}", "!Ref", " a", "a ", "a:", "@a", "%a"])
def test_text_that_yaml_would_misread_is_quoted(text: str) -> None:
    assert dump({"Key": text}) == f"Key: '{text}'\n"


def test_bare_text_is_not_quoted() -> None:
    assert dump({"Accounts": [Bare("012345678901"), Bare("123456789012")]}) == (
        "Accounts:\n  - 012345678901\n  - 123456789012\n"
    )


def test_functions_are_short_tags() -> None:
    document = {
        "A": ref("VPC"),
        "B": get_att("Role", "Arn"),
        "C": sub("${AWS::StackName}-x"),
        "D": join(",", [ref("One"), "two"]),
        "E": [if_("Is", get_att("G", "Id"), ref("AWS::NoValue"))],
        "F": get_att("AddonsStack", "Outputs.Name"),
        "G": {"Fn::GetAZs": ""},
    }
    text = """\
A: !Ref VPC
B: !GetAtt Role.Arn
C: !Sub ${AWS::StackName}-x
D: !Join
  - ','
  - - !Ref One
    - two
E:
  - !If
    - Is
    - !GetAtt G.Id
    - !Ref AWS::NoValue
F: !GetAtt AddonsStack.Outputs.Name
G: !GetAZs ''
"""
    assert dump(document) == text
    assert load(text) == document


def test_a_function_directly_inside_another_is_in_its_long_form() -> None:
    document = {"Key": import_value(sub("${App}-x"))}
    assert dump(document) == "Key: !ImportValue\n  Fn::Sub: ${App}-x\n"


def test_text_of_several_lines_is_a_literal_block() -> None:
    manifest = "name: test\n\n# comment  \n\ttabbed\n  indented\n"
    assert dump({"Metadata": {"Manifest": manifest}}) == (
        "Metadata:\n  Manifest: |\n    name: test\n\n    # comment  \n    \ttabbed\n      indented\n"
    )


@pytest.mark.parametrize("text", ["a\nb", "a\n\n\n", "  a\nb\n", "\n\na\n", "\ta\nb", "a\n  \n", "a\n \t"])
def test_blocks_keep_every_blank(text: str) -> None:
    written = dump({"Key": [{"Inner": text}, text]})
    assert "|" in written
    assert load(written) == yaml.safe_load(written) == {"Key": [{"Inner": text}, text]}


def test_long_text_is_not_folded() -> None:
    text = "word " * 100 + "end"
    assert dump({"Key": text}) == f"Key: {text}\n"


def test_what_is_there_twice_is_written_twice() -> None:
    shared = {"Action": "sts:AssumeRole"}
    assert dump({"A": shared, "B": shared}) == "A:\n  Action: sts:AssumeRole\nB:\n  Action: sts:AssumeRole\n"


def test_resources_stand_at_two_spaces_with_their_deletion_policy_findable() -> None:
    text = dump({"Resources": {"CloudformationExecutionRole": {"DeletionPolicy": "Retain"}}})
    assert "\n  CloudformationExecutionRole:\n    DeletionPolicy: Retain\n" in text


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}])
def test_a_value_that_no_template_holds_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        dump({"Key": value})


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("on", "on"), ("Yes", "Yes"), ("0123", "0123"), ("12:30", "12:30"), ("1_000", "1_000"), ("00.5", "00.5"),
        ("2010-09-09", "2010-09-09"), ("012345678901", "012345678901"), ("123456789012", 123456789012), ("0o17", 15),
        ("0x1F", 31), ("1e3", 1000.0), (".5", 0.5), ("-.inf", float("-inf")), ("True", True), ("~", None), ("", None),
        ("'1'", "1"), ("!!str text", "text"),
    ],
)  # fmt: skip
def test_unquoted_scalars_follow_yaml_1_2(scalar: str, value: Any) -> None:
    assert load(f"Key: {scalar}") == {"Key": value}


def test_keys_are_text() -> None:
    assert load("on: 1\n123: 2\nnull: 3\n") == {"on": 1, "123": 2, "null": 3}


def test_aliases_are_followed() -> None:
    assert load("A: &x {Ref: B}\nC: *x\n") == {"A": {"Ref": "B"}, "C": {"Ref": "B"}}


def test_an_empty_text_is_an_empty_template() -> None:
    assert load("") == load("# only a comment\n") == load("null") == {}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("A: 1\nB:\n  C: 1\n  D: 2\n  C: 3\n", 5, "key C is there twice, first on line 3"),
        ("A:\n  B: !Nope x\n", 2, "unknown tag !Nope"),
        ("- a\n", 1, "must be a mapping of keys to values"),
        ("A: &x\n  - *x\n", 1, "an alias leads back to what it is part of"),
        ("? [a]\n: b\n", 1, "a key must be text"),
        ("A: 1\n B: 2\n", 2, "is not YAML: mapping values are not allowed"),
        ("A: 1\n---\nB: 2\n", 2, "is not YAML: expected a single document in the stream, but found another document"),
    ],
)
def test_a_template_that_cannot_be_read_is_refused_with_its_place(text: str, line: int, message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        load(text, path="addons/db.yml")
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("addons/db.yml", line)
    assert problem.message.startswith(message)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_problem(text: str) -> None:
    try:
        assert isinstance(load(text), dict)
    except ManifestError as err:
        assert err.problems
