"""What a person is told, in the words that they would type: commands of the local cloud carry `--local`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from copilot.errors import CopilotError, NoCredentials, NoRegion
from copilot.model.outcome import Outcome

if TYPE_CHECKING:
    from copilot.cli.wiring import Wiring

_COMMAND = re.compile(r"(?<![\w./-])copilot (?=(?:init|deploy|app|env|svc)\b)")
"""Commands that mean AWS unless they are told otherwise."""


def as_typed(text: str, wiring: Wiring) -> str:
    """The text, its commands meaning the cloud that this command meant."""
    return _COMMAND.sub("copilot --local ", text) if wiring.local_by_flag else text


def outcome_as_typed(outcome: Outcome, wiring: Wiring) -> Outcome:
    """The same for how a command ended."""
    return replace(
        outcome,
        message=as_typed(outcome.message, wiring),
        notices=tuple(as_typed(notice, wiring) for notice in outcome.notices),
        next_steps=tuple(as_typed(step, wiring) for step in outcome.next_steps),
    )


def failure_as_typed(error: CopilotError, typed: Sequence[str], wiring: Wiring) -> CopilotError:
    """The same for a failure. Who has forgotten `--local` in a workspace with a local cloud is reminded of it first."""
    hints = [as_typed(hint, wiring) for hint in error.hints]
    if isinstance(error, NoCredentials | NoRegion) and not wiring.local and _has_local_cloud(wiring):
        hints = [hint for hint in hints if "`copilot --local ...`" not in hint]
        hints.insert(0, f"on the local cloud of this workspace: `copilot --local {shlex.join(typed)}`")
    error.message = as_typed(error.message, wiring)
    error.hints = tuple(hints)
    return error


def _has_local_cloud(wiring: Wiring) -> bool:
    try:
        return wiring.local_cloud.home.path.exists()
    except CopilotError:
        return False
