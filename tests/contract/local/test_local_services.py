"""ECS services that the local CloudFormation deploys: it waits for them, and says why one cannot run."""

from __future__ import annotations

from typing import Any

from local_aws import Aws, until

APP = """
import http.server, os
http.server.HTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"])),
                       http.server.SimpleHTTPRequestHandler).serve_forever()
"""
SLEEPING = "import time\ntime.sleep(600)\n"
DOOMED = "import sys\nprint('no database')\nsys.exit(7)\n"
TEMPLATE = """
Parameters:
  Image: {Type: String}
  Count: {Type: Number, Default: 1}
  Size: {Type: String, Default: "256"}
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /shop/web, RetentionInDays: "30"}
  Token:
    Type: AWS::SSM::Parameter
    Properties: {Name: /shop/token, Type: String, Value: opensesame}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: shop-web
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      Cpu: !Ref Size
      Memory: 512
      RuntimePlatform: {CpuArchitecture: X86_64, OperatingSystemFamily: LINUX}
      EphemeralStorage: {SizeInGiB: "30"}
      ContainerDefinitions:
        - Name: web
          Image: !Ref Image
          Essential: "true"
          Environment: [{Name: LEVEL, Value: 3}]
          Secrets: [{Name: TOKEN, ValueFrom: !Ref Token}]
          PortMappings: [{ContainerPort: "8080", Name: target}]
          LogConfiguration:
            LogDriver: awslogs
            Options: {awslogs-group: !Ref Logs, awslogs-region: !Ref AWS::Region, awslogs-stream-prefix: copilot}
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: !Ref Count
      LaunchType: FARGATE
      PropagateTags: SERVICE
      EnableExecuteCommand: true
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1], AssignPublicIp: ENABLED}}
      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}
      ServiceConnectConfiguration:
        Enabled: True
        Namespace: test.shop.local
        Services: [{PortName: target, ClientAliases: [{Port: "8080", DnsName: web}]}]
Outputs:
  Service: {Value: !Ref Service}
  Cluster: {Value: !Ref Cluster}
"""

# A task that runs, and that nobody knows to be healthy.
NEVER_READY = TEMPLATE.replace(
    """          PortMappings""",
    """          HealthCheck: {Command: [CMD-SHELL, exit 1], StartPeriod: 300}
          PortMappings""",
)


def given(image: str, count: int = 1, **more: str) -> list[dict[str, str]]:
    values = {"Image": image, "Count": str(count), **more}
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def service(aws: Aws, stack: str = "web") -> dict[str, Any]:
    outputs = aws.outputs(stack)
    ecs = aws.client("ecs")
    told = ecs.describe_services(cluster=outputs["Cluster"], services=[outputs["Service"]], include=["TAGS"])
    return dict(told["services"][0])


def running_tasks(aws: Aws) -> list[str]:
    ecs = aws.client("ecs")
    return [
        arn for cluster in ecs.list_clusters()["clusterArns"] for arn in ecs.list_tasks(cluster=cluster)["taskArns"]
    ]


def test_a_task_definition_is_registered_whole(host_aws: Aws) -> None:
    stack = host_aws.create_stack("web", TEMPLATE, Parameters=given("none", 0))
    assert stack["StackStatus"] == "CREATE_COMPLETE", host_aws.reasons("web")
    told = host_aws.client("ecs").describe_task_definition(taskDefinition="shop-web")["taskDefinition"]
    container = told["containerDefinitions"][0]
    assert (told["cpu"], told["memory"], told["ephemeralStorage"]) == ("256", "512", {"sizeInGiB": 30})
    assert told["runtimePlatform"] == {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}
    assert container["secrets"] == [{"name": "TOKEN", "valueFrom": "/shop/token"}]
    assert container["environment"] == [{"name": "LEVEL", "value": "3"}]
    assert container["portMappings"][0]["containerPort"] == 8080
    assert container["logConfiguration"]["options"]["awslogs-group"] == "/shop/web"


def test_a_service_without_tasks_is_complete_at_once(host_aws: Aws) -> None:
    tags = [{"Key": "copilot-service", "Value": "web"}]
    stack = host_aws.create_stack("web", TEMPLATE, Parameters=given("none", 0), Tags=tags)
    assert stack["StackStatus"] == "CREATE_COMPLETE", host_aws.reasons("web")
    told = service(host_aws)
    assert (told["desiredCount"], told["enableExecuteCommand"], told["propagateTags"]) == (0, True, "SERVICE")
    assert {"key": "copilot-service", "value": "web"} in told["tags"]
    tagged = host_aws.client("resourcegroupstaggingapi").get_resources(
        ResourceTypeFilters=["ecs:service"], TagFilters=[{"Key": "copilot-service", "Values": ["web"]}]
    )
    assert [item["ResourceARN"] for item in tagged["ResourceTagMappingList"]] == [told["serviceArn"]]


def test_a_stack_is_complete_when_its_tasks_run(host_aws: Aws, image: Any) -> None:
    stack = host_aws.create_stack("web", TEMPLATE, Parameters=given(image(APP), 2))
    assert stack["StackStatus"] == "CREATE_COMPLETE", host_aws.reasons("web")
    told = service(host_aws)
    assert (told["runningCount"], told["deployments"][0]["rolloutState"]) == (2, "COMPLETED")
    assert told["deployments"][0]["serviceConnectConfiguration"]["namespace"] == "test.shop.local"
    host_aws.delete_stack("web")
    assert running_tasks(host_aws) == []


def test_the_number_of_tasks_follows_the_template(host_aws: Aws, image: Any) -> None:
    made = image(APP)
    host_aws.create_stack("web", TEMPLATE, Parameters=given(made, 1))
    for count in (2, 0, 1):
        stack = host_aws.update_stack("web", TEMPLATE, Parameters=given(made, count))
        assert stack["StackStatus"] == "UPDATE_COMPLETE", host_aws.reasons("web")
        assert service(host_aws)["runningCount"] == count
    host_aws.delete_stack("web")


def test_a_service_that_dies_fails_the_stack_with_its_exit_code_and_leaves_nothing(host_aws: Aws, image: Any) -> None:
    stack = host_aws.create_stack("web", TEMPLATE, Parameters=given(image(DOOMED)))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("Circuit Breaker" in reason and "exit code 7" in reason for reason in host_aws.reasons("web"))
    assert running_tasks(host_aws) == []


def test_an_update_that_cannot_run_goes_back_to_the_tasks_that_did(host_aws: Aws, image: Any) -> None:
    good = image(APP)
    host_aws.create_stack("web", TEMPLATE, Parameters=given(good))
    before = service(host_aws)["taskDefinition"]
    stack = host_aws.update_stack("web", TEMPLATE, Parameters=given(image(DOOMED)))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    told = until(lambda: service(host_aws), lambda now: now["runningCount"] == 1)
    assert told["taskDefinition"] == before
    host_aws.delete_stack("web")


def test_a_cancelled_update_goes_back_to_the_tasks_that_ran(host_aws: Aws, image: Any) -> None:
    host_aws.create_stack("web", TEMPLATE, Parameters=given(image(APP)))
    before = service(host_aws)["taskDefinition"]
    cloudformation = host_aws.client("cloudformation")
    cloudformation.update_stack(StackName="web", TemplateBody=NEVER_READY, Parameters=given(image(SLEEPING)))
    until(lambda: service(host_aws)["taskDefinition"], lambda now: now != before)
    cloudformation.cancel_update_stack(StackName="web")
    assert host_aws.settled("web")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("cancelled" in reason for reason in host_aws.reasons("web"))
    told = until(lambda: service(host_aws), lambda now: now["runningCount"] == 1)
    assert told["taskDefinition"] == before
    host_aws.delete_stack("web")


def test_a_stack_that_is_deleted_while_it_waits_for_a_service_is_gone(host_aws: Aws, image: Any) -> None:
    cloudformation = host_aws.client("cloudformation")
    cloudformation.create_stack(StackName="web", TemplateBody=NEVER_READY, Parameters=given(image(SLEEPING)))
    until(lambda: host_aws.client("ecs").list_clusters()["clusterArns"], bool)
    stack = host_aws.describe("web")["StackId"]
    cloudformation.delete_stack(StackName="web")
    until(lambda: host_aws.describe(stack)["StackStatus"], lambda status: status == "DELETE_COMPLETE")
    assert running_tasks(host_aws) == []
    assert host_aws.client("ecs").list_clusters()["clusterArns"] == []
