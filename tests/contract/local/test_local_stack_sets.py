"""Stack sets of the local cloud as a deployment tool uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hands import with_part
from local_aws import Aws, until

NAME = "shop-infrastructure"


def template(version: int, *queues: str) -> str:
    lines = ["Metadata:", "  Version: " + str(version), "  Accounts: [012345678901]", "Resources:"]
    for queue in ("base", *queues):
        lines += [f"  {queue.title()}:", "    Type: AWS::SQS::Queue"]
    lines += ["Outputs:", "  Version:", f"    Value: {version}"]
    return "\n".join(lines)


def create(aws: Aws, version: int = 1) -> Any:
    sets = aws.client("cloudformation")
    sets.create_stack_set(StackSetName=NAME, TemplateBody=template(version), Tags=[{"Key": "team", "Value": "core"}])
    return sets


def finished(aws: Aws, operation: str) -> dict[str, Any]:
    sets = aws.client("cloudformation")
    described = until(
        lambda: sets.describe_stack_set_operation(StackSetName=NAME, OperationId=operation)["StackSetOperation"],
        lambda told: told["Status"] != "RUNNING",
    )
    return dict(described)


def instances(aws: Aws, *regions: str) -> dict[str, Any]:
    sets = aws.client("cloudformation")
    answer = sets.create_stack_instances(StackSetName=NAME, Accounts=[aws.account], Regions=list(regions))
    return finished(aws, answer["OperationId"])


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_an_instance_is_a_real_stack_with_the_tags_of_the_set(aws: Aws) -> None:
    create(aws)
    assert instances(aws, "eu-west-1")["Status"] == "SUCCEEDED"
    summary = aws.client("cloudformation").list_stack_instances(StackSetName=NAME)["Summaries"][0]
    assert (summary["Account"], summary["Region"], summary["Status"]) == (aws.account, "eu-west-1", "CURRENT")
    stacks = aws.client("cloudformation", "eu-west-1").describe_stacks(StackName=summary["StackId"])["Stacks"]
    assert stacks[0]["StackName"].startswith(f"StackSet-{NAME}-")
    assert stacks[0]["StackStatus"] == "CREATE_COMPLETE"
    assert {"Key": "team", "Value": "core"} in stacks[0]["Tags"]
    assert len(aws.client("sqs", "eu-west-1").list_queues()["QueueUrls"]) == 1


def test_an_update_reaches_the_instances_of_all_regions(aws: Aws) -> None:
    sets = create(aws)
    instances(aws, "eu-west-1", "us-east-1")
    answer = sets.update_stack_set(StackSetName=NAME, TemplateBody=template(2, "orders"), OperationId="2")
    assert answer["OperationId"] == "2"
    assert finished(aws, "2")["Status"] == "SUCCEEDED"
    for region in ("eu-west-1", "us-east-1"):
        assert len(aws.client("sqs", region).list_queues()["QueueUrls"]) == 2


def test_an_operation_id_is_taken_once(aws: Aws) -> None:
    sets = create(aws)
    sets.update_stack_set(StackSetName=NAME, TemplateBody=template(2), OperationId="2")
    finished(aws, "2")
    with pytest.raises(ClientError) as again:
        sets.update_stack_set(StackSetName=NAME, TemplateBody=template(2, "a"), OperationId="2")
    assert code(again) == "OperationIdAlreadyExistsException"


def test_an_operation_id_that_others_have_passed_is_stale(aws: Aws) -> None:
    sets = create(aws)
    for version in ("2", "3"):
        sets.update_stack_set(StackSetName=NAME, TemplateBody=template(int(version)), OperationId=version)
        finished(aws, version)
    with pytest.raises(ClientError) as late:
        sets.update_stack_set(StackSetName=NAME, TemplateBody=template(2), OperationId="2")
    assert code(late) == "StaleRequestException"
    assert "Version: 3" in sets.describe_stack_set(StackSetName=NAME)["StackSet"]["TemplateBody"]


def test_one_operation_runs_at_a_time(aws: Aws, tmp_path: Path) -> None:
    sets = aws.client("cloudformation")
    slow: dict[str, Any] = {"Resources": {}}
    with_part(slow, gate=tmp_path / "gate")
    sets.create_stack_set(StackSetName=NAME, TemplateBody=json.dumps(slow))
    running = sets.create_stack_instances(StackSetName=NAME, Accounts=[aws.account], Regions=["us-west-2"])
    with pytest.raises(ClientError) as busy:
        sets.update_stack_set(StackSetName=NAME, TemplateBody=template(2), OperationId="2")
    assert code(busy) == "OperationInProgressException"
    (tmp_path / "gate").touch()
    finished(aws, running["OperationId"])
    sets.update_stack_set(StackSetName=NAME, TemplateBody=template(2), OperationId="2")
    assert finished(aws, "2")["Status"] == "SUCCEEDED"


def test_a_set_with_instances_is_not_deleted(aws: Aws) -> None:
    sets = create(aws)
    instances(aws, "us-west-2")
    with pytest.raises(ClientError) as refused:
        sets.delete_stack_set(StackSetName=NAME)
    assert code(refused) == "StackSetNotEmptyException"


def test_deleting_an_instance_deletes_its_stack_and_then_the_set_can_go(aws: Aws) -> None:
    sets = create(aws)
    instances(aws, "us-west-2")
    answer = sets.delete_stack_instances(
        StackSetName=NAME, Accounts=[aws.account], Regions=["us-west-2"], RetainStacks=False
    )
    assert finished(aws, answer["OperationId"])["Status"] == "SUCCEEDED"
    assert sets.list_stack_instances(StackSetName=NAME)["Summaries"] == []
    assert aws.client("sqs").list_queues().get("QueueUrls", []) == []
    sets.delete_stack_set(StackSetName=NAME)
    with pytest.raises(ClientError) as gone:
        sets.describe_stack_set(StackSetName=NAME)
    assert code(gone) == "StackSetNotFoundException"


def test_a_retained_stack_outlives_its_instance(aws: Aws) -> None:
    sets = create(aws)
    instances(aws, "us-west-2")
    answer = sets.delete_stack_instances(
        StackSetName=NAME, Accounts=[aws.account], Regions=["us-west-2"], RetainStacks=True
    )
    finished(aws, answer["OperationId"])
    assert len(aws.client("sqs").list_queues()["QueueUrls"]) == 1


def test_an_instance_that_is_not_there_is_not_deleted(aws: Aws) -> None:
    sets = create(aws)
    with pytest.raises(ClientError) as absent:
        sets.delete_stack_instances(StackSetName=NAME, Accounts=["1" * 12], Regions=["us-west-2"], RetainStacks=False)
    assert code(absent) == "StackInstanceNotFoundException"


def test_a_name_is_taken_once(aws: Aws) -> None:
    sets = create(aws)
    with pytest.raises(ClientError) as taken:
        sets.create_stack_set(StackSetName=NAME, TemplateBody=template(1))
    assert code(taken) == "NameAlreadyExistsException"


def test_an_instance_that_cannot_be_deployed_fails_the_operation_with_the_reason(aws: Aws) -> None:
    sets = aws.client("cloudformation")
    broken = "Resources:\n  Topic:\n    Type: AWS::Made::Up\n"
    sets.create_stack_set(StackSetName=NAME, TemplateBody=broken)
    operation = instances(aws, "us-west-2")
    assert operation["Status"] == "FAILED"
    assert "AWS::Made::Up" in operation["StatusReason"]
    results = sets.list_stack_set_operation_results(StackSetName=NAME, OperationId=operation["OperationId"])
    assert results["Summaries"][0]["Status"] == "FAILED"


def test_the_summary_of_a_set_tells_its_metadata_with_account_ids_as_they_are_written(aws: Aws) -> None:
    create(aws, version=7)
    summary = aws.client("cloudformation").get_template_summary(StackSetName=NAME)
    assert summary["Metadata"] == '{"Version": 7, "Accounts": ["012345678901"]}'


def test_an_action_that_is_not_there_is_refused_by_name(aws: Aws) -> None:
    with pytest.raises(ClientError, match="ImportStacksToStackSet"):
        aws.client("cloudformation").import_stacks_to_stack_set(StackSetName=NAME, StackIds=["x"])
