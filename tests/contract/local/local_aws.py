"""An SDK user of the local cloud, and the stacks that it makes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from copilot.local.clouds import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Aws:
    """An SDK user of the local cloud."""

    endpoint: Endpoint

    def client(self, service: str, region: str = "") -> Any:
        return boto3.client(
            service,
            region_name=region or self.endpoint.region,
            endpoint_url=self.endpoint.url,
            aws_access_key_id=self.endpoint.access_key,
            aws_secret_access_key=self.endpoint.secret_key,
        )

    @property
    def account(self) -> str:
        return self.endpoint.access_key

    def create_stack(self, name: str, template: str, **arguments: Any) -> dict[str, Any]:
        """Creates a stack and waits until it is complete; its description."""
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(StackName=name, TemplateBody=template, **arguments)
        return self.settled(name)

    def update_stack(self, name: str, template: str, **arguments: Any) -> dict[str, Any]:
        """Updates a stack and waits for its end; its description."""
        self.client("cloudformation").update_stack(StackName=name, TemplateBody=template, **arguments)
        return self.settled(name)

    def delete_stack(self, name: str) -> None:
        """Deletes a stack and waits until it is gone."""
        stack = self.describe(name)["StackId"]
        self.client("cloudformation").delete_stack(StackName=name)
        assert self.settled(stack)["StackStatus"] == "DELETE_COMPLETE"

    def describe(self, name: str) -> dict[str, Any]:
        described: dict[str, Any] = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return described

    def settled(self, name: str, seconds: float = 120) -> dict[str, Any]:
        """The stack once no operation is under way."""
        return until(lambda: self.describe(name), lambda stack: not stack["StackStatus"].endswith("_PROGRESS"), seconds)

    def reasons(self, name: str) -> list[str]:
        """What the stack's events say about failures, latest first."""
        events = self.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"].endswith("FAILED")]

    def outputs(self, name: str) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self.describe(name).get("Outputs", [])}


def until(ask: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 120) -> Any:
    """Asks until the answer is the wanted one."""

    deadline = time.monotonic() + seconds
    while not done(answer := ask()):
        assert time.monotonic() < deadline, f"still {answer}"
        time.sleep(0.05)
    return answer
