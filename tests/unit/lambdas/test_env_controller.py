"""EnvControllerFunction, against an environment's stack on the local cloud."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import StackRequest

Invoke = Callable[..., dict[str, Any]]

ENVIRONMENT = """\
Parameters:
  AppName: {Type: String}
  ALBWorkloads: {Type: String}
  NATWorkloads: {Type: String}
  Aliases: {Type: String}
Conditions:
  CreateALB: !Not [!Equals [!Ref ALBWorkloads, ""]]
Resources:
  Always: {Type: AWS::SNS::Topic}
  OnDemand: {Type: AWS::SNS::Topic, Condition: CreateALB}
  CFNExecutionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: {Service: cloudformation.amazonaws.com}}]
Outputs:
  CFNExecutionRoleARN: {Value: !GetAtt CFNExecutionRole.Arn}
  EnabledFeatures: {Value: !Sub "${ALBWorkloads},x"}
  LastForceDeployID: {Value: "1"}
  PublicLoadBalancerDNSName: {Value: !Ref OnDemand, Condition: CreateALB}
"""


@pytest.fixture
def environment(connection: Cloud) -> Cloud:
    """A connection to an account with the environment stack shop-test."""
    request = StackRequest(
        stack_name="shop-test",
        template_body=ENVIRONMENT,
        parameters={"AppName": "shop", "ALBWorkloads": "", "NATWorkloads": "other", "Aliases": ""},
    )
    connection.stacks.wait(connection.stacks.create(request))
    return connection


def ask(invoke: Invoke, request: str = "Create", workload: str = "web", **properties: Any) -> dict[str, Any]:
    wanted = {"Workload": workload, "EnvStack": "shop-test", "EnvVersion": "v1.34.1", **properties}
    return invoke("EnvControllerFunction", "Backend Service", request, wanted)


def test_a_workload_gets_what_it_asks_for(environment: Cloud, invoke: Invoke) -> None:
    answer = ask(invoke, Parameters=["ALBWorkloads", "Aliases"])
    assert (answer["Status"], answer["Reason"]) == ("SUCCESS", "")
    assert answer["PhysicalResourceId"] == "envcontoller/shop-test/web"
    stack = environment.stacks.get("shop-test")
    assert stack.parameters["ALBWorkloads"] == "web"
    assert stack.parameters["NATWorkloads"] == "other"
    assert set(answer["Data"]) == {"CFNExecutionRoleARN", "PublicLoadBalancerDNSName"}


def test_a_workload_that_has_everything_leaves_the_environment_alone(environment: Cloud, invoke: Invoke) -> None:
    ask(invoke, Parameters=["ALBWorkloads"])
    before = environment.stacks.get("shop-test").last_updated
    answer = ask(invoke, "Update", Parameters=["ALBWorkloads"])
    assert answer["Status"] == "SUCCESS"
    assert environment.stacks.get("shop-test").last_updated == before


def test_what_a_workload_no_longer_asks_for_is_taken_back(environment: Cloud, invoke: Invoke) -> None:
    ask(invoke, workload="api", Parameters=["ALBWorkloads"])
    ask(invoke, Parameters=["ALBWorkloads", "NATWorkloads"])
    ask(invoke, "Update", Parameters=["NATWorkloads"])
    parameters = environment.stacks.get("shop-test").parameters
    assert (parameters["ALBWorkloads"], parameters["NATWorkloads"]) == ("api", "other,web")


def test_aliases_are_kept_for_each_workload(environment: Cloud, invoke: Invoke) -> None:
    ask(invoke, workload="api", Parameters=["ALBWorkloads", "Aliases"], Aliases=["api.example.com"])
    ask(invoke, Parameters=["ALBWorkloads", "Aliases"], Aliases=["example.com", "www.example.com"])
    value = environment.stacks.get("shop-test").parameters["Aliases"]
    assert value == '{"api":["api.example.com"],"web":["example.com","www.example.com"]}'
    ask(invoke, "Delete", Parameters=["ALBWorkloads", "Aliases"], Aliases=["example.com", "www.example.com"])
    ask(invoke, "Delete", workload="api", Parameters=["ALBWorkloads", "Aliases"], Aliases=["api.example.com"])
    parameters = environment.stacks.get("shop-test").parameters
    assert (parameters["Aliases"], parameters["ALBWorkloads"]) == ("", "")


def test_workloads_that_come_at_once_all_get_in(environment: Cloud, invoke: Invoke) -> None:
    names = ["a", "b", "c", "d"]
    threads = [
        threading.Thread(target=ask, args=(invoke,), kwargs={"workload": name, "Parameters": ["ALBWorkloads"]})
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(environment.stacks.get("shop-test").parameters["ALBWorkloads"].split(",")) == names


def test_deleting_is_fine_when_the_environment_is_gone(connection: Cloud, invoke: Invoke) -> None:
    assert ask(invoke, "Delete", Parameters=["ALBWorkloads"])["Status"] == "SUCCESS"


def test_without_an_environment_the_answer_is_a_failure_with_its_reason(connection: Cloud, invoke: Invoke) -> None:
    answer = ask(invoke, Parameters=["ALBWorkloads"])
    assert answer["Status"] == "FAILED", answer
    assert "shop-test does not exist" in answer["Reason"]
    assert answer["Reason"].endswith("(Log: /aws/lambda/function/2030/01/01/stream)")
    assert answer["PhysicalResourceId"] == "envcontoller/shop-test/web"


def test_the_signed_url_gets_no_content_type(environment: Cloud, invoke: Invoke) -> None:
    assert not ask(invoke, Parameters=[])["content-type"]
