"""Delegation, certificates and aliases, against the hosted zones of the local cloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import StackRequest

Invoke = Callable[..., dict[str, Any]]

ZONES = """\
Resources:
  Root: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}
  App: {Type: AWS::Route53::HostedZone, Properties: {Name: shop.example.com}}
  Env: {Type: AWS::Route53::HostedZone, Properties: {Name: test.shop.example.com}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: {AWS: "*"}}]
Outputs:
  Root: {Value: !Ref Root}
  App: {Value: !Ref App}
  Env: {Value: !Ref Env}
  Role: {Value: !GetAtt Role.Arn}
"""


@dataclass
class Domain:
    """The application's zones, and what they hold."""

    invoke: Invoke
    ids: dict[str, str]

    def records(self, zone: str, kind: str) -> dict[str, dict[str, Any]]:
        found = boto3.client("route53").list_resource_record_sets(HostedZoneId=self.ids[zone])["ResourceRecordSets"]
        return {each["Name"].rstrip("."): dict(each) for each in found if each["Type"] == kind}

    def aliases(self, zone: str) -> dict[str, str]:
        return {name: record["AliasTarget"]["DNSName"].rstrip(".") for name, record in self.records(zone, "A").items()}

    def ask(self, function: str, request: str, properties: dict[str, Any], **event: Any) -> dict[str, Any]:
        kind = "Load Balanced Web Service" if function.startswith("NLB") else "environment"
        return self.invoke(function, kind, request, properties, **event)


@pytest.fixture
def domain(connection: Cloud, invoke: Invoke) -> Domain:
    stack = connection.stacks.wait(connection.stacks.create(StackRequest(stack_name="zones", template_body=ZONES)))
    assert stack.is_successful
    return Domain(invoke=invoke, ids=dict(stack.outputs))


class TestDelegation:
    def properties(self, domain: Domain) -> dict[str, Any]:
        return {
            "DomainName": "shop.example.com",
            "SubdomainName": "test.shop.example.com",
            "NameServers": ["ns-1.example.org", "ns-2.example.org"],
            "RootDNSRole": domain.ids["Role"],
        }

    def test_the_application_zone_names_the_environments_servers_until_deleted(self, domain: Domain) -> None:
        properties = self.properties(domain)
        answer = domain.ask("DNSDelegationFunction", "Create", properties)
        assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "test.shop.example.com"), answer
        record = domain.records("App", "NS")["test.shop.example.com"]
        assert record["TTL"] == 60
        assert [each["Value"] for each in record["ResourceRecords"]] == properties["NameServers"]
        assert domain.ask("DNSDelegationFunction", "Delete", properties)["Status"] == "SUCCESS"
        assert "test.shop.example.com" not in domain.records("App", "NS")

    def test_somebody_elses_delegation_is_left(self, domain: Domain) -> None:
        domain.ask("DNSDelegationFunction", "Create", self.properties(domain))
        other = {**self.properties(domain), "NameServers": ["ns-9.example.org"]}
        assert domain.ask("DNSDelegationFunction", "Delete", other)["Status"] == "SUCCESS"
        assert "test.shop.example.com" in domain.records("App", "NS")

    def test_without_a_zone_the_reason_names_it(self, domain: Domain) -> None:
        lost = {**self.properties(domain), "DomainName": "shop.example.net"}
        answer = domain.ask("DNSDelegationFunction", "Create", lost)
        assert answer["Status"] == "FAILED"
        assert "shop.example.net" in answer["Reason"]


class TestCustomDomain:
    def properties(self, domain: Domain, target: str = "lb.example.org", **aliases: list[str]) -> dict[str, Any]:
        return {
            "AppName": "shop",
            "EnvName": "test",
            "DomainName": "example.com",
            "AppDNSRole": domain.ids["Role"],
            "Aliases": json.dumps(aliases) if aliases else "",
            "PublicAccessDNS": target,
            "PublicAccessHostedZone": "Z1",
        }

    def test_each_alias_goes_into_the_zone_of_its_name(self, domain: Domain) -> None:
        properties = self.properties(
            domain, web=["example.com", "www.shop.example.com"], api=["api.test.shop.example.com", "elsewhere.org"]
        )
        answer = domain.ask("CustomDomainFunction", "Create", properties)
        assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "Action"), answer["Reason"]
        assert domain.aliases("Root") == {"example.com": "lb.example.org"}
        assert domain.aliases("App") == {"www.shop.example.com": "lb.example.org"}
        assert domain.aliases("Env") == {"api.test.shop.example.com": "lb.example.org"}

    def test_an_update_removes_what_is_no_alias_any_more(self, domain: Domain) -> None:
        old = self.properties(domain, web=["a.example.com", "b.example.com"])
        new = self.properties(domain, "new.example.org", web=["b.example.com"])
        domain.ask("CustomDomainFunction", "Create", old)
        answer = domain.ask("CustomDomainFunction", "Update", new, OldResourceProperties=old)
        assert answer["Status"] == "SUCCESS", answer["Reason"]
        assert domain.aliases("Root") == {"b.example.com": "new.example.org"}
        assert domain.ask("CustomDomainFunction", "Delete", new)["Status"] == "SUCCESS"
        assert domain.aliases("Root") == {}


class TestCertificate:
    def properties(self, domain: Domain, **aliases: list[str]) -> dict[str, Any]:
        return {
            "AppName": "shop",
            "EnvName": "test",
            "DomainName": "example.com",
            "Aliases": json.dumps(aliases) if aliases else "",
            "EnvHostedZoneId": domain.ids["Env"],
            "Region": "us-west-2",
            "RootDNSRole": domain.ids["Role"],
        }

    def test_a_certificate_is_proved_issued_and_disposed_of(self, domain: Domain) -> None:
        properties = self.properties(domain, web=["www.example.com"])
        answer = domain.ask("CertificateValidationFunction", "Create", properties)
        assert answer["Status"] == "SUCCESS", answer["Reason"]
        arn = answer["PhysicalResourceId"]
        assert answer["Data"] == {"Arn": arn}
        certificate = boto3.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
        assert certificate["DomainName"] == "test.shop.example.com"
        assert {"*.test.shop.example.com", "www.example.com"} <= set(certificate["SubjectAlternativeNames"])
        assert domain.records("Env", "CNAME") and domain.records("Root", "CNAME")
        gone = domain.ask("CertificateValidationFunction", "Delete", properties, PhysicalResourceId=arn)
        assert (gone["Status"], gone["PhysicalResourceId"]) == ("SUCCESS", arn), gone["Reason"]
        assert domain.records("Env", "CNAME") == {} and domain.records("Root", "CNAME") == {}
        assert boto3.client("acm").list_certificates()["CertificateSummaryList"] == []

    def test_the_same_aliases_keep_the_certificate(self, domain: Domain) -> None:
        old = self.properties(domain, web=["b.example.com", "a.example.com"])
        new = self.properties(domain, web=["a.example.com"], api=["b.example.com"])
        arn = domain.ask("CertificateValidationFunction", "Create", old)["PhysicalResourceId"]
        answer = domain.ask(
            "CertificateValidationFunction", "Update", new, OldResourceProperties=old, PhysicalResourceId=arn
        )
        assert (answer["PhysicalResourceId"], answer["Data"]) == (arn, {"Arn": arn})

    def test_other_aliases_make_another_and_the_old_one_leaves_its_records_behind(self, domain: Domain) -> None:
        old, new = self.properties(domain), self.properties(domain, web=["www.example.com"])
        first = domain.ask("CertificateValidationFunction", "Create", old)["PhysicalResourceId"]
        answer = domain.ask(
            "CertificateValidationFunction", "Update", new, OldResourceProperties=old, PhysicalResourceId=first
        )
        second = answer["PhysicalResourceId"]
        assert second != first
        wanted = boto3.client("acm").describe_certificate(CertificateArn=second)["Certificate"]
        domain.ask("CertificateValidationFunction", "Delete", old, PhysicalResourceId=first)
        needed = {option["ResourceRecord"]["Name"].rstrip(".") for option in wanted["DomainValidationOptions"]}
        assert needed <= {*domain.records("Env", "CNAME"), *domain.records("Root", "CNAME")}

    def test_a_copy_has_the_same_names_in_another_region(self, domain: Domain) -> None:
        made = domain.ask("CertificateValidationFunction", "Create", self.properties(domain, web=["www.example.com"]))
        properties = {
            "AppName": "shop",
            "EnvName": "test",
            "TargetRegion": "us-east-1",
            "EnvRegion": "us-west-2",
            "CertificateArn": made["PhysicalResourceId"],
        }
        answer = domain.ask("CertificateReplicatorFunction", "Create", properties)
        assert answer["Status"] == "SUCCESS", answer["Reason"]
        copy = boto3.client("acm", region_name="us-east-1").describe_certificate(CertificateArn=answer["Data"]["Arn"])[
            "Certificate"
        ]
        assert "www.example.com" in copy["SubjectAlternativeNames"]
        gone = domain.ask(
            "CertificateReplicatorFunction", "Delete", properties, PhysicalResourceId=answer["PhysicalResourceId"]
        )
        assert gone["Status"] == "SUCCESS", gone["Reason"]

    def test_deleting_what_was_never_made_is_fine(self, domain: Domain) -> None:
        answer = domain.ask(
            "CertificateValidationFunction", "Delete", self.properties(domain), PhysicalResourceId="2030/01/01/stream"
        )
        assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "2030/01/01/stream")


class TestServiceDomain:
    def properties(self, domain: Domain, aliases: list[str], target: str = "nlb.example.org") -> dict[str, Any]:
        return {
            "AppName": "shop",
            "EnvName": "test",
            "ServiceName": "web",
            "DomainName": "example.com",
            "EnvHostedZoneId": domain.ids["Env"],
            "RootDNSRole": domain.ids["Role"],
            "LoadBalancerDNS": target,
            "PublicAccessDNS": target,
            "PublicAccessHostedZoneID": "Z1",
            "Aliases": aliases,
        }

    def test_a_service_gets_its_certificate_and_aliases(self, domain: Domain) -> None:
        properties = self.properties(domain, ["nlb.example.com"])
        certificate = domain.ask("NLBCertValidatorFunction", "Create", properties)
        assert certificate["Status"] == "SUCCESS", certificate["Reason"]
        found = boto3.client("acm").describe_certificate(CertificateArn=certificate["PhysicalResourceId"])
        assert found["Certificate"]["DomainName"] == "web-nlb.test.shop.example.com"
        alias = domain.ask("NLBCustomDomainFunction", "Create", properties)
        assert (alias["Status"], alias["PhysicalResourceId"]) == ("SUCCESS", "Action"), alias["Reason"]
        assert domain.aliases("Root") == {"nlb.example.com": "nlb.example.org"}
        assert domain.ask("NLBCustomDomainFunction", "Delete", properties)["Status"] == "SUCCESS"
        assert domain.aliases("Root") == {}

    @pytest.mark.parametrize("function", ["NLBCertValidatorFunction", "NLBCustomDomainFunction"])
    def test_an_alias_that_points_elsewhere_is_not_taken_over(self, domain: Domain, function: str) -> None:
        domain.ask("NLBCustomDomainFunction", "Create", self.properties(domain, ["x.example.com"], "other.example.org"))
        answer = domain.ask(function, "Create", self.properties(domain, ["x.example.com"]))
        assert answer["Status"] == "FAILED"
        assert "x.example.com" in answer["Reason"] and "other.example.org" in answer["Reason"]
        assert domain.aliases("Root") == {"x.example.com": "other.example.org"}

    def test_an_alias_outside_the_domain_is_refused(self, domain: Domain) -> None:
        answer = domain.ask("NLBCertValidatorFunction", "Create", self.properties(domain, ["x.example.net"]))
        assert answer["Status"] == "FAILED"
        assert "x.example.net" in answer["Reason"]
