from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifests import WEB, service, told

from copilot.manifest.values import parse_duration


@pytest.mark.parametrize(
    "written", ["0123", "1.0", "on", "yes", "off", "123456789012", "1e3", "12:30", "2012-10-17", "0x1F", "1_000"]
)
def test_text_fields_keep_the_source_text(written: str) -> None:
    assert service(f"{WEB}variables:\n  X: {written}\n").variables["X"].value == written


@pytest.mark.parametrize("written", ["", "~", "null"])
def test_a_variable_without_a_value_is_empty(written: str) -> None:
    assert service(f"{WEB}variables:\n  X: {written}\n").variables["X"].value == ""


def test_a_quoted_null_is_text() -> None:
    assert service(f"{WEB}variables:\n  X: 'null'\n").variables["X"].value == "null"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("True", True),
        ("yes", True),
        ("on", True),
        ("y", True),
        ("no", False),
        ("off", False),
        ("false", False),
    ],
)
def test_boolean_fields_read_the_words_that_the_original_reads(written: str, value: bool) -> None:
    assert service(f"{WEB}exec: {written}\n").exec is value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[("512", 512), ("0x200", 512), ("0o1000", 512), ("1_024", 1024), ("512.0", 512), ("'512'", 512)],
        *[("01000", 512), ("+512", 512), ("0b1000000000", 512), ("0512.0", 512), ("5.12e2", 512), ("0890", 890)],
    ],
)
def test_number_fields_read_the_notations_of_numbers(written: str, value: int) -> None:
    assert service(f"{WEB}cpu: {written}\n").cpu == value


@pytest.mark.parametrize("written", ["lots", "1.5", "[1]", "{a: 1}", "12:30", "1e999", "1e-1", "0x", ".", "e3"])
def test_number_fields_refuse_what_is_no_whole_number(written: str) -> None:
    assert told(f"{WEB}cpu: {written}\n") == ["8: cpu: must be a whole number"]


@pytest.mark.parametrize(
    ("written", "seconds"), [("90s", 90), ("1h30m", 5400), ("1m0.5s", 60), ("500ms", 0), ("2.5s", 2), ("0", 0)]
)
def test_durations_are_seconds_cut_to_whole_ones(written: str, seconds: int) -> None:
    manifest = service(WEB + f"  deregistration_delay: {written}\n")
    assert manifest.http is not None
    assert manifest.http.deregistration_delay == seconds


@pytest.mark.parametrize("written", ["10", "soon", "5 s", "-5s", "1d", "s", "1m-5s", "[5s]"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    (problem,) = told(WEB + f"  deregistration_delay: {written}\n")
    assert problem.startswith("8: http.deregistration_delay: must ")


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_a_duration_is_the_sum_of_its_parts(hours: int, minutes: int, seconds: int, milliseconds: int) -> None:
    parsed = parse_duration(f"{hours}h{minutes}m{seconds}s{milliseconds}ms")
    assert parsed == pytest.approx(hours * 3600 + minutes * 60 + seconds + milliseconds / 1000)


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_is_not(text: str) -> None:
    parsed = parse_duration(text)
    assert parsed is None or isinstance(parsed, float)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_ports_outside_the_range_are_refused(port: str) -> None:
    (problem,) = told(WEB.replace("8080", port))
    assert problem.startswith("5: image.port: must be a ")


@pytest.mark.parametrize("block", ["10.0.0.0", "10.0.0.0/33", "everywhere", "10.0.0/8"])
def test_what_is_no_cidr_block_is_refused(block: str) -> None:
    assert told(WEB + f"  allowed_source_ips: [{block}]\n") == [
        f"8: http.allowed_source_ips[0]: '{block}' is not a CIDR block such as 10.0.0.0/16"
    ]


def test_a_cidr_block_may_have_host_bits_and_be_of_either_version() -> None:
    manifest = service(WEB + "  allowed_source_ips: ['10.0.0.7/16', '2001:db8::/32']\n")
    assert manifest.http is not None
    assert manifest.http.allowed_source_ips == ("10.0.0.7/16", "2001:db8::/32")
