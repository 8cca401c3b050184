"""S3 buckets that are deleted as a client deletes them: not while they hold something, and from the disk too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.local.cloudformation.resources.handlers import Handlers, Properties, ResourceFailed, value

_GONE = 404


def types(table: Mapping[str, Handlers]) -> dict[str, Handlers]:
    """The emulator's bucket type, with a deletion that leaves nothing to be found at the next start."""
    name = "AWS::S3::Bucket"
    return {name: {**table[name], "delete": _delete}}


def _delete(physical_id: str, _properties: Properties) -> None:
    import xml.etree.ElementTree as ET

    from ministack.services import s3

    status, _, body = s3._delete_bucket(physical_id)
    if status >= 400 and status != _GONE:
        raise ResourceFailed(_told(ET.fromstring(body), status))


def _told(root: Any, status: int) -> str:
    return f"{value(root, 'Message')} (Service: S3, Status Code: {status})"
