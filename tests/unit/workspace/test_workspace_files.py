from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.errors import ManifestError, WorkspaceError
from copilot.workspace import files
from copilot.workspace.workspace import Text, Workspace, find_dockerfiles

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path, "vote")


def manifest(name: str) -> str:
    return f"name: {name}\ntype: Backend Service\n"


def test_workloads_are_the_directories_with_a_manifest(workspace: Workspace) -> None:
    for name in ("web", "api"):
        workspace.write_manifest(name, manifest(name))
    workspace.write_environment_manifest("test", "name: test\ntype: Environment\n")
    (workspace.directory / "pipelines" / "main").mkdir(parents=True)
    (workspace.directory / "notes.txt").write_text("x")
    assert workspace.workload_names() == ("api", "web")
    assert workspace.environment_names() == ("test",)


def test_a_new_workspace_lists_nothing(workspace: Workspace) -> None:
    assert workspace.workload_names() == ()
    assert workspace.environment_names() == ()


def test_a_manifest_of_another_name_is_an_error_for_the_whole_list(workspace: Workspace) -> None:
    workspace.write_manifest("web", manifest("web"))
    workspace.write_manifest("api", manifest("other"))
    with pytest.raises(WorkspaceError, match=r"copilot/api/manifest\.yml: name: 'other' differs"):
        workspace.workload_names()


def test_a_manifest_that_is_not_yaml_is_an_error_for_the_whole_list(workspace: Workspace) -> None:
    workspace.write_manifest("web", "a: b: c")
    with pytest.raises(ManifestError) as caught:
        workspace.workload_names()
    assert caught.value.details.startswith("copilot/web/manifest.yml:1: not YAML")


def test_manifests_are_read_with_the_path_that_the_user_sees(workspace: Workspace) -> None:
    workspace.write_manifest("web", manifest("web"))
    workspace.write_environment_manifest("test", "name: test\n")
    assert workspace.manifest("web") == Text(path="copilot/web/manifest.yml", text=manifest("web"))
    assert workspace.find_manifest("web") == workspace.manifest("web")
    assert workspace.environment_manifest("test").path == "copilot/environments/test/manifest.yml"


def test_a_manifest_that_is_not_there_is_told_with_those_that_are(workspace: Workspace) -> None:
    workspace.write_manifest("web", manifest("web"))
    assert workspace.find_manifest("api") is None
    with pytest.raises(
        WorkspaceError, match=r"copilot/api/manifest\.yml does not exist; the workspace has web"
    ) as caught:
        workspace.manifest("api")
    assert caught.value.hints == ("copilot svc init --name api",)
    with pytest.raises(WorkspaceError, match=r"environments/test/manifest\.yml does not exist; .* none yet") as caught:
        workspace.environment_manifest("test")
    assert caught.value.hints == ("copilot env init --name test",)


def test_a_manifest_is_never_written_over(workspace: Workspace) -> None:
    assert workspace.write_manifest("web", "first")
    assert not workspace.write_manifest("web", "second")
    assert workspace.manifest("web").text == "first"
    assert workspace.write_environment_manifest("test", "first")
    assert not workspace.write_environment_manifest("test", "second")


def test_even_a_dangling_link_is_not_written_over(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.directory / "web").mkdir()
    (workspace.directory / "web" / "manifest.yml").symlink_to(tmp_path / "nowhere")
    assert not workspace.write_manifest("web", "x")
    assert not (tmp_path / "nowhere").exists()


def test_written_files_have_the_original_modes_and_leave_no_drafts(workspace: Workspace) -> None:
    workspace.write_manifest("web", "x")
    directory = workspace.directory / "web"
    assert [p.name for p in directory.iterdir()] == ["manifest.yml"]
    assert stat.S_IMODE((directory / "manifest.yml").stat().st_mode) == 0o644
    assert stat.S_IMODE(directory.stat().st_mode) == 0o755


def test_a_file_that_is_not_utf_8_is_told_with_its_line(workspace: Workspace) -> None:
    workspace.write_manifest("web", "")
    (workspace.directory / "web" / "manifest.yml").write_bytes(b"name: web\n# caf\xe9\n")
    with pytest.raises(WorkspaceError, match=r"copilot/web/manifest\.yml can't be read: line 2 is not UTF-8"):
        workspace.manifest("web")


def test_a_byte_order_mark_is_dropped(workspace: Workspace) -> None:
    workspace.write_manifest("web", "")
    (workspace.directory / "web" / "manifest.yml").write_bytes(b"\xef\xbb\xbfname: web\n")
    assert workspace.manifest("web").text == "name: web\n"


def test_a_manifest_link_that_leads_in_a_circle_is_told(workspace: Workspace) -> None:
    (workspace.directory / "web").mkdir()
    (workspace.directory / "web" / "manifest.yml").symlink_to("manifest.yml")
    for read in (lambda: workspace.manifest("web"), workspace.workload_names, lambda: workspace.find_manifest("web")):
        with pytest.raises(WorkspaceError, match=r"copilot/web/manifest\.yml can't be read: its symbolic links"):
            read()


def test_a_workload_link_that_leads_in_a_circle_is_told(workspace: Workspace) -> None:
    (workspace.directory / "web").symlink_to("web")
    with pytest.raises(WorkspaceError, match="copilot/web can't be read: its symbolic links lead in a circle"):
        workspace.workload_names()


def test_a_manifest_that_is_a_directory_is_told(workspace: Workspace) -> None:
    (workspace.directory / "web" / "manifest.yml").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="it is a directory"):
        workspace.manifest("web")


@pytest.mark.skipif(AS_ROOT, reason="root reads everything")
def test_a_file_that_is_closed_is_told(workspace: Workspace) -> None:
    workspace.write_manifest("web", "x")
    (workspace.directory / "web" / "manifest.yml").chmod(0)
    with pytest.raises(WorkspaceError, match="permission denied"):
        workspace.manifest("web")


def test_a_place_that_cannot_be_written_is_told(workspace: Workspace) -> None:
    (workspace.directory / "web").write_text("a file")
    with pytest.raises(WorkspaceError, match=r"copilot/web/manifest\.yml can't be written"):
        workspace.write_manifest("web", "x")


def test_addons_are_templates_and_overrides_are_files(workspace: Workspace) -> None:
    assert workspace.addons("web") == ()
    assert workspace.environment_addons() == ()
    assert workspace.overrides("web") == ()
    addons = workspace.directory / "web" / "addons"
    addons.mkdir(parents=True)
    for name in ("b.yml", "a.yaml", "readme.md"):
        (addons / name).write_text(name)
    overrides = workspace.directory / "environments" / "overrides"
    overrides.mkdir(parents=True)
    (overrides / "cfn.patches.yml").write_text("[]")
    assert [t.path for t in workspace.addons("web")] == ["copilot/web/addons/a.yaml", "copilot/web/addons/b.yml"]
    assert workspace.environment_overrides() == ("copilot/environments/overrides/cfn.patches.yml",)


def test_files_of_the_project_are_read_from_its_root(workspace: Workspace) -> None:
    (workspace.root / "web").mkdir()
    (workspace.root / "web" / "x.env").write_bytes(b"A=\xff")
    (workspace.root / "web" / "Dockerfile").write_text("FROM scratch\n")
    assert workspace.read_bytes("web/x.env") == b"A=\xff"
    assert workspace.find_text("web/Dockerfile") == Text(path="web/Dockerfile", text="FROM scratch\n")
    assert workspace.find_text("api/Dockerfile") is None
    with pytest.raises(WorkspaceError, match=r"no\.env can't be read: it does not exist"):
        workspace.read_bytes("no.env")


def test_generated_files_are_written_over(workspace: Workspace, tmp_path: Path) -> None:
    out = str(tmp_path / "infrastructure")
    assert workspace.write_output(out, "a.yml", "1") == f"{out}/a.yml"
    workspace.write_output(out, "a.yml", "2")
    assert (tmp_path / "infrastructure" / "a.yml").read_text() == "2"
    assert [p.name for p in (tmp_path / "infrastructure").iterdir()] == ["a.yml"]


def test_dockerfiles_are_found_here_and_one_directory_below(workspace: Workspace) -> None:
    for path in (
        "Dockerfile",
        "web/dockerfile.dev",
        "api/prod.DOCKERFILE",
        "a/b/Dockerfile",
        "Dockerfile.dockerignore",
    ):
        (workspace.root / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace.root / path).write_text("")
    (workspace.root / "dockerfiles").mkdir()
    assert workspace.dockerfiles() == ("Dockerfile", "api/prod.DOCKERFILE", "web/dockerfile.dev")


def test_links_that_lead_nowhere_are_no_dockerfiles(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").symlink_to("Dockerfile")
    (tmp_path / "web").symlink_to("web")
    assert find_dockerfiles(tmp_path) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_text_is_read_as_it_was_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    files.write_over(path, text, "file")
    assert files.read_text(path, "file") == text.removeprefix("\ufeff")


def test_a_manifest_without_a_name_is_told(workspace: Workspace) -> None:
    workspace.write_manifest("web", "type: Backend Service\n")
    with pytest.raises(WorkspaceError, match=r"copilot/web/manifest\.yml: name: is required") as caught:
        workspace.workload_names()
    assert caught.value.hints == ("set name to web",)


def test_a_pipe_in_place_of_a_file_is_not_waited_for(workspace: Workspace) -> None:
    (workspace.directory / "web").mkdir()
    os.mkfifo(workspace.directory / "web" / "manifest.yml")
    with pytest.raises(WorkspaceError, match="it is a pipe, not a file"):
        files.read_text(workspace.directory / "web" / "manifest.yml", "copilot/web/manifest.yml")
