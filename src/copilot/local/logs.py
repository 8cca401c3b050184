"""The server's log: one file, older parts beside it, never more than a few megabytes."""

from __future__ import annotations

import logging.handlers
import os
from pathlib import Path

MAX_BYTES = 5_000_000
OLDER_PARTS = 2


class OneFile(logging.handlers.RotatingFileHandler):
    """A rotated file that also receives what the process itself writes to stdout and stderr."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=OLDER_PARTS, encoding="utf-8", errors="replace")
        self._redirect()

    def doRollover(self) -> None:  # noqa: N802 (the name is logging's)
        super().doRollover()
        self._redirect()

    def _redirect(self) -> None:
        if self.stream is not None:
            for descriptor in (1, 2):
                os.dup2(self.stream.fileno(), descriptor)
