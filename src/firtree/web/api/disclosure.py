"""Statements in bulk, each as far as the asker may see it: what mirrors are made of."""

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from litestar.di import NamedDependency
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from firtree.access import Principal, Right, scope_of
from firtree.errors import InvalidInputError
from firtree.exchange.history_wire import StatementsEndWire
from firtree.exchange.proof_wire import disclosed_wire
from firtree.exchange.reach import reach_wire
from firtree.exchange.wire import LogWire
from firtree.library.disclosing import disclosed_statements
from firtree.web.answers import (
    VARY,
    AnyRequest,
    Desk,
    check_parameters,
    log_wire,
    principal_of,
)
from firtree.web.api.parameters import invalid

MOST = 10_000
# Of one piece: some 1 MB, and 10 ms of work.
_PIECE = 250
_LINES = "application/x-ndjson"
_ENCODER = msgspec.json.Encoder()


async def get_statements(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    first: Annotated[
        int,
        QueryParameter(
            name="start", ge=0, le=2**53, description="Number of the first statement."
        ),
    ],
    limit: Annotated[
        int, Parameter(ge=1, le=MOST, description="How many to look at.")
    ] = 1000,
) -> Stream:
    """Give statements with their leaves, sections, salts and commitments, as lines."""
    check_parameters(request, frozenset({"start", "limit"}))
    principal, lookup = principal_of(request), desk.lookup
    scope_of(principal, Right.READ_ENTRIES)
    view = await desk.quick(lookup.view)
    if first > view.size:
        error = invalid("start", f"a number from 0 to {view.size}", str(first))
        raise InvalidInputError(
            str(error),
            hint="ask for statements that are there",
            problems=error.problems,
        )
    if desk.entrance is not None and not request.scope["state"]["head"]:
        desk.entrance.note_taken(request.scope, "statements")
    log = await desk.quick(log_wire, lookup, principal, view)
    stop = min(first + limit, view.size)
    # HEAD is answered as GET is, but nothing need be read for it.
    start = stop if request.scope["state"]["head"] else first
    return Stream(
        _lines(desk, principal, start, stop, log),
        media_type=_LINES,
        headers={"Cache-Control": "no-store", "Vary": VARY},
    )


async def _lines(
    desk: Desk, principal: Principal, start: int, stop: int, log: LogWire
) -> AsyncIterator[bytes]:
    """Yield statements as lines of JSON, a piece at a time, then what ends them."""
    while start < stop:
        end = min(start + _PIECE, stop)
        yield await desk.slow(_piece, desk, principal, start, end)
        start = end
    reach = reach_wire(scope_of(principal, Right.READ_ENTRIES))
    yield _ENCODER.encode_lines([StatementsEndWire(stop, log, principal.name, reach)])


def _piece(desk: Desk, principal: Principal, start: int, stop: int) -> bytes:
    found = disclosed_statements(principal, desk.lookup.register, start, stop)
    return _ENCODER.encode_lines(map(disclosed_wire, found))
