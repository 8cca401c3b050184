"""BucketCleanerFunction: empties a bucket before its stack deletes it."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import ClientError

from copilot.lambdas.custom_resource import Request, serve

BATCH = 1000


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, f"bucket-cleaner-{event['LogicalResourceId']}", work)


def work(request: Request) -> None:
    """Deletes every version of every object when the resource is deleted, and does nothing else."""
    if request.type != "Delete":
        return
    bucket = request.properties["BucketName"]
    s3 = boto3.client("s3")
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            versions = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
            for start in range(0, len(versions), BATCH):
                delete(s3, bucket, versions[start : start + BATCH])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchBucket", "404"):
            raise


def delete(s3: Any, bucket: str, versions: list[dict[str, str]]) -> None:
    errors = s3.delete_objects(Bucket=bucket, Delete={"Objects": versions, "Quiet": True}).get("Errors", [])
    if errors:
        raise RuntimeError(f"{len(errors)} objects of bucket {bucket} were not deleted: {errors[0].get('Message', '')}")
