"""Stack operations that are cut short: by a deletion while the stack is being made, by the end of the process."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Mapping
from typing import Any

from copilot.local.cloudformation import scope, wire
from copilot.local.cloudformation.wire import Action, Params, Response

_POLL_SECONDS = 0.05
_BEFORE = "_before_change"
_TOLD = ("_template_body", "Parameters", "Tags", "Capabilities", "Outputs")
_REASON = "the local cloud stopped during the operation"
# The state from which the next request can go on: a stack that was being made is deleted and made anew, one that was
# being changed is changed again.
_ENDS = {
    "CREATE_IN_PROGRESS": "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
}
# What the emulator takes these states for while it decides whether it may change the stack.
_CHANGEABLE_FAILURES = {"CREATE_FAILED": "CREATE_COMPLETE", "UPDATE_FAILED": "UPDATE_COMPLETE"}


class Interruptions:
    """What the end of the process leaves in progress, closed when the state is restored.

    The emulator calls the three methods as those of a service; it must be restored after CloudFormation.
    """

    def get_state(self) -> dict[str, bool]:
        """Nothing of its own; a state that is empty would not be restored."""
        return {"saved": True}

    def load_persisted_state(self, _data: Mapping[str, Any] | None) -> None:
        """Ends every operation that was under way when the process ended."""
        from ministack.services.cloudformation import _change_sets, _stacks

        for (account, region, _name), stack in list(_stacks._data.items()):
            end = _ENDS.get(stack["StackStatus"])
            if end:
                with scope.within(account, region):
                    _end(stack, end)
        for change_set in list(_change_sets._data.values()):
            if change_set.get("ExecutionStatus") == "EXECUTE_IN_PROGRESS":
                change_set["ExecutionStatus"] = "EXECUTE_FAILED"
            if change_set.get("Status") in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
                change_set.update(Status="FAILED", StatusReason=_REASON)

    def reset(self) -> None:
        """Has nothing to forget."""


def remembering(change: Action) -> Action:
    """UpdateStack or ExecuteChangeSet that notes on the stack's record what it tells before the change.

    It also takes stacks that a failure without rollback left as they were, as CloudFormation does:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
    """

    def answer(params: Params) -> Response:
        stack = _find(wire.text(params, "StackName")) or _changed_by(wire.text(params, "ChangeSetName"))
        status = str(stack.get("StackStatus", ""))
        if stack and not status.endswith("_IN_PROGRESS"):
            stack[_BEFORE] = copy.deepcopy({name: stack[name] for name in _TOLD if name in stack})
        if status not in _CHANGEABLE_FAILURES:
            return change(params)
        stack["StackStatus"] = _CHANGEABLE_FAILURES[status]
        answered = change(params)
        if stack["StackStatus"] == _CHANGEABLE_FAILURES[status]:
            stack["StackStatus"] = status
        return answered

    return answer


def delete_once_settled(delete: Action) -> Action:
    """DeleteStack that first has an operation under way stop and roll back, as CloudFormation does."""
    waiting: set[asyncio.Task[None]] = set()  # the loop keeps only weak references

    def answer(params: Params) -> Response:
        stack = _find(wire.text(params, "StackName"))
        status = stack.get("StackStatus", "")
        if not status.endswith("_IN_PROGRESS") or status in ("REVIEW_IN_PROGRESS", "DELETE_IN_PROGRESS"):
            return delete(params)
        stack["_delete_requested"] = True
        task = asyncio.get_running_loop().create_task(_delete_later(stack, delete, params))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        return wire.reply("DeleteStack", {})

    return answer


async def _delete_later(stack: dict[str, Any], delete: Action, params: Params) -> None:
    while str(stack["StackStatus"]).endswith("_IN_PROGRESS"):
        await asyncio.sleep(_POLL_SECONDS)
    del stack["_delete_requested"]
    delete(params)


def _find(name: str) -> dict[str, Any]:
    from ministack.services.cloudformation.handlers import _resolve_stack

    stack: dict[str, Any] = _resolve_stack(name) or {}
    return stack


def _changed_by(change_set: str) -> dict[str, Any]:
    from ministack.services.cloudformation.changesets import _find_change_set

    _, found = _find_change_set(change_set, "")
    return _find(found["StackName"]) if found else {}


def _end(stack: dict[str, Any], status: str) -> None:
    from ministack.services.cloudformation.stacks import _add_event

    # The emulator keeps the text of the new template from the start of an update, and what it deployed from its end on:
    # left so, a client that compares templates would find nothing to do.
    if stack["StackStatus"].startswith("UPDATE") and stack.get("_template"):
        stack["_template_body"] = json.dumps(stack["_template"])
    if status == "UPDATE_ROLLBACK_COMPLETE":
        stack.update(stack.get(_BEFORE, {}))
    stack.update(StackStatus=status, StackStatusReason=_REASON)
    name, stack_id = stack["StackName"], stack["StackId"]
    _add_event(stack_id, name, name, "AWS::CloudFormation::Stack", status, _REASON, stack_id)
