"""Consoles that write into memory."""

from __future__ import annotations

import io

from copilot.term.console import Console, Stream


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def plain_console() -> Console:
    return Console(out=Stream(file=io.StringIO()), err=Stream(file=io.StringIO()))


def written(stream: Stream) -> str:
    assert isinstance(stream.file, io.StringIO)
    return stream.file.getvalue()
