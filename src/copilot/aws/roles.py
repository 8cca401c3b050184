"""IAM roles and policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copilot.aws import tags as shapes
from copilot.aws.connection import Api
from copilot.errors import AccessDenied, AWSError

_NO_SUCH = "NoSuchEntity"


@dataclass(frozen=True, slots=True, kw_only=True)
class IAMRole:
    name: str
    arn: str
    tags: Mapping[str, str]


class Roles:
    """AWS IAM."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def find(self, name: str) -> IAMRole | None:
        """The role with its tags, or None."""
        try:
            role = self._api.call("get_role", RoleName=name)["Role"]
        except AWSError as error:
            if error.code == _NO_SUCH:
                return None
            raise
        return IAMRole(name=role["RoleName"], arn=role["Arn"], tags=shapes.from_list(role.get("Tags")))

    def delete(self, name: str) -> bool:
        """Deletes the role, its inline policies first; False when there was none."""
        try:
            for policy in list(self._api.items("list_role_policies", "PolicyNames", RoleName=name)):
                self._api.call("delete_role_policy", RoleName=name, PolicyName=policy)
            self._api.call("delete_role", RoleName=name)
        except AWSError as error:
            if error.code == _NO_SUCH:
                return False
            raise
        return True

    def has_local_policy(self, name: str) -> bool:
        """Whether the account has a customer managed policy of this name."""
        found = self._api.items("list_policies", "Policies", Scope="Local")
        return any(policy["PolicyName"] == name for policy in found)

    def ensure_ecs_service_linked_role(self) -> bool:
        """Makes the role that ECS acts with; False when the account has it, or the caller may not make it.

        Who may not make roles often has it already, and ECS says when it lacks it.
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
        """
        try:
            self._api.call("create_service_linked_role", AWSServiceName="ecs.amazonaws.com")
        except AccessDenied:
            return False
        except AWSError as error:
            if error.code in {"InvalidInput", "EntityAlreadyExists"}:
                return False
            raise
        return True
