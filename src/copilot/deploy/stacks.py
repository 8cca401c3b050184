"""Carries out stack steps: what makes a stack what is wanted, and what deletes it."""

from __future__ import annotations

from dataclasses import replace

from copilot.aws.stack_records import StackRequest
from copilot.deploy.following import StackDeployment, follow, follow_running
from copilot.deploy.plan import (
    FAILED_STATUSES,
    AwaitStack,
    CreateStack,
    KeepStack,
    RecreateStack,
    StackStep,
    UnblockStack,
    plan_stack,
)
from copilot.errors import AlreadyExists, Blocked, StackBusy
from copilot.model.events import State
from copilot.model.outcome import Ended

BODY_LIMIT_BYTES = 51_200
"""Longer templates must be in S3. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

RACES = 5
"""How often somebody else may begin an operation between our look at the stack and our own."""


def deploy_stack(deployment: StackDeployment) -> Ended:
    """Makes the stack what is wanted, waiting for whatever is already happening to it first.

    Raises StackFailed when it ends otherwise, Cancelled when the user stopped it.
    """
    step = plan_stack(deployment.stack, deployment.deployed, deployment.template)
    for _ in range(RACES):
        while isinstance(step, AwaitStack):
            deployment.tell(State.WAITING, "waiting", f"another operation is running: {step.cause}")
            follow_running(deployment)
            step = _plan_again(deployment)
        try:
            return execute(step, deployment)
        except (StackBusy, AlreadyExists):
            deployment.tell(State.WAITING, "waiting", "somebody else was faster")
            follow_running(deployment)
            step = _plan_again(deployment)
    raise StackBusy(
        f"stack {deployment.stack.name} can't be deployed: others keep changing it",
        hints=("wait until that has ended, then run the same command again",),
    )


def _plan_again(deployment: StackDeployment) -> StackStep:
    deployed = deployment.stacks.find(deployment.stack.name)
    template = deployment.stacks.template(deployed.id) if deployed else ""
    return plan_stack(deployment.stack, deployed, template)


def execute(step: StackStep, deployment: StackDeployment) -> Ended:
    """Carries out one step."""
    if isinstance(step, KeepStack):
        deployment.tell(State.UNCHANGED, "unchanged")
        return Ended.UNCHANGED
    if isinstance(step, UnblockStack):
        raise Blocked(
            f"stack {deployment.stack.name} can't be updated: {step.cause}",
            hints=(f"aws cloudformation continue-update-rollback --stack-name {deployment.stack.name}",),
        )
    if isinstance(step, RecreateStack):
        deployment.tell(State.RUNNING, "removing", step.cause)
        delete_stack(deployment)
    return _submit(step, deployment)


def _submit(step: StackStep, deployment: StackDeployment) -> Ended:
    deployment.tell(State.RUNNING, "submitting", step.cause)
    if step.status in FAILED_STATUSES:
        # What failed with rollback disabled can only be updated with rollback disabled.
        deployment = replace(deployment, disable_rollback=True)
    token = deployment.clock.uuid()
    creating = isinstance(step, CreateStack | RecreateStack)
    send = deployment.stacks.create if creating else deployment.stacks.update
    stack_id = send(_request(step, deployment, token))
    if stack_id is None:
        _require_sound(step)
        deployment.tell(State.UNCHANGED, "unchanged")
        return Ended.UNCHANGED
    if deployment.detach:
        deployment.tell(State.RUNNING, "submitted")
        return Ended.DETACHED
    follow(deployment, stack_id, token=token)
    return Ended.DONE


def _require_sound(step: StackStep) -> None:
    """CloudFormation has nothing to change; in a stack whose last update failed that is no good news."""
    if step.status in FAILED_STATUSES:
        raise Blocked(
            f"stack {step.stack.name} is not sound: it is in {step.status}, and its template asks for no change",
            hints=(f"aws cloudformation rollback-stack --stack-name {step.stack.name}",),
        )


def _request(step: StackStep, deployment: StackDeployment, token: str) -> StackRequest:
    fits = len(step.body.encode()) <= BODY_LIMIT_BYTES or deployment.upload is None
    return StackRequest(
        stack_name=deployment.stack.name,
        template_body=step.body if fits else "",
        template_url="" if fits or deployment.upload is None else deployment.upload(step.body),
        parameters=deployment.stack.parameters,
        tags=deployment.stack.tags,
        role_arn=deployment.role_arn,
        disable_rollback=deployment.disable_rollback,
        token=token,
    )


def delete_stack(deployment: StackDeployment) -> None:
    """Deletes the stack and waits until it is gone; one that is not there is fine.

    An operation under way is waited for, a creation excepted: a second deletion of a stack tells nothing of its own.
    """
    deployed = deployment.stacks.find(deployment.stack.name)
    if deployed is not None and deployed.is_busy and deployed.status != "CREATE_IN_PROGRESS":
        deployment.tell(State.WAITING, "waiting", f"another operation is running: it is in {deployed.status}")
        follow_running(deployment)
        deployed = deployment.stacks.find(deployment.stack.name)
    if deployed is None:
        return
    token = deployment.clock.uuid()
    deployment.stacks.delete(deployed.id, role_arn=deployment.role_arn, token=token)
    follow(deployment, deployed.id, token=token)
