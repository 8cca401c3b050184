"""How two templates differ, as a tree of lines: `~` where something inside changed, `+` new, `-` gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from copilot.cfn.yaml import dump, is_function

_INDENT = 4
_ITEM_INDENT = 2


class _Absent:
    """Stands for a value that is not there, since None is a value."""


_ABSENT: Any = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A place where one value took another's place, appeared or vanished. The key of a list's item is empty."""

    key: str = ""
    old: Any = _ABSENT
    new: Any = _ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A place with changes somewhere inside."""

    key: str = ""
    children: Sequence[Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """So many items of a list are the same."""

    count: int


Node = Leaf | Branch | Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The difference between two templates."""

    root: Leaf | Branch | None

    @property
    def empty(self) -> bool:
        return self.root is None

    def render(self) -> str:
        """The tree as text, each line ended; empty text when nothing differs."""
        if self.root is None:
            return ""
        if isinstance(self.root, Leaf):
            lines = _appeared(self.root.old, self.root.new, "", whole=True)
        else:
            lines = (line for child in self.root.children for line in _render(child, 0, in_list=False))
        return "".join(f"{line}\n" for line in lines)


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Diff:
    """What changes from one template to the other, by meaning; the manifest in the metadata is left out.

    An intrinsic function is the same with a list or a dotted name (GetAtt) and with or without an empty map (Sub),
    DependsOn is with a name or a list of one; scalars are compared by their text, as CloudFormation does. An absent
    template is an empty one.
    """
    before, after = _normalise(_without_manifest(old)), _normalise(_without_manifest(new))
    if _canonical(before) == _canonical(after):
        return Diff(root=None)
    if not before or not after:
        return Diff(root=Leaf(old=before or _ABSENT, new=after or _ABSENT))
    return Diff(root=_compare("", before, after))


def _without_manifest(template: Mapping[str, Any]) -> dict[str, Any]:
    metadata = template.get("Metadata")
    if not isinstance(metadata, Mapping) or "Manifest" not in metadata:
        return dict(template)
    rest = {key: value for key, value in metadata.items() if key != "Manifest"}
    document = {key: rest if key == "Metadata" else value for key, value in template.items()}
    return {key: value for key, value in document.items() if key != "Metadata" or value}


def _normalise(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _normalise(_argument(str(key), item)) for key, item in value.items()}
    if _is_list(value):
        return [_normalise(item) for item in value]
    return value


def _argument(name: str, argument: Any) -> Any:
    """The value of a function, or of DependsOn, in the one form that we compare."""
    if name == "Fn::GetAtt":
        parts = argument if _is_list(argument) else [argument]
        if all(isinstance(part, str) for part in parts):
            return ".".join(parts).split(".", 1)
    if name == "Fn::Sub" and _is_list(argument) and (len(argument) == 1 or (len(argument) == 2 and not argument[1])):
        return argument[0]
    if name == "DependsOn" and _is_list(argument) and len(argument) == 1 and isinstance(argument[0], str):
        return argument[0]
    return argument


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _canonical(value: Any) -> Any:
    """Equal for values that mean the same; `80` and `"80"` do."""
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


# Comparing two normalised values that are not the same


def _compare(key: str, old: Any, new: Any) -> Leaf | Branch:
    if isinstance(old, dict) and isinstance(new, dict) and not _are_unlike_functions(old, new):
        return Branch(key=key, children=_compare_mappings(old, new))
    if isinstance(old, list) and isinstance(new, list):
        return Branch(key=key, children=_compare_lists(old, new))
    return Leaf(key=key, old=old, new=new)


def _are_unlike_functions(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """One is a function that the other is not, or both are of one line and best shown beside each other."""
    if not is_function(old) and not is_function(new):
        return False
    return old.keys() != new.keys() or (_is_line(old) and _is_line(new))


def _is_line(value: Any) -> bool:
    if is_function(value):
        (name,) = value
        return name == "Fn::GetAtt" or not isinstance(value[name], dict | list)
    return not isinstance(value, dict | list)


def _compare_mappings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Node]:
    changes: list[Node] = []
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            changes.append(Leaf(key=key, old=old[key]))
        elif key not in old:
            changes.append(Leaf(key=key, new=new[key]))
        elif _canonical(old[key]) != _canonical(new[key]):
            changes.append(_compare(key, old[key], new[key]))
    return changes


def _compare_lists(old: Sequence[Any], new: Sequence[Any]) -> list[Node]:
    changes: list[Node] = []
    done_old = done_new = same = 0
    for at_old, at_new in [*_common(old, new), (len(old), len(new))]:
        between = _changed_items(old[done_old:at_old], new[done_new:at_new])
        if between or at_old == len(old):
            changes += [Unchanged(count=same)] if same else []
            same = 0
        changes += between
        same += 1
        done_old, done_new = at_old + 1, at_new + 1
    return changes


def _changed_items(old: Sequence[Any], new: Sequence[Any]) -> list[Node]:
    pairs = min(len(old), len(new))
    changed: list[Node] = [_compare("", before, after) for before, after in zip(old, new, strict=False)]
    gone: list[Node] = [Leaf(old=item) for item in old[pairs:]]
    came: list[Node] = [Leaf(new=item) for item in new[pairs:]]
    return changed + gone + came


def _common(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int, int]]:
    """Places of a longest common subsequence, for each list."""
    left, right = [_canonical(item) for item in old], [_canonical(item) for item in new]
    lengths = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            longer = max(lengths[i + 1][j], lengths[i][j + 1])
            lengths[i][j] = lengths[i + 1][j + 1] + 1 if left[i] == right[j] else longer
    found = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] < lengths[i][j + 1]:
            j += 1
        else:
            i += 1
    return found


# Rendering


def _render(node: Node, indent: int, *, in_list: bool) -> Iterator[str]:
    blank = " " * indent
    if isinstance(node, Unchanged):
        yield f"{blank}({node.count} unchanged item{'' if node.count == 1 else 's'})"
    elif isinstance(node, Leaf):
        yield from (blank + line for line in _render_leaf(node, in_list=in_list))
    elif in_list:
        yield f"{blank}~ - (changed item)"
        for child in node.children:
            yield from _render(child, indent + _ITEM_INDENT, in_list=not _is_keyed(child))
    else:
        path, last = _joined(node)
        yield f"{blank}~ {path}:"
        for child in last.children:
            yield from _render(child, indent + _INDENT, in_list=not _is_keyed(child))


def _is_keyed(node: Node) -> bool:
    return not isinstance(node, Unchanged) and node.key != ""


def _joined(branch: Branch) -> tuple[str, Branch]:
    """Follows a branch to where it forks, so that one line tells the whole path."""
    path = [branch.key]
    while len(branch.children) == 1 and isinstance(branch.children[0], Branch) and branch.children[0].key:
        branch = branch.children[0]
        path.append(branch.key)
    return "/".join(path), branch


def _render_leaf(leaf: Leaf, *, in_list: bool) -> Iterator[str]:
    if leaf.old is not _ABSENT and leaf.new is not _ABSENT and _is_line(leaf.old) and _is_line(leaf.new):
        old, new = _one_line(leaf.old), _one_line(leaf.new)
        if "\n" not in old + new:
            yield f"~ {'-' if in_list else f'{leaf.key}:'} {old} -> {new}"
            return
    yield from _appeared(leaf.old, leaf.new, leaf.key, whole=False)


def _one_line(value: Any) -> str:
    return dump({"_": value}).removeprefix("_: ").removesuffix("\n")


def _appeared(old: Any, new: Any, key: str, *, whole: bool) -> Iterator[str]:
    for sign, value in (("-", old), ("+", new)):
        if value is _ABSENT:
            continue
        document = value if whole else {key: value} if key else {"_": [value]}
        lines = dump(document, indent=_INDENT).removesuffix("\n").split("\n")
        if not whole and not key:
            lines = [line.removeprefix(" " * _INDENT) for line in lines[1:]]
        yield from (f"{sign} {line}" for line in lines)
