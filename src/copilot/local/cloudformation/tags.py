"""Tagged resources that the emulator's tagging API does not list: stacks, state machines, databases.

A stack's own tags are what tells which workloads are deployed
(https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

Tagged = Iterator[tuple[str, list[dict[str, str]]]]
Collector = Callable[[], Tagged]

_GONE = ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS")


def collectors() -> dict[str, Collector]:
    """By the service of their ARNs, what lists their resources with their tags."""
    return {"cloudformation": _stacks, "states": _state_machines, "rds": _databases}


def listing(tagged: Callable[[], Mapping[str, Mapping[str, str]]]) -> Collector:
    """A collector of resources whose tags are mappings by ARN."""

    def collect() -> Tagged:
        for arn, tags in tagged().items():
            yield arn, [{"Key": key, "Value": value} for key, value in tags.items()]

    return collect


def _stacks() -> Tagged:
    from ministack.services.cloudformation import _stacks as stacks

    for stack in stacks.values():
        if stack["StackStatus"] not in _GONE:
            yield stack["StackId"], [{"Key": tag["Key"], "Value": tag["Value"]} for tag in stack.get("Tags") or ()]


def _state_machines() -> Tagged:
    from ministack.services import stepfunctions

    for arn in stepfunctions._state_machines:
        yield arn, [{"Key": tag["key"], "Value": tag["value"]} for tag in stepfunctions._tags.get(arn) or ()]


def _databases() -> Tagged:
    from ministack.core.responses import get_region
    from ministack.services import rds

    for arn, tags in rds._tags.items():
        if arn.split(":")[3] == get_region():
            yield arn, list(tags)
