"""YAML of templates: block text that other tools can patch by lines, and back to plain data.

The text is read by parsers of YAML 1.1 and 1.2, so text that either would take for another type is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from copilot.errors import ManifestError, Problem

FUNCTIONS = (
    *("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue"),
    *("Join", "Length", "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"),
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html"""

_LONG_FORMS = {**{f"!{name}": f"Fn::{name}" for name in FUNCTIONS}, "!Ref": "Ref", "!Condition": "Condition"}
_SHORT_TAGS = {long: tag for tag, long in _LONG_FORMS.items()}
_CORE = "tag:yaml.org,2002:"


def is_function(value: Any) -> bool:
    """Whether a value is an intrinsic function in its long form."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _SHORT_TAGS


class Bare(str):
    """Text written without quotes although it reads as a number, where a reader wants it so."""

    __slots__ = ()


# Writing


def dump(document: Mapping[str, Any], *, indent: int = 2) -> str:
    """Block style with two spaces, short tags, the order of keys kept, no aliases and no folded lines."""
    if not document:
        return "{}\n"
    return "\n".join(_Writer(indent).block(document)) + "\n"


class _Writer:
    """Writes values as lines; a nested block stands `indent` columns further in."""

    def __init__(self, indent: int) -> None:
        self._indent = indent

    def block(self, value: Any) -> list[str]:
        lines: list[str] = []
        if isinstance(value, Mapping):
            for key, item in value.items():
                lines += self._attach(f"{_line(str(key))}:", item)
        else:
            for item in value:
                lines += self._attach("-", item)
        return lines

    def _attach(self, head: str, value: Any) -> list[str]:
        tag, value = _shorten(value)
        lead = f"{head} {tag}" if tag else head
        if not _is_collection(value):
            first, *rest = _scalar(value, self._indent)
            return [f"{lead} {first}", *_shift(rest, self._indent)]
        if not value:
            return [f"{lead} {'{}' if isinstance(value, Mapping) else '[]'}"]
        body = self.block(value)
        if lead == "-":
            return [f"- {body[0]}", *_shift(body[1:], 2)]
        return [lead, *_shift(body, self._indent)]


def _shift(lines: Sequence[str], columns: int) -> list[str]:
    blank = " " * columns
    return [blank + line if line else "" for line in lines]


def _shorten(value: Any) -> tuple[str, Any]:
    """The tag and argument of an intrinsic function; an empty tag where only the long form says the same."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return "", value
    ((name, argument),) = value.items()
    tag = _SHORT_TAGS.get(name, "")
    if name == "Fn::GetAtt":
        if isinstance(argument, str):
            return "", value
        if _is_dotted(argument):
            return tag, ".".join(argument)
    if tag and (isinstance(argument, str) or _is_collection(argument)):
        return tag, argument
    return "", value


def _is_dotted(argument: Any) -> bool:
    if not isinstance(argument, Sequence) or len(argument) != 2:
        return False
    return all(isinstance(part, str) and part for part in argument) and "." not in argument[0]


def _is_collection(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str | bytes))


def _scalar(value: Any, indent: int) -> list[str]:
    if isinstance(value, Bare):
        return [str(value)]
    if isinstance(value, str):
        return _literal(value, indent) if _fits_literal(value) else [_line(value)]
    if value is None:
        return ["null"]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, int):
        return [str(value)]
    if isinstance(value, float):
        return [_float(value)]
    raise TypeError(f"a template holds no {type(value).__name__}: {value!r}")


def _float(value: float) -> str:
    text = repr(value)
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(text, text)


_PRINTABLE = r"\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_ONE_LINE = re.compile(f"[{_PRINTABLE}]*")
_MANY_LINES = re.compile(f"[{_PRINTABLE}\t\n]*")
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^:#]|:(?=\S)|(?<=\S)#)*")
_LIKE_A_NUMBER = re.compile(r"[-+.]?[0-9][0-9a-fA-FxXoO_.,:+\-TtZz ]*|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_WORDS_OF_OTHER_TYPES = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "="})


def _fits_literal(text: str) -> bool:
    return "\n" in text and text.strip() != "" and _MANY_LINES.fullmatch(text) is not None


def _literal(text: str, indent: int) -> list[str]:
    body = text.rstrip("\n")
    ending = len(text) - len(body)
    chomp = "-" if ending == 0 else "" if ending == 1 else "+"
    guide = str(indent) if text[0] in " \t\n" else ""
    return [f"|{guide}{chomp}", *body.split("\n"), *[""] * (ending - 1)]


def _line(text: str) -> str:
    if not _ONE_LINE.fullmatch(text):
        return '"' + "".join(map(_escape, text)) + '"'
    if _reads_as_text(text):
        return text
    return "'" + text.replace("'", "''") + "'"


def _reads_as_text(text: str) -> bool:
    if text != text.rstrip() or not _PLAIN.fullmatch(text) or text.startswith(("...", "---")):
        return False
    return text.lower() not in _WORDS_OF_OTHER_TYPES and not _LIKE_A_NUMBER.fullmatch(text)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if _ONE_LINE.fullmatch(char):
        return char
    code = ord(char)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"


# Reading

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def load(text: str, *, path: str = "template") -> dict[str, Any]:
    """A template as plain data: short tags in their long form, scalars by the rules of YAML 1.2, keys always text.

    Numbers with a leading zero and dates stay text. ManifestError with the place when it is not YAML, not a mapping,
    or has a key twice; `path` is what the file is called there.
    """
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as err:
        raise _not_yaml(path, err) from err
    if node is None or (isinstance(node, yaml.ScalarNode) and _is_plain(node) and node.value in _NULL):
        return {}
    if not isinstance(node, yaml.MappingNode) or node.tag != f"{_CORE}map":
        raise _problem(path, node, "must be a mapping of keys to values")
    value: dict[str, Any] = _Reader(path).read(node)
    return value


class _Reader:
    """Turns the nodes of one document into data; knows the nodes it is inside of, since an alias may lead back."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: set[int] = set()

    def read(self, node: yaml.Node) -> Any:
        if node.tag.startswith(_CORE):
            return self._plain(node)
        name = _LONG_FORMS.get(node.tag)
        if name is None:
            raise _problem(self._path, node, f"unknown tag {node.tag}")
        if not isinstance(node, yaml.ScalarNode):
            return {name: self._collection(node)}
        return {name: _attribute(node.value) if name == "Fn::GetAtt" else node.value}

    def _plain(self, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            return self._collection(node)
        return resolve(node.value) if _is_plain(node) else node.value

    def _collection(self, node: yaml.Node) -> Any:
        if id(node) in self._open:
            raise _problem(self._path, node, "an alias leads back to what it is part of")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item) for item in node.value]
            return self._mapping(node)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _problem(self._path, key, "a key must be text")
            if key.value in found:
                first = lines[key.value]
                raise _problem(self._path, key, f"key {key.value} is there twice, first on line {first}")
            lines[key.value] = key.start_mark.line + 1
            found[key.value] = self.read(value)
        return found


def _is_plain(node: yaml.ScalarNode) -> bool:
    return not node.style


def _attribute(text: str) -> Any:
    logical_id, dot, attribute = text.partition(".")
    return [logical_id, attribute] if dot else text


def resolve(text: str) -> Any:
    """What an unquoted scalar means; but for numbers with a leading zero as YAML 1.2's core schema says.

    https://yaml.org/spec/1.2.2/#103-core-schema
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _NOT_FINITE.fullmatch(text) else text


def _problem(path: str, node: yaml.Node, message: str) -> ManifestError:
    mark = node.start_mark
    return ManifestError([Problem(path=path, line=mark.line + 1, column=mark.column + 1, message=message)])


def _not_yaml(path: str, err: yaml.YAMLError) -> ManifestError:
    mark = getattr(err, "problem_mark", None) or getattr(err, "context_mark", None)
    why = getattr(err, "problem", None) or getattr(err, "reason", None) or str(err)
    if isinstance(err, yaml.composer.ComposerError) and err.context:
        why = f"{err.context}, {why}"
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return ManifestError([Problem(path=path, line=line, column=column, message=f"is not YAML: {why}")])
