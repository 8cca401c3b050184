"""CodeStar connections to source providers, as records.

Nobody can complete a handshake with a provider here, so a connection is AVAILABLE from the start.
"""

from __future__ import annotations

import uuid
from typing import Any

from copilot.local.cloudformation import scope
from copilot.local.cloudformation.resources.handlers import Handlers, Made, Properties, handlers, tag_map
from copilot.local.services.json_service import JsonService, Request, ServiceError

CONNECTIONS, TAGS = "connections", "tags"


class Connections(JsonService):
    """The API and the CloudFormation type of CodeStar connections."""

    def __init__(self) -> None:
        super().__init__(CONNECTIONS, TAGS)
        self.actions = {
            "GetConnection": lambda request: {"Connection": self._find(request["ConnectionArn"])},
            "ListConnections": self._list,
            "ListTagsForResource": self._list_tags,
        }

    def types(self) -> dict[str, Handlers]:
        """The CloudFormation type."""
        return {"AWS::CodeStarConnections::Connection": handlers(self._create, self._delete)}

    def _create(self, _logical_id: str, properties: Properties, _stack_name: str) -> Made:
        arn = f"arn:aws:codestar-connections:{scope.region()}:{scope.account()}:connection/{uuid.uuid4()}"
        self.stores[CONNECTIONS][arn] = {
            "ConnectionArn": arn,
            "ConnectionName": properties["ConnectionName"],
            "ProviderType": properties.get("ProviderType", ""),
            "OwnerAccountId": scope.account(),
            "ConnectionStatus": "AVAILABLE",
        }
        self.stores[TAGS][arn] = tag_map(properties)
        return arn, {"ConnectionArn": arn, "ConnectionStatus": "AVAILABLE", "OwnerAccountId": scope.account()}

    def _delete(self, physical_id: str, _properties: Properties) -> None:
        self.stores[CONNECTIONS].pop(physical_id, None)
        self.stores[TAGS].pop(physical_id, None)

    def _list(self, request: Request) -> dict[str, Any]:
        wanted = request.get("ProviderTypeFilter")
        records = self.stores[CONNECTIONS].values()
        return {"Connections": [record for record in records if wanted in (None, record["ProviderType"])]}

    def _list_tags(self, request: Request) -> dict[str, Any]:
        self._find(request["ResourceArn"])
        tags = self.stores[TAGS].get(request["ResourceArn"]) or {}
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _find(self, arn: str) -> dict[str, Any]:
        record: dict[str, Any] | None = self.stores[CONNECTIONS].get(arn)
        if record is None:
            raise ServiceError("ResourceNotFoundException", f"{arn} does not exist")
        return record
