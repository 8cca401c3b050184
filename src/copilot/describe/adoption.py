"""Says in words what an update changes in a stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from copilot import TEMPLATE_VERSION, cfn
from copilot.aws.stack_records import Change
from copilot.cfn.compare import ResourceDifference, compare_resources
from copilot.describe.stacks import NO_VERSION, ObservedStack
from copilot.describe.versions import compare

FUNCTION = "AWS::Lambda::Function"
CODE_PROPERTIES = frozenset({"Code", "Handler", "Runtime"})
FAILED_STATUSES = frozenset(
    {
        "CREATE_FAILED",
        "DELETE_FAILED",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_FAILED",
    }
)
EMPTY_STATUSES = frozenset({"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"})
"""Of stacks that hold nothing: deleted, or only ever named by a change set."""

BOUNDARY = "PermissionsBoundary"
VERSION_KEYS = ("Version", "TemplateVersion")


def explain(observed: ObservedStack, wanted: Mapping[str, Any], changes: Sequence[Change]) -> tuple[str, ...]:
    """Sentences for what CloudFormation would change; what the templates differ in tells why."""
    touched = {change.logical_id for change in changes}
    deployed = cfn.load(observed.template) if observed.template else {}
    differences = [d for d in compare_resources(deployed, wanted) if d.logical_id in touched]
    sentences = Counter(_sentence(difference) for difference in differences)
    found = [text if count == 1 else f"{text} ({count} functions)" for text, count in sentences.items()]
    if changes and not found:
        found = [_version_change(observed, wanted)]
    return tuple(found)


def _version_change(observed: ObservedStack, wanted: Mapping[str, Any]) -> str:
    """All that is left when no resource differs: the version that the template names itself."""
    before = next((observed.metadata[key] for key in VERSION_KEYS if key in observed.metadata), NO_VERSION)
    after = next((wanted["Metadata"][key] for key in VERSION_KEYS if key in wanted["Metadata"]), NO_VERSION)
    return f"version {before} -> {after}" if before != after else "parameters or tags"


def _sentence(difference: ResourceDifference) -> str:
    old, new = difference.old, difference.new
    if not old:
        return f"adds {difference.logical_id}"
    properties = difference.properties
    if old.get("Type") == FUNCTION and set(properties) <= CODE_PROPERTIES:
        before, after = old["Properties"].get("Runtime"), new["Properties"].get("Runtime")
        return f"Lambda runtime {before} -> {after}" if before != after else "Lambda code"
    if BOUNDARY in properties and BOUNDARY not in (old.get("Properties") or {}):
        return f"{difference.logical_id}: gets the application's permissions boundary, which it lacks"
    return f"{difference.logical_id}: {', '.join(properties) or 'attributes'}"


def obstacle(observed: ObservedStack, name: str, create: str) -> tuple[str, str]:
    """Why a stack can't be changed now and what to do, empty when it can."""
    if observed.deployed is None or observed.deployed.status in EMPTY_STATUSES:
        return f"there is no stack {name}: it is half made or half deleted", create
    status = observed.deployed.status
    if status.endswith("_IN_PROGRESS"):
        return f"the stack is in {status}: something else changes it", "wait until that has ended, then try again"
    if status in FAILED_STATUSES:
        events = f"aws cloudformation describe-stack-events --stack-name {name}"
        return f"the stack is in {status}", f"see why with `{events}`, mend it, then try again"
    return "", ""


def newer(version: str) -> tuple[str, str]:
    """What to say of a stack that a newer release deployed; empty for all others."""
    if compare(version, TEMPLATE_VERSION) <= 0:
        return "", ""
    return f"it was deployed with {version}, this is {TEMPLATE_VERSION}", "install the newer release, then try again"
