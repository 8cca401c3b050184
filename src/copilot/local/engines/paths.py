"""From an image's command to one that runs on this machine: the image's paths become those of the task's own copy."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

PATH_LISTS = ("PATH", "PYTHONPATH", "NODE_PATH", "LD_LIBRARY_PATH")
USUAL_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
_PATH = re.compile(r"(?<![\w./$}~-])/[\w.@+-]+(?:/[\w.@+-]+)*")
_PYTHON = re.compile(r"python3?")
_LOCAL_PORT = re.compile(r"\b(localhost|127\.0\.0\.1|0\.0\.0\.0)(:|\s+)(\d+)\b")


def into_copy(text: str, rootfs: Path) -> str:
    """Absolute paths that the image holds, rewritten to its copy at `rootfs`; others are left as they are."""

    def place(found: re.Match[str]) -> str:
        inside = rootfs / found[0].lstrip("/")
        return str(inside) if os.path.lexists(inside) else found[0]

    return _PATH.sub(place, text)


def program(name: str, rootfs: Path, search: str) -> str | None:
    """The program to start: the image's own, else this machine's; None when neither has it.

    `python` is the interpreter that runs us: what the name means elsewhere on a laptop is anybody's guess.
    """
    if name.startswith("/"):
        inside = rootfs / name.lstrip("/")
        if os.access(inside, os.X_OK) and inside.is_file():
            return str(inside)
    basename = name.rpartition("/")[2]
    if _PYTHON.fullmatch(basename) and shutil.which(basename, path=_only_inside(search, rootfs)) is None:
        return sys.executable
    if name.startswith("/") and Path(name).is_file():
        return name
    found = shutil.which(basename if name.startswith("/") else name, path=search)
    if found is None and basename.startswith("python3"):
        return sys.executable
    return found


def _only_inside(search: str, rootfs: Path) -> str:
    return os.pathsep.join(part for part in search.split(os.pathsep) if part.startswith(str(rootfs))) or os.devnull


def search_path(image_path: str, rootfs: Path) -> str:
    """PATH of a task: the folders that the image added, within its copy, then this machine's."""
    own = [str(rootfs / part.lstrip("/")) for part in image_path.split(":") if part.startswith("/")]
    return os.pathsep.join(part for part in (*own, os.environ.get("PATH") or USUAL_PATH) if part)


def environment(image: Mapping[str, str], task: Mapping[str, str], rootfs: Path) -> dict[str, str]:
    """The variables of a task's process: the image's, then the task's, and next to nothing of ours."""
    values = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR", "TZ") if name in os.environ}
    values |= {"HOME": str(rootfs), "PYTHONUNBUFFERED": "1", **image, **task}
    for name in PATH_LISTS:
        if name in values and name != "PATH":
            values[name] = into_copy(values[name], rootfs)
    values["PATH"] = search_path(values.get("PATH", ""), rootfs)
    return values


def with_ports(words: Iterable[str], ports: Mapping[int, int]) -> list[str]:
    """A command that asks `localhost:8080`, asking the port where the task really listens."""

    def real(found: re.Match[str]) -> str:
        return f"127.0.0.1{found[2]}{ports[int(found[3])]}" if int(found[3]) in ports else found[0]

    return [_LOCAL_PORT.sub(real, word) for word in words]


def command(words: Sequence[str], rootfs: Path, search: str) -> list[str]:
    """The argument list to start; FileNotFoundError when this machine has no such program."""
    if not words:
        raise FileNotFoundError("the image and the task definition give no command to run")
    start = program(words[0], rootfs, search)
    if start is None:
        raise FileNotFoundError(f"{words[0]}: this machine has no such program, and neither has the image")
    return [start, *(into_copy(word, rootfs) for word in words[1:])]
