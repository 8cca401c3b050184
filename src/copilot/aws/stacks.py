"""CloudFormation stacks: what is deployed, change sets, events."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from copilot.aws import stack_answers as answers
from copilot.aws import tags as shapes
from copilot.aws.connection import Api
from copilot.aws.poll import Pace, until
from copilot.aws.stack_records import (
    ChangeSet,
    DeployedResource,
    DeployedStack,
    StackEvent,
    StackRequest,
    TaggedStack,
    TemplateSummary,
)
from copilot.aws.tagging import Tagging
from copilot.aws.template_summaries import is_missing, template_summary
from copilot.clock import Clock
from copilot.errors import AlreadyExists, AWSError, NotFound, StackBusy, StackFailed

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")

_MOST_DESCRIBED = 100
_NOTHING_TO_UPDATE = "no updates are to be performed"
_BUSY_WORDS = re.compile(r"\b[A-Z_]+_IN_PROGRESS\b")
"""CloudFormation names the status that forbids a step, in other sentences for other steps."""


class Stacks:
    """AWS CloudFormation, one account and region."""

    def __init__(self, api: Api, tagging: Tagging, clock: Clock) -> None:
        self._api = api
        self._tagging = tagging
        self._clock = clock

    def find(self, name: str) -> DeployedStack | None:
        """The stack of this name (a deleted one has none) or with this id, or None."""
        try:
            answer = self._api.call("describe_stacks", StackName=name)
        except AWSError as error:
            if is_missing(error):
                return None
            raise
        found = answer.get("Stacks") or ()
        return answers.stack(found[0]) if found else None

    def get(self, name: str) -> DeployedStack:
        """The stack; NotFound when there is none."""
        stack = self.find(name)
        if stack is None:
            raise NotFound(f"stack {name} does not exist in region {self._api.region}")
        return stack

    def tagged(self, tags: Mapping[str, str]) -> list[TaggedStack]:
        """Stacks that carry all these tags, nested ones too; sorted by name."""
        found = self._tagging.resources(["cloudformation:stack"], tags)
        stacks = [TaggedStack(id=each.arn, name=each.arn.split("/")[1], tags=each.tags) for each in found]
        return sorted(stacks, key=lambda stack: stack.name)

    def summary(self, name: str) -> TemplateSummary | None:
        """What a deployed stack's template says about itself; None when there is no stack."""
        return template_summary(self._api, StackName=name)

    def template(self, name: str) -> str:
        """The deployed template as it was written; empty when there is no stack."""
        try:
            body = self._api.call("get_template", StackName=name, TemplateStage="Original")["TemplateBody"]
        except AWSError as error:
            if is_missing(error):
                return ""
            raise
        if isinstance(body, str):
            return body

        return json.dumps(body, indent=2)

    def create(self, request: StackRequest) -> str:
        """Starts to create a stack and returns its id; AlreadyExists when there is one of the name."""
        on_failure = {"DisableRollback": True} if request.disable_rollback else {}
        answer = self._submit("create_stack", request, **_arguments(request), **_token(request.token), **on_failure)
        return str(answer["StackId"])

    def update(self, request: StackRequest) -> str | None:
        """Starts to update a stack and returns its id; None when there is nothing to change."""
        on_failure = {"DisableRollback": True} if request.disable_rollback else {}
        try:
            answer = self._submit("update_stack", request, **_arguments(request), **_token(request.token), **on_failure)
        except AWSError as error:
            if _NOTHING_TO_UPDATE in error.message.lower():
                return None
            raise
        return str(answer["StackId"])

    def create_change_set(self, request: StackRequest, *, kind: Literal["CREATE", "UPDATE"]) -> ChangeSet:
        """Asks for a change set, nested stacks included, and does not wait for it."""
        name = f"copilot-{self._clock.uuid()}"
        answer = self._submit(
            "create_change_set",
            request,
            ChangeSetName=name,
            ChangeSetType=kind,
            IncludeNestedStacks=True,
            **_arguments(request),
        )
        return ChangeSet(id=answer["Id"], name=name, stack_id=answer["StackId"], stack_name=request.stack_name)

    def _submit(self, operation: str, request: StackRequest, /, **arguments: Any) -> dict[str, Any]:
        """StackBusy when another operation holds the stack, AlreadyExists or NotFound when it is or is not there."""
        try:
            return self._api.call(operation, **arguments)
        except AWSError as error:
            raise _explained(error, request.stack_name) from error

    def describe_change_set(self, change_set: ChangeSet | str) -> ChangeSet:
        """The change set (or the one with this id) with all its changes."""
        identifier = change_set if isinstance(change_set, str) else change_set.id
        pages = list(self._api.pages("describe_change_set", ChangeSetName=identifier))
        first = pages[0]
        changes = [answers.change(each) for page in pages for each in page.get("Changes") or ()]
        return ChangeSet(
            id=first["ChangeSetId"],
            name=first["ChangeSetName"],
            stack_id=first["StackId"],
            stack_name=first["StackName"],
            status=first["Status"],
            execution_status=first.get("ExecutionStatus", ""),
            reason=first.get("StatusReason", ""),
            changes=tuple(changes),
        )

    def wait_change_set(self, change_set: ChangeSet) -> ChangeSet:
        """The change set once it can be executed, or is empty (`is_empty`); StackFailed when it could not be made."""
        settled = until(
            lambda: self.describe_change_set(change_set),
            lambda current: current.is_settled,
            what=f"the change set of stack {change_set.stack_name}",
            clock=self._clock,
        )
        if settled.is_available or settled.is_empty:
            return settled
        raise StackFailed(
            f"the change set of stack {settled.stack_name} could not be made: {settled.reason or settled.status}",
            operation="CreateChangeSet",
        )

    def execute_change_set(self, change_set: ChangeSet, *, disable_rollback: bool = False) -> None:
        """Starts the change; the stack's events tell how it goes."""
        rollback = {"DisableRollback": True} if disable_rollback else {}
        try:
            self._api.call("execute_change_set", ChangeSetName=change_set.id, **rollback)
        except AWSError as error:
            raise _explained(error, change_set.stack_name) from error

    def delete_change_set(self, change_set: ChangeSet) -> None:
        """Drops the change set; one that is gone is fine."""
        try:
            self._api.call("delete_change_set", ChangeSetName=change_set.id)
        except AWSError as error:
            if error.code not in {"ChangeSetNotFound", "ChangeSetNotFoundException"} and not is_missing(error):
                raise

    def events(
        self, stack: str, *, since: datetime | None = None, after: str = "", token: str = ""
    ) -> list[StackEvent]:
        """Events of a stack, the newest last: not before `since`, only those that follow the event with id `after`.

        With a token, only those of the operation that was started with it.

        Reads only as many pages as it takes; a deleted stack is found by its id, not by its name.
        """
        found: list[StackEvent] = []
        for answer in self._api.items("describe_stack_events", "StackEvents", StackName=stack):
            event = answers.event(answer)
            if event.id == after or (since is not None and event.time < since):
                break
            if token and not after and event.token != token:
                break
            if not token or event.token == token:
                found.append(event)
        return found[::-1]

    def resources(self, stack: str) -> list[DeployedResource]:
        """All resources of a stack; none when there is no stack.

        An environment's manager role may describe resources but not list them, and a description ends after the first
        hundred: only a larger stack is listed.
        """
        try:
            found = self._api.call("describe_stack_resources", StackName=stack)["StackResources"]
            if len(found) >= _MOST_DESCRIBED:
                found = list(self._api.items("list_stack_resources", "StackResourceSummaries", StackName=stack))
        except AWSError as error:
            if is_missing(error):
                return []
            raise
        return [answers.resource(each) for each in found]

    def delete(self, name: str, *, role_arn: str = "", token: str = "") -> None:
        """Starts to delete a stack; without an effect when there is none."""
        role = {"RoleARN": role_arn} if role_arn else {}
        try:
            self._api.call("delete_stack", StackName=name, **role, **_token(token))
        except AWSError as error:
            if not is_missing(error):
                raise _explained(error, name) from error

    def wait(self, stack_id: str, *, pace: Pace | None = None) -> DeployedStack:
        """The stack once no operation runs on it. A deleted stack is found only by its id."""
        return until(
            lambda: self.get(stack_id),
            lambda stack: not stack.is_busy,
            what=f"stack {stack_id}",
            clock=self._clock,
            pace=pace,
        )

    def wait_deleted(self, stack_id: str, *, pace: Pace | None = None) -> None:
        """Returns when the stack is gone; StackFailed when it could not be deleted."""
        last = until(
            lambda: self.find(stack_id),
            lambda stack: stack is None or not stack.is_busy,
            what=f"the deletion of stack {stack_id}",
            clock=self._clock,
            pace=pace,
        )
        if last is not None and not last.is_deleted:
            raise StackFailed(
                f"stack {last.name} was not deleted: {last.status_reason or last.status}", operation="DeleteStack"
            )

    def cancel_update(self, name: str) -> None:
        """Rolls a running update back."""
        self._change("cancel_update_stack", name)

    def rollback(self, name: str, *, role_arn: str = "") -> None:
        """Rolls a stack back that failed with rollback disabled."""
        self._change("rollback_stack", name, role_arn)

    def _change(self, operation: str, name: str, role_arn: str = "") -> None:
        role = {"RoleARN": role_arn} if role_arn else {}
        try:
            self._api.call(operation, StackName=name, **role)
        except AWSError as error:
            raise _explained(error, name) from error


def _arguments(request: StackRequest) -> dict[str, Any]:
    template = (
        {"TemplateURL": request.template_url} if request.template_url else {"TemplateBody": request.template_body}
    )
    role = {"RoleARN": request.role_arn} if request.role_arn else {}
    return {
        "StackName": request.stack_name,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in sorted(request.parameters.items())
        ],
        "Tags": shapes.to_list(request.tags),
        "Capabilities": list(CAPABILITIES),
        **template,
        **role,
    }


def _token(token: str) -> dict[str, str]:
    return {"ClientRequestToken": token} if token else {}


def _explained(error: AWSError, stack: str) -> Exception:
    """The same error by what it means for the stack."""
    words = error.message
    if _BUSY_WORDS.search(words) or "OperationInProgress" in error.code:
        return StackBusy(
            f"another operation holds stack {stack}: {words}",
            code=error.code,
            operation=error.operation,
            hints=("wait until it has ended, then run the same command again",),
        )
    if "already exists" in words and error.operation in {"CreateChangeSet", "CreateStack"}:
        return AlreadyExists(f"stack {stack} can't be created: {words}")
    if is_missing(error):
        return NotFound(f"stack {stack} does not exist: {words}")
    return error
