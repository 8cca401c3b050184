"""A server that nobody needs any more ends by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from copilot.local.server import stop_without

TICK_SECONDS = 0.01


async def looked(needed: Path, *, deleted: bool) -> bool:
    stopping = asyncio.Event()
    looking = asyncio.create_task(stop_without([needed], stopping, seconds=TICK_SECONDS))
    await asyncio.sleep(5 * TICK_SECONDS)
    assert not stopping.is_set()
    if deleted:
        needed.rmdir()
        await asyncio.wait_for(stopping.wait(), 120)
    await asyncio.sleep(5 * TICK_SECONDS)
    looking.cancel()
    return stopping.is_set()


def test_a_server_stops_when_its_workspace_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    assert asyncio.run(looked(tmp_path / "shop", deleted=True))


def test_a_server_goes_on_while_its_workspace_is_there(tmp_path: Path) -> None:
    assert not asyncio.run(looked(tmp_path, deleted=False))
