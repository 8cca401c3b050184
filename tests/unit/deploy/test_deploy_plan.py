"""What must happen to a stack, as a table of what is there."""

from __future__ import annotations

import pytest

from copilot import cfn
from copilot.aws.stack_records import DeployedStack
from copilot.cfn.template import Stack
from copilot.deploy.plan import difference, plan_stack

TEMPLATE = {
    "Parameters": {"Count": {"Type": "Number", "Default": 1}, "Image": {"Type": "String"}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
}
WANTED = Stack(name="shop-test-web", template=TEMPLATE, parameters={"Image": "web:1"}, tags={"team": "a"})
BODY = cfn.dump(TEMPLATE)


def there(status: str = "UPDATE_COMPLETE", **changed: object) -> DeployedStack:
    same: dict[str, object] = {"parameters": {"Count": "1", "Image": "web:1"}, "tags": {"team": "a"}}
    return DeployedStack(id="arn:1", name=WANTED.name, status=status, **{**same, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deployed", "template", "step"),
    [
        (None, "", "CreateStack shop-test-web: it does not exist"),
        (there("DELETE_COMPLETE"), BODY, "CreateStack shop-test-web: it does not exist"),
        (there(), BODY, "KeepStack shop-test-web: template, parameters and tags are the same"),
        (there("CREATE_COMPLETE"), BODY, "KeepStack shop-test-web: template, parameters and tags are the same"),
        (
            there("UPDATE_ROLLBACK_COMPLETE"),
            BODY,
            "KeepStack shop-test-web: template, parameters and tags are the same",
        ),
        (there(), "Resources: {}\n", "UpdateStack shop-test-web: template changed"),
        (there(tags={}), BODY, "UpdateStack shop-test-web: tags changed"),
        (
            there(parameters={"Count": "1", "Image": "web:0"}, tags={}),
            "",
            "UpdateStack shop-test-web: template and parameters Image and tags changed",
        ),
        (there("ROLLBACK_COMPLETE"), BODY, "RecreateStack shop-test-web: it is in ROLLBACK_COMPLETE"),
        (there("ROLLBACK_FAILED"), BODY, "RecreateStack shop-test-web: it is in ROLLBACK_FAILED"),
        (there("DELETE_FAILED"), BODY, "RecreateStack shop-test-web: it is in DELETE_FAILED"),
        (there("REVIEW_IN_PROGRESS"), "", "RecreateStack shop-test-web: it is in REVIEW_IN_PROGRESS"),
        (there("CREATE_IN_PROGRESS"), BODY, "AwaitStack shop-test-web: it is in CREATE_IN_PROGRESS"),
        (there("DELETE_IN_PROGRESS"), BODY, "AwaitStack shop-test-web: it is in DELETE_IN_PROGRESS"),
        (
            there("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
            BODY,
            "AwaitStack shop-test-web: it is in UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        ),
        (there("UPDATE_FAILED"), BODY, "UpdateStack shop-test-web: it is in UPDATE_FAILED"),
        (there("CREATE_FAILED"), BODY, "UpdateStack shop-test-web: it is in CREATE_FAILED"),
        (there("UPDATE_ROLLBACK_FAILED"), BODY, "UnblockStack shop-test-web: it is in UPDATE_ROLLBACK_FAILED"),
    ],
    ids=lambda value: getattr(value, "status", ""),
)
def test_a_stacks_state_decides_the_step(deployed: DeployedStack | None, template: str, step: str) -> None:
    assert str(plan_stack(WANTED, deployed, template)) == step


def test_a_step_carries_the_body_that_is_submitted() -> None:
    assert plan_stack(WANTED, None, "").body == BODY


def test_a_default_counts_as_the_parameters_value() -> None:
    deployed = there(parameters={"Count": "1", "Image": "web:1"})
    assert difference(WANTED, BODY, deployed, BODY) == ""
    assert difference(WANTED, BODY, there(parameters={"Count": "2", "Image": "web:1"}), BODY) == (
        "parameters Count changed"
    )


def test_a_parameter_that_is_gone_counts_as_changed() -> None:
    deployed = there(parameters={"Count": "1", "Image": "web:1", "Old": "x"})
    assert difference(WANTED, BODY, deployed, BODY) == "parameters Old changed"


def test_line_ends_around_a_template_do_not_count() -> None:
    assert difference(WANTED, BODY, there(), f"\n{BODY}\n\n") == ""
