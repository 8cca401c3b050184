"""Docker and Podman through their own command lines.

So BuildKit, contexts and credential helpers work as the user set them up.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from copilot.errors import BuildFailed, EngineError, NotRunning, PushFailed
from copilot.images import endpoint
from copilot.images.engine import BuildRequest, BuiltImage, OnLine, RegistryAccess
from copilot.images.process import Ended, ask, stream

ECR_HELPER = "ecr-login"


class CommandLine(ABC):
    """What docker and podman share."""

    name: str
    title: str
    start_hint: str

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)

    @property
    def is_installed(self) -> bool:
        return shutil.which(self.name, path=self._environ.get("PATH")) is not None

    @property
    @abstractmethod
    def is_running(self) -> bool:
        """Whether the engine would answer; told within about a second."""

    def require(self) -> None:
        """Raises NotRunning unless the engine is installed and answers."""
        if not self.is_installed:
            raise NotRunning(
                f"{self.title} is not installed: there is no `{self.name}` on PATH",
                hints=(f"install {self.title} and run the command again",),
            )
        if not self.is_running:
            raise NotRunning(f"{self.title} is not running: it does not answer", hints=(self.start_hint,))

    def build(self, request: BuildRequest, on_line: OnLine) -> BuiltImage:
        """Builds and tags an image."""
        if not request.dockerfile.is_file():
            raise BuildFailed(
                f"image was not built: there is no Dockerfile at {request.dockerfile}",
                hints=("correct image.build in the manifest, or create the file",),
            )
        self.require()
        with tempfile.TemporaryDirectory() as folder:
            id_file = Path(folder) / "id"
            command = (self.name, *self.build_arguments(request, id_file))
            ended = stream(command, on_line, environ=self._environ)
            if ended.code != 0:
                raise BuildFailed(
                    f"image was not built: {self.name} build ended with code {ended.code}", details=ended.tail
                )
            return BuiltImage(id=_with_algorithm(id_file.read_text().strip()), tags=tuple(request.tags))

    def build_arguments(self, request: BuildRequest, id_file: Path) -> list[str]:
        """The arguments after the engine's name, in the original's order."""
        arguments = ["build", "--iidfile", str(id_file)]
        for tag in request.tags:
            arguments += ["-t", tag]
        for image in request.cache_from:
            arguments += ["--cache-from", image]
        if request.target:
            arguments += ["--target", request.target]
        if request.platform:
            arguments += ["--platform", request.platform]
        if self._is_ci and self.has_plain_progress():
            arguments += ["--progress", "plain"]
        for key, value in sorted(request.args.items()):
            arguments += ["--build-arg", f"{key}={value}"]
        for key, value in sorted(request.labels.items()):
            arguments += ["--label", f"{key}={value}"]
        return [*arguments, str(request.context), "-f", str(request.dockerfile)]

    def has_plain_progress(self) -> bool:
        """Whether `build` knows `--progress plain`."""
        return False

    def login(self, registry: RegistryAccess) -> None:
        """Logs in with the token on standard input; skipped where the ecr-login helper does it."""
        if self.uses_ecr_helper(registry.host):
            return
        self.require()
        command = (self.name, "login", "-u", registry.username, "--password-stdin", registry.host)
        ended = stream(command, lambda _line: None, environ=self._environ, stdin=registry.password)
        if ended.code != 0:
            raise PushFailed(
                f"login to {registry.host} failed: {self.name} login ended with code {ended.code}",
                details=ended.tail,
                hints=("check the credential helpers (credsStore, credHelpers) in the engine's configuration",),
            )

    def uses_ecr_helper(self, registry_host: str) -> bool:
        """Whether docker's configuration hands this registry to amazon-ecr-credential-helper."""
        config = endpoint.docker_config(self._environ)
        helpers = config.get("credHelpers") or {}
        return ECR_HELPER in (helpers.get(registry_host), config.get("credsStore"))

    def push(self, reference: str, on_line: OnLine) -> str:
        """Pushes one tag and answers the manifest's digest in the registry."""
        self.require()
        quiet = ("--quiet",) if self._is_ci else ()
        ended = stream((self.name, "push", *quiet, reference), on_line, environ=self._environ)
        if ended.code != 0:
            raise PushFailed(
                f"image {reference} was not pushed: {self.name} push ended with code {ended.code}",
                details=ended.tail,
                hints=("check the network, and that the caller may push to the repository",),
            )
        return self.digest(reference)

    def digest(self, reference: str) -> str:
        """The digest under which the registry of `reference` knows the image."""
        repository = reference.rpartition(":")[0]
        ended = self._ask(("image", "inspect", "--format", "{{json .RepoDigests}}", reference))
        for known in _json_list(ended) if ended.code == 0 else ():
            name, _, digest = str(known).partition("@")
            if name == repository and digest:
                return digest
        raise PushFailed(
            f"image {reference} has no digest: {self.name} does not know its repository", details=ended.tail
        )

    def tag(self, image_id: str, reference: str) -> None:
        """Gives an image one more name."""
        ended = self._ask(("tag", image_id, reference))
        if ended.code != 0:
            raise EngineError(f"image was not tagged as {reference}: {ended.tail}")

    def _ask(self, arguments: Sequence[str]) -> Ended:
        return ask((self.name, *arguments), environ=self._environ)

    @property
    def _is_ci(self) -> bool:
        return self._environ.get("CI") == "true"


class Docker(CommandLine):
    """Docker Engine or Docker Desktop, or what the current docker context points to."""

    name = "docker"
    title = "Docker"
    start_hint = "start Docker (Docker Desktop, or `sudo systemctl start docker`) and run the command again"

    @property
    def host(self) -> str:
        return endpoint.docker_host(self._environ)

    @property
    def is_running(self) -> bool:
        return self.is_installed and endpoint.answers(self.host)

    def has_plain_progress(self) -> bool:
        # Without the buildx component the CLI falls back to the classic builder, which refuses the flag.
        return self._ask(("buildx", "version")).code == 0


class Podman(CommandLine):
    """Podman; its builds need no daemon on Linux."""

    name = "podman"
    title = "Podman"
    start_hint = (
        "start Podman (`podman machine start`, or `systemctl --user start podman.socket`) and run the command again"
    )

    @property
    def host(self) -> str:
        return endpoint.podman_host(self._environ)

    @property
    def is_running(self) -> bool:
        return self.is_installed and self._ask(("info", "--format", "{{.Host.Arch}}")).code == 0

    @property
    def has_socket(self) -> bool:
        return bool(self.host) and endpoint.answers(self.host)


def _with_algorithm(image_id: str) -> str:
    return image_id if image_id.startswith("sha256:") else f"sha256:{image_id}"


def _json_list(ended: Ended) -> list[object]:
    found = json.loads(ended.tail or "null")
    return found if isinstance(found, list) else []
