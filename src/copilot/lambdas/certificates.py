"""Certificates that prove their names by records in the application's zones."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from copilot.lambdas.custom_resource import Request
from copilot.lambdas.zones import Zones, plain

TTL_SECONDS = 60


def issue(request: Request, acm: Any, zones: Zones | None, arguments: dict[str, Any]) -> str:
    """Requests a certificate, proves it with records (without zones they are there) and waits until it is issued.

    The new ARN becomes the physical id at once, so that a failure later does not leave the certificate behind.
    """
    arn: str = acm.request_certificate(ValidationMethod="DNS", **arguments)["CertificateArn"]
    request.physical_id = arn
    request.data["Arn"] = arn
    if zones:
        zones.change(request, "UPSERT", validation_records(request, acm, arn).values())
    for _ in request.polls(f"the validation of certificate {arn}"):
        certificate = describe(acm, arn)
        if certificate["Status"] == "ISSUED":
            return arn
        if certificate["Status"] != "PENDING_VALIDATION":
            why = certificate.get("FailureReason", "no reason is given")
            raise RuntimeError(f"certificate {arn} was not issued: {certificate['Status']}, {why}")
    return arn


def validation_records(request: Request, acm: Any, arn: str) -> dict[str, dict[str, Any]]:
    """The records that prove the certificate's names, once ACM has made all of them."""
    for _ in request.polls(f"the validation records of certificate {arn}"):
        options = describe(acm, arn).get("DomainValidationOptions", [])
        if options and all("ResourceRecord" in option for option in options):
            return records(options)
    return {}


def records(options: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By name: a name and its wildcard are proved by the same record."""
    found = {}
    for record in (option["ResourceRecord"] for option in options if "ResourceRecord" in option):
        found[plain(record["Name"])] = {
            "Name": record["Name"],
            "Type": record["Type"],
            "TTL": TTL_SECONDS,
            "ResourceRecords": [{"Value": record["Value"]}],
        }
    return found


def describe(acm: Any, arn: str) -> dict[str, Any]:
    certificate: dict[str, Any] = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    return certificate


def dispose(request: Request, acm: Any, zones: Zones | None) -> None:
    """Waits until nothing uses the certificate, removes the records that no newer one needs, and deletes it."""
    arn = request.event.get("PhysicalResourceId", "")
    request.physical_id = arn
    if not arn.startswith("arn:"):
        return
    try:
        for _ in request.polls(f"the last user of certificate {arn} to let go"):
            certificate = describe(acm, arn)
            if not certificate.get("InUseBy"):
                break
        if zones:
            forget(request, acm, zones, certificate)
        acm.delete_certificate(CertificateArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def forget(request: Request, acm: Any, zones: Zones, certificate: dict[str, Any]) -> None:
    """Removes the certificate's validation records, but for those that another one of the same domain is proved by."""
    unused = records(certificate.get("DomainValidationOptions", []))
    pages = acm.get_paginator("list_certificates").paginate()
    for summary in (each for page in pages for each in page["CertificateSummaryList"]):
        arn, domain = summary["CertificateArn"], summary["DomainName"]
        if arn != certificate["CertificateArn"] and domain == certificate["DomainName"]:
            for name in records(describe(acm, arn).get("DomainValidationOptions", [])):
                unused.pop(name, None)
    zones.remove(request, "CNAME", unused, lambda record: True)


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": f"copilot-{key}", "Value": value} for key, value in values.items()]
