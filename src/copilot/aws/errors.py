"""One translation from the AWS SDK's errors to the error tree. It is applied to every call."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from copilot.errors import AccessDenied, AWSError, CopilotError, NoCredentials, NoRegion, Throttled

_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired", "TokenExpired"}
)
_REJECTED = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "InvalidAccessKeyId",
        "IncompleteSignature",
        "AuthFailure",
    }
)
_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden", "403"}
)
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "TooManyRequests",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
    }
)

_LOCAL_HINT = "or try it without an account, on this machine: `copilot --local ...`"
_LOGIN_HINTS = ("log in again: `aws sso login` or `aws login`, or renew the keys: `aws configure`", _LOCAL_HINT)
_NONE_HINTS = ("set credentials up: `aws configure`, or `aws configure sso`", _LOCAL_HINT)

# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
_NOT_AUTHORIZED = re.compile(
    r"(?:User: )?(?P<principal>arn:\S+) is not authorized to perform: (?P<action>[\w*-]+:[\w*-]+)"
    r"(?: on resource: (?P<resource>[^\s,]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What was asked, and where."""

    service: str
    operation: str
    region: str
    endpoint: str = ""

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


def translate(error: Exception, call: Call) -> CopilotError | None:
    """The error a person is told; None when the error is not the SDK's, so a bug stays a bug."""
    from botocore import exceptions as sdk

    if isinstance(error, sdk.ClientError):
        return _of_answer(dict(error.response.get("Error", {})), call)
    if not isinstance(error, sdk.BotoCoreError):
        return None
    for kinds, make in _translations(sdk):
        if isinstance(error, kinds):
            return make(error, call)
    return AWSError(f"the call {call} failed: {error}", operation=call.operation)


def _translations(sdk: Any) -> list[tuple[tuple[type[Exception], ...], Callable[[Exception, Call], CopilotError]]]:
    return [
        ((sdk.NoRegionError,), lambda error, call: no_region()),
        ((sdk.NoCredentialsError,), lambda error, call: _credentials("none were found", _NONE_HINTS, call)),
        ((sdk.ProfileNotFound,), _profile_not_found),
        (
            (sdk.SSOError, sdk.TokenRetrievalError, sdk.NoAuthTokenError, sdk.LoginError),
            lambda error, call: _credentials("the session that you logged in to has expired", _LOGIN_HINTS, call),
        ),
        (
            (
                sdk.PartialCredentialsError,
                sdk.CredentialRetrievalError,
                sdk.RefreshWithMFAUnsupportedError,
                sdk.UnknownCredentialError,
            ),
            lambda error, call: _credentials(str(error), _NONE_HINTS, call),
        ),
        (
            (sdk.InvalidRegionError,),
            lambda error, call: NoRegion(f"the region is not valid: {error}", hints=_REGION_HINTS),
        ),
        (
            (sdk.ConnectionError, sdk.HTTPClientError),
            _unreachable,
        ),
    ]


_REGION_HINTS = (
    "name one: `export AWS_REGION=us-west-2`, or give a profile one: `aws configure set region us-west-2`",
    _LOCAL_HINT,
)


def no_region() -> NoRegion:
    """The error of a connection that no region was named for."""
    return NoRegion(
        "no region is set: neither AWS_REGION nor the profile names one",
        code="NoRegion",
        hints=_REGION_HINTS,
    )


def _credentials(why: str, hints: tuple[str, ...], call: Call, *, code: str = "") -> NoCredentials:
    return NoCredentials(f"AWS credentials are missing: {why}", code=code, operation=call.operation, hints=hints)


def _profile_not_found(error: Exception, call: Call) -> NoCredentials:
    return NoCredentials(
        f"the AWS profile can't be used: {error}",
        operation=call.operation,
        hints=("see which there are: `aws configure list-profiles`",),
    )


def _unreachable(error: Exception, call: Call) -> AWSError:
    where = call.endpoint or f"AWS in {call.region}"
    is_local = bool(call.endpoint) and is_loopback(call.endpoint)
    hint = (
        "is the local cloud running? start it: `copilot local start`"
        if is_local
        else "check the network, the proxy settings and the region's name"
    )
    return AWSError(
        f"{where} does not answer: {type(error).__name__} at {call}",
        code="Unreachable",
        operation=call.operation,
        hints=(hint,),
    )


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint is on this machine."""
    from urllib.parse import urlsplit

    host = urlsplit(endpoint).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.") or host.endswith(".localhost")


def _of_answer(answer: dict[str, Any], call: Call) -> AWSError:
    code = str(answer.get("Code", ""))
    message = str(answer.get("Message", "") or code)
    if code in _EXPIRED:
        return NoCredentials(
            "AWS credentials have expired: their session is over",
            code=code,
            operation=call.operation,
            hints=_LOGIN_HINTS,
        )
    if code in _REJECTED:
        return NoCredentials(
            f"AWS does not accept the credentials: {message}",
            code=code,
            operation=call.operation,
            hints=("see whose they are: `aws sts get-caller-identity`", "set others up: `aws configure`", _LOCAL_HINT),
        )
    if code in _DENIED or _NOT_AUTHORIZED.search(message):
        return _denied(code, message, call)
    if code in _THROTTLED and not _is_quota(code, message):
        return Throttled(
            f"AWS keeps throttling {call}: {message}",
            code=code,
            operation=call.operation,
            hints=("wait a minute and run the same command again",),
        )
    return AWSError(f"{call} failed: {message}", code=code, operation=call.operation)


def _is_quota(code: str, message: str) -> bool:
    """LimitExceededException is a quota in most services, a rate only where it says so."""
    return code == "LimitExceededException" and "rate" not in message.lower()


def _denied(code: str, message: str, call: Call) -> AccessDenied:
    found = _NOT_AUTHORIZED.search(message)
    if not found:
        return AccessDenied(
            f"access denied: {call}: {message}",
            code=code,
            operation=call.operation,
            hints=(f"allow {call} in an IAM policy, or use another profile: `export AWS_PROFILE=NAME`",),
        )
    principal, action, resource = found["principal"], found["action"], found["resource"]
    where = f" on {resource}" if resource else ""
    return AccessDenied(
        f"access denied: {principal} may not {action}{where}",
        code=code,
        operation=call.operation,
        hints=(f"allow {action} for it in an IAM policy, or use another profile: `export AWS_PROFILE=NAME`",),
        details=message if len(message) > found.end() else "",
    )
