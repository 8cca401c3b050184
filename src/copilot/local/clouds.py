"""The local cloud of a workspace: start, stop, ask. Every `--local` command goes through here, so it imports little."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.errors import CopilotError, LocalCloudError
from copilot.local import daemon, ports
from copilot.local.home import Home, cloud_home, is_locked, only_workspace, read_json, turn

ACCOUNT = "123456789012"
REGION = "us-west-2"
SECRET_KEY = "local"  # the local cloud checks no signature; SDKs want something


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """How an AWS client reaches a running local cloud; the access key id is the account."""

    url: str
    access_key: str
    secret_key: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancer:
    """A load balancer of the local cloud and the loopback port that it answers on."""

    name: str
    port: int
    account: str
    region: str

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudStatus:
    """What `copilot local status` tells; zeros and empty texts when it doesn't run."""

    running: bool
    name: str
    home: Path
    port: int = 0
    engine: str = ""
    pid: int = 0
    memory_bytes: int = 0
    started_at: str = ""
    balancers: tuple[Balancer, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """The local cloud at a home; `at` finds the one of a workspace."""

    home: Home
    environ: Mapping[str, str]
    workspace: Path | None = None

    @classmethod
    def at(cls, root: Path, environ: Mapping[str, str] = os.environ) -> LocalCloud:
        """The cloud of the workspace at `root`, running or not; see `home.cloud_home` for its place."""
        return cls(cloud_home(root, environ), environ, only_workspace(root, environ))

    @property
    def name(self) -> str:
        return self.home.name

    @property
    def log_path(self) -> Path:
        """The server's log; older parts carry the endings .1 and .2."""
        return self.home.log

    def endpoint(self) -> Endpoint | None:
        """The running cloud's endpoint, or None; costs a file, a lock and a request."""
        record = self._record()
        if not record or not ports.is_serving(record["port"], daemon.PING):
            return None
        return _endpoint(record["port"])

    def start(self, *, engine: str = "", port: int = 0) -> Endpoint:
        """Starts the cloud unless it runs, and waits until it answers.

        `engine` and `port` are remembered; empty ones mean those of the last start. Raises LocalCloudError.
        """
        with _keeping_files_in(self.home), turn(self.home.starter_lock):
            running = daemon.running(self.home)
            if running:
                daemon.require_same(running, engine=engine, port=port)
            else:
                running = self._start_server(engine=engine, port=port)
        return _endpoint(running["port"])

    def ensure(self) -> Endpoint:
        """The endpoint of the cloud, which is started when it doesn't run."""
        return self.endpoint() or self.start()

    def stop(self) -> bool:
        """Stops the cloud in order, its state saved; False when it didn't run."""
        with _keeping_files_in(self.home), turn(self.home.starter_lock):
            return daemon.stop(self.home)

    def reset(self) -> None:
        """Deletes everything in this cloud, containers too; a running cloud runs again afterwards, on its port."""
        with _keeping_files_in(self.home), turn(self.home.starter_lock):
            was_running = bool(self._record())
            if not was_running and self.home.record.exists():
                self._start_to_clean_up()
            daemon.wipe(self.home)
            daemon.stop(self.home)
            for path in self.home.path.glob("*"):
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name not in self.home.lasting:
                    path.unlink()
            if was_running:
                self._start_server()

    def _start_server(self, *, engine: str = "", port: int = 0) -> dict[str, Any]:
        return daemon.start(self.home, environ=self.environ, workspace=self.workspace, engine=engine, port=port)

    def _start_to_clean_up(self) -> None:
        """A server that was killed may have left tasks behind, which the next one ends."""
        with contextlib.suppress(CopilotError):  # what keeps it from starting goes with the state
            self._start_server()

    def status(self) -> CloudStatus:
        """What there is to know about the cloud now."""
        record = self._record()
        try:
            return self._running_status(record) if record else self._stopped_status()
        except LocalCloudError:
            if not daemon.ends(self.home, seconds=1):
                raise
            return self._stopped_status()  # it ended while it was asked

    def _stopped_status(self) -> CloudStatus:
        config = read_json(self.home.config)
        return CloudStatus(
            running=False,
            name=self.name,
            home=self.home.path,
            port=config.get("port", 0),
            engine=config.get("engine", ""),
        )

    def _running_status(self, record: Mapping[str, Any]) -> CloudStatus:
        return CloudStatus(
            running=True,
            name=self.name,
            home=self.home.path,
            port=record["port"],
            engine=record["engine"],
            pid=record["pid"],
            memory_bytes=daemon.memory_bytes(record["pid"]),
            started_at=record["started_at"],
            balancers=tuple(Balancer(**balancer) for balancer in daemon.balancers(record["port"])),
        )

    def exports(self) -> dict[str, str]:
        """The environment in which any AWS SDK, the AWS CLI or Terraform talks to this cloud; started if need be."""
        endpoint = self.ensure()
        return {
            "AWS_ENDPOINT_URL": endpoint.url,
            "AWS_ACCESS_KEY_ID": endpoint.access_key,
            "AWS_SECRET_ACCESS_KEY": endpoint.secret_key,
            "AWS_REGION": endpoint.region,
            "AWS_DEFAULT_REGION": endpoint.region,
        }

    def _record(self) -> dict[str, Any]:
        """What the running server wrote about itself; empty when none runs or it isn't ready yet."""
        return read_json(self.home.record) if is_locked(self.home.lock) else {}


def _endpoint(port: int) -> Endpoint:
    return Endpoint(url=f"http://{ports.LOOPBACK}:{port}", access_key=ACCOUNT, secret_key=SECRET_KEY, region=REGION)


@contextlib.contextmanager
def _keeping_files_in(home: Home) -> Iterator[None]:
    """Tells that the files can't be kept: no place, no permission, or a disk that can't be written."""
    try:
        yield
    except OSError as err:
        if err.filename is None and err.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        raise LocalCloudError(
            f"the local cloud can't keep its files in {home.path}: {err.strerror}",
            hints=("make room, or make the folder writable, or set COPILOT_LOCAL_HOME to another one",),
        ) from err
