"""ECR repositories: where images are pushed, and which are there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from copilot.aws.connection import Api
from copilot.aws.errors import is_loopback
from copilot.errors import AWSError

_BATCH = 100
_HELD = "ImageReferencedByManifestList"
"""Builders push lists: of platforms, or of an image and what is attested of it."""

_MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryLogin:
    """How to log in to the account's registry. A loopback one is the local cloud's: images never travel to it."""

    uri: str
    username: str
    password: str = field(repr=False)
    is_loopback: bool = False
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    name: str
    arn: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    digest: str
    tags: tuple[str, ...] = ()
    pushed: datetime | None = None


class Repositories:
    """Amazon ECR, one account and region."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def login(self) -> RegistryLogin:
        """A user name and a password that is good for 12 hours."""
        answer = self._api.call("get_authorization_token")["authorizationData"][0]
        username, _, password = base64.b64decode(answer["authorizationToken"]).decode().partition(":")
        uri = str(answer["proxyEndpoint"])
        return RegistryLogin(
            uri=uri.split("://", 1)[-1],
            username=username,
            password=password,
            is_loopback=is_loopback(uri) or is_loopback(self._api.endpoint),
            expires=answer.get("expiresAt"),
        )

    def find(self, name: str) -> Repository | None:
        """The repository, or None."""
        try:
            answer = self._api.call("describe_repositories", repositoryNames=[name])["repositories"][0]
        except AWSError as error:
            if error.code == "RepositoryNotFoundException":
                return None
            raise
        return Repository(name=answer["repositoryName"], arn=answer["repositoryArn"], uri=answer["repositoryUri"])

    def find_image(self, repository: str, *, tag: str = "", digest: str = "") -> StoredImage | None:
        """The image with this tag or digest, or None."""
        wanted = {"imageDigest": digest} if digest else {"imageTag": tag}
        try:
            found = self._api.call("describe_images", repositoryName=repository, imageIds=[wanted])["imageDetails"]
        except AWSError as error:
            if error.code in {"ImageNotFoundException", "RepositoryNotFoundException"}:
                return None
            raise
        return _image(found[0]) if found else None

    def images(self, repository: str) -> list[StoredImage]:
        """Every image, tagged or not; none when there is no repository."""
        try:
            return [
                _image(each) for each in self._api.items("describe_images", "imageDetails", repositoryName=repository)
            ]
        except AWSError as error:
            if error.code == "RepositoryNotFoundException":
                return []
            raise

    def delete_images(self, repository: str, digests: Iterable[str]) -> None:
        """Deletes images by digest, lists before what they hold; AWSError names the first that is still there."""
        remaining = list(digests)
        while remaining:
            before, failures = len(remaining), self._delete(repository, remaining)
            remaining = [each["imageId"]["imageDigest"] for each in failures if each["failureCode"] == _HELD]
            first = next((each for each in failures if each["failureCode"] != _HELD), None)
            if first is None and len(remaining) == before:
                first = failures[0]
            if first is not None:
                raise AWSError(
                    f"images of {repository} were not deleted: {first.get('failureReason', '')}",
                    code=first["failureCode"],
                    operation="BatchDeleteImage",
                )

    def _delete(self, repository: str, digests: Sequence[str]) -> list[dict[str, Any]]:
        """What AWS did not delete, each with its reason; what was gone already counts as deleted."""
        failures: list[dict[str, Any]] = []
        for start in range(0, len(digests), _BATCH):
            wanted = [{"imageDigest": digest} for digest in digests[start : start + _BATCH]]
            answer = self._api.call("batch_delete_image", repositoryName=repository, imageIds=wanted)
            failures += answer.get("failures") or ()
        return [each for each in failures if each["failureCode"] != "ImageNotFound"]

    def clear(self, repository: str) -> int:
        """Deletes every image and says how many; a repository that is gone is empty."""
        digests = sorted({image.digest for image in self.images(repository)})
        self.delete_images(repository, digests)
        return len(digests)

    def record(self, repository: str, *, digest: str, tags: Iterable[str]) -> None:
        """Writes down that an image of the engine's is this repository's: what a push does where nothing is pushed.

        Only for a loopback registry. `digest` is the engine's image id; the manifest names it as its config.
        """
        manifest = _manifest(digest)
        for tag in tags:
            try:
                self._api.call(
                    "put_image",
                    repositoryName=repository,
                    imageManifest=manifest,
                    imageManifestMediaType=_MEDIA_TYPE,
                    imageDigest=digest,
                    imageTag=tag,
                )
            except AWSError as error:
                if error.code != "ImageAlreadyExistsException":
                    raise


def _manifest(digest: str) -> str:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": _MEDIA_TYPE,
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 0, "digest": digest},
            "layers": [],
        },
        sort_keys=True,
    )


def _image(answer: dict[str, Any]) -> StoredImage:
    return StoredImage(
        digest=answer["imageDigest"], tags=tuple(answer.get("imageTags") or ()), pushed=answer.get("imagePushedAt")
    )
