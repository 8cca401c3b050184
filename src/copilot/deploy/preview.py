"""Asks CloudFormation what an update would do, without doing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from copilot import cfn
from copilot.aws.stack_records import Change, StackRequest
from copilot.aws.stacks import Stacks
from copilot.cfn.template import Stack
from copilot.deploy.stacks import BODY_LIMIT_BYTES


def preview(stack: Stack, stacks: Stacks, *, upload: Callable[[str], str], role_arn: str = "") -> Sequence[Change]:
    """The changes of an update, by a change set that is deleted again. Only CloudFormation knows what it replaces.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
    """
    body = cfn.dump(stack.template)
    fits = len(body.encode()) <= BODY_LIMIT_BYTES
    request = StackRequest(
        stack_name=stack.name,
        template_body=body if fits else "",
        template_url="" if fits else upload(body),
        parameters=stack.parameters,
        tags=stack.tags,
        role_arn=role_arn,
    )
    change_set = stacks.create_change_set(request, kind="UPDATE")
    try:
        settled = stacks.wait_change_set(change_set)
        return () if settled.is_empty else settled.changes
    finally:
        stacks.delete_change_set(change_set)
