"""Whole commands against an empty account: what is printed where, and with which exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_lines import Run

from copilot import TEMPLATE_VERSION
from copilot.local.clouds import Endpoint

DOCKERFILE = 'FROM scratch\nEXPOSE 8080\nCMD ["/bin/true"]\n'


@pytest.fixture
def vote(copilot: Run, on_aws: Endpoint) -> Endpoint:
    """The application vote with the environment test and the service aggregator; nothing is deployed."""
    Path("Dockerfile").write_text(DOCKERFILE)
    for line in (
        "app init vote",
        "env init --name test --default-config",
        "svc init --name aggregator --svc-type Backend_Service --dockerfile Dockerfile",
    ):
        result = copilot(*(word.replace("_", " ") for word in line.split()))
        assert result.code == 0, result.err
    return on_aws


def test_an_empty_account_has_no_application(copilot: Run, on_aws: Endpoint) -> None:
    result = copilot("app", "ls")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_app_init_binds_the_workspace_and_says_what_is_next(copilot: Run, on_aws: Endpoint) -> None:
    result = copilot("app", "init", "vote")
    assert (result.code, result.out) == (0, "")
    assert "✔ Application vote is ready" in result.err
    assert "\nNext:\n  - " in result.err
    assert "application: vote" in Path("copilot/.workspace").read_text()
    assert copilot("app", "ls").out == "vote\n"


def test_app_show_prints_sections_or_one_json_document(copilot: Run, vote: Endpoint) -> None:
    text = copilot("app", "show").out
    assert text.startswith(f"About\n\n  Name                  vote\n  Version               {TEMPLATE_VERSION}\n")
    document = json.loads(copilot("app", "show", "--name", "vote", "--json").out)
    assert [env["name"] for env in document["environments"]] == ["test"]
    assert document["services"] == [{"app": "vote", "name": "aggregator", "type": "Backend Service"}]


def test_the_only_environment_is_taken_and_said_on_stderr(copilot: Run, vote: Endpoint) -> None:
    result = copilot("env", "show", "--json")
    assert result.code == 0
    assert result.err == "Using environment test: it is the only one.\n"
    assert json.loads(result.out)["environment"]["accountID"] == vote.access_key


def test_lists_print_names_or_json(copilot: Run, vote: Endpoint) -> None:
    assert copilot("env", "ls").out == "test\n"
    assert json.loads(copilot("env", "ls", "--json").out)["environments"][0]["name"] == "test"
    assert copilot("svc", "ls", "--local").out == (
        "Name                Type\n----                ----\naggregator          Backend Service\n"
    )


def test_env_package_prints_the_template_and_nothing_else_on_stdout(copilot: Run, vote: Endpoint) -> None:
    result = copilot("env", "package", "--name", "test")
    assert result.code == 0, result.err
    assert re.search(r"^Resources:$", result.out, re.MULTILINE)
    assert "✔" not in result.out


def test_package_diff_exits_1_on_a_difference_and_2_on_failure(copilot: Run, vote: Endpoint) -> None:
    assert copilot("env", "package", "--name", "test", "--diff").code == 1
    failed = copilot("env", "package", "--name", "nowhere", "--diff")
    assert (failed.code, failed.out) == (2, "")
    assert copilot("env", "package", "--name", "nowhere").code == 1


def test_package_writes_template_and_parameters_to_a_directory(copilot: Run, vote: Endpoint) -> None:
    assert copilot("env", "package", "--name", "test", "--output-dir", "out").code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["test.env.params.json", "test.env.yml"]
    assert set(json.loads(Path("out/test.env.params.json").read_text())) == {"Parameters", "Tags"}


def test_a_service_that_is_not_deployed_has_neither_status_nor_logs(copilot: Run, vote: Endpoint) -> None:
    for command in ("status", "logs"):
        result = copilot("svc", command)
        assert result.code == 1, command
        assert "no service is deployed in application vote" in result.err
        assert "hint: deploy one: `copilot svc deploy`" in result.err


@pytest.mark.parametrize(
    ("typed", "flag"),
    [
        ("app delete", "--yes"),
        ("env delete -n test", "--yes"),
        ("svc delete -n web", "--yes"),
        ("env init", "--name"),
        ("env init --name x --import-vpc-id vpc-1", "--import-public-subnets"),
        ("svc init", "--svc-type"),
        ("svc init -t Backend_Service", "--name"),
        ("svc init -t Load_Balanced_Web_Service -n web --image nginx", "--port"),
        ("init --app vote -t Backend_Service -n web --image nginx", "--deploy"),
        ("init --app vote", "--type"),
    ],
)
def test_without_a_terminal_the_flag_that_would_answer_is_named(
    copilot: Run, on_aws: Endpoint, typed: str, flag: str
) -> None:
    Path("copilot").mkdir()
    Path("copilot/.workspace").write_text("application: vote\n")
    result = copilot(*(word.replace("_", " ") for word in typed.split()))
    assert (result.code, result.out) == (1, "")
    assert f"{flag} is required: there is no terminal to ask on" in result.err


def test_what_was_made_is_deleted(copilot: Run, vote: Endpoint) -> None:
    assert copilot("svc", "delete", "--name", "aggregator", "--yes").code == 0
    assert json.loads(copilot("svc", "ls", "--json").out) == {"services": None}
    assert copilot("env", "delete", "--name", "test", "--yes").code == 0
    assert copilot("app", "delete", "--yes").code == 0
    assert copilot("app", "ls").out == ""
    assert Path("copilot/aggregator/manifest.yml").exists()


@pytest.mark.parametrize(
    "typed",
    ["env init -n test", "svc init -n a", "env deploy", "env package", "svc deploy", "svc package", "deploy --all"],
)
def test_a_command_that_needs_manifests_stops_outside_a_workspace(copilot: Run, on_aws: Endpoint, typed: str) -> None:
    result = copilot(*typed.split())
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("✘ no workspace found")
    assert "copilot app init" in result.err


def test_no_region_is_told_with_the_way_out(copilot: Run) -> None:
    result = copilot("app", "ls")
    assert result.code == 1
    assert "no region is set" in result.err
    assert "AWS_REGION" in result.err


def test_no_credentials_are_told_with_the_way_out(copilot: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    result = copilot("app", "ls")
    assert result.code == 1
    assert "credentials" in result.err
    assert "hint: " in result.err


@pytest.mark.parametrize("name", ["Vote", "vote_app", "1vote", "vote-"])
def test_a_malformed_name_is_refused_and_nothing_is_made(copilot: Run, on_aws: Endpoint, name: str) -> None:
    result = copilot("app", "init", name)
    assert result.code == 1
    assert "not valid" in result.err
    assert not Path("copilot").exists()
    assert copilot("app", "ls").out == ""


def test_an_unknown_environment_is_refused(copilot: Run, vote: Endpoint) -> None:
    result = copilot("env", "show", "--name", "prod")
    assert result.code == 1
    assert "prod" in result.err


def test_every_problem_of_a_manifest_is_told_with_its_line(copilot: Run, vote: Endpoint) -> None:
    manifest = Path("copilot/aggregator/manifest.yml")
    manifest.write_text("name: aggregator\ntype: Backend Service\nimage:\n  build: Dockerfile\n  prot: 80\ncpu: many\n")
    result = copilot("svc", "package", "--name", "aggregator", "--env", "test")
    assert (result.code, result.out) == (1, "")
    assert "copilot/aggregator/manifest.yml:5: image.prot" in result.err
    assert "copilot/aggregator/manifest.yml:6: cpu" in result.err
    assert "Traceback" not in result.err


def test_env_upgrade_is_a_no_op_that_is_still_accepted(copilot: Run) -> None:
    result = copilot("env", "upgrade", "--all", "-a", "vote")
    assert (result.code, result.out) == (0, "")
    assert "env deploy" in result.err
