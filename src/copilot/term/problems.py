"""How an error looks: `✘ {what happened}: {why}`, the details as they are, and each hint on a line of its own."""

from __future__ import annotations

from copilot.errors import CopilotError
from copilot.term.console import Ink, Stream


def render(error: CopilotError, stream: Stream) -> str:
    """The error as text, ending in a newline."""
    lines = [f"{stream.paint('✘', Ink.BAD)} {error.message}"]
    if error.details:
        lines += [f"  {line}".rstrip() for line in error.details.rstrip("\n").splitlines()]
    if error.hints or error.reference:
        lines.append("")
    lines += [f"{stream.paint('hint:', Ink.CAUTION)} {hint}" for hint in error.hints]
    if error.reference:
        lines.append(f"see {stream.paint(error.reference, Ink.LINK)}")
    return "\n".join(lines) + "\n"
