"""Dockerfiles are read as Docker reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.images import dockerfile
from copilot.images.dockerfile import DockerfileError, HealthCheck


def test_exposed_ports_are_read_with_ranges_protocols_and_variables() -> None:
    text = "FROM a\nARG PORT=80\nEXPOSE $PORT 443/tcp\nEXPOSE 9000-9002/udp ${OTHER:-7}\n"
    assert dockerfile.read(text).expose == (80, 443, 9000, 9001, 9002, 7)


def test_facts_are_those_of_the_last_stage_and_of_the_stages_it_starts_from() -> None:
    text = "FROM a AS base\nEXPOSE 1\nFROM b AS tools\nEXPOSE 2\nFROM base\nEXPOSE 3\n"
    found = dockerfile.read(text)
    assert (found.stages, found.expose) == (("base", "tools", "2"), (1, 3))


def test_a_health_check_is_read_in_the_form_of_ecs() -> None:
    flags = "--interval=1m30s --timeout=2s --start-period=500ms --retries=4"
    text = f"FROM a\nHEALTHCHECK {flags} CMD curl -f localhost || exit 1\n"
    assert dockerfile.read(text).healthcheck == HealthCheck(
        command=("CMD-SHELL", "curl -f localhost || exit 1"), interval=90, timeout=2, start_period=0.5, retries=4
    )


def test_a_health_check_in_exec_form_stays_a_list_and_none_takes_it_away() -> None:
    text = 'FROM a\nHEALTHCHECK CMD ["curl", "-f", "x"]\n'
    assert dockerfile.read(text).healthcheck == HealthCheck(command=("CMD", "curl", "-f", "x"))
    assert dockerfile.read(text + "HEALTHCHECK NONE\n").healthcheck is None


def test_continued_lines_comments_and_here_documents_are_one_instruction_each() -> None:
    text = "# a comment\nFROM a\nRUN one && \\\n  # within\n\n  two\nRUN <<END sh\nEXPOSE 1\nEND\nEXPOSE 2\n"
    steps = dockerfile.parse(text)
    assert [(step.line, step.keyword) for step in steps] == [(2, "FROM"), (3, "RUN"), (7, "RUN"), (10, "EXPOSE")]
    assert steps[1].text == "one && two"
    assert steps[2].heredoc == ("END",)


def test_the_escape_directive_changes_the_continuation_sign() -> None:
    steps = dockerfile.parse("# escape=`\nFROM a\nCOPY x `\n  c:\\\n")
    assert steps[1].text == "x c:\\"


def test_an_unknown_instruction_is_refused_with_its_line_when_building_and_passed_over_when_asking_facts() -> None:
    text = "FROM a\nNONSENSE x\nEXPOSE 5\n"
    with pytest.raises(DockerfileError, match="line 2: unknown instruction NONSENSE"):
        dockerfile.parse(text)
    assert dockerfile.read(text).expose == (5,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A", "1"),
        ("${A}x", "1x"),
        ("${NONE:-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${A:+yes}${NONE:+no}", "yes"),
        ("${NONE:-${A}}", "1"),
        (r"\$A", "$A"),
        ("a$", "a$"),
    ],
)
def test_variables_are_replaced_with_their_defaults(text: str, expected: str) -> None:
    assert dockerfile.substitute(text, {"A": "1", "EMPTY": ""}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b  c", ["a", "b", "c"]),
        ('A="x y" B=c\\ d', ["A=x y", "B=c d"]),
        ("A='$V' B=\"$V\" C=$V", ["A=$V", "B=1", "C=1"]),
        ('A="say \\"hi\\""', ['A=say "hi"']),
        ('A=""', ["A="]),
        ("", []),
    ],
)
def test_words_are_split_as_a_shell_splits_them(text: str, expected: list[str]) -> None:
    assert dockerfile.words(text, {"V": "1"}) == expected


@given(st.dictionaries(st.from_regex(r"\A[A-Z][A-Z0-9_]{0,8}\Z"), st.text("abc xyz/=:", max_size=12), max_size=5))
def test_quoted_assignments_come_back_as_they_were_written(pairs: dict[str, str]) -> None:
    line = "ENV " + " ".join(f'{name}="{value}"' for name, value in pairs.items())
    steps = dockerfile.parse(f"FROM a\n{line}\n") if pairs else []
    assert (dockerfile.assignments(steps[1], {}) if steps else {}) == pairs


@given(st.text(max_size=200))
def test_facts_of_any_text_are_read_without_failing(text: str) -> None:
    assert dockerfile.read(text).stages is not None


def test_the_old_form_of_env_takes_the_rest_of_the_line() -> None:
    step = dockerfile.parse("FROM a\nENV NAME some value\n")[1]
    assert dockerfile.assignments(step, {}) == {"NAME": "some value"}


def test_the_shell_form_goes_through_the_shell_and_the_exec_form_does_not() -> None:
    assert dockerfile.command("python x.py") == ("/bin/sh", "-c", "python x.py")
    assert dockerfile.command('["python", "x.py"]') == ("python", "x.py")
