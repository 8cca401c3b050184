"""Golden workload stacks: rendered as written down, valid for CloudFormation."""

from __future__ import annotations

import json

import pytest
from cfnlint.api import lint_all
from workloads import CASES, HERE, parameters_text, render_case

from copilot.cfn import dump, load


@pytest.mark.parametrize("case", CASES)
def test_a_manifest_renders_the_template_that_is_written_down(case: str) -> None:
    assert load(dump(render_case(case).template)) == load((HERE / case / "template.yml").read_text())


@pytest.mark.parametrize("case", CASES)
def test_a_stack_gets_the_parameters_and_tags_that_are_written_down(case: str) -> None:
    assert json.loads(parameters_text(render_case(case))) == json.loads((HERE / case / "parameters.json").read_text())


@pytest.mark.parametrize("case", CASES)
def test_a_stack_has_a_value_for_every_parameter_and_no_other(case: str) -> None:
    stack = render_case(case)
    assert set(stack.parameters) == set(stack.template["Parameters"])


@pytest.mark.parametrize("case", CASES)
def test_cloudformation_would_take_the_template(case: str) -> None:
    problems = lint_all(dump(render_case(case).template))
    assert [str(problem) for problem in problems if problem.rule.id.startswith("E")] == []
