"""Templates as CloudFormation reads them: addresses in S3, booleans that are strings, the metadata in a summary."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from copilot.local.cloudformation import wire
from copilot.local.cloudformation.wire import Action, Params, Refused, Response

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
_VIRTUAL_HOST = re.compile(r"^(?P<bucket>.+?)\.s3[.-](?:dualstack\.)?(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$")
_PLAIN_HOST = re.compile(r"^(?P<bucket>.+)\.s3\.amazonaws\.com(?:\.cn)?$")
_URL_ACTIONS = ("CreateStack", "UpdateStack", "CreateChangeSet", "ValidateTemplate", "GetTemplateSummary")


def path_style(url: str) -> str:
    """The same object's address with the bucket in the path, which is the only form that the emulator reads."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    found = _PLAIN_HOST.match(host) or _VIRTUAL_HOST.match(host)
    if not found or host.startswith(("s3.", "s3-")):
        return url
    return f"https://s3.amazonaws.com/{found['bucket']}{parts.path}"


def readable_urls(actions: Mapping[str, Action]) -> dict[str, Action]:
    """The actions that take a TemplateURL, each reading both styles."""
    return {name: _with_path_style(actions[name]) for name in _URL_ACTIONS}


def _with_path_style(action: Action) -> Action:
    def answer(params: Params) -> Response:
        url = wire.text(params, "TemplateURL")
        return action({**params, "TemplateURL": [path_style(url)]} if url else params)

    return answer


def text_of(params: Params) -> str:
    """The template that a request carries or points to, "" when it names none."""
    from ministack.services.cloudformation.helpers import _resolve_document

    located = {**params, "TemplateURL": [path_style(wire.text(params, "TemplateURL"))]}
    body, error = _resolve_document(located, "TemplateBody", "TemplateURL", "Template")
    if error:
        raise Refused("ValidationError", f"the template could not be read: {wire.text(params, 'TemplateURL')}")
    return str(body or "")


def parse(body: str) -> dict[str, Any]:
    """The template as data; refused when it is not a mapping."""
    import yaml
    from ministack.services.cloudformation.engine import _parse_template

    try:
        document: dict[str, Any] = _parse_template(body)
    except (ValueError, yaml.YAMLError) as error:
        raise Refused("ValidationError", f"Template format error: {error}") from error
    return document


def summary_with_metadata(action: Action, stack_set_template: Callable[[str], str]) -> Action:
    """GetTemplateSummary that also reads stack sets and tells the template's Metadata."""

    def answer(params: Params) -> Response:
        set_name = wire.text(params, "StackSetName")
        body = stack_set_template(set_name) if set_name else text_of(params)
        if not body and wire.text(params, "StackName"):
            body = _deployed(wire.text(params, "StackName"))
        code, headers, answered = action({**params, "TemplateBody": [body]} if set_name else params)
        if code >= 400 or not body:
            return code, headers, answered
        metadata = parse(body).get("Metadata")
        if not metadata:
            return code, headers, answered
        return code, headers, _inserted(answered, json.dumps(metadata))

    return wire.action(answer)


def _deployed(stack_name: str) -> str:
    from ministack.services.cloudformation.handlers import _resolve_stack

    stack = _resolve_stack(stack_name) or {}
    return str(stack.get("_template_body", ""))


def _inserted(answer: bytes, metadata: str) -> bytes:
    element = wire.element("Metadata", metadata)
    return answer.replace(b"</GetTemplateSummaryResult>", f"{element}</GetTemplateSummaryResult>".encode(), 1)
