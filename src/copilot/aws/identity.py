"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.aws.connection import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The principal behind the credentials."""

    account: str
    arn: str
    user_id: str


class Identity:
    """AWS STS."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def caller(self) -> Caller:
        """The principal of this connection's credentials."""
        answer = self._api.call("get_caller_identity")
        return Caller(account=answer["Account"], arn=answer["Arn"], user_id=answer.get("UserId", ""))
