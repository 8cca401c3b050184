"""Records as the JSON documents that the original writes and reads: its fields, their order, its encoder's escapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from copilot.errors import Blocked
from copilot.model.records import App, Env, Workload

SCHEMA_VERSION = "1.0"
"""Of the document, not of any template."""

# Go's encoder writes what HTML or JavaScript might misread as escapes: https://pkg.go.dev/encoding/json#HTMLEscape
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def render_app(app: App) -> str:
    """An application's document."""
    document: dict[str, Any] = {"name": app.name, "account": app.account}
    if app.permissions_boundary:
        document["permissionsBoundary"] = app.permissions_boundary
    document |= {"domain": app.domain, "domainHostedZoneID": app.domain_hosted_zone_id, "version": SCHEMA_VERSION}
    if app.tags:
        document["tags"] = dict(sorted(app.tags.items()))
    return _encode(document)


def parse_app(text: str, *, path: str) -> App:
    """An application from its document."""
    document = _decode(text, path)
    return App(
        name=_text(document, "name"),
        account=_text(document, "account"),
        domain=_text(document, "domain"),
        domain_hosted_zone_id=_text(document, "domainHostedZoneID"),
        permissions_boundary=_text(document, "permissionsBoundary"),
        tags=document.get("tags") or {},
    )


def render_env(env: Env) -> str:
    """An environment's document."""
    document: dict[str, Any] = {
        "app": env.app,
        "name": env.name,
        "region": env.region,
        "accountID": env.account_id,
        "registryURL": env.registry_url,
        "executionRoleARN": env.execution_role_arn,
        "managerRoleARN": env.manager_role_arn,
    }
    if env.custom_config is not None:
        document["customConfig"] = env.custom_config
    if env.telemetry is not None:
        document["telemetry"] = env.telemetry
    return _encode(document)


def parse_env(text: str, *, path: str) -> Env:
    """An environment from its document, an older one's too."""
    document = _decode(text, path)
    return Env(
        app=_text(document, "app"),
        name=_text(document, "name"),
        region=_text(document, "region"),
        account_id=_text(document, "accountID"),
        execution_role_arn=_text(document, "executionRoleARN"),
        manager_role_arn=_text(document, "managerRoleARN"),
        registry_url=_text(document, "registryURL"),
        custom_config=document.get("customConfig"),
        telemetry=document.get("telemetry"),
    )


def render_workload(workload: Workload) -> str:
    """A service's or job's document."""
    return _encode({"app": workload.app, "name": workload.name, "type": workload.type})


def parse_workload(text: str, *, path: str) -> Workload:
    """A service or job from its document."""
    document = _decode(text, path)
    return Workload(app=_text(document, "app"), name=_text(document, "name"), type=_text(document, "type"))


def _encode(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).translate(_ESCAPES)


def _decode(text: str, path: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _unreadable(path, f"it is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise _unreadable(path, "it is not a JSON object")
    return document


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""


def _unreadable(path: str, why: str) -> Blocked:
    return Blocked(
        f"the parameter {path} can't be read: {why}",
        hints=(f"look at it: `aws ssm get-parameter --name {path}`",),
    )
