"""YAML as a tree of nodes that know where they stand.

Keys are text, scalars keep their source text (YAML 1.2: what a scalar means is for the field that reads it), duplicate
keys are refused. Anchors, aliases and merge keys are followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from copilot.errors import ManifestError, Problem
from copilot.manifest.values import Scalar

_TEXT_TAG = "tag:yaml.org,2002:str"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MOST_NODES = 100_000
_MOST_CHARACTERS = (
    1_000_000  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
)
_PLAIN_WORDS = (
    ("that cannot start any token", "a character stands where a value or a key should begin; tabs can't indent"),
    ("mapping values are not allowed", "a second ': ' stands in one line; quote the value, or check the indentation"),
    ("expected <block end>", "the line does not fit the indentation of the lines around it"),
    ("could not find expected ':'", "a key without ': ' after it"),
    ("found unexpected end of stream", "a quoted text is not closed"),
    ("expected ',' or", "a list or mapping in brackets is not closed, or a comma is missing"),
    ("unknown escape character", "an unknown escape after a backslash; use single quotes for literal backslashes"),
    ("found undefined alias", "an alias (*name) without an anchor (&name)"),
    ("but found another document", "more than one document; a manifest is a single one"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A manifest's text, and its path as the user sees it."""

    text: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value and the place of its key (of itself, in a list). `path` names it from the document's root."""

    value: Scalar | tuple[Node, ...] | dict[str, Node] | None
    line: int
    column: int
    path: str = ""

    def child(self, key: str) -> Node | None:
        """The value under a key, when this is a mapping that has it."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def having(self, key: str, value: Node) -> Node:
        """The mapping with a key set anew."""
        return replace(self, value={**self.value, key: value}) if isinstance(self.value, dict) else self

    def without(self, key: str) -> Node:
        """The mapping without one of its keys."""
        if not isinstance(self.value, dict):
            return self
        return replace(self, value={k: v for k, v in self.value.items() if k != key})

    def text(self) -> str:
        """The scalar's text; empty for anything else."""
        return str(self.value) if isinstance(self.value, Scalar) else ""

    def plain(self) -> Any:
        """The bare data: mappings, lists, scalars and None."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value


class Broken(Exception):
    """YAML that cannot be used, and where."""

    def __init__(self, message: str, mark: yaml.Mark | None = None, *, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = mark.line + 1 if mark else line
        self.column = mark.column + 1 if mark else column


def compose(source: Source) -> yaml.Node | None:
    """The document's nodes; None when it is empty. ManifestError when it is not YAML, or too large to be deployed."""
    if len(source.text) > _MOST_CHARACTERS:
        message = "is larger than 1 MB: CloudFormation takes no larger template, and the manifest is kept in it"
        raise ManifestError([Problem(path=source.path, line=1, message=message)])
    try:
        return _compose(source.text)
    except Broken as err:
        problem = Problem(path=source.path, line=err.line, column=err.column, message=f"not YAML: {err.message}")
        raise ManifestError([problem]) from err


def _compose(text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.BaseLoader)
        if root is not None:
            _measure(root, {}, set())
        return root
    except yaml.reader.ReaderError as err:
        before = text[: err.position]
        column = len(before) - before.rfind("\n")
        raise Broken("a character that YAML does not allow", line=before.count("\n") + 1, column=column) from err
    except yaml.MarkedYAMLError as err:
        raise Broken(_in_plain_words(err), err.problem_mark or err.context_mark) from err
    except RecursionError as err:
        raise Broken("nested too deeply") from err
    except (yaml.YAMLError, ValueError, OverflowError) as err:
        raise Broken("a character or number that YAML does not allow") from err


def _measure(node: yaml.Node, sizes: dict[int, int], open_nodes: set[int]) -> int:
    """The number of nodes with aliases followed; refuses an alias that holds itself and documents that explode."""
    if id(node) in open_nodes:
        raise Broken("an alias holds itself", node.start_mark)
    if id(node) not in sizes:
        open_nodes.add(id(node))
        pairs = isinstance(node, yaml.MappingNode)
        inner = [n for pair in node.value for n in pair] if pairs else node.value
        below = 0 if isinstance(node, yaml.ScalarNode) else sum(_measure(n, sizes, open_nodes) for n in inner)
        open_nodes.remove(id(node))
        sizes[id(node)] = 1 + below
    if sizes[id(node)] > _MOST_NODES:
        raise Broken("too large once its aliases are followed", node.start_mark)
    return sizes[id(node)]


def _in_plain_words(err: yaml.MarkedYAMLError) -> str:
    said = " ".join(part for part in (err.context, err.problem) if part)
    return next((ours for theirs, ours in _PLAIN_WORDS if theirs in said), said)


def is_text(node: yaml.Node) -> bool:
    """Whether the node is a scalar without a tag of its own (such as !Ref)."""
    return isinstance(node, yaml.ScalarNode) and node.tag in {_TEXT_TAG, "!"}


def build(source: Source, root: yaml.Node | None, replaced: Mapping[int, str | list[str]]) -> Node:
    """The tree of a composed document; `replaced` holds interpolated values by the id of their node."""
    builder = _Builder(replaced)
    try:
        tree = builder.node(root, root, "") if root else Node(value=None, line=1, column=1)
    except RecursionError as err:
        raise ManifestError([Problem(path=source.path, line=0, message="not YAML: nested too deeply")]) from err
    if builder.problems:
        raise ManifestError(
            [
                Problem(path=source.path, line=err.line, column=err.column, field=path, message=err.message)
                for path, err in builder.problems
            ]
        )
    return tree


class _Builder:
    def __init__(self, replaced: Mapping[int, str | list[str]]) -> None:
        self.replaced = replaced
        self.problems: list[tuple[str, Broken]] = []

    def node(self, node: yaml.Node, place: yaml.Node, path: str) -> Node:
        """Converts a node; its place is the node of its key."""
        value = self._value(node, path)
        mark = place.start_mark
        return Node(value=value, line=mark.line + 1, column=mark.column + 1, path=path)

    def _value(self, node: yaml.Node, path: str) -> Scalar | tuple[Node, ...] | dict[str, Node] | None:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.node(item, item, f"{path}[{i}]") for i, item in enumerate(node.value))
        return self._scalar(node, path)

    def _scalar(self, node: yaml.Node, path: str) -> Scalar | tuple[Node, ...] | None:
        new = self.replaced.get(id(node), node.value)
        if isinstance(new, list):
            mark = node.start_mark
            at = [(Scalar(text, plain=False), f"{path}[{i}]") for i, text in enumerate(new)]
            return tuple(Node(value=v, line=mark.line + 1, column=mark.column + 1, path=p) for v, p in at)
        if re.search("[\ud800-\udfff]", new):
            self.problems.append((path, Broken("holds half of a character pair", node.start_mark)))
        plain = isinstance(node, yaml.ScalarNode) and node.style is None and id(node) not in self.replaced
        return None if plain and new in _NULLS else Scalar(new, plain=plain)

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Node]:
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append((path, Broken("has a key that is not text", key.start_mark)))
                continue
            inner = f"{path}.{key.value}" if path else str(key.value)
            if key.value == "<<" and key.style is None:
                for name, inherited in self._merge(value, path):
                    merged.setdefault(name, inherited)
            elif key.value in own:
                first = own[key.value].line
                self.problems.append((inner, Broken(f"stands twice; it is also in line {first}", key.start_mark)))
            else:
                own[key.value] = self.node(value, key, inner)
        return {**merged, **own}

    def _merge(self, node: yaml.Node, path: str) -> Iterator[tuple[str, Node]]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                self.problems.append((path, Broken("merges (<<) something that is not a mapping", source.start_mark)))
                continue
            built = self.node(source, source, path).value
            yield from built.items() if isinstance(built, dict) else ()
