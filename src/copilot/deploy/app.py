"""Carries out changes of an application's own resources: the roles stack and the stack set.

The stack set's template is the list of registered workloads and accounts, and its version counter is the lock that
writers share: an update says which version it makes, and the second of two writers must look again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from copilot import TEMPLATE_VERSION, cfn, names
from copilot.aws.cloud import Cloud
from copilot.aws.stack_sets import StackSetRequest
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

Change = Callable[[StackSetState], StackSetState]


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

    A change that changes nothing costs one read, unless `always`. Raises StackBusy when other writers hold the lock
    for too long.
    """
    path = (names.stack_set(app.name),)
    for attempt in range(LOCK_ATTEMPTS):
        current = read_state(cloud, app.name)
        wanted = change(current)
        if wanted == current and not always:
            observe(Event(path=path, state=State.UNCHANGED, label=label, status="unchanged"))
            return current
        observe(Event(path=path, state=State.RUNNING, label=label, status="updating"))
        try:
            _update(cloud, app, replace(wanted, version=current.version + 1))
        except StackBusy:
            observe(Event(path=path, state=State.WAITING, label=label, status="another writer holds it"))
            clock.sleep(min(FIRST_WAIT_SECONDS * 2**attempt, LONGEST_WAIT_SECONDS))
            continue
        observe(Event(path=path, state=State.DONE, label=label, status="updated"))
        return wanted
    raise StackBusy(
        f"stack set {names.stack_set(app.name)} can't be changed: another writer holds it",
        hints=("wait for the other deployment to end, then run the same command again",),
    )


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


def ensure_region(cloud: Cloud, app: App, region: str, *, observe: Callable[[Event], None]) -> None:
    """Makes sure that the stack set has an instance in the region; instances live in the application's account."""
    name = names.stack_set(app.name)
    path = (name, region)
    label = f"Application resources in {region}"
    if any(instance.region == region for instance in cloud.stack_sets.instances(name)):
        observe(Event(path=path, state=State.UNCHANGED, label=label, status="unchanged"))
        return
    observe(Event(path=path, state=State.RUNNING, label=label, status="creating"))
    operation = cloud.stack_sets.create_instances(name, accounts=[app.account], regions=[region])
    cloud.stack_sets.wait_operation(name, operation)
    observe(Event(path=path, state=State.DONE, label=label, status="created"))
