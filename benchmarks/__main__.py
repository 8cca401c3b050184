"""`python -m benchmarks`: measure everything, print the report and write it to docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import commands, machine
from benchmarks.report import Beside, report
from benchmarks.tools import Tool

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
STARTUPS_PER_RUN = 6


def main() -> int:
    options = _options()
    tools = [Tool(name="copilot", command=(str(Path(sys.executable).with_name("copilot")),))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        startups = machine.startup(tools, folder / "startup", runs=options.runs * STARTUPS_PER_RUN)
        local = machine.local(tools[0], folder, runs=options.runs, say=_say)
        costs = {tool.name: commands.measure(tool, folder, runs=options.runs, say=_say) for tool in tools}
        both = _beside_the_original(tools[0], folder, runs=options.runs)
    text = report(tools, startups, local, costs, both)
    options.output.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _beside_the_original(ours: Tool, folder: Path, *, runs: int) -> Beside | str:
    """The costs of this tool and the original on the same way to AWS, or why there are none."""
    from benchmarks.original import Unavailable, side_by_side

    folder = folder / "beside"
    folder.mkdir()
    slowest = (max(commands.LATENCIES),)
    try:
        with side_by_side(ours, folder) as tools:
            found = [
                commands.measure(tool, folder / str(number), runs=runs, say=_say, latencies=slowest)
                for number, tool in enumerate(tools)
            ]
    except Unavailable as reason:
        return str(reason)
    return Beside(ours=found[0], original=found[1], name=tools[1].name)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how often each command runs (%(default)s)")
    parser.add_argument("--output", type=Path, default=DOCUMENT, help="where the report goes (docs/benchmarks.md)")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
