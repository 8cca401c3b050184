"""Updates of the local CloudFormation: only what changed is touched and told, by the stack and by its change sets."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from local_aws import Aws, until

TEMPLATE = """
Parameters:
  Label: {Type: String, Default: one}
Resources:
  Changing:
    Type: AWS::SNS::Topic
    Properties: {DisplayName: !Ref Label}
  Kept:
    Type: AWS::SNS::Topic
    Metadata: {"aws:copilot:description": MARK}
    Properties: {DisplayName: kept}
  Dependent:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !GetAtt Changing.TopicName}
  Follower:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Ref Label}
"""
MORE = """  New:
    Type: AWS::SNS::Topic
"""
BROKEN = """  Broken:
    Type: AWS::Lambda::Function
    DependsOn: [Changing, Kept, Dependent, Follower]
    Properties:
      Code: {S3Bucket: nobody-has-it, S3Key: code.zip}
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::123456789012:role/any
"""
CHANGE = [{"ParameterKey": "Label", "ParameterValue": "two"}]


def told(aws: Aws, name: str, token: str) -> list[tuple[str, str]]:
    """Logical id and status of each event of an operation, oldest first."""
    events = aws.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [
        (event["LogicalResourceId"], event["ResourceStatus"])
        for event in reversed(events)
        if event.get("ClientRequestToken") == token
    ]


def of_resources(events: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    return [event for event in events if event[0] != name]


def statuses(aws: Aws, name: str) -> dict[str, str]:
    found = aws.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    return {resource["LogicalResourceId"]: resource["ResourceStatus"] for resource in found}


def test_an_update_touches_only_what_changed(aws: Aws) -> None:
    aws.create_stack("news", TEMPLATE)
    aws.update_stack("news", TEMPLATE, Parameters=CHANGE, ClientRequestToken="t")
    assert told(aws, "news", "t") == [
        ("news", "UPDATE_IN_PROGRESS"),
        ("Changing", "UPDATE_IN_PROGRESS"),
        ("Changing", "UPDATE_COMPLETE"),
        ("Follower", "UPDATE_IN_PROGRESS"),
        ("Follower", "UPDATE_COMPLETE"),
        ("news", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("news", "UPDATE_COMPLETE"),
    ]
    assert statuses(aws, "news") == {
        "Changing": "UPDATE_COMPLETE",
        "Kept": "CREATE_COMPLETE",
        "Dependent": "CREATE_COMPLETE",
        "Follower": "UPDATE_COMPLETE",
    }


def test_changed_metadata_touches_no_resource(aws: Aws) -> None:
    aws.create_stack("news", TEMPLATE)
    aws.update_stack("news", TEMPLATE.replace("MARK", "other"), ClientRequestToken="t")
    assert of_resources(told(aws, "news", "t"), "news") == []


def test_a_resource_that_an_update_adds_is_created_and_one_that_it_drops_is_deleted(aws: Aws) -> None:
    aws.create_stack("news", TEMPLATE)
    aws.update_stack("news", TEMPLATE + MORE, ClientRequestToken="add")
    assert of_resources(told(aws, "news", "add"), "news") == [("New", "CREATE_IN_PROGRESS"), ("New", "CREATE_COMPLETE")]
    assert statuses(aws, "news")["New"] == "CREATE_COMPLETE"
    aws.update_stack("news", TEMPLATE, ClientRequestToken="drop")
    assert told(aws, "news", "drop") == [
        ("news", "UPDATE_IN_PROGRESS"),
        ("news", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("New", "DELETE_IN_PROGRESS"),
        ("New", "DELETE_COMPLETE"),
        ("news", "UPDATE_COMPLETE"),
    ]


def test_only_what_a_failed_update_touched_goes_back(aws: Aws) -> None:
    aws.create_stack("news", TEMPLATE)
    stack = aws.update_stack("news", TEMPLATE + BROKEN, Parameters=CHANGE, ClientRequestToken="t")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = of_resources(told(aws, "news", "t"), "news")
    assert {logical_id for logical_id, _ in events} == {"Changing", "Follower", "Broken"}
    assert events[4:6] == [("Broken", "CREATE_IN_PROGRESS"), ("Broken", "CREATE_FAILED")]
    assert sorted(events[6:]) == [
        ("Changing", "UPDATE_COMPLETE"),
        ("Changing", "UPDATE_IN_PROGRESS"),
        ("Follower", "UPDATE_COMPLETE"),
        ("Follower", "UPDATE_IN_PROGRESS"),
    ]
    topics = aws.client("sns").list_topics()["Topics"]
    names = [aws.client("sns").get_topic_attributes(**topic)["Attributes"].get("DisplayName") for topic in topics]
    assert sorted(names) == ["kept", "one"]


def test_a_change_set_lists_only_what_changes_and_what_follows_from_it(aws: Aws) -> None:
    aws.create_stack("news", TEMPLATE)
    client = aws.client("cloudformation")
    request = {"StackName": "news", "ChangeSetName": "look"}
    client.create_change_set(**request, TemplateBody=TEMPLATE, Parameters=CHANGE)
    found = until(lambda: client.describe_change_set(**request), lambda found: found["Status"] == "CREATE_COMPLETE")
    changes = {change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"] for change in found["Changes"]}
    assert changes.keys() == {"Changing", "Follower", "Dependent"}
    assert [detail["Evaluation"] for detail in changes["Dependent"]["Details"]] == ["Dynamic"]
    client.execute_change_set(**request)
    aws.settled("news")
    assert statuses(aws, "news")["Kept"] == "CREATE_COMPLETE"


def test_a_function_without_its_code_fails_with_the_error_of_s3(aws: Aws) -> None:
    aws.create_stack(
        "broken", "Resources:\n" + BROKEN.replace("    DependsOn: [Changing, Kept, Dependent, Follower]\n", "")
    )
    assert "S3 Error Code: NoSuchBucket" in aws.reasons("broken")[-1]


def test_the_name_of_a_deleted_stack_finds_nothing(aws: Aws) -> None:
    stack_id = aws.create_stack("news", TEMPLATE)["StackId"]
    aws.delete_stack("news")
    client = aws.client("cloudformation")
    for read in (
        client.get_template,
        client.describe_stacks,
        client.describe_stack_events,
        client.list_stack_resources,
    ):
        with pytest.raises(ClientError, match="does not exist"):
            read(StackName="news")
    assert client.describe_stack_events(StackName=stack_id)["StackEvents"][0]["ResourceStatus"] == "DELETE_COMPLETE"
