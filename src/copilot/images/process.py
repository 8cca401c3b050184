"""Runs an engine's command line and passes its output on, line by line."""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copilot.images.engine import OnLine

TAIL_LINES = 40
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Docker's classic builder paints what a step writes to stderr, whoever reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended. `tail` is the end of what it wrote, both streams together."""

    code: int
    tail: str


def stream(command: Sequence[str], on_line: OnLine, *, environ: Mapping[str, str], stdin: str = "") -> Ended:
    """Runs the command to its end; an interrupt ends the command too."""
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environ),
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            _feed(child, stdin)
            for line in child.stdout:
                text = _COLOURS.sub("", line).rstrip()
                tail.append(text)
                on_line(text)
        except BaseException:
            child.terminate()
            raise
    return Ended(code=child.returncode, tail="\n".join(tail).strip())


def _feed(child: subprocess.Popen[str], text: str) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(text)
        child.stdin.close()
    except BrokenPipeError:
        # The command ended without reading; its exit code says why.
        return


def ask(command: Sequence[str], *, environ: Mapping[str, str], timeout: float = 60) -> Ended:
    """The output of a short question; code 124 when it was not answered in time, 127 when there is no such command."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ended(code=124, tail=f"no answer in {timeout:g} s")
    except OSError as err:
        return Ended(code=127, tail=str(err))
    return Ended(code=done.returncode, tail=done.stdout.strip())
