"""What is asked of a person at a terminal, and what their answers become."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest
from command_lines import Run

from copilot.actions.requests import AdjustVPC, Credentials, ImportVPC, InitService
from copilot.cli.fill import deployment, environment, init, records, service
from copilot.cli.wiring import Wiring
from copilot.errors import NotFound
from copilot.local.clouds import Endpoint
from copilot.model.records import BACKEND_SERVICE, LOAD_BALANCED_WEB_SERVICE
from copilot.term.console import Console, Stream
from copilot.term.questions import Choice, only_one

PROGRAM = Path(sys.executable).with_name("copilot")


@dataclass
class ScriptedAsk:
    """A person who answers in a given order and remembers what they were asked."""

    console: Console
    answers: list[object]
    asked: list[str] = field(default_factory=list)
    offered: list[list[str]] = field(default_factory=list)

    def _next(self, question: str) -> object:
        self.asked.append(question)
        return self.answers.pop(0)

    def text(self, question: str, *, flag: str, default: str = "", check: Callable[[str], str] | None = None) -> str:
        answer = self._next(question)
        text = default if answer is None else str(answer)
        assert not (check and check(text)), f"{text!r} will not do"
        return text

    def choose(self, question: str, choices: Sequence[Choice], *, flag: str, noun: str, default: str = "") -> str:
        single = only_one(self.console, choices, noun=noun, flag=flag)
        if single:
            return single
        self.offered.append([choice.value for choice in choices])
        answer = str(self._next(question))
        assert answer in self.offered[-1]
        return answer

    def choose_many(self, question: str, choices: Sequence[Choice], *, flag: str, noun: str) -> tuple[str, ...]:
        single = only_one(self.console, choices, noun=noun, flag=flag)
        if single:
            return (single,)
        self.offered.append([choice.value for choice in choices])
        answer = self._next(question)
        assert isinstance(answer, tuple) and set(answer) <= set(self.offered[-1])
        return answer

    def confirm(self, question: str, *, flag: str, default: bool = False) -> bool:
        return bool(self._next(question))

    def secret(self, question: str, *, flag: str) -> str:
        return str(self._next(question))


def at_a_terminal(*answers: object) -> tuple[Wiring, ScriptedAsk]:
    console = Console(out=Stream(file=io.StringIO()), err=Stream(file=io.StringIO()), can_ask=True)
    wiring = Wiring(console=console, environ=dict(os.environ))
    ask = ScriptedAsk(console, list(answers))
    wiring.ask = ask
    return wiring, ask


@pytest.fixture
def workspace() -> Path:
    Path("copilot").mkdir()
    Path("copilot/.workspace").write_text("application: vote\n")
    return Path.cwd()


def manifest(name: str, type_name: str = BACKEND_SERVICE) -> None:
    path = Path("copilot") / name / "manifest.yml"
    path.parent.mkdir(parents=True)
    path.write_text(f"name: {name}\ntype: {type_name}\n")


def test_the_application_is_the_workspace_s_unless_another_is_named(workspace: Path) -> None:
    wiring, ask = at_a_terminal()
    assert records.app(wiring, "") == "vote"
    assert records.app(wiring, "other") == "other"
    assert not ask.asked


def test_outside_a_workspace_the_application_is_chosen(copilot: Run, on_aws: Endpoint) -> None:
    for name in ("chat", "vote"):
        assert copilot("app", "init", name).code == 0
        Path("copilot/.workspace").unlink()
    wiring, ask = at_a_terminal("vote")
    assert records.app(wiring, "") == "vote"
    assert ask.offered == [["chat", "vote"]]


def test_without_any_application_the_way_to_one_is_told(on_aws: Endpoint) -> None:
    wiring, _ = at_a_terminal()
    with pytest.raises(NotFound, match="no application found") as raised:
        records.app(wiring, "")
    assert "copilot app init" in raised.value.hints[0]


def test_a_local_environment_is_chosen_from_the_manifests(workspace: Path) -> None:
    for name in ("prod", "test"):
        path = Path("copilot/environments") / name / "manifest.yml"
        path.parent.mkdir(parents=True)
        path.write_text(f"name: {name}\ntype: Environment\n")
    wiring, ask = at_a_terminal("prod")
    assert records.local_env(wiring, "") == "prod"
    assert ask.offered == [["prod", "test"]]


def new_service(**given: object) -> InitService:
    values: dict[str, object] = {"app": "vote", "name": "", "type": ""}
    return InitService(**(values | given))  # type: ignore[arg-type]


def test_a_web_service_is_asked_for_type_name_dockerfile_and_port(workspace: Path) -> None:
    Path("Dockerfile").write_text("FROM scratch\nEXPOSE 5000 6000\n")
    Path("web").mkdir()
    Path("web/web.dockerfile").write_text("FROM scratch\n")
    wiring, ask = at_a_terminal(LOAD_BALANCED_WEB_SERVICE, "web", "Dockerfile", None)
    found = service.new_service(wiring, new_service())
    assert found == new_service(name="web", type=LOAD_BALANCED_WEB_SERVICE, dockerfile="Dockerfile", port=5000)
    assert ask.offered[1] == ["Dockerfile", "web/web.dockerfile", service.CUSTOM_PATH, service.EXISTING_IMAGE]


def test_a_port_that_no_dockerfile_exposes_is_80_unless_told(workspace: Path) -> None:
    Path("Dockerfile").write_text("FROM scratch\n")
    wiring, _ = at_a_terminal("Dockerfile", None)
    found = service.new_service(wiring, new_service(name="web", type=LOAD_BALANCED_WEB_SERVICE))
    assert found.port == 80


def test_a_backend_service_is_not_asked_for_a_port(workspace: Path) -> None:
    wiring, ask = at_a_terminal()
    found = service.new_service(wiring, new_service(name="agg", type=BACKEND_SERVICE, image="redis"))
    assert (found.image, found.port) == ("redis", 0)
    assert not ask.asked


def test_a_dockerfile_elsewhere_and_an_image_are_typed_in(workspace: Path) -> None:
    Path("Dockerfile").write_text("FROM scratch\n")
    Path("docker/web").mkdir(parents=True)
    Path("docker/web/Dockerfile").write_text("FROM scratch\n")
    wiring, _ = at_a_terminal(service.CUSTOM_PATH, "docker/web/Dockerfile")
    assert (
        service.new_service(wiring, new_service(name="a", type=BACKEND_SERVICE)).dockerfile == "docker/web/Dockerfile"
    )
    wiring, _ = at_a_terminal(service.EXISTING_IMAGE, "redis:7")
    found = service.new_service(wiring, new_service(name="a", type=BACKEND_SERVICE))
    assert (found.image, found.dockerfile) == ("redis:7", "")


def test_nothing_more_is_asked_about_a_service_that_has_a_manifest(workspace: Path) -> None:
    manifest("agg")
    wiring, ask = at_a_terminal()
    given = new_service(name="agg", type=BACKEND_SERVICE)
    assert service.new_service(wiring, given) == given
    assert not ask.asked


def test_on_aws_credentials_and_region_of_an_environment_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("config").write_text("[profile admin]\nregion = eu-west-1\n[default]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(Path("config").resolve()))
    wiring, ask = at_a_terminal("admin", "eu-west-1")
    assert environment.credentials(wiring, Credentials()) == Credentials(profile="admin", region="eu-west-1")
    assert ask.offered == [[environment.USUAL, "admin", "default", environment.TEMPORARY]]


def test_temporary_credentials_are_typed_in_and_never_shown() -> None:
    wiring, _ = at_a_terminal(environment.TEMPORARY, "AKIA", "s3cr3t", "t0ken", "us-east-1")
    found = environment.credentials(wiring, Credentials())
    assert found == Credentials(
        access_key_id="AKIA", secret_access_key="s3cr3t", session_token="t0ken", region="us-east-1"
    )
    assert "s3cr3t" not in repr(found) and "t0ken" not in repr(found)


def test_the_local_cloud_needs_no_credentials_and_no_network() -> None:
    wiring, ask = at_a_terminal()
    wiring.local = True
    assert environment.credentials(wiring, Credentials()) == Credentials()
    assert environment.network(wiring, default_config=False, imported=None, adjusted=None) == (None, None)
    assert not ask.asked


def test_a_network_is_the_default_adjusted_or_imported() -> None:
    def chosen(*answers: object) -> object:
        wiring, _ = at_a_terminal(*answers)
        return environment.network(wiring, default_config=False, imported=None, adjusted=None)

    assert chosen("Default") == (None, None)
    assert chosen("Imported", "vpc-1", "subnet-1, subnet-2", "") == (
        ImportVPC(id="vpc-1", public_subnets=("subnet-1", "subnet-2")),
        None,
    )
    assert chosen("Adjusted", "10.1.0.0/16", "", None, "10.1.2.0/24,10.1.3.0/24") == (
        None,
        AdjustVPC(
            cidr="10.1.0.0/16",
            public_cidrs=("10.0.0.0/24", "10.0.1.0/24"),
            private_cidrs=("10.1.2.0/24", "10.1.3.0/24"),
        ),
    )


def test_a_vpc_without_subnets_leaves_them_to_ask() -> None:
    wiring, _ = at_a_terminal("", "subnet-1,subnet-2")
    found = environment.network(wiring, default_config=False, imported=ImportVPC(id="vpc-1"), adjusted=None)
    assert found == (ImportVPC(id="vpc-1", private_subnets=("subnet-1", "subnet-2")), None)


def test_flags_about_the_network_leave_nothing_to_ask() -> None:
    wiring, ask = at_a_terminal()
    imported = ImportVPC(id="vpc-1", private_subnets=("subnet-1", "subnet-2"))
    assert environment.network(wiring, default_config=False, imported=imported, adjusted=None) == (imported, None)
    assert environment.network(wiring, default_config=True, imported=None, adjusted=None) == (None, None)
    assert not ask.asked


def test_several_workloads_are_put_in_order(workspace: Path) -> None:
    for name in ("api", "db", "web"):
        manifest(name)
    wiring, ask = at_a_terminal(("api", "db", "web"), ("db",), (deployment.ALL_REMAINING,))
    assert deployment.workloads(wiring, (), all_of_them=False) == ("db/1", "api/2", "web/2")
    assert ask.offered[1:] == [[deployment.ALL_REMAINING, "api", "db", "web"], [deployment.ALL_REMAINING, "api", "web"]]


def test_one_workload_needs_no_order_and_named_ones_no_question(workspace: Path) -> None:
    for name in ("api", "web"):
        manifest(name)
    wiring, ask = at_a_terminal(("web",))
    assert deployment.workloads(wiring, (), all_of_them=False) == ("web",)
    assert deployment.workloads(wiring, ("api/2",), all_of_them=False) == ("api/2",)
    assert deployment.workloads(wiring, (), all_of_them=True) == ()
    assert len(ask.asked) == 1


def test_an_environment_with_a_manifest_only_can_be_made(workspace: Path, on_aws: Endpoint) -> None:
    for name in ("prod", "test"):
        path = Path("copilot/environments") / name / "manifest.yml"
        path.parent.mkdir(parents=True)
        path.write_text(f"name: {name}\ntype: Environment\n")
    wiring, _ = at_a_terminal("prod", True)
    assert deployment.environment(wiring, "vote", "") == ("prod", False)
    assert deployment.init_env(wiring, "prod", None) is True
    assert deployment.init_env(wiring, "prod", False) is False


def test_init_uses_an_application_that_exists_or_a_new_name(copilot: Run, on_aws: Endpoint) -> None:
    wiring, _ = at_a_terminal("chat")
    assert init.app_to_use(wiring, "", flag="--app") == "chat"
    assert copilot("app", "init", "vote").code == 0
    Path("copilot/.workspace").unlink()
    wiring, _ = at_a_terminal(True)
    assert init.app_to_use(wiring, "", flag="--app") == "vote"
    wiring, _ = at_a_terminal(False, "shop")
    assert init.app_to_use(wiring, "", flag="--app") == "shop"


def test_init_deploys_to_a_new_environment_named_test_by_default(on_aws: Endpoint) -> None:
    wiring, _ = at_a_terminal(None)
    assert init.env_to_use(wiring, "vote", "") == "test"
    assert init.env_to_use(wiring, "vote", "prod") == "prod"


def test_the_guided_start_at_a_real_terminal(on_aws: Endpoint) -> None:
    Path("Dockerfile").write_text('FROM scratch\nEXPOSE 8080\nCMD ["/bin/true"]\n')
    environ = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    child = pexpect.spawn(str(PROGRAM), ["init"], env=environ, encoding="utf-8", timeout=120, dimensions=(24, 100))
    for question, keys in (
        ("What shall the application be called", "vote\r"),
        ("Which type of service", "\x1b[B\r"),
        ("What shall the service be called", "aggregator\r"),
        ("Which Dockerfile", "\r"),
        ("Deploy it to an environment now", "n"),
    ):
        child.expect(question)
        child.send(keys)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    text = Path("copilot/aggregator/manifest.yml").read_text()
    assert "type: Backend Service" in text and "Dockerfile" in text


def test_ctrl_c_at_a_question_is_130_and_makes_nothing(on_aws: Endpoint) -> None:
    environ = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    child = pexpect.spawn(str(PROGRAM), ["app", "init"], env=environ, encoding="utf-8", timeout=120)
    child.expect("What shall the application be called")
    child.send("\x03")
    child.expect("cancelled")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert not Path("copilot").exists()
