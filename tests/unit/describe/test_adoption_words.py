"""What is said of a stack that can't be adopted, and of what adopting changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copilot import TEMPLATE_VERSION
from copilot.aws.stack_records import Change, DeployedStack
from copilot.cfn import dump
from copilot.describe.adoption import explain, newer, obstacle
from copilot.describe.stacks import ObservedStack


def in_status(status: str) -> ObservedStack:
    return ObservedStack(
        deployed=DeployedStack(
            id="arn",
            name="shop-test",
            status=status,
            status_reason="",
            parameters={},
            outputs={},
            tags={},
            role_arn="",
            last_updated=datetime(2026, 5, 4, tzinfo=UTC),
        )
    )


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_at_rest_is_no_obstacle(status: str) -> None:
    assert obstacle(in_status(status), "shop-test", "copilot env init") == ("", "")


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_a_stack_under_way_is_waited_for(status: str) -> None:
    why, step = obstacle(in_status(status), "shop-test", "copilot env init")
    assert status in why
    assert step.startswith("wait")


@pytest.mark.parametrize(
    "status",
    [
        "CREATE_FAILED",
        "DELETE_FAILED",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_FAILED",
    ],
)
def test_a_failed_stack_is_mended_first(status: str) -> None:
    why, step = obstacle(in_status(status), "shop-test", "copilot env init")
    assert status in why
    assert "describe-stack-events --stack-name shop-test" in step


@pytest.mark.parametrize("observed", [ObservedStack(), in_status("DELETE_COMPLETE"), in_status("REVIEW_IN_PROGRESS")])
def test_a_stack_that_holds_nothing_is_made(observed: ObservedStack) -> None:
    why, step = obstacle(observed, "shop-test", "copilot env init")
    assert "there is no stack shop-test" in why
    assert step == "copilot env init"


@pytest.mark.parametrize("version", ["1.0", "v0.0.0", "v1.34.1", TEMPLATE_VERSION, "v1.34.1+other", "nonsense"])
def test_what_is_not_newer_is_no_obstacle(version: str) -> None:
    assert newer(version) == ("", "")


@pytest.mark.parametrize("version", ["v9.9.9", "v1.34.2", "v1.35.0-beta"])
def test_what_is_newer_needs_the_newer_release(version: str) -> None:
    why, step = newer(version)
    assert version in why
    assert step == "install the newer release, then try again"


def test_a_role_that_lost_its_permissions_boundary_is_told_apart() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "admin"}}
    bound = {**role, "Properties": {**role["Properties"], "PermissionsBoundary": "arn"}}  # type: ignore[dict-item]
    observed = ObservedStack(template=dump({"Resources": {"Role": role, "Other": bound}}))
    changed = {**bound, "Properties": {**bound["Properties"], "PermissionsBoundary": "other"}}
    changes = [Change(logical_id=name, type="AWS::IAM::Role", action="Modify") for name in ("Role", "Other")]
    assert explain(observed, {"Resources": {"Role": bound, "Other": changed}}, changes) == (
        "Role: gets the application's permissions boundary, which it lacks",
        "Other: PermissionsBoundary",
    )
