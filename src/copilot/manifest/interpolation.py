"""`${NAME}` in the values of a manifest, replaced by names that Copilot gives or by the shell's variables.

`\\${NAME}` stays as `${NAME}`. A value that is a JSON list of texts afterwards becomes a YAML list, unless it is a
literal block. Keys and comments are left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from copilot.errors import ManifestError, Problem
from copilot.manifest.source import Source, compose, is_text

APP_VARIABLE = "COPILOT_APPLICATION_NAME"
ENV_VARIABLE = "COPILOT_ENVIRONMENT_NAME"

_VARIABLE = re.compile(r"(\\?)\$\{([_a-zA-Z][_a-zA-Z0-9]*)\}")
_SAFE_PLAIN = re.compile(r"[A-Za-z/]([A-Za-z0-9_./:@-]*[A-Za-z0-9_/])?")
_NOT_TEXT = re.compile(r"(?i)null|true|false|yes|no|on|off|y|n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpolated:
    """Replaced values by the id of their node, and the text with the same replacements."""

    root: yaml.Node | None
    replaced: Mapping[int, str | list[str]]
    text: str
    problems: tuple[Problem, ...] = ()


def interpolate(source: Source, *, app: str, env: str, environ: Mapping[str, str]) -> Interpolated:
    """Replaces the variables of a manifest. Unknown and contradicting ones are problems, told with their place."""
    root = compose(source)
    walk = _Walk(source, {APP_VARIABLE: app, ENV_VARIABLE: env}, environ)
    try:
        walk.visit(root, "")
    except RecursionError as err:
        raise ManifestError([Problem(path=source.path, line=0, message="not YAML: nested too deeply")]) from err
    text = source.text
    if walk.replaced and not walk.problems:
        text = _rewrite(source, root, walk)
    return Interpolated(root=root, replaced=walk.replaced, text=text, problems=tuple(walk.problems))


class _Walk:
    def __init__(self, source: Source, given: Mapping[str, str], environ: Mapping[str, str]) -> None:
        self.source = source
        self.given = given
        self.environ = environ
        self.replaced: dict[int, str | list[str]] = {}
        self.nodes: list[yaml.ScalarNode] = []
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def visit(self, node: yaml.Node | None, path: str) -> None:
        if node is None or id(node) in self._seen:
            return
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = key.value if isinstance(key, yaml.ScalarNode) else "?"
                self.visit(value, f"{path}.{name}" if path else name)
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                self.visit(item, f"{path}[{i}]")
        elif isinstance(node, yaml.ScalarNode) and is_text(node):
            self._scalar(node, path)

    def _scalar(self, node: yaml.ScalarNode, path: str) -> None:
        text = _VARIABLE.sub(lambda match: self._value(match, node, path), node.value)
        items = _json_list(text) if node.style != "|" else None
        if items or text != node.value:
            self.replaced[id(node)] = items or text
            self.nodes.append(node)

    def _value(self, match: re.Match[str], node: yaml.ScalarNode, path: str) -> str:
        escape, name = match.groups()
        if escape:
            return f"${{{name}}}"
        shell, given = self.environ.get(name), self.given.get(name)
        if given is not None and shell is not None and shell != given:
            message = f"${{{name}}} is '{given}' here, but the shell sets it to '{shell}'"
            self._problem(node, path, name, message, f"unset {name} in the shell")
        elif given is None and shell is None:
            hint = f"export {name}=..., or write \\${{{name}}} for the text itself"
            self._problem(node, path, name, f"${{{name}}} is not defined", hint)
        return given if given is not None else shell if shell is not None else match[0]

    def _problem(self, node: yaml.ScalarNode, path: str, name: str, message: str, hint: str) -> None:
        start, end = node.start_mark, node.end_mark
        index = self.source.text.find(f"${{{name}}}", start.index, end.index)
        lines = self.source.text[start.index : index].split("\n") if index >= 0 else [""]
        self.problems.append(
            Problem(
                path=self.source.path,
                line=start.line + len(lines),
                column=len(lines[-1]) + 1 + (start.column if len(lines) == 1 else 0),
                field=path,
                message=message,
                hint=hint,
            )
        )


def _json_list(text: str) -> list[str] | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return items if items and isinstance(items, list) and all(isinstance(i, str) for i in items) else None


def _rewrite(source: Source, root: yaml.Node | None, walk: _Walk) -> str:
    """The text with the replacements: in place, so that comments stay, else written anew from the nodes."""
    wanted = _shape(root, walk.replaced)
    text = source.text
    for node in sorted(walk.nodes, key=lambda n: n.start_mark.index, reverse=True):
        start, end = node.start_mark.index, node.end_mark.index
        text = text[:start] + _written(node, walk, source.text[start:end]) + text[end:]
    return text if _reads_as(text, wanted) else _serialized(root, walk.replaced)


def _written(node: yaml.ScalarNode, walk: _Walk, raw: str) -> str:
    new = walk.replaced[id(node)]
    if isinstance(new, list):
        return "[" + ", ".join(map(quote, new)) + "]" + ("\n" if raw.endswith("\n") else "")
    if node.style in {"|", ">"}:
        indent = re.search(r"\n( *)[^\s]", raw)
        margin = "\n" + (indent[1] if indent else "  ")
        return _VARIABLE.sub(lambda m: walk._value(m, node, "").replace("\n", margin), raw)
    if node.style is None and "\n" not in raw and _SAFE_PLAIN.fullmatch(new) and not _NOT_TEXT.fullmatch(new):
        return new
    return quote(new)


def escape(text: str) -> str:
    """The text with its variables escaped, so that interpolation gives the text back."""
    return re.sub(r"\$\{(?=[_a-zA-Z][_a-zA-Z0-9]*\})", r"\\${", text)


def quote(text: str) -> str:
    """The text as a double-quoted YAML scalar."""
    return '"' + "".join(_escaped(c) for c in text) + '"'


def _escaped(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    if c == "\n":
        return "\\n"
    if c.isprintable() and c != "\ufeff":
        return c
    code = ord(c)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _shape(node: yaml.Node | None, replaced: Mapping[int, str | list[str]]) -> object:
    if isinstance(node, yaml.MappingNode):
        return [(_shape(k, {}), _shape(v, replaced)) for k, v in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [_shape(item, replaced) for item in node.value]
    if isinstance(node, yaml.ScalarNode):
        return replaced.get(id(node), node.value)
    return None


def _reads_as(text: str, wanted: object) -> bool:
    try:
        return _shape(compose(Source(text=text, path="")), {}) == wanted
    except ManifestError:
        return False


def _serialized(root: yaml.Node | None, replaced: Mapping[int, str | list[str]]) -> str:
    return str(yaml.serialize(_replacing(root, replaced), Dumper=yaml.BaseDumper, width=10_000, allow_unicode=True))


def _replacing(node: yaml.Node | None, replaced: Mapping[int, str | list[str]]) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        pairs = [(key, _replacing(value, replaced)) for key, value in node.value]
        return yaml.MappingNode(node.tag, pairs, flow_style=node.flow_style)
    if isinstance(node, yaml.SequenceNode):
        return yaml.SequenceNode(node.tag, [_replacing(i, replaced) for i in node.value], flow_style=node.flow_style)
    if isinstance(node, yaml.ScalarNode) and id(node) in replaced:
        new = replaced[id(node)]
        if isinstance(new, list):
            items = [yaml.ScalarNode(node.tag, text, style='"') for text in new]
            return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=True)
        return yaml.ScalarNode(node.tag, new, style='"')
    return node
