"""Sections of text: a heading, then aligned columns two spaces apart, the way the original lays them out.

Environments

  Name    AccountID     Region
  ----    ---------     ------
  test    123456789012  us-west-2
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from copilot.term.console import Ink, Stream

INDENT = "  "
GAP = 2
NARROWEST = 10
"""The least width of a column, its gap and the line's indent included."""

DITTO = '  "'


def columns(rows: Sequence[Sequence[str]], *, indent: str = INDENT, narrowest: int = NARROWEST) -> list[str]:
    """Rows as lines with every column as wide as its widest cell and the gap after it."""
    cells = [[indent + row[0], *row[1:]] for row in rows]
    count = max((len(row) for row in cells), default=0)
    longest = [max(len(row[i]) if i < len(row) else 0 for row in cells) for i in range(count)]
    widths = [max(narrowest, length + GAP) for length in longest]
    return ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in cells]


def table(
    stream: Stream, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, narrowest: int = NARROWEST
) -> str:
    """A titled table; its headings are underlined."""
    lines = columns([headings, ["-" * len(heading) for heading in headings], *rows], narrowest=narrowest)
    return "\n".join((stream.paint(title, Ink.HEADING), "", *lines)) + "\n"


def pairs(stream: Stream, title: str, rows: Sequence[tuple[str, str]]) -> str:
    """A titled list of names and values; a name without a value is left out."""
    lines = columns([row for row in rows if row[1]])
    return "\n".join((stream.paint(title, Ink.HEADING), "", *lines)) + "\n"


def sections(parts: Sequence[str]) -> str:
    """Sections one under the other, an empty line between them."""
    return "\n".join(parts)


def ditto(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows in which a cell that repeats the one above it is a quote mark."""
    first = [list(row) for row in rows[:1]]
    rest = [
        [DITTO if cell == other else cell for cell, other in zip(row, above, strict=True)]
        for above, row in pairwise(rows)
    ]
    return first + rest
