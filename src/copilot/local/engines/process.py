"""A container of the host engine: the image's command as a plain process, in a copy of the image's files."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from copilot.images.store import StoredImage
from copilot.local.engines import paths, sockets
from copilot.local.engines.health import Health, check_words
from copilot.local.engines.logs import LOG_SECONDS, LogBuffer
from copilot.local.engines.spec import TaskContainer

RECORD = "process.json"
COMMAND_NOT_FOUND = 127
PROOF = "ECS_CONTAINER_METADATA_URI_V4"
"""A variable whose value no other container has."""

START_TOLERANCE_SECONDS = 2.0
LEFTOVER_SECONDS = 2.0
KILL_SECONDS = 30.0

PORT_TAKEN_SIGNS = (b"address already in use", b"eaddrinuse", b"only one usage of each socket address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What a process is started with. `address` stands for the task in target groups: a loopback address of its own."""

    id: str
    image: StoredImage
    spec: TaskContainer
    folder: Path
    address: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """The first process of a container, as it is recognised after a crash."""

    started: float
    proof: str


class Neighbours(Protocol):
    """The other containers of the engine."""

    def port_holders(self) -> Mapping[int, str]: ...

    def forget(self, container_id: str) -> None: ...


class HostContainer:
    """Has docker-py's shape where ECS looks: id, status, attrs, reload, logs, wait, stop, remove."""

    def __init__(self, launch: Launch, neighbours: Neighbours) -> None:
        self.id = launch.id
        self._neighbours = neighbours
        self.spec = launch.spec
        self.status = "created"
        self.failure = ""
        self._launch = launch
        self._assigned = sockets.free_port()
        self._code: int | None = None
        self._ports: dict[int, int] = {}
        self._log = LogBuffer()
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self.health = Health(launch.spec.health_check, self._check)

    @property
    def attrs(self) -> dict[str, Any]:
        """As `docker inspect` has it, as far as ECS reads it."""
        network = {"IPAddress": self._launch.address}
        return {"NetworkSettings": {"Networks": {"host": network}}, "State": {"ExitCode": self._code}}

    @property
    def address(self) -> str:
        return self._launch.address

    @property
    def ports(self) -> tuple[int, ...]:
        """The container ports: the task definition's, else those that the image exposes."""
        return self.spec.ports or self._launch.image.config.expose

    @property
    def exit_code(self) -> int | None:
        return self._code

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Starts the process; what stands in its way becomes its last log line and its failure."""
        rootfs = self._launch.folder / "rootfs"
        shutil.copytree(self._launch.image.rootfs, rootfs, symlinks=True)
        try:
            self._process = self._spawn(rootfs)
        except OSError as err:
            self._end_later(COMMAND_NOT_FOUND, f"CannotStartContainerError: {err}")
            return
        self.status = "running"
        self._remember(self._process.pid)
        reader = threading.Thread(target=self._read, name=f"copilot-log-{self.id[:8]}", daemon=True)
        reader.start()
        threading.Thread(target=self._wait, args=(reader,), name=f"copilot-wait-{self.id[:8]}", daemon=True).start()
        self.health.start()

    def _spawn(self, rootfs: Path) -> subprocess.Popen[bytes]:
        environ = self._environment(rootfs)
        config = self._launch.image.config
        entrypoint = self.spec.entrypoint or config.entrypoint
        arguments = self.spec.command
        if arguments is None:
            # As in Docker, an entry point of the task's own leaves the image's command behind.
            arguments = () if self.spec.entrypoint else config.command
        workdir = rootfs / (self.spec.workdir or config.workdir).lstrip("/")
        workdir.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            paths.command((*entrypoint, *arguments), rootfs, environ["PATH"]),
            cwd=workdir,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _environment(self, rootfs: Path) -> dict[str, str]:
        values = paths.environment(
            self._launch.image.config.env, {**self.spec.environment, **self._launch.environment}, rootfs
        )
        if self.ports:
            values |= {"PORT": str(self._assigned), "HOST": sockets.LOOPBACK}
        return values

    def _remember(self, pid: int) -> None:
        with contextlib.suppress(psutil.Error):
            proof = self.spec.environment.get(PROOF, "")
            record = {"pid": pid, "started": started(psutil.Process(pid)), "proof": proof, "task": self.spec.task_arn}
            (self._launch.folder / RECORD).write_text(json.dumps(record), encoding="utf-8")

    def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._log.append(line.rstrip(b"\r\n"))

    def _wait(self, reader: threading.Thread) -> None:
        assert self._process is not None
        code = self._process.wait()
        # Whatever it started goes with it, and lets go of the pipe that the reader reads.
        kill_group(self._process.pid, signal.SIGKILL)
        reader.join(timeout=LOG_SECONDS)
        self._end(code if code >= 0 else 128 - code, failure=self._port_failure() if code > 0 else "")

    def _end_later(self, code: int, failure: str) -> None:
        """The log's reader comes only when the container has been handed out."""
        threading.Thread(
            target=self._end, args=(code,), kwargs={"failure": failure}, name=f"copilot-end-{self.id[:8]}", daemon=True
        ).start()

    def _end(self, code: int, *, failure: str) -> None:
        self.health.stop()
        self._code, self.failure = code, failure
        if failure:
            self._log.append(f"copilot: {failure}".encode())
        self._log.close()
        if self.spec.is_logged:
            self._log.delivered(LOG_SECONDS)
        self.status = "exited"
        self._ended.set()

    def _port_failure(self) -> str:
        text = b"\n".join(self._log.tail(40)).lower()
        if not any(sign in text for sign in PORT_TAKEN_SIGNS):
            return ""
        return port_taken(self.ports, holder_of=self._neighbours.port_holders())

    def real_port(self, container_port: int) -> int:
        """Where the task really listens for a container port, as far as is known now."""
        if container_port not in self._ports and self.status == "running":
            self._ports = sockets.map_ports(self.ports or (container_port,), self._assigned, self.listening())
        if container_port in self._ports:
            return self._ports[container_port]
        return self._assigned if self.ports[:1] == (container_port,) else container_port

    def listening(self) -> list[int]:
        """The ports of this machine that the task holds now."""
        return sockets.listening(sockets.family(self.pid)) if self.status == "running" else []

    @property
    def port_map(self) -> dict[int, int]:
        return {port: self.real_port(port) for port in self.ports}

    def _check(self, words: tuple[str, ...], timeout: float) -> bool:
        """Runs a health check's command beside the task; `localhost:PORT` means this task's port."""
        rootfs = self._launch.folder / "rootfs"
        environ = {**self._environment(rootfs), "PORT": str(self.real_port(self.ports[0]) if self.ports else 0)}
        try:
            done = subprocess.run(
                paths.command(paths.with_ports(check_words(words), self.port_map), rootfs, environ["PATH"]),
                cwd=rootfs,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=timeout,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    def reload(self) -> None:
        """Nothing to do: the state is this process's own."""

    def wait(self, timeout: float | None = None) -> dict[str, Any]:
        """Waits for the end; the exit code as docker-py gives it."""
        self._ended.wait(timeout)
        return {"StatusCode": self._code if self._code is not None else 0}

    def logs(self, *, stream: bool = False, tail: int | str = "all", **_options: Any) -> Iterator[bytes] | bytes:
        """The output of both streams, followed line by line when streamed."""
        if stream:
            return self._log.follow()
        return b"\n".join(self._log.tail(tail) if isinstance(tail, int) else self._log.all())

    def stop(self, timeout: float | None = None) -> None:
        """SIGTERM to the whole process group, SIGKILL after the task definition's stop timeout."""
        if self._process is None or self.status != "running":
            return
        others = sockets.family(self.pid)[1:]
        kill_group(self.pid, signal.SIGTERM)
        if not self._ended.wait(self.spec.stop_seconds):
            kill_group(self.pid, signal.SIGKILL)
            self._ended.wait(KILL_SECONDS)
        for process in others:
            # A child that made a session of its own is not in the group.
            with contextlib.suppress(psutil.Error):
                process.kill()

    def remove(self, **_options: Any) -> None:
        """Ends what still runs and deletes the task's files."""
        self.stop()
        shutil.rmtree(self._launch.folder, ignore_errors=True)
        self._neighbours.forget(self.id)


def kill_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def port_taken(ports: tuple[int, ...], *, holder_of: Mapping[int, str]) -> str:
    """What to say about a task that found its port taken."""
    taken = [port for port in ports if port in holder_of]
    which = f"port {taken[0]} is taken by {holder_of[taken[0]]}" if taken else "a port that it listens on is taken"
    return f"{which}: read the port from the variable PORT, or use --engine docker, where each task has its own network"


def end_leftovers(tasks: Path) -> int:
    """Ends the processes that a killed server left behind, and deletes their files; answers how many there were."""
    groups: dict[int, Leader] = {}
    for folder in tasks.glob("*"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            groups[int(record["pid"])] = Leader(started=float(record["started"]), proof=str(record["proof"]))
    members = list(_members(groups)) if groups else []
    for process in members:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(members, timeout=LEFTOVER_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    for folder in tasks.glob("*"):
        shutil.rmtree(folder, ignore_errors=True)
    return len(members)


def started(process: psutil.Process) -> float:
    """When a process began, in seconds since the machine did: the clock may have been set meanwhile."""
    return float(process.create_time() - psutil.boot_time())


def _members(groups: Mapping[int, Leader]) -> Iterator[psutil.Process]:
    """The processes of these process groups, as far as they are still the same: numbers are given anew."""
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            number = os.getpgid(process.pid)
            if number in groups and _is_led_by(groups[number], number, process):
                yield process


def _is_led_by(leader: Leader, number: int, member: psutil.Process) -> bool:
    """While a group's leader lives, its beginning tells; after that, the variables that the members have from it."""
    try:
        return abs(started(psutil.Process(number)) - leader.started) <= START_TOLERANCE_SECONDS
    except psutil.NoSuchProcess:
        return bool(leader.proof) and member.environ().get(PROOF) == leader.proof
