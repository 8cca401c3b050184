"""What carries which tags: the Resource Groups Tagging API, which finds everything that is deployed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copilot.aws import tags as shapes
from copilot.aws.connection import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedResource:
    """A resource that carries the tags that were asked for."""

    arn: str
    tags: Mapping[str, str]


class Tagging:
    """AWS Resource Groups Tagging API."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def resources(self, resource_types: Sequence[str], tags: Mapping[str, str]) -> list[TaggedResource]:
        """All resources of these types (`cloudformation:stack`, `ecs:service`, ...) that carry all these tags.

        A tag with an empty value matches any value of its key.
        """
        filters = [{"Key": key, "Values": [value] if value else []} for key, value in sorted(tags.items())]
        found = self._api.items(
            "get_resources",
            "ResourceTagMappingList",
            ResourceTypeFilters=list(resource_types),
            TagFilters=filters,
        )
        return [
            TaggedResource(arn=resource["ResourceARN"], tags=shapes.from_list(resource.get("Tags")))
            for resource in found
        ]
