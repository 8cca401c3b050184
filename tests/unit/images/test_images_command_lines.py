"""Docker and Podman are driven through their command lines; here a stand-in records what it is asked."""

import hashlib
import json
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.errors import BuildFailed, NotRunning, PushFailed, UsageError
from copilot.images import endpoint, engines
from copilot.images.cli import Docker
from copilot.images.engine import BuildRequest, BuiltImage, RegistryAccess
from copilot.images.publish import publish

STAND_IN = """#!{python}
import json, os, sys
words = sys.argv[1:]
stdin = sys.stdin.read() if "--password-stdin" in words else ""
with open(os.environ["RECORD"], "a") as record:
    record.write(json.dumps([words, stdin]) + "\\n")
if words[0] == "build":
    print("Step 1/1 : FROM scratch")
    print("it broke" if os.environ.get("BROKEN") else "done", file=sys.stderr)
    if os.environ.get("BROKEN"):
        sys.exit(3)
    open(words[words.index("--iidfile") + 1], "w").write("sha256:abc")
if words[0] == "push" and os.environ.get("BROKEN"):
    sys.exit("denied")
if words[:2] == ["image", "inspect"]:
    print(json.dumps(["other/repo@sha256:1", words[-1].rpartition(":")[0] + "@sha256:2"]))
if words[0] == "buildx":
    sys.exit(0 if os.environ.get("BUILDX") else 1)
"""


class Recorder:
    """An environment with a stand-in for docker on PATH, whose daemon answers."""

    def __init__(self, root: Path) -> None:
        binary = root / "bin" / "docker"
        binary.parent.mkdir()
        binary.write_text(STAND_IN.format(python=sys.executable))
        binary.chmod(0o755)
        self._record = root / "record"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(root / "s"))
        self._listener.listen()
        threading.Thread(target=self._answer, daemon=True).start()
        self.environ = {
            "PATH": f"{binary.parent}:/usr/bin:/bin",
            "RECORD": str(self._record),
            "HOME": str(root),
            "DOCKER_HOST": f"unix://{root / 's'}",
        }
        (root / "Dockerfile").write_text("FROM scratch\n")
        self.root = root

    def _answer(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                client.recv(1000)
                client.sendall(b"HTTP/1.0 200 OK\r\n\r\nOK")

    def close(self) -> None:
        self._listener.close()

    def request(self, **options: object) -> BuildRequest:
        return BuildRequest(dockerfile=self.root / "Dockerfile", context=self.root, **options)  # type: ignore[arg-type]

    @property
    def asked(self) -> list[list[str]]:
        return [json.loads(line)[0] for line in self._record.read_text().splitlines()]

    @property
    def typed(self) -> list[str]:
        return [json.loads(line)[1] for line in self._record.read_text().splitlines()]


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    found = Recorder(tmp_path)
    yield found
    found.close()


def test_a_build_has_the_originals_arguments_in_the_originals_order(recorder: Recorder) -> None:
    lines: list[str] = []
    built = Docker(recorder.environ).build(
        recorder.request(
            args={"B": "2", "A": "1"},
            target="prod",
            cache_from=("r:cache",),
            platform="linux/x86_64",
            labels={"z": "1", "a": "2"},
            tags=("r:latest", "r:abc"),
        ),
        lines.append,
    )
    assert built == BuiltImage(id="sha256:abc", tags=("r:latest", "r:abc"))
    asked = recorder.asked[-1]
    assert asked[:2] == ["build", "--iidfile"]
    assert asked[3:] == [
        *("-t", "r:latest", "-t", "r:abc", "--cache-from", "r:cache", "--target", "prod", "--platform", "linux/x86_64"),
        *("--build-arg", "A=1", "--build-arg", "B=2", "--label", "a=2", "--label", "z=1"),
        *(str(recorder.root), "-f", str(recorder.root / "Dockerfile")),
    ]
    assert sorted(lines) == ["Step 1/1 : FROM scratch", "done"]


def test_plain_progress_is_asked_for_in_ci_where_the_builder_knows_it(recorder: Recorder) -> None:
    recorder.environ |= {"CI": "true"}
    Docker(recorder.environ).build(recorder.request(), print)
    assert "--progress" not in recorder.asked[-1]
    recorder.environ |= {"BUILDX": "1"}
    Docker(recorder.environ).build(recorder.request(), print)
    asked = recorder.asked[-1]
    assert asked[asked.index("--progress") + 1] == "plain"


def test_a_failed_build_shows_the_end_of_its_output(recorder: Recorder) -> None:
    with pytest.raises(BuildFailed, match="ended with code 3") as caught:
        Docker({**recorder.environ, "BROKEN": "1"}).build(recorder.request(), print)
    assert "it broke" in caught.value.details


def test_a_missing_dockerfile_is_told_before_docker_is_asked(recorder: Recorder) -> None:
    (recorder.root / "Dockerfile").unlink()
    with pytest.raises(BuildFailed, match="there is no Dockerfile at"):
        Docker(recorder.environ).build(recorder.request(), print)


def test_an_image_is_pushed_under_each_tag_and_referred_to_by_its_digest(recorder: Recorder) -> None:
    registry = RegistryAccess(uri="1.dkr.ecr.r.amazonaws.com/app/web", password="secret")
    built = BuiltImage(id="sha256:abc", tags=(f"{registry.uri}:latest", f"{registry.uri}:v1"))
    published = publish(Docker(recorder.environ), built, registry, print)
    assert published.reference == f"{registry.uri}@sha256:2"
    login, *others = recorder.asked
    assert login == ["login", "-u", "AWS", "--password-stdin", "1.dkr.ecr.r.amazonaws.com"]
    assert recorder.typed[0] == "secret"
    assert [words for words in others if words[0] == "push"] == [["push", tag] for tag in built.tags]
    assert "secret" not in repr(registry)


@pytest.mark.parametrize("config", [{"credsStore": "ecr-login"}, {"credHelpers": {"host": "ecr-login"}}])
def test_login_is_left_to_the_ecr_helper(recorder: Recorder, config: dict[str, object]) -> None:
    (recorder.root / ".docker").mkdir()
    (recorder.root / ".docker" / "config.json").write_text(json.dumps(config))
    assert Docker(recorder.environ).uses_ecr_helper("host")
    Docker(recorder.environ).login(RegistryAccess(uri="host/app"))
    assert not (recorder.root / "record").exists()


def test_a_refused_push_says_so(recorder: Recorder) -> None:
    with pytest.raises(PushFailed, match="was not pushed") as caught:
        Docker({**recorder.environ, "BROKEN": "1"}).push("r:1", print)
    assert "denied" in caught.value.details


def test_docker_is_chosen_when_its_daemon_answers_and_host_when_none_does(recorder: Recorder) -> None:
    assert engines.choose(None, recorder.environ).name == "docker"
    dead = {**recorder.environ, "PATH": str(recorder.root), "DOCKER_HOST": f"unix://{recorder.root}/none"}
    assert engines.choose(None, dead).name == "host"
    assert engines.choose("host", recorder.environ).name == "host"


def test_a_preferred_engine_that_does_not_answer_is_an_error_with_the_way_out(recorder: Recorder) -> None:
    dead = {**recorder.environ, "DOCKER_HOST": f"unix://{recorder.root}/none"}
    with pytest.raises(NotRunning, match="Docker is not running") as caught:
        engines.choose("docker", dead)
    assert "start Docker" in caught.value.hints[0]
    with pytest.raises(NotRunning, match="not installed"):
        engines.choose("docker", {"PATH": str(recorder.root)})
    with pytest.raises(UsageError, match="--engine lxc is not known"):
        engines.choose("lxc", recorder.environ)


def test_images_for_aws_need_a_real_engine(recorder: Recorder) -> None:
    assert engines.require_builder(None, recorder.environ).name == "docker"
    with pytest.raises(NotRunning, match="neither Docker nor Podman is installed"):
        engines.require_builder(None, {"PATH": str(recorder.root), "HOME": str(recorder.root)})
    with pytest.raises(UsageError, match="local cloud only"):
        engines.require_builder("host", recorder.environ)


def test_the_docker_context_says_where_docker_is(tmp_path: Path) -> None:
    meta = tmp_path / "contexts" / "meta" / hashlib.sha256(b"desk").hexdigest()
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": "unix:///desk.sock"}}}))
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "desk"}))
    environ = {"DOCKER_CONFIG": str(tmp_path)}
    assert endpoint.docker_host(environ) == "unix:///desk.sock"
    assert endpoint.docker_host({**environ, "DOCKER_CONTEXT": "default"}) == "unix:///var/run/docker.sock"
    assert endpoint.docker_host({**environ, "DOCKER_HOST": "tcp://x:1"}) == "tcp://x:1"


def test_an_address_where_nobody_listens_does_not_answer(tmp_path: Path) -> None:
    assert not endpoint.answers(f"unix://{tmp_path}/none")
    assert not endpoint.answers("tcp://127.0.0.1:1")
