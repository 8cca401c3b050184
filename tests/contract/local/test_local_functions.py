"""Custom resources of the local CloudFormation: Python functions that really run, against the same cloud."""

from __future__ import annotations

import io
import json
import zipfile

from local_aws import Aws

HANDLER = """
import json, os, urllib.request
import boto3

def handler(event, context):
    properties = event["ResourceProperties"]
    identity = boto3.client("sts").get_caller_identity()
    answer = {
        "Status": "FAILED" if properties.get("Fail") == "true" else "SUCCESS",
        "Reason": "told to fail",
        "PhysicalResourceId": "thing-" + properties["Name"],
        "StackId": event["StackId"], "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"],
        "Data": {
            "Account": identity["Account"],
            "Region": os.environ["AWS_REGION"],
            "Kind": event["RequestType"],
            "Old": json.dumps(event.get("OldResourceProperties", {}).get("Name")),
            "Left": str(context.get_remaining_time_in_millis() > 0),
            "Count": properties["Count"],
        },
    }
    boto3.client("ssm").put_parameter(Name="/last", Value=event["RequestType"], Type="String", Overwrite=True)
    body = json.dumps(answer).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], data=body, method="PUT"))
"""
TEMPLATE = """
Parameters:
  Name: {Type: String, Default: one}
  Fail: {Type: String, Default: "false"}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: BUCKET, S3Key: code.zip}
      Handler: index.handler
      Runtime: python3.13
      Timeout: "300"
      MemorySize: "256"
      Role: !GetAtt Role.Arn
  Thing:
    Type: Custom::Thing
    Properties:
      ServiceToken: !GetAtt Function.Arn
      Name: !Ref Name
      Fail: !Ref Fail
      Count: 3
Outputs:
  Thing: {Value: !Ref Thing}
  Account: {Value: !GetAtt Thing.Account}
  Region: {Value: !GetAtt Thing.Region}
  Kind: {Value: !GetAtt Thing.Kind}
  Old: {Value: !GetAtt Thing.Old}
  Count: {Value: !GetAtt Thing.Count}
"""
SHARED = """
Parameters:
  Names: {Type: String}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {DisplayName: !Ref Names}
Outputs:
  Names: {Value: !Ref Names}
"""


SILENT = "def handler(event, context): return 'done'\n"


def template(aws: Aws, handler: str = HANDLER) -> str:
    """The template, with the function's code in a bucket."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", handler)
    bucket = f"code-{aws.account}"
    where = {"LocationConstraint": aws.endpoint.region}
    aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    aws.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=code.getvalue())
    return TEMPLATE.replace("BUCKET", bucket)


def last_request(aws: Aws) -> str:
    return str(aws.client("ssm").get_parameter(Name="/last")["Parameter"]["Value"])


def test_a_function_answers_for_its_resource_in_its_account_and_region(aws: Aws) -> None:
    stack = aws.create_stack("things", template(aws))
    assert stack["StackStatus"] == "CREATE_COMPLETE", aws.reasons("things")
    assert aws.outputs("things") == {
        "Thing": "thing-one",
        "Account": aws.account,
        "Region": "us-west-2",
        "Kind": "Create",
        "Old": "null",
        "Count": "3",
    }


def test_an_update_tells_the_old_properties_and_deletes_what_was_replaced(aws: Aws) -> None:
    body = template(aws)
    aws.create_stack("things", body)
    aws.update_stack("things", body, Parameters=[{"ParameterKey": "Name", "ParameterValue": "two"}])
    outputs = aws.outputs("things")
    assert (outputs["Thing"], outputs["Kind"], json.loads(outputs["Old"])) == ("thing-two", "Update", "one")
    assert last_request(aws) == "Delete"


def test_a_deleted_stack_has_its_function_told(aws: Aws) -> None:
    aws.create_stack("things", template(aws))
    aws.delete_stack("things")
    assert last_request(aws) == "Delete"


def test_a_failure_is_the_reason_in_the_events(aws: Aws) -> None:
    stack = aws.create_stack("things", template(aws), Parameters=[{"ParameterKey": "Fail", "ParameterValue": "true"}])
    assert stack["StackStatus"] in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
    assert "told to fail" in aws.reasons("things")[-1]


def test_a_function_is_not_asked_when_its_resource_did_not_change(aws: Aws) -> None:
    body = template(aws)
    aws.create_stack("things", body)
    aws.update_stack("things", body.replace("Outputs:", "  Topic:\n    Type: AWS::SNS::Topic\nOutputs:"))
    assert last_request(aws) == "Create"
    assert aws.outputs("things")["Kind"] == "Create"


def test_a_function_that_ends_without_an_answer_fails_its_resource_at_once(aws: Aws) -> None:
    aws.create_stack("things", template(aws, SILENT))  # AWS would wait an hour
    assert "did not receive a response from your Custom Resource: things-Function" in aws.reasons("things")[-1]


def test_a_stack_is_updated_with_its_previous_template_and_a_role(aws: Aws) -> None:
    aws.create_stack("shared", SHARED, Parameters=[{"ParameterKey": "Names", "ParameterValue": "a"}])
    aws.client("cloudformation").update_stack(
        StackName="shared",
        UsePreviousTemplate=True,
        RoleARN=f"arn:aws:iam::{aws.account}:role/shared",
        Parameters=[{"ParameterKey": "Names", "ParameterValue": "a,b"}],
        Capabilities=["CAPABILITY_IAM"],
    )
    assert aws.settled("shared")["StackStatus"] == "UPDATE_COMPLETE"
    assert aws.outputs("shared")["Names"] == "a,b"
