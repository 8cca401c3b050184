"""Stacks of the emulator as the stack sets use them: make one, change it, delete it, wait for its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from copilot.local.cloudformation import wire

NO_CHANGES = "No updates are to be performed."
_POLL_SECONDS = 0.02
_GONE = ("", "DELETE_COMPLETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRequest:
    """What a stack is deployed with."""

    name: str
    template: Mapping[str, str]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    capabilities: tuple[str, ...]


class StackOperationFailed(Exception):
    """A stack that did not reach the wanted state; the message is CloudFormation's reason."""


def status(name: str) -> str:
    """The status of a stack of this account and region, "" when it never existed."""
    return str(_record(name).get("StackStatus", ""))


def stack_id(name: str) -> str:
    """The ARN of a stack of this account and region."""
    return str(_record(name).get("StackId", ""))


async def deploy(request: StackRequest) -> None:
    """Creates or updates the stack and waits until it is complete; StackOperationFailed with the reason otherwise."""
    exists = status(request.name) not in (*_GONE, "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
    operation = "UpdateStack" if exists else "CreateStack"
    if status(request.name) == "ROLLBACK_FAILED":
        await _clear(request.name)
    fields: dict[str, Any] = {
        "StackName": request.name,
        **request.template,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in request.parameters.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in request.tags.items()],
        "Capabilities": list(request.capabilities),
    }
    reason = _call(operation, fields)
    if reason == NO_CHANGES:
        return
    if reason:
        raise StackOperationFailed(reason)
    end = await _settle(request.name)
    if end not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackOperationFailed(_first_failure(request.name) or end)


async def delete(name: str, **more: str) -> None:
    """Deletes the stack and waits until it is gone; StackOperationFailed with the reason otherwise."""
    if status(name) in _GONE:
        return
    reason = _call("DeleteStack", {"StackName": name, **more})
    if reason:
        raise StackOperationFailed(reason)
    await asyncio.sleep(0)  # the deletion starts as a task of its own
    end = await _settle(name)
    if end not in _GONE:
        raise StackOperationFailed(_first_failure(name) or end)


async def _clear(name: str) -> None:
    """Deletes a stack whose making was cut short; what can't be deleted, as a bucket with objects, is left behind."""
    try:
        await delete(name)
    except StackOperationFailed:
        if status(name) != "DELETE_FAILED":
            raise
        await delete(name, DeletionMode="FORCE_DELETE_STACK")


def _record(name: str) -> dict[str, Any]:
    from ministack.services.cloudformation import _stacks

    record: dict[str, Any] = _stacks.get(name) or {}
    return record


def _call(operation: str, fields: Mapping[str, Any]) -> str:
    """Calls an action of the emulator; the error's message, "" when it was accepted."""
    import xml.etree.ElementTree as ET

    from ministack.services.cloudformation.handlers import _ACTION_HANDLERS

    code, _, body = _ACTION_HANDLERS[operation](wire.flatten(fields))
    if code < 400:
        return ""
    return next((node.text or "" for node in ET.fromstring(body).iter() if node.tag.endswith("Message")), "refused")


async def _settle(name: str) -> str:
    while (current := status(name)).endswith("_IN_PROGRESS"):
        await asyncio.sleep(_POLL_SECONDS)
    return current


def _first_failure(name: str) -> str:
    from ministack.services.cloudformation import _stack_events

    for event in _stack_events.get(stack_id(name)) or ():
        if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason"):
            return f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
    return ""
