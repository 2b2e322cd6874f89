"""What the API says of who came in; field names are part of ``/api/v1``."""

from datetime import datetime

import msgspec


class AccessLogRow(msgspec.Struct, frozen=True):
    """A row of the access log; ``docs/accounts.md`` explains each field."""

    number: int
    at: datetime
    event: str
    person: int
    party: int
    about: int
    address: str
    detail: str
    previous: str
    hash: str


class AccessLogWire(msgspec.Struct, frozen=True):
    """Rows of the access log, newest first; ``next_cursor`` asks for older."""

    rows: tuple[AccessLogRow, ...]
    next_cursor: str | None
