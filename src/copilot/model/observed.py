"""Facts read from AWS that planners and stacks are given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalResources:
    """What an application has in one region.

    `registry` is the host of its image repositories; `repositories` are their names, where they were asked for.
    """

    region: str
    bucket: str
    key_arn: str
    registry: str
    repositories: tuple[str, ...] = ()
