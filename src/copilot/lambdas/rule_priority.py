"""RulePriorityFunction: free numbers for a service's listener rules.

Rules of path "/" catch everything, so they come last: 50000 and downwards. All others count upwards from 1.
"""

from __future__ import annotations

import zlib
from typing import Any

import boto3

from copilot.lambdas.custom_resource import Request, serve

FIRST = 1
LOWEST_ROOT = 48000
HIGHEST = 50000
SPREAD = 100
ROOT_SPREAD = 20


def handler(event: dict[str, Any], context: Any) -> None:
    serve(event, context, f"alb-rule-priority-{event['LogicalResourceId']}", work)


def work(request: Request) -> None:
    """Answers Priority for the first path, Priority1, Priority2 and so on for the others."""
    if request.type == "Delete":
        return
    paths = request.properties["RulePath"]
    taken = priorities(request.properties["ListenerArn"])
    seed = zlib.crc32(f"{request.event['StackId']}{request.event['LogicalResourceId']}".encode())
    for index, path in enumerate([paths] if isinstance(paths, str) else paths):
        number = next_root(taken, seed) if path == "/" else next_number(taken, seed)
        taken.add(number)
        seed = 0
        request.data[f"Priority{index or ''}"] = number


def priorities(listener_arn: str) -> set[int]:
    """The numbers in use; the default rule has none."""
    pages = boto3.client("elbv2").get_paginator("describe_rules").paginate(ListenerArn=listener_arn)
    return {int(rule["Priority"]) for page in pages for rule in page["Rules"] if rule["Priority"].isdigit()}


def next_number(taken: set[int], seed: int) -> int:
    """A number above all others below the root rules', else the lowest free one.

    Services that are deployed at the same time see the same rules; each leaves a gap of its own size, so that they do
    not choose the same number.
    """
    highest = max((number for number in taken if number < LOWEST_ROOT), default=FIRST - 1)
    number = highest + 1 + seed % SPREAD
    if number < LOWEST_ROOT:
        return number
    return free(range(FIRST, LOWEST_ROOT), taken)


def next_root(taken: set[int], seed: int) -> int:
    """A number below all other root rules', else the highest free one."""
    lowest = min((number for number in taken if LOWEST_ROOT <= number <= HIGHEST), default=HIGHEST + 1)
    number = lowest - 1 - seed % ROOT_SPREAD
    if number >= LOWEST_ROOT:
        return number
    return free(range(HIGHEST, LOWEST_ROOT - 1, -1), taken)


def free(numbers: range, taken: set[int]) -> int:
    for number in numbers:
        if number not in taken:
            return number
    raise RuntimeError(f"the listener has no free rule priority between {min(numbers)} and {max(numbers)}")
