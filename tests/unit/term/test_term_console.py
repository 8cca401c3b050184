from __future__ import annotations

import io

import pytest
from consoles import FakeTerminal, plain_console, written

from copilot.errors import UsageError
from copilot.term import problems
from copilot.term.console import Console, Ink, Stream
from copilot.term.tables import columns, ditto, pairs, sections, table

PLAIN = Stream(file=io.StringIO())


def console(environ: dict[str, str], *, terminal: bool = True) -> Console:
    file: io.StringIO = FakeTerminal() if terminal else io.StringIO()
    return Console.of(file, file, file, environ)


def test_a_terminal_gets_colour_a_live_tree_and_questions() -> None:
    found = console({})
    assert found.out.colour and found.err.colour and found.is_live and found.can_ask


def test_a_pipe_gets_none_of_them() -> None:
    found = console({}, terminal=False)
    assert not (found.out.colour or found.err.colour or found.is_live or found.can_ask)


@pytest.mark.parametrize("environ", [{"COLOR": "false"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_is_off_when_the_environment_says_so(environ: dict[str, str]) -> None:
    assert console(environ).err.paint("text", Ink.BAD) == "text"


def test_on_ci_progress_is_plain_even_on_a_terminal() -> None:
    assert not console({"CI": "true"}).is_live
    assert console({"CI": "false"}).is_live


def test_stdout_and_stderr_are_judged_apart() -> None:
    found = Console.of(FakeTerminal(), io.StringIO(), FakeTerminal(), {})
    assert not found.out.colour
    assert found.err.colour
    assert found.can_ask


def test_data_goes_to_stdout_with_one_newline_and_talk_to_stderr() -> None:
    found = plain_console()
    found.data("a")
    found.data("b\n")
    found.say("talk")
    assert written(found.out) == "a\nb\n"
    assert written(found.err) == "talk\n"


def test_an_error_shows_message_details_and_each_hint() -> None:
    error = UsageError("--port: too high", details="line 1\nline 2", hints=("try 80", "or 8080"))
    assert problems.render(error, PLAIN) == ("✘ --port: too high\n  line 1\n  line 2\n\nhint: try 80\nhint: or 8080\n")


def test_an_error_without_hints_is_one_line() -> None:
    assert problems.render(UsageError("no"), PLAIN) == "✘ no\n"


def test_a_table_underlines_its_headings_and_aligns_its_columns() -> None:
    rows = [("test", "123456789012"), ("production", "1")]
    assert table(PLAIN, "Environments", ("Name", "AccountID"), rows) == (
        "Environments\n\n"
        "  Name        AccountID\n"
        "  ----        ---------\n"
        "  test        123456789012\n"
        "  production  1\n"
    )


def test_pairs_leave_out_what_has_no_value() -> None:
    assert pairs(PLAIN, "About", [("Name", "vote"), ("URI", "")]) == "About\n\n  Name    vote\n"


def test_sections_stand_an_empty_line_apart() -> None:
    assert sections(["A\n", "B\n"]) == "A\n\nB\n"


def test_lines_have_no_blanks_at_their_end() -> None:
    assert columns([("a", ""), ("long", "x")]) == ["  a", "  long    x"]


def test_a_column_is_never_narrower_than_its_table_wants() -> None:
    assert columns([("a", "b")], narrowest=6) == ["  a   b"]
    assert columns([("a", "b")], indent="", narrowest=6) == ["a     b"]
    assert columns([("longer", "b")], narrowest=6) == ["  longer  b"]


def test_a_cell_that_repeats_the_one_above_becomes_a_quote_mark() -> None:
    rows = [("PORT", "web", "test"), ("PORT", "web", "prod"), ("PORT", "proxy", "prod"), ("NAME", "proxy", "prod")]
    assert ditto(rows) == [
        ["PORT", "web", "test"],
        ['  "', '  "', "prod"],
        ['  "', "proxy", '  "'],
        ["NAME", '  "', '  "'],
    ]
    assert ditto([]) == []
