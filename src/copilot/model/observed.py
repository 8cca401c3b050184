"""Facts read from AWS that planners and stacks are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalResources:
    """What an application's stack set made in one region: `repositories` maps a workload to its repository's URI."""

    region: str
    bucket: str
    key_arn: str
    repositories: Mapping[str, str] = field(default_factory=dict)
