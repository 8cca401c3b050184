"""Questions: asked on stderr of the person at the terminal, or answered with the flag that would have answered them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from copilot.errors import Cancelled, NotFound, UsageError
from copilot.term.console import Console

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

Check = Callable[[str], str]
"""Why an answer will not do; empty text when it will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer: its value, and what the person reads beside it."""

    value: str
    hint: str = ""


class Ask(Protocol):
    """Fills what the flags left open. `flag` is the one that would have answered, for those who cannot be asked."""

    def text(self, question: str, *, flag: str, default: str = "", check: Check | None = None) -> str: ...

    def choose(self, question: str, choices: Sequence[Choice], *, flag: str, noun: str, default: str = "") -> str: ...

    def choose_many(self, question: str, choices: Sequence[Choice], *, flag: str, noun: str) -> tuple[str, ...]: ...

    def confirm(self, question: str, *, flag: str, default: bool = False) -> bool: ...

    def secret(self, question: str, *, flag: str) -> str: ...


def ask_on(console: Console) -> Ask:
    """The way to ask that this console allows."""
    return TerminalAsk(console) if console.can_ask else NoTerminal(console)


def only_one(console: Console, choices: Sequence[Choice], *, noun: str, flag: str) -> str:
    """The single candidate, said aloud; empty text when there are several; NotFound when there is none."""
    if not choices:
        raise NotFound(f"no {noun} to choose from", hints=(f"name one with {flag}",))
    if len(choices) > 1:
        return ""
    console.note(f"Using {noun} {choices[0].value}: it is the only one.")
    return choices[0].value


class NoTerminal:
    """Asks nobody: takes a single candidate, and names the missing flag otherwise."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def text(self, question: str, *, flag: str, default: str = "", check: Check | None = None) -> str:
        raise missing(flag)

    def choose(self, question: str, choices: Sequence[Choice], *, flag: str, noun: str, default: str = "") -> str:
        single = only_one(self._console, choices, noun=noun, flag=flag)
        if not single:
            raise missing(flag, f"choose from {', '.join(choice.value for choice in choices)}")
        return single

    def choose_many(self, question: str, choices: Sequence[Choice], *, flag: str, noun: str) -> tuple[str, ...]:
        return (self.choose(question, choices, flag=flag, noun=noun),)

    def confirm(self, question: str, *, flag: str, default: bool = False) -> bool:
        raise missing(flag)

    def secret(self, question: str, *, flag: str) -> str:
        raise missing(flag)


def missing(flag: str, *hints: str) -> UsageError:
    """The error of a question that nobody is there to answer: its flag would have."""
    return UsageError(f"{flag} is required: there is no terminal to ask on", hints=hints)


class TerminalAsk:
    """Asks with questionary. `source` and `screen` stand in for the keyboard and the terminal in tests."""

    def __init__(self, console: Console, *, source: Input | None = None, screen: Output | None = None) -> None:
        self._console = console
        self._source = source
        self._screen = screen

    def text(self, question: str, *, flag: str, default: str = "", check: Check | None = None) -> str:
        import questionary

        answer = self._answer(
            questionary.text(question, default=default, validate=_validator(check), **self._terminal())
        )
        return str(answer).strip()

    def choose(self, question: str, choices: Sequence[Choice], *, flag: str, noun: str, default: str = "") -> str:
        single = only_one(self._console, choices, noun=noun, flag=flag)
        if single:
            return single
        import questionary

        preset = default if any(choice.value == default for choice in choices) else None
        return str(
            self._answer(questionary.select(question, choices=_options(choices), default=preset, **self._terminal()))
        )

    def choose_many(self, question: str, choices: Sequence[Choice], *, flag: str, noun: str) -> tuple[str, ...]:
        single = only_one(self._console, choices, noun=noun, flag=flag)
        if single:
            return (single,)
        import questionary

        some = questionary.checkbox(
            question,
            choices=_options(choices),
            validate=lambda chosen: True if chosen else f"choose at least one {noun}",
            **self._terminal(),
        )
        return tuple(self._answer(some))

    def confirm(self, question: str, *, flag: str, default: bool = False) -> bool:
        import questionary

        return bool(self._answer(questionary.confirm(question, default=default, **self._terminal())))

    def secret(self, question: str, *, flag: str) -> str:
        import questionary

        return str(self._answer(questionary.password(question, validate=_validator(None), **self._terminal())))

    def _terminal(self) -> dict[str, Any]:
        from prompt_toolkit.output import create_output

        screen = self._screen or create_output(stdout=self._console.err.file)
        return {"output": screen, **({"input": self._source} if self._source else {})}

    def _answer(self, question: Any) -> Any:
        try:
            return question.unsafe_ask()
        except (KeyboardInterrupt, EOFError) as stopped:
            raise Cancelled("cancelled: the question was not answered") from stopped


def _options(choices: Sequence[Choice]) -> list[Any]:
    import questionary

    width = max(len(choice.value) for choice in choices)
    titles = (f"{choice.value.ljust(width)}  {choice.hint}".rstrip() for choice in choices)
    return [questionary.Choice(title, value=choice.value) for title, choice in zip(titles, choices, strict=True)]


def _validator(check: Check | None) -> Callable[[str], bool | str]:
    def validate(text: str) -> bool | str:
        answer = text.strip()
        problem = check(answer) if check else ("" if answer else "must not be empty")
        return problem or True

    return validate
