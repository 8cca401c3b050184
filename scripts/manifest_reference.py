"""Write the reference of all manifest fields, made from the models, to a file (or to stdout)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from copilot.manifest import json_schema
from copilot.manifest.unsupported import UNSUPPORTED_FIELDS, UNSUPPORTED_TYPES
from copilot.manifest.values import DURATION_PATTERN

ANY_SCALAR = ["text", "number", "true or false"]
TYPES = ("Load Balanced Web Service", "Backend Service", "Environment")
HEAD = """# Manifests

Every field that `copilot/NAME/manifest.yml` and `copilot/environments/NAME/manifest.yml` may hold, what it
takes and its default. Made by `make docs` from the models in `src/copilot/manifest`: change the models, not this file.

- `${NAME}` in a value is replaced by a variable of the shell, or by `COPILOT_APPLICATION_NAME` and
  `COPILOT_ENVIRONMENT_NAME`, which are always there. `\\${NAME}` stays as it is.
- Durations are written like `10s` or `1m30s`. Text may stand without quotes even where it looks like a number.
- `environments.NAME` holds fields that differ in one environment: mappings merge, lists and single values replace, and
  of two forms of a field the one given there wins.
- Unknown fields are refused, all problems are told at once, each with its line.
  Top-level keys that begin with `x-` may hold anchors.
"""


def reference() -> str:
    """The whole document."""
    parts = [HEAD]
    for kind in TYPES:
        parts += [f"## {kind}\n", *_table(kind)]
    parts += ["## Not yet\n", *_not_yet()]
    return "\n".join(parts) + "\n"


def _table(kind: str) -> Iterator[str]:
    schema = json_schema(kind)
    yield "| field | takes | default |"
    yield "|---|---|---|"
    for path, takes, default in _rows(schema, schema["$defs"], ""):
        yield f"| `{path}` | {takes} | {default} |"
    yield ""


def _rows(schema: Mapping[str, Any], known: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        here = f"{path}.{name}" if path else name
        default = "required" if name in required else _default(field)
        takes = list(dict.fromkeys(_takes(field, known)))
        yield here, "text" if takes == ANY_SCALAR else ", ".join(takes), default
        if (values := field.get("additionalProperties")) and isinstance(values, dict) and "$ref" in values:
            yield f"{here}.<key>", ", ".join(dict.fromkeys(_takes(values, known))), ""
        for suffix, inner in _mappings(field, known):
            yield from _rows(inner, known, here + suffix)


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "`{}`".format(text.replace("|", "\\|"))


def _takes(field: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in field:
        yield from _takes(known[field["$ref"].rpartition("/")[2]], known)
    elif "anyOf" in field:
        for form in field["anyOf"]:
            yield from _takes(form, known)
    elif "const" in field or "enum" in field:
        yield " or ".join(
            f"`{str(v).lower() if isinstance(v, bool) else v}`" for v in field.get("enum", [field.get("const")])
        )
    elif field.get("pattern") == DURATION_PATTERN:
        yield "duration"
    elif "{" not in field.get("pattern", ""):
        yield from _words(field)


def _words(field: Mapping[str, Any]) -> Iterator[str]:
    if field.get("type") == ["string", "number", "boolean", "null"]:
        yield "text"
        return
    words = {"string": "text", "integer": "number", "number": "number", "boolean": "true or false", "array": "list"}
    types = field.get("type", ())
    for kind in [types] if isinstance(types, str) else types:
        if kind == "object":
            yield "mapping"
        elif kind != "null":
            yield words[kind]


def _mappings(field: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mappings with fields of their own inside a field, and what their path adds to the field's."""
    if "$ref" in field:
        yield from _mappings(known[field["$ref"].rpartition("/")[2]], known)
    for form in field.get("anyOf", ()):
        yield from _mappings(form, known)
    if "properties" in field and field.get("additionalProperties") is False:
        yield "", field
    if isinstance(field.get("items"), dict):
        yield from ((f"[]{suffix}", inner) for suffix, inner in _mappings(field["items"], known))
    if "properties" not in field and isinstance(field.get("additionalProperties"), dict):
        inner_field = field["additionalProperties"]
        if "$ref" in inner_field:
            yield from ((f".<key>{suffix}", inner) for suffix, inner in _mappings(inner_field, known))


def _not_yet() -> Iterator[str]:
    yield "Fields of AWS Copilot that this version refuses, and says so, as it can't deploy them yet:\n"
    for kind, fields in UNSUPPORTED_FIELDS.items():
        if fields:
            yield f"- {kind}: {', '.join(f'`{field}`' for field in sorted(fields))}"
    yield f"- whole types: {', '.join(UNSUPPORTED_TYPES)}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
    else:
        sys.stdout.write(reference())
