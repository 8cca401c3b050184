"""What every action is given: the doors to the outside, opened by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from copilot.errors import UsageError, WorkspaceError
from copilot.registry.registry import Registry

if TYPE_CHECKING:
    from copilot.actions.requests import Credentials
    from copilot.aws.cloud import Cloud
    from copilot.clock import Clock
    from copilot.deploy.cancellation import Cancellation
    from copilot.images.engine import Engine
    from copilot.model.events import Event
    from copilot.workspace.workspace import Workspace

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Context:
    """`observe` hears progress, `confirm` asks yes or no (False changes nothing), `show` prints data.

    `connect` opens a cloud with other credentials. `environ` is the process environment that manifests interpolate
    from; `root` is where the command was typed.
    """

    cloud: Cloud
    connect: Callable[[Credentials], Cloud]
    workspace: Workspace | None
    engine: Callable[[], Engine]
    observe: Callable[[Event], None]
    confirm: Callable[[str], bool]
    show: Callable[[str], None]
    clock: Clock
    cancellation: Cancellation
    environ: dict[str, str]
    root: Path

    @property
    def registry(self) -> Registry:
        return Registry(self.cloud)

    def require_workspace(self) -> Workspace:
        if self.workspace is None:
            raise WorkspaceError(
                f"no workspace found: neither {self.root} nor a directory above it has a copilot/ directory",
                hints=("run `copilot app init` in the root of your project, or change into it",),
            )
        return self.workspace

    def app_name(self, name: str = "") -> str:
        """The named app, else the workspace's."""
        if name:
            return name
        if self.workspace is not None and self.workspace.app:
            return self.workspace.app
        raise UsageError("--app is required: there is no workspace here", hints=("name one: `--app NAME`",))
