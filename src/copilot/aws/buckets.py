"""S3 buckets. Artifacts go in under keys that are hashes of their content; a bucket is emptied before it is deleted."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from copilot.aws.connection import Api
from copilot.errors import AWSError, NotFound

_BATCH = 1000
_MISSING_BUCKET = frozenset({"NoSuchBucket", "404"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    key: str
    size: int
    modified: datetime


class Buckets:
    """Amazon S3."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def url(self, bucket: str, key: str) -> str:
        """Where CloudFormation finds an object."""
        domain = "amazonaws.com.cn" if self._api.region.startswith("cn-") else "amazonaws.com"
        return f"https://{bucket}.s3.{self._api.region}.{domain}/{key}"

    def upload(self, bucket: str, key: str, data: bytes, *, content_type: str = "", overwrite: bool = False) -> str:
        """Stores an object and returns its URL. One that is there is kept, unless told to overwrite.

        No encryption is named: the bucket's own default applies, and its policy refuses any other.
        """
        guess = content_type or mimetypes.guess_type(key)[0] or "application/octet-stream"
        condition = {} if overwrite else {"IfNoneMatch": "*"}
        try:
            self._api.call(
                "put_object",
                Bucket=bucket,
                Key=key,
                Body=data,
                ContentType=guess,
                ACL="bucket-owner-full-control",
                **condition,
            )
        except AWSError as error:
            if error.code in _MISSING_BUCKET:
                raise NotFound(f"bucket {bucket} does not exist") from error
            if error.code == "ConditionalRequestConflict":
                return self.upload(bucket, key, data, content_type=content_type, overwrite=True)
            if error.code not in {"PreconditionFailed", "412"}:
                raise
        return self.url(bucket, key)

    def read(self, bucket: str, key: str) -> bytes:
        """An object's bytes; NotFound when there is none."""
        try:
            body: bytes = self._api.call("get_object", Bucket=bucket, Key=key)["Body"].read()
        except AWSError as error:
            if error.code in _MISSING_BUCKET | {"NoSuchKey"}:
                raise NotFound(f"bucket {bucket} has no object {key}") from error
            raise
        return body

    def objects(self, bucket: str, prefix: str = "") -> list[StoredObject]:
        """The objects under a prefix; NotFound when there is no bucket."""
        try:
            found = list(self._api.items("list_objects_v2", "Contents", Bucket=bucket, Prefix=prefix))
        except AWSError as error:
            if error.code in _MISSING_BUCKET:
                raise NotFound(f"bucket {bucket} does not exist") from error
            raise
        return [StoredObject(key=each["Key"], size=each["Size"], modified=each["LastModified"]) for each in found]

    def empty(self, bucket: str) -> int:
        """Deletes every version of every object and says how many; a bucket that is gone is empty."""
        deleted = 0
        try:
            for page in self._api.pages("list_object_versions", Bucket=bucket):
                versions = list(_versions(page))
                for start in range(0, len(versions), _BATCH):
                    self._delete(bucket, versions[start : start + _BATCH])
                deleted += len(versions)
        except AWSError as error:
            if error.code not in _MISSING_BUCKET:
                raise
        return deleted

    def _delete(self, bucket: str, versions: list[dict[str, str]]) -> None:
        answer = self._api.call("delete_objects", Bucket=bucket, Delete={"Objects": versions, "Quiet": True})
        failures = answer.get("Errors") or ()
        if failures:
            first = failures[0]
            raise AWSError(
                f"bucket {bucket} could not be emptied: {len(failures)} objects were not deleted, "
                f"first {first.get('Key', '')}: {first.get('Message', '')}",
                code=first.get("Code", ""),
                operation="DeleteObjects",
            )


def _versions(page: dict[str, Any]) -> Iterator[dict[str, str]]:
    for each in (*(page.get("Versions") or ()), *(page.get("DeleteMarkers") or ())):
        yield {"Key": each["Key"], "VersionId": each["VersionId"]}
