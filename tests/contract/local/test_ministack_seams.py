"""Every name of the emulator that the local cloud stands on is there; an upgrade that drops one fails here, by name."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import importlib.util
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import copilot.local

SOURCES = Path(copilot.local.__file__).parent
PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def seams() -> list[tuple[str, str]]:
    """The emulator's modules and names that the sources use, read from the sources."""
    found: set[tuple[str, str]] = set()
    for path in SOURCES.rglob("*.py"):
        found.update(_used(ast.parse(path.read_text())))
    return sorted(found)


def _used(tree: ast.Module) -> Iterator[tuple[str, str]]:
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
            for alias in node.names:
                yield str(node.module), alias.name
                modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and _is_module(modules, node.value.id):
            yield modules[node.value.id], node.attr


def _is_module(modules: dict[str, str], name: str) -> bool:
    parent = modules.get(name, "").rpartition(".")[0]
    if not parent or not hasattr(importlib.import_module(parent), "__path__"):
        return False
    return importlib.util.find_spec(modules[name]) is not None


@pytest.mark.parametrize(("module", "name"), seams())
def test_the_emulator_has_every_name_that_is_used(module: str, name: str) -> None:
    owner = importlib.import_module(module)
    assert hasattr(owner, name) or importlib.util.find_spec(f"{module}.{name}"), f"{module} has no {name}"


def test_the_sources_use_the_tables_of_cloudformation() -> None:
    assert ("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS") in seams()
    assert ("ministack.services.cloudformation.handlers", "_ACTION_HANDLERS") in seams()


def test_the_version_is_the_one_that_is_pinned() -> None:
    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]["local"]
    assert f"ministack=={importlib.metadata.version('ministack')}" in extras


def test_a_resource_type_has_the_handlers_that_are_wrapped() -> None:
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    from copilot.local.cloudformation import coercion

    ours = {"AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"}
    ours |= {name for name in coercion.KINDS if name.startswith("AWS::ApplicationAutoScaling::")}
    for name in coercion.KINDS.keys() - ours:
        assert {"create", "delete"} <= _RESOURCE_HANDLERS[name].keys(), name


def test_a_step_of_cloudformation_asks_whether_it_runs_on_a_thread() -> None:
    from ministack.services.cloudformation import stacks

    for step in (stacks._deploy_stack_async, stacks._delete_stack_async, stacks._roll_back_operation):
        assert "_runs_on_worker_thread" in step.__code__.co_names, step.__name__
