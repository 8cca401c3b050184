"""The copilot/ directory: the manifests and what belongs to them. The only hands on it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.errors import Problem, WorkspaceError
from copilot.workspace import files
from copilot.workspace.location import (
    DIRECTORY,
    SUMMARY,
    find_directory,
    not_associated,
    not_found,
    read_app,
)

MANIFEST = "manifest.yml"
ENVIRONMENTS = "environments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A file's text, and its path from the workspace's root, as the user sees it."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A project with a copilot/ directory. `root` is the directory that holds it; paths in manifests start there."""

    root: Path
    directory: Path
    app: str

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """The workspace that a directory is in. WorkspaceError when there is none, or none with an application."""
        start = _absolute(start)
        directory = find_directory(start)
        if directory is None:
            raise not_found(start)
        app = read_app(directory)
        if not app:
            raise not_associated(directory)
        return cls(root=directory.parent, directory=directory, app=app)

    @classmethod
    def find_or_none(cls, start: Path) -> Workspace | None:
        """The workspace that a directory is in, or None. WorkspaceError when there is one but it can't be read."""
        directory = find_directory(_absolute(start))
        app = read_app(directory) if directory else ""
        return cls(root=directory.parent, directory=directory, app=app) if directory and app else None

    @classmethod
    def create(cls, start: Path, app: str) -> Workspace:
        """Binds a directory to an application; a copilot/ directory in reach that has no application is used."""
        start = _absolute(start)
        directory = find_directory(start) or start / DIRECTORY
        owner = read_app(directory)
        if not owner:
            files.write_new(directory / SUMMARY, f"application: {app}\n", f"{DIRECTORY}/{SUMMARY}")
            owner = read_app(directory)
        if owner != app:
            raise WorkspaceError(
                f"workspace {directory.parent} can't be used for application {app}: it belongs to {owner}",
                hints=(
                    f"to work on {owner}, name that application",
                    f"to begin {app}, go to another directory, or make an empty {DIRECTORY}/ closer to your work",
                ),
            )
        return cls(root=directory.parent, directory=directory, app=app)

    @classmethod
    def unbound(cls, start: Path) -> Workspace:
        """The workspace that `create` would make there; nothing is written, and its application is empty."""
        directory = find_directory(_absolute(start)) or _absolute(start) / DIRECTORY
        return cls(root=directory.parent, directory=directory, app="")

    def forget(self) -> None:
        """Removes .workspace, and nothing else."""
        try:
            (self.directory / SUMMARY).unlink(missing_ok=True)
        except OSError as err:
            raise files.unwritable(f"{DIRECTORY}/{SUMMARY}", err) from err

    def workload_names(self) -> tuple[str, ...]:
        """The workloads that have a manifest here, by name. WorkspaceError when a manifest bears another name."""
        return self._named(self.directory, DIRECTORY)

    def environment_names(self) -> tuple[str, ...]:
        """The environments that have a manifest here, by name. WorkspaceError when a manifest bears another name."""
        return self._named(self.directory / ENVIRONMENTS, f"{DIRECTORY}/{ENVIRONMENTS}")

    def manifest(self, name: str) -> Text:
        """A workload's manifest."""
        text = self.find_manifest(name)
        if text is None:
            raise self._no_manifest(name, self.workload_names(), f"copilot svc init --name {name}")
        return text

    def find_manifest(self, name: str) -> Text | None:
        """A workload's manifest, or None."""
        return self._find(self.directory / name / MANIFEST)

    def environment_manifest(self, name: str) -> Text:
        """An environment's manifest."""
        text = self._find(self.directory / ENVIRONMENTS / name / MANIFEST)
        if text is None:
            raise self._no_manifest(
                f"{ENVIRONMENTS}/{name}", self.environment_names(), f"copilot env init --name {name}"
            )
        return text

    def write_manifest(self, name: str, text: str) -> bool:
        """Writes a workload's manifest; False, and nothing changed, when there is one."""
        return self._write_new(self.directory / name / MANIFEST, text)

    def write_environment_manifest(self, name: str, text: str) -> bool:
        """Writes an environment's manifest; False, and nothing changed, when there is one."""
        return self._write_new(self.directory / ENVIRONMENTS / name / MANIFEST, text)

    def addons(self, name: str) -> tuple[Text, ...]:
        """The templates and parameters of a workload's addons."""
        return self._texts(self.directory / name / "addons", (".yml", ".yaml"))

    def environment_addons(self) -> tuple[Text, ...]:
        """The templates and parameters of the addons that every environment gets."""
        return self._texts(self.directory / ENVIRONMENTS / "addons", (".yml", ".yaml"))

    def overrides(self, name: str) -> tuple[str, ...]:
        """The paths of the files that change a workload's template."""
        return self._paths(self.directory / name / "overrides")

    def environment_overrides(self) -> tuple[str, ...]:
        """The paths of the files that change every environment's template."""
        return self._paths(self.directory / ENVIRONMENTS / "overrides")

    def find_text(self, relative: str) -> Text | None:
        """A file of the project, by its path from the root; None when there is none."""
        text = files.find_text(self.root / relative, relative)
        return None if text is None else Text(path=relative, text=text)

    def read_bytes(self, relative: str) -> bytes:
        """The content of a file of the project, by its path from the root."""
        return files.read_bytes(self.root / relative, relative)

    def write_output(self, directory: str, name: str, text: str) -> str:
        """Writes a generated file, over one that is there; a relative directory starts where the command was typed."""
        path = Path(directory) / name
        files.write_over(path, text, str(path))
        return str(path)

    def dockerfiles(self) -> tuple[str, ...]:
        """The Dockerfiles in the root and one directory below it, by their paths from the root."""
        return find_dockerfiles(self.root)

    def _named(self, directory: Path, shown: str) -> tuple[str, ...]:
        found = []
        for entry in files.list_directory(directory, shown):
            place = f"{shown}/{entry.name}/{MANIFEST}"
            if files.is_directory(entry, f"{shown}/{entry.name}") and files.exists(entry / MANIFEST, place):
                self._require_same_name(entry.name, Text(path=place, text=files.read_text(entry / MANIFEST, place)))
                found.append(entry.name)
        return tuple(found)

    @staticmethod
    def _require_same_name(directory: str, text: Text) -> None:
        from copilot.manifest.loading import read_header
        from copilot.manifest.source import Source

        name = read_header(Source(text=text.text, path=text.path)).name
        if name != directory:
            message = f"'{name}' differs from the directory's name" if name else "is required"
            problem = Problem(path=text.path, line=0, field="name", message=message)
            rename = (f"or rename the directory to {name}",) if name else ()
            raise WorkspaceError(str(problem), hints=(f"set name to {directory}", *rename))

    def _find(self, path: Path) -> Text | None:
        shown = self._shown(path)
        text = files.find_text(path, shown)
        return None if text is None else Text(path=shown, text=text)

    def _write_new(self, path: Path, text: str) -> bool:
        return files.write_new(path, text, self._shown(path))

    def _shown(self, path: Path) -> str:
        return f"{DIRECTORY}/{path.relative_to(self.directory).as_posix()}"

    def _no_manifest(self, place: str, known: Sequence[str], command: str) -> WorkspaceError:
        there = f"the workspace has {', '.join(known)}" if known else "the workspace has none yet"
        return WorkspaceError(
            f"no manifest found: {DIRECTORY}/{place}/{MANIFEST} does not exist; {there}", hints=(command,)
        )

    def _texts(self, directory: Path, suffixes: tuple[str, ...]) -> tuple[Text, ...]:
        found = files.list_directory(directory, self._shown(directory))
        texts = (self._find(path) for path in found if path.suffix in suffixes)
        return tuple(text for text in texts if text is not None)

    def _paths(self, directory: Path) -> tuple[str, ...]:
        return tuple(self._shown(path) for path in files.list_directory(directory, self._shown(directory)))


def find_dockerfiles(directory: Path) -> tuple[str, ...]:
    """The files named like a Dockerfile in a directory and one level below; closed directories are passed over."""
    found = []
    for entry in files.list_directory(directory, str(directory)):
        if entry.is_file() and _is_dockerfile(entry.name):
            found.append(entry.name)
        elif entry.is_dir() and os.access(entry, os.R_OK | os.X_OK):
            inner = files.list_directory(entry, entry.name)
            found += [f"{entry.name}/{path.name}" for path in inner if path.is_file() and _is_dockerfile(path.name)]
    return tuple(sorted(found))


def _is_dockerfile(name: str) -> bool:
    return "dockerfile" in name.lower() and not name.lower().endswith(".dockerignore")


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - links above the workspace stay as the user typed them
