"""The rules of the house: who may import whom, who owns what, how long things may be, what a command must have."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from copilot.cli.catalog import COMMANDS, children, is_group, root_help
from copilot.cli.command import Command, load

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "copilot"
TESTS = ROOT / "tests"

# docs/architecture.md: a room imports only rooms with a smaller number, and itself.
RANK = {
    **dict.fromkeys(("errors", "names", "graph", "clock"), 0),
    **dict.fromkeys(("model", "cfn"), 1),
    "manifest": 2,
    "stacks": 3,
    **dict.fromkeys(("aws", "workspace", "images", "term"), 4),
    "registry": 5,
    **dict.fromkeys(("deploy", "describe"), 6),
    "actions": 7,
    "cli": 8,
    "__main__": 9,
}
ASIDE = {"local": {"errors", "names", "graph", "clock", "cfn", "images"}, "lambdas": set[str]()}
# The composition root starts the local cloud, and deploying reads the Lambdas' sources to upload them.
ALSO = {"cli": {"local"}, "deploy": {"lambdas"}, "images": set[str]()}

OWNERS = {
    "boto3": {"aws", "lambdas"},
    "botocore": {"aws", "lambdas"},
    "click": {"cli"},
    "questionary": {"term"},
    "prompt_toolkit": {"term"},
    "rich": {"term"},
    "docker": {"local"},
    "ministack": {"local"},
    "subprocess": {"images", "local"},
    "yaml": {"cfn", "manifest", "workspace", "local"},
    "pydantic": {"manifest"},
}

FILE_LINES = 450
FUNCTION_LINES = 60
# Data in the shape of code; the reason stands beside each.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    """The room of a source file; "" is the package itself, which holds the version."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py").replace("__init__", "")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "copilot":
                yield from ((node.lineno, f"copilot.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def rooms_imported(path: Path) -> Iterator[tuple[int, str]]:
    known = set(RANK) | set(ASIDE)
    for line, module in imports(path):
        parts = module.split(".")
        if parts[0] == "copilot" and len(parts) > 1 and parts[1] in known:
            yield line, parts[1]


def may_import(importer: str, imported: str) -> bool:
    if importer == imported or imported in ALSO.get(importer, ()):
        return True
    if importer in ASIDE:
        return imported in ASIDE[importer]
    return imported in RANK and RANK[imported] < RANK[importer]


def test_every_room_is_on_the_ladder() -> None:
    rooms = {room(path) for path in sources()} - {""}
    assert rooms == set(RANK) | set(ASIDE)


def test_a_room_imports_only_rooms_below_it() -> None:
    wrong = [
        f"{shown(path)}:{line}: {room(path)} imports {imported}"
        for path in sources()
        if room(path)
        for line, imported in rooms_imported(path)
        if not may_import(room(path), imported)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", sorted(OWNERS))
def test_a_package_is_imported_by_its_owners_only(package: str) -> None:
    wrong = [
        f"{shown(path)}:{line}"
        for path in sources()
        if room(path) not in OWNERS[package]
        for line, module in imports(path)
        if module.split(".")[0] == package
    ]
    assert not wrong, f"{package} belongs to {', '.join(sorted(OWNERS[package]))}: {wrong}"


def opens_files(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id == "open"
    return isinstance(node.func, ast.Attribute) and node.func.attr in (
        "read_text",
        "write_text",
        "read_bytes",
        "write_bytes",
    )


FILE_OWNERS = {"workspace", "images", "local", "lambdas"}
# `aws.count` appends to the file that COPILOT_TRACE_CALLS names; `aws.service_models` reads what the SDK ships.
FILE_EXCEPTIONS = {"src/copilot/aws/count.py", "src/copilot/aws/service_models.py"}


def test_files_are_opened_in_the_rooms_that_own_them() -> None:
    wrong = [
        f"{shown(path)}:{node.lineno}"  # type: ignore[attr-defined]
        for path in sources()
        if room(path) not in FILE_OWNERS and shown(path) not in FILE_EXCEPTIONS
        for node in ast.walk(parsed(path))
        if opens_files(node) and not _is_workspace_call(node)
    ]
    assert not wrong, f"only {', '.join(sorted(FILE_OWNERS))} open files: {wrong}"


def _is_workspace_call(node: ast.AST) -> bool:
    """`workspace.read_bytes(...)` goes through the owner."""
    func = node.func if isinstance(node, ast.Call) else None
    receiver = func.value if isinstance(func, ast.Attribute) else None
    return "workspace" in ast.dump(receiver) if receiver is not None else False


def test_only_main_and_the_console_print_or_exit() -> None:
    names = {"print", "exit", "quit", "input"}
    wrong = [
        f"{shown(path)}:{node.lineno}"
        for path in sources()
        if room(path) not in ("lambdas", "local")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]
    assert not wrong


def test_a_caught_error_is_never_swallowed() -> None:
    wrong = [
        f"{shown(path)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body)
    ]
    assert not wrong


def test_no_file_is_longer_than_its_limit() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    wrong = {path: length for path, length in lengths.items() if length > FILE_LINES and path not in LONG_FILES}
    assert not wrong
    assert set(LONG_FILES) <= {path for path, length in lengths.items() if length > FILE_LINES}, "no longer needed"


def test_no_function_is_longer_than_its_limit() -> None:
    lengths = {
        f"{shown(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in sources()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    wrong = {name: length for name, length in lengths.items() if length > FUNCTION_LINES and name not in LONG_FUNCTIONS}
    assert not wrong
    assert set(LONG_FUNCTIONS) <= {name for name, length in lengths.items() if length > FUNCTION_LINES}, "not needed"


BODY_LINES = 15


def test_a_command_body_is_thin() -> None:
    wrong = {
        f"{shown(path)}:{node.name}": _body_lines(node)
        for path in (SOURCE / "cli" / "commands").glob("*.py")
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef) and _is_command(node) and _body_lines(node) >= BODY_LINES
    }
    assert not wrong


def _is_command(node: ast.FunctionDef) -> bool:
    calls = (decorator.func for decorator in node.decorator_list if isinstance(decorator, ast.Call))
    return any(isinstance(func, ast.Name) and func.id == "command" for func in calls)


def _body_lines(node: ast.FunctionDef) -> int:
    """Lines of statements: neither the docstring nor imports nor blank lines."""
    body = [s for s in node.body[1:] if not isinstance(s, ast.Import | ast.ImportFrom)]
    return sum((s.end_lineno or s.lineno) - s.lineno + 1 for s in body)


def test_nothing_is_left_to_do_later() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")
    here = Path(__file__)
    files = [path for path in (*sources(), *TESTS.rglob("*.py")) if path != here]
    wrong = [shown(path) for path in files if unfinished.search(path.read_text(encoding="utf-8"))]
    assert not wrong


def test_tests_do_not_patch() -> None:
    banned = re.compile(r"mock\.patch|MagicMock|unittest\.mock|monkeypatch\.(setattr|setitem)")
    here = Path(__file__)
    found = [shown(p) for p in TESTS.rglob("*.py") if p != here and banned.search(p.read_text(encoding="utf-8"))]
    assert not found


def test_test_names_are_sentences() -> None:
    wrong = [
        f"{shown(path)}:{node.name}"
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 2
    ]
    assert not wrong


def test_long_public_functions_say_what_they_promise() -> None:
    wrong = [
        f"{shown(path)}:{node.name}"
        for path in sources()
        if room(path) in ("actions", "deploy", "describe", "aws", "workspace", "images")
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if not ast.get_docstring(node) and (node.end_lineno or 0) - node.lineno > 20
    ]
    assert not wrong


LEAVES = sorted(path for path, entry in COMMANDS.items() if entry.module)
GROUP_PATHS = sorted(path for path, entry in COMMANDS.items() if is_group(path) and not entry.later)


def leaf(path: str) -> Command:
    found = load(path, COMMANDS[path])
    assert isinstance(found, Command)
    return found


def help_of(path: str) -> str:
    found = load(path, COMMANDS[path])
    return found.get_help(click.Context(found, info_name=f"copilot {path}"))


@pytest.mark.parametrize("path", LEAVES)
def test_a_command_has_a_description_and_examples_that_name_it(path: str) -> None:
    found = leaf(path)
    assert found.help and found.help.strip().endswith("."), "a description in full sentences"
    assert found.examples
    for text, line in found.examples:
        assert text.endswith("."), f"not a sentence: {text}"
        assert f"copilot {path}" in line, f"the example is of another command: {line}"


@pytest.mark.parametrize("path", LEAVES)
def test_the_flags_of_an_example_exist(path: str) -> None:
    known = {opt for flag in leaf(path).flags() for opt in flag.opts}
    for _, line in leaf(path).examples:
        used = re.findall(r"(?<=\s)--[a-z-]+", line)
        assert set(used) <= known


@pytest.mark.parametrize("path", LEAVES)
def test_every_flag_is_explained_in_a_sentence(path: str) -> None:
    for flag in leaf(path).flags():
        assert flag.help and flag.help[0].isupper() and flag.help.endswith("."), flag.long


@pytest.mark.parametrize("path", [*LEAVES, *GROUP_PATHS])
def test_help_fits_into_eighty_columns(path: str) -> None:
    assert max(map(len, help_of(path).splitlines())) <= 80


def test_root_help_fits_into_eighty_columns_and_lists_every_command() -> None:
    text = root_help()
    assert max(map(len, text.splitlines())) <= 80
    for name, entry in children("").items():
        assert (f"\n  {name} " in text) is not entry.hidden


def test_the_command_reference_is_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "scripts" / "command_reference.py"], capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == made, "run `make docs`"


HEAVY = (
    "boto3",
    "botocore",
    "click",
    "pydantic",
    "questionary",
    "prompt_toolkit",
    "rich",
    "yaml",
    "ministack",
    "docker",
)


def modules_after(arguments: list[str]) -> set[str]:
    program = (
        "import io, sys; from copilot.cli.main import main; out, sys.stdout = sys.stdout, io.StringIO(); "
        f"main({arguments!r}); print(*sys.modules, file=out)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], []])
def test_version_and_help_import_nothing_heavy(arguments: list[str]) -> None:
    assert not modules_after(arguments) & set(HEAVY)


@pytest.mark.parametrize(
    "arguments",
    [
        ["svc", "deploy", "--help"],
        ["version"],
        ["completion", "bash"],
        ["local", "status"],
        ["local", "stop"],
        ["docs"],
    ],
)
def test_a_command_that_calls_no_aws_imports_no_sdk(arguments: list[str]) -> None:
    assert not modules_after(arguments) & {"boto3", "botocore", "rich", "questionary", "pydantic", "ministack"}


@pytest.mark.parametrize("module", ["lookups", "choices", "show_service", "service_status", "service_logs"])
def test_looking_imports_no_manifest_models(module: str) -> None:
    program = f"import sys, copilot.actions.{module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"pydantic", "copilot.manifest", "boto3", "botocore"} & set(done.stdout.split())
