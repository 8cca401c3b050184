"""Does a service fit its environment: features, domains, certificates."""

from __future__ import annotations

import pytest

from copilot.actions.env_checks import redirects, services_without_alias
from copilot.actions.service_checks import (
    alias_bases,
    aliases,
    certificates_to_cover,
    is_under,
    require_app_for_aliases,
    require_covered,
    require_env_features,
    require_valid_for_env,
    required_features,
)
from copilot.aws.certificates import Certificate
from copilot.aws.stack_records import DeployedStack
from copilot.describe.stacks import ObservedStack
from copilot.errors import Blocked
from copilot.manifest import Environment, Source, WorkloadManifest, load_workload, parse_environment
from copilot.model.records import App

PLAIN = App(name="shop", account="1" * 12)
WITH_DOMAIN = App(name="shop", account="1" * 12, domain="example.com", domain_hosted_zone_id="Z1")
ARN = "arn:aws:acm:us-west-2:111111111111:certificate/a"
CDN_ARN = "arn:aws:acm:us-east-1:111111111111:certificate/b"


def web(http: str) -> WorkloadManifest:
    return load("Load Balanced Web Service", http)


def backend(http: str) -> WorkloadManifest:
    return load("Backend Service", http)


def load(kind: str, http: str) -> WorkloadManifest:
    text = f"name: web\ntype: {kind}\nimage: {{location: nginx, port: 80}}\n{f'http: {http}' if http else ''}\n"
    return load_workload(Source(text=text, path="m.yml"), app="shop", env="test", environ={}).manifest


def environment(more: str = "") -> Environment:
    return parse_environment(f"name: test\ntype: Environment\n{more}\n")


IMPORTED = environment(f"http: {{public: {{certificates: [{ARN}]}}}}")
PRIVATE = environment(f"http: {{private: {{certificates: [{ARN}]}}}}")
WITH_CDN = environment(f"http: {{public: {{certificates: [{ARN}]}}}}\ncdn: {{certificate: {CDN_ARN}}}")


@pytest.mark.parametrize(
    ("manifest", "app", "env", "refusal"),
    [
        (web("{path: /}"), PLAIN, environment(), ""),
        (web("{path: /, redirect_to_https: true}"), PLAIN, environment(), "http.redirect_to_https needs HTTPS"),
        (web("{path: /, redirect_to_https: false}"), PLAIN, environment(), "http.redirect_to_https needs HTTPS"),
        (web("{path: /, redirect_to_https: false}"), WITH_DOMAIN, environment(), ""),
        (web("{path: /, alias: www.example.com}"), PLAIN, environment(), "application shop has none"),
        (web("{path: /, alias: www.example.com}"), WITH_DOMAIN, environment(), ""),
        (web("{path: /, alias: www.other.org}"), WITH_DOMAIN, environment(), "alias www.other.org is not under"),
        (web("{path: /}"), WITH_DOMAIN, IMPORTED, "every http rule needs an alias"),
        (web("{path: /, alias: www.other.org}"), WITH_DOMAIN, IMPORTED, ""),
        (
            web("{path: /, alias: www.other.org, additional_rules: [{path: /b}]}"),
            WITH_DOMAIN,
            IMPORTED,
            "every http rule needs an alias",
        ),
        (
            web("{path: /, alias: [{name: www.example.com, hosted_zone: Z9}]}"),
            WITH_DOMAIN,
            environment(),
            "hosted zone Z9 can't be used: environment test imports no certificates",
        ),
        (web("{path: /, alias: www.example.com, hosted_zone: Z9}"), WITH_DOMAIN, environment(), ""),
        (web("{path: /, alias: www.other.org, hosted_zone: Z9}"), PLAIN, IMPORTED, ""),
        (
            web("{path: /, alias: [{name: www.other.org, hosted_zone: Z9}]}"),
            PLAIN,
            WITH_CDN,
            "hosted zone Z9 can't be used: environment test has a CDN",
        ),
        (backend("{path: /}"), WITH_DOMAIN, environment(), ""),
        (backend("{path: /, alias: a.internal}"), WITH_DOMAIN, environment(), "needs a private certificate"),
        (backend("{path: /, alias: a.internal}"), PLAIN, PRIVATE, ""),
        (backend("{path: /}"), PLAIN, PRIVATE, "imports private certificates"),
        (backend(""), PLAIN, PRIVATE, ""),
    ],
)
def test_aliases_need_certificates_and_certificates_aliases(
    manifest: WorkloadManifest, app: App, env: Environment, refusal: str
) -> None:
    if not refusal:
        require_valid_for_env(manifest, app, "test", env)
        return
    with pytest.raises(Blocked, match=refusal) as refused:
        require_valid_for_env(manifest, app, "test", env)
    assert refused.value.message.startswith("web can't be deployed: ")
    assert refused.value.hints


@pytest.mark.parametrize(
    ("name", "is_allowed"),
    [
        ("example.com", True),
        ("www.example.com", True),
        ("shop.example.com", True),
        ("web.shop.example.com", True),
        ("test.shop.example.com", True),
        ("web.test.shop.example.com", True),
        ("a.web.test.shop.example.com", False),
        ("a.b.example.com", False),
        ("web.prod.shop.example.com", False),
        ("notexample.com", False),
        ("example.com.evil.org", False),
        ("com", False),
    ],
)
def test_an_alias_is_a_zone_or_one_label_below_it(name: str, is_allowed: bool) -> None:
    assert is_under(name, alias_bases(WITH_DOMAIN, "test")) is is_allowed


def test_a_service_asks_for_the_features_that_its_manifest_uses() -> None:
    assert required_features(web("{path: /}")) == ("ALBWorkloads",)
    assert required_features(web("{path: /, alias: a.example.com}")) == ("ALBWorkloads", "Aliases")
    assert required_features(backend("")) == ()
    assert required_features(backend("{path: /}")) == ("InternalALBWorkloads",)


def test_an_environment_from_before_a_feature_is_refused_with_what_to_deploy() -> None:
    parameters = {"ALBWorkloads": ""}
    stack = DeployedStack(id="arn:1", name="shop-test", status="CREATE_COMPLETE", parameters=parameters)
    old = ObservedStack(deployed=stack, metadata={"Version": "v1.1.0"})
    require_env_features(web("{path: /}"), "test", old)
    with pytest.raises(Blocked, match=r"environment test is at v1\.1\.0 and can't make aliases") as refused:
        require_env_features(web("{path: /, alias: a.example.com}"), "test", old)
    assert refused.value.hints == ("copilot env deploy --name test",)


def test_every_name_is_listed_once_in_the_manifests_order() -> None:
    manifest = web("{path: /, alias: [b.com, a.com], additional_rules: [{path: /x, alias: [a.com, c.com]}]}")
    assert aliases(manifest) == ("b.com", "a.com", "c.com")
    assert aliases(backend("")) == ()


def test_certificates_of_the_load_balancer_and_of_the_cdn_must_each_cover_the_aliases() -> None:
    aliased = web("{path: /, alias: www.other.org}")
    assert certificates_to_cover(aliased, WITH_CDN) == ((ARN,), (CDN_ARN,))
    assert certificates_to_cover(aliased, environment()) == ()
    assert certificates_to_cover(web("{path: /}"), WITH_CDN) == ()
    assert certificates_to_cover(backend("{path: /, alias: a.internal}"), PRIVATE) == ((ARN,),)


def test_one_of_several_certificates_may_cover_an_alias() -> None:
    certificates = [
        Certificate(arn="arn:1", status="ISSUED", names=("other.org",)),
        Certificate(arn="arn:2", status="ISSUED", names=("*.other.org",)),
    ]
    require_covered(web("{path: /, alias: [other.org, www.other.org]}"), "test", certificates)
    with pytest.raises(Blocked, match=r"covers alias a\.b\.other\.org$") as refused:
        require_covered(web("{path: /, alias: [a.b.other.org, other.org]}"), "test", certificates)
    assert refused.value.details == "looked at: arn:1, arn:2"


def test_an_application_from_before_aliases_is_to_be_upgraded() -> None:
    manifest = web("{path: /, alias: www.example.com}")
    require_app_for_aliases(manifest, WITH_DOMAIN, "v1.0.0")
    with pytest.raises(Blocked, match=r"it is at v0\.9\.0") as refused:
        require_app_for_aliases(manifest, WITH_DOMAIN, "v0.9.0")
    assert refused.value.hints == ("copilot app upgrade --name shop",)


def test_services_that_the_environment_has_no_aliases_of_are_found() -> None:
    assert services_without_alias(["api", "web"], "") == ["api", "web"]
    assert services_without_alias(["api", "web"], '{"web": ["www.example.com"], "api": []}') == ["api"]


@pytest.mark.parametrize(
    ("action", "answer"), [("{Type: redirect, RedirectConfig: {Protocol: HTTPS}}", True), ("{Type: forward}", False)]
)
def test_a_rule_that_leads_to_https_is_recognised(action: str, answer: bool) -> None:
    rule = f"{{Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {{Actions: [{action}]}}}}"
    assert redirects(f"Resources:\n  HTTPListenerRuleWithDomain1: {rule}\n") is answer
    assert not redirects(f"Resources:\n  HTTPSListenerRule: {rule}\n")
    assert not redirects("")
