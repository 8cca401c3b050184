"""What CloudFormation answers about stacks, change sets and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

IN_PROGRESS = "_IN_PROGRESS"
SUCCESSFUL_STATUSES = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE", "IMPORT_COMPLETE"})
UNUSABLE_STATUSES = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    """A stack as it is. `id` is its ARN."""

    id: str
    name: str
    status: str
    status_reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    role_arn: str = ""
    created: datetime | None = None
    last_updated: datetime | None = None

    @property
    def is_busy(self) -> bool:
        """An operation is running. A stack in review waits for its first change set and is not busy."""
        return self.status.endswith(IN_PROGRESS) and not self.is_in_review

    @property
    def is_in_review(self) -> bool:
        """Only a change set was ever made: there is nothing in it."""
        return self.status == "REVIEW_IN_PROGRESS"

    @property
    def is_deleted(self) -> bool:
        return self.status == "DELETE_COMPLETE"

    @property
    def is_successful(self) -> bool:
        return self.status in SUCCESSFUL_STATUSES


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSummary:
    """A deployed template's `Metadata` as data, and its parameters with their defaults (empty without)."""

    metadata: Mapping[str, Any]
    parameters: Mapping[str, str]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRequest:
    """A wanted stack: its template by URL or as text, and everything that it is deployed with.

    `token` marks the events of the operation; the same token again does not start it twice.
    """

    stack_name: str
    template_body: str = ""
    template_url: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    role_arn: str = ""
    disable_rollback: bool = False
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a change set would do to one resource; `change_set_id` is a nested stack's own."""

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    replacement: str = ""
    scope: Sequence[str] = ()
    change_set_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """A change set; `stack_id` is there as soon as the change set is."""

    id: str
    name: str
    stack_id: str
    stack_name: str
    status: str = "CREATE_PENDING"
    execution_status: str = ""
    reason: str = ""
    changes: Sequence[Change] = ()

    @property
    def is_settled(self) -> bool:
        return self.status not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}

    @property
    def is_empty(self) -> bool:
        """It would change nothing."""
        if self.execution_status == "AVAILABLE":
            return False
        return self.reason in _NOTHING or (
            not self.changes and any(words in self.reason.lower() for words in _NOTHING_WORDS)
        )

    @property
    def is_available(self) -> bool:
        return self.execution_status == "AVAILABLE"


_NOTHING = frozenset({"NO_CHANGES_REASON", "NO_UPDATES_REASON"})
_NOTHING_WORDS = ("didn't contain changes", "no updates are to be performed")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvent:
    """Something happened to a resource of a stack, or to the stack itself."""

    id: str
    stack_id: str
    stack_name: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    time: datetime
    token: str = ""

    @property
    def is_of_stack(self) -> bool:
        """The event is the stack's own, not a resource's; a nested stack is a resource of the outer one."""
        return self.physical_id == self.stack_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedResource:
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str = ""
    last_updated: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedStack:
    """A stack found by its tags."""

    id: str
    name: str
    tags: Mapping[str, str]
