from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from template_evaluation import conditions, dangling, made

from copilot.cfn import Stack, dump, load
from copilot.manifest import Environment
from copilot.model.records import App
from copilot.stacks.environment import LAMBDAS, PARAMETERS, bootstrap_stack, environment_stack
from copilot.stacks.facts import AddonsTemplate, CodeLocation, EnvFacts
from copilot.stacks.parts.env_extras import FEATURES

APP = App(name="vote", account="111122223333", tags={"team": "core"})
WITH_DOMAIN = replace(APP, domain="example.com")
FACTS = EnvFacts(
    app=APP,
    name="test",
    account="111122223333",
    region="us-west-2",
    artifact_bucket="artifacts",
    artifact_key_arn="arn:aws:kms:us-west-2:111122223333:key/1",
    version="v1.34.1",
)
CERTIFICATE = "arn:aws:acm:us-west-2:111122223333:certificate/one"
IMPORTED = {
    "id": "vpc-1",
    "subnets": {"public": [{"id": "a"}, {"id": "b"}], "private": [{"id": "c"}, {"id": "d"}]},
}
ASSETS = {"location": "assets.s3.amazonaws.com", "alias": "static.example.com", "path": "static/*"}

MANIFESTS = st.fixed_dictionaries(
    {},
    optional={
        "cdn": st.sampled_from(
            [True, {"terminate_tls": True}, {"certificate": CERTIFICATE}, {"static_assets": ASSETS}]
        ),
        "network": st.fixed_dictionaries(
            {"vpc": st.sampled_from([{}, IMPORTED, {"flow_logs": True}, {**IMPORTED, "flow_logs": {"retention": 3}}])}
        ),
        "http": st.fixed_dictionaries(
            {},
            optional={
                "public": st.fixed_dictionaries(
                    {},
                    optional={
                        "certificates": st.just([CERTIFICATE, CERTIFICATE]),
                        "access_logs": st.sampled_from([True, False, {"prefix": "lb"}, {"bucket_name": "mine"}]),
                    },
                ),
                "private": st.fixed_dictionaries(
                    {}, optional={"certificates": st.just([CERTIFICATE]), "ingress": st.just({"vpc": True})}
                ),
            },
        ),
        "observability": st.fixed_dictionaries({"container_insights": st.booleans()}),
    },
)
FEATURE_VALUES = st.fixed_dictionaries({name: st.sampled_from(["", "web"]) for name in FEATURES})
APPS = st.sampled_from([APP, WITH_DOMAIN])


def deploy(fields: dict[str, Any], *, app: App = APP, **given: Any) -> Stack:
    arguments: dict[str, Any] = {"old_parameters": {}, "lambdas": {}, **given}
    manifest = Environment.model_validate({"name": "test", **fields})
    return environment_stack(manifest, replace(FACTS, app=app), **arguments)


@given(fields=MANIFESTS, app=APPS, features=FEATURE_VALUES)
def test_what_is_made_refers_only_to_what_is_made(fields: dict[str, Any], app: App, features: dict[str, str]) -> None:
    stack = deploy(fields, app=app, old_parameters=features, addons=AddonsTemplate(url="https://addons"))
    assert dangling(stack.template, stack.parameters) == set()


@given(fields=MANIFESTS, app=APPS)
def test_every_role_is_bounded_when_the_application_is(fields: dict[str, Any], app: App) -> None:
    template = deploy(fields, app=replace(app, permissions_boundary="limits")).template
    bounds = [
        resource["Properties"].get("PermissionsBoundary")
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::Role"
    ]
    expected = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/limits"}
    assert len(bounds) >= 2
    assert all(bound == expected for bound in bounds)


@given(fields=MANIFESTS, app=APPS)
def test_a_template_survives_being_written(fields: dict[str, Any], app: App) -> None:
    template = deploy(fields, app=app, manifest_text="name: test\n").template
    assert load(dump(template)) == template


@given(fields=MANIFESTS, app=APPS, features=FEATURE_VALUES)
def test_nothing_that_costs_is_made_before_a_workload_asks_for_it(
    fields: dict[str, Any], app: App, features: dict[str, str]
) -> None:
    asked_for = {
        "AWS::ElasticLoadBalancingV2::LoadBalancer": features["ALBWorkloads"] + features["InternalALBWorkloads"],
        "AWS::EC2::NatGateway": features["NATWorkloads"],
        "AWS::EFS::FileSystem": features["EFSWorkloads"],
        "AWS::EC2::VPCEndpoint": features["AppRunnerPrivateWorkloads"],
        "AWS::CloudFront::Distribution": features["ALBWorkloads"],
    }
    stack = deploy(fields, app=app, old_parameters=features)
    types = {r["Type"] for r in made(stack.template, conditions(stack.template, stack.parameters)).values()}
    for kind, workloads in asked_for.items():
        assert kind not in types or workloads


def test_a_new_stack_has_a_value_for_each_parameter() -> None:
    stack = deploy({})
    assert tuple(stack.parameters) == PARAMETERS == tuple(stack.template["Parameters"])
    assert stack.parameters["ServiceDiscoveryEndpoint"] == "test.vote.local"
    assert {stack.parameters[name] for name in FEATURES} == {""}


def test_a_deployment_keeps_what_workloads_asked_for_and_drops_what_the_template_no_longer_has() -> None:
    old = {"ALBWorkloads": "web", "ServiceDiscoveryEndpoint": "vote.local", "AppDNSName": "old.example", "Retired": "x"}
    parameters = deploy({}, old_parameters=old).parameters
    assert (parameters["ALBWorkloads"], parameters["ServiceDiscoveryEndpoint"]) == ("web", "vote.local")
    assert parameters["AppDNSName"] == ""
    assert "Retired" not in parameters


def test_a_stack_from_before_the_endpoint_was_a_parameter_keeps_the_endpoint_of_its_time() -> None:
    assert deploy({}, old_parameters={"ALBWorkloads": ""}).parameters["ServiceDiscoveryEndpoint"] == "vote.local"


@pytest.mark.parametrize(
    ("app", "fields", "switches"),
    [
        (APP, {}, ("false", "false")),
        (WITH_DOMAIN, {}, ("true", "false")),
        (APP, {"http": {"public": {"certificates": [CERTIFICATE]}}}, ("true", "false")),
        (APP, {"http": {"private": {"certificates": [CERTIFICATE]}}}, ("false", "true")),
    ],
)
def test_https_listeners_need_a_domain_or_certificates(
    app: App, fields: dict[str, Any], switches: tuple[str, str]
) -> None:
    parameters = deploy(fields, app=app).parameters
    assert (parameters["CreateHTTPSListener"], parameters["CreateInternalHTTPSListener"]) == switches


def test_the_domain_is_delegated_by_a_role_of_the_applications_account() -> None:
    role = "arn:aws:iam::111122223333:role/vote-DNSDelegationRole"
    assert deploy({}, app=WITH_DOMAIN).parameters["AppDNSDelegationRole"] == role
    assert deploy({}).parameters["AppDNSDelegationRole"] == ""


def test_stack_name_and_tags_are_the_environments() -> None:
    app = replace(APP, tags={"team": "core", "copilot-environment": "other"})
    stack = deploy({}, app=app)
    assert stack.name == "vote-test"
    assert stack.tags == {"team": "core", "copilot-application": "vote", "copilot-environment": "test"}


def test_the_bootstrap_roles_are_those_of_the_whole_environment() -> None:
    bootstrap, whole = bootstrap_stack(FACTS).template, deploy({}).template
    assert bootstrap["Metadata"] == {"Version": "bootstrap"}
    assert set(bootstrap["Resources"]) == {"CloudformationExecutionRole", "EnvironmentManagerRole"}
    assert all(whole["Resources"][name] == role for name, role in bootstrap["Resources"].items())
    assert bootstrap["Outputs"].items() <= whole["Outputs"].items()


@pytest.mark.parametrize("stack", [bootstrap_stack(FACTS), deploy({})], ids=["bootstrap", "whole"])
def test_both_roles_outlive_the_stack_and_stand_where_tools_look_for_them(stack: Stack) -> None:
    text = dump(stack.template)
    for name in ("CloudformationExecutionRole", "EnvironmentManagerRole"):
        assert f"\n  {name}:\n" in text
        assert stack.template["Resources"][name]["DeletionPolicy"] == "Retain"


def test_every_uploaded_function_is_used_with_its_code_by_some_environment() -> None:
    lambdas = {name: CodeLocation(bucket="artifacts", key=f"{name}.zip") for name in LAMBDAS}
    fields = {"cdn": True, "http": {"public": {"access_logs": True}}}
    resources = deploy(fields, app=WITH_DOMAIN, lambdas=lambdas).template["Resources"]
    codes = {n: r["Properties"]["Code"] for n, r in resources.items() if r["Type"] == "AWS::Lambda::Function"}
    assert codes == {name: {"S3Bucket": "artifacts", "S3Key": f"{name}.zip"} for name in LAMBDAS}


def test_subnets_of_one_zone_have_one_number() -> None:
    subnets = {
        "public": [{"cidr": "10.1.1.0/24", "az": "b"}, {"cidr": "10.1.0.0/24", "az": "a"}],
        "private": [{"cidr": "10.1.2.0/24", "az": "a"}, {"cidr": "10.1.3.0/24", "az": "b"}],
    }
    resources = deploy({"network": {"vpc": {"cidr": "10.1.0.0/16", "subnets": subnets}}}).template["Resources"]
    placed = {
        name: (resources[name]["Properties"]["AvailabilityZone"], resources[name]["Properties"]["CidrBlock"])
        for name in ("PublicSubnet1", "PublicSubnet2", "PrivateSubnet1", "PrivateSubnet2")
    }
    assert placed == {
        "PublicSubnet1": ("a", "10.1.0.0/24"),
        "PublicSubnet2": ("b", "10.1.1.0/24"),
        "PrivateSubnet1": ("a", "10.1.2.0/24"),
        "PrivateSubnet2": ("b", "10.1.3.0/24"),
    }


@pytest.mark.parametrize(("prefix_list", "accessible"), [("", True), ("pl-1", False)])
def test_a_load_balancer_behind_a_cdn_is_said_to_be_out_of_reach(prefix_list: str, accessible: bool) -> None:
    outputs = deploy({"cdn": True}, cdn_prefix_list=prefix_list).template["Outputs"]
    assert outputs["PublicALBAccessible"]["Value"] is accessible


def test_a_forced_deployment_changes_the_template() -> None:
    assert deploy({}, force_id="1").template != deploy({}, force_id="2").template


def test_the_manifest_is_kept_in_the_template() -> None:
    text = "name: test\n# a comment\ntype: Environment\n"
    assert deploy({}, manifest_text=text).template["Metadata"] == {"Version": "v1.34.1", "Manifest": text}
    assert "  Manifest: |\n    name: test\n    # a comment\n" in dump(deploy({}, manifest_text=text).template)
