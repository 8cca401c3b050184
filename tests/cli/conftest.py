"""Whole command lines, run in this process: what they print, where, and their exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from command_lines import Result, Run

from copilot.cli.main import main
from copilot.local.clouds import Endpoint


@pytest.fixture
def copilot(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """`copilot("app", "ls")` as if it was typed, with nobody at the terminal."""

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        code = main(list(arguments))
        printed = capsys.readouterr()
        return Result(code=code, out=printed.out, err=printed.err)

    yield run
    capsys.readouterr()


@pytest.fixture
def on_aws(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """An empty AWS account: the local cloud's, reached by the variables that every AWS tool reads."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", endpoint.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", endpoint.secret_key)
    monkeypatch.setenv("AWS_REGION", endpoint.region)
    assert "COPILOT_LOCAL" not in os.environ
    return endpoint
