"""The two roles of a task: the one with which the agent starts it, and the one that its containers have."""

from __future__ import annotations

from copilot.cfn.intrinsics import NO_VALUE, PARTITION, Value, if_, join, ref, select, split
from copilot.cfn.template import Resource
from copilot.model.records import App
from copilot.stacks.parts.fragment import Fragment
from copilot.stacks.parts.policies import allow, inline_policy, role, trust
from copilot.stacks.parts.references import arn, aws_policy, full_name, tagged

EXECUTION_ROLE = "ExecutionRole"
TASK_ROLE = "TaskRole"


def resources(app: App, additions: Fragment) -> dict[str, Resource]:
    """Both roles, with the policies that the workload's capabilities add."""
    trusted = trust("ecs-tasks.amazonaws.com")
    return {
        EXECUTION_ROLE: role(
            app,
            "ECS pulls images, reads secrets and writes logs",
            trusted=trusted,
            policies=[_secrets_policy(), *additions.execution_policies],
            managed=[aws_policy("service-role/AmazonECSTaskExecutionRolePolicy")],
        ),
        TASK_ROLE: role(
            app,
            "the containers of a task call AWS",
            trusted=trusted,
            policies=[_deny_iam(), *additions.task_policies],
            managed=additions.task_managed_policies,
        ),
    }


def env_file_policy(suffix: str, condition: str, parameter: str) -> Value:
    """The right to read an environment file in S3, present when the file is.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
    """
    bucket = select(0, split("/", select(5, split(":", ref(parameter)))))
    policy = inline_policy(
        full_name(suffix),
        allow(["s3:GetObject"], [ref(parameter)]),
        allow(["s3:GetBucketLocation"], [join("", ["arn:", PARTITION, ":s3:::", bucket])]),
    )
    return if_(condition, policy, NO_VALUE)


def exec_policy() -> Value:
    """What `svc exec` needs inside the task: a session channel and its log.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    channels = [f"ssmmessages:{verb}{kind}Channel" for kind in ("Control", "Data") for verb in ("Create", "Open")]
    logs = [
        f"logs:{action}" for action in ("CreateLogStream", "DescribeLogGroups", "DescribeLogStreams", "PutLogEvents")
    ]
    return inline_policy("ExecuteCommand", allow(channels, "*"), allow(logs, "*"))


def _deny_iam() -> Value:
    return inline_policy("DenyIAM", {"Effect": "Deny", "Action": "iam:*", "Resource": "*"})


def _secrets_policy() -> Value:
    """Secrets and keys are readable only with this application's and environment's tags."""
    return inline_policy(
        full_name("SecretsPolicy"),
        allow(["ssm:GetParameters"], [arn("ssm", "parameter/*")], condition=tagged("ssm:ResourceTag")),
        allow(
            ["secretsmanager:GetSecretValue"],
            [arn("secretsmanager", "secret:*")],
            condition=tagged("secretsmanager:ResourceTag"),
        ),
        allow(["kms:Decrypt"], [ref("ArtifactKeyARN")]),
        allow(["kms:Decrypt"], [arn("kms", "key/*")], condition=tagged("aws:ResourceTag"), sid="DecryptTaggedKMSKey"),
    )
