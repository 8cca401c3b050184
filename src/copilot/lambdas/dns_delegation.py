"""DNSDelegationFunction: the application's zone hands a subdomain over to the environment's name servers."""

from __future__ import annotations

from typing import Any

from copilot.lambdas.custom_resource import Request, serve
from copilot.lambdas.zones import assumed, plain

TTL_SECONDS = 60


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, event["ResourceProperties"]["SubdomainName"], work)


def work(request: Request) -> None:
    """Writes the NS record into the application's zone; takes it out again when it is still the same."""
    properties = request.properties
    client = assumed(properties["RootDNSRole"])
    zone_id = find_zone(client, properties["DomainName"])
    if not zone_id:
        if request.type == "Delete":
            return
        raise RuntimeError(f"there is no hosted zone for {properties['DomainName']}")
    record = {
        "Name": properties["SubdomainName"],
        "Type": "NS",
        "TTL": TTL_SECONDS,
        "ResourceRecords": [{"Value": server} for server in properties["NameServers"]],
    }
    if request.type == "Delete":
        if is_there(client, zone_id, record):
            change(request, client, zone_id, "DELETE", record)
        return
    change(request, client, zone_id, "UPSERT", record)


def find_zone(client: Any, domain: str) -> str:
    zones = client.list_hosted_zones_by_name(DNSName=domain, MaxItems="1")["HostedZones"]
    return next((zone["Id"].split("/")[-1] for zone in zones if plain(zone["Name"]) == plain(domain)), "")


def is_there(client: Any, zone_id: str, record: dict[str, Any]) -> bool:
    found = client.list_resource_record_sets(
        HostedZoneId=zone_id, StartRecordName=record["Name"], StartRecordType="NS", MaxItems="1"
    )["ResourceRecordSets"]
    return any(
        plain(each["Name"]) == plain(record["Name"])
        and each["Type"] == "NS"
        and each["TTL"] == record["TTL"]
        and servers(each) == servers(record)
        for each in found
    )


def servers(record: dict[str, Any]) -> set[str]:
    return {plain(each["Value"]) for each in record["ResourceRecords"]}


def change(request: Request, client: Any, zone_id: str, action: str, record: dict[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    info = client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)["ChangeInfo"]
    for _ in request.polls(f"the delegation of {record['Name']}"):
        if client.get_change(Id=info["Id"])["ChangeInfo"]["Status"] == "INSYNC":
            return
