"""From a built image to one that ECS can run: pushed to a real registry, only named on the local cloud."""

from __future__ import annotations

import json

from copilot.images.engine import BuiltImage, Engine, OnLine, PublishedImage, RegistryAccess

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"


def publish(engine: Engine, built: BuiltImage, registry: RegistryAccess, on_line: OnLine) -> PublishedImage:
    """The image under every tag of `built` in the registry, and the digest to run it by.

    Behind a loopback registry the tasks run in the engine that built the image: it stays there, its digest is its own
    id, and `manifest` is the record for the caller to put into the repository.
    """
    if registry.is_loopback:
        return PublishedImage(
            reference=f"{registry.uri}@{built.id}",
            digest=built.id,
            tags=built.tags,
            manifest=image_record(built.id),
        )
    engine.login(registry)
    digests = [engine.push(tag, on_line) for tag in built.tags]
    return PublishedImage(reference=f"{registry.uri}@{digests[0]}", digest=digests[0], tags=built.tags)


def image_record(image_id: str) -> str:
    """An image manifest that names the engine's image and has no layers to download."""
    config = {"mediaType": CONFIG_TYPE, "size": 0, "digest": image_id}
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config, "layers": []}, sort_keys=True)
