"""Reads a Dockerfile: its instructions, its stages, and the facts that manifests are made from.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

KEYWORDS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
DEFAULT_SHELL = ("/bin/sh", "-c")
_DIRECTIVE = re.compile(r"^#\s*([a-z]+)\s*=\s*(\S+)\s*$")
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?(?:\s+|$)")
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_][A-Za-z0-9_]*)[\"']?")
_VARIABLE = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])((?:[^{}]|\$\{[^{}]*\})*))?\}|([A-Za-z_][A-Za-z0-9_]*))"
)
_PIECE = re.compile(
    r"""'(?P<raw>[^']*)'"""
    r"""|"(?P<quoted>(?:\\.|[^"\\])*)\""""
    r"""|(?P<space>[ \t]+)"""
    r"""|(?P<plain>(?:\$\{[^}]*\}|\\.|[^\s'"\\])+)"""
    r"""|(?P<odd>.)"""
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class DockerfileError(ValueError):
    """A line can't be understood; `line` is its number."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction. `text` is what follows the keyword and its flags, `heredoc` the names of its here-documents."""

    line: int
    keyword: str
    text: str
    flags: Mapping[str, str] = field(default_factory=dict)
    heredoc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The instructions from one FROM to the next."""

    name: str
    base: str
    line: int
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """HEALTHCHECK in the form that ECS has it; times in seconds, None when the file doesn't say."""

    command: tuple[str, ...]
    interval: float | None = None
    timeout: float | None = None
    start_period: float | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    """What a manifest wants to know: the names of the stages, and facts of the last one."""

    stages: tuple[str, ...] = ()
    expose: tuple[int, ...] = ()
    healthcheck: HealthCheck | None = None


def read(text: str) -> Dockerfile:
    """Facts of the image that the file makes. Lines that make no sense are passed over: the build will tell."""
    stages = split_stages(parse(text, strict=False))[1]
    values: dict[str, str] = {}
    expose: list[int] = []
    check: HealthCheck | None = None
    for step in _lineage(stages):
        match step.keyword:
            case "ARG" | "ENV":
                values.update(assignments(step, values))
            case "EXPOSE":
                expose += exposed_ports(step, values)
            case "HEALTHCHECK":
                check = health_check(step)
    return Dockerfile(
        stages=tuple(stage.name for stage in stages), expose=tuple(dict.fromkeys(expose)), healthcheck=check
    )


def _lineage(stages: Sequence[Stage]) -> list[Instruction]:
    """The instructions that the last stage is made of, those of the stages it starts from first."""
    steps: list[Instruction] = []
    wanted = stages[-1].name if stages else ""
    for stage in reversed(stages):
        if stage.name == wanted:
            steps = [*stage.instructions, *steps]
            wanted = stage.base.lower()
    return steps


def parse(text: str, *, strict: bool = True) -> list[Instruction]:
    """The file's instructions in order; DockerfileError for an unknown one when strict."""
    found = []
    for line, logical, heredoc in _logical_lines(text):
        keyword, _, rest = logical.partition(" ")
        keyword = keyword.upper()
        if keyword not in KEYWORDS:
            if strict:
                raise DockerfileError(line, f"unknown instruction {keyword}")
            continue
        flags, rest = _flags(rest.strip())
        found.append(Instruction(line=line, keyword=keyword, text=rest, flags=flags, heredoc=heredoc))
    return found


def split_stages(instructions: Sequence[Instruction]) -> tuple[tuple[Instruction, ...], tuple[Stage, ...]]:
    """What stands before the first FROM, and the stages."""
    starts = [index for index, step in enumerate(instructions) if step.keyword == "FROM"]
    if not starts:
        return tuple(instructions), ()
    stages = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(instructions)], strict=True)):
        words = instructions[start].text.split()
        named = len(words) == 3 and words[1].upper() == "AS"
        stages.append(
            Stage(
                name=words[2].lower() if named else str(number),
                base=words[0] if words else "",
                line=instructions[start].line,
                instructions=tuple(instructions[start + 1 : end]),
            )
        )
    return tuple(instructions[: starts[0]]), tuple(stages)


def _logical_lines(text: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Numbered lines with continuations joined, comments dropped and here-documents skipped."""
    lines = text.splitlines()
    escape = _escape(lines)
    index = 0
    while index < len(lines):
        start = index
        parts: list[str] = []
        while index < len(lines):
            line = lines[index]
            index += 1
            if line.lstrip().startswith("#") or (parts and not line.strip()):
                continue
            continued = line.rstrip().endswith(escape)
            parts.append(line.rstrip()[:-1].strip() if continued else line.strip())
            if not continued:
                break
        logical = " ".join(part for part in parts if part).replace("\t", " ")
        if not logical:
            continue
        names = tuple(_HEREDOC.findall(logical)) if logical.split(" ", 1)[0].upper() in ("RUN", "COPY", "ADD") else ()
        for name in names:
            while index < len(lines) and lines[index].strip() != name:
                index += 1
            index += 1
        yield _first_text_line(lines, start), logical, names


def _first_text_line(lines: Sequence[str], start: int) -> int:
    for offset in range(start, len(lines)):
        stripped = lines[offset].strip()
        if stripped and not stripped.startswith("#"):
            return offset + 1
    return start + 1


def _escape(lines: Sequence[str]) -> str:
    for line in lines:
        found = _DIRECTIVE.match(line.strip())
        if not found:
            break
        if found[1] == "escape":
            return found[2]
    return "\\"


def _flags(text: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    while found := _FLAG.match(text):
        flags[found[1]] = found[2] or ""
        text = text[found.end() :]
    return flags, text


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Variables replaced, with the defaults that `${NAME:-default}` and `${NAME:+other}` give; `\\$` stays a dollar."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[4]
        known = values.get(name)
        operator, word = found[2] or "", found[3] or ""
        present = known is not None and (known != "" or not operator.startswith(":"))
        if operator.endswith("+"):
            return substitute(word, values) if present else ""
        if operator.endswith("-") and not present:
            return substitute(word, values)
        return known or ""

    return "$".join(_VARIABLE.sub(value, part) for part in text.split("\\$"))


def words(text: str, values: Mapping[str, str]) -> list[str]:
    """Words as a shell splits them: quotes grouped and removed, variables replaced but not within single quotes."""
    found: list[str] = []
    current: str | None = None
    for piece in _PIECE.finditer(text):
        match piece.lastgroup:
            case "space":
                found += [current] if current is not None else []
                current = None
            case "raw":
                current = (current or "") + piece["raw"]
            case "quoted":
                current = (current or "") + substitute(re.sub(r'\\(["\\])', r"\1", piece["quoted"]), values)
            case _:
                current = (current or "") + substitute(re.sub(r"\\([^$])", r"\1", piece[0]), values)
    return [*found, current] if current is not None else found


def assignments(step: Instruction, values: Mapping[str, str]) -> dict[str, str]:
    """The `NAME=value` pairs of ENV, ARG or LABEL; an ARG without a default is left out."""
    if step.keyword == "ENV" and "=" not in step.text.split(" ", 1)[0]:
        name, _, value = step.text.partition(" ")
        return {name: substitute(value.strip(), values)}
    pairs = (word.partition("=") for word in words(step.text, values))
    return {name: value for name, equals, value in pairs if equals}


def exposed_ports(step: Instruction, values: Mapping[str, str]) -> list[int]:
    """The TCP and UDP ports of EXPOSE, with ranges spelled out."""
    ports: list[int] = []
    for word in words(step.text, values):
        first, _, last = word.partition("/")[0].partition("-")
        if first.isdigit() and (last or first).isdigit():
            ports += range(int(first), int(last or first) + 1)
    return ports


def command(text: str, shell: Sequence[str] = DEFAULT_SHELL) -> tuple[str, ...]:
    """CMD or ENTRYPOINT as an argument list; the shell form goes through the shell."""
    listed = json_list(text)
    return tuple(listed) if listed is not None else (*shell, text)


def json_list(text: str) -> list[str] | None:
    """The exec form's list, or None when the text is not one."""
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, list) and all(isinstance(part, str) for part in found) else None


def health_check(step: Instruction) -> HealthCheck | None:
    """HEALTHCHECK as ECS has it; None for `HEALTHCHECK NONE`."""
    keyword, _, rest = step.text.partition(" ")
    if keyword.upper() != "CMD":
        return None
    listed = json_list(rest.strip())
    retries = step.flags.get("retries", "")
    return HealthCheck(
        command=("CMD", *listed) if listed is not None else ("CMD-SHELL", rest.strip()),
        interval=seconds(step.flags.get("interval", "")),
        timeout=seconds(step.flags.get("timeout", "")),
        start_period=seconds(step.flags.get("start-period", "")),
        retries=int(retries) if retries.isdigit() else None,
    )


def seconds(text: str) -> float | None:
    """A Go duration such as `1m30s` in seconds, or None."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))
