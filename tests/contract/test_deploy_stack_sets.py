"""Changing what an application shares, on the local cloud: several writers, and what killed ones left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from copilot import names
from copilot.aws.cloud import Cloud
from copilot.clock import SystemClock
from copilot.deploy.app import (
    Change,
    change_stack_set,
    create_stack_set,
    delete_stack_set,
    ensure_region,
    read_state,
    remove_regions,
    with_account,
    with_workloads,
)
from copilot.errors import NotFound
from copilot.model.events import Event, State
from copilot.model.records import App
from copilot.stacks.app import StackSetState
from copilot.stacks.facts import RegisteredWorkload

CLOCK = SystemClock()


class Scene:
    """An application with an empty stack set, and what was told about it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.app = App(name="shop", account=cloud.account)
        self.name = names.stack_set("shop")
        self.told: list[Event] = []
        create_stack_set(cloud, self.app)

    def change(self, change: Change, *, always: bool = False) -> StackSetState:
        return change_stack_set(
            self.cloud, self.app, change, clock=CLOCK, observe=self.told.append, label="shared", always=always
        )

    def ensure(self, region: str) -> None:
        ensure_region(self.cloud, self.app, region, clock=CLOCK, observe=self.told.append)

    def remove(self, *regions: str) -> None:
        remove_regions(self.cloud, self.app, regions, clock=CLOCK, observe=self.told.append)

    @property
    def state(self) -> StackSetState:
        return read_state(self.cloud, "shop")

    def operations(self) -> list[str]:
        return [operation.status for operation in self.cloud.stack_sets.operations(self.name)]


@pytest.fixture
def scene(connection: Cloud) -> Scene:
    return Scene(connection)


def workload(name: str) -> Change:
    return with_workloads([RegisteredWorkload(name=name)])


def test_creating_the_stack_set_again_keeps_what_is_in_it(scene: Scene) -> None:
    scene.change(workload("web"))
    create_stack_set(scene.cloud, scene.app)
    assert [w.name for w in scene.state.workloads] == ["web"]


def test_a_change_counts_the_version_up_and_no_change_does_not(scene: Scene) -> None:
    first = scene.change(workload("web"))
    assert (scene.state, first.version) == (first, 1)
    scene.change(workload("web"))
    assert scene.state.version == 1
    assert scene.told[-1].state is State.UNCHANGED
    scene.change(lambda state: state, always=True)
    assert scene.state.version == 2


def test_of_writers_at_the_same_time_every_change_survives(scene: Scene) -> None:
    scene.ensure(scene.cloud.region)
    changes = [*(workload(name) for name in ("a", "b", "c")), with_account("2" * 12)]
    with ThreadPoolExecutor(len(changes)) as pool:
        list(pool.map(scene.change, changes))
    state = scene.state
    assert [w.name for w in state.workloads] == ["a", "b", "c"]
    assert state.accounts == ("2" * 12,)
    assert state.version == len(changes)


def test_a_region_is_made_once(scene: Scene) -> None:
    scene.ensure("eu-west-1")
    before = scene.operations()
    scene.ensure("eu-west-1")
    assert scene.operations() == before
    assert scene.told[-1].state is State.UNCHANGED
    (instance,) = scene.cloud.stack_sets.instances(scene.name)
    assert (instance.region, instance.account, instance.status) == ("eu-west-1", scene.app.account, "CURRENT")


def test_two_who_need_the_same_region_both_get_it(scene: Scene) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(scene.ensure, ["eu-west-1", "eu-west-1"]))
    assert [i.status for i in scene.cloud.stack_sets.instances(scene.name)] == ["CURRENT"]


def test_a_region_that_a_killed_command_began_is_waited_for(scene: Scene) -> None:
    scene.cloud.stack_sets.create_instances(scene.name, accounts=[scene.app.account], regions=["eu-west-1"])
    scene.ensure("eu-west-1")
    assert [i.status for i in scene.cloud.stack_sets.instances(scene.name)] == ["CURRENT"]


def test_a_change_that_a_killed_command_began_is_waited_for(scene: Scene) -> None:
    scene.change(workload("web"))
    scene.cloud.stack_sets.create_instances(scene.name, accounts=[scene.app.account], regions=["eu-west-1"])
    scene.change(workload("web"))
    assert "RUNNING" not in scene.operations()
    assert scene.state.version == 1


def test_regions_are_removed_and_removing_them_again_is_fine(scene: Scene) -> None:
    scene.ensure("eu-west-1")
    scene.ensure("us-west-2")
    scene.remove("eu-west-1")
    assert [i.region for i in scene.cloud.stack_sets.instances(scene.name)] == ["us-west-2"]
    scene.remove("eu-west-1", "us-west-2")
    scene.remove("us-west-2")
    assert scene.cloud.stack_sets.instances(scene.name) == []


def test_a_removal_that_a_killed_command_began_is_waited_for(scene: Scene) -> None:
    scene.ensure("us-west-2")
    scene.cloud.stack_sets.delete_instances(scene.name, accounts=[scene.app.account], regions=["us-west-2"])
    scene.remove("us-west-2")
    for _ in range(2):
        delete_stack_set(scene.cloud, scene.app, clock=CLOCK, observe=scene.told.append)
    assert scene.cloud.stack_sets.find(scene.name) is None


def test_an_application_without_its_stack_set_is_incomplete(connection: Cloud) -> None:
    with pytest.raises(NotFound, match="application gone is incomplete") as missing:
        read_state(connection, "gone")
    assert missing.value.hints == ("copilot app init gone",)
