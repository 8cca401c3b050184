"""Fields and types of AWS Copilot that this version does not deploy yet, so that none is silently ignored."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.errors import Problem
from copilot.manifest.source import Node
from copilot.model.records import WORKLOAD_TYPES

SUPPORTED_TYPES = ("Load Balanced Web Service", "Backend Service")
UNSUPPORTED_TYPES = tuple(t for t in WORKLOAD_TYPES if t not in SUPPORTED_TYPES)

# The path of a field, by the types that have it.
_ON_ECS = (
    "storage",
    "deployment",
    "publish",
    "sidecars",
    "observability",
    "taskdef_overrides",
    "logging.image",
    "logging.destination",
    "logging.enableMetadata",
    "logging.secretOptions",
    "logging.configFilePath",
    "logging.env_file",
    "logging.variables",
    "logging.secrets",
    "http.alb",
    "network.vpc.placement.subnets.from_tags",
)
UNSUPPORTED_FIELDS = {
    "Load Balanced Web Service": (*_ON_ECS, "nlb"),
    "Backend Service": _ON_ECS,
    "Environment": (),
}


def strip(root: Node, type_name: str, path: str) -> tuple[Node, list[Problem]]:
    """The manifest without the fields that are not supported yet, and a problem for each of them."""
    problems: list[Problem] = []
    for field in UNSUPPORTED_FIELDS[type_name]:
        keys = field.split(".")
        for node in _find(root, keys):
            problems.append(
                Problem(
                    path=path,
                    line=node.line,
                    column=node.column,
                    field=node.path,
                    message="is not supported by this version yet",
                    hint=f"remove {node.path}, or deploy this workload with AWS Copilot until it is",
                )
            )
        root = _drop(root, keys)
    return root, problems


def _find(node: Node, keys: list[str]) -> Iterator[Node]:
    child = node.child(keys[0])
    if child is not None and len(keys) > 1:
        yield from _find(child, keys[1:])
    elif child is not None and child.value not in (None, {}, ()):
        yield child


def _drop(node: Node, keys: list[str]) -> Node:
    child = node.child(keys[0])
    if child is None or not isinstance(node.value, dict):
        return node
    if len(keys) == 1:
        return node.without(keys[0])
    return node.having(keys[0], _drop(child, keys[1:]))
