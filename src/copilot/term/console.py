"""Two streams and what each of them can show."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TextIO

WIDTH = 80
"""Columns assumed where there is no terminal to ask."""

HEIGHT = 24


class Ink(Enum):
    """Meanings, not colours: each is one ANSI sequence here and nowhere else."""

    HEADING = "1"
    FAINT = "2"
    GOOD = "32"
    BAD = "31"
    CAUTION = "33"
    LINK = "36"


class Unwritable(OSError):
    """What is printed can't be kept where it was sent to: a full disk, for instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A place to write to. `colour` is false for anything but a terminal that wants it."""

    file: TextIO
    colour: bool = False
    is_terminal: bool = False

    @property
    def width(self) -> int:
        return self._size().columns

    @property
    def height(self) -> int:
        return self._size().lines

    def _size(self) -> os.terminal_size:
        try:
            return os.get_terminal_size(self.file.fileno())
        except (OSError, ValueError):
            return os.terminal_size((WIDTH, HEIGHT))

    def paint(self, text: str, ink: Ink) -> str:
        """The text in that ink, or as it is where colour is off."""
        return f"\x1b[{ink.value}m{text}\x1b[0m" if self.colour and text else text

    def write(self, text: str) -> None:
        try:
            self.file.write(text)
            self.file.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Unwritable(error.errno, error.strerror) from error

    def line(self, text: str = "") -> None:
        self.write(text + "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """`out` carries data, `err` carries talk; `can_ask` says that a person sits at the other end."""

    out: Stream
    err: Stream
    can_ask: bool = False
    is_live: bool = False

    @classmethod
    def of(cls, stdin: TextIO, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]) -> Console:
        """The console of a process.

        What a stream's encoding lacks becomes a question mark. No colour with COLOR=false, NO_COLOR, TERM=dumb or
        without a terminal; no live tree with CI=true either.
        """
        for stream in (stdout, stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        dumb = environ.get("TERM") == "dumb"
        wanted = environ.get("COLOR", "").lower() != "false" and not environ.get("NO_COLOR") and not dumb
        err_is_terminal = stderr.isatty()
        return cls(
            out=Stream(file=stdout, colour=wanted and stdout.isatty(), is_terminal=stdout.isatty()),
            err=Stream(file=stderr, colour=wanted and err_is_terminal, is_terminal=err_is_terminal),
            can_ask=stdin.isatty() and err_is_terminal,
            is_live=err_is_terminal and not dumb and environ.get("CI", "").lower() != "true",
        )

    def data(self, text: str) -> None:
        """Print what was asked for, ending in exactly one newline; nothing for an empty text."""
        if not text:
            return
        self.out.write(text if text.endswith("\n") else text + "\n")

    def say(self, text: str = "") -> None:
        self.err.line(text)

    def success(self, text: str) -> None:
        self.err.line(f"{self.err.paint('✔', Ink.GOOD)} {text}")

    def note(self, text: str) -> None:
        self.err.line(self.err.paint(text, Ink.FAINT))

    def warn(self, text: str) -> None:
        self.err.line(f"{self.err.paint('!', Ink.CAUTION)} {text}")


def open_missing_streams() -> None:
    """Gives a process that was started without streams, as some job runners do, the null device in their place."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def forget_stdout() -> None:
    """After a failed write: let the interpreter's last flush go nowhere, so that it does not complain."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.close(devnull)
