"""Builds a workload's image and brings it to where ECS finds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot import TEMPLATE_VERSION
from copilot.aws.repositories import Repositories
from copilot.errors import AWSError, BuildFailed, NotFound, PushFailed
from copilot.images.engine import BuildRequest, Engine, RegistryAccess
from copilot.images.publish import publish
from copilot.manifest.parts.image import Build
from copilot.manifest.parts.task import Platform
from copilot.model.events import Event, State

LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageWork:
    """One image to build: `tag` is the user's or the commit's, empty when there is none."""

    container: str
    build: Build
    platform: Platform | None
    root: Path
    repository: str
    tag: str
    path: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Image of {self.container}"


def build_and_publish(
    work: ImageWork, engine: Engine, repositories: Repositories, observe: Callable[[Event], None]
) -> str:
    """The reference that the stack runs: by tag where there is one, else by digest."""

    def on_line(line: str) -> None:
        observe(Event(path=work.path, state=State.RUNNING, label=work.label, lines=(line,)))

    def tell(state: State, status: str) -> None:
        observe(Event(path=work.path, state=state, label=work.label, status=status))

    tell(State.RUNNING, f"building with {engine.name}")
    try:
        built = engine.build(build_request(work), on_line)
        tell(State.RUNNING, "publishing")
        login = repositories.login()
        registry = RegistryAccess(
            uri=work.repository, username=login.username, password=login.password, is_loopback=login.is_loopback
        )
        published = publish(engine, built, registry, on_line)
        if login.is_loopback:
            repositories.record(work.repository.partition("/")[2], digest=built.id, tags=_tags(work))
    except BaseException as error:
        tell(State.FAILED, "failed")
        if isinstance(error, BuildFailed):
            raise _named(error, work) from error
        if isinstance(error, PushFailed | AWSError):
            _require_repository(work, repositories)
        raise
    tell(State.DONE, "published")
    return f"{work.repository}:{work.tag}" if work.tag else published.reference


def _named(error: BuildFailed, work: ImageWork) -> BuildFailed:
    """The failure, saying whose image it was: several are built at once."""
    message = error.message.removeprefix("image was not built: ")
    hints = error.hints or (f"correct {work.build.dockerfile} and run the same command again",)
    return BuildFailed(f"image of {work.container} was not built: {message}", hints=hints, details=error.details)


def _require_repository(work: ImageWork, repositories: Repositories) -> None:
    """Tells an image that has no place to go to from one that did not get there."""
    registry, _, name = work.repository.partition("/")
    region = registry.split(".")[3]
    if repositories.find(name) is None:
        raise NotFound(
            f"image of {work.container} can't be published: repository {name} does not exist in {registry}",
            hints=(
                f"if its making was interrupted: `copilot svc init --name {work.container}`",
                f"if somebody deleted it: `aws ecr create-repository --region {region} --repository-name {name}`",
            ),
        )


def build_request(work: ImageWork) -> BuildRequest:
    """The engine's request, with the original's labels and the platform that tasks run on."""
    return BuildRequest(
        dockerfile=work.root / work.build.dockerfile,
        context=work.root / work.build.context,
        args=work.build.args,
        target=work.build.target or "",
        cache_from=work.build.cache_from,
        platform=build_platform(work.platform),
        tags=[f"{work.repository}:{tag}" for tag in _tags(work)],
        labels={
            "com.aws.copilot.image.builder": "copilot-cli",
            "com.aws.copilot.image.version": TEMPLATE_VERSION,
            "com.aws.copilot.image.container.name": work.container,
        },
    )


def _tags(work: ImageWork) -> Sequence[str]:
    return tuple(dict.fromkeys([LATEST, work.tag])) if work.tag else (LATEST,)


def build_platform(platform: Platform | None) -> str:
    """`--platform` of the build; tasks run on linux/x86_64 unless the manifest says otherwise."""
    return platform.docker if platform else "linux/x86_64"
