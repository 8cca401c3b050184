from __future__ import annotations

import threading
from pathlib import Path

import pytest

from copilot.errors import LocalCloudError, UsageError
from copilot.local.home import cloud_home, clouds_folder, is_locked, read_json, take_lock, turn, write_json


def test_a_cloud_is_named_after_its_workspace_and_its_path(tmp_path: Path) -> None:
    environ = {"COPILOT_LOCAL_HOME": str(tmp_path / "clouds")}
    one, other = (cloud_home(tmp_path / parent / "my shop", environ) for parent in ("a", "b"))
    assert one.name.startswith("my-shop-") and other.name.startswith("my-shop-")
    assert one != other
    assert one == cloud_home(tmp_path / "b" / ".." / "a" / "my shop", environ)


def test_a_named_cloud_is_shared_by_workspaces(tmp_path: Path) -> None:
    environ = {"COPILOT_LOCAL_HOME": str(tmp_path), "COPILOT_LOCAL_CLOUD": "team"}
    assert cloud_home(tmp_path / "a", environ) == cloud_home(tmp_path / "b", environ)
    assert cloud_home(tmp_path / "a", environ).path == tmp_path / "team"


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "a b", "x" * 64])
def test_a_shared_name_cannot_leave_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="COPILOT_LOCAL_CLOUD is not a name"):
        cloud_home(tmp_path, {"COPILOT_LOCAL_CLOUD": name})


def test_the_folder_of_clouds_is_the_users_state_folder() -> None:
    assert clouds_folder({"HOME": "/home/ada"}) == Path("/home/ada/.local/state/copilot/local")
    assert clouds_folder({"HOME": "/home/ada", "XDG_STATE_HOME": "/s"}) == Path("/s/copilot/local")
    assert clouds_folder({"HOME": "/home/ada", "COPILOT_LOCAL_HOME": "/mine"}) == Path("/mine")


@pytest.mark.parametrize("parent", ["file", "file/below"])
def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path, parent: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalCloudError, match="can't keep its files in") as caught, turn(tmp_path / parent / "lock"):
        raise AssertionError("nobody may come here")
    assert any("COPILOT_LOCAL_HOME" in hint for hint in caught.value.hints)


def test_a_file_cut_short_reads_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert read_json(path) == {}
    write_json(path, {"port": 1})
    assert read_json(path) == {"port": 1}
    path.write_text(path.read_text()[:5])
    assert read_json(path) == {}
    assert [each.name for each in tmp_path.iterdir()] == ["x.json"]


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    import os

    path = tmp_path / "lock"
    assert not is_locked(path)
    held = take_lock(path)
    assert held is not None
    assert is_locked(path)
    assert take_lock(path) is None
    os.close(held)
    assert not is_locked(path)


def test_turns_are_taken_one_after_the_other(tmp_path: Path) -> None:
    order: list[str] = []
    started = threading.Event()

    def second() -> None:
        started.set()
        with turn(tmp_path / "lock"):
            order.append("second")

    with turn(tmp_path / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        started.wait()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
