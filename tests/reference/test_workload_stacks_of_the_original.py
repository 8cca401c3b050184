"""AWS Copilot 1.34.1 renders the same workload stacks: the golden manifests, compared as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from bench import Bench
from manifest_rows import ROWS
from workload_packages import make_services, require_same, require_same_of_text
from workloads import CASES, given_facts

from copilot import names
from copilot.cfn import dump, load
from copilot.model.records import App

pytestmark = [pytest.mark.reference, pytest.mark.timeout(3600)]

PLAIN = [case for case in CASES if not {"app", "environment"} & given_facts(case).keys()]
NAMED = {"domain": "example.com", "permissions_boundary": "developers", "tags": {"team": "core", "cost": "shop"}}


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
def workspace(original: Bench) -> Bench:
    """Application demo with environment test and both services, made by the original."""
    original.run("app", "init", "demo").checked()
    original.run("env", "init", "--name", "test", "--profile", "local", "--default-config").checked()
    original.run("env", "deploy", "--name", "test").checked()
    make_services(original)
    return original


@pytest.fixture
def named(workspace: Bench) -> Iterator[App]:
    """The same application, when its record has a domain, tags and a permissions boundary."""
    ssm, path = client(workspace, "ssm"), names.app_parameter("demo")
    before = ssm.get_parameter(Name=path)["Parameter"]["Value"]
    record = {**json.loads(before), "permissionsBoundary": NAMED["permissions_boundary"]}
    after = json.dumps({**record, "domain": NAMED["domain"], "domainHostedZoneID": "Z0", "tags": NAMED["tags"]})
    ssm.put_parameter(Name=path, Value=after, Type="String", Overwrite=True)
    yield App(name="demo", account=record["account"], **NAMED)
    ssm.put_parameter(Name=path, Value=before, Type="String", Overwrite=True)


@pytest.fixture
def certified(workspace: Bench) -> Iterator[None]:
    """The same environment, when its deployed manifest imports certificates for both load balancers."""
    sans = ["*.example.com", "*.internal.example.com", "www.example.net"]
    requested = client(workspace, "acm").request_certificate(DomainName="example.com", SubjectAlternativeNames=sans)
    certificates = f"{{certificates: ['{requested['CertificateArn']}']}}"
    http = f"http: {{public: {certificates}, private: {certificates}}}"
    before = deploy_manifest(workspace, f"name: test\ntype: Environment\n{http}\n")
    yield
    deploy_manifest(workspace, before)


def deploy_manifest(original: Bench, text: str) -> str:
    """Puts another manifest into the metadata of the environment's stack; the one that was there."""
    cloudformation, stack = client(original, "cloudformation"), names.env_stack("demo", "test")
    template = load(cloudformation.get_template(StackName=stack)["TemplateBody"])
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    cloudformation.update_stack(
        StackName=stack,
        TemplateBody=dump({**template, "Metadata": {**template["Metadata"], "Manifest": text}}),
        Parameters=[{"ParameterKey": p["ParameterKey"], "UsePreviousValue": True} for p in described["Parameters"]],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=described["Tags"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    return str(template["Metadata"].get("Manifest", ""))


@pytest.mark.parametrize("case", PLAIN)
def test_the_original_renders_the_same_stack(workspace: Bench, case: str) -> None:
    require_same(workspace, case)


@pytest.mark.parametrize("row", ROWS)
def test_the_original_reads_the_same_in_unusual_shapes(workspace: Bench, row: str) -> None:
    require_same_of_text(workspace, row, ROWS[row])


def test_a_domain_gives_the_same_names(workspace: Bench, named: App) -> None:
    require_same(workspace, "load_balanced_web_domain", named)


@pytest.mark.usefixtures("certified")
@pytest.mark.parametrize("case", ["load_balanced_web_certificates", "backend_https"])
def test_certificates_give_the_same_names(workspace: Bench, named: App, case: str) -> None:
    require_same(workspace, case, named)
