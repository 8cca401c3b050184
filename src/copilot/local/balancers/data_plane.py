"""The load balancers of a running server, put together."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from copilot.local.balancers import forwarding, seams
from copilot.local.balancers.addresses import Addresses
from copilot.local.balancers.doors import Doors
from copilot.local.balancers.health import Health, Reach
from copilot.local.balancers.records import Records

logger = logging.getLogger("copilot.local.balancers")


class DataPlane:
    """Load balancers that answer on their ports. Make it inside the server's loop, before state is restored."""

    def __init__(self, folder: Path, *, gateway_port: int, reach: Reach) -> None:
        from ministack.services import alb
        from ministack.services.cloudformation import provisioners

        self._records = Records(alb)
        self._health = Health(self._records, reach)
        addresses = Addresses(folder / "balancers.json", gateway_port=gateway_port)
        self._doors = Doors(self._records, addresses, self._health, reach)
        forwarding.install(alb, provisioners)
        seams.install(alb, provisioners._RESOURCE_HANDLERS, self._records, self._doors, self._health)

    def reopen(self) -> None:
        """Opens the doors of restored load balancers; one that lost its port to another program gets a new name."""
        from ministack.services import cloudformation

        for _, _, balancer in self._records.balancers():
            old, new = balancer["DNSName"], self._doors.open(balancer)
            if new != old:
                balancer["DNSName"] = new
                logger.warning("load balancer %s moved from %s to %s", balancer["LoadBalancerName"], old, new)
                seams.rename(iter((cloudformation._stacks, cloudformation._exports)), old, new)

    def describe(self) -> list[dict[str, Any]]:
        """See `Doors.describe`."""
        return self._doors.describe()

    async def run(self) -> None:
        """Checks health and follows deletions until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._health.run())
            tasks.create_task(self._doors.run())
