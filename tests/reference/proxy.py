"""A mitmproxy addon: requests to AWS go to the local cloud, with their Host header, and are written down.

It runs in mitmproxy's own environment, so it imports nothing of the project.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CLOUD = urlsplit(os.environ["REFERENCE_CLOUD"])
CALLS = Path(os.environ["REFERENCE_CALLS"])
ACTION = re.compile(r"(?:^|&)Action=(\w+)")


def request(flow: Any) -> None:
    """Called by mitmproxy for every request."""
    sent = flow.request
    host = sent.pretty_host
    if not host.endswith(("amazonaws.com", "aws.amazon.com")):
        return
    body = sent.get_text(strict=False) or ""
    named = ACTION.search(body)
    action = sent.headers.get("x-amz-target", "").rpartition(".")[2] or (
        named[1] if named else f"{sent.method} {sent.path}"
    )
    with CALLS.open("a") as calls:
        calls.write(f"{host.partition('.')[0]} {action}\n")
    header = sent.headers.get("host", host)
    sent.scheme, sent.host, sent.port = CLOUD.scheme, CLOUD.hostname, CLOUD.port
    sent.headers["host"] = header
