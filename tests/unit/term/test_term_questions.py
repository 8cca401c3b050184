from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from consoles import plain_console, written
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from copilot.errors import Cancelled, NotFound, UsageError
from copilot.term.questions import Choice, NoTerminal, TerminalAsk

ENTER, DOWN, SPACE, CTRL_C = "\r", "\x1b[B", " ", "\x03"
TWO = [Choice(value="test"), Choice(value="prod", hint="us-east-1")]


@contextmanager
def typing(keys: str) -> Iterator[TerminalAsk]:
    with create_pipe_input() as keyboard:
        keyboard.send_text(keys)
        yield TerminalAsk(plain_console(), source=keyboard, screen=DummyOutput())


def test_a_text_is_what_was_typed() -> None:
    with typing(f"vote {ENTER}") as ask:
        assert ask.text("Name?", flag="--name") == "vote"


def test_a_text_starts_from_its_default() -> None:
    with typing(f"5{ENTER}") as ask:
        assert ask.text("Port?", flag="--port", default="808") == "8085"


def test_an_answer_that_will_not_do_is_asked_again() -> None:
    with typing(f"No{ENTER}\x15good{ENTER}") as ask:
        answer = ask.text("Name?", flag="--name", check=lambda text: "" if text.islower() else "lower case, please")
    assert answer == "good"


def test_a_choice_is_made_with_the_arrows() -> None:
    with typing(DOWN + ENTER) as ask:
        assert ask.choose("Which?", TWO, flag="--env", noun="environment") == "prod"


def test_a_choice_starts_at_its_default() -> None:
    with typing(ENTER) as ask:
        assert ask.choose("Which?", TWO, flag="--env", noun="environment", default="prod") == "prod"


def test_several_are_chosen_with_the_space_bar() -> None:
    with typing(SPACE + DOWN + SPACE + ENTER) as ask:
        assert ask.choose_many("Which?", TWO, flag="--name", noun="workload") == ("test", "prod")


def test_a_confirmation_is_one_key() -> None:
    with typing("y") as ask:
        assert ask.confirm("Sure?", flag="--yes")
    with typing(ENTER) as ask:
        assert not ask.confirm("Sure?", flag="--yes")


def test_ctrl_c_cancels_the_command() -> None:
    with typing(CTRL_C) as ask, pytest.raises(Cancelled):
        ask.text("Name?", flag="--name")


def test_a_secret_is_taken_as_it_is() -> None:
    with typing(f"p4ss{ENTER}") as ask:
        assert ask.secret("Key:", flag="--aws-secret-access-key") == "p4ss"


def test_the_only_candidate_is_taken_and_said() -> None:
    console = plain_console()
    for ask in (TerminalAsk(console), NoTerminal(console)):
        assert ask.choose("Which?", TWO[:1], flag="--env", noun="environment") == "test"
        assert ask.choose_many("Which?", TWO[:1], flag="--env", noun="environment") == ("test",)
    assert written(console.err) == "Using environment test: it is the only one.\n" * 4


def test_no_candidate_is_not_found() -> None:
    with pytest.raises(NotFound, match="no environment to choose from"):
        NoTerminal(plain_console()).choose("Which?", [], flag="--env", noun="environment")


def test_without_a_terminal_the_missing_flag_is_named() -> None:
    ask = NoTerminal(plain_console())
    message = "--name is required: there is no terminal to ask on"
    with pytest.raises(UsageError, match=message):
        ask.text("Name?", flag="--name")
    with pytest.raises(UsageError, match=message):
        ask.confirm("Sure?", flag="--name")
    with pytest.raises(UsageError, match=message):
        ask.secret("Key:", flag="--name")
    with pytest.raises(UsageError, match=message) as raised:
        ask.choose("Which?", TWO, flag="--name", noun="environment")
    assert raised.value.hints == ("choose from test, prod",)
