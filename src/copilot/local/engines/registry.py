"""The local cloud's image registry: records of images that stay in the engine that built them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

LOCAL_REPOSITORY = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^:@]+)"
)


def is_local_repository(reference: str) -> bool:
    """Whether an image reference names an ECR repository; those of the local cloud are never pulled."""
    return LOCAL_REPOSITORY.match(reference) is not None


def digest_on_record(reference: str) -> str:
    """The digest that ECR has on record for a repository's tag; empty for another kind of reference, or no record."""
    from ministack.services import ecr

    found = LOCAL_REPOSITORY.match(reference)
    if not found or "@" in reference:
        return ""
    tag = reference[found.end() :].lstrip(":") or "latest"
    images = ecr._images.get_scoped(found["account"], found["region"], found["name"]) or ()
    return next((str(image["imageDigest"]) for image in images if tag in (image.get("imageTags") or ())), "")


def loopback_registry(original: Callable[[Any], Any], port: int) -> Callable[[Any], Any]:
    """GetAuthorizationToken with a registry on loopback, by which a client knows that images need not travel."""

    def answer(data: Any) -> Any:
        status, headers, body = original(data)
        document = json.loads(body)
        for each in document.get("authorizationData") or ():
            each["proxyEndpoint"] = f"http://127.0.0.1:{port}"
        return status, headers, json.dumps(document).encode()

    return answer
