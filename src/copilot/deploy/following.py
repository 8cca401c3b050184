"""A stack's deployment, followed to its end: what happens is told as events, and an end that is not good is raised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from copilot.aws.stack_records import DeployedStack, StackEvent
from copilot.aws.stacks import Stacks
from copilot.cfn.template import Stack
from copilot.clock import Clock
from copilot.deploy.cancellation import Cancellation
from copilot.deploy.progress import descriptions, is_consequence, resource_event, state_of
from copilot.errors import AWSError, Cancelled, StackFailed
from copilot.model.events import Event, State

SHORTEST_POLL_SECONDS = 0.25
LONGEST_POLL_SECONDS = 4.0
POLLS_PER_AGE = 6
"""An operation that has taken six seconds may be over a second before it is noticed, one of a minute four."""

TIMEOUT_SECONDS = 90 * 60

GOOD_ENDS = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"})

_GOES_ON = "what was begun goes on by itself; run the same command again to follow it to its end"


class Watch(Protocol):
    """Looks at what a stack's resource is doing while the stack is in progress."""

    def look(self, events: Iterable[StackEvent]) -> Iterable[Event]:
        """Called at every poll with the stack's new events."""

    def findings(self) -> str:
        """What was seen that explains a failure; empty when nothing was."""


@dataclass(frozen=True, kw_only=True)
class StackDeployment:
    """A wanted stack with all that its deployment needs.

    `upload` puts a template into S3 and returns its URL; without it the template must fit into the request.
    `deployed` and `template` are what was observed, so that nothing is read twice.
    """

    stack: Stack
    stacks: Stacks
    clock: Clock
    cancellation: Cancellation
    observe: Callable[[Event], None]
    label: str
    deployed: DeployedStack | None = None
    template: str = ""
    role_arn: str = ""
    disable_rollback: bool = False
    detach: bool = False
    upload: Callable[[str], str] | None = None
    watches: tuple[Watch, ...] = field(default_factory=tuple)

    @property
    def path(self) -> tuple[str, ...]:
        return (self.stack.name,)

    def tell(self, state: State, status: str = "", detail: str = "") -> None:
        self.observe(Event(path=self.path, state=state, label=self.label, status=status, detail=detail))


def follow(deployment: StackDeployment, stack_id: str, *, token: str = "") -> None:
    """Tells the stack's events until its operation ends; raises when it did not end well."""
    _Follower(deployment, stack_id, token).run()


def follow_running(deployment: StackDeployment) -> None:
    """Follows an operation that somebody else began; how it ends is not ours to judge."""
    deployed = deployment.stacks.find(deployment.stack.name)
    if deployed is not None and deployed.is_busy:
        _Follower(deployment, deployed.id, "", judge=False).run_from_here()


class _Follower:
    """Polls one operation's events until the stack's own event says that it is over."""

    def __init__(self, deployment: StackDeployment, stack_id: str, token: str, *, judge: bool = True) -> None:
        self.deployment = deployment
        self.stack_id = stack_id
        self.token = token
        self.judge = judge
        self.labels: Mapping[str, str] = descriptions(deployment.stack.template)
        self.failures: list[str] = []
        self.seen = ""
        self.cancelling = False
        self.takes_back_creation = False

    def run_from_here(self) -> None:
        """The rest of an operation under way: what was before it is passed over."""
        events = self.deployment.stacks.events(self.stack_id)
        before = [event.id for event in events if event.is_of_stack and not event.status.endswith("_IN_PROGRESS")]
        if before and before[-1] == events[-1].id:
            return
        self.seen = before[-1] if before else ""
        self.run()

    def run(self) -> StackEvent:
        with self.deployment.cancellation.listening():
            try:
                return self._run()
            except AWSError as error:
                if not isinstance(error, StackFailed):
                    error.hints = (*error.hints, _GOES_ON)
                raise

    def _run(self) -> StackEvent:
        clock, cancellation = self.deployment.clock, self.deployment.cancellation
        started = clock.monotonic()
        while (age := clock.monotonic() - started) < TIMEOUT_SECONDS:
            last = self._poll()
            if last is not None:
                return self._end(last)
            if cancellation.is_requested and not self.cancelling and self.seen:
                self._cancel()
            cancellation.pause(min(max(SHORTEST_POLL_SECONDS, age / POLLS_PER_AGE), LONGEST_POLL_SECONDS))
        raise StackFailed(
            f"stack {self.deployment.stack.name} did not finish: 90 minutes have passed",
            hints=("look at its events in the CloudFormation console",),
        )

    def _poll(self) -> StackEvent | None:
        events = self.deployment.stacks.events(self.stack_id, after=self.seen, token=self.token)
        if events:
            self.seen = events[-1].id
        last = None
        for event in events:
            if event.is_of_stack:
                last = self._stack_event(event)
            else:
                self._resource_event(event)
        for watch in self.deployment.watches:
            for update in watch.look(events):
                self.deployment.observe(update)
        return last

    def _stack_event(self, event: StackEvent) -> StackEvent | None:
        # A creation that ended before its deletion began is no end: the deletion follows.
        final = not event.status.endswith("_IN_PROGRESS") and not (
            self.takes_back_creation and event.status in ("CREATE_COMPLETE", "CREATE_FAILED")
        )
        if not final:
            reason = "" if event.reason == "User Initiated" else event.reason
            self.deployment.tell(State.RUNNING, event.status.lower().replace("_", " "), reason)
        return event if final else None

    def _resource_event(self, event: StackEvent) -> None:
        if event.status.endswith("_FAILED") and not is_consequence(event.reason):
            self.failures.append(f"{event.logical_id} ({event.type}): {event.reason}")
        update = resource_event(self.deployment.path, event, self.labels)
        if update is not None:
            self.deployment.observe(update)

    def _cancel(self) -> None:
        """A first creation is taken back by deleting it, an update by rolling it back."""
        self.cancelling = True
        stacks = self.deployment.stacks
        deployed = stacks.find(self.stack_id)
        status = deployed.status if deployed else ""
        if status in ("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"):
            self.takes_back_creation = True
            self.deployment.tell(State.RUNNING, "stopping", "the unfinished stack is being deleted")
            stacks.delete(self.stack_id, token=self.deployment.clock.uuid())
        elif status == "UPDATE_IN_PROGRESS":
            self.deployment.tell(State.RUNNING, "stopping", "the update is being rolled back")
            self._cancel_update()
        self.token = ""

    def _cancel_update(self) -> None:
        try:
            self.deployment.stacks.cancel_update(self.deployment.stack.name)
        except AWSError:
            now = self.deployment.stacks.find(self.stack_id)
            if now is not None and now.status == "UPDATE_IN_PROGRESS":
                raise
            # It ended by itself meanwhile: its last event tells how.

    def _end(self, last: StackEvent) -> StackEvent:
        name = self.deployment.stack.name
        if self.takes_back_creation and last.status == "ROLLBACK_COMPLETE":
            # The creation failed by itself before its deletion began.
            self.takes_back_creation = False
            self.deployment.stacks.delete(self.stack_id, token=self.deployment.clock.uuid())
            return self._run()
        self.deployment.tell(state_of(last.status), last.status.lower().replace("_", " "))
        if self.cancelling:
            raise Cancelled(
                f"deployment of {name} stopped: its stack is now {last.status.lower().replace('_', ' ')}",
                hints=("run the same command again to go on",),
            )
        if not self.judge or last.status in GOOD_ENDS:
            return last
        raise StackFailed(
            f"stack {name} was not deployed: it ended in {last.status}",
            details="\n\n".join(part for part in ("\n".join(self.failures), *self._findings()) if part),
            hints=self._hints(last.status),
        )

    def _findings(self) -> list[str]:
        return [watch.findings() for watch in self.deployment.watches]

    def _hints(self, status: str) -> tuple[str, ...]:
        name = self.deployment.stack.name
        if self.deployment.disable_rollback:
            role = f" --role-arn {self.deployment.role_arn}" if self.deployment.role_arn else ""
            return (f"to roll back by hand: aws cloudformation rollback-stack --stack-name {name}{role}",)
        if status == "DELETE_FAILED":
            return ("mend what the reasons above name, then run the same command again",)
        if status == "ROLLBACK_COMPLETE":
            return ("mend what the reasons above name, then run the same command again",)
        return ("mend what the reasons above name and deploy again; until then the previous version runs",)
