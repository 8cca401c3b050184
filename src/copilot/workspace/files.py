"""Reading and writing of single files, with errors a person understands."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

from copilot.errors import WorkspaceError

DIRECTORY_MODE = 0o755
FILE_MODE = 0o644


def read_bytes(path: Path, shown: str) -> bytes:
    """The file's content; WorkspaceError says why it can't be read."""
    try:
        if stat.S_ISFIFO(path.stat().st_mode):
            raise WorkspaceError(f"{shown} can't be read: it is a pipe, not a file")
        return path.read_bytes()
    except OSError as err:
        raise unreadable(shown, err) from err


def read_text(path: Path, shown: str) -> str:
    """The file's text, which must be UTF-8; a byte order mark is dropped."""
    data = read_bytes(path, shown)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = data.count(b"\n", 0, err.start) + 1
        raise WorkspaceError(
            f"{shown} can't be read: line {line} is not UTF-8 text",
            hints=(f"save {shown} with the encoding UTF-8",),
        ) from err


def find_text(path: Path, shown: str) -> str | None:
    """The file's text, or None when there is no such file."""
    return read_text(path, shown) if exists(path, shown) else None


def exists(path: Path, shown: str) -> bool:
    """Whether there is a file; a link that leads in a circle or a directory that is closed is an error."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as err:
        raise unreadable(shown, err) from err
    return True


def is_directory(path: Path, shown: str) -> bool:
    """Whether there is a directory; told apart from links that lead in a circle."""
    return exists(path, shown) and path.is_dir()


def list_directory(path: Path, shown: str) -> list[Path]:
    """What is in a directory, by name; nothing when there is no such directory."""
    try:
        return sorted(path.iterdir())
    except FileNotFoundError:
        return []
    except OSError as err:
        raise unreadable(shown, err) from err


def write_new(path: Path, text: str, shown: str) -> bool:
    """Writes a file that is not there yet, whole or not at all. False when it is there: then it is left alone."""
    try:
        path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        return _place(_draft(path, text), path)
    except OSError as err:
        raise unwritable(shown, err) from err


def _place(draft: Path, path: Path) -> bool:
    """Gives a draft its name unless that is taken; a hard link does so in one step where the file system has them."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:
        if os.path.lexists(path):
            return False
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return True


def write_over(path: Path, text: str, shown: str) -> None:
    """Writes a file, over one that is there."""
    try:
        path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        _draft(path, text).replace(path)
    except OSError as err:
        raise unwritable(shown, err) from err


def _draft(path: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
        draft.chmod(FILE_MODE)
    except OSError:
        draft.unlink()
        raise
    return draft


def unreadable(shown: str, err: OSError) -> WorkspaceError:
    """Why a file can't be read, in words."""
    hint = {
        errno.ELOOP: f"remove or mend the symbolic link {shown}",
        errno.EACCES: f"allow yourself to read it: chmod u+r {shown}",
    }.get(err.errno or 0, "")
    return WorkspaceError(f"{shown} can't be read: {_reason(err)}", hints=(hint,) if hint else ())


def unwritable(shown: str, err: OSError) -> WorkspaceError:
    """Why a file can't be written, in words."""
    return WorkspaceError(f"{shown} can't be written: {_reason(err)}")


def _reason(err: OSError) -> str:
    known = {
        errno.ELOOP: "its symbolic links lead in a circle",
        errno.EACCES: "permission denied",
        errno.ENOENT: "it does not exist",
        errno.EISDIR: "it is a directory",
        errno.ENOSPC: "the disk is full",
        errno.EROFS: "the disk is read-only",
    }
    return known.get(err.errno or 0, (err.strerror or str(err)).lower())
