"""The hosted zones of an application's domain, and records in them: the environment's own, the application's, the root.

The latter two may be in another account and are reached through the role that the application grants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import boto3
from botocore.exceptions import ClientError

from copilot.lambdas.custom_resource import Request

ROLE_SESSION = "copilot-custom-resource"


class Zones:
    """Finds the zone that a name belongs to. `env_zone_id` saves looking the environment's up."""

    def __init__(self, app: str, env: str, domain: str, role_arn: str, env_zone_id: str = "") -> None:
        self._domains = [f"{env}.{app}.{domain}", f"{app}.{domain}", domain]
        self._role_arn = role_arn
        self._clients: dict[bool, Any] = {}
        self._ids = {self._domains[0]: env_zone_id} if env_zone_id else {}

    def holds(self, name: str) -> bool:
        """Whether the name is under the application's domain at all."""
        return bool(self._zone(name))

    def change(self, request: Request, action: str, records: Iterable[dict[str, Any]]) -> None:
        """UPSERTs or DELETEs records, a batch a zone, and waits until the name servers know; leaves names elsewhere."""
        batches: dict[str, list[dict[str, Any]]] = {}
        for record in records:
            zone = self._zone(record["Name"])
            if zone:
                batches.setdefault(zone, []).append({"Action": action, "ResourceRecordSet": record})
        for zone, changes in batches.items():
            client = self._client(zone)
            info = client.change_resource_record_sets(HostedZoneId=self._id(zone), ChangeBatch={"Changes": changes})[
                "ChangeInfo"
            ]
            for _ in request.polls(f"the change of records in zone {zone}"):
                if client.get_change(Id=info["Id"])["ChangeInfo"]["Status"] == "INSYNC":
                    break

    def find(self, name: str, kind: str) -> dict[str, Any] | None:
        """The record of this name and type, or None."""
        zone = self._zone(name)
        if not zone:
            return None
        try:
            found = self._client(zone).list_resource_record_sets(
                HostedZoneId=self._id(zone), StartRecordName=name, StartRecordType=kind, MaxItems="1"
            )["ResourceRecordSets"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchHostedZone":
                return None
            raise
        record: dict[str, Any] | None = found[0] if found else None
        return record if record and plain(record["Name"]) == plain(name) and record["Type"] == kind else None

    def remove(
        self, request: Request, kind: str, names: Iterable[str], is_ours: Callable[[dict[str, Any]], bool]
    ) -> None:
        """Deletes the records of these names that are ours; what is gone or somebody else's is left."""
        found = [self.find(name, kind) for name in names if self.is_there(name)]
        self.change(request, "DELETE", [record for record in found if record and is_ours(record)])

    def is_there(self, name: str) -> bool:
        """Whether the zone of the name exists."""
        zone = self._zone(name)
        return bool(zone) and bool(self._lookup(zone))

    def _zone(self, name: str) -> str:
        name = plain(name)
        return next((domain for domain in self._domains if name == domain or name.endswith(f".{domain}")), "")

    def _id(self, zone: str) -> str:
        found = self._lookup(zone)
        if not found:
            raise RuntimeError(f"there is no hosted zone for {zone}")
        return found

    def _lookup(self, zone: str) -> str:
        if zone not in self._ids:
            zones = self._client(zone).list_hosted_zones_by_name(DNSName=zone, MaxItems="1")["HostedZones"]
            match = [each["Id"] for each in zones if plain(each["Name"]) == zone]
            self._ids[zone] = match[0].split("/")[-1] if match else ""
        return self._ids[zone]

    def _client(self, zone: str) -> Any:
        is_own = zone == self._domains[0]
        if is_own not in self._clients:
            self._clients[is_own] = boto3.client("route53") if is_own else assumed(self._role_arn)
        return self._clients[is_own]


def assumed(role_arn: str) -> Any:
    """Route 53 as the role sees it."""
    keys = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=ROLE_SESSION)["Credentials"]
    return boto3.client(
        "route53",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def plain(name: str) -> str:
    """A name as people write it: lower case, no final dot, an asterisk for an asterisk."""
    return name.lower().rstrip(".").replace("\\052", "*")


def alias(name: str, dns_name: str, zone_id: str) -> dict[str, Any]:
    """An A record that follows an AWS resource."""
    target = {"DNSName": dns_name, "HostedZoneId": zone_id, "EvaluateTargetHealth": True}
    return {"Name": name, "Type": "A", "AliasTarget": target}


def points_to(dns_name: str) -> Callable[[dict[str, Any]], bool]:
    """Whether a record follows this resource; Route 53 may write `dualstack.` before a load balancer's name."""

    def check(record: dict[str, Any]) -> bool:
        return plain(target(record)) == plain(dns_name).removeprefix("dualstack.")

    return check


def target(record: dict[str, Any]) -> str:
    """The resource that a record follows; empty when it follows none."""
    dns_name = record.get("AliasTarget", {}).get("DNSName", "")
    return plain(dns_name).removeprefix("dualstack.")
