"""The local cloud's status."""

from __future__ import annotations

from copilot.cli.views.documents import document
from copilot.local.clouds import CloudStatus
from copilot.term.console import Stream
from copilot.term.tables import pairs, sections, table


def as_text(status: CloudStatus, stream: Stream) -> str:
    about = [
        ("Status", "running" if status.running else "stopped"),
        ("Name", status.name),
        ("Endpoint", f"http://127.0.0.1:{status.port}" if status.running else ""),
        ("Engine", status.engine),
        ("Process", str(status.pid) if status.pid else ""),
        ("Memory", f"{status.memory_bytes / 2**20:.0f} MiB" if status.memory_bytes else ""),
        ("Started", status.started_at),
        ("Files", str(status.home)),
    ]
    parts = [pairs(stream, "Local cloud", about)]
    if status.balancers:
        rows = [(balancer.name, balancer.url) for balancer in status.balancers]
        parts.append(table(stream, "Load balancers", ("Name", "URL"), rows))
    return sections(parts)


def as_json(status: CloudStatus) -> str:
    return document(
        {
            "running": status.running,
            "name": status.name,
            "port": status.port,
            "engine": status.engine,
            "pid": status.pid,
            "memoryBytes": status.memory_bytes,
            "startedAt": status.started_at,
            "home": str(status.home),
            "balancers": [{"name": b.name, "url": b.url} for b in status.balancers],
        }
    )
