"""Whatever a file holds, loading it ends in a manifest or in a ManifestError."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import ENV, WEB

from copilot.errors import ManifestError
from copilot.manifest import Source, load_environment, load_workload, parse_environment, read_header

FIELDS = """
    name type image build location port healthcheck http path alias version count range min max spot
    cpu_percentage value cooldown in cpu platform osfamily exec enable network vpc placement subnets from_tags
    security_groups groups connect variables from_cfn secrets secretsmanager environments test prod logging
    retention additional_rules target_container targetContainer cdn certificate public private ingress
    restrict_to cidr id az ports flow_logs access_logs depends_on labels command entrypoint args << sidecars
    allowed_source_ips
""".split()  # noqa: SIM905
SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-2, 70000)
    | st.sampled_from(
        [
            "",
            "/",
            "web",
            "public",
            "1-2",
            "5s",
            "linux/arm64",
            "10.0.0.0/16",
            "arn:aws:acm:us-east-1:1:c/x",
            "${X}",
            "\\${X}",
            '["a"]',
            "x'",
        ]
    )
)
DATA: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=20,
)
MAPPINGS = st.dictionaries(st.sampled_from(FIELDS), DATA, max_size=6)


def load_everything(text: str) -> None:
    source = Source(text=text, path="copilot/web/manifest.yml")
    for load in (load_workload, load_environment):
        try:
            load(source, app="vote", env="test", environ={"X": "x"})
        except ManifestError as err:
            assert err.problems
            assert all(problem.message for problem in err.problems)
    for read in (lambda: read_header(source), lambda: parse_environment(text)):
        try:
            read()
        except ManifestError as err:
            assert err.problems


@given(st.text(max_size=80))
def test_any_text_loads_or_is_refused(text: str) -> None:
    load_everything(text)


@given(st.binary(max_size=80))
def test_any_bytes_load_or_are_refused(data: bytes) -> None:
    load_everything(data.decode("latin-1"))


@given(st.text("abn:-?|>[]{}#&*!%@`'\" \n\t\\,0<~$", max_size=60))
def test_any_mixture_of_yaml_signs_loads_or_is_refused(text: str) -> None:
    load_everything(WEB + text)
    load_everything(text)


@settings(max_examples=150)
@given(MAPPINGS)
def test_any_mixture_of_fields_loads_or_is_refused(data: dict[str, Any]) -> None:
    rest = yaml.safe_dump(data)
    for kind in ("Load Balanced Web Service", "Backend Service", "Environment"):
        fixed = {**data, "name": "web", "type": kind}
        load_everything(yaml.safe_dump(fixed))
    load_everything(rest)


@given(DATA)
def test_any_value_of_any_field_is_taken_or_told_at_a_line(value: Any) -> None:
    for base in (WEB, ENV):
        for field in ("http", "network", "count", "image", "cdn", "environments"):
            lines = [line for line in base.splitlines() if not line.startswith((" ", f"{field}:", "image:", "http:"))]
            text = "\n".join(lines) + "\n" + yaml.safe_dump({field: value})
            load_everything(text)
