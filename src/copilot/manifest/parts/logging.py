"""Where a container's output goes, and for how long."""

from __future__ import annotations

from copilot.manifest.values import Integer, Model


class Logging(Model):
    """How many days the log group keeps what containers print."""

    retention: Integer = 30
