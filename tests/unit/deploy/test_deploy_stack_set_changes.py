"""Laws of the changes to what a stack set's template remembers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from copilot.deploy.app import with_account, with_workloads, without_account, without_workload
from copilot.stacks.app import StackSetState
from copilot.stacks.facts import RegisteredWorkload

NAMES = some.sampled_from(["api", "web", "worker", "site", "jobs"])
WORKLOADS = some.lists(
    some.builds(RegisteredWorkload, name=NAMES, has_repository=some.booleans()), unique_by=lambda w: w.name
)
ACCOUNTS = some.lists(some.sampled_from(["1" * 12, "2" * 12, "3" * 12]), unique=True)
STATES = some.builds(
    lambda workloads, accounts: StackSetState(
        version=3,
        template_version="v1.2.0",
        workloads=tuple(sorted(workloads, key=lambda w: w.name)),
        accounts=tuple(sorted(accounts)),
    ),
    WORKLOADS,
    ACCOUNTS,
)


@given(STATES, WORKLOADS)
def test_registering_twice_is_registering_once(state: StackSetState, added: list[RegisteredWorkload]) -> None:
    change = with_workloads(added)
    assert change(change(state)) == change(state)


@given(STATES, WORKLOADS)
def test_the_order_of_registrations_does_not_matter(state: StackSetState, added: list[RegisteredWorkload]) -> None:
    shuffled = added[::-1]
    assert with_workloads(shuffled)(state) == with_workloads(added)(state)
    one_by_one = state
    for workload in shuffled:
        one_by_one = with_workloads([workload])(one_by_one)
    assert one_by_one == with_workloads(added)(state)


@given(STATES, WORKLOADS)
def test_registering_keeps_what_is_registered(state: StackSetState, added: list[RegisteredWorkload]) -> None:
    changed = with_workloads(added)(state)
    assert set(state.workloads) <= set(changed.workloads)
    assert {w.name for w in changed.workloads} == {w.name for w in (*state.workloads, *added)}
    assert (changed.accounts, changed.version) == (state.accounts, state.version)


@given(STATES, NAMES)
def test_forgetting_what_was_registered_anew_leaves_nothing_of_it(state: StackSetState, name: str) -> None:
    forgotten = without_workload(name)(state)
    assert without_workload(name)(with_workloads([RegisteredWorkload(name=name)])(forgotten)) == forgotten


@given(STATES, some.sampled_from(["1" * 12, "9" * 12]))
def test_an_account_is_there_once_or_not_at_all(state: StackSetState, account: str) -> None:
    added = with_account(account)(state)
    assert added.accounts.count(account) == 1
    assert with_account(account)(added) == added
    assert account not in without_account(account)(added).accounts
    assert set(without_account(account)(added).accounts) == set(state.accounts) - {account}
