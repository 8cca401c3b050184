"""Lambda functions behind a workload's custom resources, each with a role of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.cfn.intrinsics import Value, get_att
from copilot.cfn.template import Resource
from copilot.model.records import App
from copilot.stacks.facts import CodeLocation
from copilot.stacks.parts.policies import role, trust
from copilot.stacks.parts.references import aws_policy

RUNTIME = "python3.13"
HANDLER = "index.handler"
MEMORY_MIB = 512


def function(name: str, role_id: str, code: Mapping[str, CodeLocation], *, timeout_seconds: int = 600) -> Resource:
    """A function whose zip was uploaded; without an upload the code is left out, as when only a template is wanted."""
    properties: dict[str, Value] = {}
    if name in code:
        properties["Code"] = {"S3Bucket": code[name].bucket, "S3Key": code[name].key}
    properties |= {
        "Handler": HANDLER,
        "Timeout": timeout_seconds,
        "MemorySize": MEMORY_MIB,
        "Role": get_att(role_id, "Arn"),
        "Runtime": RUNTIME,
    }
    return Resource(type="AWS::Lambda::Function", properties=properties)


def function_role(app: App, purpose: str, policies: Sequence[Value]) -> Resource:
    """The role of a function: it may write its log, and what the policies say."""
    return role(
        app,
        purpose,
        trusted=trust(["lambda.amazonaws.com"], ["sts:AssumeRole"]),
        path="/",
        policies=policies,
        managed=[aws_policy("service-role/AWSLambdaBasicExecutionRole")],
    )


def custom_resource(name: str, description: str, properties: Mapping[str, Value]) -> Resource:
    """A custom resource that the function of that name answers; deployed stacks bind the type to the logical id."""
    return Resource(
        type=f"Custom::{name}",
        description=description,
        properties={"ServiceToken": get_att(name, "Arn"), **properties},
    )
