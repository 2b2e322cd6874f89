"""What the API says of who came in; field names are part of ``/api/v1``."""

from datetime import datetime

import msgspec


class AccessLogRow(msgspec.Struct, frozen=True):
    """A row of the access log; ``docs/accounts.md`` explains each field.

    Its place in the chain, ``number``, ``previous`` and ``hash``, is given to
    administrators alone.
    """

    number: int | None
    at: datetime
    event: str
    person: int
    party: int
    about: int
    address: str
    detail: str
    previous: str | None
    hash: str | None


class AccessLogWire(msgspec.Struct, frozen=True):
    """Rows of the access log, newest first; ``next_cursor`` asks for older."""

    rows: tuple[AccessLogRow, ...]
    next_cursor: str | None
