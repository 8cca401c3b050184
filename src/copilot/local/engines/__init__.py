"""What runs the tasks of the local cloud's ECS: containers of docker or podman, or plain processes.

`install` puts an engine into the emulator of this process. Nothing else of the local cloud knows which engine it is; a
load balancer asks `reachable` where a target is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.local.engines.seams import Client


def install(engine: str, home: Path, port: int) -> None:
    """Has ECS run tasks with `engine`; what a killed server left running of this cloud is ended first.

    `port` is the local cloud's own, which tasks get as their AWS endpoint. Raises NotRunning when the engine does not
    answer.
    """
    from ministack import app
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import ecr, ecs

    from copilot.local.engines.pruning import Pruner
    from copilot.local.engines.registry import loopback_registry
    from copilot.local.engines.seams import EcsSeams

    client = _client(engine, home, port)
    seams = EcsSeams(ecs, client, port=port, account=get_account_id, region=get_region)
    seams.install()
    ecr._put_image = Pruner(home, ecr._images, ecs, client.images.drop).after(ecr._put_image)
    ecr._get_authorization_token = loopback_registry(ecr._get_authorization_token, port)
    # The emulator would look through every container of the machine; ours are the engine's to end.
    app._reaper_docker_client = lambda: None
    app._stop_docker_containers = seams.at_process_boundary


def _client(engine: str, home: Path, port: int) -> Client:
    from copilot.local.engines.registry import digest_on_record

    if engine == "host":
        from copilot.local.engines.host import HostClient

        return HostClient(home, home.parent / ".images", digest_on_record)
    from copilot.local.engines.docker import DockerClient

    return DockerClient.connect(engine, home, port, digest_on_record)


def reachable(ip: str, port: int) -> tuple[str, int]:
    """Where this process reaches a target of a target group; a target that is no task is where it says."""
    from ministack.services import ecs

    client = ecs._get_docker()
    find = getattr(client, "reachable", None)
    return find(ip, port) if find else (ip, port)
