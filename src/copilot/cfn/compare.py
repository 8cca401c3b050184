"""Which resources of two templates differ, and in which properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from copilot.cfn.diff import diff


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDifference:
    """A resource that is in only one template (the other's definition is empty), or is not the same in both."""

    logical_id: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]

    @property
    def properties(self) -> tuple[str, ...]:
        """Names of the properties that differ in meaning, sorted."""
        before, after = self.old.get("Properties") or {}, self.new.get("Properties") or {}
        names = sorted(before.keys() | after.keys())
        return tuple(name for name in names if _differ(before, after, name))


def compare_resources(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ResourceDifference]:
    """Resources that were added, removed or changed between two templates, metadata apart."""
    before, after = old.get("Resources") or {}, new.get("Resources") or {}
    for logical_id in dict.fromkeys([*before, *after]):
        one, other = _bare(before.get(logical_id)), _bare(after.get(logical_id))
        if not diff({"R": one}, {"R": other}).empty:
            yield ResourceDifference(logical_id=logical_id, old=one, new=other)


def _bare(resource: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {key: value for key, value in (resource or {}).items() if key != "Metadata"}


def _differ(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    if (name in before) != (name in after):
        return True
    return not diff({"P": before[name]}, {"P": after[name]}).empty
