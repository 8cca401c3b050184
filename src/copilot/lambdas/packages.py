"""Custom resource functions as zips. The same source gives the same bytes, so a key that names the content is stable."""

from __future__ import annotations

import io
import re
import zipfile
from importlib.resources import files

ENVIRONMENT = "Environment"
ENTRY = "index.py"
SHARED = "custom_resource"
_IMPORT_OF_SHARED = re.compile(rf"^from copilot\.lambdas\.{SHARED} import .*\n", re.MULTILINE)
_FUTURE = "from __future__ import annotations\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)

_ENV_CONTROLLER = {"EnvControllerFunction": "env_controller"}
_SCALED = {"DynamicDesiredCountFunction": "desired_count", **_ENV_CONTROLLER}
_ROUTED = {**_SCALED, "RulePriorityFunction": "rule_priority"}

MODULES = {
    ENVIRONMENT: {
        "BucketCleanerFunction": "bucket_cleaner",
        "UniqueJSONValuesFunction": "unique_json_values",
    },
    "Load Balanced Web Service": _ROUTED,
    "Backend Service": _ROUTED,
    "Worker Service": _SCALED,
    "Request-Driven Web Service": _ENV_CONTROLLER,
    "Static Site": {},
    "Scheduled Job": _ENV_CONTROLLER,
}
"""For each kind of stack its functions, and the module that holds each: one name may stand for different modules."""


def functions(stack_kind: str) -> tuple[str, ...]:
    """The names of a stack's functions: `Environment` or a workload's type."""
    return tuple(MODULES[stack_kind])


def package(function: str, stack_kind: str) -> bytes:
    """A function's zip: the single entry index.py, whose handler is `index.handler`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(ENTRY, date_time=_EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        entry.create_system = 3
        archive.writestr(entry, source(MODULES[stack_kind][function]))
    return content.getvalue()


def source(module: str) -> str:
    """A handler's whole text: what all share, then its own."""
    own = _IMPORT_OF_SHARED.sub("", _read(module)).replace(_FUTURE, "")
    return f"{_read(SHARED)}\n\n# {module}\n\n{own}"


def _read(module: str) -> str:
    return (files("copilot.lambdas") / f"{module}.py").read_text(encoding="utf-8")
