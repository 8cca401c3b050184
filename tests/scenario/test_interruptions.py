"""Commands that are cut short: killed at any moment, or stopped with Ctrl-C; and the same command again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import Desk, Place, answers, copy_vote, eventually, tally, vote
from gate import stopped_at
from inventory import client

from copilot.local.clouds import ACCOUNT, REGION

# In the order in which `local up` comes through them. What a killed command had begun goes on without it, so the next
# one finds it under way or done.
MOMENTS = (
    r"Roles of application \S+ submitting",
    r"Roles of application \S+ (unchanged|create complete|waiting)",
    r"Resources of application \S+ updating",
    r"Application resources in us-west-2 creating",
    r"Roles of environment test submitting",
    r"Roles of environment test (unchanged|create complete|waiting)",
    r"Environment test submitting",
    r"Environment test (unchanged|update in progress|waiting)",
    r"Image of collector publishing",
    r"collector in test submitting",
    r"collector in test (unchanged|create in progress|waiting)",
)
AT_A_GATE = """import pathlib, time
while not pathlib.Path({gate!r}).exists():
    time.sleep(0.1)
{program}"""


def test_local_up_that_is_killed_at_every_stage_goes_on_where_it_was(vote_place: Place) -> None:
    kills = 0
    for moment in MOMENTS:
        killed = vote_place.desk.start("local", "up")
        if killed.comes_to(moment):
            killed.kill()
            kills += 1
        else:
            # The one before had got further by the time that it was killed: there was nothing left of this stage.
            assert killed.end().code == 0
    assert kills >= len(MOMENTS) // 2
    url = vote_place.desk.ok("local", "up").out.strip()
    assert vote(url, "cats") == {"cats": 1, "dogs": 0}
    assert vote_place.desk.ok("app", "ls").out.split().count(vote_place.app) == 1
    assert "Everything is up to date" in vote_place.desk.ok("local", "up").err

    deletion = vote_place.desk.start("app", "delete", "--yes")
    deletion.says("Environment test delete in progress")
    deletion.kill()
    vote_place.desk.ok("app", "delete", "--yes")
    assert vote_place.inventory.everything() == []


@pytest.mark.parametrize("call", ["CreateStack", "CreateStackSet", "PutParameter"])
def test_an_application_whose_init_was_killed_can_be_deleted(place: Place, call: str) -> None:
    with stopped_at(place, call) as (desk, gate):
        killed = desk.start("app", "init", place.app)
        gate.await_call()
        killed.kill()
    assert place.desk.ok("app", "ls").out.split().count(place.app) == 0, "what is listed is complete"
    place.desk.ok("app", "delete", "--yes")
    assert place.inventory.everything() == []


@pytest.mark.parametrize("call", ["CreateStack", "PutParameter"])
def test_an_environment_whose_init_was_killed_goes_with_its_application(place: Place, call: str) -> None:
    place.desk.ok("app", "init", place.app)
    with stopped_at(place, call) as (desk, gate):
        killed = desk.start("env", "init", "--name", "test", "--default-config")
        gate.await_call()
        killed.kill()
    assert place.desk.ok("env", "ls").out == "", "what is listed is complete"
    place.desk.ok("app", "delete", "--yes")
    assert place.inventory.everything() == []


def test_ctrl_c_while_a_service_is_made_deletes_it_again(vote_place: Place) -> None:
    vote_place.desk.write("collector/server.py", "import time\ntime.sleep(600)\n")
    stopped = vote_place.desk.start("local", "up")
    stopped.says("collector in test > The service that keeps the tasks running create in progress")
    stopped.interrupt()
    result = stopped.end()
    assert result.code == 130, result.told
    told = result.err.split("✘")[-1]
    assert f"deployment of {vote_place.app}-test-collector stopped" in told, "each deployment that was stopped is told"
    assert "hint: run the same command again to go on" in result.err
    assert vote_place.inventory.status(f"{vote_place.app}-test-collector") == ""
    vote_place.desk.ok("app", "delete", "--yes")
    assert vote_place.inventory.everything() == []


def test_ctrl_c_while_a_service_changes_rolls_it_back(vote_place: Place) -> None:
    url = vote_place.desk.ok("local", "up").out.strip()
    vote_place.desk.write("collector/server.py", "import time\ntime.sleep(600)\n")
    stopped = vote_place.desk.start("svc", "deploy", "--name", "collector", "--env", "test")
    stopped.says("The service that keeps the tasks running update in progress")
    stopped.interrupt()
    result = stopped.end()
    assert result.code == 130, result.told
    assert vote_place.inventory.status(f"{vote_place.app}-test-collector") == "UPDATE_ROLLBACK_COMPLETE"
    assert eventually(lambda: answers(url)) == {"cats": 0, "dogs": 0}, "the version before still answers"

    published = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{vote_place.app}/collector:latest"
    vote_place.desk.edit("copilot/collector/manifest.yml", "build: collector/Dockerfile", f"location: {published}")
    with stopped_at(vote_place, "CancelUpdateStack") as (desk, gate):
        again = desk.start("svc", "deploy", "--name", "collector", "--env", "test")
        again.says("The service that keeps the tasks running update in progress")
        again.interrupt()
        gate.await_call()
        again.interrupt()
        left = again.end()
    assert left.code == 130, left.told
    assert "left while at work on collector in test, which may go on by itself" in left.err, left.told
    assert "hint: run the same command again" in left.err


def test_a_killed_server_has_lost_nothing(own_cloud: Callable[..., Desk], tmp_path: Path) -> None:
    desk = own_cloud("vote")
    copy_vote(desk.root)
    gate = tmp_path / "gate"
    desk.write("collector/server.py", AT_A_GATE.format(gate=str(gate), program=desk.read("collector/server.py")))
    desk.ok("local", "start", "--engine", "host")
    deserted = desk.start("local", "up")
    deserted.says("collector in test create in progress")
    kill_server(desk)
    left = deserted.end()
    assert left.code == 1
    assert "copilot local start" in left.err.split("✘")[-1], left.told

    gate.touch()
    url = desk.ok("local", "up").out.strip()
    assert tally(url) == {"cats": 0, "dogs": 0}
    before = desk.ok("--local", "app", "show", "--name", "vote", "--json").json()
    await_save(desk)
    kill_server(desk)
    assert desk.ok("--local", "app", "show", "--name", "vote", "--json").json() == before
    assert eventually(lambda: answers(url)) == {"cats": 0, "dogs": 0}
    assert "Everything is up to date" in desk.ok("local", "up").err


def await_save(desk: Desk) -> None:
    """Returns when all that has happened until now is on disk: the cloud saves what there is at one moment."""
    cloud = desk.ok("local", "status", "--json").json()
    client("ssm", f"http://127.0.0.1:{cloud['port']}").put_parameter(Name="/last", Value="1", Type="String")
    eventually(lambda: '"/last"' in Path(cloud["home"], "state", "ssm.json").read_text())


def kill_server(desk: Desk) -> None:
    pid = desk.ok("local", "status", "--json").json()["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not desk.ok("local", "status", "--json").json()["running"])
