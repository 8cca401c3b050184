""".dockerignore: which files of a build context an image never sees.

https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: what it matches, and whether it brings files back (`!`)."""

    regex: re.Pattern[str]
    brings_back: bool


@dataclass(frozen=True, slots=True)
class Ignore:
    """The patterns in order; the last one that matches decides."""

    patterns: Sequence[Pattern] = ()

    def hides(self, path: PurePosixPath) -> bool:
        """Whether a path, relative to the context, is left out."""
        names = [str(path), *(str(parent) for parent in path.parents if str(parent) != ".")]
        hidden = False
        for pattern in self.patterns:
            if any(pattern.regex.fullmatch(name) for name in names):
                hidden = not pattern.brings_back
        return hidden


def read(context: Path, dockerfile: Path) -> Ignore:
    """The Dockerfile's own ignore file if it has one, else the context's."""
    for path in (dockerfile.with_name(dockerfile.name + ".dockerignore"), context / ".dockerignore"):
        if path.is_file():
            return parse(path.read_text(encoding="utf-8", errors="replace"))
    return Ignore()


def parse(text: str) -> Ignore:
    """The patterns of an ignore file."""
    patterns = []
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        brings_back = stripped.startswith("!")
        cleaned = str(PurePosixPath("/" + stripped.removeprefix("!").strip())).strip("/")
        if cleaned:
            patterns.append(Pattern(re.compile(glob_regex(cleaned)), brings_back))
    return Ignore(tuple(patterns))


def glob_regex(pattern: str) -> str:
    """A Go path pattern, with `**` for any number of folders, as a regular expression."""
    out = ""
    index = 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            out, index = out + "(?:.*/)?", index + 3
        elif pattern.startswith("**", index):
            out, index = out + ".*", index + 2
        elif pattern[index] == "*":
            out, index = out + "[^/]*", index + 1
        elif pattern[index] == "?":
            out, index = out + "[^/]", index + 1
        elif pattern[index] == "[" and "]" in pattern[index:]:
            end = pattern.index("]", index)
            out, index = out + pattern[index : end + 1], end + 1
        else:
            out, index = out + re.escape(pattern[index]), index + 1
    return out
