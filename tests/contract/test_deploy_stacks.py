"""Carrying out stack steps on the local cloud: made, changed, left alone, waited for, mended, stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hands import with_part

from copilot import cfn
from copilot.aws.cloud import Cloud
from copilot.aws.stack_records import StackRequest
from copilot.cfn.template import DESCRIPTION_KEY, Stack
from copilot.clock import SystemClock
from copilot.deploy.cancellation import Cancellation
from copilot.deploy.following import StackDeployment
from copilot.deploy.stacks import delete_stack, deploy_stack
from copilot.errors import AWSError, Cancelled, StackFailed
from copilot.model.events import Event, State
from copilot.model.outcome import Ended

NAME = "shop-test-web"


def template(*, label: str = "one", fails: bool = False, gate: Path | None = None) -> dict[str, Any]:
    """A topic; beside it what can't be made, or what is made when a file is there."""
    resources: dict[str, Any] = {
        "Topic": {
            "Metadata": {DESCRIPTION_KEY: "The topic"},
            "Type": "AWS::SNS::Topic",
            "Properties": {"DisplayName": label},
        }
    }
    if fails:
        resources["Broken"] = {
            "Type": "AWS::CloudFormation::Stack",
            "DependsOn": "Topic",
            "Properties": {"TemplateURL": "https://s3.us-west-2.amazonaws.com/no-such-bucket/no-such-key"},
        }
    made = {"Resources": resources}
    if gate:
        with_part(made, gate=gate)
        resources["SlowPart"]["DependsOn"] = "Topic"
        resources["Last"] = {"Type": "AWS::SNS::Topic", "DependsOn": "SlowPart"}
    return made


class Opening:
    """The stacks of a cloud, and a gate that opens before or after one of their calls."""

    def __init__(self, cloud: Cloud, call: str, gate: Path, *, before: bool = False) -> None:
        self._cloud, self._call, self._gate, self._before = cloud, call, gate, before

    def __getattr__(self, name: str) -> Any:
        called = getattr(self._cloud.stacks, name)
        return partial(self._open, called) if name == self._call else called

    def _open(self, called: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        if not self._before:
            answer = called(*arguments, **more)
            self._gate.touch()
            return answer
        self._gate.touch()
        wait_for(lambda: self._cloud.stacks.get(NAME).status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"))
        return called(*arguments, **more)


class Scene:
    """A cloud and what was told about it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.told: list[Event] = []
        self.cancellation = Cancellation()

    def deployment(self, document: dict[str, Any], **more: Any) -> StackDeployment:
        deployed = self.cloud.stacks.find(NAME)
        return StackDeployment(
            **{
                "stack": Stack(name=NAME, template=document, tags={"team": "a"}),
                "stacks": self.cloud.stacks,
                "clock": SystemClock(),
                "cancellation": self.cancellation,
                "observe": self.told.append,
                "label": "web in test",
                "deployed": deployed,
                "template": self.cloud.stacks.template(NAME) if deployed else "",
                **more,
            }
        )

    def deploy(self, document: dict[str, Any], **more: Any) -> Ended:
        return deploy_stack(self.deployment(document, **more))

    @property
    def status(self) -> str:
        found = self.cloud.stacks.find(NAME)
        return found.status if found else ""

    def states(self, *path: str) -> list[State]:
        return [event.state for event in self.told if event.path == (NAME, *path)]


@pytest.fixture
def scene(connection: Cloud) -> Scene:
    return Scene(connection)


def submit(cloud: Cloud, document: dict[str, Any]) -> str:
    """Somebody else begins an operation."""
    request = StackRequest(stack_name=NAME, template_body=cfn.dump(document), tags={"team": "a"})
    found = cloud.stacks.find(NAME)
    return str(cloud.stacks.update(request) if found else cloud.stacks.create(request))


def beside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_stack_is_made_then_left_alone_then_changed(scene: Scene) -> None:
    assert scene.deploy(template()) is Ended.DONE
    assert scene.states("Topic")[-1] is State.DONE
    assert scene.deploy(template()) is Ended.UNCHANGED
    assert scene.states()[-1] is State.UNCHANGED
    assert scene.deploy(template(label="two")) is Ended.DONE
    assert scene.status == "UPDATE_COMPLETE"


def test_a_failed_change_rolls_back_and_says_why(scene: Scene) -> None:
    scene.deploy(template())
    with pytest.raises(StackFailed, match="UPDATE_ROLLBACK_COMPLETE") as failed:
        scene.deploy(template(label="two", fails=True))
    assert "Broken (AWS::CloudFormation::Stack)" in failed.value.details
    assert scene.states()[-1] is State.FAILED
    assert scene.deploy(template()) is Ended.UNCHANGED, "the version before is at work again"


def test_a_stack_whose_making_failed_is_made_anew(scene: Scene) -> None:
    with pytest.raises(StackFailed, match="ROLLBACK_COMPLETE"):
        scene.deploy(template(fails=True))
    assert scene.status == "ROLLBACK_COMPLETE"
    assert scene.deploy(template()) is Ended.DONE
    assert scene.status == "CREATE_COMPLETE"


def test_a_stack_that_only_has_a_change_set_is_made_anew(scene: Scene) -> None:
    request = StackRequest(stack_name=NAME, template_body=cfn.dump(template()))
    scene.cloud.stacks.wait_change_set(scene.cloud.stacks.create_change_set(request, kind="CREATE"))
    assert scene.status == "REVIEW_IN_PROGRESS"
    assert scene.deploy(template()) is Ended.DONE
    assert scene.status == "CREATE_COMPLETE"


def test_without_rollback_a_failure_stays_and_the_next_deployment_goes_on(scene: Scene) -> None:
    scene.deploy(template())
    with pytest.raises(StackFailed) as failed:
        scene.deploy(template(label="two", fails=True), disable_rollback=True)
    assert scene.status == "UPDATE_FAILED"
    assert f"aws cloudformation rollback-stack --stack-name {NAME}" in failed.value.hints[0]
    assert scene.deploy(template(label="three")) is Ended.DONE
    assert scene.status == "UPDATE_COMPLETE"


def test_what_failed_without_rollback_is_updated_without_rollback_and_the_way_back_is_told(scene: Scene) -> None:
    """CloudFormation refuses any other update of such a stack."""
    scene.deploy(template())
    with pytest.raises(StackFailed):
        scene.deploy(template(label="two", fails=True), disable_rollback=True)
    with pytest.raises(StackFailed, match="UPDATE_FAILED") as failed:
        scene.deploy(template(label="three", fails=True))
    assert f"aws cloudformation rollback-stack --stack-name {NAME}" in failed.value.hints[0]
    assert scene.status == "UPDATE_FAILED"


def test_a_nested_stack_is_a_resource_whose_end_is_not_the_end(scene: Scene) -> None:
    inner = {"Resources": {"Inner": template()["Resources"]["Topic"]}}
    outer = {"Resources": {"Child": nested(scene.cloud, inner), **template()["Resources"]}}
    outer["Resources"]["Topic"]["DependsOn"] = "Child"
    assert scene.deploy(outer) is Ended.DONE
    assert scene.states("Child")[-1] is State.DONE
    assert scene.states("Topic")[-1] is State.DONE
    assert scene.states("Inner") == [], "its own resources are not the outer stack's"
    assert scene.status == "CREATE_COMPLETE"
    outer["Resources"]["Child"] = nested(scene.cloud, template(fails=True))
    with pytest.raises(StackFailed, match="UPDATE_ROLLBACK_COMPLETE") as failed:
        scene.deploy(outer)
    assert "Child (AWS::CloudFormation::Stack)" in failed.value.details


def nested(cloud: Cloud, document: dict[str, Any]) -> dict[str, Any]:
    """A resource that is a stack of this template, whose text is in a bucket."""
    bucket = f"templates-{cloud.account}"
    if cloud.stacks.find("bucket") is None:
        body = f"Resources: {{B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: {bucket}}}}}}}"
        cloud.stacks.wait(cloud.stacks.create(StackRequest(stack_name="bucket", template_body=body)))
    text = cfn.dump(document)
    url = cloud.buckets.upload(bucket, f"{hash(text)}.yml", text.encode())
    return {
        "Type": "AWS::CloudFormation::Stack",
        "Metadata": {DESCRIPTION_KEY: "A stack within"},
        "Properties": {"TemplateURL": url},
    }


def test_somebody_elses_operation_is_waited_for(scene: Scene) -> None:
    scene.deploy(template())
    deployment = scene.deployment(template(label="two"))
    submit(scene.cloud, template(label="other"))
    assert deploy_stack(deployment) is Ended.DONE
    assert scene.cloud.stacks.template(NAME) == cfn.dump(template(label="two"))


def test_of_two_who_make_the_same_stack_one_makes_it_and_both_succeed(scene: Scene) -> None:
    first, second = scene.deployment(template()), scene.deployment(template())
    results: list[Ended] = []
    threads = [beside(lambda d=one: results.append(deploy_stack(d))) for one in (first, second)]
    for thread in threads:
        thread.join(300)
    assert sorted(results) == [Ended.DONE, Ended.UNCHANGED]


def test_waiting_for_another_tells_nothing_of_earlier_operations(scene: Scene) -> None:
    scene.deploy(template())
    submit(scene.cloud, template(label="other"))
    scene.told.clear()
    scene.deploy(template(label="other"))
    assert not any(event.status.startswith("create") for event in scene.told), scene.told


@pytest.mark.parametrize("ends_first", [False, True])
def test_ctrl_c_takes_a_new_stack_back(scene: Scene, tmp_path: Path, ends_first: bool) -> None:
    gate = tmp_path / "gate"
    canceller = beside(lambda: (wait_for(lambda: State.DONE in scene.states("Topic")), scene.cancellation.request()))
    with pytest.raises(Cancelled, match="delete complete"):
        scene.deploy(template(gate=gate), stacks=Opening(scene.cloud, "delete", gate, before=ends_first))
    canceller.join(300)
    assert scene.status == ""


@pytest.mark.parametrize("ends_first", [False, True])
def test_ctrl_c_rolls_a_change_back_unless_it_ends_first(scene: Scene, tmp_path: Path, ends_first: bool) -> None:
    scene.deploy(template())
    before, gate = len(scene.told), tmp_path / "gate"
    canceller = beside(
        lambda: (wait_for(lambda: any("update" in e.status for e in scene.told[before:])), scene.cancellation.request())
    )
    with pytest.raises(Cancelled, match="update complete" if ends_first else "update rollback complete"):
        scene.deploy(
            template(label="two", gate=gate), stacks=Opening(scene.cloud, "cancel_update", gate, before=ends_first)
        )
    canceller.join(300)
    assert scene.status == ("UPDATE_COMPLETE" if ends_first else "UPDATE_ROLLBACK_COMPLETE")


def test_a_detached_deployment_returns_while_the_stack_is_busy(scene: Scene, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    assert scene.deploy(template(gate=gate), detach=True) is Ended.DETACHED
    assert scene.status == "CREATE_IN_PROGRESS"
    gate.touch()


def test_a_long_template_goes_through_the_bucket(scene: Scene) -> None:
    document = template()
    document["Metadata"] = {"Manifest": "x" * 60_000}
    uploaded: list[str] = []

    def upload(body: str) -> str:
        uploaded.append(body)
        return "https://s3.us-west-2.amazonaws.com/nobody/nothing"

    with pytest.raises(AWSError, match="nobody"):
        scene.deploy(document, upload=upload)
    assert uploaded == [cfn.dump(document)]


def test_a_stack_is_deleted_and_deleting_it_again_is_fine(scene: Scene) -> None:
    scene.deploy(template())
    delete_stack(scene.deployment(template()))
    assert scene.status == ""
    assert scene.states()[-1] is State.DONE
    delete_stack(scene.deployment(template()))


def test_a_deletion_under_way_is_followed_to_its_end(scene: Scene) -> None:
    scene.deploy(template())
    scene.cloud.stacks.delete(scene.cloud.stacks.get(NAME).id, token="somebody-else")
    delete_stack(scene.deployment(template()))
    assert scene.status == ""


def wait_for(check: Callable[[], bool]) -> None:
    done = threading.Event()
    for _ in range(2400):
        if check():
            return
        done.wait(0.05)
    raise AssertionError("it did not happen in time")
