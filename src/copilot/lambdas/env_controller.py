"""EnvControllerFunction: a workload asks its environment for what it needs (load balancer, NAT gateways, file system).

The environment stack's parameters that end in `Workloads` list who needs what. This adds the workload to those it asks
for, takes it out of all others, and updates the stack with its previous template.
"""

from __future__ import annotations

import json
import re
from typing import Any

import boto3
from botocore.exceptions import ClientError

from copilot.lambdas.custom_resource import Request, serve

ALIASES = "Aliases"
MANAGED_SUFFIX = "Workloads"
NOT_ANSWERED = ("EnabledFeatures", "LastForceDeployID")
UPDATED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
BUSY = re.compile(r"is in \w+_IN_PROGRESS state")


def handler(event: dict[str, Any], context: Any) -> None:
    properties = event["ResourceProperties"]
    # The misspelling is the original's: another id would make CloudFormation delete this one.
    serve(event, context, f"envcontoller/{properties['EnvStack']}/{properties['Workload']}", work)


def work(request: Request) -> None:
    """Brings the environment's parameters in line; answers with the environment's outputs."""
    properties = request.properties
    is_delete = request.type == "Delete"
    wanted = [] if is_delete else [name for name in properties.get("Parameters") or [] if name.endswith(MANAGED_SUFFIX)]
    aliases = [] if is_delete else properties.get("Aliases") or []
    cloudformation = boto3.client("cloudformation")
    stack_name, workload = properties["EnvStack"], properties["Workload"]
    has_updated = False
    for _ in request.polls(f"the update of environment stack {stack_name}"):
        stack = find(cloudformation, stack_name)
        if stack is None or stack["StackStatus"].startswith("DELETE_"):
            if is_delete:
                return
            raise RuntimeError(f"environment stack {stack_name} does not exist or is being deleted")
        if stack["StackStatus"].endswith("_IN_PROGRESS"):
            continue
        changes = changed(parameters(stack), workload, wanted, aliases)
        if not changes:
            request.data = outputs(stack)
            return
        if has_updated and stack["StackStatus"] not in UPDATED:
            raise RuntimeError(
                f"environment stack {stack_name} could not be updated for {workload}: "
                f"it is in {stack['StackStatus']} {stack.get('StackStatusReason', '')}".strip()
            )
        has_updated = update(cloudformation, stack, changes) or has_updated


def find(cloudformation: Any, name: str) -> dict[str, Any] | None:
    """The stack, or None."""
    try:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return stack


def parameters(stack: dict[str, Any]) -> dict[str, str]:
    return {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    """What the workload's template reads; an answer has no room for the outputs that nobody reads."""
    found = {each["OutputKey"]: each.get("OutputValue", "") for each in stack.get("Outputs", [])}
    return {key: value for key, value in found.items() if key not in NOT_ANSWERED}


def changed(current: dict[str, str], workload: str, wanted: list[str], aliases: list[str]) -> dict[str, str]:
    """The parameters whose value must change, with the new one."""
    new = {}
    for key, value in current.items():
        if key == ALIASES:
            new[key] = with_aliases(value, workload, aliases)
        elif key.endswith(MANAGED_SUFFIX):
            new[key] = with_workload(value, workload) if key in wanted else without_workload(value, workload)
    return {key: value for key, value in new.items() if value != current[key]}


def with_workload(names: str, workload: str) -> str:
    listed = [name for name in names.split(",") if name]
    return names if workload in listed else ",".join([*listed, workload])


def without_workload(names: str, workload: str) -> str:
    listed = names.split(",")
    return ",".join(name for name in listed if name and name != workload) if workload in listed else names


def with_aliases(text: str, workload: str, aliases: list[str]) -> str:
    """The JSON object of every workload's aliases; empty text when nobody has any."""
    every = json.loads(text or "{}")
    if every.get(workload, []) == aliases:
        return text
    others = {name: names for name, names in every.items() if name != workload}
    new = {**every, workload: aliases} if aliases else others
    return json.dumps(new, separators=(",", ":")) if new else ""


def update(cloudformation: Any, stack: dict[str, Any], changes: dict[str, str]) -> bool:
    """Starts the update; False when somebody else's came first, then it's time to look again.

    Only what changes is sent, so that what another workload changed meanwhile stays.
    """
    role = next((o["OutputValue"] for o in stack.get("Outputs", []) if o["OutputKey"] == "CFNExecutionRoleARN"), "")
    values = [
        {"ParameterKey": key, "ParameterValue": changes[key]}
        if key in changes
        else {"ParameterKey": key, "UsePreviousValue": True}
        for key in parameters(stack)
    ]
    try:
        cloudformation.update_stack(
            StackName=stack["StackName"],
            UsePreviousTemplate=True,
            Parameters=values,
            Capabilities=stack.get("Capabilities", []),
            **({"RoleARN": role} if role else {}),
        )
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if BUSY.search(message) or "No updates are to be performed" in message:
            return False
        raise
    return True
