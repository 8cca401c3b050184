"""What a local cloud says when its files have no place."""

from pathlib import Path

import pytest

from copilot.errors import LocalCloudError
from copilot.local.clouds import LocalCloud
from copilot.local.home import read_json


def test_a_home_that_cannot_be_made_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cloud = LocalCloud.at(tmp_path, {"COPILOT_LOCAL_HOME": str(tmp_path / "file" / "clouds")})
    with pytest.raises(LocalCloudError, match="Not a directory") as told:
        cloud.start(engine="host")
    assert "COPILOT_LOCAL_HOME" in told.value.hints[0]
    assert not cloud.status().running


def test_a_file_that_a_crash_left_in_pieces_counts_as_absent(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    for content in (b"", b'{"port": 1', b"\x00\x00\xff\xfe", b"[]"):
        path.write_bytes(content)
        assert read_json(path) == {}
