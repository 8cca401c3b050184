"""In which order workloads are deployed: by the user's order tags, then by what their manifests say of each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from copilot.errors import UsageError
from copilot.graph import Cycle, ranks
from copilot.manifest import WorkloadManifest

LAST = 2**31
"""The order tag of a name without one."""


def parse_names(names: Iterable[str]) -> dict[str, int]:
    """`web/2` is web with order tag 2; UsageError for a tag that is no whole number, or a name with two tags."""
    tags: dict[str, int] = {}
    for text in names:
        name, slash, tag = text.partition("/")
        if slash and not tag.isdigit():
            raise UsageError(f"name {text!r} is not valid: after the slash comes a whole number, as in `{name}/1`")
        number = int(tag) if slash else LAST
        if tags.get(name, number) != number:
            raise UsageError(f"name {name!r} is given twice, with different order tags")
        tags[name] = number
    return tags


def groups(tags: Mapping[str, int], dependencies: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups to deploy one after the other; what is in one group is independent.

    Services that call each other in a circle are in one group: no order would help them.
    """
    ordered = []
    for tag in sorted(set(tags.values())):
        members = {name for name, own in tags.items() if own == tag}
        within = {name: [d for d in dependencies.get(name, ()) if d in members] for name in sorted(members)}
        try:
            ordered += ranks(within)
        except Cycle:
            ordered.append(sorted(members))
    return ordered


def dependencies(manifests: Sequence[WorkloadManifest], app: str, env: str) -> dict[str, list[str]]:
    """For each workload those that its variables name by an address: `http://api:8080`, `api.test.shop.local`."""
    known = [manifest.name for manifest in manifests]
    found = {}
    for manifest in manifests:
        texts = [variable.value for variable in manifest.variables.values() if variable.value]
        found[manifest.name] = [
            name for name in known if name != manifest.name and any(_names(text, name, app, env) for text in texts)
        ]
    return found


def _names(text: str, name: str, app: str, env: str) -> bool:
    short = rf"//(?:[^/@]*@)?{re.escape(name)}(?:[:/?#]|$)"
    long = rf"(?<![\w.-]){re.escape(name)}\.{re.escape(env)}\.{re.escape(app)}\.local(?![\w.-])"
    return bool(re.search(f"{short}|{long}", text))
