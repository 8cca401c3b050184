"""Templates as the local CloudFormation reads them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from local_aws import Aws

TOPIC = "Metadata:\n  Version: v1.2.3\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
FLAGS = """
Parameters:
  Public:
    Type: String
    AllowedValues: [true, false]
    Default: true
Conditions:
  IsPublic: !Equals [!Ref Public, true]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Condition: IsPublic
Outputs:
  Literal:
    Value: true
  Chosen:
    Value: !If [IsPublic, true, false]
"""
GROUP = """
Parameters:
  Port: {Type: String, Default: "8080"}
  Interval: {Type: Number, Default: 12}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: !Ref Vpc
      Port: !Ref Port
      TargetType: ip
      HealthCheckIntervalSeconds: !Ref Interval
      TargetGroupAttributes:
        - {Key: deregistration_delay.timeout_seconds, Value: 7}
"""


def stored(aws: Aws, body: str) -> str:
    """Puts a template into a bucket; the key."""
    store = aws.client("s3")
    where = {"LocationConstraint": aws.endpoint.region}
    store.create_bucket(Bucket=f"templates-{aws.account}", CreateBucketConfiguration=where)
    store.put_object(Bucket=f"templates-{aws.account}", Key="a/stack.yml", Body=body.encode())
    return "a/stack.yml"


@pytest.mark.parametrize(
    "address",
    [
        "https://{bucket}.s3.us-west-2.amazonaws.com/{key}",
        "https://{bucket}.s3-us-west-2.amazonaws.com/{key}",
        "https://{bucket}.s3.amazonaws.com/{key}",
        "https://s3.us-west-2.amazonaws.com/{bucket}/{key}",
        "https://s3.amazonaws.com/{bucket}/{key}",
    ],
)
def test_a_template_is_read_from_every_form_of_its_address(aws: Aws, address: str) -> None:
    url = address.format(bucket=f"templates-{aws.account}", key=stored(aws, TOPIC))
    cloudformation = aws.client("cloudformation")
    assert json.loads(cloudformation.get_template_summary(TemplateURL=url)["Metadata"]) == {"Version": "v1.2.3"}
    cloudformation.create_stack(StackName="topic", TemplateURL=url)
    assert aws.settled("topic")["StackStatus"] == "CREATE_COMPLETE"


def test_a_nested_stack_reads_its_template_too(aws: Aws) -> None:
    url = f"https://templates-{aws.account}.s3.us-west-2.amazonaws.com/{stored(aws, TOPIC)}"
    parent = f"Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n"
    assert aws.create_stack("parent", parent)["StackStatus"] == "CREATE_COMPLETE"


def test_an_object_that_is_not_there_is_named(aws: Aws) -> None:
    url = f"https://nowhere-{aws.account}.s3.us-west-2.amazonaws.com/x.yml"
    with pytest.raises(ClientError, match="nowhere"):
        aws.client("cloudformation").create_stack(StackName="topic", TemplateURL=url)


def test_the_summary_of_a_stack_and_of_a_body_tell_the_metadata(aws: Aws) -> None:
    aws.create_stack("topic", TOPIC)
    cloudformation = aws.client("cloudformation")
    for request in ({"StackName": "topic"}, {"TemplateBody": TOPIC}):
        assert json.loads(cloudformation.get_template_summary(**request)["Metadata"]) == {"Version": "v1.2.3"}


def test_a_template_without_metadata_has_none_in_its_summary(aws: Aws) -> None:
    body = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
    assert "Metadata" not in aws.client("cloudformation").get_template_summary(TemplateBody=body)


def test_yaml_booleans_are_text_in_parameters_conditions_and_outputs(aws: Aws) -> None:
    stack = aws.create_stack("flags", FLAGS)
    assert stack["StackStatus"] == "CREATE_COMPLETE", aws.reasons("flags")
    assert aws.outputs("flags") == {"Literal": "true", "Chosen": "true"}
    assert stack["Parameters"][0]["ParameterValue"] == "true"


def test_a_parameter_that_is_given_as_text_meets_a_boolean_condition(aws: Aws) -> None:
    stack = aws.create_stack("flags", FLAGS, Parameters=[{"ParameterKey": "Public", "ParameterValue": "false"}])
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert aws.outputs("flags")["Chosen"] == "false"


def test_numbers_that_arrive_as_text_reach_the_service_as_numbers(aws: Aws) -> None:
    assert aws.create_stack("group", GROUP)["StackStatus"] == "CREATE_COMPLETE", aws.reasons("group")
    balancing = aws.client("elbv2")
    group = balancing.describe_target_groups()["TargetGroups"][0]
    assert (group["Port"], group["HealthCheckIntervalSeconds"]) == (8080, 12)
    attributes = balancing.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "7"} in attributes


def test_an_unknown_resource_type_is_refused_by_name(aws: Aws) -> None:
    with pytest.raises(ClientError, match="AWS::Made::Up"):
        aws.client("cloudformation").create_stack(
            StackName="odd", TemplateBody="Resources:\n  A:\n    Type: AWS::Made::Up\n"
        )


def test_an_unknown_action_is_refused_by_name(aws: Aws) -> None:
    with pytest.raises(ClientError, match="CreateStackRefactor"):
        aws.client("cloudformation").create_stack_refactor(StackDefinitions=[{"StackName": "a", "TemplateBody": TOPIC}])
