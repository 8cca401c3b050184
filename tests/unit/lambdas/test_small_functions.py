"""Rule priorities, desired counts, unique values and the bucket cleaner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import StackRequest
from copilot.lambdas import rule_priority

Invoke = Callable[..., dict[str, Any]]
WEB = "Load Balanced Web Service"

LISTENER = """\
Parameters:
  Numbers: {Type: CommaDelimitedList}
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.0.0/24}}
  Two: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24}}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: [!Ref One, !Ref Two]}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref VPC, Port: 80, Protocol: HTTP}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  First:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: !Select [0, !Ref Numbers]
      Conditions: [{Field: path-pattern, Values: [/a]}]
      Actions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Second:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: !Select [1, !Ref Numbers]
      Conditions: [{Field: path-pattern, Values: [/b]}]
      Actions: [{Type: forward, TargetGroupArn: !Ref Group}]
Outputs:
  Listener: {Value: !Ref Listener}
"""


def deploy(cloud: Cloud, name: str, body: str, **parameters: str) -> dict[str, str]:
    request = StackRequest(stack_name=name, template_body=body, parameters=parameters)
    stack = cloud.stacks.wait(cloud.stacks.create(request))
    assert stack.is_successful, stack.status_reason
    return dict(stack.outputs)


class TestRulePriority:
    def test_paths_count_up_and_root_counts_down(self, connection: Cloud, invoke: Invoke) -> None:
        listener = deploy(connection, "listener", LISTENER, Numbers="7,49990")["Listener"]
        answer = invoke("RulePriorityFunction", WEB, "Create", {"ListenerArn": listener, "RulePath": ["/x", "/", "/y"]})
        assert answer["Status"] == "SUCCESS", answer["Reason"]
        assert answer["PhysicalResourceId"] == "alb-rule-priority-Action"
        numbers = answer["Data"]
        assert set(numbers) == {"Priority", "Priority1", "Priority2"}
        assert 8 <= numbers["Priority"] < 8 + rule_priority.SPREAD
        assert numbers["Priority2"] == numbers["Priority"] + 1
        assert 49990 - rule_priority.ROOT_SPREAD <= numbers["Priority1"] < 49990

    def test_deleting_asks_nobody(self, connection: Cloud, invoke: Invoke) -> None:
        answer = invoke("RulePriorityFunction", WEB, "Delete", {"ListenerArn": "gone", "RulePath": ["/"]})
        assert answer["Status"] == "SUCCESS"

    @given(st.sets(st.integers(1, 50000), max_size=60), st.integers(0, 2**32))
    def test_a_number_is_free_and_in_its_range(self, taken: set[int], seed: int) -> None:
        number, root = rule_priority.next_number(taken, seed), rule_priority.next_root(taken, seed)
        assert number not in taken and 1 <= number < 48000
        assert root not in taken and 48000 <= root <= 50000

    def test_new_rules_come_after_all_others(self) -> None:
        assert rule_priority.next_number({3, 9, 48000, 50000}, 0) == 10
        assert rule_priority.next_root({3, 9}, 0) == 50000
        assert rule_priority.next_root({3, 49999, 50000}, 0) == 49998

    def test_a_full_end_of_the_range_falls_back_to_a_gap(self) -> None:
        assert rule_priority.next_number({1, 2, 47999}, 0) == 3
        assert rule_priority.next_root({48000, 50000}, 0) == 49999

    def test_services_deployed_at_once_seldom_choose_the_same(self) -> None:
        chosen = {rule_priority.next_number(set(), seed) for seed in range(rule_priority.SPREAD)}
        assert len(chosen) == rule_priority.SPREAD


class TestUniqueValues:
    def ask(self, invoke: Invoke, **properties: Any) -> Any:
        answer = invoke("UniqueJSONValuesFunction", "environment", "Create", properties)
        assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "Action")
        return answer["Data"]["UniqueValues"]

    def test_values_of_the_named_services_are_sorted_and_single(self, invoke: Invoke) -> None:
        aliases = '{"api":["b.com","a.com"],"web":["a.com"],"other":["c.com"]}'
        assert self.ask(invoke, Aliases=aliases, FilterFor="api,web") == ["a.com", "b.com"]

    def test_additional_strings_are_among_them(self, invoke: Invoke) -> None:
        assert self.ask(invoke, Aliases="", FilterFor="", AdditionalStrings=["s.com"]) == ["s.com"]


class TestBucketCleaner:
    def test_only_a_deletion_empties_the_bucket(self, connection: Cloud, invoke: Invoke) -> None:
        body = "Resources: {Bucket: {Type: AWS::S3::Bucket}}\nOutputs: {Name: {Value: !Ref Bucket}}"
        bucket = deploy(connection, "bucket", body)["Name"]
        connection.buckets.upload(bucket, "key", b"x")
        invoke("BucketCleanerFunction", "environment", "Update", {"BucketName": bucket})
        assert len(connection.buckets.objects(bucket)) == 1
        answer = invoke("BucketCleanerFunction", "environment", "Delete", {"BucketName": bucket})
        assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "bucket-cleaner-Action")
        assert connection.buckets.objects(bucket) == []

    def test_a_bucket_that_is_gone_is_clean(self, connection: Cloud, invoke: Invoke) -> None:
        answer = invoke("BucketCleanerFunction", "environment", "Delete", {"BucketName": "no-such-bucket-here"})
        assert answer["Status"] == "SUCCESS"


SERVICE = """\
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: shop-test-web
      ContainerDefinitions: [{Name: web, Image: "nothing:latest", Memory: 128}]
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Definition
      DesiredCount: 0
      Tags:
        - {Key: copilot-application, Value: shop}
        - {Key: copilot-environment, Value: test}
        - {Key: copilot-service, Value: web}
Outputs:
  Cluster: {Value: !Ref Cluster}
"""


class TestDesiredCount:
    @pytest.mark.parametrize(("service", "count"), [("web", 0), ("other", 3)])
    def test_a_service_keeps_its_count_and_a_new_one_gets_the_default(
        self, connection: Cloud, invoke: Invoke, service: str, count: int
    ) -> None:
        cluster = deploy(connection, "service", SERVICE)["Cluster"]
        properties = {"Cluster": cluster, "App": "shop", "Env": "test", "Svc": service, "DefaultDesiredCount": "3"}
        answer = invoke("DynamicDesiredCountFunction", WEB, "Update", properties)
        assert answer["Status"] == "SUCCESS"
        assert answer["PhysicalResourceId"] == f"copilot/apps/shop/envs/test/services/{service}/autoscaling"
        assert answer["Data"] == {"DesiredCount": count}

    def test_what_goes_wrong_ends_in_the_default(self, connection: Cloud, invoke: Invoke) -> None:
        deploy(connection, "service", SERVICE)
        properties = {"Cluster": "gone", "App": "shop", "Env": "test", "Svc": "web", "DefaultDesiredCount": "3"}
        answer = invoke("DynamicDesiredCountFunction", WEB, "Create", properties)
        assert (answer["Status"], answer["Data"]) == ("SUCCESS", {"DesiredCount": 3})
