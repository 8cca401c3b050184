"""Hands that change an application behind its tool's back, through AWS's own APIs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from desk import Place, eventually
from inventory import client

from copilot import names
from copilot.cfn import dump, load

Edit = Callable[[dict[str, Any]], None]

# A function that answers CloudFormation once a file is there.
_ANSWER = """
import json, pathlib, time, urllib.request

def handler(event, context):
    while not pathlib.Path({gate!r}).exists():
        time.sleep(0.05)
    event.update(Status={status!r}, Reason="as wanted", PhysicalResourceId="slow")
    body = json.dumps(event).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={{"Content-Type": ""}})
    urllib.request.urlopen(request, timeout=60)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Hands on one application of one cloud."""

    place: Place

    def client(self, service: str) -> Any:
        return client(service, self.place.url)

    @property
    def stack_set(self) -> str:
        return names.stack_set(self.place.app)

    def template(self, stack: str) -> dict[str, Any]:
        return load(self.client("cloudformation").get_template(StackName=stack)["TemplateBody"])

    def put(self, stack: str, template: Mapping[str, Any], *, wait: bool = True, **options: Any) -> None:
        """Deploys a template with the parameters and tags that the stack has."""
        api = self.client("cloudformation")
        described = api.describe_stacks(StackName=stack)["Stacks"][0]
        api.update_stack(
            StackName=stack,
            TemplateBody=dump(template),
            Parameters=[
                {"ParameterKey": p["ParameterKey"], "UsePreviousValue": True} for p in described.get("Parameters", ())
            ],
            Tags=described["Tags"],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **options,
        )
        if wait:
            self.settle(stack)

    def settle(self, stack: str) -> str:
        """The status in which whatever happens to the stack ends."""

        def ended() -> str:
            status = self.place.inventory.status(stack)
            return "" if status.endswith("_IN_PROGRESS") else status

        return str(eventually(ended))

    def edit(self, stack: str, edit: Edit, **options: Any) -> None:
        """Changes a deployed template."""
        template = self.template(stack)
        edit(template)
        self.put(stack, template, **options)

    @contextmanager
    def edited(self, stack: str, edit: Edit) -> Iterator[None]:
        """The same for a while."""
        before = self.template(stack)
        self.edit(stack, edit)
        try:
            yield
        finally:
            self.put(stack, before)

    @contextmanager
    def busy(self, stack: str, gate: Path) -> Iterator[None]:
        """The stack is being updated for a while; `gate` is a file that is not there yet."""
        before = self.template(stack)
        self.edit(stack, partial(with_part, gate=gate), wait=False)
        try:
            yield
        finally:
            gate.touch()
            self.settle(stack)
            self.put(stack, before)

    @contextmanager
    def failed(self, stack: str, gate: Path) -> Iterator[None]:
        """An update of the stack has failed and was not rolled back."""
        before = self.template(stack)
        gate.touch()
        self.edit(stack, partial(with_part, gate=gate, status="FAILED"), DisableRollback=True)
        try:
            yield
        finally:
            self.put(stack, noted(deepcopy(before)))
            self.put(stack, before)

    def set_template(self) -> dict[str, Any]:
        described = self.client("cloudformation").describe_stack_set(StackSetName=self.stack_set)
        return load(described["StackSet"]["TemplateBody"])

    def edit_set(self, edit: Edit, *, wait: bool = True) -> None:
        """Changes the template of the stack set."""
        template = self.set_template()
        edit(template)
        self.put_set(template, wait=wait)

    def put_set(self, template: Mapping[str, Any], *, wait: bool = True) -> None:
        self.client("cloudformation").update_stack_set(
            StackSetName=self.stack_set, TemplateBody=dump(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        if wait:
            eventually(lambda: not self.is_set_busy())

    def is_set_busy(self) -> bool:
        found = self.client("cloudformation").list_stack_set_operations(StackSetName=self.stack_set)["Summaries"]
        return any(operation["Status"] in ("RUNNING", "QUEUED") for operation in found)

    @contextmanager
    def set_edited(self, edit: Edit) -> Iterator[None]:
        """The stack set's template is another one for a while."""
        before = self.set_template()
        self.edit_set(edit)
        try:
            yield
        finally:
            self.put_set(before)

    @contextmanager
    def set_busy(self, gate: Path) -> Iterator[None]:
        """An operation of the stack set runs for a while."""
        before = self.set_template()
        self.edit_set(partial(with_part, gate=gate), wait=False)
        try:
            yield
        finally:
            gate.touch()
            eventually(lambda: not self.is_set_busy())
            self.put_set(before)

    @contextmanager
    def recorded(self, path: str, **changed: Any) -> Iterator[None]:
        """A record says more for a while."""
        ssm = self.client("ssm")
        before = ssm.get_parameter(Name=path)["Parameter"]["Value"]
        after = json.dumps({**json.loads(before), **changed})
        ssm.put_parameter(Name=path, Value=after, Type="String", Overwrite=True)
        try:
            yield
        finally:
            ssm.put_parameter(Name=path, Value=before, Type="String", Overwrite=True)

    def history(self) -> list[str]:
        """All that a change of the application leaves behind: events of stacks, operations, records."""
        api = self.client("cloudformation")
        found = [
            event["EventId"]
            for line in self.place.inventory.stacks()
            for event in api.describe_stack_events(StackName=line.removeprefix("stack "))["StackEvents"]
        ]
        if self.place.inventory.stack_sets():
            operations = api.list_stack_set_operations(StackSetName=self.stack_set)["Summaries"]
            found += [operation["OperationId"] for operation in operations]
        beneath = names.app_parameter(self.place.app)
        records = self.client("ssm").get_parameters_by_path(Path=beneath, Recursive=True)["Parameters"]
        return sorted([*found, *(f"{record['Name']} {record['Version']}" for record in records)])


def with_part(template: dict[str, Any], *, gate: Path, status: str = "SUCCESS") -> None:
    """Adds a resource that is made, or fails, when the file is there."""
    code = _ANSWER.format(gate=str(gate), status=status)
    template["Resources"]["SlowFunction"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"ZipFile": code},
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "Timeout": 900,
            "Role": "arn:aws:iam::123456789012:role/slow",
        },
    }
    template["Resources"]["SlowPart"] = {
        "Type": "Custom::SlowPart",
        "Properties": {"ServiceToken": {"Fn::GetAtt": ["SlowFunction", "Arn"]}},
    }


def with_metadata(**values: Any) -> Edit:
    """Says something else in the template's own metadata."""

    def edit(template: dict[str, Any]) -> None:
        template["Metadata"].update(values)
        noted(template)

    return edit


def noted(template: dict[str, Any]) -> dict[str, Any]:
    """Changes a resource a little: CloudFormation takes no update of the metadata alone.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/metadata-section-structure.html
    """
    kinds = ("AWS::Lambda::Function", "AWS::IAM::Role", "AWS::KMS::Key")
    resource = next(each for each in template["Resources"].values() if each["Type"] in kinds)
    resource["Properties"]["Description"] = f"{resource['Properties'].get('Description', '')}changed"
    return template
