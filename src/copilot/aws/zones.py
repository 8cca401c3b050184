"""Route 53 hosted zones."""

from __future__ import annotations

from copilot.aws.connection import Api
from copilot.errors import NotFound


class Zones:
    """Amazon Route 53, which is the same in every region."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def find_public(self, domain: str) -> str | None:
        """The id of the account's public hosted zone of exactly this name, or None."""
        name = f"{domain.rstrip('.').lower()}."
        answer = self._api.call("list_hosted_zones_by_name", DNSName=name)
        for zone in answer["HostedZones"]:
            if zone["Name"] == name and not (zone.get("Config") or {}).get("PrivateZone"):
                return str(zone["Id"]).rpartition("/")[2]
        return None

    def require_public(self, domain: str) -> str:
        """The id of the account's public hosted zone of this name; NotFound without one."""
        zone_id = self.find_public(domain)
        if zone_id is None:
            raise NotFound(
                f"domain {domain} can't be used: the account has no public hosted zone of that name",
                hints=(
                    f"make one: `aws route53 create-hosted-zone --name {domain} --caller-reference copilot`",
                    "and let the registrar of the domain point to its name servers",
                ),
            )
        return zone_id
