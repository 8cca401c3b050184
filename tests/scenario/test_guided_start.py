"""From an empty directory to a running application, command by command, without a terminal; and back to nothing."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml
from desk import VOTE, Desk, Place, eventually, tally, vote


def sources(desk: Desk) -> None:
    """The voting application without anything of Copilot's."""
    for name in ("aggregator", "collector"):
        shutil.copytree(VOTE / name, desk.root / name, ignore=shutil.ignore_patterns("__pycache__"))


def init_services(desk: Desk) -> None:
    for name, kind in (("aggregator", "Backend Service"), ("collector", "Load Balanced Web Service")):
        desk.ok("svc", "init", "--name", name, "--svc-type", kind, "--dockerfile", f"./{name}/Dockerfile")


def test_from_an_empty_directory_to_a_running_application_and_back(place: Place) -> None:
    desk, app, inventory = place.desk, place.app, place.inventory
    sources(desk)

    desk.ok("app", "init", app)
    assert desk.read("copilot/.workspace") == f"application: {app}\n"
    assert inventory.status(f"{app}-infrastructure-roles") == "CREATE_COMPLETE"
    assert app in desk.ok("app", "ls").out.split()

    desk.ok("env", "init", "--name", "test", "--default-config")
    assert "name: test" in desk.read("copilot/environments/test/manifest.yml")
    assert desk.ok("env", "ls").out == "test\n"
    desk.ok("env", "deploy", "--name", "test")
    assert inventory.status(f"{app}-test") == "UPDATE_COMPLETE"
    assert "up to date" in desk.ok("env", "deploy", "--name", "test").err

    init_services(desk)
    manifest = yaml.safe_load(desk.read("copilot/collector/manifest.yml"))
    assert manifest["image"] == {"build": "collector/Dockerfile", "port": 8080}, "the port is the Dockerfile's"
    assert inventory.repositories() == [f"repository {app}/aggregator", f"repository {app}/collector"]

    desk.ok("svc", "deploy", "--name", "aggregator", "--env", "test")
    deployed = desk.ok("svc", "deploy", "--name", "collector", "--env", "test")
    url = deployed.out.strip()
    assert vote(url, "cats") == {"cats": 1, "dogs": 0}
    look_around(place, url)

    assert "is up to date: nothing to change" in desk.ok("svc", "deploy", "--name", "collector", "--env", "test").err
    refused = desk.fails("env", "delete", "--name", "test", "--yes")
    assert "aggregator, collector still run there" in refused.err
    assert tally(url) == {"cats": 1, "dogs": 0}, "a refused deletion deletes nothing"

    desk.ok("svc", "delete", "--name", "collector", "--env", "test", "--yes")
    assert inventory.status(f"{app}-test-collector") == ""
    assert "repository" in " ".join(inventory.repositories()), "the service itself is still there"
    desk.ok("svc", "delete", "--name", "collector", "--yes")
    desk.ok("svc", "delete", "--name", "aggregator", "--yes")
    assert inventory.repositories() == []
    assert desk.ok("svc", "ls", "--json").json() == {"services": None}
    desk.ok("env", "delete", "--name", "test", "--yes")
    assert desk.ok("env", "ls").out == ""
    desk.ok("app", "delete", "--yes")
    assert inventory.everything() == []
    assert not (desk.root / "copilot" / ".workspace").exists()
    assert (desk.root / "copilot" / "collector" / "manifest.yml").exists(), "what the user wrote is kept"


def look_around(place: Place, url: str) -> None:
    """Everything that shows, in its form for programs."""
    desk, app = place.desk, place.app
    shown = desk.ok("app", "show", "--json").json()
    assert [env["name"] for env in shown["environments"]] == ["test"]
    assert [service["name"] for service in shown["services"]] == ["aggregator", "collector"]
    env = desk.ok("env", "show", "--name", "test", "--json").json()
    assert env["environment"]["managerRoleARN"].endswith(f"{app}-test-EnvManagerRole")
    assert [one["name"] for one in desk.ok("env", "ls", "--json").json()["environments"]] == ["test"]
    service = desk.ok("svc", "show", "--name", "collector", "--json").json()
    assert service["routes"] == [{"environment": "test", "url": url}]
    assert service["serviceConnect"] == [{"environment": ["test"], "endpoint": "collector:8080"}]
    status = desk.ok("svc", "status", "--name", "collector", "--env", "test", "--json").json()
    assert (status["Service"]["desiredCount"], status["Service"]["runningCount"]) == (1, 1)
    assert [one["healthStatus"]["state"] for one in status["targetHealthDescriptions"]] == ["healthy"]
    eventually(lambda: any("POST /vote?choice=cats" in message for message in logged(desk, "aggregator")))
    eventually(lambda: "POST /vote?choice=cats" in desk.ok("svc", "logs", "--name", "collector", "--env", "test").out)
    assert [one["name"] for one in desk.ok("svc", "ls", "--json").json()["services"]] == ["aggregator", "collector"]


def logged(desk: Desk, name: str) -> list[str]:
    lines = desk.ok("svc", "logs", "--name", name, "--env", "test", "--json").out.splitlines()
    return [json.loads(line)["message"] for line in lines]


def test_all_of_a_workspace_in_one_command(vote_place: Place) -> None:
    desk, inventory = vote_place.desk, vote_place.inventory
    desk.ok("app", "init", vote_place.app)
    flags = ("--all", "--init-wkld", "--env", "test", "--init-env", "--deploy-env")
    deployed = desk.ok("deploy", *flags)
    url = deployed.out.strip()
    assert vote(url, "dogs") == {"cats": 0, "dogs": 1}
    again = desk.ok("deploy", *flags)
    assert again.out == deployed.out
    assert "Everything is up to date" in again.err
    assert tally(url) == {"cats": 0, "dogs": 1}
    desk.ok("app", "delete", "--yes")
    assert inventory.everything() == []


def test_one_command_that_asks_nothing_begins_an_application(place: Place) -> None:
    desk = place.desk
    sources(desk)
    done = desk.ok(
        *("init", "--app", place.app, "--name", "aggregator", "--type", "Backend Service"),
        *("--dockerfile", "aggregator/Dockerfile", "--port", "8080", "--deploy", "--env", "test"),
    )
    assert (
        desk.ok("svc", "status", "--name", "aggregator", "--env", "test", "--json").json()["Service"]["status"]
        == "ACTIVE"
    )
    assert "aggregator" in done.err
    desk.ok("app", "delete", "--yes")
    assert place.inventory.everything() == []


@pytest.fixture
def running(vote_place: Place) -> tuple[Place, str]:
    """The voting application, deployed, and its URL."""
    url = vote_place.desk.ok("local", "up").out.strip()
    return vote_place, url


def test_the_ways_to_deploy_a_service(running: tuple[Place, str]) -> None:
    place, url = running
    desk, inventory = place.desk, place.inventory
    deploy = ("svc", "deploy", "--name", "collector", "--env", "test")
    first = task_ids(place)

    desk.ok(*deploy, "--force")
    assert task_ids(place) != first, "the same version in new tasks"
    assert tally(url) == {"cats": 0, "dogs": 0}

    desk.edit("copilot/collector/manifest.yml", "# variables:\n#   AGGREGATOR_URL", "variables:\n  AGGREGATOR_URL")
    desk.edit("copilot/collector/manifest.yml", "http://aggregator:8080\n", "http://aggregator:8080/\n")
    difference = desk.run("svc", "package", "--name", "collector", "--env", "test", "--diff")
    assert (difference.code, "AGGREGATOR_URL" in difference.out) == (1, True), difference.told
    before = task_ids(place)
    asked = desk.fails(*deploy, "--diff")
    assert "--diff-yes" in asked.err
    assert task_ids(place) == before, "nobody said yes"
    said = desk.ok(*deploy, "--diff", "--diff-yes")
    assert "AGGREGATOR_URL" in said.out
    assert task_ids(place) != before
    assert desk.ok("svc", "package", "--name", "collector", "--env", "test", "--diff").code == 0

    desk.ok(*deploy, "--tag", "v2", "--resource-tags", "team=red,cost=1")
    assert inventory.tags(f"{place.app}-test-collector")["team"] == "red"
    assert inventory.image(f"{place.app}-test-collector").endswith("/collector:v2")

    desk.edit("collector/server.py", "Which do you like better?", "Which is it?")
    detached = desk.ok(*deploy, "--detach")
    assert "goes on by itself" in detached.err
    assert eventually(lambda: inventory.status(f"{place.app}-test-collector") == "UPDATE_COMPLETE")

    desk.edit("copilot/collector/manifest.yml", "count: 1", "count: 2")
    desk.ok(*deploy)
    assert len(inventory.tasks("collector")) == 2
    shown = desk.ok("svc", "status", "--name", "collector", "--env", "test", "--json").json()
    assert (shown["Service"]["desiredCount"], shown["Service"]["runningCount"]) == (2, 2)


def test_templates_as_they_would_be_deployed(running: tuple[Place, str]) -> None:
    place, _ = running
    desk = place.desk
    package = ("svc", "package", "--name", "collector", "--env", "test")
    printed = desk.ok(*package).out
    desk.ok(*package, "--output-dir", "infrastructure", "--tag", "v9")
    assert "AWS::ECS::Service" in printed
    assert desk.read("infrastructure/collector-test.stack.yml").splitlines()[0] == printed.splitlines()[0]
    parameters = json.loads(desk.read("infrastructure/collector-test.params.json"))
    assert parameters["Parameters"]["ContainerImage"].endswith("/collector:v9")
    assert parameters["Tags"]["copilot-service"] == "collector"

    printed = desk.ok("env", "package", "--name", "test").out
    assert "AWS::ECS::Cluster" in printed
    desk.ok("env", "package", "--name", "test", "--output-dir", "infrastructure")
    assert desk.read("infrastructure/test.env.yml") == printed
    assert json.loads(desk.read("infrastructure/test.env.params.json"))["Parameters"]["AppName"] == place.app
    assert desk.ok("env", "package", "--name", "test", "--diff").code == 0


def task_ids(place: Place) -> set[str]:
    return {task["taskArn"] for task in place.inventory.tasks("collector")}
