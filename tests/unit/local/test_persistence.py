from __future__ import annotations

import importlib
import json
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.core import persistence as emulator
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict, request_scope

from copilot.local import live
from copilot.local.persistence import Saver, serialize


def saver(folder: Path, services: dict[str, Callable[[], Any]]) -> Saver:
    return Saver(folder, lambda: services, lambda: None)


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    one, two = {"a": 1}, {"b": 1}
    subject = saver(tmp_path, {"one": lambda: one, "two": lambda: two})
    assert sorted(subject.save()) == ["one", "two"]
    assert subject.save() == []
    two["b"] = 2
    assert subject.save() == ["two"]
    assert json.loads((tmp_path / "two.json").read_text())["payload"] == {"b": 2}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "two.json"]


def test_stacks_are_read_before_the_resources_they_name_and_written_after_them(tmp_path: Path) -> None:
    read: list[str] = []

    def state(name: str) -> dict[str, str]:
        read.append(name)
        return {"name": name}

    names = ("iam_like", "cloudformation", "cloudformation_stack_sets", "zeta")
    services = {name: partial(state, name) for name in names}
    services["cloudformation"] = lambda: {"name": "cloudformation"}
    written = saver(tmp_path, services).save()
    assert read == ["cloudformation_stack_sets", "iam_like", "zeta"]
    assert written == ["zeta", "iam_like", "cloudformation", "cloudformation_stack_sets"]


def test_while_one_state_moves_none_is_written_and_the_next_look_writes_all(tmp_path: Path) -> None:
    answers: list[Any] = [RuntimeError("dictionary changed size during iteration"), {"b": 1}]

    def state() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, RuntimeError):
            raise answer
        return answer

    subject = saver(tmp_path, {"one": lambda: {"a": 1}, "two": state})
    assert subject.save() == []
    assert list(tmp_path.glob("*.json")) == []
    assert sorted(subject.save()) == ["one", "two"]


def test_the_last_save_waits_until_nothing_moves(tmp_path: Path) -> None:
    answers: list[Any] = [RuntimeError("dictionary changed size during iteration"), {"a": 1}, {"a": 1}]

    def state() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, RuntimeError):
            raise answer
        return answer

    saver(tmp_path, {"one": state}).stop()
    assert json.loads((tmp_path / "one.json").read_text())["payload"] == {"a": 1}


def test_a_touch_is_saved_soon_without_being_asked(tmp_path: Path) -> None:
    value = {"n": 0}
    subject = saver(tmp_path, {"one": lambda: value})
    subject.start()
    value["n"] = 1
    subject.touch()
    deadline = time.monotonic() + 60
    while not (tmp_path / "one.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert json.loads((tmp_path / "one.json").read_text())["payload"] == {"n": 1}
    value["n"] = 2
    subject.stop()
    assert json.loads((tmp_path / "one.json").read_text())["payload"] == {"n": 2}
    assert "copilot-saver" not in {thread.name for thread in threading.enumerate()}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
).filter(
    lambda value: (
        not (isinstance(value, dict) and {"__scoped__", "__bytes__", "__account_region_scoped__"} & set(value))
    )
)


@given(st.dictionaries(st.text(min_size=1), values, max_size=4), st.booleans())
def test_the_emulator_reads_back_what_was_written(records: dict[str, Any], is_regional: bool) -> None:
    store = AccountRegionScopedDict() if is_regional else AccountScopedDict()
    with request_scope("111111111111", "eu-west-1"):
        store.update(records)
    text = b"".join(serialize("ssm", {"store": store, "plain": [1, 2]}))
    back = json.loads(text, object_hook=emulator._json_object_hook)["payload"]
    assert back["plain"] == [1, 2]
    assert type(back["store"]) is type(store)
    assert back["store"]._data == store._data


def test_long_lists_are_written_in_pieces(tmp_path: Path) -> None:
    store = AccountRegionScopedDict()
    store._data[("1", "r", "group")] = {"streams": {"s": {"events": [{"message": f'"{i}"'} for i in range(1201)]}}}
    parts = list(serialize("cloudwatch_logs", {"log_groups": store}))
    assert max(map(len, parts)) < 20_000
    back = json.loads(b"".join(parts), object_hook=emulator._json_object_hook)["payload"]
    assert back["log_groups"]._data == store._data


@pytest.mark.parametrize("name", live.UNCOPIED)
def test_a_live_state_is_what_the_emulator_would_copy(name: str) -> None:
    module = importlib.import_module(f"ministack.services.{name}")
    keys = {AccountRegionScopedDict: ("111111111111", "eu-west-1", "/x"), AccountScopedDict: ("111111111111", "/x")}
    stores = [(value, keys[type(value)]) for value in vars(module).values() if type(value) in keys]
    try:
        for store, scoped in stores:
            store._data[scoped] = {"Value": ["1"], "_docker_ids": ["d"], "_container_id": "c"}
        copied, read = module.get_state(), live.read(name, module.get_state)
        assert copied.keys() == read.keys()
        assert [_plain(each) for each in copied.values()] == [_plain(each) for each in read.values()]
        assert all("_docker_ids" in store._data[scoped] for store, scoped in stores), (
            "the service's own records are whole"
        )
        before = live.fingerprint(name, read)
        assert before == live.fingerprint(name, live.read(name, module.get_state)) != b""
        for store, scoped in stores:
            store._data[scoped]["Value"][0] = "2"
        assert before != live.fingerprint(name, live.read(name, module.get_state))
    finally:
        for store, scoped in stores:
            store._data.pop(scoped, None)


def _plain(store: Any) -> Any:
    return getattr(store, "_data", store)


def test_a_log_stream_keeps_its_newest_events() -> None:
    events = [{"timestamp": n} for n in range(live.MAX_EVENTS + 5_000)]
    store = AccountRegionScopedDict()
    store._data[("1", "r", "g")] = {"streams": {"long": {"events": events}, "short": {"events": [{"timestamp": 1}]}}}
    logs = SimpleNamespace(_log_groups=store, _log_events_lock=threading.Lock())
    assert live.trim_logs(logs) == 5_000
    assert events[0] == {"timestamp": 5_000} and len(events) == live.MAX_EVENTS
    assert live.trim_logs(logs) == 0
