"""`environments.{env}` laid over the rest of a manifest.

Mappings merge key by key, scalars and lists replace, a key without a value changes nothing, but for a variable, label
or build argument, which it empties. Where a field has two forms, giving one in the overlay removes the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from copilot.manifest.source import Node

_TEXTS = frozenset({("variables",), ("image", "labels"), ("image", "build", "args")})
_METRICS = ("range", "cpu_percentage", "memory_percentage", "requests", "response_time", "queue_delay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """In a mapping at `path` (`*` stands for any key), giving one of `given` removes all of `removed`."""

    path: tuple[str, ...]
    given: tuple[str, ...]
    removed: tuple[str, ...]

    def matches(self, path: tuple[str, ...]) -> bool:
        return len(path) == len(self.path) and all(w in {"*", p} for w, p in zip(self.path, path, strict=True))


def _either(path: str, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[Rivals, Rivals]:
    keys = tuple(path.split("."))
    return Rivals(path=keys, given=one, removed=other), Rivals(path=keys, given=other, removed=one)


_SECRETS = ("secrets.*", "logging.secretOptions.*", "logging.secrets.*", "sidecars.*.secrets.*")
RIVALS: tuple[Rivals, ...] = (
    *_either("image", ("build",), ("location",)),
    *_either("sidecars.*.image", ("build",), ("location",)),
    *_either("http", ("target_container",), ("targetContainer",)),
    Rivals(path=("count",), given=("spot",), removed=("cooldown", *_METRICS)),
    Rivals(path=("count",), given=_METRICS, removed=("spot",)),
    *_either("storage.volumes.*.efs", ("uid", "gid"), ("id", "root_dir", "auth")),
    *(rival for path in _SECRETS for rival in _either(path, ("secretsmanager",), ("from_cfn",))),
)


def overlay(base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """The base with an overlay on it. Every node keeps the place where it was written."""
    if over.value is None and path[:-1] in _TEXTS:
        return over
    if over.value is None or over.value == {}:
        return base
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    removed = set(_removed(over.value, path))
    merged = {key: node for key, node in base.value.items() if key not in removed}
    for key, node in over.value.items():
        merged[key] = overlay(merged[key], node, (*path, key)) if key in merged else node
    return replace(base, value=merged)


def _removed(over: dict[str, Node], path: tuple[str, ...]) -> Iterator[str]:
    given = {key for key, node in over.items() if node.value is not None}
    for rivals in RIVALS:
        if rivals.matches(path) and given & set(rivals.given):
            yield from set(rivals.removed) - given
