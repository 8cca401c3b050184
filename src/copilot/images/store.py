"""The host engine's images: content-addressed folders, each a root file system and what to run in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

ALGORITHM = "sha256:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfig:
    """What an image says about the container made from it."""

    base: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    expose: tuple[int, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    stop_signal: str = ""
    health_check: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """An image that is there. `rootfs` must not be written to."""

    id: str
    rootfs: Path
    config: ImageConfig


class ImageStore:
    """A folder of images. Adding the same content again gives the same id; several processes may use it at once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tags = root / "tags"

    def workspace(self) -> tempfile.TemporaryDirectory[str]:
        """A folder to build in, on the same file system."""
        self._root.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix="build-", dir=self._root)

    def add(self, rootfs: Path, config: ImageConfig) -> StoredImage:
        """Takes a root file system that was built in a workspace()."""
        document = json.dumps(asdict(config), sort_keys=True, indent=1)
        digest = hashlib.sha256(document.encode() + b"\0" + tree_digest(rootfs).encode()).hexdigest()
        place = self._root / digest
        if not (place / "config.json").is_file():
            shutil.rmtree(place, ignore_errors=True)
            with self.workspace() as folder:
                ready = Path(folder) / "image"
                ready.mkdir()
                rootfs.rename(ready / "rootfs")
                (ready / "config.json").write_text(document, encoding="utf-8")
                self._settle(ready, place)
        return self._load(ALGORITHM + digest, place)

    @staticmethod
    def _settle(ready: Path, place: Path) -> None:
        try:
            ready.rename(place)
        except OSError:
            # Another process was first with the same content.
            if not (place / "config.json").is_file():
                raise

    def tag(self, image_id: str, reference: str) -> None:
        """Names an image; a name moves to the newest image that was given it."""
        self._tags.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._tags)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(image_id)
        Path(temporary).replace(self._tag_path(reference))

    def find(self, reference: str) -> StoredImage | None:
        """The image with this id (`sha256:...`), tag, or `repository@sha256:...`; None when it is not here."""
        image_id = reference.rpartition("@")[2] if ALGORITHM in reference else self._tagged(reference)
        place = self._root / image_id.removeprefix(ALGORITHM)
        if not image_id.startswith(ALGORITHM) or not (place / "config.json").is_file():
            return None
        return self._load(image_id, place)

    def remove(self, image_id: str) -> bool:
        """Deletes the image with this id; false when it is not here."""
        place = self._root / image_id.removeprefix(ALGORITHM)
        if not image_id.startswith(ALGORITHM) or not (place / "config.json").is_file():
            return False
        with self.workspace() as folder:
            try:
                place.rename(Path(folder) / "image")  # nobody finds half an image
            except FileNotFoundError:
                return False
        return True

    def _tagged(self, reference: str) -> str:
        last = reference.rpartition("/")[2]
        try:
            return self._tag_path(reference if ":" in last else f"{reference}:latest").read_text(encoding="utf-8")
        except OSError:
            return ""

    def _tag_path(self, reference: str) -> Path:
        return self._tags / quote(reference, safe="")

    @staticmethod
    def _load(image_id: str, place: Path) -> StoredImage:
        fields = json.loads((place / "config.json").read_text(encoding="utf-8"))
        for name in ("entrypoint", "command", "expose"):
            fields[name] = tuple(fields[name])
        return StoredImage(id=image_id, rootfs=place / "rootfs", config=ImageConfig(**fields))


def tree_digest(root: Path) -> str:
    """A digest of names, kinds, execute bits and contents; times and owners don't count."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        total.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
        if stat.S_ISLNK(status.st_mode):
            total.update(b"l" + str(path.readlink()).encode())
        elif stat.S_ISDIR(status.st_mode):
            total.update(b"d")
        else:
            total.update(b"x" if status.st_mode & stat.S_IXUSR else b"f")
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def default_root(environ: Mapping[str, str]) -> Path:
    """Where the images of this user's local clouds are."""
    if home := environ.get("COPILOT_LOCAL_HOME"):
        return Path(home) / ".images"
    state = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".local" / "state"
    return Path(state) / "copilot" / "local" / ".images"
