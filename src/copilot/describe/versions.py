"""Comparison of template versions as the original compares them: semantic versions with a leading v.

Build metadata is ignored, and anything that is no such version sorts below everything that is.
https://pkg.go.dev/golang.org/x/mod/semver
"""

from __future__ import annotations

import re
from typing import Any

_NUMBER = r"(0|[1-9]\d*)"
_VERSION = re.compile(rf"^v{_NUMBER}(?:\.{_NUMBER}(?:\.{_NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?)?)?$")


def compare(left: str, right: str) -> int:
    """Below, at or above zero as `left` is lower than, equal to or higher than `right`."""
    a, b = _key(left), _key(right)
    return (a > b) - (a < b)


def _key(version: str) -> tuple[Any, ...]:
    match = _VERSION.match(version)
    if match is None:
        return (0,)
    major, minor, patch, pre = match.groups()
    numbers = (int(major), int(minor or 0), int(patch or 0))
    return (1, numbers, _prerelease_key(pre))


def _prerelease_key(text: str | None) -> tuple[Any, ...]:
    """A release sorts above its pre-releases; numbers compare as numbers and below words."""
    if text is None:
        return (1,)
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in text.split("."))
    return (0, parts)
