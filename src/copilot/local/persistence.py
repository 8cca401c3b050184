"""The cloud's state on disk: saved soon after each change, so that a killed server loses about a second.

Shortly after requests a thread has the server stand still, looks at what every service would save, and writes the files
that differ from the last ones: a stack and what it names are saved as they were at one moment. The next look waits in
proportion to what the last one took, so that saving never takes more than a small part of the processor.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.local import live

logger = logging.getLogger("copilot.local.persistence")

DEBOUNCE_SECONDS = 0.5
IDLE_SECONDS = 5.0  # state also changes with no request: tasks end, queues deliver
REST_FACTOR = 5  # of the time that the last look took
_CHUNK_ITEMS = 500
# Their records name the resources of the others, so they may be behind them but not ahead: read first, written last.
_NAMING_OTHERS = ("cloudformation_stack_sets", "cloudformation")

_FINAL_TRIES = 100
_TRY_AGAIN_SECONDS = 0.02

_APART = frozenset({"cloudwatch_logs"})  # much, and nothing else refers to it

State = Callable[[], Any]
AtRest = Callable[[Callable[[], "list[_Look]"], Callable[[], bool]], "list[_Look]"]


class _Changing(Exception):
    """A service's state changed while it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A service's state as it was read: its JSON, and what tells it from another."""

    name: str
    parts: tuple[bytes, ...]
    seen: bytes


class Saver:
    """Writes each service's state to a file of its own, in the emulator's format, when it has changed.

    `tidy` runs before each look: what it throws away is not saved. `at_rest` calls a function while nothing changes the
    services, so that what they hold fits together; it may refuse by raising TimeoutError.
    """

    def __init__(
        self,
        folder: Path,
        services: Callable[[], Mapping[str, State]],
        tidy: Callable[[], object],
        at_rest: AtRest = lambda look, _until: look(),
    ) -> None:
        self._folder = folder
        self._tidy = tidy
        self._services = services
        self._at_rest = at_rest
        self._digests: dict[str, bytes] = {}
        self._prints: dict[str, bytes] = {}
        self._wipes = 0
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._saving = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="copilot-saver", daemon=True)

    def start(self) -> None:
        """Begins to look; call it once the old state is restored."""
        self._thread.start()

    def touch(self) -> None:
        """Says that something may have changed; costs nothing."""
        self._changed.set()

    def stop(self) -> None:
        """Ends looking and saves a last time; call it where nothing else changes the services."""
        self._stopping.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()
        for _ in range(_FINAL_TRIES):
            try:
                self._write(self._wipes, [*self._look(apart=False), *self._look(apart=True)])
            except _Changing:
                time.sleep(_TRY_AGAIN_SECONDS)
            else:
                return

    def save(self) -> list[str]:
        """Writes what has changed now; returns the services it wrote. Call it on another thread than the services'."""
        wipes = self._wipes
        try:
            looks = self._at_rest(lambda: self._look(apart=False), self._stopping.is_set)
            looks += self._look(apart=True)
        except (_Changing, TimeoutError) as err:  # a part of the state would not fit the rest: the next look gets all
            logger.debug("the state was not saved: %s", err)
            self._changed.set()
            return []
        return self._write(wipes, looks)

    def forget(self) -> None:
        """After the files were deleted: every service is written again."""
        with self._saving:
            self._wipes += 1
            self._digests.clear()
            self._prints.clear()

    def _look(self, *, apart: bool) -> list[_Look]:
        """What has changed, of the services that must fit together or of those apart."""
        services = self._services()
        names = (*_NAMING_OTHERS, *sorted(services.keys() - set(_NAMING_OTHERS)))
        wanted = [name for name in names if name in services and (name in _APART) is apart]
        return [look for name in wanted if (look := self._read(name, services[name]))]

    def _read(self, name: str, state: State) -> _Look | None:
        try:
            content = live.read(name, state)
            if content is None:
                return None
            seen = live.fingerprint(name, content)
            if seen and self._prints.get(name) == seen:
                return None
            return _Look(name=name, parts=tuple(serialize(name, content)), seen=seen)
        except RuntimeError as err:  # a dictionary changed while it was copied
            raise _Changing(f"state of {name} is changing: {err}") from err
        except (TypeError, ValueError):
            logger.exception("state of %s cannot be saved", name)
            return None

    def _write(self, wipes: int, looks: list[_Look]) -> list[str]:
        """Writes what differs from the files; what names others comes into its place after them.

        Nothing once the cloud's own folder was deleted: it would come back.
        """
        with self._saving:
            if wipes != self._wipes or not self._folder.parent.exists():
                return []
            drafts = [(look, digest) for look in looks if (digest := _digest(look)) != self._digests.get(look.name)]
            for look, _ in drafts:
                self._draft(look)
            drafts.reverse()
            for look, digest in drafts:
                (self._folder / f"{look.name}.json.tmp").replace(self._folder / f"{look.name}.json")
                self._digests[look.name] = digest
            self._prints.update({look.name: look.seen for look in looks})
            if drafts:
                _sync_folder(self._folder)
            return [look.name for look, _ in drafts]

    def _draft(self, look: _Look) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{look.name}.json.tmp").open("wb") as stream:
            stream.writelines(look.parts)
            stream.flush()
            os.fsync(stream.fileno())

    def _run(self) -> None:
        rest = 0.0
        while not self._stopping.is_set():
            self._changed.wait(IDLE_SECONDS)
            self._stopping.wait(max(DEBOUNCE_SECONDS, rest))
            self._changed.clear()
            if self._stopping.is_set():
                return
            started = time.monotonic()
            try:
                self._tidy()
                self.save()
            except OSError:
                logger.exception("the state could not be written to %s", self._folder)
            rest = (time.monotonic() - started) * REST_FACTOR


def _digest(look: _Look) -> bytes:
    digest = hashlib.sha256()
    for part in look.parts:
        digest.update(part)
    return digest.digest()


def serialize(service: str, state: Any) -> Iterator[bytes]:
    """The service's state as the emulator reads it back, in pieces: one long piece would keep requests waiting."""
    from ministack.core import persistence

    yield b'{"__ministack_format__": %d, "payload": {' % persistence._state_format_version(service)
    separator = b""
    for store, content in state.items():
        yield separator + json.dumps(store).encode() + b": "
        yield from _pieces(content, persistence._json_default)
        separator = b", "
    yield b"}}"


def _pieces(content: Any, default: Callable[[Any], Any]) -> Iterator[bytes]:
    from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

    if not isinstance(content, AccountRegionScopedDict | AccountScopedDict):
        yield json.dumps(content, default=default).encode()
        return
    mark = "__account_region_scoped__" if isinstance(content, AccountRegionScopedDict) else "__scoped__"
    records = {"\x00".join([*scope, repr(key)]): value for (*scope, key), value in list(content._data.items())}
    yield b'{"%s": true, "data": ' % mark.encode()
    yield from _json(records, default, depth=4)
    yield b"}"


def _json(value: Any, default: Callable[[Any], Any], *, depth: int) -> Iterator[bytes]:
    """JSON in pieces small enough that encoding one holds nobody up: the encoder keeps the interpreter to itself."""
    if depth and isinstance(value, dict) and all(isinstance(key, str) for key in value):
        opening = b"{"
        for key, each in value.items():
            yield opening + json.dumps(key).encode() + b": "
            yield from _json(each, default, depth=depth - 1)
            opening = b", "
        yield b"}" if value else b"{}"
    elif isinstance(value, list) and len(value) > _CHUNK_ITEMS:
        for start in range(0, len(value), _CHUNK_ITEMS):
            text = json.dumps(value[start : start + _CHUNK_ITEMS], default=default)
            yield (b"," if start else b"[") + text[1:-1].encode()
        yield b"]"
    else:
        yield json.dumps(value, default=default).encode()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
