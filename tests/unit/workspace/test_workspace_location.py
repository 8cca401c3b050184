from __future__ import annotations

import stat
from pathlib import Path

import pytest

from copilot.errors import WorkspaceError
from copilot.workspace.workspace import Workspace


@pytest.fixture
def project(tmp_path: Path) -> Path:
    Workspace.create(tmp_path, "vote")
    return tmp_path


def deeper(root: Path, levels: int) -> Path:
    path = root.joinpath(*(f"level{i}" for i in range(levels)))
    path.mkdir(parents=True, exist_ok=True)
    return path


def test_a_new_workspace_has_the_original_layout(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path, "vote")
    assert (workspace.root, workspace.app) == (tmp_path, "vote")
    summary = tmp_path / "copilot" / ".workspace"
    assert summary.read_text() == "application: vote\n"
    assert [p.name for p in (tmp_path / "copilot").iterdir()] == [".workspace"]
    assert stat.S_IMODE(summary.stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "copilot").stat().st_mode) == 0o755


@pytest.mark.parametrize("levels", [0, 1, 4])
def test_a_workspace_is_found_from_up_to_five_directories(project: Path, levels: int) -> None:
    workspace = Workspace.find(deeper(project, levels))
    assert (workspace.root, workspace.app) == (project, "vote")


def test_a_workspace_is_not_found_from_the_sixth_directory(project: Path) -> None:
    start = deeper(project, 5)
    assert Workspace.find_or_none(start) is None
    with pytest.raises(WorkspaceError, match="no workspace found") as caught:
        Workspace.find(start)
    assert caught.value.hints[0] == "copilot app init"


def test_a_directory_named_copilot_is_the_workspace_when_one_stands_in_it(project: Path) -> None:
    assert Workspace.find(project / "copilot").root == project


def test_a_directory_in_the_copilot_directory_finds_it(project: Path) -> None:
    inside = project / "copilot" / "web"
    inside.mkdir()
    assert Workspace.find(inside).root == project


def test_a_relative_path_is_where_the_command_was_typed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    assert Workspace.find(Path()).root == project


def test_a_copilot_directory_without_an_application_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "copilot").mkdir()
    (tmp_path / "copilot" / "settings.json").write_text("{}")
    assert Workspace.find_or_none(tmp_path) is None
    with pytest.raises(WorkspaceError, match="belongs to no application") as caught:
        Workspace.find(tmp_path)
    assert any("empty copilot/" in hint for hint in caught.value.hints)


def test_an_empty_copilot_directory_closer_to_the_work_is_used_instead_of_another_tools(tmp_path: Path) -> None:
    (tmp_path / "copilot").mkdir()
    (tmp_path / "copilot" / "settings.json").write_text("{}")
    work = tmp_path / "work"
    (work / "copilot").mkdir(parents=True)
    assert Workspace.create(work, "vote").root == work
    assert Workspace.find(work).root == work
    assert [p.name for p in (tmp_path / "copilot").iterdir()] == ["settings.json"]


def test_a_copilot_directory_without_an_application_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "copilot").mkdir()
    workspace = Workspace.create(deeper(tmp_path, 2), "vote")
    assert workspace.root == tmp_path
    assert not (tmp_path / "level0" / "level1" / "copilot").exists()


def test_a_file_named_copilot_is_no_workspace(tmp_path: Path) -> None:
    Workspace.create(tmp_path, "vote")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "copilot").write_text("a program")
    assert Workspace.find(inner).root == tmp_path


def test_creating_it_again_changes_nothing(project: Path) -> None:
    before = (project / "copilot" / ".workspace").stat().st_mtime_ns
    assert Workspace.create(project, "vote").root == project
    assert (project / "copilot" / ".workspace").stat().st_mtime_ns == before


def test_another_applications_workspace_is_not_taken(project: Path) -> None:
    with pytest.raises(WorkspaceError, match="can't be used for application shop: it belongs to vote") as caught:
        Workspace.create(project, "shop")
    assert caught.value.hints
    assert Workspace.find(project).app == "vote"


def test_forgetting_removes_the_binding_and_nothing_else(project: Path) -> None:
    workspace = Workspace.find(project)
    workspace.write_manifest("web", "name: web\n")
    workspace.forget()
    workspace.forget()
    assert sorted(p.name for p in (project / "copilot").iterdir()) == ["web"]
    assert Workspace.find_or_none(project) is None


@pytest.mark.parametrize(
    "text", ["", "application:\n", "application: [a]\n", "- a\n", "a: b: c\n", "app: vote\n", "\x00"]
)
def test_a_damaged_binding_is_told(project: Path, text: str) -> None:
    (project / "copilot" / ".workspace").write_text(text)
    for find in (Workspace.find, Workspace.find_or_none):
        with pytest.raises(WorkspaceError, match=r"copilot/\.workspace can't be used"):
            find(project)


def test_a_binding_with_more_in_it_is_read(project: Path) -> None:
    (project / "copilot" / ".workspace").write_text("application: 0123\npath: old\n")
    assert Workspace.find(project).app == "0123"


@pytest.mark.parametrize(
    "text",
    ["application: vote", "application: vote\n", "application: 'vote'\r\n", "# ours\napplication:   vote # mine\n"],
)
def test_a_binding_may_be_written_in_any_way_that_yaml_allows(project: Path, text: str) -> None:
    (project / "copilot" / ".workspace").write_bytes(text.encode())
    assert Workspace.find(project).app == "vote"


def test_a_copilot_link_that_leads_in_a_circle_is_told(tmp_path: Path) -> None:
    (tmp_path / "copilot").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "copilot")
    with pytest.raises(WorkspaceError, match="its symbolic links lead in a circle"):
        Workspace.find(tmp_path)


def test_a_copilot_link_to_a_directory_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    project = tmp_path / "project"
    project.mkdir()
    (project / "copilot").symlink_to(real)
    assert Workspace.create(project, "vote").root == project
    assert (real / ".workspace").exists()


def test_a_copilot_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "copilot").write_text("a file")
    with pytest.raises(WorkspaceError, match=r"copilot/\.workspace can't be written"):
        Workspace.create(tmp_path, "vote")
