"""A local cloud that is killed: its state comes back, and nothing is held by an operation that no longer runs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest
from local_aws import Aws, until

from copilot.local.clouds import LocalCloud

TOPIC = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
WAITING = """
Resources:
  Topic:
    Type: AWS::SNS::Topic
  Handle:
    Type: AWS::CloudFormation::WaitConditionHandle
    DependsOn: Topic
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    Properties: {Handle: !Ref Handle, Timeout: "600"}
"""
NAME = "shop-infrastructure"


@pytest.fixture
def killed(local: LocalCloud, host_aws: Aws) -> Callable[[str], Aws]:
    """Kills the cloud once a stack is saved in a state, starts it again; the same account there."""

    def kill(state: str) -> Aws:
        saved = local.home.state / "cloudformation.json"
        until(lambda: saved.exists() and f'"StackStatus": "{state}"' in saved.read_text(), bool)
        os.kill(local.status().pid, signal.SIGKILL)
        until(local.endpoint, lambda endpoint: endpoint is None)
        return Aws(endpoint=replace(local.start(), access_key=host_aws.account))

    return kill


def test_a_stack_set_survives_with_its_instances_and_taken_operation_ids(host_aws: Aws, local: LocalCloud) -> None:
    sets = host_aws.client("cloudformation")
    sets.create_stack_set(StackSetName=NAME, TemplateBody=TOPIC)
    arguments = {"StackSetName": NAME, "Accounts": [host_aws.account], "Regions": ["us-west-2"], "OperationId": "1"}
    sets.create_stack_instances(**arguments)
    until(lambda: sets.list_stack_instances(StackSetName=NAME)["Summaries"][0]["Status"], lambda s: s == "CURRENT")
    local.stop()
    after = Aws(endpoint=replace(local.start(), access_key=host_aws.account)).client("cloudformation")
    assert after.list_stack_instances(StackSetName=NAME)["Summaries"][0]["Status"] == "CURRENT"
    with pytest.raises(after.exceptions.OperationIdAlreadyExistsException):
        after.update_stack_set(StackSetName=NAME, TemplateBody=TOPIC, OperationId="1")


def test_a_stack_that_was_being_made_is_deleted_and_made_again(host_aws: Aws, killed: Callable[[str], Aws]) -> None:
    host_aws.client("cloudformation").create_stack(StackName="half", TemplateBody=WAITING)
    until(lambda: host_aws.client("sns").list_topics()["Topics"], bool)
    after = killed("CREATE_IN_PROGRESS")
    assert after.describe("half")["StackStatus"] == "ROLLBACK_FAILED"
    assert "stopped" in after.describe("half")["StackStatusReason"]
    after.delete_stack("half")
    assert after.create_stack("half", TOPIC)["StackStatus"] == "CREATE_COMPLETE"


def test_a_stack_that_was_being_changed_is_changed_again(host_aws: Aws, killed: Callable[[str], Aws]) -> None:
    host_aws.create_stack("half", TOPIC, Tags=[{"Key": "round", "Value": "1"}])
    tags = [{"Key": "round", "Value": "2"}]
    host_aws.client("cloudformation").update_stack(StackName="half", TemplateBody=WAITING, Tags=tags)
    until(lambda: host_aws.describe("half")["StackStatus"], lambda status: status == "UPDATE_IN_PROGRESS")
    after = killed("UPDATE_IN_PROGRESS")
    assert after.describe("half")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert after.describe("half")["Tags"] == [{"Key": "round", "Value": "1"}]
    assert "Wait" not in str(after.client("cloudformation").get_template(StackName="half")["TemplateBody"])
    changed = TOPIC + "  More:\n    Type: AWS::SNS::Topic\n"
    assert after.update_stack("half", changed)["StackStatus"] == "UPDATE_COMPLETE"


def test_a_stack_set_whose_operation_was_cut_short_takes_the_next_one(host_aws: Aws, local: LocalCloud) -> None:
    sets = host_aws.client("cloudformation")
    sets.create_stack_set(StackSetName=NAME, TemplateBody=WAITING.replace("SNS::Topic", "S3::Bucket"))
    operation = sets.create_stack_instances(
        StackSetName=NAME, Accounts=[host_aws.account], Regions=["us-west-2"], OperationId="1"
    )["OperationId"]
    (bucket,) = until(lambda: host_aws.client("s3").list_buckets()["Buckets"], bool)
    host_aws.client("s3").put_object(Bucket=bucket["Name"], Key="in the way", Body=b"")
    local.stop()
    after = Aws(endpoint=replace(local.start(), access_key=host_aws.account)).client("cloudformation")
    ended = after.describe_stack_set_operation(StackSetName=NAME, OperationId=operation)["StackSetOperation"]
    assert ended["Status"] == "FAILED"
    after.update_stack_set(StackSetName=NAME, TemplateBody=TOPIC, OperationId="2")
    told = until(
        lambda: after.describe_stack_set_operation(StackSetName=NAME, OperationId="2")["StackSetOperation"],
        lambda now: now["Status"] != "RUNNING",
    )
    assert told["Status"] == "SUCCEEDED", told
