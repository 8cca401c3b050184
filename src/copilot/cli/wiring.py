"""The composition root: opens the doors that an action is given, and closes them after it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from copilot.clock import Clock, SystemClock
from copilot.errors import Cancelled, CopilotError, WorkspaceError
from copilot.term.console import Console
from copilot.term.progress import Progress
from copilot.term.questions import Ask, ask_on, missing

if TYPE_CHECKING:
    from copilot.actions.context import Context
    from copilot.actions.requests import Credentials
    from copilot.aws.cloud import Cloud
    from copilot.deploy.cancellation import Cancellation
    from copilot.images.engine import Engine
    from copilot.local.clouds import Endpoint, LocalCloud
    from copilot.model.outcome import Outcome
    from copilot.workspace.workspace import Workspace

DIFF_FAILED_EXIT_CODE = 2
DECLINED_EXIT_CODE = 1
"""As the original exits after a refused deletion."""

_TRUE = ("1", "t", "true", "yes")

T = TypeVar("T")


def _open_browser(address: str) -> bool:
    import webbrowser

    return webbrowser.open(address)


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise WorkspaceError(
            "the current directory is gone: it was deleted or moved", hints=("change to one that exists: `cd ~`",)
        ) from None


@dataclass(kw_only=True)
class Wiring:
    """What one process has: a console, an environment, a directory. `local` and `debug` are the root's options."""

    console: Console
    environ: dict[str, str]
    root: Path = field(default_factory=_here)
    clock: Clock = field(default_factory=SystemClock)
    browse: Callable[[str], bool] = _open_browser
    local: bool = False
    debug: bool = False
    engine: str = ""
    confirm_flag: str = "--diff-yes"

    def __post_init__(self) -> None:
        self.local = self._is_always_local

    @property
    def _is_always_local(self) -> bool:
        return self.environ.get("COPILOT_LOCAL", "").lower() in _TRUE

    @property
    def local_by_flag(self) -> bool:
        """Whether the next command needs `--local` to mean the same cloud as this one."""
        return self.local and not self._is_always_local

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

    def require_workspace(self) -> Workspace:
        """The workspace, or WorkspaceError before anything else is touched."""
        from copilot.workspace.workspace import Workspace

        return self.workspace or Workspace.find(self.root)

    @cached_property
    def project(self) -> Workspace:
        """The workspace, or what will be one once an application is bound to this directory."""
        from copilot.workspace.workspace import Workspace

        return self.workspace or Workspace.unbound(self.root)

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
            cloud=self.connect(),
            connect=self.connect,
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
        from copilot.cli.spoken import outcome_as_typed

        try:
            with self.cancellation.installed(), self.progress:
                outcome = action(request, self.context)
        except KeyboardInterrupt:
            raise self._left() from None
        return tell(self.console, outcome_as_typed(outcome, self))

    def _left(self) -> Cancelled:
        """What becomes of what the command had begun when it is left at once."""
        begun = ", ".join(self.progress.under_way)
        if not begun:
            return Cancelled()
        again = "run the same command again: it waits for what still runs, and goes on from there"
        return Cancelled(f"cancelled: left while at work on {begun}, which may go on by itself", hints=(again,))

    def require_diff_answer(self, given: Mapping[str, Any]) -> None:
        """Refuses a `--diff` that nobody is there to agree with, before anything is built."""
        if given["diff"] and not given["diff_yes"] and not self.console.can_ask:
            raise missing(self.confirm_flag, "or only look: `package --diff` shows the same and deploys nothing")

    def package(self, action: Callable[..., Outcome], request: Any) -> int:
        """The same for an action that may only compare: there 1 means a difference, so a failure is 2."""
        try:
            return self.run(action, request)
        except CopilotError as error:
            if request.diff:
                error.exit_code = DIFF_FAILED_EXIT_CODE
            raise

    def decline(self, message: str) -> int:
        """The person said no; that is no failure of the command, but scripts must see that nothing was done."""
        self.console.say(message)
        return DECLINED_EXIT_CODE

    def read(self, action: Callable[..., Any], *arguments: Any) -> Any:
        """What a describing action answers."""
        with self.progress:
            return action(*arguments, self.context)

    def connect(self, given: Credentials | None = None) -> Cloud:
        """AWS or the local cloud, with the usual credentials unless others are given."""
        from copilot.aws.cloud import Cloud
        from copilot.aws.connection import Keys

        key_id, secret, token = (
            (given.access_key_id, given.secret_access_key, given.session_token) if given else ("", "", "")
        )
        endpoint = self.start_local_cloud() if self.local else None
        if endpoint and not key_id:
            key_id, secret = endpoint.access_key, endpoint.secret_key
        return Cloud.connect(
            profile=given.profile if given and not endpoint else "",
            region=(given.region if given else "") or (endpoint.region if endpoint else ""),
            keys=Keys(access_key_id=key_id, secret_access_key=secret, session_token=token) if key_id else None,
            endpoint=endpoint.url if endpoint else "",
            environ=self.environ,
            clock=self.clock,
        )

    def use_local_cloud(self, engine: str = "") -> None:
        """From here on everything means the local cloud, which is started if it does not run."""
        self.local, self.engine = True, engine
        self.start_local_cloud()

    def start_local_cloud(self) -> Endpoint:
        """The local cloud's endpoint; starting it is said aloud. One that runs with another engine is refused."""
        running = self.local_cloud.endpoint()
        if running:
            return self.local_cloud.start(engine=self.engine) if self.engine else running
        self.console.note("Starting the local cloud.")
        return self.local_cloud.start(engine=self.engine)

    def _engine(self) -> Engine:
        from copilot.images import engines

        if not self.local:
            return engines.require_builder(self.engine or None, self.environ)
        return engines.choose(self.local_cloud.status().engine or None, self.environ)

    def _confirm(self, question: str) -> bool:
        with self.progress.paused():
            return self.ask.confirm(question, flag=self.confirm_flag)

    def _show(self, text: str) -> None:
        with self.progress.paused():
            self.console.data(text)


def pass_wiring(function: Callable[..., T]) -> Callable[..., T]:
    """Give a command's function the wiring of the process as its first argument."""

    @functools.wraps(function)
    def wired(*arguments: Any, **given: Any) -> T:
        return function(click.get_current_context().find_object(Wiring), *arguments, **given)

    return wired
