"""`copilot local up` and its companions: a workspace from nothing to an answering URL and back."""

from __future__ import annotations

from collections.abc import Callable

from desk import Desk, Place, answers, copy_vote, eventually, get, tally, vote
from inventory import Inventory


def begin(desk: Desk, engine: str = "host") -> str:
    """The voting application's URL, on a cloud of the desk's own."""
    copy_vote(desk.root)
    return desk.ok("local", "up", "--engine", engine).out.strip()


def test_from_a_fresh_checkout_to_an_answer_and_back_to_nothing(own_cloud: Callable[..., Desk]) -> None:
    desk = own_cloud("vote")
    copy_vote(desk.root)
    files = desk.files()
    up = desk.ok("local", "up", "--engine", "host")
    assert "tasks run as plain processes, without isolation" in up.err
    assert "Deployed to environment test: aggregator, collector." in up.err
    assert desk.files() == files, "the workspace is read, not written"
    url = up.out.strip()
    assert vote(url, "dogs") == {"cats": 0, "dogs": 1}
    assert "environment test" in get(url)[1]

    again = desk.ok("local", "up")
    assert again.out == up.out
    assert "Everything is up to date in environment test: aggregator, collector." in again.err
    assert tally(url) == {"cats": 0, "dogs": 1}, "no task was replaced"

    desk.edit("collector/server.py", "<h1>Which do you like better?</h1>", "<h1>Which is it?</h1>")
    changed = desk.ok("local", "up")
    assert changed.out == up.out
    assert "<h1>Which is it?</h1>" in get(url)[1]
    assert tally(url) == {"cats": 0, "dogs": 1}, "the other service stayed as it was"
    assert "aggregator in test unchanged" in changed.err

    cloud = desk.ok("local", "status", "--json").json()
    inventory = Inventory(url=f"http://127.0.0.1:{cloud['port']}", app="vote")
    desk.ok("local", "down", "--delete")
    assert inventory.everything() == []
    assert desk.read("copilot/.workspace") == "application: vote\n"
    assert "nothing to delete" in desk.fails("local", "down", "--delete").err
    assert desk.ok("local", "up").out.startswith("http://localhost:")


def test_what_was_stopped_is_there_again_at_the_same_address(own_cloud: Callable[..., Desk]) -> None:
    desk = own_cloud("vote")
    url = begin(desk)
    before = desk.ok("--local", "svc", "show", "--name", "collector", "--json").json()
    desk.ok("local", "down")
    assert desk.ok("local", "status", "--json").json()["running"] is False
    assert not listening(url), "nothing answers when it is down"

    desk.ok("local", "start")
    assert eventually(lambda: answers(url)) == {"cats": 0, "dogs": 0}
    assert desk.ok("--local", "svc", "show", "--name", "collector", "--json").json() == before
    assert "Everything is up to date" in desk.ok("local", "up").err

    desk.ok("local", "reset", "--yes")
    assert desk.ok("--local", "app", "ls").out == ""
    assert not listening(url)
    assert desk.ok("local", "up").out.startswith("http://localhost:")


def test_two_workspaces_do_not_know_each_other(own_cloud: Callable[..., Desk]) -> None:
    one, other = own_cloud("one"), own_cloud("other")
    url, other_url = begin(one), begin(other)
    assert url != other_url
    assert vote(url, "cats") == {"cats": 1, "dogs": 0}
    assert tally(other_url) == {"cats": 0, "dogs": 0}
    other.ok("local", "down", "--delete")
    other.ok("local", "stop")
    assert tally(url) == {"cats": 1, "dogs": 0}
    assert one.ok("--local", "app", "ls").out == "vote\n"


def test_other_tools_reach_the_same_cloud_by_its_exports(own_cloud: Callable[..., Desk]) -> None:
    desk = own_cloud("tools")
    desk.ok("local", "start", "--engine", "host")
    exports = dict(line.split("=", 1) for line in desk.ok("local", "env", "--syntax", "dotenv").out.splitlines())
    desk.ok("app", "init", "shop", **exports)
    assert desk.ok("--local", "app", "ls").out == "shop\n"


def test_a_second_up_waits_for_the_first(vote_place: Place) -> None:
    first = vote_place.desk.start("local", "up")
    first.says("Roles of application")
    second = vote_place.desk.start("local", "up")
    ends = [first.end(), second.end()]
    assert [each.code for each in ends] == [0, 0], "\n".join(each.told for each in ends)
    assert ends[0].out == ends[1].out
    assert tally(ends[0].out.strip()) == {"cats": 0, "dogs": 0}
    vote_place.desk.ok("app", "delete", "--yes")
    assert vote_place.inventory.everything() == []


def listening(url: str) -> bool:
    try:
        get(url, seconds=0)
    except OSError:
        return False
    return True
