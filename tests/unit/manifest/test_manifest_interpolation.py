from __future__ import annotations

from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from manifests import ENV, WEB, environment, problems, service, source, told

from copilot.errors import ManifestError
from copilot.manifest import Source, load_workload
from copilot.manifest.interpolation import escape, interpolate, quote


def text_of(text: str, environ: Mapping[str, str] | None = None) -> str:
    found = interpolate(Source(text=text, path="m.yml"), app="vote", env="test", environ=environ or {})
    assert not found.problems
    return found.text


def read(text: str) -> object:
    return yaml.load(text, Loader=yaml.BaseLoader)


def test_names_that_copilot_gives_are_replaced() -> None:
    assert text_of("a: ${COPILOT_APPLICATION_NAME}-${COPILOT_ENVIRONMENT_NAME}\n") == "a: vote-test\n"


def test_names_of_the_shell_are_replaced() -> None:
    assert text_of("a: [x, '${TAG}']\n", {"TAG": "1.2"}) == 'a: [x, "1.2"]\n'


def test_comments_and_layout_stay() -> None:
    text = "# about ${A}\na:   ${A}   # the ${A}\n\nb: {c: 1}\n"
    assert text_of(text, {"A": "x"}) == "# about ${A}\na:   x   # the ${A}\n\nb: {c: 1}\n"


def test_keys_are_left_alone() -> None:
    assert text_of("${A}: ${A}\n", {"A": "x"}) == "${A}: x\n"


def test_values_of_variables_are_not_replaced_again() -> None:
    assert read(text_of("a: ${A}${B}\n", {"A": "${B}", "B": "x"})) == {"a": "${B}x"}


@pytest.mark.parametrize("text", ["a: \\${A}\n", "a: '\\${A}'\n", 'a: "\\\\${A}"\n', "a: |-\n  \\${A}\n"])
def test_an_escaped_variable_stays_as_text(text: str) -> None:
    assert read(text_of(text)) == {"a": "${A}"}


def test_an_escaped_and_a_plain_variable_stand_side_by_side() -> None:
    assert read(text_of("a: \\${A} ${A}\n", {"A": "x"})) == {"a": "${A} x"}


@pytest.mark.parametrize("text", ["a: $A\n", "a: ${1A}\n", "a: ${A-b}\n", "a: ${AWS::Region}\n", "a: $${}\n"])
def test_what_only_looks_like_a_variable_stays(text: str) -> None:
    assert text_of(text, {"A": "x"}) == text


@pytest.mark.parametrize(
    "value",
    [
        "",
        "null",
        "on",
        "0123",
        "a: b",
        "# no",
        "x\ny",
        "[a",
        "{",
        "'",
        '"',
        "\\",
        " x ",
        "-",
        "*a",
        "&",
        "!x",
        "é\u2028\x85",
        "\x07",
        "😀",
    ],
)
@pytest.mark.parametrize(
    "text", ["a: ${V}\n", "a: '${V}'\n", 'a: "${V}"\n', "- {a: '${V}'}\n", "a: >-\n  ${V}\nb: 1\n"]
)
def test_values_are_quoted_as_they_need(text: str, value: str) -> None:
    marked = read(text.replace("${V}", "MARK"))
    wanted = [{"a": value}] if isinstance(marked, list) else {"a": value, **({"b": "1"} if "b:" in text else {})}
    assert read(text_of(text, {"V": value})) == wanted


@pytest.mark.parametrize("value", ["x", "x\ny", "", "  indented", "a\n\nb"])
def test_literal_blocks_hold_the_value_as_it_is(value: str) -> None:
    text = "a: |\n  one ${V} two\n  # no comment\nb: 1 # a comment\n"
    assert read(text_of(text, {"V": value})) == {"a": f"one {value} two\n# no comment\n", "b": "1"}


def test_a_json_list_of_texts_becomes_a_list() -> None:
    manifest = service(f"{WEB}command: ${{WORDS}}\n", environ={"WORDS": '["sh", "-c", "a b"]'})
    assert manifest.command == ("sh", "-c", "a b")
    assert text_of("a: ${L} # c\n", {"L": '["x", "y"]'}) == 'a: ["x", "y"] # c\n'


def test_a_json_list_in_a_literal_block_stays_text() -> None:
    text = 'a: |\n  ["x"]\n'
    assert text_of(text) == text


@pytest.mark.parametrize("value", ["[]", "[1]", '["a", 1]', '{"a": "b"}', "[a]", '["a"'])
def test_other_json_stays_text(value: str) -> None:
    assert read(text_of("a: ${V}\n", {"V": value})) == {"a": value}


def test_tagged_values_are_left_alone() -> None:
    assert text_of("a: !Sub ${A}\n") == "a: !Sub ${A}\n"


def test_an_undefined_variable_is_a_problem_with_its_place() -> None:
    (problem,) = problems(f"{WEB}variables:\n  A: x-${{TAG}}\n")
    assert (problem.line, problem.column, problem.field) == (9, 8, "variables.A")
    assert problem.message == "${TAG} is not defined"
    assert "export TAG=" in problem.hint


def test_an_undefined_variable_in_a_block_is_told_at_its_own_line() -> None:
    (problem,) = problems(f"{WEB}variables:\n  A: |\n    one\n    two ${{TAG}}\n")
    assert (problem.line, problem.column) == (11, 9)


def test_every_undefined_variable_is_told_once_and_without_a_second_complaint() -> None:
    assert told(f"{WEB}cpu: ${{A}}\nmemory: ${{B}}${{A}}\n") == [
        "8: cpu: ${A} is not defined",
        "9: memory: ${B} is not defined",
        "9: memory: ${A} is not defined",
    ]


def test_an_undefined_variable_in_another_environment_is_told() -> None:
    assert told(f"{WEB}environments:\n  prod:\n    cpu: ${{A}}\n") == ["10: environments.prod.cpu: ${A} is not defined"]


def test_the_shell_may_not_contradict_the_given_names() -> None:
    text = f"{WEB}variables:\n  A: ${{COPILOT_ENVIRONMENT_NAME}}\n"
    assert told(text, environ={"COPILOT_ENVIRONMENT_NAME": "prod"}) == [
        "9: variables.A: ${COPILOT_ENVIRONMENT_NAME} is 'test' here, but the shell sets it to 'prod'"
    ]
    assert service(text, environ={"COPILOT_ENVIRONMENT_NAME": "test"}).variables["A"].value == "test"


def test_the_text_that_is_kept_has_variables_replaced_and_overlays_not_applied() -> None:
    text = f"{WEB}variables:\n  A: ${{COPILOT_ENVIRONMENT_NAME}}\nenvironments:\n  test:\n    cpu: 512\n"
    loaded = load_workload(source(text), app="vote", env="test", environ={})
    assert loaded.text == text.replace("${COPILOT_ENVIRONMENT_NAME}", "test")


def test_numbers_and_switches_may_come_from_variables() -> None:
    manifest = service(f"{WEB}cpu: ${{CPU}}\nexec: ${{EXEC}}\n", environ={"CPU": "1024", "EXEC": "true"})
    assert (manifest.cpu, manifest.exec) == (1024, True)


def test_environment_manifests_have_variables_too() -> None:
    assets = "{location: a, alias: '${COPILOT_APPLICATION_NAME}.com', path: b}"
    text = f"{ENV}cdn: {{static_assets: {assets}}}\n"
    cdn = environment(text).cdn
    assert cdn is not None
    assert cdn.static_assets is not None
    assert cdn.static_assets.alias == "vote.com"


VALUES = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
PLAIN_VALUES = VALUES.filter(lambda text: "${" not in text and not text.lstrip().startswith("["))


@given(st.dictionaries(st.sampled_from("abc"), PLAIN_VALUES, max_size=3))
def test_text_without_variables_is_unchanged(values: dict[str, str]) -> None:
    text = "".join(f"{key}: {quote(value)}  # why\n" for key, value in values.items())
    assert text_of(text) == text


@given(VALUES)
def test_quoting_loses_nothing(value: str) -> None:
    assert read(f"a: {quote(value)}\n") == {"a": value}


@given(VALUES | st.text("a\\\\${}_1", max_size=20))
def test_escaped_text_comes_back(value: str) -> None:
    assert read(text_of(f"a: {quote('-' + escape(value))}\n")) == {"a": "-" + value}


def replaced(data: object, value: str) -> object:
    if isinstance(data, dict):
        return {key: replaced(inner, value) for key, inner in data.items()}
    if isinstance(data, list):
        return [replaced(inner, value) for inner in data]
    return str(data).replace("MARK", value)


@given(
    PLAIN_VALUES,
    st.sampled_from(
        [
            "a: ${V}\n",
            "a: |\n  x ${V}\n  y\n",
            "a: >\n  x ${V} y\nb: c\n",
            "- ['${V}', \"z${V}\"] # c\n",
            "a: x\n  ${V}\nb: 1\n",
        ]
    ),
)
def test_the_text_says_what_the_values_are(value: str, text: str) -> None:
    wanted = replaced(read(text.replace("${V}", "MARK")), value)
    assert read(text_of(text, {"V": value})) == wanted


@given(st.text(max_size=60) | st.text("ab:${}-\\[]\"'|>\n #&*!", max_size=40))
def test_any_text_interpolates_or_is_refused(text: str) -> None:
    try:
        interpolate(Source(text=text, path="m.yml"), app="a", env="e", environ={"a": "x", "b": "y\n"})
    except ManifestError as err:
        assert err.problems
