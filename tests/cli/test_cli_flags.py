"""Flags as Go reads them, and their values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest
from command_lines import Run
from hypothesis import given
from hypothesis import strategies as st

from copilot.cli import flags
from copilot.cli.command import Command, command, go_style
from copilot.cli.types import BOOL, DURATION, MOMENT, NETWORK, UINT16, Word, split_list, split_map
from copilot.errors import UsageError


@command(examples=[("Try.", "copilot try")], exclusive=[("--image", "--dockerfile")])
@flags.text("name", "Name.", short="n")
@flags.text("image", "Image.", short="i")
@flags.text("dockerfile", "Dockerfile.")
@flags.switch("all", "All.", short="p")
@flags.tri("deploy", "Deploy.")
@flags.items("subnets", "Subnets.")
@flags.pairs("resource-tags", "Tags.")
@flags.number("port", "Port.", kind=UINT16)
def attempt(**given: Any) -> dict[str, Any]:
    return given


def parse(*arguments: str) -> dict[str, Any]:
    assert isinstance(attempt, Command)
    found: dict[str, Any] = attempt.main(list(arguments), standalone_mode=False)
    return found


def test_flags_that_were_not_given_are_empty() -> None:
    assert parse() == {
        "name": "",
        "image": "",
        "dockerfile": "",
        "all": False,
        "deploy": None,
        "subnets": (),
        "resource_tags": {},
        "port": 0,
    }


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (["--deploy"], True),
        (["--deploy=true"], True),
        (["--deploy=false"], False),
        (["--deploy=0"], False),
        (["--deploy=T"], True),
        (["--deploy=false", "--deploy"], True),
        ([], None),
    ],
)
def test_a_boolean_flag_takes_its_value_behind_an_equals_sign(typed: list[str], value: bool | None) -> None:
    assert parse(*typed)["deploy"] is value


def test_a_boolean_flag_never_takes_the_next_word() -> None:
    with pytest.raises(click.UsageError, match="unexpected extra argument"):
        parse("--deploy", "false")


def test_a_flag_takes_the_next_word_even_when_it_looks_like_a_flag() -> None:
    assert parse("--name", "--deploy")["name"] == "--deploy"


@pytest.mark.parametrize("typed", [["-n", "web"], ["-n=web"], ["-nweb"], ["--name=web"], ["--name", "web"]])
def test_a_short_flag_is_written_in_four_ways(typed: list[str]) -> None:
    assert parse(*typed)["name"] == "web"


def test_a_short_boolean_flag_takes_a_value_too() -> None:
    assert parse("-p")["all"] is True
    assert parse("-p=false")["all"] is False


def test_lists_are_split_at_commas_and_collected() -> None:
    assert parse("--subnets", "a,b", "--subnets=c")["subnets"] == ("a", "b", "c")


def test_maps_are_pairs_with_commas_between_them() -> None:
    assert parse("--resource-tags", "a=1,b=x=y", "--resource-tags", "a=2")["resource_tags"] == {"a": "2", "b": "x=y"}


def test_a_map_without_an_equals_sign_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="not a pair"):
        parse("--resource-tags", "a")


@pytest.mark.parametrize("value", ["65536", "-1", "x"])
def test_a_port_is_a_number_of_16_bits(value: str) -> None:
    with pytest.raises(click.BadParameter):
        parse(f"--port={value}")


def test_flags_that_exclude_each_other_name_the_group_and_what_was_given() -> None:
    with pytest.raises(UsageError, match="--image and --dockerfile exclude each other: at most one of"):
        parse("--image", "nginx", "--dockerfile", "Dockerfile")


@given(st.lists(st.text(alphabet="ab=-n ", max_size=5)))
def test_nothing_after_two_dashes_is_touched(words: list[str]) -> None:
    assert list(go_style(["--", *words], attempt.flags())) == ["--", *words]


@given(st.dictionaries(st.text("abc/", min_size=1), st.text("xyz=", min_size=1), max_size=5))
def test_a_map_written_down_is_read_back(pairs: dict[str, str]) -> None:
    assert split_map((",".join(f"{key}={value}" for key, value in pairs.items()),)) == pairs


@given(st.lists(st.text("abc-./:", min_size=1)))
def test_a_list_written_down_is_read_back(words: list[str]) -> None:
    assert split_list((",".join(words),)) == tuple(words)
    assert split_list(tuple(words)) == tuple(words)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        ("300ms", timedelta(milliseconds=300)),
        (".5m", timedelta(seconds=30)),
    ],
)
def test_durations_are_read_as_go_reads_them(text: str, value: timedelta) -> None:
    assert DURATION.convert(text, None, None) == value


@pytest.mark.parametrize("text", ["90", "1x", "h", "", "1h 30m", "-5m"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        DURATION.convert(text, None, None)


def test_a_time_carries_its_offset() -> None:
    assert MOMENT.convert("2026-01-31T08:30:00Z", None, None) == datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
    assert MOMENT.convert("2026-01-31T10:30:00+02:00", None, None) == datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
    for text in ("2026-01-31T08:30:00", "yesterday"):
        with pytest.raises(click.BadParameter):
            MOMENT.convert(text, None, None)


def test_networks_and_words_are_checked() -> None:
    assert NETWORK.convert("10.1.0.0/16", None, None) == "10.1.0.0/16"
    assert Word("Environment", "Internet").convert("internet", None, None) == "Internet"
    for kind, text in ((NETWORK, "10.1.0.0/33"), (Word("a", "b"), "c"), (BOOL, "maybe")):
        with pytest.raises(click.BadParameter):
            kind.convert(text, None, None)


FLAGS = {
    "init": "app a name n type t dockerfile d image i env e deploy port schedule retries timeout tag",
    "deploy": "all app a env e name n init-wkld init-env deploy-env force tag resource-tags allow-downgrade detach "
    "no-rollback profile aws-access-key-id aws-secret-access-key aws-session-token region",
    "app init": "domain permissions-boundary resource-tags",
    "app ls": "",
    "app show": "name n json",
    "app delete": "name n yes",
    "app upgrade": "name n",
    "env init": "app a name n profile aws-access-key-id aws-secret-access-key aws-session-token region default-config "
    "allow-downgrade import-vpc-id import-public-subnets import-private-subnets import-cert-arns override-vpc-cidr "
    "override-public-cidrs override-private-cidrs override-az-names internal-alb-subnets "
    "internal-alb-allow-vpc-ingress container-insights prod",
    "env ls": "app a json",
    "env show": "app a name n json resources manifest",
    "env deploy": "app a name n force diff diff-yes detach no-rollback allow-downgrade",
    "env package": "app a name n output-dir upload-assets diff force allow-downgrade",
    "env delete": "app a name n yes",
    "env upgrade": "all app a name n",
    "svc init": "app a name n svc-type t dockerfile d image i port ingress-type subscribe-topics no-subscribe sources "
    "allow-downgrade",
    "svc ls": "app a json local",
    "svc show": "app a name n json resources manifest",
    "svc status": "app a env e name n json",
    "svc logs": "app a env e name n container tasks previous p follow since start-time end-time limit log-group json",
    "svc deploy": "app a env e name n tag resource-tags force diff diff-yes detach no-rollback allow-downgrade",
    "svc package": "app a env e name n tag output-dir upload-assets diff allow-downgrade",
    "svc delete": "app a env e name n yes",
    "version": "",
    "docs": "",
    "completion": "",
}


@pytest.mark.parametrize("path", sorted(FLAGS))
def test_a_command_has_exactly_the_original_s_flags(path: str) -> None:
    from copilot.cli.catalog import COMMANDS
    from copilot.cli.command import load

    found = load(path, COMMANDS[path])
    assert isinstance(found, Command)
    assert sorted(opt.lstrip("-") for flag in found.flags() for opt in flag.opts) == sorted(FLAGS[path].split())


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("svc init --image a --dockerfile b", "--dockerfile and --image exclude each other"),
        ("svc logs --since 1h --start-time 2026-01-31T08:00:00Z", "--since and --start-time exclude each other"),
        ("svc logs --follow --end-time 2026-01-31T08:00:00Z", "--follow and --end-time exclude each other"),
        ("svc logs --previous --tasks a", "--previous and --tasks exclude each other"),
        ("svc logs --limit 10001", '--limit: "10001" is not between 1 and 10000'),
        ("svc package --diff --output-dir x", "--diff and --output-dir exclude each other"),
        ("env package --diff --upload-assets", "--diff and --upload-assets exclude each other"),
        ("env show --manifest --json", "--manifest and --json exclude each other"),
        ("env init --profile a --aws-session-token b", "--profile and --aws-session-token exclude each other"),
        ("env init --import-vpc-id v --override-vpc-cidr 10.0.0.0/16", "exclude each other"),
        ("env init --default-config --import-vpc-id v", "exclude each other"),
        ("env init --import-vpc-id v --import-public-subnets s", "needs two or more subnets"),
        ("env init --import-public-subnets a,b", "--import-vpc-id is required"),
        ("env init --internal-alb-subnets a,b", "for imported subnets only"),
        ("env init --override-az-names a", "needs two or more zones"),
        ("init --schedule @daily", "--schedule is not available"),
        ("local start --engine runc", '--engine: "runc" is not one of docker, podman, host'),
    ],
)
def test_flags_that_make_no_sense_are_refused_before_anything_else(copilot: Run, typed: str, message: str) -> None:
    result = copilot(*typed.split())
    assert (result.code, result.out) == (1, "")
    assert message in result.err
