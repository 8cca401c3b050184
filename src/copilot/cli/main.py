"""The process: the only place that catches errors and turns them into text and an exit code.

`--version` and `--help` are answered before click is imported; everything heavier is imported on the way.
"""

from __future__ import annotations

import gc
import sys

BUG_EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h: the fault is ours."""

BROKEN_PIPE_EXIT_CODE = 141
"""What a shell reports for a process that SIGPIPE ended."""

UNWRITABLE_EXIT_CODE = 74
"""EX_IOERR of sysexits.h."""

OBJECTS_BEFORE_COLLECTION = 100_000
"""Modules and service models make many objects that all stay: looking for garbage among them is a tenth of the time."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and answer with its exit code."""
    typed = sys.argv[1:] if arguments is None else arguments
    if None in (sys.stdin, sys.stdout, sys.stderr):
        from copilot.term.console import open_missing_streams

        open_missing_streams()
    try:
        code = _run(typed)
        sys.stdout.flush()
    except OSError as error:
        return _give_up(error)
    finally:
        if arguments is None:
            _end_at_once()
    return code


def _end_at_once() -> None:
    """Spares the end of the process a search for garbage in all that it has loaded: a quarter of a short command."""
    gc.freeze()


def _give_up(error: OSError) -> int:
    """Nobody reads on, or nothing more fits: only the latter is said."""
    import contextlib

    from copilot.term.console import forget_stdout

    forget_stdout()
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE_EXIT_CODE
    with contextlib.suppress(OSError):
        sys.stderr.write(f"✘ {error.filename or 'the output'} can't be written: {error.strerror}\n")
    return UNWRITABLE_EXIT_CODE


def _run(typed: list[str]) -> int:
    import os

    completing = "_COPILOT_COMPLETE" in os.environ
    quick = "" if completing else _quick_answer(typed)
    if quick:
        sys.stdout.write(quick)
        return 0
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    from copilot.cli.failures import guarded

    return guarded(typed)


def _quick_answer(typed: list[str]) -> str:
    if typed in (["--version"], ["-v"]):
        from copilot import TEMPLATE_VERSION

        return f"copilot version: {TEMPLATE_VERSION}\n"
    if typed in ([], ["--help"], ["-h"], ["help"]):
        from copilot.cli.catalog import root_help

        return root_help()
    return ""
