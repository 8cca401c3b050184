"""The composition root: opens the doors that an action is given, and closes them after it."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from copilot.clock import Clock, SystemClock
from copilot.term.console import Console
from copilot.term.progress import Progress
from copilot.term.questions import Ask, ask_on

if TYPE_CHECKING:
    from copilot.actions.context import Context
    from copilot.aws.cloud import Cloud
    from copilot.deploy.cancellation import Cancellation
    from copilot.images.engine import Engine
    from copilot.local.clouds import Endpoint, LocalCloud
    from copilot.model.outcome import Outcome
    from copilot.workspace.workspace import Workspace

_TRUE = ("1", "t", "true", "yes")


@dataclass(kw_only=True)
class Wiring:
    """What one process has: a console, an environment, a directory. `local` and `debug` are the root's options."""

    console: Console
    environ: dict[str, str]
    root: Path = field(default_factory=Path.cwd)
    clock: Clock = field(default_factory=SystemClock)
    browse: Callable[[str], bool] = webbrowser.open
    local: bool = False
    debug: bool = False
    engine: str = ""

    def __post_init__(self) -> None:
        self.local = self.environ.get("COPILOT_LOCAL", "").lower() in _TRUE

    @cached_property
    def ask(self) -> Ask:
        return ask_on(self.console)

    @cached_property
    def progress(self) -> Progress:
        return Progress(self.console, monotonic=self.clock.monotonic)

    @cached_property
    def cancellation(self) -> Cancellation:
        from copilot.deploy.cancellation import Cancellation

        return Cancellation()

    @cached_property
    def workspace(self) -> Workspace | None:
        """The workspace that the command was typed in, if it was."""
        from copilot.workspace.workspace import Workspace

        return Workspace.find_or_none(self.root)

    @cached_property
    def local_cloud(self) -> LocalCloud:
        """The cloud of this workspace, or of this directory."""
        from copilot.local.clouds import LocalCloud

        return LocalCloud.at(self.workspace.root if self.workspace else self.root, self.environ)

    @cached_property
    def context(self) -> Context:
        """Everything that an action may touch."""
        from copilot.actions.context import Context

        return Context(
            cloud=self._cloud(),
            workspace=self.workspace,
            engine=self._engine,
            observe=self.progress.observe,
            confirm=self._confirm,
            show=self._show,
            clock=self.clock,
            cancellation=self.cancellation,
            environ=self.environ,
            root=self.root,
        )

    def run(self, action: Callable[..., Outcome], request: Any) -> int:
        """One action from start to end: its progress, its outcome, the exit code."""
        from copilot.cli.outcomes import tell

        with self.cancellation.installed(), self.progress:
            outcome = action(request, self.context)
        return tell(self.console, outcome)

    def read(self, action: Callable[..., Any], *arguments: Any) -> Any:
        """What a describing action answers."""
        with self.progress:
            return action(*arguments, self.context)

    def _cloud(self) -> Cloud:
        from copilot.aws.cloud import Cloud
        from copilot.aws.connection import Keys

        if not self.local:
            return Cloud.connect(environ=self.environ)
        endpoint = self.start_local_cloud()
        keys = Keys(access_key_id=endpoint.access_key, secret_access_key=endpoint.secret_key)
        return Cloud.connect(region=endpoint.region, keys=keys, endpoint=endpoint.url)

    def start_local_cloud(self) -> Endpoint:
        """The local cloud's endpoint; starting it is said aloud."""
        running = self.local_cloud.endpoint()
        if running:
            return running
        self.console.note("Starting the local cloud.")
        return self.local_cloud.start(engine=self.engine)

    def _engine(self) -> Engine:
        from copilot.images import engines

        preferred = self.engine or (self.local_cloud.status().engine if self.local else "")
        return engines.choose(preferred or None, self.environ)

    def _confirm(self, question: str) -> bool:
        with self.progress.paused():
            return self.ask.confirm(question, flag="--yes")

    def _show(self, text: str) -> None:
        with self.progress.paused():
            self.console.data(text)


pass_wiring = click.make_pass_decorator(Wiring)
