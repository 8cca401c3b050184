"""How an action ended, when it did not fail. Unchanged, declined and different are results, not errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Ended(StrEnum):
    DONE = "done"
    UNCHANGED = "unchanged"
    DECLINED = "declined"
    DIFFERENT = "different"
    DETACHED = "detached"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`message` is one sentence, `notices` what one should know, `urls` what opens, `next_steps` what to run next."""

    ended: Ended = Ended.DONE
    message: str = ""
    notices: Sequence[str] = ()
    urls: Sequence[str] = ()
    next_steps: Sequence[str] = ()
    exit_code: int = 0
