"""The gateways that deployments stand on, against the local cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.aws.cloud import Cloud, Keys
from copilot.aws.parallel import each
from copilot.aws.stack_records import StackRequest
from copilot.aws.stack_sets import StackSetRequest
from copilot.errors import AlreadyExists, NotFound, StackBusy
from copilot.local.clouds import Endpoint

TOPIC = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: A topic.
Metadata:
  Version: v1.2.3
  Manifest: |
    name: web
Parameters:
  Label:
    Type: String
  Size:
    Type: String
    Default: "1"
Resources:
  Topic:
    Metadata:
      "aws:copilot:description": A topic to talk about
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Ref Label
Outputs:
  Arn:
    Value: !Ref Topic
"""


def deploy(cloud: Cloud, name: str, *, label: str = "one", body: str = TOPIC) -> str:
    request = StackRequest(
        stack_name=name,
        template_body=body,
        parameters={"Label": label},
        tags={"copilot-application": "shop", "copilot-environment": "test"},
        token=f"token-{name}-{label}",
    )
    found = cloud.stacks.find(name)
    stack_id = cloud.stacks.update(request) if found else cloud.stacks.create(request)
    assert stack_id
    cloud.stacks.wait(stack_id)
    return stack_id


class TestParameters:
    def test_a_parameter_is_created_once(self, connection: Cloud) -> None:
        assert connection.parameters.create("/shop/a", "1", description="first", tags={"k": "v"})
        assert not connection.parameters.create("/shop/a", "2")
        found = connection.parameters.find("/shop/a")
        assert found is not None and found.value == "1"
        assert connection.parameters.tags("/shop/a") == {"k": "v"}

    def test_an_update_keeps_the_tags(self, connection: Cloud) -> None:
        connection.parameters.create("/shop/a", "1", tags={"k": "v"})
        connection.parameters.update("/shop/a", "2")
        found = connection.parameters.find("/shop/a")
        assert found is not None and found.value == "2"
        assert connection.parameters.tags("/shop/a") == {"k": "v"}

    def test_a_listing_reads_all_pages_and_no_grandchildren(self, connection: Cloud) -> None:
        for index in range(23):
            connection.parameters.create(f"/shop/{index:02}", str(index))
        connection.parameters.create("/shop/00/child", "no")
        assert [each.value for each in connection.parameters.list("/shop/")] == [str(i) for i in range(23)]

    def test_what_is_not_there_is_found_as_none_and_deleted_quietly(self, connection: Cloud) -> None:
        assert connection.parameters.find("/nothing") is None
        assert not connection.parameters.delete("/nothing")


class TestStacks:
    def test_a_stack_is_created_and_found_with_all_it_has(self, connection: Cloud) -> None:
        stack_id = deploy(connection, "shop-test")
        found = connection.stacks.find("shop-test")
        assert found is not None
        assert (found.id, found.status, found.is_successful) == (stack_id, "CREATE_COMPLETE", True)
        assert found.parameters == {"Label": "one", "Size": "1"}
        assert found.tags["copilot-application"] == "shop"
        assert found.outputs["Arn"].startswith("arn:aws:sns:")

    def test_a_stack_that_exists_is_not_created_again(self, connection: Cloud) -> None:
        deploy(connection, "shop-test")
        with pytest.raises(AlreadyExists, match="shop-test"):
            connection.stacks.create(
                StackRequest(stack_name="shop-test", template_body=TOPIC, parameters={"Label": "x"})
            )

    def test_an_update_that_changes_nothing_is_none(self, connection: Cloud) -> None:
        deploy(connection, "shop-test")
        same = StackRequest(
            stack_name="shop-test",
            template_body=TOPIC,
            parameters={"Label": "one"},
            tags={"copilot-application": "shop", "copilot-environment": "test"},
        )
        assert connection.stacks.update(same) is None

    def test_the_events_of_an_operation_end_with_the_stacks_own(self, connection: Cloud) -> None:
        deploy(connection, "shop-test")
        stack_id = deploy(connection, "shop-test", label="two")
        events = connection.stacks.events(stack_id, token="token-shop-test-two")
        assert events[-1].is_of_stack and events[-1].status == "UPDATE_COMPLETE"
        assert {event.logical_id for event in events} == {"shop-test", "Topic"}
        assert not any(event.status.startswith("CREATE") for event in events)
        assert connection.stacks.events(stack_id, after=events[-1].id) == []
        assert connection.stacks.events(stack_id, after=events[-2].id) == [events[-1]]

    def test_a_summary_holds_the_templates_metadata(self, connection: Cloud) -> None:
        deploy(connection, "shop-test")
        summary = connection.stacks.summary("shop-test")
        assert summary is not None
        assert summary.metadata["Version"] == "v1.2.3"
        assert summary.metadata["Manifest"] == "name: web\n"
        assert summary.parameters == {"Label": "", "Size": "1"}

    def test_a_template_comes_back_as_it_was_written(self, connection: Cloud) -> None:
        deploy(connection, "shop-test")
        assert connection.stacks.template("shop-test") == TOPIC

    def test_resources_have_their_physical_ids(self, connection: Cloud) -> None:
        deploy(connection, "shop-test")
        (topic,) = connection.stacks.resources("shop-test")
        assert (topic.logical_id, topic.type) == ("Topic", "AWS::SNS::Topic")
        assert topic.physical_id.startswith("arn:aws:sns:")

    def test_a_stack_of_more_than_a_hundred_resources_is_read_whole(self, connection: Cloud) -> None:
        topics = "".join(f"  Topic{index}: {{Type: AWS::SNS::Topic}}\n" for index in range(120))
        deploy_plain(connection, "many", f"Resources:\n{topics}")
        assert len(connection.stacks.resources("many")) == 120

    def test_a_change_set_tells_what_it_would_change_and_changes_it(self, connection: Cloud) -> None:
        deploy(connection, "shop-test")
        request = StackRequest(stack_name="shop-test", template_body=TOPIC, parameters={"Label": "two"})
        change_set = connection.stacks.create_change_set(request, kind="UPDATE")
        ready = connection.stacks.wait_change_set(change_set)
        assert [(change.logical_id, change.action) for change in ready.changes] == [("Topic", "Modify")]
        connection.stacks.execute_change_set(ready)
        assert connection.stacks.wait(ready.stack_id).parameters["Label"] == "two"

    def test_a_change_set_that_changes_nothing_is_empty(self, connection: Cloud) -> None:
        deploy(connection, "shop-test")
        request = StackRequest(
            stack_name="shop-test",
            template_body=TOPIC,
            parameters={"Label": "one"},
            tags={"copilot-application": "shop", "copilot-environment": "test"},
        )
        change_set = connection.stacks.wait_change_set(connection.stacks.create_change_set(request, kind="UPDATE"))
        assert change_set.is_empty
        connection.stacks.delete_change_set(change_set)

    def test_stacks_are_found_by_their_tags(self, connection: Cloud) -> None:
        stack_id = deploy(connection, "shop-test")
        assert [(s.name, s.id) for s in connection.stacks.tagged({"copilot-application": "shop"})] == [
            ("shop-test", stack_id)
        ]
        assert connection.stacks.tagged({"copilot-application": "other"}) == []

    def test_a_deleted_stack_is_gone_by_name(self, connection: Cloud) -> None:
        stack_id = deploy(connection, "shop-test")
        connection.stacks.delete(stack_id)
        connection.stacks.wait_deleted(stack_id)
        assert connection.stacks.find("shop-test") is None
        assert connection.stacks.events(stack_id)[-1].status == "DELETE_COMPLETE"
        connection.stacks.delete("shop-test")

    def test_what_is_not_there_is_none_or_empty(self, connection: Cloud) -> None:
        assert connection.stacks.find("nothing") is None
        assert connection.stacks.summary("nothing") is None
        assert connection.stacks.template("nothing") == ""
        assert connection.stacks.resources("nothing") == []
        with pytest.raises(NotFound, match="nothing"):
            connection.stacks.update(StackRequest(stack_name="nothing", template_body=TOPIC, parameters={"Label": "x"}))


STACK_SET = """\
AWSTemplateFormatVersion: "2010-09-09"
Metadata:
  TemplateVersion: v1.34.1
  Version: {version}
  Workloads: []
Resources:
  Bucket:
    Type: AWS::S3::Bucket
Outputs:
  StackSetOpId:
    Value: "{version}"
  PipelineBucket:
    Value: !Ref Bucket
"""


def stack_set(cloud: Cloud, version: int = 0) -> StackSetRequest:
    return StackSetRequest(
        name="shop-infrastructure",
        template_body=STACK_SET.format(version=version),
        description="What the application shares",
        administration_role_arn=f"arn:aws:iam::{cloud.account}:role/shop-adminrole",
        execution_role_name="shop-executionrole",
        tags={"copilot-application": "shop"},
    )


class TestStackSets:
    def test_a_stack_set_deploys_its_template_in_a_region(self, connection: Cloud) -> None:
        sets = connection.stack_sets
        sets.create(stack_set(connection))
        operation = sets.create_instances(
            "shop-infrastructure", accounts=[connection.account], regions=[connection.region]
        )
        assert sets.wait_operation("shop-infrastructure", operation).status == "SUCCEEDED"
        (instance,) = sets.instances("shop-infrastructure")
        assert (instance.account, instance.region) == (connection.account, connection.region)
        stack = connection.stacks.get(instance.stack_id)
        assert stack.name.startswith("StackSet-shop-infrastructure-")
        assert stack.outputs["StackSetOpId"] == "0"

    def test_a_stack_set_is_created_once(self, connection: Cloud) -> None:
        connection.stack_sets.create(stack_set(connection))
        with pytest.raises(AlreadyExists, match="shop-infrastructure"):
            connection.stack_sets.create(stack_set(connection, version=5))

    def test_an_update_reaches_every_instance(self, connection: Cloud) -> None:
        sets = connection.stack_sets
        sets.create(stack_set(connection))
        made = sets.create_instances("shop-infrastructure", accounts=[connection.account], regions=[connection.region])
        sets.wait_operation("shop-infrastructure", made)
        operation = sets.update(stack_set(connection, version=1), operation_id="1")
        sets.wait_operation("shop-infrastructure", operation)
        summary = sets.summary("shop-infrastructure")
        assert summary is not None and summary.metadata["Version"] == 1
        (instance,) = sets.instances("shop-infrastructure", region=connection.region)
        assert connection.stacks.get(instance.stack_id).outputs["StackSetOpId"] == "1"

    def test_an_operation_id_is_a_lock(self, connection: Cloud) -> None:
        sets = connection.stack_sets
        sets.create(stack_set(connection))
        sets.wait_operation("shop-infrastructure", sets.update(stack_set(connection, version=1), operation_id="1"))
        with pytest.raises(StackBusy, match="shop-infrastructure"):
            sets.update(stack_set(connection, version=1), operation_id="1")

    def test_a_stack_set_without_instances_can_be_deleted(self, connection: Cloud) -> None:
        sets = connection.stack_sets
        sets.create(stack_set(connection))
        made = sets.create_instances("shop-infrastructure", accounts=[connection.account], regions=[connection.region])
        sets.wait_operation("shop-infrastructure", made)
        gone = sets.delete_instances("shop-infrastructure", accounts=[connection.account], regions=[connection.region])
        sets.wait_operation("shop-infrastructure", gone)
        assert sets.instances("shop-infrastructure") == []
        assert sets.delete("shop-infrastructure")
        assert sets.find("shop-infrastructure") is None

    def test_a_stack_set_that_is_not_there_is_none_or_empty(self, connection: Cloud) -> None:
        sets = connection.stack_sets
        assert sets.find("nothing") is None
        assert sets.summary("nothing") is None
        assert sets.instances("nothing") == []
        assert sets.operations("nothing") == []
        assert not sets.delete("nothing")
        with pytest.raises(NotFound, match="nothing"):
            sets.create_instances("nothing", accounts=["1" * 12], regions=["us-west-2"])


@pytest.fixture
def bucket(connection: Cloud) -> str:
    """A versioned bucket of this test's account."""
    template = (
        "Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}}\n"
        "Outputs: {Name: {Value: !Ref Bucket}}\n"
    )
    deploy_plain(connection, "bucket", template)
    return connection.stacks.get("bucket").outputs["Name"]


def deploy_plain(cloud: Cloud, name: str, template: str) -> None:
    cloud.stacks.wait(cloud.stacks.create(StackRequest(stack_name=name, template_body=template)))


class TestBuckets:
    def test_an_upload_says_where_cloudformation_finds_it(self, connection: Cloud, bucket: str) -> None:
        url = connection.buckets.upload(bucket, "manual/templates/a/1.yml", b"one")
        assert url == f"https://{bucket}.s3.{connection.region}.amazonaws.com/manual/templates/a/1.yml"
        assert connection.buckets.read(bucket, "manual/templates/a/1.yml") == b"one"

    def test_an_object_that_is_there_is_kept(self, connection: Cloud, bucket: str) -> None:
        connection.buckets.upload(bucket, "key", b"one")
        connection.buckets.upload(bucket, "key", b"two")
        assert connection.buckets.read(bucket, "key") == b"one"
        connection.buckets.upload(bucket, "key", b"two", overwrite=True)
        assert connection.buckets.read(bucket, "key") == b"two"

    def test_an_uploaded_template_can_be_deployed(self, connection: Cloud, bucket: str) -> None:
        url = connection.buckets.upload(bucket, "topic.yml", TOPIC.encode())
        request = StackRequest(stack_name="topic", template_url=url, parameters={"Label": "x"})
        assert connection.stacks.wait(connection.stacks.create(request)).is_successful

    def test_a_bucket_is_emptied_of_all_versions(self, connection: Cloud, bucket: str) -> None:
        for index in range(3):
            connection.buckets.upload(bucket, "key", str(index).encode(), overwrite=True)
        connection.buckets.upload(bucket, "other", b"x")
        assert connection.buckets.empty(bucket) == 4
        assert connection.buckets.objects(bucket) == []
        connection.stacks.delete("bucket")
        connection.stacks.wait_deleted("bucket")

    def test_a_bucket_that_is_gone_is_empty(self, connection: Cloud) -> None:
        assert connection.buckets.empty("no-such-bucket-anywhere") == 0
        with pytest.raises(NotFound, match="no-such-bucket"):
            connection.buckets.upload("no-such-bucket-anywhere", "key", b"x")


class TestRepositories:
    REPOSITORY = "Resources: {Repository: {Type: AWS::ECR::Repository, Properties: {RepositoryName: shop/web}}}"
    DIGEST = "sha256:" + "ab" * 32

    def test_the_local_clouds_registry_is_on_loopback(self, connection: Cloud) -> None:
        login = connection.repositories.login()
        assert login.is_loopback
        assert login.username == "AWS"
        assert login.password and login.password not in repr(login)

    def test_a_recorded_image_is_found_by_tag_and_digest(self, connection: Cloud) -> None:
        deploy_plain(connection, "repository", self.REPOSITORY)
        connection.repositories.record("shop/web", digest=self.DIGEST, tags=["latest", "v1"])
        by_tag = connection.repositories.find_image("shop/web", tag="v1")
        assert by_tag is not None
        assert set(by_tag.tags) == {"latest", "v1"}
        assert connection.repositories.find_image("shop/web", digest=self.DIGEST) == by_tag
        assert connection.repositories.find_image("shop/web", tag="v2") is None

    def test_recording_the_same_again_is_fine(self, connection: Cloud) -> None:
        deploy_plain(connection, "repository", self.REPOSITORY)
        connection.repositories.record("shop/web", digest=self.DIGEST, tags=["latest"])
        connection.repositories.record("shop/web", digest=self.DIGEST, tags=["latest"])
        assert len(connection.repositories.images("shop/web")) == 1

    def test_a_cleared_repository_has_no_images(self, connection: Cloud) -> None:
        deploy_plain(connection, "repository", self.REPOSITORY)
        connection.repositories.record("shop/web", digest=self.DIGEST, tags=["latest"])
        assert connection.repositories.clear("shop/web") == 1
        assert connection.repositories.images("shop/web") == []

    def test_a_repository_that_is_gone_is_empty(self, connection: Cloud) -> None:
        assert connection.repositories.find("nothing") is None
        assert connection.repositories.clear("nothing") == 0
        assert connection.repositories.find_image("nothing", tag="latest") is None


ROLE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    DeletionPolicy: Retain
    Properties:
      RoleName: shop-test-EnvManagerRole
      Tags: [{Key: copilot-environment, Value: test}]
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: {AWS: "*"}}]
      Policies:
        - PolicyName: root
          PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
"""


class TestRoles:
    def test_a_role_is_found_with_its_tags_and_deleted_with_its_policies(self, connection: Cloud) -> None:
        deploy_plain(connection, "roles", ROLE)
        role = connection.roles.find("shop-test-EnvManagerRole")
        assert role is not None
        assert role.tags["copilot-environment"] == "test"
        assert connection.roles.delete(role.name)
        assert connection.roles.find(role.name) is None
        assert not connection.roles.delete(role.name)

    def test_the_service_linked_role_is_made_once(self, connection: Cloud) -> None:
        assert connection.roles.ensure_ecs_service_linked_role()
        assert not connection.roles.ensure_ecs_service_linked_role()

    def test_a_policy_that_is_not_there_is_missed(self, connection: Cloud) -> None:
        assert not connection.roles.has_local_policy("boundary")


class TestCloud:
    def test_the_account_is_asked_for_once(self, connection: Cloud, account: str) -> None:
        assert (connection.account, connection.in_region("eu-west-1").account) == (account, account)
        assert connection.calls == {"sts.GetCallerIdentity": 1}

    def test_a_role_acts_in_its_account_and_is_assumed_once(self, connection: Cloud) -> None:
        deploy_plain(connection, "roles", ROLE)
        arn = f"arn:aws:iam::{connection.account}:role/shop-test-EnvManagerRole"
        assumed = connection.assume(arn, "eu-west-1")
        assert assumed.account == connection.account
        assert assumed.identity.caller().account == connection.account
        assert ":assumed-role/shop-test-EnvManagerRole/copilot-" in assumed.identity.caller().arn
        connection.assume(arn, "us-east-1").parameters.find("/x")
        assert connection.calls["sts.AssumeRole"] == 1

    def test_regions_hold_different_things(self, connection: Cloud) -> None:
        connection.parameters.create("/here", "1")
        assert connection.in_region("eu-west-1").parameters.find("/here") is None
        assert connection.in_region(connection.region).parameters.find("/here") is not None

    def test_clients_may_be_used_by_many_threads_at_once(self, connection: Cloud) -> None:
        found = each(lambda i: connection.in_region(f"eu-west-{i % 3 + 1}").parameters.find("/x"), range(12))
        assert found == [None] * 12

    def test_every_call_is_counted_and_traced(self, endpoint: Endpoint, tmp_path: Path) -> None:
        trace = tmp_path / "calls"
        cloud = Cloud.connect(
            keys=Keys(access_key_id=endpoint.access_key, secret_access_key=endpoint.secret_key),
            region=endpoint.region,
            endpoint=endpoint.url,
            environ={"COPILOT_TRACE_CALLS": str(trace)},
        )
        cloud.parameters.find("/x")
        cloud.in_region("eu-west-1").stacks.find("x")
        assert cloud.calls == {"ssm.GetParameter": 1, "cloudformation.DescribeStacks": 1}
        lines = [line.split() for line in trace.read_text().splitlines()]
        assert [operation for operation, _ in lines] == ["ssm.GetParameter", "cloudformation.DescribeStacks"]
        assert all(float(millis) > 0 for _, millis in lines)
