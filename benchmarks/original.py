"""AWS Copilot 1.34.1 as a second tool, and this one beside it on the same way to AWS.

The original takes no endpoint, so both reach the local cloud as they would reach AWS: over TLS, through a proxy
(mitmproxy) whose authority they trust. The pieces come from tests/reference, which drives the original too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.tools import Tool
from copilot.local.clouds import ACCOUNT, REGION, SECRET_KEY

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "reference"))

from bench import Pieces, Unavailable, authority, install, tls_proxy

__all__ = ["Unavailable", "side_by_side"]


@contextmanager
def side_by_side(ours: Tool, folder: Path) -> Iterator[list[Tool]]:
    """Both tools, for as long as the block lasts; Unavailable says what can't be had."""
    pieces = install()
    with ExitStack() as proxies:
        way = _Way(pieces, folder, proxies)
        yield [
            Tool(name="ours", command=ours.command, endpoint=way.to),
            Tool(
                name="AWS Copilot 1.34.1",
                command=(str(pieces.copilot),),
                endpoint=way.to,
                environ={"CI": "true", "COLOR": "false", "AWS_SHARED_CREDENTIALS_FILE": str(_profile(folder))},
                env_init=("--profile", "default", "--region", REGION),
                cloud_environ={"NODE_PATH": str(pieces.node_modules)},
            ),
        ]


def _profile(folder: Path) -> Path:
    """A file with the default profile, which the original wants to be named when it makes an environment."""
    path = folder / "credentials"
    path.write_text(
        f"[default]\naws_access_key_id = {ACCOUNT}\naws_secret_access_key = {SECRET_KEY}\n", encoding="utf-8"
    )
    return path


class _Way:
    """Starts a TLS proxy before each address that it is asked for; they end with the stack."""

    def __init__(self, pieces: Pieces, folder: Path, proxies: ExitStack) -> None:
        self._pieces = pieces
        self._folder = folder
        self._proxies = proxies
        self._count = 0

    def to(self, url: str) -> Mapping[str, str]:
        """The variables by which a tool takes what answers at `url` for AWS."""
        self._count += 1
        folder = self._folder / f"tls-{self._count}"
        (folder / "proxy").mkdir(parents=True)
        port = self._proxies.enter_context(tls_proxy(self._pieces, folder, url))
        proxy = f"http://127.0.0.1:{port}"
        return {
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "NO_PROXY": "localhost,127.0.0.1",
            "AWS_CA_BUNDLE": str(authority(folder)),
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        }
