"""Resource types that the local cloud adds: what CloudFormation makes is what the services' APIs tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local_aws import Aws, until

from copilot.local.clouds import LocalCloud

NETWORK = """
Parameters:
  Port: {Type: String, Default: "80"}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}
  Address:
    Type: AWS::EC2::EIP
    Properties: {Domain: vpc}
  Gateway:
    Type: AWS::EC2::NatGateway
    Properties:
      AllocationId: !GetAtt Address.AllocationId
      SubnetId: !Ref Subnet
      Tags: [{Key: Name, Value: outward}]
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: g, VpcId: !Ref Vpc}
  Other:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: o, VpcId: !Ref Vpc}
  In:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !Ref Group
      SourceSecurityGroupId: !Ref Other
      IpProtocol: tcp
      FromPort: !Ref Port
      ToPort: !Ref Port
  Out:
    Type: AWS::EC2::SecurityGroupEgress
    Properties: {GroupId: !Ref Group, CidrIp: 10.0.0.0/8, IpProtocol: -1}
  Log:
    Type: AWS::EC2::FlowLog
    Properties:
      ResourceId: !Ref Vpc
      ResourceType: VPC
      TrafficType: ALL
      LogGroupName: flows
Outputs:
  Group: {Value: !Ref Group}
  Gateway: {Value: !Ref Gateway}
  Address: {Value: !Ref Address}
"""
BALANCER = """
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Name: front, Scheme: internet-facing}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref Vpc, Port: 80, TargetType: ip}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 443
      Protocol: HTTPS
      Certificates: [{CertificateArn: "arn:aws:acm:us-west-2:111122223333:certificate/first"}]
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  More:
    Type: AWS::ElasticLoadBalancingV2::ListenerCertificate
    Properties:
      ListenerArn: !Ref Listener
      Certificates: [{CertificateArn: "arn:aws:acm:us-west-2:111122223333:certificate/%s"}]
Outputs:
  Listener: {Value: !Ref Listener}
"""
RECORDS = """
Resources:
  Zone:
    Type: AWS::Route53::HostedZone
    Properties: {Name: example.com}
  Records:
    Type: AWS::Route53::RecordSetGroup
    Properties:
      HostedZoneId: !Ref Zone
      RecordSets:
        - {Name: a.example.com, Type: CNAME, TTL: 60, ResourceRecords: [%s]}
        - {Name: b.example.com, Type: CNAME, TTL: "60", ResourceRecords: [b.test]}
Outputs:
  Zone: {Value: !Ref Zone}
"""


def rules(aws: Aws, group: str) -> tuple[list[Any], list[Any]]:
    told = aws.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return told["IpPermissions"], told["IpPermissionsEgress"]


def test_the_network_that_is_made_is_the_network_that_is_told(aws: Aws) -> None:
    assert aws.create_stack("net", NETWORK)["StackStatus"] == "CREATE_COMPLETE", aws.reasons("net")
    outputs, ec2 = aws.outputs("net"), aws.client("ec2")
    gateway = ec2.describe_nat_gateways()["NatGateways"][0]
    assert (gateway["NatGatewayId"], gateway["State"]) == (outputs["Gateway"], "available")
    assert {"Key": "Name", "Value": "outward"} in gateway["Tags"]
    assert {"Key": "aws:cloudformation:stack-name", "Value": "net"} in gateway["Tags"]
    assert ec2.describe_addresses()["Addresses"][0]["PublicIp"] == outputs["Address"]
    assert ec2.describe_flow_logs()["FlowLogs"][0]["TrafficType"] == "ALL"
    inward, outward = rules(aws, outputs["Group"])
    assert (inward[0]["FromPort"], inward[0]["ToPort"], inward[0]["IpProtocol"]) == (80, 80, "tcp")
    assert "10.0.0.0/8" in [item["CidrIp"] for rule in outward for item in rule["IpRanges"]]


def test_a_rule_that_changes_replaces_itself_and_no_other(aws: Aws) -> None:
    aws.create_stack("net", NETWORK)
    group = aws.outputs("net")["Group"]
    by_hand = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "192.0.2.1/32"}]}
    aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[by_hand])
    aws.update_stack("net", NETWORK, Parameters=[{"ParameterKey": "Port", "ParameterValue": "8080"}])
    assert sorted(rule["FromPort"] for rule in rules(aws, group)[0]) == [22, 8080]


def test_deleting_the_network_leaves_nothing(aws: Aws) -> None:
    aws.create_stack("net", NETWORK)
    aws.delete_stack("net")
    ec2 = aws.client("ec2")
    assert ec2.describe_addresses()["Addresses"] == []
    assert ec2.describe_flow_logs()["FlowLogs"] == []
    assert {gateway["State"] for gateway in ec2.describe_nat_gateways()["NatGateways"]} <= {"deleted"}


def test_a_listener_keeps_its_default_certificate_beside_the_others(aws: Aws) -> None:
    def certificates() -> list[tuple[str, bool]]:
        listener = aws.outputs("front")["Listener"]
        told = aws.client("elbv2").describe_listener_certificates(ListenerArn=listener)["Certificates"]
        return [(item["CertificateArn"].rpartition("/")[2], item["IsDefault"]) for item in told]

    assert aws.create_stack("front", BALANCER % "second")["StackStatus"] == "CREATE_COMPLETE", aws.reasons("front")
    assert certificates() == [("first", True), ("second", False)]
    aws.update_stack("front", BALANCER % "third")
    assert certificates() == [("first", True), ("third", False)]


def test_a_group_of_records_follows_its_template(aws: Aws) -> None:
    def values() -> dict[str, str]:
        zone = aws.outputs("dns")["Zone"]
        told = aws.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return {item["Name"]: item["ResourceRecords"][0]["Value"] for item in told if item["Type"] == "CNAME"}

    assert aws.create_stack("dns", RECORDS % "a.test")["StackStatus"] == "CREATE_COMPLETE", aws.reasons("dns")
    assert values() == {"a.example.com.": "a.test", "b.example.com.": "b.test"}
    aws.update_stack("dns", RECORDS % "c.test")
    assert values() == {"a.example.com.": "c.test", "b.example.com.": "b.test"}


def test_stacks_are_found_by_their_tags_until_they_are_deleted(aws: Aws) -> None:
    def found() -> list[str]:
        filters = [{"Key": "copilot-application", "Values": ["shop"]}]
        tagged = aws.client("resourcegroupstaggingapi").get_resources(
            ResourceTypeFilters=["cloudformation:stack"], TagFilters=filters
        )
        return [item["ResourceARN"] for item in tagged["ResourceTagMappingList"]]

    tags = [{"Key": "copilot-application", "Value": "shop"}, {"Key": "copilot-service", "Value": "web"}]
    stack = aws.create_stack("dns", RECORDS % "a.test", Tags=tags)
    assert found() == [stack["StackId"]]
    aws.delete_stack("dns")
    assert found() == []


BUCKET = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\nOutputs:\n  Bucket: {Value: !Ref Bucket}\n"


def test_a_bucket_that_holds_something_is_not_deleted(aws: Aws) -> None:
    aws.create_stack("kept", BUCKET)
    bucket = aws.outputs("kept")["Bucket"]
    aws.client("s3").put_object(Bucket=bucket, Key="a/b", Body=b"1")
    stack_id = aws.describe("kept")["StackId"]
    aws.client("cloudformation").delete_stack(StackName="kept")
    until(lambda: aws.describe(stack_id)["StackStatus"], lambda status: status == "DELETE_FAILED")
    assert "The bucket you tried to delete is not empty" in aws.reasons("kept")[-1]
    aws.client("s3").delete_object(Bucket=bucket, Key="a/b")
    aws.delete_stack("kept")


def test_a_deleted_bucket_does_not_come_back_after_a_restart(host_aws: Aws, local: LocalCloud) -> None:
    host_aws.create_stack("kept", BUCKET)
    bucket = host_aws.outputs("kept")["Bucket"]
    host_aws.client("s3").put_object(Bucket=bucket, Key="a/b", Body=b"1")
    host_aws.client("s3").delete_object(Bucket=bucket, Key="a/b")
    host_aws.delete_stack("kept")
    local.stop()
    after = Aws(endpoint=replace(local.start(), access_key=host_aws.account))
    assert after.client("s3").list_buckets()["Buckets"] == []
