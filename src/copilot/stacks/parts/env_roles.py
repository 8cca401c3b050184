"""The two roles of an environment: CloudFormation makes resources with one, the command line works with the other.

They outlive the stack, since the stack is deleted with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from copilot.cfn.intrinsics import Value, get_att, join, sub
from copilot.cfn.template import Resource
from copilot.stacks.facts import EnvFacts
from copilot.stacks.parts import manager_permissions as can
from copilot.stacks.parts.access_logs import BUCKET
from copilot.stacks.parts.env_design import EnvDesign
from copilot.stacks.parts.manager_permissions import actions
from copilot.stacks.parts.piece import EnvOutput, Piece
from copilot.stacks.parts.policies import POLICY_VERSION, allow, inline_policy, role, trust
from copilot.stacks.parts.references import arn

EXECUTION_ROLE = "CloudformationExecutionRole"
MANAGER_ROLE = "EnvironmentManagerRole"

RETAIN = "Retain"
"""Deleting an environment reads the deployed template for this policy right under each role's name."""


def piece(facts: EnvFacts, design: EnvDesign | None = None) -> Piece:
    """Both roles; without a design, as an environment has them that is initialised and not yet deployed."""
    return Piece(
        resources={EXECUTION_ROLE: _execution_role(facts), MANAGER_ROLE: _manager_role(facts, design)},
        outputs={
            "EnvironmentManagerRoleARN": EnvOutput(
                value=get_att(MANAGER_ROLE, "Arn"),
                export="EnvironmentManagerRoleARN",
                description="The role with which the environment is looked after.",
            ),
            "CFNExecutionRoleARN": EnvOutput(
                value=get_att(EXECUTION_ROLE, "Arn"),
                export="CFNExecutionRoleARN",
                description="The role with which CloudFormation makes resources in the environment.",
            ),
        },
    )


def _retained(made: Resource, name: str) -> Resource:
    return replace(
        made, deletion_policy=RETAIN, properties={"RoleName": sub(f"${{AWS::StackName}}-{name}"), **made.properties}
    )


def _execution_role(facts: EnvFacts) -> Resource:
    """Broad, since the user's tasks and addons may need any resource, roles among them."""
    everything_else = {"Effect": "Allow", "NotAction": ["organizations:*", "account:*"], "Resource": "*"}
    look = allow(["organizations:DescribeOrganization", "account:ListRegions"], "*")
    made = role(
        facts.app,
        "CloudFormation makes the resources of the environment and its workloads",
        trusted=trust(["cloudformation.amazonaws.com"]),
        policies=[inline_policy("executeCfn", everything_else, look)],
        path="/",
    )
    return _retained(made, "CFNExecutionRole")


def _manager_role(facts: EnvFacts, design: EnvDesign | None) -> Resource:
    principal = {
        "Effect": "Allow",
        "Principal": {"AWS": sub("${ToolsAccountPrincipalARN}")},
        "Action": "sts:AssumeRole",
    }
    statements = [
        *_imported_certificates(design),
        *_observing(),
        *_deploying(),
        *_artifacts(facts, design),
        *_looking(),
        *_deleting(),
        allow(["cloudformation:ListStacks"], "*", sid="ListStacks"),
        allow(actions("rds", can.RDS), "*", sid="RDS"),
    ]
    made = role(
        facts.app,
        "you look after the environment and deploy to it",
        trusted={"Version": POLICY_VERSION, "Statement": [principal]},
        policies=[inline_policy("root", *statements)],
        path="/",
    )
    return replace(_retained(made, "EnvManagerRole"), depends_on=[EXECUTION_ROLE])


def _imported_certificates(design: EnvDesign | None) -> list[Value]:
    if design is None:
        return []
    cdn = design.manifest.cdn
    certificates = [*design.public_certificates, *design.private_certificates]
    if cdn and cdn.certificate:
        certificates.append(cdn.certificate)
    if not certificates:
        return []
    return [allow(["acm:DescribeCertificate"], certificates, sid="ImportedCertificates")]


def _tagged(prefix: str) -> Mapping[str, Value]:
    return {
        "StringEquals": {
            f"{prefix}/copilot-application": sub("${AppName}"),
            f"{prefix}/copilot-environment": sub("${EnvironmentName}"),
        }
    }


def _observing() -> list[Value]:
    return [
        allow(actions("logs", can.LOGS), "*", sid="CloudwatchLogs"),
        allow(["cloudwatch:DescribeAlarms"], "*", sid="Cloudwatch"),
        allow(actions("ecs", can.ECS), "*", sid="ECS"),
        allow(
            ["ecs:ExecuteCommand", "ssm:StartSession"], "*", sid="ExecuteCommand", condition=_tagged("aws:ResourceTag")
        ),
    ]


def _deploying() -> list[Value]:
    jobs = arn("states", "stateMachine:${AppName}-${EnvironmentName}-*")
    secrets = arn("ssm", "parameter/copilot/${AppName}/${EnvironmentName}/secrets/*")
    port_forwarding = sub(
        "arn:${AWS::Partition}:ssm:${AWS::Region}::document/AWS-StartPortForwardingSessionToRemoteHost"
    )
    return [
        allow(["states:StartExecution", "states:DescribeStateMachine"], [jobs], sid="StartStateMachine"),
        allow(actions("cloudformation", can.CLOUDFORMATION), "*", sid="CloudFormation"),
        allow(["iam:GetRole", "iam:PassRole"], "*", sid="GetAndPassCopilotRoles", condition=_tagged("iam:ResourceTag")),
        allow(actions("ecr", can.ECR), "*", sid="ECR"),
        allow(actions("resource-groups", can.RESOURCE_GROUPS), "*", sid="ResourceGroups"),
        allow(actions("ssm", can.SSM), "*", sid="SSM"),
        allow(["ssm:PutParameter", "ssm:AddTagsToResource"], [secrets], sid="SSMSecret"),
        allow(["ssm:StartSession"], [port_forwarding], sid="SSMSession"),
        allow(actions("elasticloadbalancing", can.LOAD_BALANCING), "*", sid="ELBv2"),
    ]


def _artifacts(facts: EnvFacts, design: EnvDesign | None) -> list[Value]:
    bucket = f"arn:{facts.partition}:s3:::{facts.artifact_bucket}"
    found = [allow([*actions("s3", can.S3_READ), "kms:Decrypt"], "*", sid="BuiltArtifactAccess")]
    if design and design.makes_log_bucket:
        objects = join("/", [get_att(BUCKET, "Arn"), "*"])
        found.append(allow(["s3:EmptyBucket"], objects, sid="EmptyELBAccessLogsBucket"))
    return [
        *found,
        allow(["s3:PutObject", "s3:PutObjectAcl"], [bucket, f"{bucket}/*"], sid="PutObjectsToArtifactBucket"),
        allow(["kms:GenerateDataKey"], facts.artifact_key_arn, sid="EncryptObjectsInArtifactBucket"),
    ]


def _looking() -> list[Value]:
    return [
        allow(actions("ec2", can.EC2), "*", sid="EC2"),
        allow(actions("apprunner", can.APP_RUNNER), "*", sid="AppRunner"),
        allow(["tag:GetResources"], "*", sid="Tags"),
        allow(["application-autoscaling:DescribeScalingPolicies"], "*", sid="ApplicationAutoscaling"),
    ]


def _deleting() -> list[Value]:
    manager = sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-EnvManagerRole")
    roles = [get_att(EXECUTION_ROLE, "Arn"), manager]
    return [
        allow(["iam:DeleteRole", "iam:ListRolePolicies", "iam:DeleteRolePolicy"], roles, sid="DeleteRoles"),
        allow(
            ["cloudformation:DescribeStacks", "cloudformation:DeleteStack"],
            [arn("cloudformation", "stack/${AWS::StackName}/*")],
            sid="DeleteEnvStack",
        ),
    ]
