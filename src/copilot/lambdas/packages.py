"""Custom resource functions as zips. The same source gives the same bytes, so keys that name content are stable."""

from __future__ import annotations

import io
import re
import zipfile
from importlib.resources import files

ENVIRONMENT = "environment"
ENTRY = "index.py"
_IMPORT_OF_SHARED = re.compile(r"^from copilot\.lambdas\.(\w+) import .*\n", re.MULTILINE)
_FUTURE = "from __future__ import annotations\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)

_ENV_CONTROLLER = {"EnvControllerFunction": "env_controller"}
_SCALED = {"DynamicDesiredCountFunction": "desired_count", **_ENV_CONTROLLER}
_ROUTED = {**_SCALED, "RulePriorityFunction": "rule_priority"}
_BALANCED = {
    **_ROUTED,
    "NLBCertValidatorFunction": "wkld_cert_validator",
    "NLBCustomDomainFunction": "wkld_custom_domain",
}

MODULES = {
    ENVIRONMENT: {
        "CertificateValidationFunction": "cert_validator",
        "CustomDomainFunction": "custom_domain",
        "DNSDelegationFunction": "dns_delegation",
        "CertificateReplicatorFunction": "cert_replicator",
        "BucketCleanerFunction": "bucket_cleaner",
        "UniqueJSONValuesFunction": "unique_json_values",
    },
    "Load Balanced Web Service": _BALANCED,
    "Backend Service": _ROUTED,
    "Worker Service": _SCALED,
    "Request-Driven Web Service": _ENV_CONTROLLER,
    "Static Site": {
        "CertificateValidationFunction": "wkld_cert_validator",
        "CustomDomainFunction": "wkld_custom_domain",
    },
    "Scheduled Job": _ENV_CONTROLLER,
}
"""For each kind of stack its functions, and the module that holds each: one name may stand for different modules."""


def functions(stack_kind: str) -> tuple[str, ...]:
    """The names of a stack's functions: `environment` or a workload's type."""
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
    """A handler's whole text: the shared modules that it imports, each once, then its own."""
    texts: dict[str, str] = {}
    _collect(module, texts)
    return _FUTURE + "".join(f"\n\n# {name}.py\n\n{text}" for name, text in texts.items())


def _collect(module: str, texts: dict[str, str]) -> None:
    text = (files("copilot.lambdas") / f"{module}.py").read_text(encoding="utf-8")
    for shared in _IMPORT_OF_SHARED.findall(text):
        if shared not in texts:
            _collect(shared, texts)
    texts[module] = _IMPORT_OF_SHARED.sub("", text).replace(_FUTURE, "")
