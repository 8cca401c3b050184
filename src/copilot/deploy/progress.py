"""Stack events as nodes of the progress tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.aws.stack_records import StackEvent
from copilot.cfn.template import DESCRIPTION_KEY
from copilot.model.events import Event, State

_FAILED = ("FAILED",)
_GOING_BACK = "ROLLBACK"


def descriptions(template: Mapping[str, Any]) -> dict[str, str]:
    """What each resource is called; a resource without a description is not shown."""
    resources: Mapping[str, Any] = template.get("Resources", {})
    found = {name: r.get("Metadata", {}).get(DESCRIPTION_KEY, "") for name, r in resources.items()}
    return {name: text for name, text in found.items() if text}


def state_of(status: str) -> State:
    """The tree's state for a status of a stack or resource."""
    if status.endswith("_FAILED") or (_GOING_BACK in status and status.endswith("_COMPLETE")):
        return State.FAILED
    if status == "DELETE_SKIPPED":
        return State.SKIPPED
    if status.endswith("_COMPLETE"):
        return State.DONE
    return State.RUNNING


def resource_event(path: tuple[str, ...], event: StackEvent, labels: Mapping[str, str]) -> Event | None:
    """The update of the tree that a stack event brings, None for what is not shown.

    A resource that failed is always shown, whether it has a description or not.
    """
    label = labels.get(event.logical_id, "")
    state = state_of(event.status)
    failed = state is State.FAILED and not is_consequence(event.reason)
    if not label and not failed:
        return None
    return Event(
        path=(*path, event.logical_id),
        state=state,
        label=label or f"{event.logical_id} ({event.type})",
        status=event.status.lower().replace("_", " "),
        detail=event.reason if state is State.FAILED else "",
    )


def is_consequence(reason: str) -> bool:
    """True for a failure that only follows from another one."""
    lowered = reason.lower()
    return "cancelled" in lowered or "canceled" in lowered
