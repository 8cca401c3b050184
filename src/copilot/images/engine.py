"""What a container engine promises: to build an image, to push it, and to say what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

OnLine = Callable[[str], None]

ENGINE_NAMES = ("docker", "podman", "host")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """One image to build. `tags` are whole references (`repository:tag`)."""

    dockerfile: Path
    context: Path
    args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    cache_from: Sequence[str] = ()
    platform: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltImage:
    """An image in the engine's store. `id` is `sha256:...`."""

    id: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAccess:
    """A repository and the way into its registry, as ECR's GetAuthorizationToken answers.

    `is_loopback` is true when the registry's endpoint is on this machine: then images don't travel.
    """

    uri: str
    username: str = "AWS"
    password: str = field(default="", repr=False)
    is_loopback: bool = False

    @property
    def host(self) -> str:
        return self.uri.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedImage:
    """An image that ECS can run: `reference` is `repository@digest`."""

    reference: str
    digest: str
    tags: tuple[str, ...] = ()


class Engine(Protocol):
    """Builds images; docker and podman also push them."""

    @property
    def name(self) -> str: ...

    def build(self, request: BuildRequest, on_line: OnLine) -> BuiltImage:
        """The image is in the engine's store under all its tags, or BuildFailed with the end of the output."""

    def login(self, registry: RegistryAccess) -> None:
        """The engine may push to the registry."""

    def push(self, reference: str, on_line: OnLine) -> str:
        """The image's manifest digest in the registry, or PushFailed."""
