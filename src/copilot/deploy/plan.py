"""What must happen to a stack, decided from what is wanted and what is there; pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copilot import cfn
from copilot.aws.stack_records import DeployedStack
from copilot.cfn.template import Stack

REPLACED_STATUSES = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"})
FAILED_STATUSES = frozenset({"CREATE_FAILED", "UPDATE_FAILED"})
"""Where a failure with rollback disabled leaves a stack: its template may be the wanted one, and is not at work."""

STUCK_STATUSES = frozenset({"UPDATE_ROLLBACK_FAILED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStep:
    """One thing to do with a stack, and why; `status` is what it is in, empty when it is not there."""

    stack: Stack
    body: str
    cause: str
    status: str = ""

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.stack.name}: {self.cause}"


class KeepStack(StackStep):
    """Nothing to do."""


class CreateStack(StackStep):
    """It is not there."""


class UpdateStack(StackStep):
    """It is there and differs."""


class RecreateStack(StackStep):
    """What is there never came to life: it goes first."""


class AwaitStack(StackStep):
    """Something is happening to it; look again afterwards."""


class UnblockStack(StackStep):
    """It is stuck, and only a person can tell how to free it."""


def plan_stack(wanted: Stack, deployed: DeployedStack | None, template: str) -> StackStep:
    """`template` is the deployed template's text, empty when there is none."""
    body = cfn.dump(wanted.template)
    if deployed is None or deployed.status == "DELETE_COMPLETE":
        return CreateStack(stack=wanted, body=body, cause="it does not exist")
    status = deployed.status
    if status in REPLACED_STATUSES:
        return RecreateStack(stack=wanted, body=body, cause=f"it is in {status}", status=status)
    if status.endswith("_IN_PROGRESS"):
        return AwaitStack(stack=wanted, body=body, cause=f"it is in {status}", status=status)
    if status in STUCK_STATUSES:
        return UnblockStack(stack=wanted, body=body, cause=f"it is in {status}", status=status)
    cause = difference(wanted, body, deployed, template)
    if not cause and status in FAILED_STATUSES:
        cause = f"it is in {status}"
    if not cause:
        return KeepStack(stack=wanted, body=body, cause="template, parameters and tags are the same", status=status)
    return UpdateStack(stack=wanted, body=body, cause=cause, status=status)


def difference(wanted: Stack, body: str, deployed: DeployedStack, template: str) -> str:
    """Names what differs, empty when nothing does. Texts that differ only in layout count as different."""
    parts = []
    if body.strip() != template.strip():
        parts.append("template")
    changed = _changed(all_parameters(wanted), deployed.parameters)
    if changed:
        parts.append(f"parameters {', '.join(changed)}")
    if _changed(wanted.tags, deployed.tags):
        parts.append("tags")
    return f"{' and '.join(parts)} changed" if parts else ""


def all_parameters(stack: Stack) -> dict[str, str]:
    """What each of the stack's parameters is: the value that it is given, else its default."""
    definitions = stack.template.get("Parameters", {})
    defaults = {name: str(d["Default"]) for name, d in definitions.items() if "Default" in d}
    return {**defaults, **stack.parameters}


def _changed(wanted: Mapping[str, str], deployed: Mapping[str, str]) -> list[str]:
    return sorted(key for key in wanted.keys() | deployed.keys() if wanted.get(key) != deployed.get(key))
