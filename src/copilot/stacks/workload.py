"""Stacks of workloads, whatever their type."""

from __future__ import annotations

from typing import assert_never

from copilot.cfn.template import Stack
from copilot.errors import UsageError
from copilot.manifest.backend import BackendService
from copilot.manifest.load_balanced_web import LoadBalancedWebService
from copilot.model.records import BACKEND_SERVICE, LOAD_BALANCED_WEB_SERVICE
from copilot.stacks import backend, load_balanced_web
from copilot.stacks.facts import WorkloadFacts


def render(manifest: LoadBalancedWebService | BackendService, facts: WorkloadFacts) -> Stack:
    """The stack of a workload in an environment."""
    match manifest:
        case LoadBalancedWebService():
            return load_balanced_web.render(manifest, facts)
        case BackendService():
            return backend.render(manifest, facts)
        case _:
            assert_never(manifest)


def lambdas(workload_type: str) -> tuple[str, ...]:
    """The functions to upload before such a stack is deployed, whether its template uses them or not."""
    functions = {LOAD_BALANCED_WEB_SERVICE: load_balanced_web.LAMBDAS, BACKEND_SERVICE: backend.LAMBDAS}
    if workload_type not in functions:
        raise UsageError(f"type {workload_type!r} can't be deployed: it must be one of {', '.join(functions)}")
    return functions[workload_type]
