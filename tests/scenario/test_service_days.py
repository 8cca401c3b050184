"""Days of a running service: its lines are read as they come, its tasks are scaled, its repository is deleted."""

from __future__ import annotations

import json
import urllib.request

import pytest
from desk import Place, eventually, get, tally, vote
from inventory import client

DEPLOY = ("svc", "deploy", "--name", "collector", "--env", "test")
LOGS = ("svc", "logs", "--name", "collector", "--env", "test")
INTERRUPTED = 130
RANGE = """count:
  range: 1-3
  cpu_percentage: 99
"""


@pytest.fixture
def running(vote_place: Place) -> tuple[Place, str]:
    """The voting application, deployed, and its URL."""
    return vote_place, vote_place.desk.ok("local", "up").out.strip()


def test_lines_are_followed_until_ctrl_c_and_read_when_their_task_is_gone(running: tuple[Place, str]) -> None:
    place, url = running
    desk = place.desk
    following = desk.start(*LOGS, "--follow")
    eventually(lambda: get(f"{url}/api/tally") and any("GET /api/tally" in line for line in following.out), seconds=60)
    following.interrupt()
    ended = following.end()
    assert (ended.code, ended.err) == (INTERRUPTED, ""), ended.told

    assert desk.fails(*LOGS, "--previous").err.startswith("✘ no stopped task of collector found")
    first = place.inventory.tasks("collector")[0]["taskArn"].rpartition("/")[2]
    desk.ok(*DEPLOY, "--force")
    eventually(lambda: place.inventory.tasks("collector")[0]["taskArn"].rpartition("/")[2] != first)
    eventually(lambda: get(f"{url}/nothing-like-this")[0] == 404)
    last = [json.loads(line) for line in desk.ok(*LOGS, "--previous", "--limit", "1000", "--json").out.splitlines()]
    assert {line["logStreamName"] for line in last} == {f"copilot/collector/{first}"}
    assert any("GET /api/tally" in line["message"] for line in last)
    said = desk.ok(*LOGS, "--since", "1h").out
    assert "GET /api/tally" in said and "nothing-like-this" in said
    assert desk.ok(*LOGS, "--start-time", "2020-01-01T00:00:00Z", "--end-time", "2020-01-02T00:00:00Z").out == ""


def test_a_service_that_was_scaled_keeps_its_tasks_when_it_is_deployed_again(running: tuple[Place, str]) -> None:
    place, url = running
    desk, ecs = place.desk, client("ecs", place.url)
    desk.edit("copilot/collector/manifest.yml", "count: 1\n", RANGE)
    desk.ok(*DEPLOY)
    task = place.inventory.tasks("collector")[0]
    service = task["group"].partition(":")[2]
    ecs.update_service(cluster=task["clusterArn"], service=service, desiredCount=2)  # as its scaling policy does
    eventually(lambda: len(place.inventory.tasks("collector")) == 2)

    desk.edit("collector/server.py", "Which do you like better?", "Which is it?")
    desk.ok(*DEPLOY)
    status = desk.ok("svc", "status", "--name", "collector", "--env", "test", "--json").json()
    assert status["Service"]["desiredCount"] == 2
    assert "nothing to change" in desk.ok(*DEPLOY).err
    assert vote(url, "cats") == {"cats": 1, "dogs": 0}


def test_a_change_of_values_is_shown_and_agreed_to_before_anything_is_built(running: tuple[Place, str]) -> None:
    place, url = running
    desk = place.desk
    image = place.inventory.image(f"{place.app}-test-collector")
    desk.edit("collector/server.py", "Which do you like better?", "Which is it?")
    refused = desk.fails(*DEPLOY, "--diff")
    assert "--diff-yes is required" in refused.err
    assert "building" not in refused.err
    assert "--diff-yes is required" in desk.fails("env", "deploy", "--name", "test", "--diff").err

    shown = desk.ok(*DEPLOY, "--diff", "--diff-yes").out
    assert "The template would not change, but its parameters would" in shown
    now = place.inventory.image(f"{place.app}-test-collector")
    assert f"~ ContainerImage: {image} -> {now}" in shown
    assert "The template would not change.\n" in desk.ok(*DEPLOY, "--diff", "--diff-yes").out
    with urllib.request.urlopen(url, timeout=10) as page:
        assert b"Which is it?" in page.read()


def test_a_repository_that_is_gone_is_told_with_what_makes_it_again(running: tuple[Place, str]) -> None:
    place, url = running
    desk, ecr = place.desk, client("ecr", place.url)
    name = f"{place.app}/collector"
    ecr.delete_repository(repositoryName=name, force=True)
    desk.edit("collector/server.py", "Which do you like better?", "Which is it?")
    failed = desk.fails(*DEPLOY)
    assert f"repository {name} does not exist" in failed.err, failed.told
    assert "copilot svc init --name collector" in failed.err
    assert f"aws ecr create-repository --region us-west-2 --repository-name {name}" in failed.err
    assert tally(url) == {"cats": 0, "dogs": 0}
    ecr.create_repository(repositoryName=name)
    desk.ok(*DEPLOY)
    assert "Which is it?" in get(url)[1]
