"""Write what of AWS Copilot is here and what is not yet, from the catalog and the manifests' own lists, to a file (or
to stdout)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from copilot import GO_VERSION
from copilot.cli.catalog import COMMANDS, is_group
from copilot.manifest.unsupported import SUPPORTED_TYPES, UNSUPPORTED_FIELDS, UNSUPPORTED_TYPES

HEAD = f"""# What is there, and what is not yet

Beside AWS Copilot {GO_VERSION}. Nothing is ignored in silence: a command that is not there yet says so, and a field
of a manifest that is not deployed yet is refused with its line. Made by `make docs`: change the code, not this file.
"""


def reference() -> str:
    """The whole document."""
    return "\n".join([HEAD, *_commands(), *_types(), *_fields()]) + "\n"


def _commands() -> Iterator[str]:
    here = [path for path, entry in COMMANDS.items() if not entry.hidden and not is_group(path)]
    later = {path: entry.summary for path, entry in COMMANDS.items() if entry.later}
    yield from ("## Commands", "", "There, see [the reference](commands.md):", "")
    yield from (f"- {', '.join(f'`{path}`' for path in group)}" for group in _grouped(here))
    yield from ("", "Not yet:", "", "| command | what it does |", "|---|---|")
    yield from (f"| `{path}` | {summary} |" for path, summary in later.items())
    yield ""


def _grouped(paths: list[str]) -> Iterator[list[str]]:
    """The commands of a group together, those without one in the first line."""
    single = [path for path in paths if " " not in path]
    yield single
    for group in dict.fromkeys(path.split()[0] for path in paths if " " in path):
        yield [path for path in paths if path.startswith(f"{group} ")]


def _types() -> Iterator[str]:
    yield from ("## Types of workloads", "")
    yield f"There: {', '.join(SUPPORTED_TYPES)}. Not yet: {', '.join(UNSUPPORTED_TYPES)}."
    yield ""


def _fields() -> Iterator[str]:
    yield from ("## Files", "")
    yield "There: `copilot/.workspace` and every manifest. Not yet: `addons/` and `overrides/`; a deployment that would"
    yield "need them is refused."
    yield from ("", "## Fields of manifests", "")
    yield from ("There: every field in [the reference](manifest.md). Not yet:", "", "| type | fields |", "|---|---|")
    for type_name, fields in UNSUPPORTED_FIELDS.items():
        yield f"| {type_name} | {', '.join(f'`{field}`' for field in fields) or 'none'} |"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
    else:
        sys.stdout.write(reference())
