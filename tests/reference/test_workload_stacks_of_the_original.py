"""AWS Copilot 1.34.1 renders the same workload stacks: the golden manifests, compared as data."""

from __future__ import annotations

import pytest
from bench import Bench
from workload_packages import make_services, require_same
from workloads import CASES, given_facts

pytestmark = [pytest.mark.reference, pytest.mark.timeout(600)]

PLAIN = [case for case in CASES if not {"app", "environment"} & given_facts(case).keys()]


@pytest.fixture(scope="module")
def workspace(original: Bench) -> Bench:
    """Application demo with environment test and both services, made by the original."""
    original.run("app", "init", "demo").checked()
    original.run("env", "init", "--name", "test", "--profile", "local", "--default-config").checked()
    original.run("env", "deploy", "--name", "test").checked()
    make_services(original)
    return original


@pytest.mark.parametrize("case", PLAIN)
def test_the_original_renders_the_same_stack(workspace: Bench, case: str) -> None:
    require_same(workspace, case)
