"""Empties what CloudFormation can't delete while something is in it."""

from __future__ import annotations

from copilot.aws.cloud import Cloud
from copilot.aws.parallel import run
from copilot.model.observed import RegionalResources


def empty_region(cloud: Cloud, regional: RegionalResources | None) -> None:
    """Empties an application's artifact bucket and image repositories in a region: `cloud` is in that region."""
    if regional is None:
        return
    run(
        [
            lambda: cloud.buckets.empty(regional.bucket),
            *[lambda name=name: cloud.repositories.clear(name) for name in regional.repositories],
        ]
    )
