"""The container image of a workload: built here, or taken from somewhere."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from copilot.manifest.values import AsMapping, Integer, Model, Port, Seconds, Text, TextList, TextMap, wrong

Condition = Literal["START", "HEALTHY", "COMPLETE", "SUCCESS"]


def _condition(value: Any) -> Any:
    if isinstance(value, str) and value.upper() in {"START", "HEALTHY", "COMPLETE", "SUCCESS"}:
        return value.upper()
    raise wrong("must be start, healthy, complete or success")


DependsOn = Annotated[
    Mapping[str, Annotated[Condition, BeforeValidator(_condition, json_schema_input_type=str)]],
    AsMapping,
]


class Build(Model):
    """How an image is built; both paths are relative to the workspace's root."""

    short_form = {"type": "string"}

    dockerfile: Text = "Dockerfile"
    context: Text = "."
    target: Text | None = None
    cache_from: TextList = ()
    args: TextMap = {}

    @model_validator(mode="before")
    @classmethod
    def _fill_paths(cls, value: Any) -> Any:
        """A Dockerfile's directory is the context unless one is given, and the other way round."""
        if isinstance(value, str):
            value = {"dockerfile": value}
        if not isinstance(value, Mapping):
            raise wrong("must be the path of a Dockerfile or a mapping")
        dockerfile, context = value.get("dockerfile") or "", value.get("context") or ""
        if not isinstance(dockerfile, str) or not isinstance(context, str):
            return value
        return {
            **value,
            "dockerfile": posixpath.normpath(dockerfile or posixpath.join(context, "Dockerfile")),
            "context": posixpath.normpath(context or posixpath.dirname(dockerfile) or "."),
        }


def _build(value: Any) -> Any:
    return None if value == "" else value


class ContainerHealthCheck(Model):
    """The health check that runs inside the container."""

    command: TextList = ("CMD-SHELL", "curl -f http://localhost/ || exit 1")
    interval: Seconds = 10
    retries: Integer = 2
    timeout: Seconds = 5
    start_period: Seconds = 0


def _health_check(value: Any) -> Any:
    return None if isinstance(value, Mapping) and not value else value


class Image(Model):
    """A container image, with or without a port."""

    build: Annotated[Build | None, BeforeValidator(_build)] = None
    location: Text | None = None
    credentials: Text | None = None
    labels: TextMap = {}
    depends_on: DependsOn = {}
    port: Port | None = None
    healthcheck: Annotated[ContainerHealthCheck | None, BeforeValidator(_health_check)] = None


class ImageWithPort(Image):
    """A container image that must say the port it listens on."""

    port: Port


def _words(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return value
    if not isinstance(value, str):
        raise wrong("must be text or a list")
    try:
        return shlex.split(value)
    except ValueError as err:
        raise wrong(f"is not a shell command: {str(err).lower()}") from err


Command = Annotated[tuple[Text, ...], BeforeValidator(_words, json_schema_input_type=str | list[str])]
