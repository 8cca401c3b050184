"""What a service's manifest and environment make of its stack."""

from __future__ import annotations

from typing import Any

import pytest
from workload_builders import (
    PRIVATE_CERTIFICATES,
    PUBLIC_CERTIFICATES,
    api,
    facts,
    properties,
    render_api,
    render_web,
    web,
)

from copilot.cfn.template import Stack
from copilot.errors import UsageError
from copilot.stacks.facts import AddonsOutputs, CodeLocation
from copilot.stacks.workload import lambdas, render


def _container(stack: Stack) -> dict[str, Any]:
    return dict(properties(stack, "TaskDefinition")["ContainerDefinitions"][0])


def _controller(stack: Stack) -> dict[str, Any]:
    return properties(stack, "EnvControllerAction")


def test_the_stack_is_named_after_application_environment_and_workload() -> None:
    assert render_web().name == "demo-test-web"


def test_a_stack_name_is_cut_to_128_characters() -> None:
    name = "w" * 200
    assert render_web(name=name).name == f"demo-test-{name}"[:128]


def test_our_tags_win_over_the_deployments_and_those_over_the_applications() -> None:
    tagged = facts(
        app={"tags": {"team": "core", "cost": "1", "copilot-service": "forged"}},
        extra_tags={"team": "shop", "copilot-environment": "forged"},
    )
    assert render_web(about=tagged).tags == {
        "copilot-application": "demo",
        "copilot-environment": "test",
        "copilot-service": "web",
        "cost": "1",
        "team": "shop",
    }
    assert list(render_web(about=tagged).tags) == sorted(render_web(about=tagged).tags)


def test_a_pushed_image_goes_before_a_location() -> None:
    assert render_web().parameters["ContainerImage"] == "example.com/site:1"
    assert render_web(about=facts(image="repo:1")).parameters["ContainerImage"] == "repo:1"


def test_the_manifest_stands_in_the_metadata_only_when_there_is_one() -> None:
    assert render_web().template["Metadata"] == {"Version": "v1.34.1"}
    assert render_web(about=facts(manifest_text="name: web\n")).template["Metadata"]["Manifest"] == "name: web\n"


def test_a_web_service_asks_for_the_public_load_balancer_and_for_aliases() -> None:
    assert _controller(render_web())["Parameters"] == ["ALBWorkloads", "Aliases"]


def test_a_backend_service_asks_for_nothing() -> None:
    stack = render_api()
    assert _controller(stack)["Parameters"] == []
    assert "DependsOn" not in stack.template["Resources"]["AddonsStack"]


def test_a_backend_service_with_http_asks_for_the_internal_load_balancer() -> None:
    assert _controller(render_api(http={"path": "/"}))["Parameters"] == ["InternalALBWorkloads"]


def test_private_placement_asks_for_nat_gateways_after_all_else() -> None:
    network = {"vpc": {"placement": "private"}}
    assert _controller(render_web(network=network))["Parameters"] == ["ALBWorkloads", "Aliases", "NATWorkloads"]
    placed = properties(render_web(network=network), "Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert placed["AssignPublicIp"] == "DISABLED"


def test_addons_wait_for_what_the_environment_makes() -> None:
    assert render_web().template["Resources"]["AddonsStack"]["DependsOn"] == "EnvControllerAction"


def test_subnets_found_by_tags_are_used_when_the_manifest_names_none() -> None:
    network = {"vpc": {"placement": {"subnets": {"from_tags": {"tier": ["app"]}}}}}
    stack = render_web(network=network, about=facts(subnet_ids=("subnet-1", "subnet-2")))
    placed = properties(stack, "Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert placed["Subnets"] == ["subnet-1", "subnet-2"]
    assert placed["AssignPublicIp"] == "DISABLED"
    assert "NATWorkloads" not in _controller(stack)["Parameters"]


@pytest.mark.parametrize(
    ("domain", "http", "https", "delegated"),
    [
        ("", None, "false", "false"),
        ("example.com", None, "true", "true"),
        ("", PUBLIC_CERTIFICATES, "true", "false"),
        ("example.com", PUBLIC_CERTIFICATES, "true", "false"),
        ("", PRIVATE_CERTIFICATES, "false", "false"),
    ],
)
def test_https_comes_with_a_domain_or_certificates(
    domain: str, http: dict[str, Any] | None, https: str, delegated: str
) -> None:
    stack = render_web(about=facts(app={"domain": domain}, http=http))
    assert stack.parameters["HTTPSEnabled"] == https
    assert stack.parameters["DNSDelegated"] == delegated
    assert ("HTTPSListenerRule" in stack.template["Resources"]) == (https == "true")
    assert ("HTTPListenerRule" in stack.template["Resources"]) == (https == "false")


def test_an_internal_service_has_https_only_with_private_certificates() -> None:
    http = {"path": "/", "alias": "api.example.com"}
    assert render_api(http=http, about=facts(http=PUBLIC_CERTIFICATES)).parameters["HTTPSEnabled"] == "false"
    secure = render_api(http=http, about=facts(app={"domain": "example.com"}, http=PRIVATE_CERTIFICATES))
    assert secure.parameters["HTTPSEnabled"] == "true"
    action = properties(secure, "HTTPListenerRuleWithDomain")["Actions"][0]
    assert action["Type"] == "redirect"


def test_aliases_travel_to_the_environment_only_from_web_services_with_https() -> None:
    http = {
        "path": "/",
        "alias": ["a.example.com", "b.example.com"],
        "additional_rules": [{"path": "x", "alias": "a.example.com"}],
    }
    domain = facts(app={"domain": "example.com"})
    assert _controller(render_web(http=http, about=domain))["Aliases"] == ["a.example.com", "b.example.com"]
    assert "Aliases" not in _controller(render_web(http=http))
    internal = render_api(http={"path": "/", "alias": "a.example.com"}, about=facts(http=PRIVATE_CERTIFICATES))
    assert "Aliases" not in _controller(internal)


def test_records_are_written_for_the_zones_that_the_main_rule_names() -> None:
    http = {
        "path": "/",
        "hosted_zone": "Z1",
        "alias": [{"name": "a.example.com"}, {"name": "b.example.net", "hosted_zone": "Z2"}, {"name": "a.example.com"}],
        "additional_rules": [{"path": "x", "alias": [{"name": "c.example.org", "hosted_zone": "Z3"}]}],
    }
    stack = render_web(http=http, about=facts(http=PUBLIC_CERTIFICATES))
    records = {name: r for name, r in stack.template["Resources"].items() if name.startswith("LoadBalancerDNSAlias")}
    assert list(records) == ["LoadBalancerDNSAliasZ1", "LoadBalancerDNSAliasZ2"]
    names = [record["Name"] for record in records["LoadBalancerDNSAliasZ1"]["Properties"]["RecordSets"]]
    assert names == ["a.example.com"]


def test_redirection_can_be_switched_off_for_one_rule() -> None:
    http = {"path": "/", "redirect_to_https": "false", "additional_rules": [{"path": "x"}]}
    stack = render_web(http=http, about=facts(app={"domain": "example.com"}))
    assert properties(stack, "HTTPListenerRuleWithDomain")["Actions"][0]["Type"] == "forward"
    assert properties(stack, "HTTPListenerRuleWithDomain1")["Actions"][0]["Type"] == "redirect"


@pytest.mark.parametrize(
    ("path", "patterns"), [("/", ["/*"]), ("shop", ["/shop", "/shop/*"]), ("/a/b", ["/a/b", "/a/b/*"])]
)
def test_a_path_means_itself_and_all_below(path: str, patterns: list[str]) -> None:
    stack = render_web(http={"path": path})
    assert properties(stack, "HTTPListenerRule")["Conditions"][-1]["PathPatternConfig"]["Values"] == patterns
    assert stack.parameters["RulePath"] == path


@pytest.mark.parametrize(
    ("port", "check", "protocol"),
    [(8080, None, None), (8080, 443, "HTTPS"), (443, None, "HTTPS"), (443, 443, "HTTPS"), (443, 8080, "HTTP")],
)
def test_port_443_switches_health_checks_to_https(port: int, check: int | None, protocol: str | None) -> None:
    http: dict[str, Any] = {"path": "/", "healthcheck": {"path": "/", **({"port": str(check)} if check else {})}}
    target = properties(render_web(image={"location": "x", "port": str(port)}, http=http), "TargetGroup")
    assert target.get("HealthCheckProtocol") == protocol
    assert target["Protocol"] == ("HTTPS" if port == 443 else "HTTP")


def test_a_rule_to_a_container_without_port_is_refused() -> None:
    with pytest.raises(UsageError, match="container api exposes no port"):
        render_api(image={"location": "x"}, http={"path": "/"})


def test_a_backend_service_without_port_says_so_with_minus_one() -> None:
    stack = render_api(image={"location": "x"})
    assert (stack.parameters["ContainerPort"], stack.parameters["TargetPort"]) == ("-1", "-1")
    assert "PortMappings" not in _container(stack)


def test_service_connect_offers_the_port_that_the_load_balancer_uses() -> None:
    stack = render_web(http={"path": "/", "target_port": "9090"}, network={"connect": "true"})
    offered = [mapping for mapping in _container(stack)["PortMappings"] if mapping.get("Name") == "target"]
    assert [mapping["ContainerPort"] for mapping in offered] == [9090]
    service = properties(stack, "Service")["ServiceConnectConfiguration"]["Services"][0]
    assert service["PortName"] == "target"
    assert service["ClientAliases"][0]["DnsName"] == {"Ref": "WorkloadName"}


def test_service_connect_answers_by_its_alias() -> None:
    stack = render_api(network={"connect": {"alias": "votes"}})
    service = properties(stack, "Service")["ServiceConnectConfiguration"]["Services"][0]
    assert service["ClientAliases"][0]["DnsName"] == "votes"


def test_a_service_without_port_is_only_a_client_of_service_connect() -> None:
    stack = render_api(image={"location": "x"}, network={"connect": "true"})
    connect = properties(stack, "Service")["ServiceConnectConfiguration"]
    assert connect["Enabled"] is True
    assert "Services" not in connect


def test_variables_come_after_those_that_every_container_has_and_by_name() -> None:
    stack = render_web(variables={"B": "2", "A": "1"})
    names = [variable["Name"] for variable in _container(stack)["Environment"]]
    assert names[:4] == [
        "COPILOT_APPLICATION_NAME",
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT",
        "COPILOT_ENVIRONMENT_NAME",
        "COPILOT_SERVICE_NAME",
    ]
    assert names[4:] == ["COPILOT_LB_DNS", "A", "B"]


def test_outputs_of_addons_become_variables_secrets_policies_and_security_groups() -> None:
    outputs = AddonsOutputs(
        variables=("MyTableName",), secrets=("MyDBSecret",), managed_policies=("Access",), security_groups=("Group",)
    )
    stack = render_web(about=facts(addons_outputs=outputs))
    container = _container(stack)
    assert container["Environment"][4]["Name"] == "MY_TABLE_NAME"
    assert container["Secrets"] == [
        {"Name": "MY_DB_SECRET", "ValueFrom": {"Fn::GetAtt": ["AddonsStack", "Outputs.MyDBSecret"]}}
    ]
    assert properties(stack, "TaskRole")["ManagedPolicyArns"] == [{"Fn::GetAtt": ["AddonsStack", "Outputs.Access"]}]
    network = properties(stack, "Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["SecurityGroups"][-1] == {"Fn::GetAtt": ["AddonsStack", "Outputs.Group"]}


def test_tasks_may_be_entered_only_when_exec_is_on() -> None:
    closed, opened = render_web(), render_web(exec="true")
    assert "EnableExecuteCommand" not in properties(closed, "Service")
    assert properties(opened, "Service")["EnableExecuteCommand"] is True
    assert [policy["PolicyName"] for policy in properties(closed, "TaskRole")["Policies"]] == ["DenyIAM"]
    assert [policy["PolicyName"] for policy in properties(opened, "TaskRole")["Policies"]] == [
        "DenyIAM",
        "ExecuteCommand",
    ]


def test_every_role_is_bounded_when_the_application_asks_for_it() -> None:
    bounded = facts(app={"permissions_boundary": "developers"})
    stack = render_web(count={"range": "1-2", "cpu_percentage": "50"}, about=bounded)
    roles = [r for r in stack.template["Resources"].values() if r["Type"] == "AWS::IAM::Role"]
    assert len(roles) == 6
    arn = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/developers"
    assert all(role["Properties"]["PermissionsBoundary"] == {"Fn::Sub": arn} for role in roles)


def test_functions_run_python_from_the_uploaded_zip() -> None:
    code = {name: CodeLocation(bucket="b", key=name) for name in lambdas("Load Balanced Web Service")}
    function = properties(render_web(about=facts(lambdas=code)), "EnvControllerFunction")
    assert function["Code"] == {"S3Bucket": "b", "S3Key": "EnvControllerFunction"}
    assert (function["Runtime"], function["Handler"], function["Timeout"]) == ("python3.13", "index.handler", 900)
    assert "Code" not in properties(render_web(), "EnvControllerFunction")


@pytest.mark.parametrize(
    ("platform", "family", "architecture", "version"),
    [
        ("linux/x86_64", None, None, "LATEST"),
        ("linux/arm64", "LINUX", "ARM64", "LATEST"),
        ("windows/amd64", "WINDOWS_SERVER_2019_CORE", "X86_64", "1.0.0"),
        (
            {"osfamily": "windows_server_2022_full", "architecture": "x86_64"},
            "WINDOWS_SERVER_2022_FULL",
            "X86_64",
            "1.0.0",
        ),
    ],
)
def test_a_platform_is_spelt_out_unless_it_is_the_usual_one(
    platform: Any, family: str | None, architecture: str | None, version: str
) -> None:
    stack = render_api(platform=platform)
    runtime = properties(stack, "TaskDefinition").get("RuntimePlatform", {})
    assert (runtime.get("OperatingSystemFamily"), runtime.get("CpuArchitecture")) == (family, architecture)
    assert properties(stack, "Service")["PlatformVersion"] == version


def test_every_function_that_a_template_uses_is_among_those_to_upload() -> None:
    balanced = {"range": "1-2", "requests": "5"}
    for manifest in (web(count=balanced), api(http={"path": "/"}, count=balanced)):
        resources = render(manifest, facts()).template["Resources"]
        used = {name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Function"}
        assert used <= set(lambdas(manifest.type))


def test_functions_of_an_unknown_type_are_refused() -> None:
    with pytest.raises(UsageError, match="Worker"):
        lambdas("Worker Service")
