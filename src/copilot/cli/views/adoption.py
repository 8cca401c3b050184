"""What adopting an application would change."""

from __future__ import annotations

from copilot.cli.views.documents import document
from copilot.model.adoption import AppAdoption, StackAdoption
from copilot.term.console import Stream
from copilot.term.tables import table


def as_text(adoption: AppAdoption, stream: Stream) -> str:
    rows = [row for stack in adoption.stacks for row in _rows(stack)]
    text = table(stream, f"Adoption of {adoption.app}", ("Stack", "Change"), rows)
    notes = [f"{stack.label}: {stack.next_step}" for stack in adoption.stacks if stack.blocked and stack.next_step]
    return "\n".join([text, *notes]) if notes else text


def _rows(stack: StackAdoption) -> list[tuple[str, str]]:
    """A line a change, the stack named on the first."""
    first, *rest = stack.summary.split("; ") if not stack.blocked else [f"blocked: {stack.blocked}"]
    return [(stack.stack, first), *(("", line) for line in rest)]


def as_json(adoption: AppAdoption) -> str:
    return document(
        {
            "application": adoption.app,
            "adopted": adoption.is_adopted,
            "stacks": [
                {
                    "name": stack.stack,
                    "label": stack.label,
                    "changes": list(stack.changes),
                    "replaced": list(stack.replaced),
                    "removed": list(stack.removed),
                    "blocked": stack.blocked,
                    "nextStep": stack.next_step,
                }
                for stack in adoption.stacks
            ],
        }
    )
