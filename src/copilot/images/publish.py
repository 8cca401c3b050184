"""From a built image to one that ECS can run: pushed to a real registry, only named on the local cloud."""

from __future__ import annotations

from copilot.images.engine import BuiltImage, Engine, OnLine, PublishedImage, RegistryAccess


def publish(engine: Engine, built: BuiltImage, registry: RegistryAccess, on_line: OnLine) -> PublishedImage:
    """The image under every tag of `built` in the registry, and the digest to run it by.

    Behind a loopback registry the tasks run in the engine that built the image: it stays there, its digest is its own
    id, and it is for the caller to put it on record in the repository.
    """
    if registry.is_loopback:
        return PublishedImage(
            reference=f"{registry.uri}@{built.id}",
            digest=built.id,
            tags=built.tags,
        )
    engine.login(registry)
    digests = [engine.push(tag, on_line) for tag in built.tags]
    return PublishedImage(reference=f"{registry.uri}@{digests[0]}", digest=digests[0], tags=built.tags)
