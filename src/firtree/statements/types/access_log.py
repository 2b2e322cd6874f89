"""access-log-head: how far the chained access log had come."""

from datetime import date

import msgspec

from firtree.access import Scope
from firtree.ledger.canonical import canonical
from firtree.statements.types.form import Form, Kind, Parts, StatementType, decoded
from firtree.text import Whole


class AccessLogHead(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the access log at the end of a day.

    Args:
        day: in London.
        number: of its newest row, counted from 1; 0 = there was none.
        digest: hash of that row, 64 hexadecimal digits.
    """

    day: date
    number: Whole
    digest: str


_CORE = msgspec.json.Decoder(AccessLogHead)


def _read(core: bytes, *_others: bytes | None) -> AccessLogHead:
    return decoded(_CORE, core, "core")


def _everybody(_head: AccessLogHead, scope: Scope) -> bool:
    # A hash says nothing; whoever reads the register may hold the keeper to it.
    return scope.fir


FORM = Form(
    statement_type=StatementType.ACCESS_LOG_HEAD,
    subject=AccessLogHead,
    name=lambda _: "access-log",
    listed=lambda _: ("policy", "access-log"),
    kinds=(Kind.ACCESS_LOG_HEAD, Kind.ACCESS_LOG_HEAD),
    write=lambda head: Parts(canonical(head)),
    read=_read,
    reaches=_everybody,
    heads=lambda _head, scope: scope.private,
)
