"""Whether a service's aliases are served, asked of the local cloud's certificates and stacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot import TEMPLATE_VERSION, names
from copilot.actions.alias_checks import require_served_aliases
from copilot.actions.context import Context
from copilot.actions.scenes import Scene
from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import StackRequest
from copilot.clock import SystemClock
from copilot.deploy.cancellation import Cancellation
from copilot.describe.stacks import ObservedStack
from copilot.errors import Blocked, NotFound
from copilot.manifest import Source, WorkloadManifest, load_workload
from copilot.model.observed import RegionalResources
from copilot.model.records import App, Env

CERTIFICATE = (
    "Resources: {C: {Type: AWS::CertificateManager::Certificate, Properties: {DomainName: NAME, "
    "ValidationMethod: DNS}}}\nOutputs: {Arn: {Value: !Ref C}}"
)
TOPIC = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
CDN_REGION = "us-east-1"


def deploy(cloud: Cloud, name: str, body: str) -> dict[str, str]:
    stack = cloud.stacks.wait(cloud.stacks.create(StackRequest(stack_name=name, template_body=body)))
    assert stack.is_successful, stack.status_reason
    return dict(stack.outputs)


def certificate(cloud: Cloud, name: str) -> str:
    return deploy(cloud, f"certificate-{name.strip('*.').replace('.', '-')}", CERTIFICATE.replace("NAME", f"'{name}'"))[
        "Arn"
    ]


def web(alias: str = "") -> WorkloadManifest:
    http = f"http: {{path: /, alias: {alias}}}" if alias else "http: {path: /}"
    text = f"name: web\ntype: Load Balanced Web Service\nimage: {{location: a, port: 80}}\n{http}\n"
    return load_workload(Source(text=text, path="m.yml"), app="shop", env="test", environ={}).manifest


def check(cloud: Cloud, manifest: WorkloadManifest, *, http: str = "", cdn: str = "", account: str = "") -> None:
    """Asks for a service in an environment whose manifest says this of its load balancer and its CDN."""
    account = account or cloud.account
    parts = ("name: test\ntype: Environment\n", f"http: {http}\n" * bool(http), f"cdn: {cdn}\n" * bool(cdn))
    scene = Scene(
        app=App(name="shop", account=cloud.account, domain="example.com"),
        env=Env(
            app="shop",
            name="test",
            region=cloud.region,
            account_id=account,
            execution_role_arn="",
            manager_role_arn="",
        ),
        cloud=cloud,
        regional=RegionalResources(region=cloud.region, bucket="", key_arn="", registry=""),
        env_stack=ObservedStack(metadata={"Manifest": "".join(parts), "Version": TEMPLATE_VERSION}),
        workloads={},
        observed={},
    )
    context = Context(
        cloud=cloud,
        connect=lambda given: cloud,
        workspace=None,
        engine=lambda: pytest.fail("no engine is needed"),
        observe=lambda event: None,
        confirm=lambda question: False,
        show=lambda text: None,
        clock=SystemClock(),
        cancellation=Cancellation(),
        environ={},
        root=Path(),
    )
    require_served_aliases(manifest, scene, context)


def test_nothing_is_asked_about_a_service_without_aliases(connection: Cloud) -> None:
    check(connection, web())
    assert connection.calls.get("cloudformation.GetTemplateSummary", 0) == 0
    assert connection.calls.get("acm.DescribeCertificate", 0) == 0


def test_every_alias_needs_an_imported_certificate_that_covers_it(connection: Cloud) -> None:
    arns = [certificate(connection, name) for name in ("*.example.com", "other.example.org")]
    http = f"{{public: {{certificates: [{', '.join(arns)}]}}}}"
    for alias in ("www.example.com", "other.example.org"):
        check(connection, web(alias), http=http)
    with pytest.raises(Blocked, match=r"covers alias a\.b\.example\.com") as refused:
        check(connection, web("a.b.example.com"), http=http)
    assert all(arn in refused.value.details for arn in arns)


def test_a_certificate_that_is_gone_is_named(connection: Cloud) -> None:
    arn = f"arn:aws:acm:{connection.region}:{connection.account}:certificate/00000000-0000-0000-0000-000000000000"
    with pytest.raises(NotFound, match="certificate/00000000"):
        check(connection, web("www.example.com"), http=f"{{public: {{certificates: [{arn}]}}}}")


def test_the_certificate_of_a_cdn_is_looked_at_where_it_is_by_who_may(connection: Cloud) -> None:
    cdn = f"{{certificate: {certificate(connection.in_region(CDN_REGION), 'www.example.com')}}}"
    check(connection, web("www.example.com"), cdn=cdn)
    with pytest.raises(Blocked, match=r"covers alias api\.example\.com"):
        check(connection, web("api.example.com"), cdn=cdn)
    check(connection, web("api.example.com"), cdn=cdn, account="999999999999")


def test_without_certificates_the_application_must_delegate_its_domain(connection: Cloud) -> None:
    with pytest.raises(Blocked, match=r"needs application shop at v1\.0\.0") as refused:
        check(connection, web("www.example.com"))
    assert refused.value.hints == ("copilot app upgrade --name shop",)
    assert deploy(connection, names.roles_stack("shop"), f"Metadata: {{TemplateVersion: v1.0.0}}\n{TOPIC}") == {}
    with pytest.raises(Blocked, match=r"it is at v0\.0\.0"):
        check(connection, web("www.example.com"))
