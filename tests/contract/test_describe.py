"""What is there, as it is found by its stacks; what tags don't tell yet, or tell too long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot import TEMPLATE_VERSION, names
from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import StackRequest
from copilot.describe.app import app_version, running_workloads
from copilot.describe.environment import describe_env
from copilot.describe.stacks import NO_VERSION, metadata_of, observe_stack, observe_version, observe_with_template
from copilot.describe.status import find_service
from copilot.errors import NotFound
from copilot.model.records import BACKEND_SERVICE, App, Env, Workload
from copilot.registry.registry import Registry

TOPIC = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
SERVICE = """\
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: shop-test-web, ContainerDefinitions: [{Name: web, Image: "nothing:latest"}]}
  Service:
    Type: AWS::ECS::Service
    Properties: {Cluster: !Ref Cluster, TaskDefinition: !Ref Definition, DesiredCount: 0}
Outputs:
  Cluster: {Value: !Ref Cluster}
  Service: {Value: !Ref Service}
"""


def deploy(cloud: Cloud, name: str, body: str, **tags: str) -> dict[str, str]:
    request = StackRequest(stack_name=name, template_body=body, tags=tags)
    stack = cloud.stacks.wait(cloud.stacks.create(request))
    assert stack.is_successful, stack.status_reason
    return dict(stack.outputs)


def test_a_service_is_found_by_its_stack_without_any_tag(connection: Cloud) -> None:
    outputs = deploy(connection, "shop-test-web", SERVICE)
    assert find_service(connection, "shop", "test", "web") == (outputs["Cluster"], outputs["Service"])
    deploy(connection, "shop-test-api", TOPIC)
    for name in ("api", "nothing"):
        with pytest.raises(NotFound, match=f"service {name} not found in environment test"):
            find_service(connection, "shop", "test", name)


def test_what_runs_is_found_by_name_or_by_tags_and_must_have_a_stack(connection: Cloud) -> None:
    tags = {names.APP_TAG: "shop", names.ENV_TAG: "test"}
    deploy(connection, "shop-test-web", TOPIC)
    deploy(connection, "shop-test-old", TOPIC, **tags, **{names.SERVICE_TAG: "old"})
    deploy(connection, "elsewhere", TOPIC, **tags, **{names.SERVICE_TAG: "gone"})
    recorded = [Workload(app="shop", name=name, type=BACKEND_SERVICE) for name in ("web", "never")]
    assert running_workloads(connection, "shop", "test", recorded) == ["old", "web"]


def test_a_stack_tells_its_version_and_its_manifest(connection: Cloud) -> None:
    body = f"Metadata: {{Version: v1.30.0, Manifest: 'name: web'}}\n{TOPIC}"
    deploy(connection, "shop-test-web", body)
    for observe in (observe_stack, observe_with_template):
        observed = observe(connection, "shop-test-web")
        assert (observed.exists, observed.version, observed.manifest) == (True, "v1.30.0", "name: web")
    assert observe_with_template(connection, "shop-test-web").template == body
    assert observe_version(connection, "shop-test-web").version == "v1.30.0"


def test_a_stack_without_metadata_or_that_is_not_there_has_no_version(connection: Cloud) -> None:
    deploy(connection, "shop-test-web", TOPIC)
    assert observe_stack(connection, "shop-test-web").version == NO_VERSION
    for observe in (observe_stack, observe_version, observe_with_template):
        observed = observe(connection, "nothing")
        assert (observed.exists, observed.version, observed.manifest) == (False, NO_VERSION, "")
        assert (dict(observed.outputs), dict(observed.parameters)) == ({}, {})
    assert metadata_of("") == {}


def test_an_application_is_as_old_as_the_older_one_of_its_two_templates(connection: Cloud) -> None:
    assert app_version(connection, "shop") == NO_VERSION
    deploy(connection, names.roles_stack("shop"), f"Metadata: {{TemplateVersion: {TEMPLATE_VERSION}}}\n{TOPIC}")
    assert app_version(connection, "shop") == NO_VERSION, "its stack set is missing"


def test_an_environment_whose_stack_is_gone_says_what_makes_it_again(connection: Cloud) -> None:
    registry = Registry(connection)
    role = f"arn:aws:iam::{connection.account}:role/{names.env_manager_role('shop', 'test')}"
    env = Env(
        app="shop",
        name="test",
        region=connection.region,
        account_id=connection.account,
        manager_role_arn=role,
        execution_role_arn=role,
    )
    registry.create_app(App(name="shop", account=connection.account))
    registry.create_env(env)
    with pytest.raises(NotFound, match="shop-test is gone") as missing:
        describe_env("shop", "test", connection, resources=False)
    assert missing.value.hints == ("copilot env init --name test",)
    body = f"{TOPIC}Outputs: {{VpcId: {{Value: vpc-1}}, PublicSubnets: {{Value: 'a,b'}}}}\n"
    deploy(connection, "shop-test", body, team="a")
    found = describe_env("shop", "test", connection, resources=True)
    assert found.environment == replace(env, registry_url=found.environment.registry_url)
    assert (found.vpc.id, found.vpc.public_subnet_ids, found.vpc.private_subnet_ids) == ("vpc-1", ("a", "b"), ())
    assert found.tags == {"team": "a"}
    assert [resource.type for resource in found.resources] == ["AWS::SNS::Topic"]
