"""Checks that come before a change, and what a deployment shows of itself."""

from __future__ import annotations

import json

import pytest

from copilot import TEMPLATE_VERSION
from copilot.actions.deploy_env import parameters_file
from copilot.actions.guards import require_no_addons, require_no_overrides, require_not_newer
from copilot.actions.service_plans import deployed_update_id
from copilot.cfn.template import Stack
from copilot.errors import Blocked


@pytest.mark.parametrize(
    "version", [TEMPLATE_VERSION, "v1.0.0", "v0.0.0", "bootstrap", "1.0", "", f"{TEMPLATE_VERSION}+x"]
)
def test_what_is_not_newer_may_be_written_over(version: str) -> None:
    require_not_newer("web in test", version, allow=False)


def test_what_a_newer_release_made_is_left_alone_unless_allowed() -> None:
    with pytest.raises(Blocked, match=r"web in test can't be changed: it was deployed with v99\.0\.0"):
        require_not_newer("web in test", "v99.0.0", allow=False)
    require_not_newer("web in test", "v99.0.0", allow=True)


def test_addons_and_overrides_are_refused_and_not_left_out() -> None:
    require_no_addons([], "copilot/web/addons")
    require_no_overrides([], "copilot/web/overrides")
    with pytest.raises(Blocked, match="copilot/web/addons"):
        require_no_addons(["db.yml"], "copilot/web/addons")
    with pytest.raises(Blocked, match="copilot/web/overrides"):
        require_no_overrides(["cfn.patches.yml"], "copilot/web/overrides")


def test_the_parameters_file_is_what_pipelines_read() -> None:
    stack = Stack(name="s", template={}, parameters={"B": "2", "A": "1"}, tags={"z": "1", "team": "a"})
    text = parameters_file(stack)
    assert json.loads(text) == {"Parameters": {"A": "1", "B": "2"}, "Tags": {"team": "a", "z": "1"}}
    assert text.index('"A"') < text.index('"B"')


def test_the_last_question_for_the_number_of_tasks_is_found() -> None:
    marked = "{Properties: {UpdateID: 6d9b07b1-1e35-4c49-93fd-1ddbb9dc13b4}}"
    assert (
        deployed_update_id(f"Resources: {{DynamicDesiredCountAction: {marked}}}")
        == "6d9b07b1-1e35-4c49-93fd-1ddbb9dc13b4"
    )
    assert deployed_update_id("Resources: {}\n") == ""
    assert deployed_update_id("") == ""
