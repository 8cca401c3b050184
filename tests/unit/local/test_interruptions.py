from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import cloudformation

from copilot.local.cloudformation.interruptions import Interruptions

SCOPE = ("111111111111", "eu-west-1")


@pytest.fixture
def restored() -> Iterator[dict[str, dict[str, Any]]]:
    """Stacks as a server finds them that starts after one that was killed, by what they were doing."""
    statuses = {
        "made": "CREATE_IN_PROGRESS",
        "changed": "UPDATE_IN_PROGRESS",
        "cleaned": "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "removed": "DELETE_IN_PROGRESS",
        "done": "CREATE_COMPLETE",
        "planned": "REVIEW_IN_PROGRESS",
    }
    stacks = {
        name: {
            "StackName": name,
            "StackId": f"arn:{name}",
            "StackStatus": status,
            "_template": {"deployed": 1},
            "_template_body": "wanted",
        }
        for name, status in statuses.items()
    }
    cloudformation._stacks._data.update({(*SCOPE, name): stack for name, stack in stacks.items()})
    cloudformation._change_sets._data[(*SCOPE, "set")] = {"ExecutionStatus": "EXECUTE_IN_PROGRESS"}
    yield stacks
    cloudformation.reset()


def test_nothing_stays_in_progress_over_a_restart(restored: dict[str, dict[str, Any]]) -> None:
    Interruptions().load_persisted_state({})
    assert {name: stack["StackStatus"] for name, stack in restored.items()} == {
        "made": "ROLLBACK_FAILED",
        "changed": "UPDATE_ROLLBACK_COMPLETE",
        "cleaned": "UPDATE_COMPLETE",
        "removed": "DELETE_FAILED",
        "done": "CREATE_COMPLETE",
        "planned": "REVIEW_IN_PROGRESS",
    }
    assert cloudformation._change_sets._data[(*SCOPE, "set")]["ExecutionStatus"] == "EXECUTE_FAILED"


def test_an_interrupted_update_shows_the_template_that_is_deployed(restored: dict[str, dict[str, Any]]) -> None:
    Interruptions().load_persisted_state({})
    assert json.loads(restored["changed"]["_template_body"]) == {"deployed": 1}
    assert restored["done"]["_template_body"] == "wanted"
