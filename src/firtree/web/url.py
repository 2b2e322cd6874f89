"""What a row of the table of URLs is."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, NamedTuple, TypeAlias

from litestar import Response
from litestar.connection import ASGIConnection

from firtree.access import Right
from firtree.web.answers import AnyRequest, Desk
from firtree.web.documented import Documented

BODY_OCTETS = 4 << 20

Plainly = Callable[[AnyRequest, Desk], Awaitable[Response[bytes] | None]]
Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]
Costly = str | Callable[[Connection], bool]
Instead = Callable[[AnyRequest, Desk], Response[bytes] | None]


class Url(NamedTuple):
    """One row of the table of URLs.

    Attributes:
        method, path: where it is found.
        handler: parses, calls one use case, answers.
        right: what the asker must hold.
        documented: what the OpenAPI document says of its answers; None = a page.
        plainly: answers a plain question before it is read in full, if anything does.
        instead: answers who has not the right, where that is told anything but that
            nothing is there; it waits for nothing.
        costly: ``*`` where each question counts against the asker's allowance, or the
            parameter with which it does, or what tells whether one does.
        body_octets: largest body that is read.
    """

    method: Literal["GET", "POST"]
    path: str
    handler: Callable[..., Any]
    right: Right
    documented: Documented | None = None
    plainly: Plainly | None = None
    instead: Instead | None = None
    costly: Costly = ""
    body_octets: int = BODY_OCTETS
