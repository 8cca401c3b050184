"""Where a local cloud keeps its things, and which cloud belongs to which workspace.

Files only: nothing here knows servers, ports or the emulator.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.errors import LocalCloudError, UsageError

CLOUD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one local cloud."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def config(self) -> Path:
        """What outlives the server: its port, engine and birthday."""
        return self.path / "config.json"

    @property
    def record(self) -> Path:
        """What the running server says about itself; written once it answers."""
        return self.path / "server.pid"

    @property
    def failure(self) -> Path:
        """Why a server that started ended again; written by it, read by whoever started it."""
        return self.path / "failure.json"

    @property
    def lasting(self) -> frozenset[str]:
        """What a reset keeps."""
        return frozenset(path.name for path in (self.config, self.lock, self.starter_lock, self.log))

    @property
    def lock(self) -> Path:
        """Held by the server as long as it lives; the kernel lets go of it whatever kills the server."""
        return self.path / "server.lock"

    @property
    def starter_lock(self) -> Path:
        """Held by whoever starts or stops the server, so that two of them take turns."""
        return self.path / "starter.lock"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    @property
    def state(self) -> Path:
        return self.path / "state"

    @property
    def objects(self) -> Path:
        return self.path / "objects"

    @property
    def temporary(self) -> Path:
        """Of one run of the server: what it unpacks to run functions."""
        return self.path / "tmp"


def cloud_home(root: Path, environ: Mapping[str, str]) -> Home:
    """The home of the cloud that serves the workspace at `root`; COPILOT_LOCAL_CLOUD names a shared one instead."""
    return Home(
        clouds_folder(environ) / ((environ.get("COPILOT_LOCAL_CLOUD") and _shared_name(environ)) or _own_name(root))
    )


def clouds_folder(environ: Mapping[str, str]) -> Path:
    """$COPILOT_LOCAL_HOME, else copilot/local in the user's state folder (XDG Base Directory Specification)."""
    if explicit := environ.get("COPILOT_LOCAL_HOME"):
        return Path(explicit).expanduser().absolute()
    state = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or Path.home()) / ".local" / "state"
    return Path(state) / "copilot" / "local"


def only_workspace(root: Path, environ: Mapping[str, str]) -> Path | None:
    """The workspace without which the cloud has no use; None when COPILOT_LOCAL_CLOUD makes it a shared one."""
    return None if environ.get("COPILOT_LOCAL_CLOUD") else root.resolve()


def _shared_name(environ: Mapping[str, str]) -> str:
    name = environ["COPILOT_LOCAL_CLOUD"]
    if not CLOUD_NAME.fullmatch(name):
        raise UsageError(
            f"COPILOT_LOCAL_CLOUD is not a name: {name!r}",
            hints=("use letters, digits, dots, dashes and underscores, at most 63 of them",),
        )
    return name


def _own_name(root: Path) -> str:
    resolved = root.resolve()
    digest = hashlib.sha256(str(resolved).encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', resolved.name).strip('-') or 'root'}-{digest}"


def read_json(path: Path) -> dict[str, Any]:
    """The object in the file; empty when the file is absent or holds something else: a crash may have cut it short."""
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_atomically(path: Path, text: str) -> None:
    """Replaces the file as a whole: after a crash it holds the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    write_atomically(path, json.dumps(content, indent=2, sort_keys=True) + "\n")


def take_lock(path: Path) -> int | None:
    """A descriptor that holds the lock until it is closed, or None when somebody else holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def turn(path: Path) -> Iterator[None]:
    """Waits for one's turn at the lock and holds it inside the block."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LocalCloudError(
            f"the local cloud can't keep its files in {path.parent}: {error.strerror}",
            hints=("choose another place: `export COPILOT_LOCAL_HOME=DIRECTORY`",),
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
