"""Manifests and facts for tests of workload stacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.cfn.template import Stack
from copilot.manifest import BackendService, Environment, LoadBalancedWebService
from copilot.model.records import App, Env
from copilot.stacks.facts import WorkloadFacts
from copilot.stacks.workload import render

IMAGE = {"location": "example.com/site:1", "port": "8080"}
CERTIFICATE = "arn:aws:acm:us-west-2:111122223333:certificate/0a"
PUBLIC_CERTIFICATES = {"public": {"certificates": [CERTIFICATE]}}
PRIVATE_CERTIFICATES = {"private": {"certificates": [CERTIFICATE]}}


def web(**fields: Any) -> LoadBalancedWebService:
    """A Load Balanced Web Service named web; fields are what the manifest says beside or instead."""
    return LoadBalancedWebService.model_validate({"name": "web", "image": IMAGE, "http": {"path": "/"}, **fields})


def api(**fields: Any) -> BackendService:
    """A Backend Service named api; fields are what the manifest says beside or instead."""
    return BackendService.model_validate({"name": "api", "image": IMAGE, **fields})


def facts(
    *, app: Mapping[str, Any] | None = None, http: Mapping[str, Any] | None = None, **given: Any
) -> WorkloadFacts:
    """Facts of environment test of application demo; `http` is what the environment's manifest says about it."""
    return WorkloadFacts(
        app=App(name="demo", account="111122223333", **(app or {})),
        env=Env(app="demo", name="test", region="us-west-2", account_id="111122223333"),
        env_manifest=Environment.model_validate({"name": "test", "http": http or {}}),
        **{
            "env_version": "v1.34.1",
            "version": "v1.34.1",
            "service_discovery_endpoint": "test.demo.local",
            "random": "some-uuid",
            **given,
        },
    )


def properties(stack: Stack, logical_id: str) -> dict[str, Any]:
    """The properties of a resource in the rendered template."""
    return dict(stack.template["Resources"][logical_id]["Properties"])


def render_web(*, about: WorkloadFacts | None = None, **fields: Any) -> Stack:
    return render(web(**fields), about or facts())


def render_api(*, about: WorkloadFacts | None = None, **fields: Any) -> Stack:
    return render(api(**fields), about or facts())
