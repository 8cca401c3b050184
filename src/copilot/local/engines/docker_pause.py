"""A container that holds the network of a task with several containers, as ECS's own agent has one on AWS.

Containers come and go while the task lives: the network must not be that of one which may end first. The program in it
only waits, so its image is a single file of a few bytes, made here: no registry is needed.
"""

from __future__ import annotations

import io
import struct
import tarfile
from typing import Any

from docker.errors import ImageNotFound

IMAGE = "localhost/copilot-local-pause:latest"

LOAD_ADDRESS = 0x400000
PAGE = 0x10000
HEADERS = 64 + 56
_WAIT_FOREVER = {
    # pause(), over and over: mov eax, 34; syscall; jmp to the start.
    "amd64": (0x3E, bytes.fromhex("b8220000000f05ebf7")),
    # ppoll() of nothing: mov x0 to x3, 0; mov x8, 73; svc 0; b to the start.
    "arm64": (0xB7, struct.pack("<7I", *range(0xD2800000, 0xD2800004), 0xD2800928, 0xD4000001, 0x17FFFFFA)),
}
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def program(architecture: str) -> bytes:
    """An ELF executable that waits until it is killed. https://refspecs.linuxfoundation.org/elf/elf.pdf"""
    machine, code = _WAIT_FOREVER[architecture]
    size = HEADERS + len(code)
    identity = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    entry = LOAD_ADDRESS + HEADERS
    header = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, entry, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, LOAD_ADDRESS, LOAD_ADDRESS, size, size, PAGE)
    return identity + header + segment + code


def ensure_image(client: Any) -> str:
    """The image's name; the image is made when the engine doesn't have it."""
    try:
        client.images.get(IMAGE)
    except ImageNotFound:
        found = client.version()["Arch"]
        content = _archive(program(_ARCHITECTURES.get(found, found)))
        repository, _, tag = IMAGE.rpartition(":")
        client.api.import_image_from_data(content, repository=repository, tag=tag, changes=['CMD ["/pause"]'])
    return IMAGE


def _archive(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("pause")
        member.size, member.mode = len(content), 0o755
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
