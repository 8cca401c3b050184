"""IAM as data: roles with the application's permissions boundary, trust and inline policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.cfn.intrinsics import Value, sub
from copilot.cfn.template import Resource
from copilot.model.records import App

POLICY_VERSION = "2012-10-17"


def allow(actions: Value, resource: Value, *, condition: Value = None, sid: str = "") -> dict[str, Value]:
    """A statement that allows; `actions` and `resource` are text or lists."""
    statement: dict[str, Value] = {"Sid": sid} if sid else {}
    statement |= {"Effect": "Allow", "Action": actions, "Resource": resource}
    if condition is not None:
        statement["Condition"] = condition
    return statement


def inline_policy(name: Value, *statements: Value) -> dict[str, Value]:
    """A policy that lives and dies with its role."""
    return {"PolicyName": name, "PolicyDocument": {"Version": POLICY_VERSION, "Statement": list(statements)}}


def trust(service: Value, action: Value = "sts:AssumeRole") -> dict[str, Value]:
    """Who may take the role on: an AWS service's principal, or a list of them."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action}
    return {"Version": POLICY_VERSION, "Statement": [statement]}


def boundary(app: App) -> dict[str, Value]:
    """The property that bounds a role when the application asks for it, nothing otherwise."""
    if not app.permissions_boundary:
        return {}
    return {
        "PermissionsBoundary": sub(
            f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{app.permissions_boundary}"
        )
    }


def role(
    app: App,
    purpose: str,
    *,
    trusted: Mapping[str, Value],
    policies: Sequence[Value] = (),
    managed: Sequence[Value] = (),
    path: str = "",
) -> Resource:
    """A role; `purpose` completes the sentence "A role with which ...", which the progress tree shows."""
    bounded = f" bounded by {app.permissions_boundary}" if app.permissions_boundary else ""
    properties: dict[str, Value] = {"AssumeRolePolicyDocument": trusted, **boundary(app)}
    if path:
        properties["Path"] = path
    if policies:
        properties["Policies"] = list(policies)
    if managed:
        properties["ManagedPolicyArns"] = list(managed)
    return Resource(type="AWS::IAM::Role", description=f"A role{bounded} with which {purpose}", properties=properties)
