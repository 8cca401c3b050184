"""What the emulator's services hold, read without the copies they make of it: copying is most of what saving costs.

Only for services whose `get_state` does nothing but copy their stores and take fields off the copied records, and that
hold much: templates, logs, parameters, networks. A reader of live records must expect a RuntimeError when one changes
under it.
"""

from __future__ import annotations

import copy
import hashlib
import marshal
import sys
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

UNCOPIED = ("cloudformation", "cloudwatch_logs", "ec2", "ecs", "iam", "ssm")
MAX_EVENTS = 10_000
_SLACK_EVENTS = 2_000


def read(service: str, get_state: Callable[[], Any]) -> Any:
    """The service's state: its own values where that is known to be safe, else copies of them."""
    if service not in UNCOPIED:
        return get_state()
    module = sys.modules[get_state.__module__]
    code = get_state.__code__
    return FunctionType(code, {**vars(module), "copy": SimpleNamespace(deepcopy=_thin_copy)})()


def _thin_copy(store: Any) -> Any:
    """A copy of the store and of each record's first level, for the service to take fields off."""
    from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

    if isinstance(store, dict):
        return {key: copy.copy(value) for key, value in list(store.items())}
    if not isinstance(store, AccountRegionScopedDict | AccountScopedDict):
        return copy.copy(store)
    thin = type(store)()
    thin._data = _thin_copy(store._data)
    return thin


def fingerprint(service: str, state: Any) -> bytes:
    """Differs whenever the state differs; far cheaper than its JSON. Empty for services that are not read live."""
    if service not in UNCOPIED:
        return b""
    stores = [getattr(store, "_data", store) for store in state.values()]
    try:
        # Version 2 writes equal values equally; later ones look at how often a value is referred to.
        return hashlib.blake2b(marshal.dumps(stores, 2)).digest()
    except ValueError:  # something in it that marshal doesn't know
        return b""


def trim_logs(logs: Any) -> int:
    """Keeps the newest events of each log stream: a cloud that runs for weeks stays small. Returns how many went."""
    gone = 0
    for group in list(logs._log_groups._data.values()):
        for stream in list(group.get("streams", {}).values()):
            if len(stream["events"]) > MAX_EVENTS + _SLACK_EVENTS:
                with logs._log_events_lock:
                    surplus = len(stream["events"]) - MAX_EVENTS
                    del stream["events"][:surplus]
                gone += surplus
    return gone
