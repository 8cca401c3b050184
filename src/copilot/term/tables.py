"""Sections of text: a heading, then aligned columns two spaces apart, the way the original lays them out.

Environments

  Name  AccountID     Region
  ----  ---------     ------
  test  123456789012  us-west-2
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.term.console import Ink, Stream

INDENT = "  "
GAP = "  "


def columns(rows: Sequence[Sequence[str]], *, indent: str = INDENT) -> list[str]:
    """Rows as lines with every column as wide as its widest cell."""
    count = max((len(row) for row in rows), default=0)
    widths = [max(len(row[i]) if i < len(row) else 0 for row in rows) for i in range(count)]
    return [
        (indent + GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))).rstrip()
        for row in rows
    ]


def table(stream: Stream, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A titled table; its headings are underlined."""
    lines = columns([headings, ["-" * len(heading) for heading in headings], *rows])
    return "\n".join((stream.paint(title, Ink.HEADING), "", *lines)) + "\n"


def pairs(stream: Stream, title: str, rows: Sequence[tuple[str, str]]) -> str:
    """A titled list of names and values; a name without a value is left out."""
    lines = columns([row for row in rows if row[1]])
    return "\n".join((stream.paint(title, Ink.HEADING), "", *lines)) + "\n"


def sections(parts: Sequence[str]) -> str:
    """Sections one under the other, an empty line between them."""
    return "\n".join(parts)


def ditto(rows: Sequence[Sequence[str]], group: Sequence[int]) -> list[list[str]]:
    """Rows in which a cell of the `group` columns that repeats the one above it is a quote mark."""
    result: list[list[str]] = []
    for index, row in enumerate(rows):
        above = rows[index - 1] if index else None
        same = [above is not None and above[: i + 1] == row[: i + 1] for i in range(len(row))]
        result.append(['  "' if i in group and same[i] else cell for i, cell in enumerate(row)])
    return result
