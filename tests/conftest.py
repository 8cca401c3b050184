"""What every test gets: a home, a working directory and an environment of its own; and, when it asks, a local cloud."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from copilot.local.clouds import Endpoint, LocalCloud

_FOREIGN_PREFIXES = ("AWS_", "COPILOT_", "XDG_", "GIT_", "DOCKER_")

# Laws hold on a slow machine too, and a run tries what the one before did: `--hypothesis-profile=explore` tries others.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")


def isolated_environ(home: Path) -> dict[str, str]:
    """The environment of a user who has never heard of AWS, at home in `home`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN_PREFIXES)}
    nowhere = str(home / "no-such-file")
    return {
        **kept,
        "HOME": str(home),
        "COPILOT_LOCAL_HOME": str(home / "clouds"),
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_COLOR": "1",
    }


@pytest.fixture(autouse=True)
def _isolation(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's HOME, AWS_*, COPILOT_* or working directory reaches a test."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(_FOREIGN_PREFIXES)]:
        monkeypatch.delenv(name)
    for name, value in isolated_environ(home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """One local cloud with the host engine for all tests of this worker, running."""
    home = tmp_path_factory.mktemp("session")
    local = LocalCloud.at(home, isolated_environ(home))
    local.start(engine="host")
    yield local
    local.stop()


@pytest.fixture(scope="session")
def cloud(local_cloud: LocalCloud) -> Endpoint:
    """The endpoint of the worker's local cloud; keep apart by `account`."""
    endpoint = local_cloud.endpoint()
    assert endpoint is not None
    return endpoint


@pytest.fixture
def account() -> str:
    """A fresh account id; used as access key id it selects an empty account of the local cloud."""
    return str(random.SystemRandom().randrange(10**11, 10**12))


@pytest.fixture
def endpoint(cloud: Endpoint, account: str) -> Endpoint:
    """The worker's local cloud, seen from an account that nobody has used."""
    return replace(cloud, access_key=account)
