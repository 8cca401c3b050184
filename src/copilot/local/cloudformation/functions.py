"""Lambda functions whose code is really there, and custom resources whose function ended without an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from copilot.local.cloudformation.resources.handlers import Made, Properties, ResourceFailed

ANSWER_SECONDS = 5.0
DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600


class _NoAnswer(Exception):
    """The function ended, and what it should have sent did not come."""


class Answer(threading.Event):
    """What is waited for once a custom resource's function has ended.

    An answer that comes later than its function ends is waited for as long as the resource's ServiceTimeout says; where
    it says nothing CloudFormation waits an hour, and the local cloud a moment.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
    """

    def wait(self, timeout: float | None = None) -> bool:
        """True when it came; _NoAnswer otherwise."""
        seconds = ANSWER_SECONDS if timeout is None or timeout == DEFAULT_SERVICE_TIMEOUT_SECONDS else timeout
        if not super().wait(seconds):
            raise _NoAnswer
        return True


def install(custom_resource: Any) -> None:
    """Bounds how long the emulator waits for custom resources."""
    custom_resource.register_token = _register(custom_resource)
    custom_resource.invoke_custom_resource = _explaining(custom_resource.invoke_custom_resource)


def _register(custom_resource: Any) -> Callable[[str], Answer]:
    def register(token: str) -> Answer:
        answer = Answer()
        with custom_resource._lock:
            custom_resource._pending[token] = {"event": answer, "result": None}
        return answer

    return register


def _explaining(invoke: Callable[..., Made]) -> Callable[..., Made]:
    def invoke_explaining(request: str, logical_id: str, properties: Properties, *rest: Any, **more: Any) -> Made:
        try:
            return invoke(request, logical_id, properties, *rest, **more)
        except _NoAnswer:
            function = str(properties.get("ServiceToken", "")).partition(":function:")[2] or "its function"
            raise ResourceFailed(
                f"CloudFormation did not receive a response from your Custom Resource: {function} ended without "
                f"sending one. Its log group is /aws/lambda/{function}"
            ) from None

    return invoke_explaining


def checked(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The handlers of AWS::Lambda::Function: code that is not in its bucket is refused with S3's error, and a deleted
    function's processes end with it, which the emulator forgets."""
    from ministack.core import lambda_runtime
    from ministack.core.responses import get_account_id, get_region

    create, update, delete = entry["create"], entry["update"], entry["delete"]

    def create_checked(logical_id: str, properties: Properties, stack_name: str) -> Any:
        _require_code(properties.get("Code") or {})
        return create(logical_id, properties, stack_name)

    def update_checked(physical_id: str, old: Properties, new: Properties, *rest: Any) -> Any:
        if new.get("Code") != old.get("Code"):
            _require_code(new.get("Code") or {})
        return update(physical_id, old, new, *rest)

    def delete_with_processes(physical_id: str, properties: Properties, *rest: Any) -> None:
        delete(physical_id, properties, *rest)
        lambda_runtime.invalidate_worker(physical_id, account=get_account_id(), region=get_region())

    return {**entry, "create": create_checked, "update": update_checked, "delete": delete_with_processes}


def _require_code(code: Mapping[str, Any]) -> None:
    from ministack.services import lambda_svc, s3

    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if not bucket or not key or lambda_svc._fetch_code_from_s3(bucket, key, code.get("S3ObjectVersion")) is not None:
        return
    error = "NoSuchBucket", "The specified bucket does not exist"
    if bucket in s3._buckets:
        error = "NoSuchKey", "The specified key does not exist."
    raise ResourceFailed(
        f"Error occurred while GetObject. S3 Error Code: {error[0]}. S3 Error Message: {error[1]} "
        f"(Service: Lambda, Status Code: 400): s3://{bucket}/{key}"
    )
