"""Bad input: a clear error, exit code 1, no traceback, and nothing changed in the workspace or in the cloud."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

import pytest
from desk import Desk, Place
from refusing import refusing

DEPLOY = ("svc", "deploy", "--name", "web", "--env", "test")
GOOD = "name: web\ntype: Backend Service\nimage:\n  location: public.ecr.aws/nginx\n  port: 80\n"
ON_AWS = {"AWS_REGION": "us-west-2", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUt"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Place], Place]:
    """Makes an application with one environment once; commands that are refused leave it as it is."""
    made: list[str] = []

    def at(place: Place) -> Place:
        if not made:
            place.desk.ok("app", "init", place.app)
            place.desk.ok("env", "init", "--name", "test", "--default-config")
            made.append(place.app)
        desk = place.desk
        desk.write("copilot/.workspace", f"application: {made[0]}\n")
        desk.write("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\n")
        desk.write("copilot/web/manifest.yml", GOOD)
        return Place(desk=desk, app=made[0], url=place.url)

    return at


@pytest.fixture
def unchanged(place: Place, shop: Callable[[Place], Place]) -> Iterator[Place]:
    """The shop; after the test the cloud holds what it held before."""
    ready = shop(place)
    before = ready.inventory.everything()
    yield ready
    assert ready.inventory.everything() == before


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ("name: web\n\ttype: x\n", "copilot/web/manifest.yml:2: not YAML"),
        ("- a\n- b\n", "copilot/web/manifest.yml:1: must be a mapping"),
        ("name: web\n", "type: is required"),
        ("name: web\ntype: Worker Service\n", "'Worker Service' is not supported by this version yet"),
        ("name: web\ntype: Backend Servic\n", "did you mean Backend Service?"),
        ("name: other\ntype: Backend Service\n", "differs from the directory's name"),
        (f"{GOOD}count: -3\n", "copilot/web/manifest.yml:6: count: must not be negative"),
        (f"{GOOD}cpu: lots\nmemry: 3\n", "2 problems found"),
        (f"{GOOD}variables:\n  A: ${{NOT_SET}}\n", "${NOT_SET} is not defined"),
    ],
)
def test_a_manifest_with_mistakes(unchanged: Place, manifest: str, told: str) -> None:
    desk = unchanged.desk
    desk.write("copilot/web/manifest.yml", manifest)
    files = desk.files()
    failed = desk.fails(*DEPLOY)
    assert told in failed.err, failed.told
    assert failed.out == ""
    assert desk.files() == files


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("svc", "deploy", "--name", "web", "--env", "prod"), "environment prod of application"),
        (("svc", "deploy", "--name", "nothing", "--env", "test"), "copilot/nothing/manifest.yml does not exist"),
        (("svc", "deploy", "--name", "web", "--env", "test", "--resource-tags", "red"), "is not a pair"),
        (("env", "deploy", "--name", "prod"), "copilot/environments/prod/manifest.yml does not exist"),
        (("env", "show", "--name", "prod"), "environment prod of application"),
        (("env", "delete", "--name", "prod", "--yes"), "environment prod of application"),
        (("env", "init", "--name", "Te_st", "--default-config"), "environment name 'Te_st' is not valid"),
        (("local", "up", "--env", "Te_st"), "environment name 'Te_st' is not valid"),
        (("svc", "init", "--name", "We_b", "--svc-type", "Backend Service", "--image", "a"), "'We_b' is not valid"),
        (("svc", "init", "--name", "w", "--svc-type", "Worker Service", "--image", "a"), "does not deploy it yet"),
        (("svc", "init", "--name", "w", "--svc-type", "Nonsense", "--image", "a"), "'Nonsense' is not valid"),
        (("svc", "init", "--name", "w", "--svc-type", "Backend Service", "--dockerfile", "a/Dockerfile"), "not found"),
        (("svc", "init", "--name", "w", "--svc-type", "Backend Service"), "--dockerfile or --image is required"),
        (("svc", "show", "--name", "nothing"), "service nothing of application"),
        (("svc", "logs", "--name", "web", "--env", "test"), "web"),
        (("svc", "delete", "--name", "nothing", "--yes"), "nothing of application"),
        (("app", "delete"), "--yes is required"),
        (("app", "delete", "--name", "nothing-here", "--yes"), "application nothing-here not found"),
        (("app", "init", "another"), "workspace is already bound"),
        (("deploy", "--name", "web", "--env", "prod"), "environment prod not found"),
        (("deploy", "--name", "web", "--env", "prod", "--init-env"), "environment prod not found"),
    ],
)
def test_a_command_that_asks_for_what_is_not_there(unchanged: Place, command: tuple[str, ...], told: str) -> None:
    files = unchanged.desk.files()
    failed = unchanged.desk.fails(*command)
    assert told in failed.err, failed.told
    assert failed.out == ""
    assert unchanged.desk.files() == files


def test_an_environment_that_has_only_a_manifest_is_not_made_unasked(unchanged: Place) -> None:
    unchanged.desk.write("copilot/environments/prod/manifest.yml", "name: prod\ntype: Environment\n")
    failed = unchanged.desk.fails("deploy", "--name", "web", "--env", "prod")
    assert "--init-env is required" in failed.err, failed.told


@pytest.mark.parametrize("name", ["Shop", "1shop", "shop_1", "shop-", "a--b", "a" * 300])
def test_an_application_with_a_malformed_name(place: Place, name: str) -> None:
    failed = place.desk.fails("app", "init", name)
    assert "is not valid: it must" in failed.err
    assert place.desk.files() == {}


def test_an_env_file_that_is_not_there(vote_place: Place) -> None:
    desk = vote_place.desk
    manifest = desk.read("copilot/aggregator/manifest.yml")
    desk.write("copilot/aggregator/manifest.yml", f"{manifest}env_file: gone.env\n")
    failed = desk.fails("local", "up")
    assert "gone.env can't be read: it does not exist" in failed.err, failed.told
    assert "correct env_file in copilot/aggregator/manifest.yml" in failed.err, failed.told


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\nnetwrk: {}\n", "netwrk"),
        ("copilot/environments/addons/bucket.yml", "Resources: {}\n", "does not deploy addons yet"),
        ("copilot/environments/overrides/cfn.patches.yml", "[]\n", "does not apply overrides yet"),
        ("copilot/report/manifest.yml", "name: report\ntype: Scheduled Job\n", "move its directory aside"),
    ],
)
def test_what_can_not_be_deployed_is_told_before_anything_is_made(
    vote_place: Place, path: str, text: str, told: str
) -> None:
    desk = vote_place.desk
    desk.write(path, text)
    files = desk.files()
    failed = desk.fails("local", "up")
    assert told in failed.err, failed.told
    assert vote_place.inventory.everything() == []
    assert desk.files() == files


def test_a_new_environment_whose_manifest_is_wrong_is_not_made(vote_place: Place) -> None:
    desk, inventory = vote_place.desk, vote_place.inventory
    desk.ok("app", "init", vote_place.app)
    before = inventory.everything()
    desk.write("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\nnetwrk: {}\n")
    failed = desk.fails("deploy", "--all", "--init-wkld", "--env", "test", "--init-env", "--deploy-env")
    assert "netwrk" in failed.err, failed.told
    assert inventory.everything() == before


def test_no_workspace(place: Place) -> None:
    for command in (DEPLOY, ("env", "deploy", "--name", "test"), ("local", "up"), ("deploy", "--all", "--env", "test")):
        failed = place.desk.fails(*command)
        assert "no workspace found" in failed.err, failed.told
        assert "hint: copilot app init" in failed.err
    assert place.desk.files() == {}


def test_no_region_and_no_credentials_are_told(desk: Desk) -> None:
    nowhere = desk.fails("app", "ls")
    nobody = desk.fails("app", "init", "shop", AWS_REGION="us-west-2")
    stranger = desk.fails("app", "ls", AWS_REGION="us-west-2", AWS_PROFILE="nobody")
    assert "no region is set" in nowhere.err
    assert "AWS credentials are missing" in nobody.err
    assert "nobody" in stranger.err
    assert all("hint:" in failed.err for failed in (nowhere, nobody, stranger))
    assert desk.files() == {}


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("ExpiredToken", "The security token included in the request is expired", "expired"),
        ("ExpiredTokenException", "The security token included in the request is expired", "expired"),
        ("AccessDenied", "User is not authorized to perform that", "not authorized"),
        ("AccessDeniedException", "User is not authorized to perform that", "not authorized"),
        ("InvalidClientTokenId", "The security token included in the request is invalid", "invalid"),
        ("UnrecognizedClientException", "The security token included in the request is invalid", "invalid"),
    ],
)
def test_credentials_that_aws_refuses(desk: Desk, code: str, message: str, told: str) -> None:
    with refusing(code, message) as url:
        for command in (("app", "init", "shop"), ("app", "ls"), ("app", "show", "--name", "shop")):
            failed = desk.fails(*command, AWS_ENDPOINT_URL=url, **ON_AWS)
            assert told in failed.err.lower(), failed.told
            assert "hint:" in failed.err
            assert "wJalrXUt" not in failed.err, "a secret is never printed"
    assert desk.files() == {}


def test_a_port_in_use(own_cloud: Callable[..., Desk]) -> None:
    desk = own_cloud("taken")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failed = desk.fails("local", "start", "--engine", "host", "--port", str(port))
    assert f"port {port} is in use" in failed.err
    assert str(os.getpid()) in failed.err, "it says by whom"
    assert "choose another port" in failed.err
    assert desk.ok("local", "status", "--json").json()["running"] is False


def test_another_engine_than_the_one_that_runs(vote_place: Place) -> None:
    failed = vote_place.desk.fails("local", "up", "--engine", "docker")
    assert "runs already: with engine host, not docker" in failed.err
    assert vote_place.inventory.everything() == []


def test_symbolic_links_that_lead_in_a_circle(unchanged: Place) -> None:
    desk = unchanged.desk
    manifest = desk.root / "copilot" / "web" / "manifest.yml"
    manifest.unlink()
    manifest.symlink_to("manifest.yml")
    for command in (DEPLOY, ("svc", "ls", "--local"), ("local", "up")):
        failed = desk.fails(*command)
        assert "symbolic links lead in a circle" in failed.err, failed.told
    assert "Using" not in desk.fails(*DEPLOY).err


def test_a_copilot_directory_that_is_a_circle_of_links(place: Place) -> None:
    (place.desk.root / "copilot").symlink_to("copilot")
    for command in (DEPLOY, ("app", "init", place.app), ("local", "up")):
        assert "symbolic links lead in a circle" in place.desk.fails(*command).err
    assert place.inventory.everything() == []


def test_a_copilot_directory_of_another_tool_is_used_unless_an_empty_one_is_closer(place: Place) -> None:
    desk = place.desk
    desk.write("copilot/notes.txt", "mine")
    refused = desk.fails(*DEPLOY)
    assert "belongs to no application" in refused.err
    assert "if another tool made it, make an empty copilot/ closer to your work" in refused.err
    assert desk.files() == {"copilot/notes.txt": "mine"}

    closer = desk.root / "project"
    (closer / "copilot").mkdir(parents=True)
    desk.at(closer).ok("app", "init", place.app)
    workspace = f"application: {place.app}\n"
    assert desk.files() == {"copilot/notes.txt": "mine", "project/copilot/.workspace": workspace}


@pytest.mark.parametrize("text", ["application: [", "other: thing\n", "\x00"])
def test_a_damaged_workspace_file(place: Place, text: str) -> None:
    place.desk.write("copilot/.workspace", text)
    for command in (DEPLOY, ("app", "init", place.app)):
        assert "copilot/.workspace can't be used" in place.desk.fails(*command).err
    assert place.desk.read("copilot/.workspace") == text
    assert place.inventory.everything() == []
