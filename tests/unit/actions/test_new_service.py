"""What a new service's manifest is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.actions.new_service import default_platform, describe_new, find_dockerfile, notices_of
from copilot.actions.requests import InitService
from copilot.errors import NotFound
from copilot.model.records import App, Workload
from copilot.workspace.workspace import Text, Workspace

APP = App(name="shop", account="1" * 12)
WEB = "Load Balanced Web Service"
BACKEND = "Backend Service"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "Dockerfile").write_text("FROM scratch\nEXPOSE 8080 9090\n")
    return Workspace.create(tmp_path, "shop")


def request(kind: str = WEB, **more: object) -> InitService:
    return InitService(**{"app": "shop", "name": "web", "type": kind, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "typed_in"), [("web/Dockerfile", "."), ("./web/../web/Dockerfile", "."), ("Dockerfile", "web")]
)
def test_a_dockerfile_is_found_from_where_the_command_was_typed(
    workspace: Workspace, given: str, typed_in: str
) -> None:
    found = find_dockerfile(given, workspace, workspace.root / typed_in)
    assert found is not None and found.path == "web/Dockerfile"


def test_a_dockerfile_is_found_from_the_root_too(workspace: Workspace) -> None:
    found = find_dockerfile("web/Dockerfile", workspace, workspace.root / "web")
    assert found is not None and found.path == "web/Dockerfile"


def test_a_missing_dockerfile_is_told_and_none_is_fine(workspace: Workspace) -> None:
    assert find_dockerfile("", workspace, workspace.root) is None
    with pytest.raises(NotFound, match="Dockerfile api/Dockerfile can't be used"):
        find_dockerfile("api/Dockerfile", workspace, workspace.root)


def new(workspace: Workspace, text: str, kind: str = WEB, recorded: tuple[Workload, ...] = (), **more: object):  # type: ignore[no-untyped-def]
    source = Text(path="Dockerfile", text=text) if text else None
    wanted = describe_new(request(kind, **more), source, app=APP, recorded=recorded, workspace=workspace)
    return wanted, notices_of(wanted, source)


@pytest.mark.parametrize(
    ("text", "kind", "port"),
    [
        ("FROM a\nEXPOSE 8080\n", WEB, 8080),
        ("FROM a\n", WEB, 80),
        ("", WEB, 80),
        ("FROM a\n", BACKEND, 0),
        ("FROM a\nEXPOSE 9\n", BACKEND, 9),
    ],
)
def test_the_port_is_the_dockerfiles_first_else_the_types(
    workspace: Workspace, text: str, kind: str, port: int
) -> None:
    assert new(workspace, text, kind)[0].port == port


def test_a_port_that_is_given_wins(workspace: Workspace) -> None:
    wanted, notices = new(workspace, "FROM a\nEXPOSE 8080\n", port=5000)
    assert wanted.port == 5000
    assert not any("8080" in notice for notice in notices), "the user has chosen"


def test_more_ports_are_suggested_as_additional_rules(workspace: Workspace) -> None:
    _, notices = new(workspace, "FROM a\nEXPOSE 8080 9090\nEXPOSE 9091\n")
    assert "exposes more than port 8080: 9090, 9091 too. Add http.additional_rules" in notices[0]
    assert "additional_rules" not in new(workspace, "FROM a\nEXPOSE 1 2\n", BACKEND)[1][0]


def test_a_health_check_is_taken_over_where_no_load_balancer_checks(workspace: Workspace) -> None:
    text = "FROM a\nEXPOSE 80\nHEALTHCHECK CMD curl localhost\n"
    assert any("HEALTHCHECK" in notice for notice in new(workspace, text, BACKEND)[1])
    assert not any("HEALTHCHECK" in notice for notice in new(workspace, text, WEB)[1])


def test_the_second_web_service_gets_a_path_of_its_own_unless_there_is_a_domain(workspace: Workspace) -> None:
    other = Workload(app="shop", name="other", type=WEB)
    assert new(workspace, "FROM a\n")[0].path == "/"
    assert new(workspace, "FROM a\n", recorded=(other,))[0].path == "web"


@pytest.mark.parametrize(
    ("machine", "is_built", "platform"),
    [
        ("arm64", True, "linux/x86_64"),
        ("aarch64", True, "linux/x86_64"),
        ("ARM64", True, "linux/x86_64"),
        ("arm64", False, ""),
        ("x86_64", True, ""),
        ("AMD64", True, ""),
    ],
)
def test_an_arm_machine_builds_for_where_tasks_run(machine: str, is_built: bool, platform: str) -> None:
    assert default_platform(machine, is_built=is_built) == platform


def test_environments_without_public_subnets_get_private_placement(workspace: Workspace) -> None:
    workspace.write_environment_manifest(
        "closed",
        "name: closed\ntype: Environment\nnetwork: {vpc: {id: vpc-1, subnets: {private: [{id: a}, {id: b}]}}}\n",
    )
    workspace.write_environment_manifest("open", "name: open\ntype: Environment\n")
    assert new(workspace, "FROM a\n")[0].private_environments == ("closed",)
