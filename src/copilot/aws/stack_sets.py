"""CloudFormation stack sets: one template in several regions, changed one operation at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from copilot.aws import tags as shapes
from copilot.aws.connection import Api
from copilot.aws.poll import Pace, until
from copilot.aws.stack_records import TemplateSummary
from copilot.aws.stacks import CAPABILITIES
from copilot.aws.template_summaries import is_missing, template_summary
from copilot.clock import Clock
from copilot.errors import AlreadyExists, AWSError, NotFound, StackBusy, StackFailed

_BUSY = frozenset(
    {
        "OperationIdAlreadyExistsException",
        "OperationInProgressException",
        "StaleRequestException",
        "OperationIdAlreadyExists",
        "OperationInProgress",
        "StaleRequest",
        # An instance that was there a moment ago: another writer has removed it meanwhile.
        "StackInstanceNotFoundException",
        "StackInstanceNotFound",
    }
)
_PREFERENCES = {"RegionConcurrencyType": "PARALLEL"}
_RUNNING = frozenset({"RUNNING", "QUEUED", "STOPPING"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSetRequest:
    """A stack set's template and the roles that deploy it."""

    name: str
    template_body: str
    description: str
    administration_role_arn: str
    execution_role_name: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSet:
    """A stack set as it is; `template` is its text."""

    id: str
    name: str
    status: str
    template: str
    description: str = ""
    administration_role_arn: str = ""
    execution_role_name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSetInstance:
    """The stack set's stack in one account and region; `stack_id` is empty until it is made."""

    account: str
    region: str
    stack_id: str
    status: str
    detailed_status: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A change to a stack set or its instances."""

    id: str
    action: str
    status: str
    created: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.status in _RUNNING


class StackSets:
    """AWS CloudFormation StackSets, administered from one account and region."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    def create(self, request: StackSetRequest) -> None:
        """Makes a stack set without instances; AlreadyExists when there is one."""
        try:
            self._api.call("create_stack_set", ClientRequestToken=self._clock.uuid(), **_arguments(request))
        except AWSError as error:
            if error.code in {"NameAlreadyExistsException", "NameAlreadyExists"}:
                raise AlreadyExists(f"stack set {request.name} exists: {error.message}") from error
            raise

    def update(self, request: StackSetRequest, *, operation_id: str) -> str:
        """Starts to change the template everywhere; returns the operation's id.

        The id is the lock: StackBusy when it was used before, or when another operation runs.
        """
        answer = self._operate(
            request.name,
            "update_stack_set",
            OperationId=operation_id,
            OperationPreferences=_PREFERENCES,
            **_arguments(request),
        )
        return str(answer["OperationId"])

    def find(self, name: str) -> StackSet | None:
        """The stack set, or None."""
        try:
            answer = self._api.call("describe_stack_set", StackSetName=name)["StackSet"]
        except AWSError as error:
            if is_missing(error):
                return None
            raise
        found = _stack_set(answer)
        return None if found.status == "DELETED" else found

    def summary(self, name: str) -> TemplateSummary | None:
        """What the template says about itself; None when there is no stack set."""
        return template_summary(self._api, StackSetName=name)

    def instances(self, name: str, *, account: str = "", region: str = "") -> list[StackSetInstance]:
        """The stack set's instances, sorted by account and region; none when there is no stack set."""
        filters = {
            key: value for key, value in (("StackInstanceAccount", account), ("StackInstanceRegion", region)) if value
        }
        try:
            found = [
                _instance(each)
                for each in self._api.items("list_stack_instances", "Summaries", StackSetName=name, **filters)
            ]
        except AWSError as error:
            if is_missing(error):
                return []
            raise
        return sorted(found, key=lambda instance: (instance.account, instance.region))

    def create_instances(self, name: str, *, accounts: Sequence[str], regions: Sequence[str]) -> str:
        """Starts to deploy the template in more regions; returns the operation's id."""
        answer = self._operate(
            name,
            "create_stack_instances",
            StackSetName=name,
            Accounts=list(accounts),
            Regions=list(regions),
            OperationPreferences=_PREFERENCES,
            OperationId=self._clock.uuid(),
        )
        return str(answer["OperationId"])

    def delete_instances(self, name: str, *, accounts: Sequence[str], regions: Sequence[str]) -> str:
        """Starts to delete the instances with their resources; returns the operation's id."""
        answer = self._operate(
            name,
            "delete_stack_instances",
            StackSetName=name,
            Accounts=list(accounts),
            Regions=list(regions),
            RetainStacks=False,
            OperationPreferences=_PREFERENCES,
            OperationId=self._clock.uuid(),
        )
        return str(answer["OperationId"])

    def operations(self, name: str) -> list[Operation]:
        """The stack set's operations, the newest first; none when there is no stack set."""
        try:
            return [
                _operation(each)
                for each in self._api.items("list_stack_set_operations", "Summaries", StackSetName=name)
            ]
        except AWSError as error:
            if is_missing(error):
                return []
            raise

    def operation(self, name: str, operation_id: str) -> Operation:
        """One operation."""
        answer = self._api.call("describe_stack_set_operation", StackSetName=name, OperationId=operation_id)
        return _operation(answer["StackSetOperation"])

    def wait_operation(self, name: str, operation_id: str, *, pace: Pace | None = None) -> Operation:
        """The operation once it has ended well; StackFailed with each instance's reason when it has not."""
        ended = until(
            lambda: self.operation(name, operation_id),
            lambda operation: not operation.is_running,
            what=f"operation {operation_id} of stack set {name}",
            clock=self._clock,
            pace=pace,
        )
        if ended.status != "SUCCEEDED":
            raise StackFailed(
                f"stack set {name} was not changed: its operation {operation_id} ended as {ended.status}",
                operation=ended.action,
                details="\n".join(self._reasons(name, operation_id)),
            )
        return ended

    def wait_idle(self, name: str, *, pace: Pace | None = None) -> None:
        """Returns when no operation runs on the stack set."""
        until(
            lambda: self.operations(name),
            lambda operations: not any(operation.is_running for operation in operations),
            what=f"stack set {name}",
            clock=self._clock,
            pace=pace,
        )

    def delete(self, name: str) -> bool:
        """Deletes a stack set that has no instances left; False when there was none."""
        try:
            self._operate(name, "delete_stack_set", StackSetName=name)
        except NotFound:
            return False
        return True

    def _operate(self, name: str, operation: str, /, **arguments: Any) -> dict[str, Any]:
        try:
            return self._api.call(operation, **arguments)
        except AWSError as error:
            if error.code in _BUSY:
                raise StackBusy(
                    f"stack set {name} is being changed by another operation: {error.message}",
                    code=error.code,
                    operation=error.operation,
                    hints=("wait until it has ended, then run the same command again",),
                ) from error
            if is_missing(error):
                raise NotFound(f"stack set {name} does not exist in region {self._api.region}") from error
            raise

    def _reasons(self, name: str, operation_id: str) -> list[str]:
        results = self._api.items(
            "list_stack_set_operation_results", "Summaries", StackSetName=name, OperationId=operation_id
        )
        return [
            f"{each.get('Account', '')} {each.get('Region', '')}: {each.get('StatusReason') or each['Status']}"
            for each in results
            if each["Status"] not in {"SUCCEEDED"}
        ]


def _arguments(request: StackSetRequest) -> dict[str, Any]:
    return {
        "StackSetName": request.name,
        "Description": request.description,
        "TemplateBody": request.template_body,
        "Capabilities": list(CAPABILITIES),
        "AdministrationRoleARN": request.administration_role_arn,
        "ExecutionRoleName": request.execution_role_name,
        "Tags": shapes.to_list(request.tags),
    }


def _stack_set(answer: Mapping[str, Any]) -> StackSet:
    return StackSet(
        id=answer.get("StackSetId", ""),
        name=answer["StackSetName"],
        status=answer["Status"],
        template=answer.get("TemplateBody", ""),
        description=answer.get("Description", ""),
        administration_role_arn=answer.get("AdministrationRoleARN", ""),
        execution_role_name=answer.get("ExecutionRoleName", ""),
        tags=shapes.from_list(answer.get("Tags")),
    )


def _instance(answer: Mapping[str, Any]) -> StackSetInstance:
    return StackSetInstance(
        account=answer["Account"],
        region=answer["Region"],
        stack_id=answer.get("StackId", ""),
        status=answer.get("Status", ""),
        detailed_status=(answer.get("StackInstanceStatus") or {}).get("DetailedStatus", ""),
        reason=answer.get("StatusReason", ""),
    )


def _operation(answer: Mapping[str, Any]) -> Operation:
    return Operation(
        id=answer["OperationId"],
        action=answer.get("Action", ""),
        status=answer["Status"],
        created=answer.get("CreationTimestamp"),
    )
