"""Copies files into an image's root file system, and never outside of it."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from copilot.images.dockerignore import Ignore

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


class CopyError(ValueError):
    """A source or destination can't be copied; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One COPY or ADD. `root` is the build context or another stage's root file system."""

    root: Path
    sources: Sequence[str]
    destination: str
    workdir: str = "/"
    ignore: Ignore = field(default_factory=Ignore)
    unpack: bool = False


def inside(rootfs: Path, path: str) -> Path:
    """Where an absolute path of an image lies in its root file system; CopyError when a link leads out of it."""
    parts = [part for part in PurePosixPath("/" + path).parts[1:] if part != "."]
    if ".." in parts:
        parts = [part for part in Path(os.path.normpath("/" + "/".join(parts))).parts if part != "/"]
    place = rootfs.joinpath(*parts)
    if not place.resolve().is_relative_to(rootfs.resolve()):
        raise CopyError(f"{path} leads out of the image through a symbolic link")
    return place


def absolute(path: str, workdir: str) -> str:
    """A path of the image, made absolute and normal; a slash at the end stays."""
    joined = os.path.normpath(str(PurePosixPath(workdir) / path))
    return joined + ("/" if path.endswith("/") and joined != "/" else "")


def run(copy: Copy, rootfs: Path) -> None:
    """Puts the sources into the root file system as COPY does."""
    found = [path for source in copy.sources for path in _matches(copy, source)]
    target = absolute(copy.destination, copy.workdir)
    place = inside(rootfs, target)
    to_folder = target.endswith("/") or copy.destination in (".", "./") or place.is_dir()
    if len(found) > 1 and not to_folder:
        raise CopyError(f"{copy.destination} must end with / because there are several sources")
    for path in found:
        if path.is_dir():
            _copy_tree(copy, path, place)
        elif copy.unpack and path.name.endswith(ARCHIVES):
            _unpack(path, place)
        else:
            _copy_file(path, place / path.name if to_folder else place, rootfs)


def _matches(copy: Copy, source: str) -> list[Path]:
    relative = source.lstrip("/").removeprefix("./") or "."
    if ".." in PurePosixPath(relative).parts:
        raise CopyError(f"{source} is outside of the build context")
    is_pattern = any(char in relative for char in "*?[")
    found = sorted(copy.root.glob(relative)) if is_pattern else [copy.root / relative]
    kept = [path for path in found if _is_there(path) and not _is_hidden(copy, path)]
    if not kept:
        hidden = any(_is_there(path) for path in found)
        why = "is left out by .dockerignore" if hidden else "is not there"
        raise CopyError(f"{source} {why}")
    for path in kept:
        _require_within(copy.root, path)
    return kept


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # A symbolic link that leads to itself.
        return False


def _is_hidden(copy: Copy, path: Path) -> bool:
    relative = PurePosixPath(path.relative_to(copy.root).as_posix())
    if str(relative) == "." or not copy.ignore.hides(relative):
        return False
    return not (path.is_dir() and any(pattern.brings_back for pattern in copy.ignore.patterns))


def _require_within(root: Path, path: Path) -> None:
    if not path.resolve().is_relative_to(root.resolve()):
        raise CopyError(f"{path.name} is a symbolic link that leads out of the build context")


def _copy_tree(copy: Copy, folder: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for entry in sorted(folder.iterdir()):
        if _is_hidden(copy, entry):
            continue
        target = place / entry.name
        if entry.is_dir() and not entry.is_symlink():
            _copy_tree(copy, entry, target)
        elif entry.is_symlink():
            _clear(target)
            target.symlink_to(entry.readlink())
        elif entry.is_file():
            _clear(target)
            shutil.copy(entry, target)


def _copy_file(path: Path, target: Path, rootfs: Path) -> None:
    inside(rootfs, "/" + target.relative_to(rootfs).as_posix())
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear(target)
    shutil.copy(path, target)


def _clear(target: Path) -> None:
    """A link in the way is replaced, not written through."""
    if target.is_symlink():
        target.unlink()
    elif target.is_dir():
        raise CopyError(f"{target.name} is a folder already")


def _unpack(path: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(path) as archive:
            archive.extractall(place, filter="data")
    except tarfile.TarError as err:
        raise CopyError(f"{path.name} can't be unpacked: {err}") from err
