"""The server as a process of its own: spawn it, wait for it, stop it, ask it. Callers hold the starter's turn."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copilot.errors import LocalCloudError
from copilot.local import ports
from copilot.local.home import Home, is_locked, read_json, write_json

PING = "/_copilot/ping"
PORT_TAKEN = 98  # exit code of the server; the number of EADDRINUSE on Linux
START_SECONDS = 120.0  # a busy machine may take long; a process that ended is noticed at once
STOP_SECONDS = 60.0
_ASK_SECONDS = 60.0
_POLL_SECONDS = 0.02
_LOG_TAIL_LINES = 15

# Settings of the user's shell that would reach into the server: the user's AWS, and what the emulator reads.
_FOREIGN_PREFIXES = (
    *("AWS_", "COPILOT_", "MINISTACK_", "LOCALSTACK_", "LAMBDA_", "ECS_", "ALB_"),
    *("S3_", "SFTP_", "IOT_", "RDS_", "DSQL_", "DOCDB_"),
)
_FOREIGN_NAMES = frozenset(
    {"AUTH", "SERVICES", "PERSIST_STATE", "STATE_DIR", "BIND_HOST", "GATEWAY_PORT", "EDGE_PORT", "LOG_LEVEL", "USE_SSL"}
)


def start(home: Home, *, environ: Mapping[str, str], workspace: Path | None, engine: str, port: int) -> dict[str, Any]:
    """Starts the server and returns its record once it answers; LocalCloudError with the log's end when it doesn't.

    It ends by itself when `workspace`, if one is given, has been deleted.
    """
    config = read_json(home.config)
    engine = engine or config.get("engine", "") or _engine_here(environ)
    wanted = port or config.get("port", 0)
    home.path.mkdir(parents=True, exist_ok=True)
    home.record.unlink(missing_ok=True)
    home.failure.unlink(missing_ok=True)
    for candidate in [wanted] if wanted else ports.gateway_candidates(home.name):
        if not (ports.gets_free(candidate) if wanted else ports.is_free(candidate)):
            continue
        process = _spawn(home, environ=environ, workspace=workspace, engine=engine, port=candidate)
        record = _wait_until_ready(home, process)
        if record:
            created = config.get("created") or datetime.now(UTC).isoformat(timespec="seconds")
            write_json(home.config, {"port": candidate, "engine": engine, "created": created})
            return record
    if wanted:
        raise ports.taken(wanted)
    raise LocalCloudError("the local cloud did not start: no loopback port is free")


def running(home: Home) -> dict[str, Any]:
    """The record of the server that lives; one that is still starting is waited for. Empty when none lives."""
    for _ in _polls(START_SECONDS):
        if not is_locked(home.lock):
            return {}
        if (record := read_json(home.record)) and ports.is_serving(record["port"], PING):
            return record
    raise LocalCloudError(f"the local cloud does not get ready: a process holds {home.lock}", details=log_tail(home))


def require_same(record: Mapping[str, Any], *, engine: str, port: int) -> None:
    """Refuses to "start" a running cloud with another engine or port."""
    for what, wanted in (("engine", engine), ("port", port)):
        if wanted and wanted != record[what]:
            raise LocalCloudError(
                f"the local cloud runs already: with {what} {record[what]}, not {wanted}",
                hints=(f"copilot local stop, then copilot local start --{what} {wanted}",),
            )


def stop(home: Home) -> bool:
    """Asks the server to end in order, and ends it after a while; False when none ran."""
    pid = running(home).get("pid", 0)
    if not pid:
        return False
    with contextlib.suppress(ProcessLookupError):  # it ended by itself
        os.kill(pid, signal.SIGTERM)
    if not ends(home, seconds=STOP_SECONDS):
        os.kill(pid, signal.SIGKILL)
        if not ends(home, seconds=STOP_SECONDS):
            raise LocalCloudError(f"the local cloud did not stop: process {pid} does not end")
    with contextlib.suppress(ChildProcessError):  # it is our child if this process started it: leave no zombie
        os.waitpid(pid, 0)
    home.record.unlink(missing_ok=True)
    return True


def wipe(home: Home) -> None:
    """Makes the server, if one runs, delete all that it holds, the tasks it runs included."""
    if record := running(home):
        _ask(record["port"], "POST", "/_copilot/wipe", seconds=2 * _ASK_SECONDS)


def balancers(port: int) -> list[dict[str, Any]]:
    """The load balancers of the running server."""
    answer = _ask(port, "GET", "/_copilot/status", seconds=_ASK_SECONDS)
    return list(answer["balancers"])


def memory_bytes(pid: int) -> int:
    """Resident memory of the process; 0 when it has just ended."""
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _spawn(
    home: Home, *, environ: Mapping[str, str], workspace: Path | None, engine: str, port: int
) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-P",  # the folder it starts in is no place for modules
        "-m",
        "copilot.local.server",
        "--home",
        str(home.path),
        "--port",
        str(port),
        "--engine",
        engine,
        *(("--workspace", str(workspace)) if workspace else ()),
    ]
    with home.log.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=home.path,
            env=_environment(environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _engine_here(environ: Mapping[str, str]) -> str:
    """The best engine of this machine, for a cloud that has never been started."""
    from copilot.images import engines

    return engines.choose(None, environ).name


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    own = {k: v for k, v in environ.items() if k not in _FOREIGN_NAMES and not k.startswith(_FOREIGN_PREFIXES)}
    return {"PATH": os.defpath, **own, "PYTHONUNBUFFERED": "1"}


def _wait_until_ready(home: Home, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The server's record; empty when somebody took its port meanwhile."""
    for _ in _polls(START_SECONDS):
        record = read_json(home.record)
        if record and record["pid"] == process.pid:
            return record
        if process.poll() is not None:
            if process.returncode == PORT_TAKEN:
                return {}
            raise _failed(home, f"its process ended with exit code {process.returncode}")
    process.terminate()
    raise _failed(home, f"it did not answer within {START_SECONDS:.0f} seconds")


def _failed(home: Home, why: str) -> LocalCloudError:
    if told := read_json(home.failure):
        return LocalCloudError(
            f"the local cloud did not start: {told['message']}", hints=told["hints"], details=told["details"]
        )
    return LocalCloudError(
        f"the local cloud did not start: {why}",
        details=log_tail(home),
        hints=(f"its log is {home.log}", "copilot local reset deletes its state when that is what broke it"),
    )


def log_tail(home: Home, lines: int = _LOG_TAIL_LINES) -> str:
    """The last lines of the server's log."""
    try:
        return "\n".join(home.log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def ends(home: Home, *, seconds: float) -> bool:
    """Whether the server is gone, now or before the time is over."""
    return any(not is_locked(home.lock) for _ in _polls(seconds))


def _polls(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(_POLL_SECONDS)


def _ask(port: int, method: str, path: str, *, seconds: float) -> dict[str, Any]:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=seconds)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as err:
        raise LocalCloudError(f"the local cloud does not answer: {err}", hints=("copilot local stop",)) from err
    finally:
        connection.close()
    if response.status != 200:
        raise LocalCloudError(
            f"the local cloud refused {path}: {response.status} {response.reason}",
            details=body.decode(errors="replace"),
        )
    return dict(json.loads(body))
