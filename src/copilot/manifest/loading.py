"""From a manifest's text to its model, with every problem told at once.

The order is the original's: variables are replaced, the environment's overlay is applied, then everything is checked.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from copilot.errors import ManifestError, Problem
from copilot.manifest.backend import BackendService
from copilot.manifest.environment import ENVIRONMENT, Environment
from copilot.manifest.environment_rules import check_environment
from copilot.manifest.interpolation import interpolate
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.manifest.overlays import overlay
from copilot.manifest.problems import Issue, from_issue, from_validation
from copilot.manifest.rules import check_workload
from copilot.manifest.source import Node, Source, build, compose
from copilot.manifest.unsupported import SUPPORTED_TYPES, UNSUPPORTED_TYPES, strip

WorkloadManifest = LoadBalancedWebService | BackendService
M = TypeVar("M", bound=BaseModel)

HOLDER_PREFIX = "x-"
_NOT_OVERRIDDEN = ("name", "type", "environments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Whose manifest it is."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Generic[M]):
    """A manifest, and its text with variables replaced and overlays not applied: what a stack's metadata keeps."""

    manifest: M
    text: str


def read_header(source: Source) -> Header:
    """A manifest's name and type; nothing else is checked. ManifestError when it is not YAML or has no type."""
    return _header(source, _mapping(source, build(source, compose(source), {})))


def load_workload(source: Source, *, app: str, env: str, environ: Mapping[str, str]) -> Loaded[WorkloadManifest]:
    """A service's manifest as it applies to an environment. ManifestError holds every problem found."""
    read = interpolate(source, app=app, env=env, environ=environ)
    root = _mapping(source, build(source, read.root, read.replaced))
    header = _header(source, root)
    model = _workload_model(source, root, header.type)
    root, overlays, problems = _part_environments(source, root)
    applied, unsupported = strip(_overlaid(root, overlays.get(env)), header.type, source.path)
    manifest, found = _validate(source, applied, model, is_whole=not unsupported)
    problems += [*_name_problem(source, root), *unsupported, *found]
    for other, section in overlays.items():
        if other != env:
            problems += _problems_of_another(source, _overlaid(root, section), section.path, model)
    _raise_if_any(read.problems, problems)
    if not isinstance(manifest, LoadBalancedWebService | BackendService):
        raise ManifestError([Problem(path=source.path, line=0, message="is not a workload's manifest")])
    return Loaded(manifest=manifest, text=read.text)


def _problems_of_another(
    source: Source, root: Node, section: str, model: type[LoadBalancedWebService] | type[BackendService]
) -> list[Problem]:
    """What is wrong with single fields of the overlay of an environment that is not the one asked for.

    It may hold unsupported fields, and what does not fit together is told when that environment is deployed.
    """
    applied, _ = strip(root, (root.child("type") or root).text(), source.path)
    _, found = _validate(source, applied, model, is_whole=False)
    return [problem for problem in found if problem.field.startswith(f"{section}.")]


def load_environment(source: Source, *, app: str, env: str, environ: Mapping[str, str]) -> Loaded[Environment]:
    """An environment's manifest. ManifestError holds every problem found."""
    read = interpolate(source, app=app, env=env, environ=environ)
    root = _mapping(source, build(source, read.root, read.replaced))
    _require_environment(source, root, _header(source, root).type)
    root, unsupported = strip(root, ENVIRONMENT, source.path)
    manifest, found = _validate(source, root, Environment, is_whole=not unsupported)
    _raise_if_any(read.problems, [*_name_problem(source, root), *unsupported, *found])
    if not isinstance(manifest, Environment):
        raise ManifestError([Problem(path=source.path, line=0, message="is not an environment's manifest")])
    return Loaded(manifest=manifest, text=read.text)


def parse_environment(text: str) -> Environment:
    """The manifest that an environment's stack keeps; fields that this version does not know are passed over."""
    source = Source(text=text, path="the deployed manifest of the environment")
    root = _mapping(source, build(source, compose(source), {}))
    _require_environment(source, root, _header(source, root).type)
    data = root.plain()
    while True:
        try:
            return Environment.model_validate(data)
        except ValidationError as err:
            if not _forget_unknown(data, err):
                raise ManifestError(list(from_validation(err, root, Environment, source.path))) from err


def has_only_private_subnets(source: Source) -> bool:
    """Whether an environment's manifest imports a VPC without public subnets."""
    vpc = build(source, compose(source), {})
    for key in ("network", "vpc"):
        vpc = vpc.child(key) or Node(value=None, line=0, column=0)
    subnets = vpc.child("subnets")
    if vpc.child("id") is None or subnets is None:
        return False
    public, private = subnets.child("public"), subnets.child("private")
    return bool(private and private.value) and not (public and public.value)


def _forget_unknown(data: Any, err: ValidationError) -> bool:
    """Takes the unknown fields out of the data; False when there was none to take."""
    forgotten = False
    for found in err.errors(include_url=False):
        holder, (*path, last) = data, found["loc"]
        for key in path:
            holder = _inside(holder, key)
        if found["type"] == "extra_forbidden" and isinstance(holder, dict) and last in holder:
            del holder[last]
            forgotten = True
    return forgotten


def _inside(holder: Any, key: str | int) -> Any:
    if isinstance(holder, dict):
        return holder.get(key)
    return holder[key] if isinstance(holder, list) and isinstance(key, int) and key < len(holder) else None


def _mapping(source: Source, root: Node) -> Node:
    """The document's fields. Keys like `x-common` only hold anchors, as in Compose files."""
    if isinstance(root.value, dict):
        return replace(root, value={key: node for key, node in root.value.items() if not key.startswith(HOLDER_PREFIX)})
    what = "is empty" if root.value is None else "must be a mapping of fields, such as 'name: web'"
    raise ManifestError([Problem(path=source.path, line=root.line, column=root.column, message=what)])


def _header(source: Source, root: Node) -> Header:
    problems = []
    for field in ("name", "type"):
        node = root.child(field)
        if node is None or node.value is None:
            problems.append(Problem(path=source.path, line=1, column=1, field=field, message="is required"))
        elif not node.text():
            problems.append(_problem(source, node, "must be text"))
    type_missing = any(p.field == "type" for p in problems)
    if type_missing:
        raise ManifestError(problems)
    name, kind = root.child("name"), root.child("type")
    return Header(name=name.text() if name else "", type=kind.text() if kind else "")


def _workload_model(source: Source, root: Node, kind: str) -> type[LoadBalancedWebService] | type[BackendService]:
    models: Mapping[str, type[LoadBalancedWebService] | type[BackendService]] = {
        "Load Balanced Web Service": LoadBalancedWebService,
        "Backend Service": BackendService,
    }
    if kind in models:
        return models[kind]
    raise ManifestError([_problem(source, root.child("type") or root, *_type_message(kind))])


def _type_message(kind: str) -> tuple[str, str]:
    known = ", ".join(SUPPORTED_TYPES)
    if kind in UNSUPPORTED_TYPES:
        way_out = f"move its directory aside to deploy the others without it; the types that are supported: {known}"
        return f"'{kind}' is not supported by this version yet", way_out
    if kind == ENVIRONMENT:
        return "'Environment' is not a workload's type", "environments are deployed with copilot env deploy"
    meant = difflib.get_close_matches(kind, [*SUPPORTED_TYPES, *UNSUPPORTED_TYPES], n=1, cutoff=0.5)
    hint = f"did you mean {meant[0]}? " if meant else ""
    return f"'{kind}' is not a type", f"{hint}the types are: {known}"


def _require_environment(source: Source, root: Node, kind: str) -> None:
    if kind != ENVIRONMENT:
        node = root.child("type") or root
        hint = "services are deployed with copilot svc deploy" if kind in SUPPORTED_TYPES else ""
        raise ManifestError([_problem(source, node, f"'{kind}' must be {ENVIRONMENT} here", hint)])


def _part_environments(source: Source, root: Node) -> tuple[Node, dict[str, Node], list[Problem]]:
    """The manifest without its overlays, the overlays, and what is wrong with them as such."""
    section = root.child("environments")
    if section is None or section.value is None:
        return root.without("environments"), {}, []
    if not isinstance(section.value, dict):
        return root.without("environments"), {}, [_problem(source, section, "must be a mapping of environments")]
    overlays: dict[str, Node] = {}
    problems: list[Problem] = []
    for env, over in section.value.items():
        if over.value is not None and not isinstance(over.value, dict):
            problems.append(_problem(source, over, "must be a mapping"))
            continue
        for field in _NOT_OVERRIDDEN:
            if wrong := over.child(field):
                problems.append(_problem(source, wrong, "can't differ between environments"))
                over = over.without(field)
        overlays[env] = over
    return root.without("environments"), overlays, problems


def _overlaid(root: Node, over: Node | None) -> Node:
    return root if over is None else overlay(root, over)


def _validate(
    source: Source, root: Node, model: type[BaseModel], *, is_whole: bool
) -> tuple[BaseModel | None, list[Problem]]:
    """The model, when its fields are right. Rules between fields wait for that, and for a manifest that is whole."""
    try:
        manifest = model.model_validate(root.plain())
    except ValidationError as err:
        return None, list(from_validation(err, root, model, source.path))
    except RecursionError:
        return None, [Problem(path=source.path, line=0, message="nested too deeply")]
    return manifest, [from_issue(issue, root, source.path) for issue in _rules(manifest)] if is_whole else []


def _rules(manifest: BaseModel) -> Iterator[Issue]:
    if isinstance(manifest, Environment):
        yield from check_environment(manifest)
    elif isinstance(manifest, LoadBalancedWebService | BackendService):
        yield from check_workload(manifest)


def _name_problem(source: Source, root: Node) -> Iterator[Problem]:
    """The directory of a manifest.yml bears the name of what it describes."""
    parts = re.split(r"[\\/]", source.path)
    name = root.child("name")
    if len(parts) < 2 or not parts[-1].startswith("manifest.") or name is None or not name.text():
        return
    if name.text() != parts[-2]:
        yield _problem(
            source,
            name,
            f"'{name.text()}' differs from the directory's name, {parts[-2]}",
            "rename the directory, or set name to the directory's name",
        )


def _problem(source: Source, node: Node, message: str, hint: str = "") -> Problem:
    return Problem(path=source.path, line=node.line, column=node.column, field=node.path, message=message, hint=hint)


def _raise_if_any(unresolved: tuple[Problem, ...] | list[Problem], found: list[Problem]) -> None:
    """Fields with an unresolved variable are told once, as such."""
    told = {problem.field for problem in unresolved}
    problems = [*unresolved, *(p for p in found if p.field not in told)]
    if problems:
        raise ManifestError(sorted(dict.fromkeys(problems), key=lambda p: (p.line, p.column, p.field)))
