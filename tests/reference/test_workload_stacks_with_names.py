"""AWS Copilot 1.34.1 renders the same stacks for services with names: a domain, imported certificates."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from bench import Bench
from workload_packages import make_services, require_same

from copilot.model.records import App

pytestmark = [pytest.mark.reference, pytest.mark.timeout(600)]

DOMAIN = "example.com"
BOUNDARY = "developers"
TAGS = {"team": "core", "cost": "shop"}
ANYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def client(original: Bench, service: str) -> Any:
    endpoint = original.endpoint
    return boto3.client(
        service,
        region_name=endpoint.region,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key,
    )


@pytest.fixture(scope="module")
def named(original: Bench) -> Bench:
    """Application demo with a domain, tags and a permissions boundary; environment test; both services."""
    client(original, "route53").create_hosted_zone(Name=DOMAIN, CallerReference="once")
    client(original, "iam").create_policy(PolicyName=BOUNDARY, PolicyDocument=ANYTHING)
    tags = ",".join(f"{key}={value}" for key, value in TAGS.items())
    options = ("--domain", DOMAIN, "--permissions-boundary", BOUNDARY, "--resource-tags", tags)
    original.run("app", "init", "demo", *options).checked()
    original.run("env", "init", "--name", "test", "--profile", "local", "--default-config").checked()
    original.run("env", "deploy", "--name", "test").checked()
    make_services(original)
    return original


@pytest.fixture(scope="module")
def certified(named: Bench) -> Bench:
    """The same, when the environment has imported certificates for both of its load balancers."""
    acm = client(named, "acm")
    names = ["*.example.com", "*.internal.example.com", "www.example.net"]
    arn = acm.request_certificate(DomainName=DOMAIN, SubjectAlternativeNames=names)["CertificateArn"]
    manifest = named.workspace / "copilot" / "environments" / "test" / "manifest.yml"
    certificates = f"{{certificates: ['{arn}']}}"
    http = f"http: {{public: {certificates}, private: {certificates}}}"
    manifest.write_text(f"name: test\ntype: Environment\n{http}\n")
    named.run("env", "deploy", "--name", "test").checked()
    return named


def app(original: Bench) -> App:
    account = client(original, "sts").get_caller_identity()["Account"]
    return App(name="demo", account=account, domain=DOMAIN, permissions_boundary=BOUNDARY, tags=TAGS)


def test_a_domain_gives_the_same_names(named: Bench) -> None:
    require_same(named, "load_balanced_web_domain", app(named))


@pytest.mark.parametrize("case", ["load_balanced_web_certificates", "backend_https"])
def test_certificates_give_the_same_names(certified: Bench, case: str) -> None:
    require_same(certified, case, app(certified))
