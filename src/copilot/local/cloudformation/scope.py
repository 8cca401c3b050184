"""The account and region that the emulator's stores are read and written under."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


def account() -> str:
    """The account of the running request."""
    from ministack.core.responses import get_account_id

    return str(get_account_id())


def region() -> str:
    """The region of the running request."""
    from ministack.core.responses import get_region

    return str(get_region())


@contextmanager
def within(account_id: str, region_name: str) -> Iterator[None]:
    """Runs the block as a request of that account in that region."""
    from ministack.core.responses import set_request_account_id, set_request_region

    before = account(), region()
    set_request_account_id(account_id)
    set_request_region(region_name)
    try:
        yield
    finally:
        set_request_account_id(before[0])
        set_request_region(before[1])
