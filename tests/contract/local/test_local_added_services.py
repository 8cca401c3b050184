"""Services that the local cloud adds: what a stack makes is what their APIs and the tagging API tell."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from local_aws import Aws

SCALING = """
Parameters:
  Least: {Type: Number, Default: 1}
  Most: {Type: Number, Default: 4}
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
    Properties: {ClusterName: shop}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{Name: web, Image: none}]
  Service:
    Type: AWS::ECS::Service
    Properties: {Cluster: !Ref Cluster, ServiceName: web, TaskDefinition: !Ref Task, DesiredCount: 0}
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: !Ref Least
      MaxCapacity: !Ref Most
      ResourceId: !Sub "service/${Cluster}/${Service.Name}"
      ScalableDimension: ecs:service:DesiredCount
      ServiceNamespace: ecs
      RoleARN: arn:aws:iam::111122223333:role/scaling
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: cpu
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Target
      TargetTrackingScalingPolicyConfiguration:
        PredefinedMetricSpecification: {PredefinedMetricType: ECSServiceAverageCPUUtilization}
        TargetValue: 70
"""
RUNNER = """
Parameters:
  Cpu: {Type: String, Default: "1024"}
Resources:
  Connector:
    Type: AWS::AppRunner::VpcConnector
    Properties: {Subnets: [subnet-1], SecurityGroups: [sg-1]}
  Service:
    Type: AWS::AppRunner::Service
    Properties:
      ServiceName: shop-test-front
      SourceConfiguration: {ImageRepository: {ImageIdentifier: "public.ecr.aws/x:1", ImageRepositoryType: ECR_PUBLIC}}
      InstanceConfiguration: {Cpu: !Ref Cpu}
      NetworkConfiguration:
        EgressConfiguration: {EgressType: VPC, VpcConnectorArn: !GetAtt Connector.VpcConnectorArn}
      Tags: [{Key: copilot-service, Value: front}]
  Entrance:
    Type: AWS::AppRunner::VpcIngressConnection
    Properties:
      ServiceArn: !GetAtt Service.ServiceArn
      IngressVpcConfiguration: {VpcId: vpc-1, VpcEndpointId: vpce-1}
Outputs:
  Arn: {Value: !Ref Service}
  Url: {Value: !GetAtt Service.ServiceUrl}
  Domain: {Value: !GetAtt Entrance.DomainName}
"""
PIPELINE = """
Parameters:
  Branch: {Type: String, Default: main}
Resources:
  Source:
    Type: AWS::CodeStarConnections::Connection
    Properties: {ConnectionName: copilot-me-shop, ProviderType: GitHub}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/pipeline
      ArtifactStores:
        - Region: us-west-2
          ArtifactStore: {Type: S3, Location: bucket, EncryptionKey: {Id: key, Type: KMS}}
      Stages:
        - Name: Source
          Actions:
            - Name: SourceCodeFor-shop
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeStarSourceConnection, Version: "1"}
              Configuration: {ConnectionArn: !Ref Source, BranchName: !Ref Branch}
              OutputArtifacts: [{Name: SCCheckoutArtifact}]
              RunOrder: 1
Outputs:
  Name: {Value: !Ref Pipeline}
  Connection: {Value: !Ref Source}
"""


def tagged(aws: Aws, kind: str, key: str) -> list[str]:
    answer = aws.client("resourcegroupstaggingapi").get_resources(
        ResourceTypeFilters=[kind], TagFilters=[{"Key": key, "Values": []}]
    )
    return [item["ResourceARN"] for item in answer["ResourceTagMappingList"]]


def test_a_scalable_target_holds_the_count_within_its_limits(aws: Aws) -> None:
    assert aws.create_stack("scaled", SCALING)["StackStatus"] == "CREATE_COMPLETE", aws.reasons("scaled")
    scaling = aws.client("application-autoscaling")
    target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    assert (target["ResourceId"], target["MinCapacity"], target["MaxCapacity"]) == ("service/shop/web", 1, 4)
    told = aws.client("ecs").describe_services(cluster="shop", services=["web"])["services"][0]
    assert told["desiredCount"] == 1
    policy = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"][0]
    assert (policy["PolicyName"], policy["ResourceId"]) == ("cpu", "service/shop/web")


def test_a_changed_target_keeps_its_policies(aws: Aws) -> None:
    aws.create_stack("scaled", SCALING)
    scaling = aws.client("application-autoscaling")
    before = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    aws.update_stack("scaled", SCALING, Parameters=[{"ParameterKey": "Most", "ParameterValue": "9"}])
    assert scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]["MaxCapacity"] == 9
    assert scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == before


def test_a_deleted_stack_leaves_no_scaling(aws: Aws) -> None:
    aws.create_stack("scaled", SCALING)
    aws.delete_stack("scaled")
    scaling = aws.client("application-autoscaling")
    assert scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == []


def test_an_app_runner_service_is_told_as_it_was_made(aws: Aws) -> None:
    assert aws.create_stack("front", RUNNER)["StackStatus"] == "CREATE_COMPLETE", aws.reasons("front")
    outputs, runner = aws.outputs("front"), aws.client("apprunner")
    service = runner.describe_service(ServiceArn=outputs["Arn"])["Service"]
    assert (service["ServiceName"], service["ServiceUrl"]) == ("shop-test-front", outputs["Url"])
    assert service["NetworkConfiguration"]["EgressConfiguration"]["EgressType"] == "VPC"
    entrance = runner.list_vpc_ingress_connections()["VpcIngressConnectionSummaryList"][0]
    told = runner.describe_vpc_ingress_connection(VpcIngressConnectionArn=entrance["VpcIngressConnectionArn"])
    assert told["VpcIngressConnection"]["DomainName"] == outputs["Domain"]
    assert tagged(aws, "apprunner:service", "copilot-service") == [outputs["Arn"]]


def test_an_app_runner_service_is_changed_in_place_and_deleted(aws: Aws) -> None:
    aws.create_stack("front", RUNNER)
    arn = aws.outputs("front")["Arn"]
    aws.update_stack("front", RUNNER, Parameters=[{"ParameterKey": "Cpu", "ParameterValue": "2048"}])
    runner = aws.client("apprunner")
    assert runner.describe_service(ServiceArn=arn)["Service"]["InstanceConfiguration"]["Cpu"] == "2048"
    aws.delete_stack("front")
    assert runner.list_services()["ServiceSummaryList"] == []
    assert tagged(aws, "apprunner:service", "copilot-service") == []


def test_a_pipeline_is_told_as_it_was_made(aws: Aws) -> None:
    tags = [{"Key": "copilot-pipeline", "Value": "release"}]
    assert aws.create_stack("release", PIPELINE, Tags=tags)["StackStatus"] == "CREATE_COMPLETE", aws.reasons("release")
    outputs, pipelines = aws.outputs("release"), aws.client("codepipeline")
    told = pipelines.get_pipeline(name=outputs["Name"])["pipeline"]
    action = told["stages"][0]["actions"][0]
    assert told["artifactStores"]["us-west-2"]["encryptionKey"] == {"id": "key", "type": "KMS"}
    assert action["configuration"] == {"ConnectionArn": outputs["Connection"], "BranchName": "main"}
    assert pipelines.get_pipeline_state(name=outputs["Name"])["stageStates"][0]["stageName"] == "Source"
    arns = tagged(aws, "codepipeline", "copilot-pipeline")
    assert [arn.rpartition(":")[2] for arn in arns] == [outputs["Name"]]
    connection = aws.client("codestar-connections").get_connection(ConnectionArn=outputs["Connection"])["Connection"]
    assert connection["ConnectionName"] == "copilot-me-shop"


def test_a_changed_pipeline_has_the_next_version(aws: Aws) -> None:
    aws.create_stack("release", PIPELINE)
    aws.update_stack("release", PIPELINE, Parameters=[{"ParameterKey": "Branch", "ParameterValue": "next"}])
    told = aws.client("codepipeline").get_pipeline(name=aws.outputs("release")["Name"])["pipeline"]
    assert (told["version"], told["stages"][0]["actions"][0]["configuration"]["BranchName"]) == (2, "next")
    aws.delete_stack("release")
    assert aws.client("codepipeline").list_pipelines()["pipelines"] == []


def test_an_operation_that_is_not_there_is_refused_by_name(aws: Aws) -> None:
    with pytest.raises(ClientError, match="StartPipelineExecution"):
        aws.client("codepipeline").start_pipeline_execution(name="release")
