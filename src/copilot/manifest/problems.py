"""What pydantic found wrong, told as problems in the user's words and at the user's line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from copilot.errors import Problem
from copilot.manifest.source import Node
from copilot.manifest.values import Model

Place = tuple[str | int, ...]

# The name of a field in its model, and an old spelling of it that the user may have written.
_SPELLINGS: Mapping[str, str] = {"target_container": "targetContainer", "vpc": "from_vpc"}
_MISTAKEN: Mapping[str, str] = {"from_vpc": "vpc", "from_cfn_export": "from_cfn", "retention_in_days": "retention"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A broken rule: where in the manifest, what, and the way out."""

    place: Place
    message: str
    hint: str = ""


def locate(root: Node, place: Place, *, exact: bool = False) -> tuple[Node, str]:
    """The node at a place in the model and its path as written; of the nearest node around it when there is none.

    Unions are normalised by the models, so that a place may name keys that the user did not write.
    """
    node = root
    missing: list[str] = []
    for index, key in enumerate(place):
        found = _step(node, key, descend=not (exact and index == len(place) - 1))
        if found is not None:
            node, missing = found, []
        elif not (isinstance(node.value, tuple) and isinstance(key, str)):
            missing.append(str(key))
    written = node.path
    if missing and isinstance(node.value, dict):
        written = ".".join(part for part in (node.path, *missing) if part)
    return node, written


def _step(node: Node, key: str | int, *, descend: bool) -> Node | None:
    if isinstance(key, int):
        items = node.value if isinstance(node.value, tuple) else ()
        return items[key] if key < len(items) else None
    direct = node.child(key) or node.child(_SPELLINGS.get(key, key))
    if direct or not descend or not isinstance(node.value, dict):
        return direct
    inner = [n for n in (child.child(key) for child in node.value.values()) if n]
    return inner[0] if len(inner) == 1 else None


def from_validation(err: ValidationError, root: Node, model: type[BaseModel], path: str) -> Iterator[Problem]:
    """Every finding of a validation as a problem of the file at `path`."""
    for found in err.errors(include_url=False):
        place = tuple(key for key in found["loc"] if key != "[key]")
        if found["type"] == "extra_forbidden":
            yield _unknown(root, place, model, path)
        else:
            message, hint = _words(found)
            issue = Issue(place=place, message=message, hint=hint)
            yield from_issue(issue, root, path, exact=found["type"] == "missing")


def from_issue(issue: Issue, root: Node, path: str, *, exact: bool = False) -> Problem:
    """A broken rule as a problem of the file at `path`."""
    node, written = locate(root, issue.place, exact=exact)
    return Problem(path=path, line=node.line, column=node.column, field=written, message=issue.message, hint=issue.hint)


def _words(found: ErrorDetails) -> tuple[str, str]:
    context: Mapping[str, Any] = found.get("ctx", {})
    match found["type"]:
        case "missing":
            return "is required", ""
        case "literal_error":
            return f"must be {context.get('expected', '')}", ""
        case "greater_than_equal":
            return f"must be at least {context.get('ge')}", ""
        case "less_than_equal":
            return f"must be at most {context.get('le')}", ""
        case "manifest":
            return found["msg"], str(context.get("hint", ""))
    return found["msg"][:1].lower() + found["msg"][1:], ""


def _unknown(root: Node, place: Place, model: type[BaseModel], path: str) -> Problem:
    node, written = locate(root, place)
    key = str(place[-1])
    holder = _model_at(model, place[:-1])
    known = [] if holder is None else _spelled(holder)
    meant = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    mistaken = _MISTAKEN.get(key)
    if mistaken in known:
        meant = [mistaken]
    hint = (
        f"did you mean {_sibling(written, meant[0])}?" if meant else f"the fields here are: {', '.join(sorted(known))}"
    )
    return Problem(
        path=path,
        line=node.line,
        column=node.column,
        field=written,
        message=f"is not a known field{f' (did you mean {meant[0]}?)' if meant else ''}",
        hint=hint if known else "",
    )


def _sibling(written: str, key: str) -> str:
    return ".".join([*written.split(".")[:-1], key])


def _spelled(model: type[BaseModel]) -> list[str]:
    internal = model.internal if issubclass(model, Model) else frozenset()
    return [info.alias or name for name, info in model.model_fields.items() if name not in internal]


def _model_at(model: type[BaseModel], place: Sequence[str | int]) -> type[BaseModel] | None:
    """The model that reads the mapping at a place."""
    current: type[BaseModel] | None = model
    for key in place:
        if isinstance(key, int) or current is None:
            continue
        info = next((i for name, i in current.model_fields.items() if key in {name, i.alias}), None)
        if info is not None:
            current = _model_in(info.annotation)
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)
