"""Running click and telling every kind of failure apart; `main` calls it once a process."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

import click

from copilot.cli.main import BUG_EXIT_CODE
from copilot.cli.root import root
from copilot.cli.spoken import failure_as_typed
from copilot.cli.wiring import Wiring
from copilot.errors import Cancelled, CopilotError, UsageError
from copilot.term import problems
from copilot.term.console import Console, Unwritable

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""What `main` tells by itself, as it does when the output can't be written."""

ROOT_FLAGS = ("--local", "--debug")


Invoke = Callable[[list[str], Wiring], int]


def guarded(typed: list[str], invoke: Invoke | None = None) -> int:
    """The exit code of a command line; what went wrong is on stderr. `invoke` runs it: with click, unless told."""
    console = Console.of(sys.stdin, sys.stdout, sys.stderr, os.environ)
    try:
        wiring = Wiring(console=console, environ=dict(os.environ))
    except CopilotError as error:
        return _tell(console, error)
    if typed[:1] == ["help"]:
        typed = [*typed[1:], "--help"]
    try:
        return (invoke or _invoke)(typed, wiring)
    except CopilotError as error:
        return _tell(console, failure_as_typed(error, typed, wiring))
    except (KeyboardInterrupt, click.Abort):
        return _tell(console, Cancelled())
    except click.ClickException as error:
        return _tell(console, _usage(error))
    except (BrokenPipeError, Unwritable):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        return _apologise(console, error, debug=wiring.debug)


def _invoke(typed: list[str], wiring: Wiring) -> int:
    answer = root.main(
        args=typed, prog_name="copilot", standalone_mode=False, complete_var="_COPILOT_COMPLETE", obj=wiring
    )
    return answer if isinstance(answer, int) else 0


def _tell(console: Console, error: CopilotError) -> int:
    console.err.write(problems.render(error, console.err))
    return error.exit_code


def _usage(error: click.ClickException) -> UsageError:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    hints = [f"run `{context.command_path} --help`"] if context else []
    if isinstance(error, click.NoSuchOption):
        message = f"{error.option_name}: there is no such flag"
        near = sorted(error.possibilities or ())
        hints = [f"did you mean {' or '.join(near)}?"] * bool(near) + hints
        if error.option_name in ROOT_FLAGS:
            hints.insert(0, f"it goes before the command: `copilot {error.option_name} ...`")
    elif isinstance(error, click.BadParameter) and isinstance(error.param, click.Option):
        message = f"{error.param.opts[0]}: {error.message}"
    return UsageError(message[:1].lower() + message[1:], hints=hints)


def _apologise(console: Console, error: Exception, *, debug: bool) -> int:
    if debug:
        import traceback

        console.err.write("".join(traceback.format_exception(error)))
    sorry = CopilotError(
        f"sorry, that is a bug in copilot: {type(error).__name__}: {error}",
        hints=() if debug else ("run it again as `copilot --debug ...` and report what it prints",),
    )
    _tell(console, sorry)
    return BUG_EXIT_CODE
