"""Where the copilot/ directory is, and whose it is."""

from __future__ import annotations

import re
from pathlib import Path

from copilot.errors import WorkspaceError
from copilot.workspace import files

DIRECTORY = "copilot"
SUMMARY = ".workspace"
# The starting directory counts as one of them.
MOST_LEVELS = 5
# What nearly every summary is; to read it without a YAML parser takes a tenth of the time.
_PLAIN_SUMMARY = re.compile(r"application: ([a-z][a-z0-9-]*)\n?")


def find_directory(start: Path) -> Path | None:
    """The copilot/ directory nearest to a directory: itself when so named, else a child of it or of one above it."""
    if start.name == DIRECTORY:
        return start
    for level in (start, *start.parents)[:MOST_LEVELS]:
        candidate = level / DIRECTORY
        if files.is_directory(candidate, str(candidate)):
            return candidate
    return None


def read_app(directory: Path) -> str:
    """The application that a copilot/ directory belongs to; empty when it holds no .workspace."""
    path = directory / SUMMARY
    shown = f"{DIRECTORY}/{SUMMARY}"
    text = files.find_text(path, shown)
    if text is None:
        return ""
    if plain := _PLAIN_SUMMARY.fullmatch(text):
        return plain[1]
    return _parse_app(text, shown)


def _parse_app(text: str, shown: str) -> str:
    import yaml

    try:
        summary = yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        raise _damaged(shown, "it is not YAML") from err
    app = summary.get("application") if isinstance(summary, dict) else None
    if not isinstance(app, str) or not app:
        raise _damaged(shown, "it names no application")
    return app


def _damaged(shown: str, why: str) -> WorkspaceError:
    return WorkspaceError(
        f"{shown} can't be used: {why}",
        hints=("it should hold one line, such as 'application: my-app'", f"or remove {shown} and run copilot app init"),
    )


def not_found(start: Path) -> WorkspaceError:
    """No copilot/ directory in reach."""
    return WorkspaceError(
        f"no workspace found: neither {start} nor the {MOST_LEVELS - 1} directories above it have a {DIRECTORY}/",
        hints=("copilot app init", "or change to the directory of your application"),
    )


def not_associated(directory: Path) -> WorkspaceError:
    """A copilot/ directory without .workspace: new, or another tool's."""
    return WorkspaceError(
        f"{directory} belongs to no application: it has no {SUMMARY} file",
        hints=(
            "copilot app init",
            f"if another tool made it, make an empty {DIRECTORY}/ closer to your work: that one is used instead",
        ),
    )
