"""A session, its clients and its calls: what the gateways stand on."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from copilot import __version__
from copilot.aws.count import CallCounter
from copilot.aws.errors import Call, is_loopback, no_region, translate
from copilot.errors import AWSError, CopilotError

TIMEOUT_SECONDS = 30
ATTEMPTS = 8
LOOPBACK_ATTEMPTS = 3
"""A local cloud that does not answer is not running; there is no reason to ask it for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Credentials given by hand."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role that a session acts in, assumed with another session's credentials."""

    arn: str
    region: str
    session_name: str


_WITHOUT_SETTINGS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""The SDK's variables for a local cloud: a profile that is not there must not keep anybody from it."""


class Session:
    """Credentials and the clients made with them, for any region. Safe to share among threads.

    The SDK is imported and configuration is read at the first use. A role is assumed at the first call, and again
    before its credentials expire.
    """

    def __init__(
        self, *, profile: str = "", keys: Keys | None = None, endpoint: str = "", environ: Mapping[str, str]
    ) -> None:
        self.endpoint = endpoint
        self.counter = CallCounter(environ.get("COPILOT_TRACE_CALLS", ""))
        self._profile = profile
        self._keys = keys
        self._role: Role | None = None
        self._parent: Session | None = None
        self._roles: dict[str, Session] = {}
        self._lock = threading.RLock()
        self._account = ""
        self._account_lock = threading.Lock()
        self._sdk: Any = None
        self._clients: dict[tuple[str, str], Any] = {}

    def assume(self, role: Role) -> Session:
        """A session that acts in the role; the same one for the same role."""
        with self._lock:
            if role.arn not in self._roles:
                session = Session(endpoint=self.endpoint, environ={})
                session.counter = self.counter
                session._role = role
                session._parent = self
                self._roles[role.arn] = session
            return self._roles[role.arn]

    def account(self, ask: Callable[[], str]) -> str:
        """The account that the credentials belong to: asked for once, whoever asks first."""
        with self._account_lock:
            if not self._account:
                self._account = ask()
            return self._account

    def configured_region(self) -> str:
        """The region that the profile names; empty when it names none."""
        try:
            return str(self._session().get_config_variable("region") or "")
        except Exception as error:
            translated = translate(error, Call(service="config", operation="Region", region=""))
            if translated is None:
                raise
            raise translated from error

    def partition(self, region: str) -> str:
        """The partition that a region is in: `aws`, `aws-cn`, ..."""
        return str(self._session().get_partition_for_region(region))

    def client(self, service: str, region: str) -> Any:
        """A service's client, made once."""
        with self._lock:
            client = self._clients.get((service, region))
            if client is None:
                client = self._new_client(service, region)
                self._clients[service, region] = client
            return client

    def _new_client(self, service: str, region: str) -> Any:
        session = self._session()
        try:
            return session.create_client(
                service, region_name=region, endpoint_url=self.endpoint or None, config=self._config()
            )
        except ValueError as error:  # the SDK's answer to an address that is none
            hint = "correct AWS_ENDPOINT_URL, or AWS_ENDPOINT_URL_... of a service, or unset it"
            raise AWSError(f"AWS can't be reached: {error}", hints=(hint,)) from error

    def _config(self) -> Any:
        from botocore.config import Config

        is_local = bool(self.endpoint) and is_loopback(self.endpoint)
        local: dict[str, Any] = (
            {"s3": {"addressing_style": "path"}, "inject_host_prefix": False, "proxies": {}} if is_local else {}
        )
        return Config(
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": LOOPBACK_ATTEMPTS if is_local else ATTEMPTS},
            max_pool_connections=32,
            request_checksum_calculation="when_required",
            **local,
        )

    def _session(self) -> Any:
        with self._lock:
            if self._sdk is None:
                self._sdk = self._new_session()
                self.counter.watch(self._sdk)
            return self._sdk

    def _new_session(self) -> Any:
        from botocore.session import Session as SDKSession

        from copilot.aws.service_models import ServiceModels

        needs_no_settings = is_loopback(self.endpoint) and (self._keys or self._role)
        session: Any = SDKSession(
            profile=self._profile or None, session_vars=_WITHOUT_SETTINGS if needs_no_settings else None
        )
        session.user_agent_name = "aws-copilot"
        session.user_agent_version = __version__
        if self._keys:
            keys = self._keys
            session.set_credentials(keys.access_key_id, keys.secret_access_key, keys.session_token or None)
        if self._parent is not None and self._role is not None:
            parent = self._parent._session()
            session.register_component("data_loader", parent.get_component("data_loader"))
            session._credentials = self._role_credentials(self._parent, self._role)
        else:
            session.register_component("data_loader", ServiceModels(session.get_config_variable("data_path")))
        return session

    @staticmethod
    def _role_credentials(parent: Session, role: Role) -> Any:
        from botocore.credentials import DeferredRefreshableCredentials

        def refresh() -> dict[str, str]:
            answer = Api(parent, "sts", role.region).call(
                "assume_role", RoleArn=role.arn, RoleSessionName=role.session_name
            )["Credentials"]
            return {
                "access_key": answer["AccessKeyId"],
                "secret_key": answer["SecretAccessKey"],
                "token": answer["SessionToken"],
                "expiry_time": answer["Expiration"].isoformat(),
            }

        return DeferredRefreshableCredentials(refresh_using=refresh, method="assume-role")


class Api:
    """One service in one region: every call of a gateway goes through here, and so does every error."""

    def __init__(self, session: Session, service: str, region: str) -> None:
        self._session = session
        self._service = service
        self.region = region

    @property
    def endpoint(self) -> str:
        """The endpoint that answers for every service; empty for AWS."""
        return self._session.endpoint

    def call(self, operation: str, /, **arguments: Any) -> dict[str, Any]:
        """The answer to one call, e.g. `call("get_parameter", Name=...)`."""
        try:
            answer: dict[str, Any] = getattr(self._client(), operation)(**arguments)
        except Exception as error:
            self._raise(error, operation)
        return answer

    def pages(self, operation: str, /, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Every page of a call's answer, each read when it is asked for."""
        try:
            yield from self._client().get_paginator(operation).paginate(**arguments)
        except Exception as error:
            self._raise(error, operation)

    def items(self, operation: str, key: str, /, **arguments: Any) -> Iterator[Any]:
        """The members of the list `key` in all pages of a call's answer."""
        for page in self.pages(operation, **arguments):
            yield from page.get(key) or ()

    def _client(self) -> Any:
        if not self.region:
            raise no_region()
        return self._session.client(self._service, self.region)

    def _raise(self, error: Exception, operation: str) -> NoReturn:
        if isinstance(error, CopilotError):
            raise error
        name = "".join(word.capitalize() for word in operation.split("_"))
        call = Call(service=self._service, operation=name, region=self.region, endpoint=self._session.endpoint)
        translated = translate(error, call)
        if translated is None:
            raise error
        raise translated from error
