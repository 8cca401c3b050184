"""What belongs to no capability of an environment: nested addons, who may write logs, and markers of change."""

from __future__ import annotations

import json

from copilot.cfn.intrinsics import ref, sub
from copilot.cfn.template import Resource
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.piece import EnvOutput, Piece
from copilot.stacks.parts.policies import POLICY_VERSION

FEATURES = (
    "ALBWorkloads",
    "InternalALBWorkloads",
    "EFSWorkloads",
    "NATWorkloads",
    "Aliases",
    "AppRunnerPrivateWorkloads",
)
"""Parameters that workloads change through their environment controller; a deployment keeps their values."""


def piece(design: EnvDesign) -> Piece:
    """Addons when there are some; the rest always."""
    found = {"LogResourcePolicy": _log_policy()}
    if design.addons:
        parameters = {"App": ref("AppName"), "Env": ref("EnvironmentName"), **design.addons.parameters}
        found["AddonsStack"] = Resource(
            type="AWS::CloudFormation::Stack",
            description="A stack of the resources that you added to the environment",
            properties={"Parameters": parameters, "TemplateURL": design.addons.url},
        )
    return Piece(
        resources=found,
        outputs={
            "EnabledFeatures": EnvOutput(
                value=sub(",".join(f"${{{name}}}" for name in FEATURES)),
                description="Makes a change of these parameters alone an update.",
            ),
            "LastForceDeployID": EnvOutput(
                value=design.force_id, description="Makes a forced deployment an update when nothing else changes."
            ),
        },
    )


def _log_policy() -> Resource:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html"""
    logs = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
    statement = {
        "Sid": "StateMachineToCloudWatchLogs",
        "Effect": "Allow",
        "Principal": {"Service": ["delivery.logs.amazonaws.com"]},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": [f"{logs}:log-group:/copilot/${{AppName}}-${{EnvironmentName}}-*:log-stream:*"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
            "ArnLike": {"aws:SourceArn": f"{logs}:*"},
        },
    }
    document = json.dumps({"Version": POLICY_VERSION, "Statement": [statement]}, indent=2)
    return Resource(
        type="AWS::Logs::ResourcePolicy",
        description="Lets AWS services write into the logs of your workloads",
        properties={
            "PolicyName": sub("${AppName}-${EnvironmentName}-LogResourcePolicy"),
            "PolicyDocument": sub(document + "\n"),
        },
    )
