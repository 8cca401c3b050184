"""The places where engines are put into the emulator: a test fails by name when an upgrade drops one."""

from __future__ import annotations

import importlib
import inspect

import pytest

from copilot.local.engines.seams import SEAMS, EcsSeams


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in SEAMS.items() for name in names])
def test_the_emulator_still_has_the_seam(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


def test_the_emulator_still_asks_for_a_container_as_we_answer() -> None:
    from ministack.services import ecs

    theirs = list(inspect.signature(ecs._build_run_kwargs).parameters)
    ours = list(inspect.signature(EcsSeams.build_run_kwargs).parameters)[1:]
    assert ours == theirs
