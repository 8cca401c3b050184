"""What the SDK's errors become."""

from __future__ import annotations

import pytest
from botocore import exceptions as sdk

from copilot.aws.errors import Call, is_loopback, translate
from copilot.errors import AccessDenied, AWSError, CopilotError, NoCredentials, NoRegion, Throttled

CALL = Call(service="ssm", operation="GetParameter", region="us-west-2")


def answered(code: str, message: str = "why") -> CopilotError:
    error = sdk.ClientError({"Error": {"Code": code, "Message": message}}, "GetParameter")
    translated = translate(error, CALL)
    assert translated is not None
    return translated


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"])
def test_an_expired_session_says_how_to_log_in_again(code: str) -> None:
    error = answered(code)
    assert isinstance(error, NoCredentials)
    assert "expired" in error.message
    assert any("aws sso login" in hint for hint in error.hints)


def test_rejected_keys_are_missing_credentials() -> None:
    error = answered("InvalidClientTokenId", "The security token included in the request is invalid.")
    assert isinstance(error, NoCredentials)
    assert error.code == "InvalidClientTokenId"


def test_a_denial_names_the_principal_the_action_and_the_resource() -> None:
    error = answered(
        "AccessDeniedException",
        "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: ssm:GetParameter on resource: "
        "arn:aws:ssm:us-west-2:111111111111:parameter/x because no identity-based policy allows the action",
    )
    assert isinstance(error, AccessDenied)
    assert error.message == (
        "access denied: arn:aws:iam::111111111111:user/ann may not ssm:GetParameter "
        "on arn:aws:ssm:us-west-2:111111111111:parameter/x"
    )
    assert "allow ssm:GetParameter" in error.hints[0]
    assert "no identity-based policy" in error.details


def test_a_denial_without_details_names_the_call() -> None:
    error = answered("AccessDenied", "Access Denied")
    assert isinstance(error, AccessDenied)
    assert "ssm:GetParameter" in error.message


@pytest.mark.parametrize(
    "code", ["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"]
)
def test_throttling_is_told_apart(code: str) -> None:
    assert isinstance(answered(code), Throttled)


def test_a_quota_is_not_throttling() -> None:
    assert not isinstance(answered("LimitExceededException", "too many repositories"), Throttled)
    assert isinstance(answered("LimitExceededException", "Rate exceeded"), Throttled)


def test_any_other_answer_keeps_awss_words_and_code() -> None:
    error = answered("ValidationException", "1 validation error detected")
    assert type(error) is AWSError
    assert (error.code, error.operation) == ("ValidationException", "GetParameter")
    assert error.message == "ssm:GetParameter failed: 1 validation error detected"


@pytest.mark.parametrize(
    ("error", "kind", "hint"),
    [
        (sdk.NoRegionError(), NoRegion, "AWS_REGION"),
        (sdk.NoCredentialsError(), NoCredentials, "aws configure"),
        (sdk.ProfileNotFound(profile="dev"), NoCredentials, "list-profiles"),
        (sdk.UnauthorizedSSOTokenError(), NoCredentials, "aws sso login"),
        (sdk.TokenRetrievalError(provider="sso", error_msg="gone"), NoCredentials, "aws sso login"),
        (sdk.CredentialRetrievalError(provider="process", error_msg="boom"), NoCredentials, "aws configure"),
        (sdk.EndpointConnectionError(endpoint_url="https://ssm"), AWSError, "network"),
        (sdk.ReadTimeoutError(endpoint_url="https://ssm"), AWSError, "network"),
        (sdk.ParamValidationError(report="Name is missing"), AWSError, ""),
    ],
)
def test_errors_before_an_answer_have_a_kind_and_a_next_step(
    error: Exception, kind: type[CopilotError], hint: str
) -> None:
    translated = translate(error, CALL)
    assert isinstance(translated, kind)
    assert hint in " ".join(translated.hints)


def test_a_silent_local_cloud_is_started_by_the_user() -> None:
    call = Call(service="ssm", operation="GetParameter", region="us-west-2", endpoint="http://127.0.0.1:4566")
    translated = translate(sdk.EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"), call)
    assert translated is not None
    assert "http://127.0.0.1:4566 does not answer" in translated.message
    assert any("copilot local start" in hint for hint in translated.hints)


def test_a_bug_stays_a_bug() -> None:
    assert translate(KeyError("x"), CALL) is None


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://localhost:1", True),
        ("http://[::1]:80", True),
        ("http://s3.localhost:80", True),
        ("https://ssm.us-west-2.amazonaws.com", False),
        ("http://10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_recognised(endpoint: str, expected: bool) -> None:
    assert is_loopback(endpoint) is expected
