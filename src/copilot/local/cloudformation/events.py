"""What a stack's update tells: only the resources that it touches, each as created, updated or deleted.

The emulator tells of every resource of the template as it comes to it, and compares only then; here what it says is
held back until it begins to change something. CloudFormation's own order and words:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Properties = Mapping[str, Any]
AddEvent = Callable[..., None]
UpdateResource = Callable[..., Any]
DeleteResource = Callable[..., Any]

STACK = "AWS::CloudFormation::Stack"
_CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
_Key = tuple[str, str]  # stack id, logical id


class _Step(Enum):
    """How far an update is with one resource."""

    CREATING = "creating"
    LOOKING = "looking"
    CHANGING = "changing"


@dataclass(slots=True)
class Events:
    """Stands before the emulator's `_add_event`, `_update_resource` and `_delete_resource`."""

    tell: AddEvent
    _steps: dict[_Key, _Step] = field(default_factory=dict)
    _before: dict[_Key, Mapping[str, Any]] = field(default_factory=dict)

    def add(
        self,
        stack_id: str,
        stack_name: str,
        logical_id: str,
        resource_type: str,
        status: str,
        reason: str = "",
        physical_id: str = "",
        detailed_status: str = "",
    ) -> None:
        """Tells the event, or another in its place, or none."""
        key = stack_id, logical_id
        if status == "UPDATE_IN_PROGRESS" and not physical_id:
            status = self._begin(key, stack_name)
        elif key in self._steps:
            status = self._go_on(key, stack_name, status)
        elif physical_id == stack_id and status == "UPDATE_COMPLETE" and not self._cleans_up(stack_id):
            self.tell(stack_id, stack_name, logical_id, resource_type, _CLEANUP, "", stack_id)
        if status:
            self.tell(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)

    def _begin(self, key: _Key, stack_name: str) -> str:
        record = _resources(stack_name).get(key[1])
        if record is None:
            self._steps[key] = _Step.CREATING
            return "CREATE_IN_PROGRESS"
        self._steps[key], self._before[key] = _Step.LOOKING, record
        return ""

    def _go_on(self, key: _Key, stack_name: str, status: str) -> str:
        if status == "UPDATE_IN_PROGRESS":  # it is replaced
            self._steps[key] = _Step.CHANGING
            return status
        step, before = self._steps.pop(key), self._before.pop(key, {})
        now = _resources(stack_name).get(key[1], {})
        match step:
            case _Step.CREATING:
                status = status.replace("UPDATE_", "CREATE_")
                if status == "CREATE_COMPLETE":
                    now["ResourceStatus"] = status
            case _Step.LOOKING if status == "UPDATE_COMPLETE":
                now.update({name: before[name] for name in ("ResourceStatus", "Timestamp") if name in before})
                return ""
        return status

    def updating(self, update: UpdateResource) -> UpdateResource:
        """The emulator's update of a resource, told just before it changes something."""

        def update_told(
            resource_type: str,
            physical_id: str,
            old: Properties,
            new: Properties,
            stack_name: str,
            logical_id: str | None = None,
            old_attributes: Mapping[str, Any] | None = None,
        ) -> Any:
            stack_id = _stack_id(stack_name)
            key = stack_id, logical_id or ""
            if old != new and self._steps.get(key) is _Step.LOOKING:
                self._steps[key] = _Step.CHANGING
                self.tell(stack_id, stack_name, key[1], resource_type, "UPDATE_IN_PROGRESS", "", physical_id)
            return update(resource_type, physical_id, old, new, stack_name, logical_id, old_attributes)

        return update_told

    def deleting(self, delete: DeleteResource) -> DeleteResource:
        """The emulator's deletion of a resource, told when an update cleans up: the emulator does that silently."""

        def delete_told(
            resource_type: str, physical_id: str, properties: Properties, stack_name: str, logical_id: str
        ) -> Any:
            stack_id = _stack_id(stack_name)
            if _is_told(stack_id, logical_id):
                return delete(resource_type, physical_id, properties, stack_name, logical_id)
            if not self._cleans_up(stack_id):
                self.tell(stack_id, stack_name, stack_name, STACK, _CLEANUP, "", stack_id)
            self.tell(stack_id, stack_name, logical_id, resource_type, "DELETE_IN_PROGRESS", "", physical_id)
            done = delete(resource_type, physical_id, properties, stack_name, logical_id)
            self.tell(stack_id, stack_name, logical_id, resource_type, "DELETE_COMPLETE", "", physical_id)
            return done

        return delete_told

    @staticmethod
    def _cleans_up(stack_id: str) -> bool:
        """Whether the stack has said that it cleans up, since its operation began."""
        of_stack = (event["ResourceStatus"] for event in reversed(_told(stack_id)) if _is_stack(event))
        return next(of_stack, "") == _CLEANUP


def install(stacks: Any, provisioners: Any) -> None:
    """Puts an Events before the emulator's functions."""
    events = Events(stacks._add_event)
    stacks._add_event = events.add
    stacks._update_resource = provisioners._update_resource = events.updating(provisioners._update_resource)
    stacks._delete_resource = events.deleting(stacks._delete_resource)


def _is_stack(event: Mapping[str, Any]) -> bool:
    return bool(event["PhysicalResourceId"] == event["StackId"])


def _is_told(stack_id: str, logical_id: str) -> bool:
    of_resource = (
        event["ResourceStatus"] for event in reversed(_told(stack_id)) if event["LogicalResourceId"] == logical_id
    )
    return next(of_resource, "") == "DELETE_IN_PROGRESS"


def _told(stack_id: str) -> list[dict[str, Any]]:
    from ministack.services.cloudformation import _stack_events

    told: list[dict[str, Any]] = _stack_events.get(stack_id) or []
    return told


def _stack_id(stack_name: str) -> str:
    from ministack.services.cloudformation import _stacks

    return str((_stacks.get(stack_name) or {}).get("StackId", ""))


def _resources(stack_name: str) -> dict[str, Any]:
    from ministack.services.cloudformation import _stacks

    resources: dict[str, Any] = (_stacks.get(stack_name) or {}).get("_resources") or {}
    return resources
