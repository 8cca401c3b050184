"""Deleted stacks: for ninety days their id still finds them, their name at once finds them no more."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.local.cloudformation import wire
from copilot.local.cloudformation.wire import Action, Params, Refused, Response

_READS = (
    "DescribeStackEvents",
    "DescribeStackResource",
    "DescribeStackResources",
    "GetStackPolicy",
    "GetTemplate",
    "GetTemplateSummary",
    "ListStackResources",
)


def refused_by_name(actions: Mapping[str, Action]) -> dict[str, Action]:
    """The actions that read a stack, each refusing the name of a deleted one as CloudFormation does."""
    return {name: _by_name(actions[name]) for name in _READS}


def _by_name(action: Action) -> Action:
    def answer(params: Params) -> Response:
        from ministack.services.cloudformation import _stacks

        name = wire.text(params, "StackName")
        if (_stacks.get(name) or {}).get("StackStatus") == "DELETE_COMPLETE":
            raise Refused("ValidationError", f"Stack with id {name} does not exist")
        return action(params)

    return wire.action(answer)
