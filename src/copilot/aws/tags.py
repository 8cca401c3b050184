"""Tags between mappings and the shapes that services want them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def to_list(tags: Mapping[str, str], *, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as a list sorted by key."""
    return [{key: name, value: tags[name]} for name in sorted(tags)]


def from_list(tags: Iterable[Mapping[str, str]] | None, *, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags as a mapping."""
    return {tag[key]: tag.get(value, "") for tag in tags or ()}
