"""What AWS Copilot 1.34.1 and we tell of one application, letter by letter."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from shop import Shop

pytestmark = [pytest.mark.reference, pytest.mark.timeout(3600)]

COMMANDS = [
    ("app", "ls"),
    ("app", "show"),
    ("env", "ls"),
    ("svc", "ls"),
    ("env", "show", "--name", "test", "--resources"),
    ("env", "show", "--name", "prod"),
    ("svc", "show", "--name", "web", "--resources"),
    ("svc", "show", "--name", "api"),
    ("svc", "status", "--name", "web", "--env", "test"),
    ("svc", "status", "--name", "api", "--env", "prod"),
]
BLANK = {"app": "", "executionRoleARN": "", "managerRoleARN": ""}


def of_document(command: tuple[str, ...], text: str) -> str:
    """A JSON document without what `docs/differences.md` says is different; the order of keys and of lists is kept."""
    document = json.loads(text)
    for part in ("configurations", "routes", "variables", "secrets"):
        if document.get(part):
            document[part].sort(key=lambda item: item["environment"])
    for endpoint in document.get("serviceConnect", ()):
        endpoint["environment"].sort()
    if command == ("app", "show"):
        document["environments"] = [{**env, **BLANK} for env in document["environments"]]
        document["services"] = [{**service, "app": ""} for service in document["services"]]
    return json.dumps(document)


def of_lines(text: str) -> list[str]:
    """Lines without ages and sentences, which each tool words for itself, and environments in one order."""
    plain = re.sub(r"\d+ (?:second|minute)s? ago", "a while ago", text)
    plain = re.sub(r"(\d+/\d+) pass.*", r"\1 healthy", plain)
    return sorted(re.sub("test, prod", "prod, test", line) for line in _undittoed(plain.splitlines()))


def _undittoed(lines: list[str]) -> list[str]:
    """Rows with quote marks spelled out, so that their order does not matter."""
    spelled: list[list[str]] = []
    for line in lines:
        cells = re.split(r"\s{2,}", line.strip().replace('  "', '  "'))
        above = spelled[-1] if spelled else []
        spelled.append([above[i] if cell == '"' and i < len(above) else cell for i, cell in enumerate(cells)])
    return ["  ".join(cells) for cells in spelled]


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != ("app", "ls")], ids=" ".join)
def test_both_write_the_same_document(shop: Shop, command: tuple[str, ...]) -> None:
    theirs = shop.bench.run(*command, "--json").checked().stdout
    ours = shop.bench.ours(*command, "--json").checked().stdout
    assert of_document(command, ours) == of_document(command, theirs)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_both_print_the_same_lines(shop: Shop, command: tuple[str, ...]) -> None:
    theirs = shop.bench.run(*command).checked().stdout
    ours = shop.bench.ours(*command).checked().stdout
    assert of_lines(ours) == of_lines(theirs)


def test_we_tell_what_the_original_leaves_out_of_app_show(shop: Shop) -> None:
    told: dict[str, Any] = json.loads(shop.bench.ours("app", "show", "--json").checked().stdout)
    listed = json.loads(shop.bench.run("env", "ls", "--json").checked().stdout)
    assert told["environments"] == listed["environments"]
