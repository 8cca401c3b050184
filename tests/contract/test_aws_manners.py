"""What AWS does and no emulator: answers in parts, lists that hold images, deployments that are taken back."""

from __future__ import annotations

from typing import Any

import pytest
from answering import QuickClock, answering

from copilot.deploy.rollout import RolloutWatch, force_rollout
from copilot.errors import AWSError, StackFailed

LIST, HELD, GONE = "sha256:list", "sha256:held", "sha256:gone"


class Repository:
    """Refuses to delete an image while a list holds it."""

    def __init__(self) -> None:
        self.images = {LIST, HELD}

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        wanted = [each["imageDigest"] for each in asked["imageIds"]]
        failures = {GONE: "ImageNotFound", HELD: "ImageReferencedByManifestList" if LIST in self.images else ""}
        failed = [digest for digest in wanted if failures.get(digest)]
        self.images -= set(wanted) - set(failed)
        return {"imageIds": [], "failures": [failure(digest, failures[digest]) for digest in failed]}


def failure(digest: str, code: str) -> dict[str, Any]:
    return {"imageId": {"imageDigest": digest}, "failureCode": code, "failureReason": f"because of {code}"}


def test_images_that_a_list_holds_go_after_the_list() -> None:
    repository = Repository()
    with answering(repository.answer) as aws:
        aws.cloud.repositories.delete_images("shop/web", [GONE, HELD, LIST])
    assert repository.images == set()


def test_images_that_a_list_of_somebody_else_holds_are_told() -> None:
    repository = Repository()
    with answering(repository.answer) as aws, pytest.raises(AWSError, match="because of ImageReferenced"):
        aws.cloud.repositories.delete_images("shop/web", [HELD])


def deployment(identity: str, status: str, state: str) -> dict[str, Any]:
    return {
        "id": identity,
        "status": status,
        "taskDefinition": "arn:aws:ecs:us-west-2:123456789012:task-definition/shop-test-web:1",
        "desiredCount": 1,
        "runningCount": 1,
        "updatedAt": 1_700_000_000,
        "rolloutState": state,
        "rolloutStateReason": f"{identity} is {state}",
    }


def service(*deployments: dict[str, Any]) -> dict[str, Any]:
    return {
        "serviceArn": "arn:aws:ecs:us-west-2:123456789012:service/cluster/web",
        "serviceName": "web",
        "status": "ACTIVE",
        "desiredCount": 1,
        "runningCount": 1,
        "taskDefinition": deployments[0]["taskDefinition"],
        "deployments": list(deployments),
    }


class Restart:
    """A service whose forced deployment goes through these steps, one at each look."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.steps = list(steps)

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        if operation == "ListServices":
            return {"serviceArns": ["arn:aws:ecs:us-west-2:123456789012:service/cluster/web"]}
        if operation == "UpdateService":
            return {"service": service(deployment("new", "PRIMARY", "IN_PROGRESS"))}
        if "include" not in asked:
            return {"services": [service(deployment("old", "PRIMARY", "COMPLETED"))]}
        return {"services": [self.steps.pop(0)]}


def restart(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    """What is left of the steps once the restart is over."""
    waiting = Restart(*steps)
    with answering(waiting.answer) as aws:
        force_rollout(aws.cloud, cluster="cluster", stack="shop-test-web", clock=QuickClock(), wait=True)
    return waiting.steps


def test_a_restart_is_over_when_its_own_deployment_is() -> None:
    stale = service(deployment("old", "PRIMARY", "COMPLETED"))
    begun = service(deployment("new", "PRIMARY", "IN_PROGRESS"), deployment("old", "ACTIVE", "COMPLETED"))
    assert restart(stale, begun, service(deployment("new", "PRIMARY", "COMPLETED"))) == []


def test_a_restart_that_was_taken_back_has_failed() -> None:
    back = service(deployment("back", "PRIMARY", "COMPLETED"), deployment("new", "ACTIVE", "FAILED"))
    with pytest.raises(StackFailed, match="new is FAILED"):
        restart(back)
    begun = service(deployment("new", "PRIMARY", "IN_PROGRESS"))
    with pytest.raises(StackFailed, match="did not stay up"):
        restart(begun, service(deployment("back", "PRIMARY", "COMPLETED")))


def test_tasks_that_nobody_may_look_at_stop_no_deployment() -> None:
    refused = {"__type": "AccessDeniedException", "message": "not for you"}
    with answering(lambda operation, asked: refused) as aws:
        watch = RolloutWatch(cloud=aws.cloud, cluster="cluster", stack="shop-test-web", is_watching=True)
        assert list(watch.look([])) == []
        assert "not for you" in watch.findings()


def test_the_end_of_a_stream_is_looked_for_behind_empty_pages() -> None:
    pages: dict[str | None, tuple[list[str], str]] = {
        None: (["c"], "1"),
        "1": ([], "2"),
        "2": (["a", "b"], "3"),
        "3": ([], "3"),
    }

    def answer(operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        lines, token = pages[asked.get("nextToken")]
        return {"events": [{"message": line, "timestamp": 1} for line in lines], "nextBackwardToken": token}

    with answering(answer) as aws:
        assert [event.message for event in aws.cloud.logs.tail("g", stream="s", limit=3)] == ["a", "b", "c"]
        assert [event.message for event in aws.cloud.logs.tail("g", stream="s", limit=9)] == ["a", "b", "c"]
