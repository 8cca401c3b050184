"""App Runner: services, VPC connectors and private entrances as records.

Nothing runs a service's image here, so a service is PAUSED, which is App Runner's word for a service without compute.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from copilot.local.cloudformation import scope
from copilot.local.cloudformation.resources.handlers import Handlers, Made, Properties, handlers, tag_map
from copilot.local.services.json_service import JsonService, Request, ServiceError

SERVICES, CONNECTORS, ENTRANCES, TAGS = "services", "connectors", "entrances", "tags"


class AppRunner(JsonService):
    """The API and the CloudFormation types of App Runner."""

    def __init__(self) -> None:
        super().__init__(SERVICES, CONNECTORS, ENTRANCES, TAGS)
        self.actions = {
            "ListServices": self._list_services,
            "DescribeService": lambda request: {"Service": self._find(SERVICES, request["ServiceArn"])},
            "ListOperations": lambda request: {"OperationSummaryList": []},
            "ListVpcConnectors": lambda request: {"VpcConnectors": self._all(CONNECTORS)},
            "DescribeVpcConnector": self._describe_connector,
            "ListVpcIngressConnections": self._list_entrances,
            "DescribeVpcIngressConnection": self._describe_entrance,
            "ListTagsForResource": self._list_tags,
        }

    def types(self) -> dict[str, Handlers]:
        """The CloudFormation types."""
        return {
            "AWS::AppRunner::Service": handlers(self._create_service, self._delete_service, self._update_service),
            "AWS::AppRunner::VpcConnector": handlers(self._create_connector, self._remover(CONNECTORS)),
            "AWS::AppRunner::VpcIngressConnection": handlers(self._create_entrance, self._remover(ENTRANCES)),
        }

    def tagged(self) -> dict[str, dict[str, str]]:
        """The tags of every resource, by ARN."""
        return dict(self.stores[TAGS].items())

    def _create_service(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        name = properties.get("ServiceName") or f"{stack_name}-{logical_id}-{_hex(8)}"
        if any(service["ServiceName"] == name for service in self._all(SERVICES)):
            raise ServiceError("InvalidRequestException", f"a service named {name} exists")
        identity = _hex(32)
        arn = _arn(f"service/{name}/{identity}")
        now = time.time()
        self.stores[SERVICES][arn] = {
            "ServiceArn": arn,
            "ServiceId": identity,
            "ServiceName": name,
            "ServiceUrl": f"{identity[:10]}.{scope.region()}.awsapprunner.com",
            "Status": "PAUSED",
            "CreatedAt": now,
            **self._described(properties),
        }
        return self._made(arn, properties)

    def _update_service(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
        if old.get("ServiceName") != new.get("ServiceName"):
            return self._create_service(physical_id, new, stack_name)
        self._find(SERVICES, physical_id).update(self._described(new))
        return self._made(physical_id, new)

    def _delete_service(self, physical_id: str, _properties: Properties) -> None:
        self._remover(SERVICES)(physical_id, {})

    def _made(self, arn: str, properties: Properties) -> Made:
        service = self._find(SERVICES, arn)
        self.stores[TAGS][arn] = tag_map(properties)
        return arn, {name: service[name] for name in ("ServiceArn", "ServiceId", "ServiceUrl", "Status")}

    def _described(self, properties: Properties) -> dict[str, Any]:
        told = ("SourceConfiguration", "InstanceConfiguration", "HealthCheckConfiguration", "NetworkConfiguration")
        network = {"EgressConfiguration": {"EgressType": "DEFAULT"}}
        shown = {name: properties[name] for name in told if name in properties}
        return {"NetworkConfiguration": network, "InstanceConfiguration": {}, **shown, "UpdatedAt": time.time()}

    def _create_connector(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        name = properties.get("VpcConnectorName") or f"{stack_name}-{logical_id}"[:40]
        arn = _arn(f"vpcconnector/{name}/1/{_hex(32)}")
        self.stores[CONNECTORS][arn] = {
            "VpcConnectorName": name,
            "VpcConnectorArn": arn,
            "VpcConnectorRevision": 1,
            "Subnets": list(properties["Subnets"]),
            "SecurityGroups": list(properties.get("SecurityGroups") or ()),
            "Status": "ACTIVE",
            "CreatedAt": time.time(),
        }
        self.stores[TAGS][arn] = tag_map(properties)
        return arn, {"VpcConnectorArn": arn, "VpcConnectorRevision": 1}

    def _create_entrance(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        name = properties.get("VpcIngressConnectionName") or f"{stack_name}-{logical_id}"[:40]
        arn = _arn(f"vpcingressconnection/{name}/{_hex(32)}")
        self._find(SERVICES, properties["ServiceArn"])
        self.stores[ENTRANCES][arn] = {
            "VpcIngressConnectionArn": arn,
            "VpcIngressConnectionName": name,
            "ServiceArn": properties["ServiceArn"],
            "Status": "AVAILABLE",
            "AccountId": scope.account(),
            "DomainName": f"{_hex(10)}.{scope.region()}.awsapprunner.com",
            "IngressVpcConfiguration": properties["IngressVpcConfiguration"],
            "CreatedAt": time.time(),
        }
        self.stores[TAGS][arn] = tag_map(properties)
        entrance = self.stores[ENTRANCES][arn]
        return arn, {name: entrance[name] for name in ("VpcIngressConnectionArn", "DomainName", "Status")}

    def _remover(self, store: str) -> Any:
        def remove(physical_id: str, _properties: Properties) -> None:
            self.stores[store].pop(physical_id, None)
            self.stores[TAGS].pop(physical_id, None)

        return remove

    def _list_services(self, _request: Request) -> dict[str, Any]:
        told = ("ServiceName", "ServiceId", "ServiceArn", "ServiceUrl", "CreatedAt", "UpdatedAt", "Status")
        summaries = [{name: service[name] for name in told} for service in self._all(SERVICES)]
        return {"ServiceSummaryList": summaries}

    def _describe_connector(self, request: Request) -> dict[str, Any]:
        return {"VpcConnector": self._find(CONNECTORS, request["VpcConnectorArn"])}

    def _describe_entrance(self, request: Request) -> dict[str, Any]:
        return {"VpcIngressConnection": self._find(ENTRANCES, request["VpcIngressConnectionArn"])}

    def _list_entrances(self, request: Request) -> dict[str, Any]:
        wanted = (request.get("Filter") or {}).get("ServiceArn")
        found = [
            {"VpcIngressConnectionArn": entrance["VpcIngressConnectionArn"], "ServiceArn": entrance["ServiceArn"]}
            for entrance in self._all(ENTRANCES)
            if wanted in (None, entrance["ServiceArn"])
        ]
        return {"VpcIngressConnectionSummaryList": found}

    def _list_tags(self, request: Request) -> dict[str, Any]:
        tags = self.stores[TAGS].get(request["ResourceArn"]) or {}
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _find(self, store: str, arn: str) -> dict[str, Any]:
        record: dict[str, Any] | None = self.stores[store].get(arn)
        if record is None:
            raise ServiceError("ResourceNotFoundException", f"{arn} does not exist")
        return record

    def _all(self, store: str) -> list[dict[str, Any]]:
        return list(self.stores[store].values())


def _arn(resource: str) -> str:
    return f"arn:aws:apprunner:{scope.region()}:{scope.account()}:{resource}"


def _hex(length: int) -> str:
    return uuid.uuid4().hex[:length]
