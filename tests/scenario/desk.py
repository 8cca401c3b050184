"""A person at a desk: a directory, an environment, and `copilot` typed into a shell that has no terminal."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inventory import Inventory

from copilot.local.clouds import LocalCloud

COPILOT = str(Path(sys.executable).with_name("copilot"))
VOTE = Path(__file__).resolve().parents[2] / "examples" / "vote"
PATIENCE_SECONDS = 300.0


def _hear_interrupts() -> None:
    """A process that was started in the background ignores Ctrl-C, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a command ended, its two streams kept apart."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """For messages of assertions: everything it said."""
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Runs commands in `root`, each as a process of its own with this environment."""

    root: Path
    environ: dict[str, str]

    def at(self, root: Path, **changed: str) -> Desk:
        return Desk(root=root, environ={**self.environ, **changed})

    def run(self, *arguments: str, **changed: str) -> Result:
        """One command to its end."""
        done = subprocess.run(
            [COPILOT, *arguments],
            cwd=self.root,
            env={**self.environ, **changed},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        result = Result(code=done.returncode, out=done.stdout, err=done.stderr)
        assert "Traceback" not in result.err, result.told
        assert result.code != 70, f"that is what a bug looks like:\n{result.told}"
        return result

    def ok(self, *arguments: str, **changed: str) -> Result:
        """One command that must succeed."""
        result = self.run(*arguments, **changed)
        assert result.code == 0, f"copilot {' '.join(arguments)}: {result.told}"
        return result

    def fails(self, *arguments: str, code: int = 1, **changed: str) -> Result:
        """One command that must end with the code and a message, and print no data."""
        result = self.run(*arguments, **changed)
        assert result.code == code, f"copilot {' '.join(arguments)}: {result.told}"
        assert result.err.strip().splitlines(), "a failure says why"
        return result

    def start(self, *arguments: str) -> Running:
        """A command that goes on while the test does something else."""
        process = subprocess.Popen(
            [COPILOT, *arguments],
            cwd=self.root,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_hear_interrupts,
        )
        return Running(process)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{path} holds no {old!r}"
        self.write(path, text.replace(old, new))

    def files(self) -> dict[str, str]:
        """Every file beneath the root with its text: to see that nothing has changed."""
        return {
            path.relative_to(self.root).as_posix(): path.read_text(errors="replace")
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }


@dataclass(slots=True)
class Running:
    """A command under way; its streams are read all the time, so that it never waits for us."""

    process: subprocess.Popen[str]
    err: list[str] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _readers: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        for stream, lines in ((self.process.stderr, self.err), (self.process.stdout, self.out)):
            reader = threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            reader.start()
            self._readers.append(reader)

    def _read(self, stream: Iterator[str], lines: list[str]) -> None:
        for line in stream:
            with self._changed:
                lines.append(line)
                self._changed.notify_all()

    def says(self, pattern: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Waits for a line on stderr that matches."""
        assert self.comes_to(pattern, seconds), f"never said {pattern!r}:\n{''.join(self.err)}"

    def comes_to(self, pattern: str, seconds: float = PATIENCE_SECONDS) -> bool:
        """Waits for a line on stderr that matches; False when the command ends, or time does, without one."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                if any(re.search(pattern, line) for line in self.err):
                    return True
                left = deadline - time.monotonic()
                if left <= 0 or not self._is_reading():
                    return False
                self._changed.wait(min(left, 0.2))

    def _is_reading(self) -> bool:
        return self._readers[0].is_alive() or (any(self.err[-1:]) and self.process.poll() is None)

    def kill(self) -> None:
        """As the kernel does when memory runs out: no goodbye."""
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self, seconds: float = PATIENCE_SECONDS) -> Result:
        """Waits for the end."""
        code = self.process.wait(seconds)
        for reader in self._readers:
            reader.join(PATIENCE_SECONDS)
        result = Result(code=code, out="".join(self.out), err="".join(self.err))
        assert "Traceback" not in result.err, result.told
        return result


def copy_vote(root: Path, app: str = "vote") -> None:
    """The voting application as it is in the repository, under a name of its own."""
    shutil.copytree(VOTE, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "copilot" / ".workspace").write_text(f"application: {app}\n")


def get(url: str, *, seconds: float = 120.0) -> tuple[int, str]:
    """Status and text of an HTTP answer; a server that does not answer yet is asked again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def vote(url: str, choice: str) -> dict[str, int]:
    """Casts a vote; the tally after it."""
    request = urllib.request.Request(f"{url.rstrip('/')}/vote?choice={choice}", method="POST", data=b"")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(json.load(answer))


def tally(url: str) -> dict[str, int]:
    status, text = get(f"{url.rstrip('/')}/api/tally")
    assert status == 200, text
    return dict(json.loads(text))


def answers(url: str) -> dict[str, int] | None:
    """The tally, or None while no task answers."""
    status, text = get(f"{url.rstrip('/')}/api/tally")
    return dict(json.loads(text)) if status == 200 else None


def eventually(check: Any, *, seconds: float = 120.0) -> Any:
    """The first true answer of the check."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {answer!r}"
        time.sleep(0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A desk whose commands mean a local cloud, the application's name, and a look into that cloud."""

    desk: Desk
    app: str
    url: str

    @classmethod
    def on_shared(cls, desk: Desk, app: str, cloud: LocalCloud) -> Place:
        endpoint = cloud.endpoint()
        assert endpoint is not None
        home = cloud.home.path
        variables = {"COPILOT_LOCAL": "1", "COPILOT_LOCAL_HOME": str(home.parent), "COPILOT_LOCAL_CLOUD": home.name}
        return cls(desk=desk.at(desk.root, **variables), app=app, url=endpoint.url)

    @property
    def inventory(self) -> Inventory:
        return Inventory(url=self.url, app=self.app)
