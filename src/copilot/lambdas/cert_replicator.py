"""CertificateReplicatorFunction: the environment's certificate once more, in the region that CloudFront reads."""

from __future__ import annotations

import hashlib
from typing import Any

import boto3

from copilot.lambdas.certificates import describe, dispose, issue, tags
from copilot.lambdas.custom_resource import Request, serve


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, event.get("PhysicalResourceId", ""), work)


def work(request: Request) -> None:
    """Answers the new certificate's Arn; its names are proved by the records of the environment's certificate."""
    properties = request.properties
    acm = boto3.client("acm", region_name=properties["TargetRegion"])
    if request.type == "Delete":
        dispose(request, acm, None)
        return
    if request.type == "Update" and properties == request.old_properties:
        request.data["Arn"] = request.physical_id
        return
    source = boto3.client("acm", region_name=properties["EnvRegion"])
    certificate = describe(source, properties["CertificateArn"])
    name = certificate["DomainName"]
    others = [other for other in certificate.get("SubjectAlternativeNames", []) if other != name]
    arguments = {
        "DomainName": name,
        "IdempotencyToken": hashlib.sha256(request.event["RequestId"].encode()).hexdigest()[:32],
        "Tags": tags(application=properties["AppName"], environment=properties["EnvName"]),
        **({"SubjectAlternativeNames": others} if others else {}),
    }
    issue(request, acm, None, arguments)
