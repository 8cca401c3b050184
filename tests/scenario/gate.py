"""A gate on the way to AWS: it stops a command at one of its calls, however fast or slow the machine is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.proxy import Recorder, proxy
from desk import PATIENCE_SECONDS, Desk, Place

from copilot.local.clouds import ACCOUNT, REGION, SECRET_KEY


@dataclass(slots=True)
class Gate(Recorder):
    """Lets every call pass but one action, which never gets to AWS."""

    action: str = ""
    _reached: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    def lets_pass(self, headers: Mapping[str, str], body: bytes) -> bool:
        if self._action(headers, body) != self.action:
            return True
        self._reached.set()
        self._over.wait()
        return False

    @staticmethod
    def _action(headers: Mapping[str, str], body: bytes) -> str:
        """The call's name in the JSON protocol's header or in the query protocol's body."""
        if target := headers.get("X-Amz-Target", ""):
            return target.rpartition(".")[2]
        fields = body.split(b"&") if b"Action=" in body[:10_000] else ()
        return next((each[7:].decode() for each in fields if each.startswith(b"Action=")), "")

    def await_call(self) -> None:
        """Returns when somebody waits at the gate."""
        assert self._reached.wait(PATIENCE_SECONDS), f"nobody called {self.action}"

    def end(self) -> None:
        """Sends those who wait away."""
        self._over.set()


@contextmanager
def stopped_at(place: Place, action: str) -> Iterator[tuple[Desk, Gate]]:
    """A desk whose commands reach the place's cloud through a gate, for as long as the block lasts."""
    gate = Gate(action=action)
    with proxy(place.url, gate) as url:
        variables = {
            "COPILOT_LOCAL": "",
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
        }
        try:
            yield place.desk.at(place.desk.root, **variables), gate
        finally:
            gate.end()
