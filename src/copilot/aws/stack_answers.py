"""CloudFormation's answers about stacks, as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.aws import tags as shapes
from copilot.aws.stack_records import Change, DeployedResource, DeployedStack, StackEvent


def stack(answer: Mapping[str, Any]) -> DeployedStack:
    return DeployedStack(
        id=answer["StackId"],
        name=answer["StackName"],
        status=answer["StackStatus"],
        status_reason=answer.get("StackStatusReason", ""),
        parameters={
            each["ParameterKey"]: each.get("ResolvedValue", each.get("ParameterValue", ""))
            for each in answer.get("Parameters") or ()
        },
        outputs={each["OutputKey"]: each.get("OutputValue", "") for each in answer.get("Outputs") or ()},
        tags=shapes.from_list(answer.get("Tags")),
        role_arn=answer.get("RoleARN", ""),
        created=answer.get("CreationTime"),
        last_updated=answer.get("LastUpdatedTime"),
    )


def change(answer: Mapping[str, Any]) -> Change:
    resource = answer.get("ResourceChange") or {}
    return Change(
        action=resource.get("Action", ""),
        logical_id=resource.get("LogicalResourceId", ""),
        type=resource.get("ResourceType", ""),
        physical_id=resource.get("PhysicalResourceId", ""),
        replacement=resource.get("Replacement", ""),
        scope=tuple(resource.get("Scope") or ()),
        change_set_id=resource.get("ChangeSetId", ""),
    )


def event(answer: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        id=answer["EventId"],
        stack_id=answer["StackId"],
        stack_name=answer["StackName"],
        logical_id=answer.get("LogicalResourceId", ""),
        physical_id=answer.get("PhysicalResourceId", ""),
        type=answer.get("ResourceType", ""),
        status=answer.get("ResourceStatus", ""),
        reason=answer.get("ResourceStatusReason", ""),
        time=answer["Timestamp"],
        token=answer.get("ClientRequestToken", ""),
    )


def resource(answer: Mapping[str, Any]) -> DeployedResource:
    return DeployedResource(
        logical_id=answer["LogicalResourceId"],
        physical_id=answer.get("PhysicalResourceId", ""),
        type=answer["ResourceType"],
        status=answer["ResourceStatus"],
        reason=answer.get("ResourceStatusReason", ""),
        last_updated=answer.get("Timestamp") or answer.get("LastUpdatedTimestamp"),
    )
