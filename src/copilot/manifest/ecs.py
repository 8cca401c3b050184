"""What every service on ECS has."""

from __future__ import annotations

from pydantic import Field

from copilot.manifest.parts.count import Count, CountField
from copilot.manifest.parts.image import Command
from copilot.manifest.parts.logging import Logging
from copilot.manifest.parts.network import Network
from copilot.manifest.parts.task import Exec, Platform, Secrets, Variables
from copilot.manifest.values import Integer, Model, Text


class EcsService(Model):
    """The part of a manifest that services on ECS share."""

    name: Text
    type: Text
    entrypoint: Command = ()
    command: Command = ()
    cpu: Integer = 256
    memory: Integer = 512
    platform: Platform | None = None
    count: CountField = Field(default_factory=lambda: Count(value=1))
    exec: Exec = False
    variables: Variables = {}
    env_file: Text | None = None
    secrets: Secrets = {}
    network: Network = Field(default_factory=Network)
    logging: Logging = Field(default_factory=Logging)
