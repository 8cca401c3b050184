"""The gateways to what runs: services, load balancers, logs, alarms; and to networks, domains and certificates."""

from __future__ import annotations

import time
from typing import Any

import boto3
import pytest

from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import StackRequest
from copilot.errors import Blocked, NotFound
from copilot.local.clouds import Endpoint

SERVICE = """\
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: shop-test-web
      Cpu: "256"
      Memory: "512"
      RuntimePlatform: {OperatingSystemFamily: LINUX, CpuArchitecture: ARM64}
      ContainerDefinitions:
        - Name: web
          Image: nothing:latest
          Environment: [{Name: PORT, Value: "80"}]
          Secrets: [{Name: TOKEN, ValueFrom: /shop/token}]
          PortMappings: [{ContainerPort: 80}]
        - {Name: side, Image: "side:latest", Essential: false}
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Definition
      DesiredCount: 0
Outputs:
  Cluster: {Value: !Ref Cluster}
  Service: {Value: !Ref Service}
  Definition: {Value: !Ref Definition}
"""

BALANCER = """\
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.0.0/24}}
  Two: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24}}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [!Ref One, !Ref Two]}}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref VPC, Port: 80, Protocol: HTTP, TargetType: ip}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 1
      Conditions:
        - {Field: host-header, HostHeaderConfig: {Values: [example.com, www.example.com]}}
        - {Field: path-pattern, PathPatternConfig: {Values: [/*]}}
      Actions: [{Type: forward, TargetGroupArn: !Ref Group}]
Outputs:
  Group: {Value: !Ref Group}
  Rule: {Value: !Ref Rule}
"""

NETWORK = """\
Resources:
  VPC:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.1.0.0/16, EnableDnsSupport: true, Tags: [{Key: Name, Value: mine}]}
  Out: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.1.0.0/24, Tags: [{Key: tier, Value: a}]}}
  In: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.1.1.0/24}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref VPC, InternetGatewayId: !Ref Gateway}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref VPC}}
  Route:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
  Association:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {RouteTableId: !Ref Table, SubnetId: !Ref Out}
Outputs:
  VPC: {Value: !Ref VPC}
  Out: {Value: !Ref Out}
  In: {Value: !Ref In}
"""


def deploy(cloud: Cloud, name: str, body: str) -> dict[str, str]:
    stack = cloud.stacks.wait(cloud.stacks.create(StackRequest(stack_name=name, template_body=body)))
    assert stack.is_successful, stack.status_reason
    return dict(stack.outputs)


class TestServices:
    def test_a_service_is_found_by_its_stack_and_by_its_name(self, connection: Cloud) -> None:
        outputs = deploy(connection, "shop-test-web", SERVICE)
        service = connection.services.get(outputs["Cluster"], outputs["Service"])
        assert (service.status, service.desired, service.running) == ("ACTIVE", 0, 0)
        assert service.deployments[0].status == "PRIMARY"
        found = connection.services.of_stack(outputs["Cluster"], "shop-test-web")
        assert found is not None and found.arn == service.arn
        assert connection.services.of_stack(outputs["Cluster"], "shop-test-api") is None

    def test_a_service_that_is_not_there_is_not_found(self, connection: Cloud) -> None:
        cluster = deploy(connection, "shop-test-web", SERVICE)["Cluster"]
        with pytest.raises(NotFound, match="nothing"):
            connection.services.get(cluster, "nothing")

    def test_a_task_definition_is_read_with_what_its_containers_get(self, connection: Cloud) -> None:
        arn = deploy(connection, "shop-test-web", SERVICE)["Definition"]
        definition = connection.services.task_definition(arn)
        assert (definition.cpu, definition.memory, definition.platform) == ("256", "512", "LINUX/ARM64")
        web, side = definition.containers
        assert (web.variables, web.secrets, web.ports) == ({"PORT": "80"}, {"TOKEN": "/shop/token"}, (80,))
        assert (web.is_essential, side.is_essential) == (True, False)

    def test_a_service_without_tasks_has_none(self, connection: Cloud) -> None:
        cluster = deploy(connection, "shop-test-web", SERVICE)["Cluster"]
        assert connection.services.tasks(cluster, family="shop-test-web") == []
        assert connection.services.tasks("no-such-cluster", family="shop-test-web") == []


def client(service: str, endpoint: Endpoint) -> Any:
    """The SDK's own, to make what no gateway makes."""
    return boto3.client(
        service,
        region_name=endpoint.region,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
    )


class TestLoadBalancers:
    def test_targets_have_a_state(self, connection: Cloud, endpoint: Endpoint) -> None:
        group = deploy(connection, "balancer", BALANCER)["Group"]
        client("elbv2", endpoint).register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.7", "Port": 80}])
        targets = connection.load_balancers.target_health(group)
        assert [(target.id, target.port) for target in targets] == [("10.0.0.7", 80)]
        assert targets[0].state
        gone = group.replace("targetgroup/", "targetgroup/gone")
        assert connection.load_balancers.target_health(gone) == []

    def test_a_rules_hosts_are_read(self, connection: Cloud) -> None:
        rule = deploy(connection, "balancer", BALANCER)["Rule"]
        assert connection.load_balancers.rule_hosts([rule]) == ("example.com", "www.example.com")
        assert connection.load_balancers.rule_hosts([]) == ()


@pytest.fixture
def log_client(endpoint: Endpoint) -> Any:
    return client("logs", endpoint)


class TestLogs:
    GROUP = "/copilot/shop-test-web"

    def write(self, client: Any, stream: str, *messages: str, at: int) -> None:
        client.create_log_stream(logGroupName=self.GROUP, logStreamName=stream)
        events = [{"timestamp": at + index, "message": message} for index, message in enumerate(messages)]
        client.put_log_events(logGroupName=self.GROUP, logStreamName=stream, logEvents=events)

    def test_events_are_in_the_order_of_time_across_streams(self, connection: Cloud, log_client: Any) -> None:
        now = int(time.time() * 1000) - 10_000
        log_client.create_log_group(logGroupName=self.GROUP)
        self.write(log_client, "copilot/web/1", "a", "c", at=now)
        self.write(log_client, "copilot/web/2", "b", at=now)
        events = connection.logs.events(self.GROUP, start=now)
        assert {event.message for event in events} == {"a", "b", "c"}
        assert [event.timestamp for event in events] == sorted(event.timestamp for event in events)
        assert [e.message for e in connection.logs.events(self.GROUP, prefix="copilot/web/1")] == ["a", "c"]
        assert [e.message for e in connection.logs.events(self.GROUP, start=now + 1)] == ["c"]

    def test_a_tail_is_the_end_of_a_stream(self, connection: Cloud, log_client: Any) -> None:
        log_client.create_log_group(logGroupName=self.GROUP)
        self.write(log_client, "copilot/web/1", *"abcde", at=int(time.time() * 1000) - 10_000)
        tail = connection.logs.tail(self.GROUP, stream="copilot/web/1", limit=2)
        assert [event.message for event in tail] == ["d", "e"]
        earlier = connection.logs.tail(self.GROUP, stream="copilot/web/1", limit=2, end=tail[0].timestamp)
        assert [event.message for event in earlier] == ["b", "c"]
        everything = connection.logs.tail(self.GROUP, stream="copilot/web/1", limit=20)
        assert [event.message for event in everything] == [*"abcde"]

    def test_streams_come_the_latest_first(self, connection: Cloud, log_client: Any) -> None:
        now = int(time.time() * 1000) - 10_000
        log_client.create_log_group(logGroupName=self.GROUP)
        self.write(log_client, "copilot/web/1", "old", at=now)
        self.write(log_client, "copilot/web/2", "new", at=now + 5000)
        self.write(log_client, "states/1", "x", at=now + 6000)
        assert connection.logs.streams(self.GROUP, prefix="copilot/") == ["copilot/web/2", "copilot/web/1"]

    def test_without_a_group_there_is_nothing(self, connection: Cloud) -> None:
        assert connection.logs.events("/nothing") == []
        assert connection.logs.streams("/nothing") == []
        assert connection.logs.tail("/nothing", stream="x", limit=1) == []


class TestAlarms:
    ALARM = """\
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: shop-test-web-CopilotRollbackCPUAlarm
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 3
      MetricName: CPUUtilization
      Namespace: AWS/ECS
      Period: 60
      Statistic: Average
      Threshold: 70
"""

    def test_an_alarm_says_its_condition(self, connection: Cloud) -> None:
        deploy(connection, "alarm", self.ALARM)
        (alarm,) = connection.alarms.named(["shop-test-web-CopilotRollbackCPUAlarm", "gone"], "Rollback")
        assert alarm.condition == "CPUUtilization > 70.00 for 3 datapoints within 3 minutes"
        assert alarm.type == "Rollback"

    def test_a_service_without_scaling_has_no_alarms(self, connection: Cloud) -> None:
        assert connection.alarms.scaling_alarm_names("cluster", "service") == []
        assert connection.alarms.named([], "Rollback") == []


class TestNetwork:
    def test_a_subnet_is_public_when_its_routes_lead_out(self, connection: Cloud) -> None:
        outputs = deploy(connection, "network", NETWORK)
        subnets = {subnet.id: subnet for subnet in connection.network.subnets(outputs["VPC"])}
        assert {key: subnet.is_public for key, subnet in subnets.items()} == {
            outputs["Out"]: True,
            outputs["In"]: False,
        }
        tagged = connection.network.subnets(outputs["VPC"], tags={"tier": "a"})
        assert [subnet.id for subnet in tagged] == [outputs["Out"]]

    def test_vpcs_have_names(self, connection: Cloud) -> None:
        vpc_id = deploy(connection, "network", NETWORK)["VPC"]
        assert "mine" in {vpc.name for vpc in connection.network.vpcs() if vpc.id == vpc_id}

    def test_only_a_vpc_with_its_own_subnets_can_be_imported(self, connection: Cloud) -> None:
        outputs = deploy(connection, "network", NETWORK)
        connection.network.require_importable(outputs["VPC"], [outputs["In"], outputs["Out"]])
        with pytest.raises(NotFound, match="subnet-0"):
            connection.network.require_importable(outputs["VPC"], [outputs["In"], "subnet-0"])
        with pytest.raises(NotFound, match="vpc-0"):
            connection.network.require_importable("vpc-0", [])

    def test_a_vpc_without_dns_cannot_be_imported(self, connection: Cloud) -> None:
        body = (
            "Resources: {VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.2.0.0/16, EnableDnsSupport: false}}}\n"
            "Outputs: {VPC: {Value: !Ref VPC}}"
        )
        vpc_id = deploy(connection, "network", body)["VPC"]
        with pytest.raises(Blocked, match="DNS"):
            connection.network.require_importable(vpc_id, [])

    def test_a_region_has_zones(self, connection: Cloud) -> None:
        zones = connection.network.zones()
        assert len(zones) >= 2
        assert all(zone.startswith(connection.region) for zone in zones)

    def test_cloudfronts_addresses_have_a_list(self, connection: Cloud) -> None:
        assert connection.network.cloudfront_prefix_list().startswith("pl-")


class TestZonesAndCertificates:
    def test_a_domain_needs_a_public_zone_of_its_name(self, connection: Cloud) -> None:
        body = "Resources: {Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: shop.example.com}}}"
        deploy(connection, "zone", body + "\nOutputs: {Id: {Value: !Ref Zone}}")
        assert connection.zones.require_public("shop.example.com") == connection.stacks.get("zone").outputs["Id"]
        assert connection.zones.find_public("example.com") is None
        with pytest.raises(NotFound, match=r"example\.org"):
            connection.zones.require_public("example.org")

    def test_a_certificate_covers_its_names_and_one_label_of_its_wildcards(self, connection: Cloud) -> None:
        body = (
            "Resources: {C: {Type: AWS::CertificateManager::Certificate, Properties: "
            '{DomainName: example.com, SubjectAlternativeNames: ["*.example.com"], ValidationMethod: DNS}}}\n'
            "Outputs: {Arn: {Value: !Ref C}}"
        )
        arn = deploy(connection, "certificate", body)["Arn"]
        certificate = connection.certificates.get(arn)
        assert certificate.covers("example.com") and certificate.covers("www.example.com")
        assert not certificate.covers("a.b.example.com")
        with pytest.raises(NotFound, match="does not exist"):
            connection.certificates.get(arn[:-4] + "0000")
