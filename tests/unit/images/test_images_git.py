"""Images are tagged with the commit of a clean work tree."""

import subprocess
from pathlib import Path

from copilot.images import git


def run(root: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(("git", "-C", str(root), *identity, *words), check=True, capture_output=True)


def test_a_clean_tree_has_a_short_commit_and_a_changed_one_has_none(tmp_path: Path) -> None:
    run(tmp_path, "init")
    (tmp_path / "a").write_text("1")
    run(tmp_path, "add", "a")
    run(tmp_path, "commit", "-m", "First")
    commit = git.describe(tmp_path)
    assert 7 <= len(commit) <= 12 and int(commit, 16) >= 0
    (tmp_path / "b").write_text("new")
    assert git.describe(tmp_path) == ""


def test_no_repository_and_no_commit_give_no_tag(tmp_path: Path) -> None:
    assert git.describe(tmp_path) == ""
    run(tmp_path, "init")
    assert git.describe(tmp_path) == ""
