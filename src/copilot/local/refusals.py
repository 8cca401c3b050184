"""What the local cloud does not have is refused loudly and by name: status 501, in the error shape that SDKs show."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

_SIGNED_SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_UNKNOWN = re.compile(rb"Unknown (?:[\w ]+ )?(?:action|operation): '?(\w+)'?")
STATUS = 501

Response = tuple[int, dict[str, str], bytes]


def signed_service(headers: Mapping[str, str]) -> str:
    """The service that the request was signed for; "" when it wasn't signed."""
    found = _SIGNED_SERVICE.search(headers.get("authorization", ""))
    return found[1] if found else ""


def unknown_service(service: str, headers: Mapping[str, str], body: bytes) -> Response:
    """The refusal of a request for a service that isn't there."""
    form = parse_qs(body.decode(errors="replace")) if _is_form(headers) else {}
    operation = form.get("Action", [headers.get("x-amz-target", "").rpartition(".")[2]])[0]
    message = f"The local cloud has no service {service}" + (f", so no operation {operation}" if operation else "")
    if form:
        text = (
            "<ErrorResponse><Error><Type>Receiver</Type><Code>NotImplemented</Code>"
            f"<Message>{escape(message)}</Message></Error></ErrorResponse>"
        )
        return STATUS, {"content-type": "text/xml"}, text.encode()
    headers_out = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": "NotImplemented"}
    return STATUS, headers_out, json.dumps({"__type": "NotImplemented", "message": message}).encode()


def unknown_operation(service: str, body: bytes) -> bytes | None:
    """The emulator's answer to an operation it lacks, put in our words; None when it says something else."""
    found = _UNKNOWN.search(body)
    if not found:
        return None
    name = b" ".join(part for part in (service.encode(), found[1]) if part)
    return bytes(body[: found.start()] + b"The local cloud has no operation " + name + body[found.end() :])


def _is_form(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
