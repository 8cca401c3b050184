"""A service's task that its load balancer calls unhealthy: ECS replaces it, as on AWS."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from local_aws import Aws, until

APP = """
import http.server, os
class App(http.server.BaseHTTPRequestHandler):
    status = 200
    def do_GET(self):
        if self.path == "/break":
            App.status = 500
        self.send_response(App.status)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), App).serve_forever()
"""
TEMPLATE = """
Parameters:
  Image: {Type: String}
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Type: application, Subnets: [subnet-1, subnet-2]}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Port: 8080, Protocol: HTTP, TargetType: ip, VpcId: vpc-1, UnhealthyThresholdCount: 2}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      NetworkMode: awsvpc
      Cpu: 256
      Memory: 512
      ContainerDefinitions: [{Name: web, Image: !Ref Image, PortMappings: [{ContainerPort: 8080}]}]
  Service:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      LaunchType: FARGATE
      HealthCheckGracePeriodSeconds: 0
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
      LoadBalancers: [{ContainerName: web, ContainerPort: 8080, TargetGroupArn: !Ref Group}]
Outputs:
  Address: {Value: !GetAtt Balancer.DNSName}
  Cluster: {Value: !Ref Cluster}
"""


def ask(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as err:
        return err.code, err.read().decode()


def stopped(aws: Aws, cluster: str) -> list[dict[str, Any]]:
    ecs = aws.client("ecs")
    arns = ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED")["taskArns"]
    tasks: list[dict[str, Any]] = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
    return tasks


def test_a_task_that_turns_unhealthy_in_its_target_group_is_replaced(
    host_aws: Aws, image: Callable[[str], str]
) -> None:
    host_aws.create_stack("web", TEMPLATE, Parameters=[{"ParameterKey": "Image", "ParameterValue": image(APP)}])
    outputs = host_aws.outputs("web")
    first = ask(outputs["Address"], "/")
    assert first[0] == 200
    ask(outputs["Address"], "/break")
    tasks = until(lambda: stopped(host_aws, outputs["Cluster"]), bool)
    assert tasks[0]["stoppedReason"].startswith("Task failed ELB health checks in (target-group arn:aws:")
    second = until(lambda: ask(outputs["Address"], "/"), lambda answer: answer[0] == 200)
    assert second[1] != first[1]


def test_no_request_is_lost_while_a_task_is_replaced(host_aws: Aws, image: Callable[[str], str]) -> None:
    parameters = [{"ParameterKey": "Image", "ParameterValue": image(APP)}]
    host_aws.create_stack("web", TEMPLATE, Parameters=parameters)
    address = host_aws.outputs("web")["Address"]
    answers = [first := ask(address, "/")]
    cloudformation = host_aws.client("cloudformation")
    changed = TEMPLATE.replace("Memory: 512", "Memory: 1024")
    cloudformation.update_stack(StackName="web", TemplateBody=changed, Parameters=parameters)
    until(lambda: answers.append(ask(address, "/")) or answers[-1], lambda answer: answer[1] != first[1])
    host_aws.settled("web")
    answers += [ask(address, "/") for _ in range(40)]
    assert {status for status, _ in answers} == {200}


def registered(aws: Aws, groups: dict[str, int]) -> dict[str, list[str]]:
    """The targets of each target group that is there, by its port."""
    elb = aws.client("elbv2")
    found = elb.describe_target_groups()["TargetGroups"]
    return {
        str(group["Port"]): [
            each["Target"]["Id"]
            for each in elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        ]
        for group in found
        if group["Port"] in groups.values()
    }


def test_the_version_before_stays_where_it_is_registered_until_the_new_one_is_healthy(
    host_aws: Aws, image: Callable[[str], str]
) -> None:
    parameters = [{"ParameterKey": "Image", "ParameterValue": image(APP)}]
    host_aws.create_stack("web", TEMPLATE, Parameters=parameters)
    address = host_aws.outputs("web")["Address"]
    groups = {"before": 8080, "after": 9090}
    old = registered(host_aws, groups)["8080"]
    moved = TEMPLATE.replace("Properties: {Port: 8080,", "Properties: {Port: 9090,")
    cloudformation = host_aws.client("cloudformation")
    broken = moved.replace("UnhealthyThresholdCount: 2", "UnhealthyThresholdCount: 2, HealthCheckPath: /break")
    cloudformation.update_stack(StackName="web", TemplateBody=broken, Parameters=parameters)
    both = until(lambda: registered(host_aws, groups), lambda found: bool(found.get("9090")))
    assert both["8080"] == old and not set(both["9090"]) & set(old)
    assert not stopped(host_aws, host_aws.outputs("web")["Cluster"]), "the task of the version before was left alone"
    cloudformation.cancel_update_stack(StackName="web")
    assert host_aws.settled("web")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    rolled_back = until(lambda: ask(address, "/"), lambda answer: answer[0] == 200)

    assert host_aws.update_stack("web", moved, Parameters=parameters)["StackStatus"] == "UPDATE_COMPLETE"
    status, second = ask(address, "/")
    assert status == 200 and second != rolled_back[1]
    assert "8080" not in registered(host_aws, groups)
