"""The roles of an application's stack set, and the application's part of the domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from copilot.cfn.intrinsics import Value, get_att, ref, sub
from copilot.cfn.template import Resource
from copilot.model.records import App
from copilot.stacks.parts.policies import POLICY_VERSION, allow, inline_policy, role, trust

DELEGATES_DNS = "DelegateDNS"
NAME_SERVER_TTL_SECONDS = "900"

_KEY_ADMINISTRATION = (
    *("Create*", "Describe*", "Enable*", "List*", "Put*", "Update*", "Revoke*", "Disable*", "Get*", "Delete*"),
    *("TagResource", "UntagResource", "ScheduleKeyDeletion", "CancelKeyDeletion"),
)
_REPOSITORY_MANAGEMENT = (
    *("DescribeImageScanFindings", "GetLifecyclePolicyPreview", "CreateRepository", "GetDownloadUrlForLayer"),
    *("GetAuthorizationToken", "ListTagsForResource", "ListImages", "DeleteLifecyclePolicy", "DeleteRepository"),
    *("SetRepositoryPolicy", "BatchGetImage", "DescribeImages", "DescribeRepositories", "BatchCheckLayerAvailability"),
    *("GetRepositoryPolicy", "GetLifecyclePolicy", "TagResource"),
)


def resources(app: App, delegated_accounts: Sequence[str]) -> dict[str, Resource]:
    """The administration and the execution role, and what is there only when the application has a domain."""
    return {
        "AdministrationRole": _administration_role(app),
        "ExecutionRole": _execution_role(app),
        "DNSDelegationRole": _dns_delegation_role(app, delegated_accounts),
        "AppHostedZone": _hosted_zone(app),
        "AppDomainDelegationRecordSet": _delegation_record(app),
    }


def account_root(account: str) -> Value:
    """A principal: whoever an account lets in."""
    return sub(f"arn:${{AWS::Partition}}:iam::{account}:root")


def _named(name_parameter: str, made: Resource) -> Resource:
    return replace(made, properties={"RoleName": ref(name_parameter), **made.properties})


def _trust_principal(*principals: Value) -> Value:
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": ["sts:AssumeRole"]} for principal in principals
    ]
    return {"Version": POLICY_VERSION, "Statement": statements}


def _administration_role(app: App) -> Resource:
    assume = allow(["sts:AssumeRole"], [sub("arn:${AWS::Partition}:iam::*:role/${ExecutionRoleName}")])
    made = role(
        app,
        "CloudFormation runs the application's stack set",
        trusted=trust("cloudformation.amazonaws.com", ["sts:AssumeRole"]),
        policies=[inline_policy("AssumeRole-AWSCloudFormationStackSetExecutionRole", assume)],
        path="/",
    )
    return _named("AdminRoleName", made)


def _execution_role(app: App) -> Resource:
    policy = inline_policy(
        "ExecutionRolePolicy",
        allow(["cloudformation:*", "s3:*", "sns:*"], "*", sid="StackSetRequiredPermissions"),
        allow([f"kms:{action}" for action in _KEY_ADMINISTRATION], "*", sid="KeyAdminPermissions"),
        allow([f"ecr:{action}" for action in _REPOSITORY_MANAGEMENT], "*", sid="ManageECRRepos"),
    )
    made = role(
        app,
        "the stack set makes repositories, keys and buckets in a region",
        trusted=_trust_principal(get_att("AdministrationRole", "Arn")),
        policies=[policy],
        path="/",
    )
    return _named("ExecutionRoleName", made)


def _dns_delegation_role(app: App, accounts: Sequence[str]) -> Resource:
    zones = [
        sub(f"arn:${{AWS::Partition}}:route53:::hostedzone/${{{zone}}}")
        for zone in ("AppHostedZone", "AppDomainHostedZoneID")
    ]
    policy = inline_policy(
        "DNSDelegationPolicy",
        allow(["route53:Get*", "route53:List*"], "*", sid="HostedZoneReadRecords"),
        allow(["route53:ChangeResourceRecordSets"], zones, sid="HostedZoneUpdate"),
    )
    made = role(
        app,
        f"accounts {', '.join(accounts)} manage records of the domain",
        trusted=_trust_principal(account_root("${AWS::AccountId}"), [account_root(account) for account in accounts]),
        policies=[policy],
        path="/",
    )
    return replace(_named("DNSDelegationRoleName", made), condition=DELEGATES_DNS)


def _hosted_zone(app: App) -> Resource:
    return Resource(
        type="AWS::Route53::HostedZone",
        description=f"The hosted zone of {app.name}.{app.domain}",
        condition=DELEGATES_DNS,
        properties={
            "HostedZoneConfig": {
                "Comment": sub("Hosted zone for copilot application ${AppName}: ${AppName}.${AppDomainName}")
            },
            "Name": sub("${AppName}.${AppDomainName}"),
        },
    )


def _delegation_record(app: App) -> Resource:
    return Resource(
        type="AWS::Route53::RecordSet",
        description=f"The record that hands {app.name}.{app.domain} over to its own hosted zone",
        condition=DELEGATES_DNS,
        properties={
            "HostedZoneId": sub("${AppDomainHostedZoneID}"),
            "Comment": sub("Record for copilot domain delegation for application ${AppDomainName}"),
            "Name": sub("${AppName}.${AppDomainName}."),
            "Type": "NS",
            "TTL": NAME_SERVER_TTL_SECONDS,
            "ResourceRecords": get_att("AppHostedZone", "NameServers"),
        },
    )
