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
