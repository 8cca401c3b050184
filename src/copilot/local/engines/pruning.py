"""Images that nothing needs any more: dropped when a newer one is put on record, as a lifecycle policy would.

A repository keeps its newest images and those that a task or an active task definition names. The engine is asked to
forget the others, unless another local cloud has them on record: engines and their images are shared.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from copilot.local.engines.registry import digest_on_record

KEPT_IMAGES = 3
FRESH_SECONDS = 600.0  # an image that was just put on record will be named by a task definition soon
_TELLING_FILES = ("ecr.json", "ecs.json")

Respond = Callable[[Any], Any]
logger = logging.getLogger("copilot.local")


class Pruner:
    """Watches the images that are put on record. `drop` has the engine forget an image by its digest."""

    def __init__(
        self,
        home: Path,
        images: Any,
        ecs: Any,
        drop: Callable[[str], bool],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = home
        self._images = images
        self._ecs = ecs
        self._drop = drop
        self._clock = clock
        self._put: dict[str, float] = {}

    def after(self, put_image: Respond) -> Respond:
        """PutImage that also drops what the repository needs no more."""

        def answer(data: Any) -> Any:
            response = put_image(data)
            if response[0] >= 400:
                return response
            newest = json.loads(response[2])["image"]["imageId"]["imageDigest"]
            gone = self.drop_records(data["repositoryName"], newest)
            if gone:
                threading.Thread(target=self.drop_images, args=(gone,), name="copilot-prune", daemon=True).start()
            return response

        return answer

    def drop_records(self, repository: str, newest: str) -> list[str]:
        """Takes old images off a repository's record; the digests that no repository has any more."""
        records = self._images.get(repository) or []
        records.sort(key=lambda each: each["imageDigest"] == newest)  # it may have been put there before
        needed = self._fresh(newest) | set(used_digests(self._ecs))
        old = [each["imageDigest"] for each in records[:-KEPT_IMAGES] if each["imageDigest"] not in needed]
        records[:] = [each for each in records if each["imageDigest"] not in old]
        left = {each["imageDigest"] for known in list(self._images._data.values()) for each in known}
        return [digest for digest in old if digest not in left]

    def _fresh(self, newest: str) -> set[str]:
        now = self._clock()
        self._put = {digest: at for digest, at in self._put.items() if now - at < FRESH_SECONDS} | {newest: now}
        return set(self._put)

    def drop_images(self, digests: Iterable[str]) -> None:
        """Has the engine forget images that no cloud beside this one has on record."""
        elsewhere = "".join(_records_of_others(self._home))
        for digest in digests:
            if digest not in elsewhere and self._drop(digest):
                logger.info("the image %s is dropped: nothing needs it", digest)


def used_digests(ecs: Any) -> Iterator[str]:
    """The digests that active task definitions and living tasks name."""
    running = {task.get("taskDefinitionArn") for task in list(ecs._tasks._data.values()) if _is_alive(task)}
    for definition in list(ecs._task_defs._data.values()):
        if definition.get("status") == "ACTIVE" or definition.get("taskDefinitionArn") in running:
            for container in definition.get("containerDefinitions") or ():
                reference = str(container.get("image", ""))
                yield reference.rpartition("@")[2] if "@" in reference else digest_on_record(reference)


def _is_alive(task: Mapping[str, Any]) -> bool:
    return task.get("lastStatus") != "STOPPED"


def _records_of_others(home: Path) -> Iterator[str]:
    for state in home.parent.glob("*/state"):
        if state.parent != home:
            for name in _TELLING_FILES:
                if (state / name).is_file():
                    yield (state / name).read_text(encoding="utf-8", errors="replace")
