"""A log of the traffic in the environment's VPC."""

from __future__ import annotations

from copilot.cfn.intrinsics import ACCOUNT_ID, get_att, join, ref
from copilot.cfn.template import Resource
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.piece import Piece
from copilot.stacks.parts.policies import allow, inline_policy, role, trust
from copilot.stacks.parts.references import arn

LOG_GROUP = "VpcFlowLogGroup"
ROLE = "FlowLogRole"
AGGREGATION_SECONDS = 60


def piece(design: EnvDesign) -> Piece:
    """The log, its group and the role that writes it, when the manifest asks for them."""
    wanted = design.manifest.network.vpc.flow_logs
    if wanted is None:
        return Piece()
    return Piece(
        resources={
            LOG_GROUP: Resource(
                type="AWS::Logs::LogGroup",
                description=f"The log group that keeps VPC flow logs for {wanted.retention} days",
                properties={
                    "LogGroupName": join("-", [ref("AppName"), ref("EnvironmentName"), "FlowLogs"]),
                    "RetentionInDays": wanted.retention,
                },
            ),
            "FlowLog": Resource(
                type="AWS::EC2::FlowLog",
                description="The record of the traffic in the VPC",
                properties={
                    "DeliverLogsPermissionArn": get_att(ROLE, "Arn"),
                    "LogDestinationType": "cloud-watch-logs",
                    "LogGroupName": ref(LOG_GROUP),
                    "MaxAggregationInterval": AGGREGATION_SECONDS,
                    "ResourceId": design.network.vpc,
                    "ResourceType": "VPC",
                    "TrafficType": "ALL",
                },
            ),
            ROLE: _role(design),
        }
    )


def _role(design: EnvDesign) -> Resource:
    """https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html"""
    trusted = trust("vpc-flow-logs.amazonaws.com")
    trusted["Statement"][0]["Condition"] = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
        "ArnLike": {"aws:SourceArn": arn("ec2", "vpc-flow-log/*")},
    }
    actions = [
        f"logs:{action}"
        for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogGroups", "DescribeLogStreams")
    ]
    return role(
        design.facts.app,
        "VPC flow logs are written",
        trusted=trusted,
        policies=[inline_policy("GrantAccesstoEC2toPublishFlowlogs", allow(actions, "*"))],
    )
