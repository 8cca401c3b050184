"""Our functions as the local cloud runs them: uploaded as zips, called by CloudFormation, answering with attributes."""

from __future__ import annotations

from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import StackRequest
from copilot.lambdas.packages import package

ENVIRONMENT = """\
Parameters:
  ALBWorkloads: {Type: String}
Conditions:
  CreateALB: !Not [!Equals [!Ref ALBWorkloads, ""]]
Resources:
  Code: {Type: AWS::S3::Bucket}
  Balancer: {Type: AWS::SNS::Topic, Condition: CreateALB}
Outputs:
  Code: {Value: !Ref Code}
  Balancer: {Value: !Ref Balancer, Condition: CreateALB}
"""

WORKLOAD = """\
Parameters:
  Bucket: {Type: String}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: {Service: lambda.amazonaws.com}}]
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
  EnvControllerFunction:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: !Ref Bucket, S3Key: controller.zip}
      Handler: index.handler
      Runtime: python3.13
      Timeout: 900
      MemorySize: 512
      Role: !GetAtt Role.Arn
  EnvControllerAction:
    Type: Custom::EnvControllerFunction
    Properties:
      ServiceToken: !GetAtt EnvControllerFunction.Arn
      Workload: web
      EnvStack: shop-test
      Parameters: [ALBWorkloads]
Outputs:
  Balancer: {Value: !GetAtt EnvControllerAction.Balancer}
  Id: {Value: !Ref EnvControllerAction}
"""


def test_a_workloads_stack_gets_a_balancer_from_its_environment_and_gives_it_back(connection: Cloud) -> None:
    stacks = connection.stacks
    environment = StackRequest(stack_name="shop-test", template_body=ENVIRONMENT, parameters={"ALBWorkloads": ""})
    bucket = stacks.wait(stacks.create(environment)).outputs["Code"]
    connection.buckets.upload(bucket, "controller.zip", package("EnvControllerFunction", "Backend Service"))
    request = StackRequest(stack_name="shop-test-web", template_body=WORKLOAD, parameters={"Bucket": bucket})
    workload = stacks.wait(stacks.create(request))
    assert workload.is_successful, workload.status_reason
    assert workload.outputs["Id"] == "envcontoller/shop-test/web"
    assert workload.outputs["Balancer"] == stacks.get("shop-test").outputs["Balancer"]

    stacks.delete("shop-test-web")
    stacks.wait_deleted(workload.id)
    assert "Balancer" not in stacks.get("shop-test").outputs
