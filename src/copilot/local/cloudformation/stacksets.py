"""Stack sets: records, the operations on them one at a time, and their instances as real stacks."""

from __future__ import annotations

import asyncio
import copy
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from copilot.local.cloudformation import scope, stacks
from copilot.local.cloudformation.wire import Refused

Record = dict[str, Any]
Step = Callable[[Record], Awaitable[None]]


class StackSets:
    """Every stack set of the local cloud, by the account and region that administer it.

    One operation runs on a stack set at a time; its id is taken for good, which makes it the caller's optimistic lock
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStackSet.html).
    """

    def __init__(self) -> None:
        from ministack.core.responses import AccountRegionScopedDict

        self._sets: Any = AccountRegionScopedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    # The emulator saves, restores and resets a service through these three names.

    def get_state(self) -> dict[str, Any]:
        """Everything, for the emulator to save."""
        return {"sets": copy.deepcopy(self._sets)}

    def load_persisted_state(self, data: Mapping[str, Any] | None) -> None:
        """Takes back what was saved; an operation that was running then has failed."""
        if not data:
            return
        self._sets._data.update(data["sets"]._data)
        for record in self._sets._data.values():
            for operation in record["operations"]:
                if operation["Status"] == "RUNNING":
                    _finish(operation, "FAILED", "the local cloud stopped during the operation")

    def reset(self) -> None:
        """Forgets every stack set."""
        self._sets.clear()

    def create(self, record: Record) -> Record:
        """Adds a stack set; refused when the name is taken."""
        if record["name"] in self._sets:
            raise Refused("NameAlreadyExistsException", f"StackSet {record['name']} already exists", 409)
        self._sets[record["name"]] = {
            **record,
            "id": f"{record['name']}:{uuid.uuid4()}",
            "instances": {},
            "operations": [],
        }
        return self.get(record["name"])

    def get(self, name: str) -> Record:
        """The stack set of that name or id; refused when there is none."""
        record: Record | None = self._sets.get(name.split(":", 1)[0])
        if record is None:
            raise Refused("StackSetNotFoundException", f"StackSet {name} not found", 404)
        return record

    def all(self) -> list[Record]:
        """The stack sets of this account and region, by name."""
        return sorted(self._sets.values(), key=lambda record: str(record["name"]))

    def delete(self, name: str) -> None:
        """Removes a stack set without instances; refused while it has some or is being changed."""
        record = self.get(name)
        if record["instances"]:
            raise Refused("StackSetNotEmptyException", "StackSet is not empty", 409)
        _refuse_when_busy(record)
        del self._sets[record["name"]]

    def operation(self, name: str, operation_id: str) -> Record:
        """One operation of a stack set; refused when there is none of that id."""
        for operation in self.get(name)["operations"]:
            if operation["OperationId"] == operation_id:
                found: Record = operation
                return found
        raise Refused("OperationNotFoundException", f"Operation {operation_id} not found", 404)

    def deploy(
        self,
        name: str,
        *,
        action: str,
        operation_id: str,
        changes: Mapping[str, Any],
        targets: Iterable[tuple[str, str]] | None = None,
    ) -> str:
        """Starts an operation that deploys the stack set's template, with `changes` applied to the stack set, to its
        instances, or to `targets` (account, region), which become instances. Returns the operation's id."""
        record = self.get(name)
        operation = _begin(record, action, operation_id)
        record.update(changes)
        wanted = _keys(targets) if targets is not None else list(record["instances"])
        for key in wanted:
            record["instances"].setdefault(key, _new_instance(record, key))
            _mark(record["instances"][key], "OUTDATED", "PENDING", operation["OperationId"])
        self._run(record, operation, wanted, self._deploy_instance(record))
        return str(operation["OperationId"])

    def remove(self, name: str, *, operation_id: str, targets: Iterable[tuple[str, str]], retain: bool) -> str:
        """Starts an operation that deletes instances, with their stacks unless `retain`. Returns the operation's id."""
        record = self.get(name)
        wanted = _keys(targets)
        _refuse_when_busy(record)
        for key in wanted:
            if key not in record["instances"]:
                raise Refused("StackInstanceNotFoundException", f"Stack instance {key} not found", 404)
        operation = _begin(record, "DELETE", operation_id)
        for key in wanted:
            _mark(record["instances"][key], "OUTDATED", "PENDING", operation["OperationId"])
        self._run(record, operation, wanted, _delete_instance(record, retain=retain))
        return str(operation["OperationId"])

    def _deploy_instance(self, record: Record) -> Step:
        async def deploy(instance: Record) -> None:
            await stacks.deploy(
                stacks.StackRequest(
                    name=instance["stack"],
                    template=record["template"],
                    parameters=record["parameters"],
                    tags=record["tags"],
                    capabilities=tuple(record["capabilities"]),
                )
            )
            instance["StackId"] = stacks.stack_id(instance["stack"])
            _mark(instance, "CURRENT", "SUCCEEDED", instance["LastOperationId"])

        return deploy

    def _run(self, record: Record, operation: Record, keys: list[str], step: Step) -> None:
        task = asyncio.get_running_loop().create_task(_operate(record, operation, keys, step))
        self._tasks.add(task)  # the loop keeps only a weak reference
        task.add_done_callback(self._tasks.discard)


def _delete_instance(record: Record, *, retain: bool) -> Step:
    async def delete(instance: Record) -> None:
        if not retain:
            await stacks.delete(instance["stack"])
        del record["instances"][f"{instance['Account']}/{instance['Region']}"]

    return delete


async def _operate(record: Record, operation: Record, keys: list[str], step: Step) -> None:
    """Takes the step for every instance, regions in parallel, and closes the operation whatever happens."""
    outcomes = await asyncio.gather(*(_at(record["instances"][key], step) for key in keys))
    failed = [reason for reason in outcomes if reason]
    for key, reason in zip(keys, outcomes, strict=True):
        operation["results"].append({"key": key, "Status": "FAILED" if reason else "SUCCEEDED", "StatusReason": reason})
    _finish(operation, "FAILED" if failed else "SUCCEEDED", "; ".join(failed))


async def _at(instance: Record, step: Step) -> str:
    """Takes the step in the instance's account and region; the reason when it fails."""
    _mark(instance, "OUTDATED", "RUNNING", instance["LastOperationId"])

    async def scoped() -> None:
        with scope.within(instance["Account"], instance["Region"]):
            await step(instance)

    try:
        await asyncio.create_task(scoped())
    except Exception as error:
        # Whatever went wrong is the operation's result: a task that raises would be a lock that nobody releases.
        _mark(instance, "OUTDATED", "FAILED", instance["LastOperationId"], str(error) or type(error).__name__)
        return str(instance["StatusReason"])
    return ""


def _begin(record: Record, action: str, operation_id: str) -> Record:
    known = [operation["OperationId"] for operation in record["operations"]]
    if operation_id in known:
        if operation_id != known[-1]:
            raise Refused(
                "StaleRequestException",
                f"Another operation has been performed on this StackSet since operation {operation_id}",
                409,
            )
        raise Refused("OperationIdAlreadyExistsException", f"OperationId {operation_id} already exists", 409)
    _refuse_when_busy(record)
    operation: Record = {
        "OperationId": operation_id or str(uuid.uuid4()),
        "Action": action,
        "Status": "RUNNING",
        "StatusReason": "",
        "CreationTimestamp": now(),
        "EndTimestamp": None,
        "results": [],
    }
    record["operations"].append(operation)
    return operation


def _refuse_when_busy(record: Record) -> None:
    running = next((item for item in record["operations"] if item["Status"] == "RUNNING"), None)
    if running:
        raise Refused(
            "OperationInProgressException",
            f"Another Operation on StackSet {record['id']} is in progress: {running['OperationId']}",
            409,
        )


def _finish(operation: Record, outcome: str, reason: str) -> None:
    operation.update(Status=outcome, StatusReason=reason, EndTimestamp=now())


def _keys(targets: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{account}/{region}" for account, region in dict.fromkeys(targets)]


def _new_instance(record: Record, key: str) -> Record:
    account, _, region = key.partition("/")
    return {
        "Account": account,
        "Region": region,
        "StackId": "",
        "stack": f"StackSet-{record['name']}-{uuid.uuid4()}",
    }


def _mark(instance: Record, status: str, detailed: str, operation_id: str, reason: str = "") -> None:
    instance.update(Status=status, DetailedStatus=detailed, LastOperationId=operation_id, StatusReason=reason)


def now() -> str:
    """The time as CloudFormation writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
