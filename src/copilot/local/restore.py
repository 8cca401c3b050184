"""What a restart makes of stack operations that the old server did not finish: nothing stays in progress for ever."""

from __future__ import annotations

import json
import logging
from typing import Any

logger = logging.getLogger("copilot.local.persistence")

# The states that CloudFormation's clients know how to go on from.
SETTLED = {
    "CREATE_IN_PROGRESS": "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
}
REASON = "The local cloud stopped during the operation"


def settle_stacks(cloudformation: Any, add_event: Any, request_scope: Any) -> list[str]:
    """Ends the interrupted operations of restored stacks; returns the names of those stacks."""
    settled = []
    for (account, region, name), stack in list(cloudformation._stacks._data.items()):
        status = SETTLED.get(stack.get("StackStatus", ""))
        if status is None:
            continue
        if stack["StackStatus"].startswith("UPDATE"):
            _forget_unfinished_template(stack)
        stack["StackStatus"] = status
        stack["StackStatusReason"] = REASON
        with request_scope(account, region):
            add_event(stack["StackId"], name, name, "AWS::CloudFormation::Stack", status, REASON, stack["StackId"])
        logger.warning("stack %s: %s, now %s", name, REASON.lower(), status)
        settled.append(name)
    for change_set in list(cloudformation._change_sets._data.values()):
        if change_set.get("ExecutionStatus") == "EXECUTE_IN_PROGRESS":
            change_set["ExecutionStatus"] = "EXECUTE_FAILED"
        if change_set.get("Status") in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            change_set.update({"Status": "FAILED", "StatusReason": REASON})
    return settled


def _forget_unfinished_template(stack: dict[str, Any]) -> None:
    """The emulator keeps the new template's text from the start of an update, what it deployed only at its end.

    Left as it is, a client that compares templates would find nothing to do.
    """
    if stack.get("_template"):
        stack["_template_body"] = json.dumps(stack["_template"])
