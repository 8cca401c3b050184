"""A base image made from this machine's own Python, since no registry is reachable from the tests."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

SKIPPED = {"test", "tests", "idlelib", "ensurepip", "turtledemo", "lib2to3", "site-packages", "__pycache__", "tkinter"}


def ensure_python_image(engine: str, tag: str) -> None:
    """Makes an image with a `python` under the tag in an engine, unless there is one."""
    if subprocess.run([engine, "image", "inspect", tag], capture_output=True, check=False).returncode == 0:
        return
    command = [engine, "import", "--change", "ENV PATH=/usr/local/bin:/usr/bin:/bin", "-", tag]
    subprocess.run(command, input=_root_file_system(), check=True, capture_output=True)


def _root_file_system() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as tar:
        interpreter = Path(sys.executable).resolve()
        standard_library = Path(sysconfig.get_path("stdlib"))
        tar.add(interpreter, arcname=str(interpreter))
        tar.add(standard_library, arcname=str(standard_library), filter=_wanted)
        for library in sorted(_shared_libraries([interpreter, *standard_library.glob("lib-dynload/*.so")])):
            tar.add(library, arcname=library)
        for name in ("python", "python3"):
            _link(tar, f"/usr/local/bin/{name}", str(interpreter))
        _directory(tar, "/tmp", 0o1777)
    return buffer.getvalue()


def _wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if SKIPPED & set(Path(member.name).parts) else member


def _shared_libraries(binaries: list[Path]) -> set[str]:
    """Every shared library that the binaries load, as ldd names them."""
    listed = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"^\s+(?:\S+ => )?(/\S+) \(0x", listed, re.MULTILINE))


def _link(tar: tarfile.TarFile, path: str, target: str) -> None:
    member = tarfile.TarInfo(path)
    member.type, member.linkname = tarfile.SYMTYPE, target
    tar.addfile(member)


def _directory(tar: tarfile.TarFile, path: str, mode: int) -> None:
    member = tarfile.TarInfo(path)
    member.type, member.mode = tarfile.DIRTYPE, mode
    tar.addfile(member)
