"""Certificates of a listener beside its default one.

They are kept on the listener's record, apart from the default, which an update of the listener rewrites.
"""

from __future__ import annotations

from typing import Any

from copilot.local.cloudformation import wire
from copilot.local.cloudformation.resources.handlers import Handlers, Made, Properties, ResourceFailed, handlers
from copilot.local.cloudformation.wire import Action, Params, Response

_EXTRA = "ExtraCertificates"


def types() -> dict[str, Handlers]:
    """The Elastic Load Balancing types that the emulator lacks."""
    return {"AWS::ElasticLoadBalancingV2::ListenerCertificate": handlers(_create, _delete, _update)}


def actions() -> dict[str, Action]:
    """The API action that reads them."""
    return {"DescribeListenerCertificates": _describe}


def _describe(params: Params) -> Response:
    from ministack.services import alb

    listener = alb._listeners.get(wire.text(params, "ListenerArn"))
    if listener is None:
        return _refused("ListenerNotFound", "One or more listeners not found")
    default = [(arn, True) for arn in listener.get("Certificates", [])]
    extra = [(arn, False) for arn in listener.get(_EXTRA, [])]
    listed = [{"CertificateArn": arn, "IsDefault": is_default} for arn, is_default in default + extra]
    response: Response = alb._xml(200, "DescribeListenerCertificates", wire.element("Certificates", listed))
    return response


def _refused(code: str, message: str) -> Response:
    from ministack.services import alb

    response: Response = alb._error(code, message)
    return response


def _create(logical_id: str, properties: Properties, _stack: str) -> Made:
    attached = _listener(properties["ListenerArn"]).setdefault(_EXTRA, [])
    attached.extend(arn for arn in _arns(properties) if arn not in attached)
    return f"{properties['ListenerArn']}/{logical_id}", {}


def _update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
    if old.get("ListenerArn") != new.get("ListenerArn"):
        return _create(physical_id.rpartition("/")[2], new, stack_name)
    _delete(physical_id, old)
    _create("", new, stack_name)
    return physical_id, {}


def _delete(_physical_id: str, properties: Properties) -> None:
    from ministack.services import alb

    listener = alb._listeners.get(properties["ListenerArn"])
    if listener:
        removed = set(_arns(properties))
        listener[_EXTRA] = [arn for arn in listener.get(_EXTRA, []) if arn not in removed]


def _listener(arn: str) -> dict[str, Any]:
    from ministack.services import alb

    listener: dict[str, Any] | None = alb._listeners.get(arn)
    if listener is None:
        raise ResourceFailed(f"the listener {arn} does not exist")
    return listener


def _arns(properties: Properties) -> list[str]:
    return [str(item["CertificateArn"]) for item in properties.get("Certificates") or ()]
