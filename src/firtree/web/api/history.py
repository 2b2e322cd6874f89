"""What changed: the history of an entry, and two states compared."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Example
from litestar.params import Parameter, QueryParameter

from firtree.exchange.history_wire import (
    ComparisonWire,
    HistoryWire,
    change_wire,
    state_wire,
    version_wire,
)
from firtree.web.answers import (
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
from firtree.web.api.parameters import LIMIT_MOST, At, cursor_of

_Cursor = Annotated[str | None, Parameter(max_length=20)]
_Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MOST)]


async def get_history(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    entry_id: Annotated[int, Parameter(ge=1, le=2**53, description="CPL Entry ID")],
    at: At = None,
    cursor: _Cursor = None,
    limit: _Limit = 100,
) -> Response[bytes]:
    """Give every version of an entry, the newest first, each beside the one before."""
    if not request.url.path.endswith(f"/{entry_id}/history"):  # such as 1_0 or +10
        raise HTTPException(status_code=404)
    check_parameters(request, frozenset({"at", "cursor", "limit"}))
    below = cursor_of(cursor) if cursor else None
    principal, lookup = principal_of(request), desk.lookup
    view = await desk.quick(lookup.view, at or "")
    log = await desk.quick(log_wire, lookup, principal, view)
    # An ETag of an entry that is not there must not be confirmed: ask first.
    found = await desk.slow(
        desk.history.of_entry, principal, entry_id, view, below=below, limit=limit
    )
    etag = etag_of(principal, view, log, "history")
    if unchanged(request, etag):
        return not_modified(etag)
    wire = HistoryWire(
        entry=entry_id,
        versions=tuple(
            version_wire(
                past.version,
                past.entry,
                kind=past.kind,
                until=past.until,
                differences=past.differences,
            )
            for past in found.versions
        ),
        next_cursor=None if found.below is None else str(found.below),
        log=log,
    )
    return answer(wire, etag)


async def get_diff(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    begin: Annotated[
        str,
        QueryParameter(
            name="from",
            description="The earlier state: a date (its end), a moment or a log size.",
            min_length=1,
            max_length=40,
            examples=[Example(value="0")],
        ),
    ],
    end: Annotated[
        str | None,
        QueryParameter(
            name="to", description="The later state; now if left out.", max_length=40
        ),
    ] = None,
    cursor: _Cursor = None,
    limit: _Limit = 100,
) -> Response[bytes]:
    """Give what changed between two states: what is new, removed, restored, changed."""
    check_parameters(request, frozenset({"from", "to", "cursor", "limit"}))
    after = cursor_of(cursor)
    principal, lookup = principal_of(request), desk.lookup
    span = await desk.quick(desk.history.span, begin, end or "")
    log = await desk.quick(log_wire, lookup, principal, span.after)
    etag = etag_of(principal, span.after, log, f"diff {span.before.size}")
    if unchanged(request, etag):
        return not_modified(etag)
    found = await desk.slow(
        desk.history.changes, principal, span, after=after, limit=limit
    )
    wire = ComparisonWire(
        before=state_wire(span.before.size, span.before.day),
        after=state_wire(span.after.size, span.after.day),
        changes=tuple(map(change_wire, found.changes)),
        next_cursor=None if found.after is None else str(found.after),
        log=log,
    )
    return answer(wire, etag)
