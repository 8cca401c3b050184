"""Manifests to begin a test with, and short ways to load them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from copilot.errors import ManifestError, Problem
from copilot.manifest import (
    BackendService,
    Environment,
    LoadBalancedWebService,
    Source,
    load_environment,
    load_workload,
)

WEB = """\
name: web
type: Load Balanced Web Service
image:
  build: web/Dockerfile
  port: 8080
http:
  path: /
"""
API = """\
name: api
type: Backend Service
image:
  location: nginx
"""
ENV = """\
name: test
type: Environment
"""
Service = LoadBalancedWebService | BackendService


def service(text: str, *, env: str = "test", environ: Mapping[str, str] | None = None) -> Service:
    """The service of a manifest that must be right."""
    return load_workload(source(text), app="vote", env=env, environ=environ or {}).manifest


def environment(text: str) -> Environment:
    """The environment of a manifest that must be right."""
    return load_environment(source(text), app="vote", env="test", environ={}).manifest


def source(text: str) -> Source:
    name = "api" if "Backend" in text else "test" if "Environment" in text else "web"
    return Source(text=text, path=f"copilot/{name}/manifest.yml")


def problems(text: str, *, env: str = "test", environ: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """What is wrong with a manifest that must be wrong."""
    load = load_environment if "type: Environment" in text else load_workload
    with pytest.raises(ManifestError) as caught:
        load(source(text), app="vote", env=env, environ=environ or {})
    return caught.value.problems


def told(text: str, *, env: str = "test", environ: Mapping[str, str] | None = None) -> list[str]:
    """The problems as the user reads them, without the path."""
    return [str(p).removeprefix(f"{p.path}:") for p in problems(text, env=env, environ=environ)]
