"""The process: exit codes, what an error looks like, commands that are not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_lines import Run

from copilot import TEMPLATE_VERSION
from copilot.cli.failures import guarded
from copilot.cli.main import BROKEN_PIPE_EXIT_CODE, BUG_EXIT_CODE, UNWRITABLE_EXIT_CODE
from copilot.cli.wiring import Wiring
from copilot.errors import Cancelled, ChildExited

PROGRAM = Path(sys.executable).with_name("copilot")


@pytest.mark.parametrize("flag", ["-v", "--version", "--version=true"])
def test_the_version_flag_prints_the_version(copilot: Run, flag: str) -> None:
    result = copilot(flag)
    if flag == "--version=true":
        assert result.code == 1
    else:
        assert (result.code, result.out, result.err) == (0, f"copilot version: {TEMPLATE_VERSION}\n", "")


def test_a_process_ends_without_a_last_search_for_garbage() -> None:
    program = (
        "import atexit, gc, sys; from copilot.cli.main import main;"
        "atexit.register(lambda: print(gc.get_freeze_count(), file=sys.stderr));"
        "main(['version']); print(gc.get_freeze_count(), file=sys.stderr);"
        "sys.argv = ['copilot', 'version']; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    by_another, at_the_end = map(int, done.stderr.split())
    assert (done.returncode, by_another) == (0, 0)
    assert at_the_end > 1000


def test_the_version_command_names_the_platform(copilot: Run) -> None:
    result = copilot("version")
    assert result.code == 0
    assert result.out.startswith(f"version: {TEMPLATE_VERSION}, built for ")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_root_help_lists_the_groups(copilot: Run, arguments: list[str]) -> None:
    result = copilot(*arguments)
    assert (result.code, result.err) == (0, "")
    for heading in ("Getting Started", "Local", "Develop", "Release", "Settings", "Examples"):
        assert f"\n{heading}\n" in result.out


def test_help_stays_the_same_when_an_option_stands_before_it(copilot: Run) -> None:
    assert copilot("--local", "--help").out == copilot("--help").out
    assert copilot("--debug").out == copilot("--help").out


def test_an_unknown_command_names_the_nearest(copilot: Run) -> None:
    result = copilot("svc", "delpoy")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        '✘ unknown command "delpoy" for `copilot svc`\n\n'
        "hint: did you mean `copilot svc deploy`?\n"
        "hint: run `copilot svc --help` for its commands\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["job", "init", "--name", "report"],
        ["job", "--help"],
        ["task", "run", "--follow"],
        ["pipeline", "ls"],
        ["storage", "init", "-n", "x"],
        ["secret", "init"],
        ["run", "local", "-n", "x"],
        ["svc", "exec", "-c", "ls"],
        ["svc", "pause"],
        ["svc", "resume"],
        ["svc", "override"],
        ["env", "override"],
    ],
)
def test_a_command_that_comes_later_says_so(copilot: Run, arguments: list[str]) -> None:
    result = copilot(*arguments)
    assert (result.code, result.out) == (1, "")
    assert "does not have it yet" in result.err


def test_an_unknown_flag_names_the_nearest(copilot: Run) -> None:
    result = copilot("local", "start", "--prot", "4600")
    assert result.code == 1
    assert result.err == (
        "✘ --prot: there is no such flag\n\nhint: did you mean --port?\nhint: run `copilot local start --help`\n"
    )


def test_a_root_option_behind_the_command_is_explained(copilot: Run) -> None:
    result = copilot("app", "ls", "--local")
    assert result.code == 1
    assert "hint: it goes before the command: `copilot --local ...`" in result.err


def test_help_can_stand_before_or_behind_a_command(copilot: Run) -> None:
    behind = copilot("svc", "deploy", "--help")
    assert (behind.code, behind.err) == (0, "")
    assert behind.out.startswith("Deploy a service to an environment")
    assert copilot("help", "svc", "deploy") == behind


@pytest.mark.parametrize("group", ["app", "env", "svc", "local"])
def test_a_group_alone_prints_its_commands(copilot: Run, group: str) -> None:
    result = copilot(group)
    assert (result.code, result.err) == (0, "")
    assert "\nCommands\n" in result.out
    assert result == copilot(group, "--help")


def test_a_terminal_with_few_characters_gets_question_marks() -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([PROGRAM, "nope"], env=environ, capture_output=True)
    assert done.returncode == 1
    assert done.stderr.startswith(b"? unknown command")


def test_a_bug_is_an_apology_and_70(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(typed: list[str], wiring: Wiring) -> int:
        raise ZeroDivisionError("division by zero")

    assert guarded([], broken) == BUG_EXIT_CODE == 70
    err = capsys.readouterr().err
    assert "sorry, that is a bug in copilot: ZeroDivisionError: division by zero" in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback_of_a_bug(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(typed: list[str], wiring: Wiring) -> int:
        wiring.debug = True
        raise ZeroDivisionError

    assert guarded([], broken) == 70
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_ctrl_c_and_a_cancelled_action_are_130(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(typed: list[str], wiring: Wiring) -> int:
        raise KeyboardInterrupt

    def cancelled(typed: list[str], wiring: Wiring) -> int:
        raise Cancelled("cancelled: the stack is rolling back", hints=("watch it: `copilot env show`",))

    assert guarded([], interrupted) == 130
    assert guarded([], cancelled) == 130
    assert capsys.readouterr().err.endswith("the stack is rolling back\n\nhint: watch it: `copilot env show`\n")


def test_a_child_s_exit_code_is_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    def child(typed: list[str], wiring: Wiring) -> int:
        raise ChildExited("the task ended", exit_code=42)

    assert guarded([], child) == 42


def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([PROGRAM, "--help"], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (BROKEN_PIPE_EXIT_CODE, "")


def test_a_directory_that_is_gone_is_told() -> None:
    command = f"mkdir gone && cd gone && rmdir ../gone && '{PROGRAM}' svc ls"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert done.returncode == 1
    assert "✘ the current directory is gone: it was deleted or moved\n\nhint: change to one that exists" in done.stderr


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["--version"], ["svc", "--help"], ["version"], ["local", "status"]])
def test_output_that_can_not_be_written_is_told(arguments: list[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (
        UNWRITABLE_EXIT_CODE,
        "✘ the output can't be written: No space left on device\n",
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("line", "code"), [("--version", 0), ("local status", 0), ("app delete --name x", 1)])
def test_a_process_without_streams_does_its_work(closed: str, line: str, code: int) -> None:
    done = subprocess.run(["sh", "-c", f"'{PROGRAM}' {line} {closed}"], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(copilot: Run, shell: str) -> None:
    result = copilot("completion", shell)
    assert (result.code, result.err) == (0, "")
    assert f"_COPILOT_COMPLETE={shell}_complete" in result.out


def test_completion_of_another_shell_is_refused(copilot: Run) -> None:
    result = copilot("completion", "tcsh")
    assert result.code == 1
    assert "it must be bash, zsh or fish" in result.err


def completions(line: str) -> list[str]:
    words = line.split(" ")
    environ = {
        **os.environ,
        "_COPILOT_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run([PROGRAM], env=environ, capture_output=True, text=True)
    return [item.partition(",")[2] for item in done.stdout.splitlines()]


def test_the_shell_completes_commands_flags_and_values() -> None:
    assert completions("copilot svc de") == ["deploy", "delete"]
    assert "--resource-tags" in completions("copilot svc deploy --re")
    assert completions("copilot local up --engine po") == ["podman"]


def test_docs_prints_an_address(copilot: Run) -> None:
    result = copilot("docs")
    assert result.code == 0
    assert "://" in result.out
