"""The host engine: images are folders, and a Dockerfile is read, not run.

For machines without a container engine, on the local cloud only. It takes FROM as a promise that this machine has what
the base image would bring (python, node, a shell), and refuses RUN, whose effects it can't have.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from copilot.errors import BuildFailed, PushFailed
from copilot.images import copying, dockerfile, dockerignore
from copilot.images.dockerfile import DockerfileError, Instruction, Stage
from copilot.images.dockerignore import Ignore
from copilot.images.engine import BuildRequest, BuiltImage, OnLine, RegistryAccess
from copilot.images.store import ImageConfig, ImageStore

USE_AN_ENGINE = "install Docker or Podman and run the command again with --engine docker (or podman)"
_SAID_ONLY = {
    "USER": "the process runs as you: the host engine changes no user",
    "VOLUME": "the host engine makes no volume: the folder is part of the task's own copy",
    "ONBUILD": "the host engine runs no ONBUILD steps",
}


@dataclass(slots=True)
class Draft:
    """A stage while it is being built."""

    rootfs: Path
    config: dict[str, object]
    env: dict[str, str]
    args: dict[str, str] = field(default_factory=dict)
    shell: tuple[str, ...] = dockerfile.DEFAULT_SHELL

    @property
    def values(self) -> dict[str, str]:
        return {**self.args, **self.env}

    @property
    def workdir(self) -> str:
        return str(self.config["workdir"])


class HostEngine:
    """Builds images for plain processes."""

    name = "host"

    def __init__(self, store: ImageStore) -> None:
        self._store = store

    def build(self, request: BuildRequest, on_line: OnLine) -> BuiltImage:
        """Builds and tags an image from COPY, ENV, CMD and the like; BuildFailed names the line that it can't do."""
        try:
            text = request.dockerfile.read_text(encoding="utf-8")
        except OSError as err:
            raise BuildFailed(
                f"image was not built: {request.dockerfile} can't be read: {err.strerror}",
                hints=("correct image.build in the manifest, or create the file",),
            ) from err
        with self._store.workspace() as folder:
            try:
                draft = _Build(request, text, Path(folder), self._store, on_line).run()
            except DockerfileError as err:
                raise BuildFailed(f"image was not built: {request.dockerfile}: {err}") from err
            labels = {**_mapping(draft.config["labels"]), **request.labels}
            config = ImageConfig(**{**draft.config, "env": draft.env, "labels": labels})  # type: ignore[arg-type]
            image = self._store.add(draft.rootfs, config)
        for tag in request.tags:
            self._store.tag(image.id, tag)
            on_line(f"tagged {tag}")
        on_line(f"built {image.id}")
        return BuiltImage(id=image.id, tags=tuple(request.tags))

    def login(self, registry: RegistryAccess) -> None:
        """Refuses: see push()."""
        raise _no_push(registry.uri)

    def push(self, reference: str, on_line: OnLine) -> str:
        """Refuses: an image of the host engine runs on this machine only."""
        raise _no_push(reference)


def _no_push(where: str) -> PushFailed:
    return PushFailed(
        f"image was not pushed to {where}: images of the host engine run on the local cloud only",
        hints=(USE_AN_ENGINE,),
    )


class _Build:
    """One build: the stages that the target needs, in order."""

    def __init__(self, request: BuildRequest, text: str, folder: Path, store: ImageStore, on_line: OnLine) -> None:
        self._request = request
        self._folder = folder
        self._store = store
        self._say = on_line
        self._ignore: Ignore = dockerignore.read(request.context, request.dockerfile)
        self._before, self._stages = dockerfile.split_stages(dockerfile.parse(text))
        self._globals = self._global_args()
        self._built: dict[str, Draft] = {}

    def run(self) -> Draft:
        if not self._stages:
            raise DockerfileError(1, "there is no FROM instruction")
        wanted = self._find(self._request.target) if self._request.target else self._stages[-1]
        if wanted is None:
            raise BuildFailed(f"image was not built: the Dockerfile has no stage {self._request.target}")
        return self._stage(wanted)

    def _global_args(self) -> dict[str, str]:
        values = _platform_args(self._request.platform)
        for step in self._before:
            values.update(dockerfile.assignments(step, values))
            values.update({name: value for name, value in self._request.args.items() if name in _declared(step)})
        return values

    def _find(self, name: str, before: Stage | None = None) -> Stage | None:
        for index, stage in enumerate(self._stages):
            if stage is before:
                return None
            if name.lower() in (stage.name, str(index)):
                return stage
        return None

    def _stage(self, stage: Stage) -> Draft:
        if stage.name in self._built:
            return self._built[stage.name]
        self._say(f"line {stage.line}: FROM {stage.base}")
        draft = self._base(stage)
        for step in stage.instructions:
            self._say(f"line {step.line}: {step.keyword} {step.text}".rstrip())
            try:
                self._step(step, draft, stage)
            except (copying.CopyError, OSError) as err:
                raise BuildFailed(
                    f"image was not built: {self._request.dockerfile}:{step.line}: {step.keyword} {step.text}: {err}"
                ) from err
        self._built[stage.name] = draft
        return draft

    def _base(self, stage: Stage) -> Draft:
        name = dockerfile.substitute(stage.base, self._globals)
        rootfs = self._folder / f"stage-{len(self._built)}-{stage.line}"
        earlier = self._find(name, before=stage)
        if earlier is not None:
            built = self._stage(earlier)
            shutil.copytree(built.rootfs, rootfs, symlinks=True)
            return Draft(rootfs=rootfs, config=dict(built.config), env=dict(built.env), shell=built.shell)
        known = self._store.find(name)
        if known is not None:
            shutil.copytree(known.rootfs, rootfs, symlinks=True)
            config = asdict(known.config)
            return Draft(rootfs=rootfs, config=config, env=dict(config.pop("env")))
        rootfs.mkdir()
        config = asdict(ImageConfig(base=name))
        return Draft(rootfs=rootfs, config=config, env=dict(config.pop("env")))

    def _step(self, step: Instruction, draft: Draft, stage: Stage) -> None:
        match step.keyword:
            case "RUN":
                raise self._refuse(step, "the host engine runs no RUN steps")
            case "COPY" | "ADD":
                copying.run(self._copy(step, draft, stage), draft.rootfs)
            case "ENV":
                draft.env.update(dockerfile.assignments(step, draft.values))
            case "ARG":
                self._declare(step, draft)
            case "LABEL":
                labels = dockerfile.assignments(step, draft.values)
                draft.config["labels"] = {**_mapping(draft.config["labels"]), **labels}
            case "WORKDIR":
                path = (
                    copying.absolute(dockerfile.substitute(step.text, draft.values), draft.workdir).rstrip("/") or "/"
                )
                draft.config["workdir"] = path
                copying.inside(draft.rootfs, path).mkdir(parents=True, exist_ok=True)
            case "EXPOSE":
                ports = (*_ports(draft.config["expose"]), *dockerfile.exposed_ports(step, draft.values))
                draft.config["expose"] = tuple(dict.fromkeys(ports))
            case _:
                self._process_step(step, draft)

    def _process_step(self, step: Instruction, draft: Draft) -> None:
        match step.keyword:
            case "ENTRYPOINT":
                # A new entry point drops the base image's command, as Docker does.
                draft.config.update(entrypoint=dockerfile.command(step.text, draft.shell), command=())
            case "CMD":
                draft.config["command"] = dockerfile.command(step.text, draft.shell)
            case "SHELL":
                draft.shell = tuple(dockerfile.json_list(step.text) or ())
                if not draft.shell:
                    raise DockerfileError(step.line, "SHELL needs a JSON list")
            case "STOPSIGNAL":
                draft.config["stop_signal"] = dockerfile.substitute(step.text, draft.values)
            case "HEALTHCHECK":
                check = dockerfile.health_check(step)
                draft.config["health_check"] = asdict(check) if check else None
            case "USER":
                draft.config["user"] = dockerfile.substitute(step.text, draft.values)
                self._say(f"line {step.line}: {_SAID_ONLY['USER']}")
            case keyword if keyword in _SAID_ONLY:
                self._say(f"line {step.line}: {_SAID_ONLY[keyword]}")

    def _copy(self, step: Instruction, draft: Draft, stage: Stage) -> copying.Copy:
        if step.heredoc:
            raise self._refuse(step, "the host engine copies no here-documents")
        *sources, destination = _copy_words(step, draft.values)
        if not sources:
            raise DockerfileError(step.line, f"{step.keyword} needs a source and a destination")
        if step.keyword == "ADD" and any("://" in source or source.startswith("git@") for source in sources):
            raise self._refuse(step, "the host engine downloads nothing")
        origin = dockerfile.substitute(step.flags.get("from", ""), draft.values)
        return copying.Copy(
            root=self._origin(step, origin, stage) if origin else self._request.context,
            sources=sources,
            destination=destination,
            workdir=draft.workdir,
            ignore=Ignore() if origin else self._ignore,
            unpack=step.keyword == "ADD",
        )

    def _origin(self, step: Instruction, name: str, stage: Stage) -> Path:
        earlier = self._find(name, before=stage)
        if earlier is not None:
            return self._stage(earlier).rootfs
        known = self._store.find(name)
        if known is not None:
            return known.rootfs
        raise self._refuse(step, f"the host engine has no image {name} to copy from")

    def _declare(self, step: Instruction, draft: Draft) -> None:
        defaults = dockerfile.assignments(step, draft.values)
        for name in _declared(step):
            known = {**self._globals, **defaults, **self._request.args}
            if name in known:
                draft.args[name] = known[name]

    def _refuse(self, step: Instruction, why: str) -> BuildFailed:
        return BuildFailed(
            f"image was not built: {self._request.dockerfile}:{step.line}: {step.keyword} {step.text}: {why}",
            hints=(USE_AN_ENGINE,),
        )


def _declared(step: Instruction) -> list[str]:
    return [word.partition("=")[0] for word in dockerfile.words(step.text, {})] if step.keyword == "ARG" else []


def _copy_words(step: Instruction, values: Mapping[str, str]) -> list[str]:
    listed = dockerfile.json_list(step.text)
    if listed is not None:
        return [dockerfile.substitute(word, values) for word in listed]
    return dockerfile.words(step.text, values) or [""]


def _mapping(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, Mapping) else {}


def _ports(value: object) -> tuple[int, ...]:
    return tuple(int(port) for port in value) if isinstance(value, tuple | list) else ()


def _platform_args(wanted: str) -> dict[str, str]:
    """The platform arguments that BuildKit sets; https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope."""
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    here = f"linux/{machine}"
    target = wanted.replace("x86_64", "amd64") or here
    values: dict[str, str] = {}
    for prefix, name in (("TARGET", target), ("BUILD", here)):
        system, _, architecture = name.partition("/")
        values |= {f"{prefix}PLATFORM": name, f"{prefix}OS": system, f"{prefix}ARCH": architecture}
    return values
