from __future__ import annotations

import json

import pytest

from copilot.local import refusals

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-west-2/redshift/aws4_request, x"}


def test_the_signed_service_is_read_from_the_credential_scope() -> None:
    assert refusals.signed_service(SIGNED) == "redshift"
    assert refusals.signed_service({}) == ""


def test_a_form_is_refused_in_xml_by_name() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    status, _, body = refusals.unknown_service("redshift", headers, b"Action=DescribeClusters&Version=1")
    assert status == 501
    assert b"<Code>NotImplemented</Code>" in body
    assert b"no service redshift, so no operation DescribeClusters" in body


def test_everything_else_is_refused_in_json_by_name() -> None:
    status, headers, body = refusals.unknown_service(
        "memorydb", {"x-amz-target": "AmazonMemoryDB.DescribeClusters"}, b"{}"
    )
    assert (status, headers["x-amzn-errortype"]) == (501, "NotImplemented")
    assert json.loads(body)["message"].endswith("no service memorydb, so no operation DescribeClusters")


@pytest.mark.parametrize(
    "said",
    [
        b"Unknown action: Foo",
        b"Unknown ELBv2 action: Foo",
        b"Unknown operation: Foo",
        b"Unknown CloudTrail action: 'Foo'",
    ],
)
def test_an_unknown_operation_is_named_in_our_words(said: bytes) -> None:
    assert (
        refusals.unknown_operation("elb", b"<M>" + said + b"</M>") == b"<M>The local cloud has no operation elb Foo</M>"
    )


def test_other_errors_pass_as_they_are() -> None:
    assert refusals.unknown_operation("ssm", b"Parameter /a not found") is None
