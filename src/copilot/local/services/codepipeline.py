"""CodePipeline: pipelines as records that can be read and listed. None is executed here."""

from __future__ import annotations

import time
import uuid
from typing import Any

from copilot.local.cloudformation import scope
from copilot.local.cloudformation.resources.handlers import Handlers, Made, Properties, api_form, handlers, tag_map
from copilot.local.services.json_service import JsonService, Request, ServiceError

PIPELINES = "pipelines"


class CodePipeline(JsonService):
    """The API and the CloudFormation type of CodePipeline."""

    def __init__(self) -> None:
        super().__init__(PIPELINES)
        self.actions = {
            "GetPipeline": self._get,
            "ListPipelines": self._list,
            "GetPipelineState": self._state,
            "ListPipelineExecutions": self._executions,
            "ListTagsForResource": self._list_tags,
        }

    def types(self) -> dict[str, Handlers]:
        """The CloudFormation type."""
        return {"AWS::CodePipeline::Pipeline": handlers(self._create, self._delete, self._update)}

    def tagged(self) -> dict[str, dict[str, str]]:
        """The tags of every pipeline, by ARN."""
        return {_arn(name): record["tags"] for name, record in self.stores[PIPELINES].items()}

    def _create(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        name = properties.get("Name") or f"{stack_name}-{logical_id}-{uuid.uuid4().hex[:12].upper()}"
        if name in self.stores[PIPELINES]:
            raise ServiceError("PipelineNameInUseException", f"a pipeline named {name} exists")
        return self._put(name, properties, version=1, created=time.time())

    def _update(self, physical_id: str, old: Properties, new: Properties, stack_name: str) -> Made:
        if old.get("Name") != new.get("Name"):
            return self._create("Pipeline", new, stack_name)
        known = self._find(physical_id)
        return self._put(physical_id, new, version=known["pipeline"]["version"] + 1, created=known["created"])

    def _delete(self, physical_id: str, _properties: Properties) -> None:
        self.stores[PIPELINES].pop(physical_id, None)

    def _put(self, name: str, properties: Properties, *, version: int, created: float) -> Made:
        declaration = {"name": name, "version": version, "roleArn": properties.get("RoleArn", "")}
        if "ArtifactStore" in properties:
            declaration["artifactStore"] = api_form(properties["ArtifactStore"])
        if "ArtifactStores" in properties:
            stores = properties["ArtifactStores"]
            declaration["artifactStores"] = {item["Region"]: api_form(item["ArtifactStore"]) for item in stores}
        declaration["stages"] = api_form(properties["Stages"])
        self.stores[PIPELINES][name] = {
            "pipeline": declaration,
            "created": created,
            "updated": time.time(),
            "tags": tag_map(properties),
        }
        return name, {"Version": str(version)}

    def _get(self, request: Request) -> dict[str, Any]:
        record = self._find(request["name"])
        times = {"created": record["created"], "updated": record["updated"]}
        return {"pipeline": record["pipeline"], "metadata": {"pipelineArn": _arn(request["name"]), **times}}

    def _list(self, _request: Request) -> dict[str, Any]:
        records = self.stores[PIPELINES].values()
        return {"pipelines": [_summary(record) for record in records]}

    def _state(self, request: Request) -> dict[str, Any]:
        record = self._find(request["name"])
        stages = [
            {
                "stageName": stage["name"],
                "inboundTransitionState": {"enabled": True},
                "actionStates": [{"actionName": action["name"]} for action in stage["actions"]],
            }
            for stage in record["pipeline"]["stages"]
        ]
        return {
            "pipelineName": request["name"],
            "pipelineVersion": record["pipeline"]["version"],
            "stageStates": stages,
            "created": record["created"],
            "updated": record["updated"],
        }

    def _executions(self, request: Request) -> dict[str, Any]:
        self._find(request["pipelineName"])
        return {"pipelineExecutionSummaries": []}

    def _list_tags(self, request: Request) -> dict[str, Any]:
        tags = self._find(str(request["resourceArn"]).rpartition(":")[2])["tags"]
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def _find(self, name: str) -> dict[str, Any]:
        record: dict[str, Any] | None = self.stores[PIPELINES].get(name)
        if record is None:
            raise ServiceError("PipelineNotFoundException", f"there is no pipeline named {name}")
        return record


def _summary(record: dict[str, Any]) -> dict[str, Any]:
    declaration = record["pipeline"]
    times = {"created": record["created"], "updated": record["updated"]}
    return {"name": declaration["name"], "version": declaration["version"], **times}


def _arn(name: str) -> str:
    return f"arn:aws:codepipeline:{scope.region()}:{scope.account()}:{name}"
