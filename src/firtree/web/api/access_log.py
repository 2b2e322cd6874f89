"""The access log for programs."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import Parameter

from firtree.exchange.accounts_wire import AccessLogRow, AccessLogWire
from firtree.library.accounts.access_log import PAGE_MOST, rows_of
from firtree.library.accounts.ports import Noted
from firtree.web import forms
from firtree.web.answers import (
    AnyRequest,
    Desk,
    check_parameters,
    principal_of,
    visitor_of,
)
from firtree.web.api.parameters import cursor_of

_LIMIT = Parameter(ge=1, le=PAGE_MOST, description="rows on a page")
_CURSOR = Parameter(max_length=200, description="`next_cursor` of the page before")


async def get_access_log(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    cursor: Annotated[str | None, _CURSOR] = None,
    limit: Annotated[int, _LIMIT] = 100,
) -> Response[bytes]:
    """Give rows of the access log, newest first; a party's own, or all."""
    check_parameters(request, frozenset({"cursor", "limit"}))
    gate = forms.entrance_of(desk).gate
    asked = (gate, principal_of(request), visitor_of(request))
    before = cursor_of(cursor) or None
    page = await desk.slow(rows_of, *asked, before=before, limit=limit)
    following = str(page.before) if page.before else None
    return forms.told(AccessLogWire(tuple(map(_row, page.rows)), following))


def _row(row: Noted) -> AccessLogRow:
    return AccessLogRow(
        row.number or None,
        row.at,
        row.event,
        row.person,
        row.party,
        row.about,
        row.address,
        row.detail,
        row.previous.hex() or None,
        row.hash.hex() or None,
    )
