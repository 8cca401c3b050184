"""Old images go when nothing names them; what is used, fresh, or another cloud's stays."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from copilot.images.store import ImageConfig, ImageStore
from copilot.local.engines.pruning import FRESH_SECONDS, Pruner

REPOSITORY = "shop/web"


class Registry(dict[str, list[dict[str, Any]]]):
    """Repositories and their images, as the emulator holds them."""

    @property
    def _data(self) -> dict[str, list[dict[str, Any]]]:
        return self


class Bench:
    """A pruner with a clock of its own, and what it had the engine drop."""

    def __init__(self, home: Path) -> None:
        self.now = 0.0
        self.home = home
        self.images = Registry({REPOSITORY: []})
        self.ecs = SimpleNamespace(_tasks=SimpleNamespace(_data={}), _task_defs=SimpleNamespace(_data={}))
        self.dropped: list[str] = []
        self.pruner = Pruner(home, self.images, self.ecs, self.drop, clock=lambda: self.now)
        self.put = self.pruner.after(self.put_image)

    def put_image(self, data: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        digest = data["imageDigest"]
        if all(each["imageDigest"] != digest for each in self.images[REPOSITORY]):
            self.images[REPOSITORY].append({"imageDigest": digest})
        return 200, {}, json.dumps({"image": {"imageId": {"imageDigest": digest}}}).encode()

    def drop(self, digest: str) -> bool:
        self.dropped.append(digest)
        return True

    def publish(self, *digests: str) -> None:
        for digest in digests:
            self.now += FRESH_SECONDS
            self.put({"repositoryName": REPOSITORY, "imageDigest": digest})

    def use(self, digest: str, status: str = "ACTIVE") -> None:
        definition = {"status": status, "taskDefinitionArn": digest, "containerDefinitions": [{"image": f"x@{digest}"}]}
        self.ecs._task_defs._data[digest] = definition

    @property
    def kept(self) -> list[str]:
        return [each["imageDigest"] for each in self.images[REPOSITORY]]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "clouds" / "mine")


def test_a_repository_keeps_its_three_newest_images(bench: Bench) -> None:
    bench.publish("sha256:a", "sha256:b", "sha256:c", "sha256:d")
    assert bench.kept == ["sha256:b", "sha256:c", "sha256:d"]


def test_an_image_that_is_put_again_is_the_newest(bench: Bench) -> None:
    bench.publish("sha256:a", "sha256:b", "sha256:c", "sha256:a", "sha256:d")
    assert bench.kept == ["sha256:c", "sha256:a", "sha256:d"]


def test_what_a_task_definition_or_a_living_task_names_stays(bench: Bench) -> None:
    bench.use("sha256:a")
    bench.use("sha256:b", status="INACTIVE")
    bench.ecs._tasks._data["task"] = {"taskDefinitionArn": "sha256:b", "lastStatus": "RUNNING"}
    bench.use("sha256:c", status="INACTIVE")
    bench.publish(*(f"sha256:{letter}" for letter in "abcdefg"))
    assert bench.kept == [f"sha256:{letter}" for letter in "abefg"]


def test_what_was_published_just_now_stays(bench: Bench) -> None:
    bench.publish("sha256:a")
    for letter in "bcdef":
        bench.put({"repositoryName": REPOSITORY, "imageDigest": f"sha256:{letter}"})
    assert bench.kept == [f"sha256:{letter}" for letter in "abcdef"]


def test_the_engine_keeps_what_another_cloud_has_on_record(bench: Bench) -> None:
    other = bench.home.parent / "other" / "state"
    other.mkdir(parents=True)
    (other / "ecr.json").write_text('{"imageDigest": "sha256:a"}')
    bench.pruner.drop_images(["sha256:a", "sha256:b"])
    assert bench.dropped == ["sha256:b"]


def test_a_removed_image_is_found_no_more(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "images")
    with store.workspace() as folder:
        (Path(folder) / "rootfs").mkdir()
        image = store.add(Path(folder) / "rootfs", ImageConfig())
    assert store.remove(image.id)
    assert store.find(image.id) is None
    assert not store.remove(image.id)
