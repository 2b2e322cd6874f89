"""The feed of changes: statements in the order of the log, in pages or as a stream."""

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from firtree.access import Principal, Right, scope_of
from firtree.errors import InvalidInputError
from firtree.exchange.history_wire import (
    StatementsEndWire,
    StatementsWire,
    statement_wire,
)
from firtree.exchange.wire import LogWire
from firtree.library.history import Statements
from firtree.web.answers import (
    VARY,
    AnyRequest,
    Desk,
    answer,
    check_parameters,
    etag_of,
    log_wire,
    not_modified,
    principal_of,
    unchanged,
)
from firtree.web.api.parameters import LIMIT_MOST, invalid
from firtree.web.guard import check_right
from firtree.web.url import Connection

_PAGE = 100
# Statements of one piece of a stream: some 400 kB, and 10 ms of work.
_PIECE = 250
WAIT_MOST = 60
_LINES = "application/x-ndjson"
_ENCODER = msgspec.json.Encoder()


async def get_changes(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    since: Annotated[
        int,
        Parameter(ge=0, le=2**53, description="Log size from which to go on."),
    ] = 0,
    limit: Annotated[
        int | None,
        Parameter(ge=1, le=2**53, description="How many statements to look at."),
    ] = None,
    wait: Annotated[
        int,
        Parameter(
            ge=0,
            le=WAIT_MOST,
            description="Seconds to wait for the log to grow, if it has not.",
        ),
    ] = 0,
    form: Annotated[
        str | None,
        QueryParameter(
            name="format",
            max_length=10,
            description="json: a page. ndjson: all that follow, one to a line.",
        ),
    ] = None,
) -> Response[bytes] | Stream:
    """Give the statements from a log size on, complete and in order."""
    check_parameters(request, frozenset({"since", "limit", "wait", "format"}))
    lines = _asks_for_lines(request, form)
    if not lines and (limit or 0) > LIMIT_MOST:
        raise invalid("limit", f"a whole number from 1 to {LIMIT_MOST}", str(limit))
    scope_of(principal_of(request), Right.READ_ENTRIES)
    _check_since(since, desk.history.size())
    if wait:
        await _wait(request, desk, since, wait)
    principal, lookup = principal_of(request), desk.lookup
    view = await desk.quick(lookup.view)
    log = await desk.quick(log_wire, lookup, principal, view)
    if lines:
        if desk.entrance is not None and not request.scope["state"]["head"]:
            desk.entrance.note_taken(request.scope, "changes")
        stop = view.size if limit is None else min(since + limit, view.size)
        # HEAD is answered as GET is, but nothing need be read for it.
        start = stop if request.scope["state"]["head"] else since
        return Stream(
            _stream(desk, principal, start, stop, log),
            media_type=_LINES,
            headers={"Cache-Control": "no-store", "Vary": VARY},
        )
    etag = etag_of(principal, view, log, "changes")
    if unchanged(request, etag):
        return not_modified(etag)
    found: Statements = await desk.slow(
        desk.history.statements, principal, since, view.size, limit=limit or _PAGE
    )
    wires = tuple(map(statement_wire, found.versions))
    return answer(StatementsWire(wires, found.next, log), etag)


async def _wait(request: AnyRequest, desk: Desk, since: int, seconds: int) -> None:
    """Wait for the log to grow; what may be seen then are the rights of then."""
    entrance = desk.entrance
    asker = None if entrance is None else entrance.asker_of(request.scope)
    await desk.growth.beyond(since, seconds, asker)
    if entrance is not None:
        await entrance.look_again(request.scope)
        check_right(request, entrance, Right.READ_ENTRIES)


def _asks_for_lines(request: AnyRequest, form: str | None) -> bool:
    """Tell whether lines are asked for, by the parameter or else by ``Accept``."""
    if form not in {None, "json", "ndjson"}:
        raise invalid("format", "json or ndjson", str(form))
    return is_stream(request)


def is_stream(connection: Connection) -> bool:
    """Tell whether all statements that follow are asked for, which costs much."""
    form = connection.query_params.get("format")
    if form is None:
        return _LINES in connection.headers.get("accept", "")
    return bool(form == "ndjson")


def _check_since(since: int, size: int) -> None:
    if since > size:
        error = invalid("since", f"a log size from 0 to {size}", str(since))
        raise InvalidInputError(
            str(error),
            hint="give the `next` of an earlier answer, or 0 for all",
            problems=error.problems,
        )


async def _stream(
    desk: Desk, principal: Principal, since: int, stop: int, log: LogWire
) -> AsyncIterator[bytes]:
    """Yield statements as lines of JSON, a piece at a time, then what ends them."""
    while since < stop:
        octets, since = await desk.slow(_piece, desk, principal, since, stop)
        yield octets
    yield _ENCODER.encode_lines([StatementsEndWire(since, log)])


def _piece(
    desk: Desk, principal: Principal, since: int, stop: int
) -> tuple[bytes, int]:
    """Read and write one piece of a stream; give where the next begins."""
    found = desk.history.statements(principal, since, stop, limit=_PIECE)
    return _ENCODER.encode_lines(map(statement_wire, found.versions)), found.next
