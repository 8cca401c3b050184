"""What these tests share: the SDK's clients of the local cloud, in an account of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from local_aws import Aws

from copilot.images.engine import BuildRequest
from copilot.images.host import HostEngine
from copilot.images.store import ImageStore
from copilot.local.clouds import Endpoint, LocalCloud


@pytest.fixture
def aws(endpoint: Endpoint) -> Aws:
    """The local cloud, in an account that nobody has used."""
    return Aws(endpoint=endpoint)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud with the host engine that a test may stop or kill; its folder is known."""
    home = tmp_path_factory.mktemp("clouds")
    imports = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    environ = {"COPILOT_LOCAL_HOME": str(home), "PATH": "/usr/bin:/bin", **imports}
    cloud = LocalCloud.at(tmp_path_factory.mktemp("workspace"), environ)
    yield cloud
    cloud.stop()


@pytest.fixture
def host_aws(local: LocalCloud, account: str) -> Aws:
    """An SDK user of that cloud, in an account that nobody has used."""
    return Aws(endpoint=replace(local.start(engine="host"), access_key=account))


@pytest.fixture
def image(local: LocalCloud, tmp_path: Path) -> Callable[[str], str]:
    """Makes an image that runs a Python program; its reference."""

    def build(program: str) -> str:
        (tmp_path / "app.py").write_text(program)
        (tmp_path / "Dockerfile").write_text('FROM scratch\nCOPY app.py /app.py\nCMD ["python3", "/app.py"]\n')
        engine = HostEngine(ImageStore(local.home.path.parent / ".images"))
        return engine.build(BuildRequest(dockerfile=tmp_path / "Dockerfile", context=tmp_path), lambda _line: None).id

    return build
