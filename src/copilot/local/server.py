"""The local cloud's process: `python -m copilot.local.server --home DIR --port N --engine NAME`.

The emulator's ASGI application, with what Copilot adds to it, on one loopback port. It holds `server.lock` while it
lives, writes `server.pid` once it answers, and ends in order on SIGTERM, or soon after the workspace that it serves
or its own folder was deleted.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from copilot.errors import CopilotError
from copilot.local import loopback, ports
from copilot.local.clouds import ACCOUNT, REGION
from copilot.local.daemon import PORT_TAKEN
from copilot.local.home import Home, take_lock, write_json

logger = logging.getLogger("copilot.local")
_OPEN_FILES = 8192
_LOOK_SECONDS = 60.0


def main(arguments: Sequence[str]) -> int:
    """Serves until SIGTERM or SIGINT; exits 98 when the port is taken, 1 when another server has the home."""
    options = _options(arguments)
    home = Home(Path(options.home))
    if take_lock(home.lock) is None:
        sys.stderr.write(f"another server runs in {home.path}\n")
        return 1
    try:
        listener = ports.bind(options.port)
    except OSError as err:
        if err.errno != errno.EADDRINUSE:
            raise
        return PORT_TAKEN
    loopback.guard()
    _allow_many_files()
    _keep_temporary_files_in(home)
    os.environ.update(ministack_settings(home, port=options.port))
    logs_to(home)
    try:
        needed = [home.path, *(Path(path) for path in options.workspace)]
        asyncio.run(_serve(home, listener, engine=options.engine, needed=needed))
    except CopilotError as err:
        write_json(home.failure, {"message": err.message, "hints": err.hints, "details": err.details})
        logger.error("%s", err.message)
        return 1
    return 0


def _allow_many_files() -> None:
    """Shells set low limits for programs that wait on few files; every connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(_OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _keep_temporary_files_in(home: Home) -> None:
    """The emulator leaves the folders of its functions behind; here the next run, or a reset, takes them away."""
    shutil.rmtree(home.temporary, ignore_errors=True)
    home.temporary.mkdir(mode=0o700)
    tempfile.tempdir = str(home.temporary)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="copilot.local.server", description=__doc__)
    parser.add_argument("--home", required=True)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--engine", required=True)
    parser.add_argument("--workspace", action="append", default=[])
    return parser.parse_args(arguments)


def ministack_settings(home: Home, *, port: int) -> Mapping[str, str]:
    """What ministack reads from the environment when its modules are imported."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": ports.LOOPBACK,
        "MINISTACK_HOST": "localhost",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home.objects),
        "SFTP_ENABLED": "0",
        "SFTP_HOST": ports.LOOPBACK,
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "ECS_RESTORE_RECONCILE_DELAY_SECONDS": "0.2",
        "LOG_LEVEL": "INFO",
    }


def logs_to(home: Home) -> None:
    """Sends all logging to the cloud's one file before ministack can choose another place."""
    from copilot.local.logs import OneFile

    handler = OneFile(home.log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(name)s] %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("ministack", "persistence", "hypercorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


async def _serve(home: Home, listener: socket.socket, *, engine: str, needed: Sequence[Path]) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from copilot.local.gateway import Gateway

    port = listener.getsockname()[1]
    stopping = _stop_signal()
    gateway = Gateway.install(home, port=port, engine=engine)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75
    config.errorlog = logging.getLogger("hypercorn")
    config.accesslog = None
    config.graceful_timeout = 1.0
    announcing = asyncio.create_task(_announce(home, gateway.ready, port=port, engine=engine))
    watching = asyncio.create_task(stop_without(needed, stopping))
    await serve(gateway, config, shutdown_trigger=stopping.wait, mode="asgi")
    await announcing
    watching.cancel()
    _leave()


def _leave() -> None:
    """Ends the process with its state saved: a stack operation under way would be waited for, up to an hour.

    The processes of its functions end with it: one of Node.js would live on.
    """
    from ministack.core import lambda_runtime

    lambda_runtime.reset()
    logging.shutdown()
    os._exit(0)


async def stop_without(needed: Sequence[Path], stopping: asyncio.Event, *, seconds: float = _LOOK_SECONDS) -> None:
    """Asks the server to stop once one of the folders is gone: nobody would ever stop it."""
    while not stopping.is_set():
        await asyncio.sleep(seconds)
        gone = [path for path in needed if not path.exists()]
        if gone:
            logger.info("%s is gone: the server ends", gone[0])
            stopping.set()


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    return stopping


async def _announce(home: Home, ready: asyncio.Event, *, port: int, engine: str) -> None:
    await ready.wait()
    record = {
        "pid": os.getpid(),
        "port": port,
        "engine": engine,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(home.record, record)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
