"""Where a request to a load balancer goes: an answer of the load balancer's own, or a healthy target."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TypeVar

from copilot.local.balancers import forwarding, rules
from copilot.local.balancers.health import Health
from copilot.local.balancers.records import Record, Records, Target

T = TypeVar("T")
STICKY_COOKIE = "AWSALB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the load balancer answers itself."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """The target that gets the request, and the headers that its answer gets."""

    target: Target
    is_tls: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def explain(status: int, text: str) -> Reply:
    """An error of the load balancer's in plain words."""
    return Reply(status=status, headers={"content-type": "text/plain; charset=utf-8"}, body=f"{text}\n".encode())


class Router:
    """Decides by the records as they are now; remembers only whose turn it is."""

    def __init__(self, records: Records, health: Health) -> None:
        self._records = records
        self._health = health
        self._turns: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)

    def route(self, balancer: Record, ask: rules.Ask, *, port: int) -> Reply | Forward:
        """Where the request goes that came in on the load balancer's loopback port."""
        name = balancer["LoadBalancerName"]
        listener = self._records.entrance(balancer["LoadBalancerArn"])
        if listener is None:
            return explain(503, f"The load balancer {name} has no listener yet.")
        rule = rules.choose(self._records.rules(listener["ListenerArn"]), ask)
        actions = (rule or {}).get("Actions") or listener.get("DefaultActions") or []
        for action in sorted(actions, key=lambda each: int(each.get("Order") or 1)):
            match str(action.get("Type", "")).lower():
                case "fixed-response":
                    return _fixed(action.get("FixedResponseConfig") or {})
                case "redirect":
                    return _redirect(action.get("RedirectConfig") or {}, ask, port=port)
                case "forward":
                    return self._forward(action, ask)
                case other:
                    return explain(501, f"The local cloud's load balancers don't do {other!r} actions.")
        return explain(503, f"The load balancer {name} has no rule for {ask.path}.")

    def connect(self, balancer: Record) -> Target | None:
        """The target of a TCP connection to a network load balancer."""
        listener = self._records.entrance(balancer["LoadBalancerArn"])
        for action in (listener or {}).get("DefaultActions", ()):
            if choices := self._choices("".join([*forwarding.weights(action)][:1])):
                return self._take_turn("targets", choices)
        return None

    def _forward(self, action: Record, ask: rules.Ask) -> Reply | Forward:
        shares = forwarding.weights(action)
        arn = forwarding.choose(shares, next(self._turns[",".join(shares)])) if len(shares) > 1 else "".join(shares)
        group = self._records.group(arn)
        if group is None:
            return explain(503, f"The target group {arn} does not exist any more.")
        choices = self._choices(arn)
        if not choices:
            name = group["TargetGroupName"]
            return explain(
                503, f"No task is registered with the target group {name}: nothing that serves it is running."
            )
        is_tls = group.get("Protocol") == "HTTPS"
        if self._records.group_attribute(arn, "stickiness.enabled") != "true":
            return Forward(target=self._take_turn(arn, choices), is_tls=is_tls)
        known = next((each for each in choices if _mark(each) == _cookie(ask)), None)
        target = known or self._take_turn(arn, choices)
        seconds = self._records.group_attribute(arn, "stickiness.lb_cookie.duration_seconds") or "86400"
        cookie = f"{STICKY_COOKIE}={_mark(target)}; Max-Age={seconds}; Path=/"
        return Forward(target=target, is_tls=is_tls, headers={"set-cookie": cookie})

    def _take_turn(self, what: str, choices: Sequence[T]) -> T:
        """One after the other, counted for each `what` on its own."""
        return choices[next(self._turns[what]) % len(choices)]

    def _choices(self, arn: str) -> list[Target]:
        """The healthy targets; where none is, all of them: load balancers fail open.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
        """
        group = self._records.group(arn)
        targets = self._records.targets(group) if group else []
        return [each for each in targets if self._health.of(each).state == "healthy"] or targets


def _fixed(config: Record) -> Reply:
    return Reply(
        status=int(config.get("StatusCode") or 200),
        headers={"content-type": config.get("ContentType") or "text/plain"},
        body=str(config.get("MessageBody") or "").encode(),
    )


def _redirect(config: Record, ask: rules.Ask, *, port: int) -> Reply:
    """`#{port}` is the loopback port: the one that the client knows."""
    values = {
        "protocol": "http",
        "host": ask.hostname,
        "port": str(port),
        "path": ask.path.lstrip("/"),
        "query": ask.query,
    }

    def fill(key: str, default: str) -> str:
        text = str(config.get(key) or default)
        for name, value in values.items():
            text = text.replace("#{" + name + "}", value)
        return text

    query = fill("Query", "#{query}")
    location = f"{fill('Protocol', '#{protocol}').lower()}://{fill('Host', '#{host}')}:{fill('Port', '#{port}')}"
    location += fill("Path", "/#{path}") + (f"?{query}" if query else "")
    status = int(str(config.get("StatusCode") or "HTTP_302").removeprefix("HTTP_"))
    return Reply(status=status, headers={"location": location})


def _mark(target: Target) -> str:
    return hashlib.sha256(f"{target.id}:{target.port}".encode()).hexdigest()[:32]


def _cookie(ask: rules.Ask) -> str:
    try:
        morsel = SimpleCookie(ask.headers.get("cookie", "")).get(STICKY_COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
