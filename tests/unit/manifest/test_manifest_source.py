from __future__ import annotations

import pytest
from manifests import WEB, service, told

from copilot.errors import ManifestError
from copilot.manifest import Source, read_header
from copilot.manifest.source import build, compose


def data(text: str) -> object:
    source = Source(text=text, path="m.yml")
    return build(source, compose(source), {}).plain()


def complaint(text: str) -> str:
    with pytest.raises(ManifestError) as caught:
        data(text)
    return str(caught.value.problems[0])


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        (
            "a: 1\n b: 2\n",
            "m.yml:2: not YAML: a second ': ' stands in one line; quote the value, or check the indentation",
        ),
        ("a:\n\t- x\n", "m.yml:2: not YAML: a character stands where a value or a key should begin; tabs can't indent"),
        ("a: 'open\n", "m.yml:2: not YAML: a quoted text is not closed"),
        ("a: [1, 2\n", "m.yml:2: not YAML: a list or mapping in brackets is not closed, or a comma is missing"),
        ("a: *nowhere\n", "m.yml:1: not YAML: an alias (*name) without an anchor (&name)"),
        (
            'a: "\\q"\n',
            "m.yml:1: not YAML: an unknown escape after a backslash; use single quotes for literal backslashes",
        ),
        ("a: 1\n---\nb: 2\n", "m.yml:2: not YAML: more than one document; a manifest is a single one"),
        ("a: 1\nb: \x07\n", "m.yml:2: not YAML: a character that YAML does not allow"),
        ("a: &x [*x]\n", "m.yml:1: not YAML: an alias holds itself"),
        ("a: 1\nb: 2\na: 3\n", "m.yml:3: a: stands twice; it is also in line 1"),
        ("x:\n  a: 1\n  a: 3\n", "m.yml:3: x.a: stands twice; it is also in line 2"),
        ("? [a]\n: 1\n", "m.yml:1: has a key that is not text"),
        ("<<: 5\n", "m.yml:1: merges (<<) something that is not a mapping"),
        ('a: "\\ud800"\n', "m.yml:1: a: holds half of a character pair"),
        ("[" * 20000, "m.yml: not YAML: nested too deeply"),
    ],
)
def test_what_is_not_yaml_is_told_in_plain_words(text: str, told_as: str) -> None:
    assert complaint(text) == told_as


def test_documents_that_explode_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert complaint("\n".join(lines)).endswith("too large once its aliases are followed")


def test_anchors_and_merge_keys_are_followed() -> None:
    text = "base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nmore:\n  <<: [{x: 7}, *b]\nagain: *b\n"
    assert data(text) == {
        "base": {"x": "1", "y": "2"},
        "use": {"x": "1", "y": "3"},
        "more": {"x": "7", "y": "2"},
        "again": {"x": "1", "y": "2"},
    }


def test_only_bare_nulls_are_null() -> None:
    assert data("a: ~\nb: null\nc:\nd: 'null'\ne: \"\"\n") == {"a": None, "b": None, "c": None, "d": "null", "e": ""}


def test_keys_are_text() -> None:
    assert data("1: a\non: b\nnull: c\n") == {"1": "a", "on": "b", "null": "c"}


def test_carriage_returns_and_a_byte_order_mark_do_no_harm() -> None:
    assert service("\ufeff" + WEB.replace("\n", "\r\n")) == service(WEB)


def test_lines_are_counted_with_carriage_returns() -> None:
    assert told((WEB + "cpu: x\n").replace("\n", "\r\n")) == ["8: cpu: must be a whole number"]


def test_a_header_that_is_not_yaml_is_refused() -> None:
    with pytest.raises(ManifestError):
        read_header(Source(text="a: b: c", path="m.yml"))


def test_a_manifest_that_no_template_could_hold_is_refused_unread() -> None:
    assert complaint(f"a: {'x' * 1_000_000}\n: {{") == (
        "m.yml:1: is larger than 1 MB: CloudFormation takes no larger template, and the manifest is kept in it"
    )
