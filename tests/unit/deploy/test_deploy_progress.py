"""Stack events as nodes of the progress tree."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from copilot.aws.stack_records import StackEvent
from copilot.cfn.template import DESCRIPTION_KEY
from copilot.deploy.progress import descriptions, is_consequence, resource_event, state_of
from copilot.model.events import State

LABELS = {"Service": "The service"}


def happened(status: str, logical_id: str = "Service", reason: str = "") -> StackEvent:
    return StackEvent(
        id="1",
        stack_id="arn:stack",
        stack_name="web",
        logical_id=logical_id,
        physical_id="arn:thing",
        type="AWS::ECS::Service",
        status=status,
        reason=reason,
        time=datetime(2026, 1, 31, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("CREATE_IN_PROGRESS", State.RUNNING),
        ("UPDATE_ROLLBACK_IN_PROGRESS", State.RUNNING),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", State.RUNNING),
        ("CREATE_COMPLETE", State.DONE),
        ("DELETE_COMPLETE", State.DONE),
        ("UPDATE_COMPLETE", State.DONE),
        ("ROLLBACK_COMPLETE", State.FAILED),
        ("UPDATE_ROLLBACK_COMPLETE", State.FAILED),
        ("CREATE_FAILED", State.FAILED),
        ("DELETE_FAILED", State.FAILED),
        ("DELETE_SKIPPED", State.SKIPPED),
    ],
)
def test_a_status_is_a_state_of_the_tree(status: str, state: State) -> None:
    assert state_of(status) is state


def test_only_described_resources_are_shown() -> None:
    template = {
        "Resources": {
            "Service": {"Type": "AWS::ECS::Service", "Metadata": {DESCRIPTION_KEY: "The service"}},
            "Role": {"Type": "AWS::IAM::Role"},
        }
    }
    assert descriptions(template) == LABELS
    assert resource_event(("web",), happened("CREATE_COMPLETE", "Role"), LABELS) is None


def test_a_described_resource_is_a_child_of_its_stack() -> None:
    event = resource_event(("web",), happened("CREATE_IN_PROGRESS", reason="Resource creation Initiated"), LABELS)
    assert event is not None
    assert (event.path, event.label, event.status) == (("web", "Service"), "The service", "create in progress")
    assert event.detail == "", "a reason is told of failures only"


def test_a_failure_is_shown_with_its_reason_even_without_a_description() -> None:
    event = resource_event(("web",), happened("CREATE_FAILED", "Role", "no permission"), LABELS)
    assert event is not None
    assert (event.label, event.state, event.detail) == ("Role (AWS::ECS::Service)", State.FAILED, "no permission")


@pytest.mark.parametrize("reason", ["Resource creation cancelled", "Resource update canceled"])
def test_what_only_follows_from_a_failure_is_no_failure_of_its_own(reason: str) -> None:
    assert is_consequence(reason)
    assert resource_event(("web",), happened("CREATE_FAILED", "Role", reason), LABELS) is None
