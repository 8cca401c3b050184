"""Parameters: text under a path, in SSM Parameter Store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from copilot.aws import tags as shapes
from copilot.aws.connection import Api
from copilot.errors import AWSError

_NAMES_A_CALL = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter's name (its whole path) and value."""

    name: str
    value: str = field(repr=False)
    type: str = "String"


class Parameters:
    """AWS Systems Manager Parameter Store."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def region(self) -> str:
        return self._api.region

    def find(self, name: str, *, decrypt: bool = False) -> Parameter | None:
        """The parameter, or None."""
        try:
            answer = self._api.call("get_parameter", Name=name, WithDecryption=decrypt)["Parameter"]
        except AWSError as error:
            if error.code == "ParameterNotFound":
                return None
            raise
        return _parameter(answer)

    def find_many(self, names: Sequence[str]) -> dict[str, Parameter]:
        """The parameters of these names that exist, by name; ten a call."""
        found: dict[str, Parameter] = {}
        for start in range(0, len(names), _NAMES_A_CALL):
            answer = self._api.call("get_parameters", Names=list(names[start : start + _NAMES_A_CALL]))
            found |= {each["Name"]: _parameter(each) for each in answer["Parameters"]}
        return found

    def list(self, prefix: str, *, recursive: bool = False) -> list[Parameter]:
        """Parameters under a path that ends with a slash: direct children only, unless recursive. Sorted by name."""
        found = self._api.items("get_parameters_by_path", "Parameters", Path=prefix, Recursive=recursive)
        return sorted((_parameter(answer) for answer in found), key=lambda parameter: parameter.name)

    def create(
        self,
        name: str,
        value: str,
        *,
        description: str = "",
        tags: Mapping[str, str] | None = None,
        secret: bool = False,
    ) -> bool:
        """Writes a new parameter; False, and nothing changed, when it exists."""
        arguments = {"Description": description} if description else {}
        try:
            self._api.call(
                "put_parameter",
                Name=name,
                Value=value,
                Type="SecureString" if secret else "String",
                Overwrite=False,
                Tags=shapes.to_list(tags or {}),
                **arguments,
            )
        except AWSError as error:
            if error.code == "ParameterAlreadyExists":
                return False
            raise
        return True

    def update(self, name: str, value: str, *, description: str = "", secret: bool = False) -> None:
        """Replaces the value; tags stay as they are."""
        arguments = {"Description": description} if description else {}
        self._api.call(
            "put_parameter",
            Name=name,
            Value=value,
            Type="SecureString" if secret else "String",
            Overwrite=True,
            **arguments,
        )

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        """Adds tags, and replaces those of the same key."""
        self._api.call("add_tags_to_resource", ResourceType="Parameter", ResourceId=name, Tags=shapes.to_list(tags))

    def tags(self, name: str) -> dict[str, str]:
        """The parameter's tags."""
        answer = self._api.call("list_tags_for_resource", ResourceType="Parameter", ResourceId=name)
        return shapes.from_list(answer.get("TagList"))

    def delete(self, name: str) -> bool:
        """Deletes the parameter; False when there was none."""
        try:
            self._api.call("delete_parameter", Name=name)
        except AWSError as error:
            if error.code == "ParameterNotFound":
                return False
            raise
        return True


def _parameter(answer: Mapping[str, str]) -> Parameter:
    return Parameter(name=answer["Name"], value=answer["Value"], type=answer.get("Type", "String"))
