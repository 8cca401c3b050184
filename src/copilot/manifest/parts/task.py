"""What a task is given: size, platform, variables, secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from copilot.manifest.values import AsMapping, Model, Scalar, Text, TextOrEmpty, boolean_or_none, wrong

_WINDOWS_FAMILIES = (
    "windows",
    "windows_server_2019_core",
    "windows_server_2019_full",
    "windows_server_2022_core",
    "windows_server_2022_full",
)
_SHORT_FORMS = ("linux/amd64", "linux/x86_64", "linux/arm", "linux/arm64", "windows/amd64", "windows/x86_64")


class Platform(Model):
    """An operating system family and a processor architecture, both in lower case."""

    short_form = {"type": "string"}

    osfamily: Text
    architecture: Text

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return _split(value)
        if not isinstance(value, Mapping):
            raise wrong("must be os/architecture or a mapping")
        return _checked_pair(value)

    @property
    def is_windows(self) -> bool:
        return self.osfamily in _WINDOWS_FAMILIES

    @property
    def is_arm(self) -> bool:
        return self.architecture in {"arm", "arm64"}

    @property
    def docker(self) -> str:
        """The platform as container engines name it."""
        return f"{'windows' if self.is_windows else self.osfamily}/{self.architecture}"


def _split(text: str) -> dict[str, str]:
    if text.lower() not in _SHORT_FORMS:
        raise wrong(f"'{text}' is not a platform: it must be one of {', '.join(_SHORT_FORMS)}")
    osfamily, _, architecture = text.lower().partition("/")
    return {"osfamily": osfamily, "architecture": architecture}


def _checked_pair(value: Mapping[str, Any]) -> Mapping[str, Any]:
    osfamily, architecture = value.get("osfamily"), value.get("architecture")
    if osfamily is None or architecture is None:
        raise wrong("needs both osfamily and architecture")
    if not isinstance(osfamily, str) or not isinstance(architecture, str):
        return value
    osfamily, architecture = osfamily.lower(), architecture.lower()
    allowed = {"linux": ("x86_64", "amd64", "arm", "arm64"), **dict.fromkeys(_WINDOWS_FAMILIES, ("x86_64", "amd64"))}
    if architecture not in allowed.get(osfamily, ()):
        families = ", ".join(allowed)
        raise wrong(
            f"'{osfamily}' with '{architecture}' is not a platform: linux takes x86_64, amd64, arm and arm64, "
            f"the others of {families} take x86_64 and amd64"
        )
    return {**value, "osfamily": osfamily, "architecture": architecture}


class TextOrImport(Model):
    """Text, or the value that a CloudFormation stack exports under the name `from_cfn`."""

    short_form = {"type": ["string", "number", "boolean", "null"]}
    internal = frozenset({"value"})

    value: TextOrEmpty = ""
    from_cfn: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if value is None:
            return {}
        if isinstance(value, str):
            return {"value": value}
        if isinstance(value, cls):
            return value
        return _only(value, "from_cfn", otherwise="must be text or a mapping with from_cfn")


class Secret(Model):
    """A secret: an SSM parameter's name or any ARN (`value`), a Secrets Manager name, or an import of either."""

    short_form = {"type": "string"}
    internal = frozenset({"value"})

    value: Text | None = None
    secretsmanager: Text | None = None
    from_cfn: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"value": value}
        if isinstance(value, cls):
            return value
        return _only(
            value, "secretsmanager", "from_cfn", otherwise="must be text or a mapping with secretsmanager or from_cfn"
        )


def _only(value: Any, *keys: str, otherwise: str) -> Any:
    """A mapping that holds exactly one of the keys."""
    if not isinstance(value, Mapping):
        raise wrong(otherwise)
    if isinstance(value.get("value"), Scalar) or len([k for k in keys if value.get(k)]) > 1:
        raise wrong(otherwise)
    if not any(value.get(k) for k in ("value", *keys)) and not set(value) - {"value", *keys}:
        raise wrong(otherwise)
    return value


Variables = Annotated[Mapping[str, TextOrImport], AsMapping]
Secrets = Annotated[Mapping[str, Secret], AsMapping]


def _exec(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"enable"}:
        value = value["enable"]
    answer = boolean_or_none(value)
    if answer is None:
        raise wrong("must be true, false or a mapping with enable")
    return answer


Exec = Annotated[bool, BeforeValidator(_exec, json_schema_input_type=bool | dict[str, bool])]
