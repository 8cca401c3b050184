"""Commands in hints and next steps: typed as they are printed, they mean the cloud that the command meant."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_lines import Run

from copilot import TEMPLATE_VERSION
from copilot.cli.failures import guarded
from copilot.cli.spoken import as_typed, outcome_as_typed
from copilot.cli.wiring import Wiring
from copilot.errors import NoCredentials, NotFound
from copilot.local.clouds import LocalCloud
from copilot.model.outcome import Outcome
from copilot.term.console import Console


def wiring(*, local: bool = False, **environ: str) -> Wiring:
    made = Wiring(console=Console.of(io.StringIO(), io.StringIO(), io.StringIO(), {}), environ=environ)
    made.local = made.local or local
    return made


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("make it: `copilot env init --name x`", "make it: `copilot --local env init --name x`"),
        ("copilot svc deploy, then copilot app ls", "copilot --local svc deploy, then copilot --local app ls"),
        ("Run `copilot deploy` or `copilot init`", "Run `copilot --local deploy` or `copilot --local init`"),
        ("`copilot local up`", "`copilot local up`"),
        ("`copilot --debug ...`", "`copilot --debug ...`"),
        ("correct copilot/app/manifest.yml", "correct copilot/app/manifest.yml"),
        ("my-copilot app", "my-copilot app"),
        ("a copilot application", "a copilot application"),
    ],
)
def test_commands_carry_local_after_a_command_that_had_it(text: str, told: str) -> None:
    assert as_typed(text, wiring(local=True)) == told
    assert as_typed(text, wiring()) == text
    assert as_typed(text, wiring(COPILOT_LOCAL="1")) == text, "the variable stays set"


def test_every_sentence_of_an_outcome_is_typed_so() -> None:
    line = "`copilot app ls`"
    outcome = outcome_as_typed(Outcome(message=line, notices=(line,), next_steps=(line,)), wiring(local=True))
    assert {outcome.message, *outcome.notices, *outcome.next_steps} == {"`copilot --local app ls`"}


def test_a_failure_s_hints_mean_the_same_cloud(capsys: pytest.CaptureFixture[str]) -> None:
    def missing(typed: list[str], wiring: Wiring) -> int:
        wiring.local = "--local" in typed
        raise NotFound("it is not there", hints=("make it: `copilot svc init`",))

    assert guarded(["--local"], missing) == 1
    assert capsys.readouterr().err.endswith("hint: make it: `copilot --local svc init`\n")
    assert guarded([], missing) == 1
    assert capsys.readouterr().err.endswith("hint: make it: `copilot svc init`\n")


def test_who_forgets_local_is_reminded_where_a_local_cloud_is(capsys: pytest.CaptureFixture[str]) -> None:
    def refused(typed: list[str], wiring: Wiring) -> int:
        raise NoCredentials("no credentials", hints=("set them up",))

    assert guarded(["svc", "logs", "-n", "web one"], refused) == 1
    assert "on the local cloud" not in capsys.readouterr().err
    LocalCloud.at(Path.cwd(), os.environ).home.path.mkdir(parents=True)
    assert guarded(["svc", "logs", "-n", "web one"], refused) == 1
    assert "hint: on the local cloud of this workspace: `copilot --local svc logs -n 'web one'`\nhint: set them" in (
        capsys.readouterr().err
    )


def test_what_is_missing_on_the_local_cloud_is_made_there(
    copilot: Run, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_LOCAL_HOME", str(local_cloud.home.path.parent))
    monkeypatch.setenv("COPILOT_LOCAL_CLOUD", local_cloud.home.name)
    result = copilot("--local", "app", "show", "--name", "nowhere")
    assert result.code == 1
    assert "`copilot app " not in result.err
    assert "copilot --local app " in result.err


def test_python_runs_the_program_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "copilot", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"copilot version: {TEMPLATE_VERSION}\n"
