"""Where a deployed service is reached."""

from __future__ import annotations

from typing import Any

import pytest

from copilot.stacks.endpoints import Deployed, Endpoint, Reach, connect_address, locate, rules_to_read

WEB = "Load Balanced Web Service"
ENV_OUTPUTS = {"PublicLoadBalancerDNSName": "lb.example.com"}
HTTP_RESOURCES = {"TargetGroup": "tg", "HTTPListenerRule": "rule"}
HTTPS_RESOURCES = {
    "TargetGroup": "tg",
    "HTTPSListenerRule": "a",
    "HTTPSListenerRule1": "b",
    "HTTPListenerRuleWithDomain": "c",
}


def _web(**given: Any) -> Deployed:
    known = {
        "parameters": {"RulePath": "/", "HTTPSEnabled": "false", "TargetPort": "80"},
        "resources": HTTP_RESOURCES,
        "env_outputs": ENV_OUTPUTS,
    }
    return Deployed(**{"name": "web", "type": WEB, "namespace": "test.demo.local", **known, **given})


def _api(**given: Any) -> Deployed:
    known = {"parameters": {"TargetPort": "8080"}, "resources": {}}
    return Deployed(**{"name": "api", "type": "Backend Service", "namespace": "test.demo.local", **known, **given})


def test_a_web_service_is_reached_by_the_load_balancers_name() -> None:
    assert locate(_web()) == Endpoint(addresses=("http://lb.example.com",), reach=Reach.INTERNET)


@pytest.mark.parametrize("path", ["shop", "/shop", "shop/"])
def test_a_path_is_part_of_the_url_however_it_is_written(path: str) -> None:
    assert str(locate(_web(parameters={"RulePath": path}))) == "http://lb.example.com/shop"


def test_a_port_in_the_load_balancers_name_stays() -> None:
    assert str(locate(_web(env_outputs={"PublicLoadBalancerDNSName": "localhost:8123"}))) == "http://localhost:8123"


def test_a_closed_load_balancer_is_not_an_address_but_its_cdn_is() -> None:
    outputs = {**ENV_OUTPUTS, "PublicALBAccessible": "false", "CloudFrontDomainName": "cdn.example.com"}
    assert locate(_web(env_outputs=outputs)).addresses == ("http://cdn.example.com",)


def test_with_https_the_rules_tell_the_names() -> None:
    secure = _web(parameters={"RulePath": "/", "HTTPSEnabled": "true"}, resources=HTTPS_RESOURCES)
    assert rules_to_read(secure) == ("a", "b")
    named = _web(
        parameters={"RulePath": "/", "HTTPSEnabled": "true"},
        resources=HTTPS_RESOURCES,
        rule_hosts=("a.example.com", "b.example.com", "a.example.com", "c.example.com"),
    )
    assert str(locate(named)) == "https://a.example.com, https://b.example.com, or https://c.example.com"


def test_with_https_and_no_rule_read_the_environments_domain_tells_the_name() -> None:
    secure = _web(
        parameters={"HTTPSEnabled": "true"},
        resources=HTTPS_RESOURCES,
        env_outputs={"EnvironmentSubdomain": "test.d.com"},
    )
    assert str(locate(secure)) == "https://web.test.d.com"


def test_without_https_no_rule_needs_to_be_read() -> None:
    assert rules_to_read(_web()) == ()
    assert rules_to_read(_api()) == ()


def test_an_imported_load_balancer_is_reached_by_its_own_name() -> None:
    imported = {"TargetGroupForImportedALB": "tg", "HTTPListenerRuleForImportedALB": "rule"}
    assert rules_to_read(_web(resources=imported)) == ("rule",)
    assert str(locate(_web(resources=imported, load_balancer_dns="mine.com"))) == "http://mine.com"


@pytest.mark.parametrize(
    ("parameters", "address"),
    [
        ({"NLBPort": "443"}, "nlb.example.com:443"),
        ({"NLBPort": "443", "DNSDelegated": "true"}, "web-nlb.test.d.com:443"),
        ({"NLBPort": "443", "DNSDelegated": "true", "NLBAliases": "a.com,b.com"}, "a.com:443 or b.com:443"),
    ],
)
def test_a_network_load_balancer_has_addresses_of_its_own(parameters: dict[str, str], address: str) -> None:
    deployed = _web(
        parameters=parameters,
        resources={"NetworkLoadBalancerTargetGroup": "tg"},
        outputs={"PublicNetworkLoadBalancerDNSName": "nlb.example.com"},
        env_outputs={"EnvironmentSubdomain": "test.d.com"},
    )
    assert str(locate(deployed)) == address


def test_a_backend_service_is_found_by_service_discovery() -> None:
    assert locate(_api()) == Endpoint(addresses=("api.test.demo.local:8080",), reach=Reach.SERVICE_DISCOVERY)


def test_service_connect_goes_before_service_discovery() -> None:
    connected = _api(connect_names=("api:8080",))
    assert locate(connected) == Endpoint(addresses=("api:8080",), reach=Reach.SERVICE_CONNECT)
    assert connect_address(_api()) == "api:8080"
    assert connect_address(_api(), alias="votes") == "votes:8080"


def test_a_service_without_port_is_reached_by_nothing() -> None:
    silent = _api(parameters={"TargetPort": "-1"}, connect_names=())
    assert locate(silent) == Endpoint(addresses=(), reach=Reach.NONE)
    assert str(locate(silent)) == "-"
    assert connect_address(silent) == ""


def test_an_internal_load_balancer_is_reached_by_the_private_zones_name() -> None:
    balanced = _api(
        resources={"TargetGroup": "tg"},
        parameters={"RulePath": "/votes", "TargetPort": "8080"},
        env_outputs={"InternalWorkloadsHostedZoneName": "test.demo.internal", "InternalLoadBalancerDNSName": "ilb.com"},
    )
    assert locate(balanced) == Endpoint(addresses=("http://api.test.demo.internal/votes",), reach=Reach.INTERNAL)
