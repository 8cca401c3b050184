"""Write the reference of all commands, made from their help, to a file (or to stdout)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from copilot.cli.catalog import COMMANDS, GROUPS, children, is_group, root_help
from copilot.cli.command import load

HEAD = """# Commands

What `copilot COMMAND --help` prints. Made by `make docs`: change the commands, not this file.
"""


def reference() -> str:
    """The whole document."""
    parts = [HEAD, _block("copilot", root_help())]
    for group in GROUPS:
        for name, entry in children("").items():
            if entry.group == group and not entry.hidden:
                parts += _command(name)
    return "\n".join(parts)


def _command(path: str) -> list[str]:
    found = load(path, COMMANDS[path])
    context = click.Context(found, info_name=f"copilot {path}")
    parts = [_block(f"copilot {path}", found.get_help(context))]
    if is_group(path):
        for name, entry in children(path).items():
            parts += [] if entry.hidden else _command(f"{path} {name}")
    return parts


def _block(title: str, text: str) -> str:
    return f"## {title}\n\n```text\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
    else:
        sys.stdout.write(reference())
