"""Run the voting application in a pseudo terminal and draw what it shows: writes docs/demo.svg.

Python's standard library and rich; of Copilot only the command line. Run it again after a change of the output.
"""

from __future__ import annotations

import codecs
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator, Mapping
from fcntl import ioctl
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "demo.svg"
BIN = Path(sys.executable).parent
COLUMNS, LINES = 96, 30

URL = re.compile(r"http://localhost:\d+")
ADDRESS = "$URL"
COMMANDS = (
    "copilot local up --engine host",
    f"curl -X POST '{ADDRESS}/vote?choice=cats'",
    "copilot local up",
    "copilot --local svc status --name collector",
)

# rich's own format without the fonts that it loads from elsewhere.
FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
  <style>
    .{unique_id}-matrix {{
      font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
      font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
    }}
    .{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
    </clipPath>
    {lines}
  </defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
      {matrix}
    </g>
  </g>
</svg>
"""


class Screen:
    """The part of a terminal that Copilot uses: text, colours, and a cursor that goes up and repaints lines."""

    SEQUENCE = re.compile(r"\x1b\[[?]?([0-9;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")

    def __init__(self) -> None:
        self._lines: list[list[tuple[str, str]]] = [[]]
        self._row = self._column = 0
        self._ink = ""

    def feed(self, text: str) -> None:
        """What a program has written."""
        for number, letter, control, words in self.SEQUENCE.findall(text):
            if control:
                self._move(control)
            elif words:
                self._print(words)
            else:
                self._obey(letter, number)

    def _move(self, control: str) -> None:
        if control == "\r":
            self._column = 0
            return
        self._row += 1
        self._column = 0
        if self._row == len(self._lines):
            self._lines.append([])

    def _print(self, words: str) -> None:
        line = self._lines[self._row]
        line += [(" ", "")] * (self._column - len(line))
        line[self._column : self._column + len(words)] = [(character, self._ink) for character in words]
        self._column += len(words)

    def _obey(self, letter: str, number: str) -> None:
        if letter == "A":
            self._row = max(self._row - int(number or 1), 0)
        elif letter == "K":
            line = self._lines[self._row]
            line[:] = line[: self._column] if number in ("", "0") else []
        elif letter == "m":
            self._ink = "" if number in ("", "0") else f"\x1b[{number}m"

    def plain(self) -> str:
        """What is to be seen, without colours."""
        return "\n".join("".join(character for character, _ in line) for line in self._lines).rstrip()

    def text(self) -> str:
        """What is to be seen, with the colours as ANSI sequences."""
        lines = ("".join(f"{ink}{character}\x1b[0m" for character, ink in line) for line in self._lines)
        return "\n".join(lines).rstrip()


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = folder / "vote"
        shutil.copytree(ROOT / "examples" / "vote", workspace)
        environ = environment(folder)
        try:
            story = list(play(workspace, environ))
        finally:
            subprocess.run(["copilot", "local", "stop"], cwd=workspace, env=environ, capture_output=True)
    draw(story)
    return 0


def environment(folder: Path) -> dict[str, str]:
    """A fresh user's, with this Copilot first on the path."""
    return {
        "HOME": str(folder),
        "COPILOT_LOCAL_HOME": str(folder / "clouds"),
        "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)]),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }


def play(workspace: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Each command as it is typed, followed by what it leaves on the screen."""
    address = ""
    for line in COMMANDS:
        typed = line.replace(ADDRESS, address)
        screen = on_a_terminal(typed, workspace, environ)
        address = address or URL.findall(screen.plain())[0]
        yield f"\x1b[1;32m$\x1b[0m \x1b[1m{typed}\x1b[0m\n{screen.text()}\n"


def on_a_terminal(line: str, workspace: Path, environ: Mapping[str, str]) -> Screen:
    """What a command line leaves on the screen."""
    main_end, program_end = pty.openpty()
    ioctl(program_end, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    program = ["sh", "-c", line.replace("curl ", "curl -s ")]
    streams = {"stdin": program_end, "stdout": program_end, "stderr": program_end}
    with subprocess.Popen(program, cwd=workspace, env=environ, start_new_session=True, **streams) as process:
        os.close(program_end)
        screen = Screen()
        for text in written(main_end):
            screen.feed(text)
    os.close(main_end)
    if process.returncode:
        raise SystemExit(f"{line} ended with {process.returncode}:\n{screen.plain()}")
    return screen


def written(terminal: int) -> Iterator[str]:
    """Everything that is written to a terminal until its last user is gone."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            data = b""
        if not data:
            return
        yield decoder.decode(data)


def draw(story: list[str]) -> None:
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        console.print(Text.from_ansi("\n".join(story)))
    console.save_svg(str(PICTURE), title="examples/vote", code_format=FORMAT, unique_id="demo")


if __name__ == "__main__":
    sys.exit(main())
