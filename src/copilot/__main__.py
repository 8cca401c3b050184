"""`python -m copilot`: the program, where its script is not on PATH."""

from __future__ import annotations

import sys

from copilot.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
