"""The original and this project take turns on one application: each goes on with what the other made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bench import Bench
from test_original_on_the_local_cloud import HELLO, IMAGE, make_a_service, make_an_application, stacks

pytestmark = [pytest.mark.reference, pytest.mark.timeout(3600)]


def plain(value: Any) -> Any:
    """JSON with Go's null for an empty list read as one, and lists in an order of their own."""
    if isinstance(value, dict):
        return {name: [] if member is None else plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return sorted((plain(member) for member in value), key=repr)
    return value


def told(original: Bench, *arguments: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a command of each tells as JSON."""
    theirs = json.loads(original.run(*arguments, "--json").checked().stdout)
    ours = json.loads(original.ours(*arguments, "--json").checked().stdout)
    return plain(theirs), plain(ours)


def test_the_original_and_we_take_turns_on_one_application(original: Bench) -> None:
    original.image(IMAGE, HELLO)
    make_an_application(original)
    make_a_service(original)
    both_tell_the_same(original)
    we_deploy_what_the_original_deployed(original)
    the_original_reads_and_deploys_what_we_did(original)
    we_delete_everything(original)


def both_tell_the_same(original: Bench) -> None:
    assert original.run("app", "ls").stdout == original.ours("app", "ls").checked().stdout
    for arguments in (("env", "ls", "--app", "shop"), ("svc", "ls", "--app", "shop")):
        theirs, ours = told(original, *arguments)
        assert theirs == ours
    theirs, ours = told(original, "env", "show", "--name", "test")
    assert theirs.items() <= ours.items()
    theirs, ours = told(original, "svc", "show", "--name", "web")
    for part in ("service", "type", "application", "routes", "serviceDiscovery", "serviceConnect", "variables"):
        assert theirs[part] == ours[part], part


def we_deploy_what_the_original_deployed(original: Bench) -> None:
    original.ours("env", "deploy", "--name", "test").checked()
    original.ours("svc", "deploy", "--name", "web", "--env", "test").checked()
    assert stacks(original)["shop-test-web"] == "UPDATE_COMPLETE"
    kind = ("--svc-type", "Backend Service", "--image", IMAGE, "--port", "8080")
    original.ours("svc", "init", "--name", "api", *kind).checked()
    original.ours("svc", "deploy", "--name", "api", "--env", "test").checked()
    assert stacks(original)["shop-test-api"] == "CREATE_COMPLETE"


def the_original_reads_and_deploys_what_we_did(original: Bench) -> None:
    app = json.loads(original.run("app", "show", "--name", "shop", "--json").checked().stdout)
    assert [service["name"] for service in app["services"]] == ["api", "web"]
    service = json.loads(original.run("svc", "show", "--name", "api", "--json").checked().stdout)
    assert service["serviceConnect"][0]["endpoint"] == "api:8080"
    original.run("svc", "deploy", "--name", "api", "--env", "test").checked()
    assert stacks(original)["shop-test-api"] == "UPDATE_COMPLETE"


def we_delete_everything(original: Bench) -> None:
    for name in ("web", "api"):
        original.ours("svc", "delete", "--name", name, "--yes").checked()
    original.ours("env", "delete", "--name", "test", "--yes").checked()
    original.ours("app", "delete", "--name", "shop", "--yes").checked()
    assert stacks(original) == {}
