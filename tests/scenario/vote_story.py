"""The voting application's life, told once for every engine: built, called, logged, scaled, updated, rolled back."""

from __future__ import annotations

from desk import Desk, answers, copy_vote, eventually, get, tally, vote
from inventory import Inventory

DEPLOY = ("svc", "deploy", "--name", "collector", "--env", "test")
LOGS = ("svc", "logs", "--name", "collector", "--env", "test", "--limit", "200")


def live(desk: Desk, *, engine: str, bad_line: str, told: str) -> None:
    """Tells the story in an empty directory; `bad_line` in a Dockerfile makes an image that can't run: `told` why."""
    copy_vote(desk.root)
    local = desk.at(desk.root, COPILOT_LOCAL="1")
    url = desk.ok("local", "up", "--engine", engine).out.strip()
    assert desk.ok("local", "status", "--json").json()["engine"] == engine
    inventory = Inventory(url=f"http://127.0.0.1:{desk.ok('local', 'status', '--json').json()['port']}", app="vote")
    assert vote(url, "cats") == {"cats": 1, "dogs": 0}
    is_logged(local)
    is_scaled(local, inventory, url)
    is_updated(local, url)
    is_rolled_back(local, inventory, url, bad_line, told)
    assert eventually(lambda: answers(url)) == {"cats": 1, "dogs": 0}, "the aggregator was never touched"
    desk.ok("local", "down", "--delete")
    assert inventory.everything() == []


def is_logged(desk: Desk) -> None:
    for name in ("aggregator", "collector"):
        logs = ("svc", "logs", "--name", name, "--env", "test", "--limit", "100")
        eventually(lambda logs=logs: "POST /vote?choice=cats" in desk.ok(*logs).out)


def is_scaled(desk: Desk, inventory: Inventory, url: str) -> None:
    desk.edit("copilot/collector/manifest.yml", "count: 1", "count: 2")
    desk.ok(*DEPLOY)
    assert len(inventory.tasks("collector")) == 2
    status = desk.ok("svc", "status", "--name", "collector", "--env", "test", "--json").json()
    assert [one["healthStatus"]["state"] for one in status["targetHealthDescriptions"]] == ["healthy", "healthy"]
    for _ in range(6):
        assert tally(url) == {"cats": 1, "dogs": 0}
    eventually(lambda: len(answering(desk)) == 2)  # both tasks


def answering(desk: Desk) -> set[str]:
    """The log streams of the tasks that were asked for the tally."""
    return {line.split()[0] for line in desk.ok(*LOGS).out.splitlines() if "GET /api/tally" in line}


def is_updated(desk: Desk, url: str) -> None:
    desk.edit("collector/server.py", "<h1>Which do you like better?</h1>", "<h1>Which is it?</h1>")
    desk.ok(*DEPLOY)
    assert "<h1>Which is it?</h1>" in get(url)[1]


def is_rolled_back(desk: Desk, inventory: Inventory, url: str, bad_line: str, told: str) -> None:
    good = desk.read("collector/Dockerfile")
    image = inventory.image("vote-test-collector")
    desk.write("collector/Dockerfile", f"{good}{bad_line}\n")
    failed = desk.fails(*DEPLOY)
    assert told in failed.err.split("✘")[-1], failed.told
    desk.write("collector/Dockerfile", good)
    assert inventory.status("vote-test-collector") == "UPDATE_ROLLBACK_COMPLETE"
    assert inventory.image("vote-test-collector") == image
    assert "<h1>Which is it?</h1>" in get(url)[1], "the version before answers"
