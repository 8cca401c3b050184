"""Checks that come before a change: is what is there newer than this tool, is it in a state that allows the step."""

from __future__ import annotations

from collections.abc import Sequence

from copilot import TEMPLATE_VERSION
from copilot.describe.stacks import BOOTSTRAP
from copilot.describe.versions import compare
from copilot.errors import Blocked


def require_not_newer(what: str, version: str, *, allow: bool) -> None:
    """Refuses to write over what a newer release made."""
    if allow or version == BOOTSTRAP or compare(version, TEMPLATE_VERSION) <= 0:
        return
    raise Blocked(
        f"{what} can't be changed: it was deployed with {version}, this is {TEMPLATE_VERSION}",
        hints=("install the newer release", "or go back on purpose with --allow-downgrade"),
    )


def require_no_addons(files: Sequence[object], place: str) -> None:
    """Refuses to leave out silently what this version can't deploy yet."""
    if files:
        raise Blocked(
            f"{place} can't be deployed: this version does not deploy addons yet",
            hints=("move the directory aside to deploy without them",),
        )


def require_no_overrides(files: Sequence[object], place: str) -> None:
    """Refuses to leave out silently what this version can't apply yet."""
    if files:
        raise Blocked(
            f"{place} can't be applied: this version does not apply overrides yet",
            hints=("move the directory aside to deploy without them",),
        )
