"""`app adopt` and what it finds in real accounts: each trouble is named, nothing is touched, the next step is given."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, Place
from hands import Hands, noted, with_metadata

from copilot import TEMPLATE_VERSION, names
from copilot.local.clouds import LocalCloud

OLD = "v1.33.0"
NEWER = "v9.9.9"
BACKEND = """
name: api
type: Backend Service
image:
  location: example.test/api:1
count: 0
"""


def a_place(folder: Path, environ: dict[str, str], local_cloud: LocalCloud) -> Place:
    desk = Desk(root=folder, environ=environ)
    return Place.on_shared(desk, f"a{random.SystemRandom().randrange(10**8):08d}", local_cloud)


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory, local_cloud: LocalCloud) -> Iterator[Hands]:
    """An application of an older release with one environment and one service; its own stacks say version 1.0."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "COPILOT_"))}
    place = a_place(tmp_path_factory.mktemp("veteran"), environ, local_cloud)
    place.desk.ok("app", "init", place.app)
    place.desk.ok("env", "init", "--name", "test", "--default-config")
    place.desk.ok("env", "deploy", "--name", "test")
    place.desk.write("copilot/api/manifest.yml", BACKEND)
    place.desk.ok("svc", "init", "--name", "api", "--svc-type", "Backend Service")
    place.desk.ok("svc", "deploy", "--name", "api", "--env", "test")
    hands = Hands(place=place)
    for stack in (f"{place.app}-test", f"{place.app}-test-api"):
        hands.edit(stack, with_metadata(Version=OLD))
    hands.edit(names.roles_stack(place.app), with_metadata(TemplateVersion="1.0"))
    hands.edit_set(with_metadata(TemplateVersion="1.0"))
    yield hands
    place.desk.ok("app", "delete", "--yes")


@pytest.fixture
def fresh(desk: Desk, local_cloud: LocalCloud) -> Hands:
    """An application without environments, for tests that break it."""
    place = a_place(desk.root, desk.environ, local_cloud)
    place.desk.ok("app", "init", place.app)
    return Hands(place=place)


def checked(hands: Hands) -> dict[str, dict[str, Any]]:
    """What `app adopt --check` tells of each stack, by the stack's name without the application's; nothing changes."""
    before = hands.history()
    stacks = hands.place.desk.ok("app", "adopt", "--check", "--json", "--name", hands.place.app).json()["stacks"]
    assert hands.history() == before
    assert all(stack["nextStep"] for stack in stacks if stack["blocked"]), stacks
    return {stack["name"].removeprefix(f"{hands.place.app}-"): stack for stack in stacks}


def refused(hands: Hands) -> str:
    """What `app adopt` says when it changes nothing at all."""
    before = hands.history()
    told = hands.place.desk.fails("app", "adopt", "--yes", "--name", hands.place.app).err
    assert hands.history() == before
    assert "hint:" in told
    return told


def stack(hands: Hands, part: str) -> str:
    return f"{hands.place.app}-{part}"


def test_a_version_that_is_none_counts_as_the_oldest(hands: Hands) -> None:
    found = checked(hands)
    assert found["infrastructure-roles"]["changes"] == ["AdministrationRole: Description"]
    assert f"version 1.0 -> {TEMPLATE_VERSION}" in found["infrastructure"]["changes"]
    assert not [name for name, each in found.items() if each["blocked"] or each["removed"] or each["replaced"]]
    assert "Version               1.0" in hands.place.desk.ok("app", "show", "--name", hands.place.app).out


def test_an_application_that_a_newer_release_deployed_is_left_alone(hands: Hands) -> None:
    newer = with_metadata(TemplateVersion=NEWER)
    with hands.edited(names.roles_stack(hands.place.app), newer):
        assert NEWER in checked(hands)["infrastructure-roles"]["blocked"]
        assert "install the newer release" in refused(hands)
        text = hands.place.desk.ok("app", "adopt", "--check", "--name", hands.place.app).out
        assert f"blocked: it was deployed with {NEWER}, this is {TEMPLATE_VERSION}" in text
        assert f"roles of application {hands.place.app}: install the newer release, then try again" in text
    with hands.set_edited(newer):
        assert NEWER in checked(hands)["infrastructure"]["blocked"]
        assert NEWER in refused(hands)


def test_an_environment_or_a_service_that_a_newer_release_deployed_is_named(hands: Hands) -> None:
    for part in ("test", "test-api"):
        with hands.edited(stack(hands, part), with_metadata(Version=NEWER)):
            found = checked(hands)
            assert NEWER in found[part]["blocked"]
            assert found[part]["nextStep"] == "install the newer release"
            assert not found["infrastructure-roles"]["blocked"]


def test_a_stack_that_something_else_changes_is_named(hands: Hands, tmp_path: Path) -> None:
    with hands.busy(stack(hands, "test-api"), tmp_path / "gate"):
        found = checked(hands)["test-api"]
        assert "UPDATE_IN_PROGRESS" in found["blocked"]
        assert found["nextStep"].startswith("wait")
    with hands.busy(names.roles_stack(hands.place.app), tmp_path / "second gate"):
        assert "UPDATE_IN_PROGRESS" in checked(hands)["infrastructure-roles"]["blocked"]


def test_a_stack_in_a_failed_state_is_named(hands: Hands, tmp_path: Path) -> None:
    with hands.failed(stack(hands, "test-api"), tmp_path / "gate"):
        found = checked(hands)["test-api"]
        assert "UPDATE_FAILED" in found["blocked"]
        assert f"describe-stack-events --stack-name {stack(hands, 'test-api')}" in found["nextStep"]


def test_services_wait_for_an_environment_that_is_changed_by_something_else(hands: Hands, tmp_path: Path) -> None:
    with hands.busy(stack(hands, "test"), tmp_path / "gate"):
        found = checked(hands)
        assert "UPDATE_IN_PROGRESS" in found["test"]["blocked"]
        assert found["test-api"]["blocked"] == "environment test comes first"


def test_a_stack_set_that_another_writer_locks_is_named(hands: Hands, tmp_path: Path) -> None:
    with hands.set_busy(tmp_path / "gate"):
        assert "locked" in checked(hands)["infrastructure"]["blocked"]
        assert "wait until it has ended" in refused(hands)


def test_roles_that_lost_the_permissions_boundary_are_named(hands: Hands) -> None:
    with hands.recorded(names.app_parameter(hands.place.app), permissionsBoundary="limits"):
        changes = checked(hands)["infrastructure-roles"]["changes"]
    lacking = "gets the application's permissions boundary, which it lacks"
    assert {f"{role}: {lacking}" for role in ("AdministrationRole", "ExecutionRole")} <= set(changes)


def test_an_environment_from_before_versions_gets_its_manifest_from_its_record(hands: Hands) -> None:
    def forget(template: dict[str, Any]) -> None:
        noted(template)
        del template["Metadata"]
        template["Resources"]["Cluster"]["Properties"]["ClusterSettings"] = [
            {"Name": "containerInsights", "Value": "enabled"}
        ]

    path = names.env_parameter(hands.place.app, "test")
    with (
        hands.edited(stack(hands, "test"), forget),
        hands.recorded(path, telemetry={"containerInsights": True}),
    ):
        found = checked(hands)["test"]
    assert [change.rpartition(": ")[2] for change in found["changes"]] == ["Description"]
    assert (found["blocked"], found["replaced"], found["removed"]) == ("", [], [])


def test_what_this_version_cannot_deploy_yet_is_named(hands: Hands) -> None:
    with hands.edited(stack(hands, "test-api"), with_metadata(Manifest="name: api\ntype: Static Site\n")):
        found = checked(hands)["test-api"]
        assert "Static Site" in found["blocked"]
    with hands.edited(stack(hands, "test-api"), with_metadata(Manifest=f"{BACKEND}taskdef_overrides: [{{path: a}}]\n")):
        assert "taskdef_overrides" in checked(hands)["test-api"]["blocked"]


def test_what_would_be_lost_is_named_and_needs_a_flag(hands: Hands) -> None:
    def grow(template: dict[str, Any]) -> None:
        template["Resources"]["Extra"] = {"Type": "AWS::SNS::Topic"}

    hands.edit(stack(hands, "test-api"), grow)
    assert checked(hands)["test-api"]["removed"] == ["Extra"]
    told = refused(hands)
    assert "removes Extra" in told
    assert "--allow-replacement" in told


def test_without_a_terminal_the_flag_that_says_yes_is_named(hands: Hands) -> None:
    before = hands.history()
    told = hands.place.desk.fails("app", "adopt", "--allow-replacement", "--name", hands.place.app).err
    assert "--yes" in told
    assert hands.history() == before


def test_what_cannot_be_adopted_stays_and_the_rest_is_adopted(hands: Hands) -> None:
    hands.edit(stack(hands, "test-api"), with_metadata(Manifest="name: api\ntype: Static Site\n"))
    kept = hands.template(stack(hands, "test-api"))
    told = hands.place.desk.ok("app", "adopt", "--yes", "--allow-replacement", "--name", hands.place.app).err
    assert "adopted, but for 1 of its stacks" in told
    assert "api in test" in told
    assert hands.template(stack(hands, "test-api")) == kept
    assert hands.template(stack(hands, "test"))["Metadata"]["Version"] == TEMPLATE_VERSION
    hands.edit(stack(hands, "test-api"), with_metadata(Manifest=BACKEND))
    hands.place.desk.ok("app", "adopt", "--yes", "--allow-replacement", "--name", hands.place.app)
    assert "Extra" not in hands.template(stack(hands, "test-api"))["Resources"]
    assert "is adopted already" in hands.place.desk.ok("app", "adopt", "--yes", "--name", hands.place.app).err


def test_an_application_whose_roles_stack_is_gone_can_be_mended(fresh: Hands) -> None:
    fresh.client("cloudformation").delete_stack(StackName=names.roles_stack(fresh.place.app))
    fresh.client("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName=names.roles_stack(fresh.place.app), WaiterConfig={"Delay": 1}
    )
    mended_by_its_next_step(fresh, "infrastructure-roles")


def test_an_application_whose_stack_set_is_gone_can_be_mended(fresh: Hands) -> None:
    fresh.client("cloudformation").delete_stack_set(StackSetName=fresh.stack_set)
    mended_by_its_next_step(fresh, "infrastructure")


def mended_by_its_next_step(fresh: Hands, part: str) -> None:
    found = checked(fresh)[part]
    assert "half made or half deleted" in found["blocked"]
    assert found["nextStep"] == f"copilot app init {fresh.place.app}"
    assert "half deleted" in refused(fresh)
    fresh.place.desk.ok(*found["nextStep"].split()[1:])
    assert checked(fresh)[part]["blocked"] == ""
    fresh.place.desk.ok("app", "delete", "--yes")


def test_an_environment_whose_stack_is_gone_is_named(fresh: Hands) -> None:
    fresh.place.desk.ok("env", "init", "--name", "test", "--default-config")
    api = fresh.client("cloudformation")
    api.delete_stack(StackName=stack(fresh, "test"))
    api.get_waiter("stack_delete_complete").wait(StackName=stack(fresh, "test"), WaiterConfig={"Delay": 1})
    found = checked(fresh)["test"]
    assert "half made or half deleted" in found["blocked"]
    assert found["nextStep"] == "copilot env init --name test"
    iam = fresh.client("iam")
    for role in ("CFNExecutionRole", "EnvManagerRole"):
        name = stack(fresh, f"test-{role}")
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)
    assert checked(fresh)["test"]["blocked"] == found["blocked"], "also without the role that manages it"
    fresh.place.desk.ok("app", "delete", "--yes")


def test_an_environment_that_has_only_its_roles_is_named(fresh: Hands) -> None:
    fresh.place.desk.ok("env", "init", "--name", "test", "--default-config")
    found = checked(fresh)["test"]
    assert found["blocked"] == "it has only its roles"
    assert found["nextStep"] == "copilot env deploy --name test"
    fresh.place.desk.ok("app", "delete", "--yes")
