"""Carries out changes of an application's own resources: the roles stack and the stack set.

The stack set's template is the list of registered workloads and accounts, and its version counter is the lock that
writers share: an update says which version it makes, and the second of two writers must look again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from copilot import TEMPLATE_VERSION, cfn, names
from copilot.aws.cloud import Cloud
from copilot.aws.parallel import together
from copilot.aws.stack_sets import Operation, StackSetRequest
from copilot.clock import Clock
from copilot.errors import AlreadyExists, NotFound, StackBusy
from copilot.model.events import Event, State
from copilot.model.records import App
from copilot.stacks.app import StackSetState, read_stack_set_metadata, stack_set_template
from copilot.stacks.facts import RegisteredWorkload, partition_of

DESCRIPTION = "What the application shares in a region: image repositories, a key and an artifact bucket"
LOCK_ATTEMPTS = 20
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 15.0
BROKEN_OPERATIONS = frozenset({"FAILED", "STOPPED"})
CURRENT = "CURRENT"

Change = Callable[[StackSetState], StackSetState]
T = TypeVar("T")


def create_stack_set(cloud: Cloud, app: App) -> None:
    """Creates the empty stack set; one that is there is left as it is."""
    request = _request(cloud, app, StackSetState(version=0, template_version=TEMPLATE_VERSION))
    with contextlib.suppress(AlreadyExists):
        cloud.stack_sets.create(request)


def change_stack_set(
    cloud: Cloud,
    app: App,
    change: Change,
    *,
    clock: Clock,
    observe: Callable[[Event], None],
    label: str,
    always: bool = False,
) -> StackSetState:
    """Applies a change to the registered workloads and accounts and waits until every region has it.

    A change that changes nothing costs one round trip, unless `always`, or unless the last operation did not reach
    every region. Raises StackBusy when other writers hold the lock for too long.
    """
    name = names.stack_set(app.name)

    def tell(state: State, status: str) -> None:
        observe(Event(path=(name,), state=state, label=label, status=status))

    def attempt() -> StackSetState:
        current, operations = together(lambda: read_state(cloud, app.name), lambda: cloud.stack_sets.operations(name))
        if any(operation.is_running for operation in operations):
            raise _busy(name)
        wanted = change(current)
        if wanted == current and not always and not _is_broken(operations):
            tell(State.UNCHANGED, "unchanged")
            return current
        tell(State.RUNNING, "updating")
        _update(cloud, app, replace(wanted, version=current.version + 1))
        tell(State.DONE, "updated")
        return replace(wanted, version=current.version + 1)

    return _once_free(cloud, name, attempt, clock=clock, tell=tell)


def _once_free(
    cloud: Cloud, name: str, attempt: Callable[[], T], *, clock: Clock, tell: Callable[[State, str], None]
) -> T:
    """The attempt's result, made again whenever somebody else's operation was in its way."""
    for number in range(LOCK_ATTEMPTS):
        try:
            return attempt()
        except StackBusy:
            tell(State.WAITING, "another writer holds it")
            cloud.stack_sets.wait_idle(name)
            clock.sleep(min(FIRST_WAIT_SECONDS * number, LONGEST_WAIT_SECONDS))
    raise _busy(name)


def _busy(name: str) -> StackBusy:
    return StackBusy(
        f"stack set {name} can't be changed: another writer holds it",
        hints=("wait for the other deployment to end, then run the same command again",),
    )


def _is_broken(operations: Sequence[Operation]) -> bool:
    """The newest operation left regions behind the template."""
    return bool(operations) and operations[0].status in BROKEN_OPERATIONS


def read_state(cloud: Cloud, app: str) -> StackSetState:
    summary = cloud.stack_sets.summary(names.stack_set(app))
    if summary is None:
        raise NotFound(
            f"stack set {names.stack_set(app)} does not exist: application {app} is incomplete",
            hints=(f"copilot app init {app}",),
        )
    return read_stack_set_metadata(summary.metadata)


def _update(cloud: Cloud, app: App, wanted: StackSetState) -> None:
    name = names.stack_set(app.name)
    operation = cloud.stack_sets.update(_request(cloud, app, wanted), operation_id=str(wanted.version))
    cloud.stack_sets.wait_operation(name, operation)


def _request(cloud: Cloud, app: App, state: StackSetState) -> StackSetRequest:
    template = stack_set_template(app, workloads=state.workloads, accounts=state.accounts, version=state.version)
    role = names.admin_role(app.name)
    return StackSetRequest(
        name=names.stack_set(app.name),
        template_body=cfn.dump(template),
        description=DESCRIPTION,
        administration_role_arn=f"arn:{partition_of(cloud.region)}:iam::{app.account}:role/{role}",
        execution_role_name=names.execution_role(app.name),
        tags={**app.tags, names.APP_TAG: app.name},
    )


def with_workloads(added: Iterable[RegisteredWorkload]) -> Change:
    """Registers workloads; ones that are there stay as they are."""
    new = {workload.name: workload for workload in added}

    def change(state: StackSetState) -> StackSetState:
        known = {workload.name: workload for workload in state.workloads}
        merged = {**new, **known}
        return replace(state, workloads=tuple(merged[name] for name in sorted(merged)))

    return change


def without_workload(name: str) -> Change:
    def change(state: StackSetState) -> StackSetState:
        return replace(state, workloads=tuple(w for w in state.workloads if w.name != name))

    return change


def with_account(account: str) -> Change:
    def change(state: StackSetState) -> StackSetState:
        return replace(state, accounts=tuple(sorted({*state.accounts, account})))

    return change


def without_account(account: str) -> Change:
    def change(state: StackSetState) -> StackSetState:
        return replace(state, accounts=tuple(a for a in state.accounts if a != account))

    return change


def ensure_region(cloud: Cloud, app: App, region: str, *, clock: Clock, observe: Callable[[Event], None]) -> None:
    """Makes sure that the stack set's instance in the region is there and whole.

    Instances live in the application's account. One that an interrupted operation left behind is brought up to date.
    """
    name = names.stack_set(app.name)
    label = f"Application resources in {region}"

    def tell(state: State, status: str) -> None:
        observe(Event(path=(name, region), state=state, label=label, status=status))

    def attempt() -> None:
        found = cloud.stack_sets.instances(name, region=region)
        if found and all(instance.status == CURRENT for instance in found):
            tell(State.UNCHANGED, "unchanged")
            return
        tell(State.RUNNING, "mending" if found else "creating")
        if found:
            state = read_state(cloud, app.name)
            _update(cloud, app, replace(state, version=state.version + 1))
        else:
            operation = cloud.stack_sets.create_instances(name, accounts=[app.account], regions=[region])
            cloud.stack_sets.wait_operation(name, operation)
        tell(State.DONE, "mended" if found else "created")

    _once_free(cloud, name, attempt, clock=clock, tell=tell)


def remove_regions(
    cloud: Cloud, app: App, regions: Iterable[str], *, clock: Clock, observe: Callable[[Event], None]
) -> None:
    """Deletes the stack set's instances in the regions; ones that are gone, or going, are fine."""
    name, wanted = names.stack_set(app.name), frozenset(regions)
    label = f"Application resources in {', '.join(sorted(wanted))}"

    def tell(state: State, status: str) -> None:
        observe(Event(path=(name, *sorted(wanted)), state=state, label=label, status=status))

    def attempt() -> None:
        found = [instance for instance in cloud.stack_sets.instances(name) if instance.region in wanted]
        if not found:
            return
        tell(State.RUNNING, "deleting")
        operation = cloud.stack_sets.delete_instances(
            name,
            accounts=sorted({instance.account for instance in found}),
            regions=sorted({instance.region for instance in found}),
        )
        cloud.stack_sets.wait_operation(name, operation)
        tell(State.DONE, "deleted")

    _once_free(cloud, name, attempt, clock=clock, tell=tell)


def delete_stack_set(cloud: Cloud, app: App, *, clock: Clock, observe: Callable[[Event], None]) -> None:
    """Deletes the stack set, which has no instances any more; one that is gone is fine."""
    name = names.stack_set(app.name)

    def tell(state: State, status: str) -> None:
        observe(Event(path=(name,), state=state, label="Application resources", status=status))

    _once_free(cloud, name, lambda: cloud.stack_sets.delete(name), clock=clock, tell=tell)
    tell(State.DONE, "deleted")
