"""Golden stacks of applications and environments: rendered as written down, valid for CloudFormation."""

from __future__ import annotations

import json

import pytest
from cfnlint.api import lint
from shared_stacks import CASES, HERE, REGION, parameters_text, render_case

from copilot.cfn import dump, load

KNOWN_PROBLEMS = {
    # The internal HTTPS listener has no certificate when none is imported; its condition is false then.
    "E3676": "InternalHTTPSListener",
    # The public load balancer has no subnets in a VPC imported without public ones; no service can ask for it there.
    "E3680": "PublicLoadBalancer",
}


@pytest.mark.parametrize("case", CASES)
def test_a_case_renders_the_template_that_is_written_down(case: str) -> None:
    assert load(dump(render_case(case).template)) == load((HERE / case / "template.yml").read_text())


@pytest.mark.parametrize("case", CASES)
def test_a_stack_gets_the_parameters_and_tags_that_are_written_down(case: str) -> None:
    assert json.loads(parameters_text(render_case(case))) == json.loads((HERE / case / "parameters.json").read_text())


@pytest.mark.parametrize("case", CASES)
def test_a_stack_has_a_value_for_every_parameter_and_no_other(case: str) -> None:
    stack = render_case(case)
    assert set(stack.parameters) == set(stack.template.get("Parameters", {}))


@pytest.mark.parametrize("case", CASES)
def test_cloudformation_would_take_the_template(case: str) -> None:
    problems = lint(dump(render_case(case).template), regions=[REGION])
    errors = [problem for problem in problems if problem.rule.id.startswith("E")]
    unknown = [problem for problem in errors if KNOWN_PROBLEMS.get(problem.rule.id) not in problem.path]
    assert [str(problem) for problem in unknown] == []
