"""How actions hand a stack to the deploy room."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from copilot import names
from copilot.actions.context import Context
from copilot.aws.cloud import Cloud
from copilot.cfn.template import Stack
from copilot.deploy.app import Change, change_stack_set
from copilot.deploy.following import StackDeployment, Watch
from copilot.describe.stacks import ObservedStack
from copilot.model.observed import RegionalResources
from copilot.model.records import App


def stack_deployment(
    stack: Stack,
    *,
    context: Context,
    cloud: Cloud,
    label: str,
    observed: ObservedStack | None = None,
    regional: RegionalResources | None = None,
    upload: Callable[[str], str] | None = None,
    role_arn: str = "",
    disable_rollback: bool = False,
    detach: bool = False,
    watches: tuple[Watch, ...] = (),
) -> StackDeployment:
    """A deployment of the stack with the given credentials; `observed` saves reading it again."""
    return StackDeployment(
        stack=stack,
        stacks=cloud.stacks,
        clock=context.clock,
        cancellation=context.cancellation,
        observe=context.observe,
        label=label,
        deployed=observed.deployed if observed else None,
        template=observed.template if observed else "",
        role_arn=role_arn,
        disable_rollback=disable_rollback,
        detach=detach,
        upload=upload or (uploader(stack.name, cloud, regional) if regional else None),
        watches=watches,
    )


def uploader(stack: str, cloud: Cloud, regional: RegionalResources) -> Callable[[str], str]:
    """Puts a template into the application's bucket under its content's hash and returns its URL."""

    def upload(body: str) -> str:
        data = body.encode()
        key = names.template_key(stack, hashlib.sha256(data).hexdigest())
        cloud.buckets.upload(regional.bucket, key, data, content_type="application/x-yaml")
        return cloud.buckets.url(regional.bucket, key)

    return upload


def change_app(app: App, change: Change, context: Context, *, always: bool = False) -> None:
    """Changes what an application has registered in its stack set, and waits until every region has it."""
    change_stack_set(
        context.cloud,
        app,
        change,
        clock=context.clock,
        observe=context.observe,
        label=f"Resources of application {app.name}",
        always=always,
    )
