"""The commit that an image is tagged with."""

from __future__ import annotations

import os
from pathlib import Path

from copilot.images.process import ask


def describe(root: Path) -> str:
    """The short commit of a clean work tree; empty when there is no git, no commit, or an uncommitted change."""
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    status = ask(("git", "-C", str(root), "status", "--porcelain"), environ=environ)
    if status.code != 0 or status.tail:
        return ""
    commit = ask(("git", "-C", str(root), "describe", "--always"), environ=environ)
    return commit.tail if commit.code == 0 else ""
