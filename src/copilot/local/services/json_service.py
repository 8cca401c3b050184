"""A small AWS service of the JSON protocol: named stores and the actions over them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

Request = dict[str, Any]
JsonAction = Callable[[Request], dict[str, Any]]
Response = tuple[int, dict[str, str], bytes]
_JSON = {"Content-Type": "application/x-amz-json-1.1"}


class ServiceError(Exception):
    """What the service answers to a request that it refuses."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class JsonService:
    """Stores by account and region, saved with the emulator's state, and a table of actions.

    The emulator finds a service's `handle_request`, `get_state`, `load_persisted_state` and `reset` by name.
    """

    def __init__(self, *stores: str) -> None:
        from ministack.core.responses import AccountRegionScopedDict

        self.stores: dict[str, Any] = {name: AccountRegionScopedDict() for name in stores}
        self.actions: dict[str, JsonAction] = {}

    async def handle_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> Response:
        """Answers one request; an action that is not there is refused by name."""
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            if name not in self.actions:
                raise ServiceError("UnknownOperationException", f"the local cloud has no operation {name}")
            answer = self.actions[name](json.loads(body) if body else {})
        except ServiceError as error:
            refusal = {"__type": error.code, "message": error.message}
            return 400, {**_JSON, "x-amzn-errortype": error.code}, json.dumps(refusal).encode()
        return 200, dict(_JSON), json.dumps(answer).encode()

    def get_state(self) -> dict[str, Any]:
        """Everything, for the emulator to save."""
        return {name: copy.deepcopy(store) for name, store in self.stores.items()}

    def load_persisted_state(self, data: Mapping[str, Any] | None) -> None:
        """Takes back what was saved."""
        for name, store in self.stores.items():
            if data and name in data:
                store._data.update(data[name]._data)

    def reset(self) -> None:
        """Forgets everything."""
        for store in self.stores.values():
            store.clear()
