"""What CloudFormation says about the template of a stack or stack set, without the template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from copilot.aws.connection import Api
from copilot.aws.stack_records import TemplateSummary
from copilot.errors import AWSError


def template_summary(api: Api, **target: str) -> TemplateSummary | None:
    """GetTemplateSummary of a stack or stack set; None when there is none."""
    try:
        answer = api.call("get_template_summary", **target)
    except AWSError as error:
        if is_missing(error):
            return None
        raise
    parameters = {each["ParameterKey"]: each.get("DefaultValue", "") for each in answer.get("Parameters") or ()}
    return TemplateSummary(
        metadata=_metadata(answer.get("Metadata") or ""),
        parameters=parameters,
        description=answer.get("Description", ""),
    )


def _metadata(text: str) -> Mapping[str, Any]:
    """A template's metadata: CloudFormation answers with JSON, others with what the template says."""
    if not text.strip():
        return {}
    try:
        found: Mapping[str, Any] = json.loads(text)
    except ValueError:
        from copilot.cfn.yaml import load

        found = load(text)
    return found


def is_missing(error: AWSError) -> bool:
    """Whether CloudFormation says that a stack or stack set does not exist; for stacks only its words tell."""
    if error.code in {"StackSetNotFoundException", "StackNotFoundException", "StackSetNotFound"}:
        return True
    return error.code == "ValidationError" and "does not exist" in error.message
