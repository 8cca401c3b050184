"""The local cloud's own commands, and `--local` before any other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_lines import Run


@pytest.fixture
def stopped_afterwards(copilot: Run) -> Iterator[None]:
    yield
    copilot("local", "stop")


def test_the_status_of_a_cloud_that_never_ran(copilot: Run) -> None:
    assert "  Status  stopped\n" in copilot("local", "status").out
    assert json.loads(copilot("local", "status", "--json").out)["running"] is False
    assert copilot("local", "stop").err == "The local cloud is not running.\n"


@pytest.mark.usefixtures("stopped_afterwards")
def test_a_local_cloud_from_start_to_reset(copilot: Run) -> None:
    started = copilot("local", "start", "--engine", "host")
    assert started.code == 0, started.err
    assert started.out.startswith("http://127.0.0.1:")
    document = json.loads(copilot("local", "status", "--json").out)
    assert (document["running"], document["engine"]) == (True, "host")
    assert started.out == f"http://127.0.0.1:{document['port']}\n"

    assert copilot("--local", "app", "init", "vote").code == 0
    assert copilot("--local", "app", "ls").out == "vote\n"

    exports = copilot("local", "env").out.splitlines()
    assert f"export AWS_ENDPOINT_URL={started.out.strip()}" in exports
    assert "AWS_REGION=us-west-2" in copilot("local", "env", "--syntax", "dotenv").out.splitlines()
    assert "set -gx AWS_REGION us-west-2" in copilot("local", "env", "--syntax", "fish").out.splitlines()
    assert copilot("local", "logs", "--limit", "1").code == 0

    refused = copilot("local", "reset")
    assert refused.code == 1
    assert "--yes is required" in refused.err
    assert copilot("--local", "app", "ls").out == "vote\n"
    assert copilot("local", "reset", "--yes").code == 0
    assert copilot("--local", "app", "ls").out == ""

    assert copilot("local", "stop").code == 0
    assert json.loads(copilot("local", "status", "--json").out)["running"] is False


@pytest.mark.usefixtures("stopped_afterwards")
def test_a_command_for_the_local_cloud_starts_it_and_says_so(copilot: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPILOT_LOCAL", "1")
    result = copilot("app", "ls")
    assert (result.code, result.out, result.err) == (0, "", "Starting the local cloud.\n")
    assert copilot("app", "ls").err == ""


def test_local_up_needs_a_workspace(copilot: Run) -> None:
    result = copilot("local", "up")
    assert result.code == 1
    assert result.err.startswith("✘ no workspace found")
    assert json.loads(copilot("local", "status", "--json").out)["running"] is False, "nothing was started for nothing"


def test_local_up_refuses_a_directory_of_another_tool(copilot: Run) -> None:
    Path("copilot").mkdir()
    Path("copilot/notes.txt").write_text("mine")
    result = copilot("local", "up")
    assert result.code == 1
    assert "belongs to no application" in result.err
    assert "if another tool made it" in result.err
