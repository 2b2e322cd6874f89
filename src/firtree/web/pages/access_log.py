"""The access log as a page: all of it, or what concerns one's own party."""

from collections import defaultdict
from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from firtree.access import Right, scope_of
from firtree.library.accounts.access_log import rows_of
from firtree.web import forms
from firtree.web.answers import Desk, check_parameters, principal_of, visitor_of
from firtree.web.api.parameters import cursor_of
from firtree.web.pages.render import NOW, address, render

AnyRequest = Request[Any, Any, Any]
_ROWS = 100


async def get_access_log_page(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"cursor"}))
    gate = forms.entrance_of(desk).gate
    before, principal = cursor_of(cursor), principal_of(request)
    asked = (gate, principal, visitor_of(request))
    page = await desk.slow(rows_of, *asked, before=before or None, limit=_ROWS)
    rows = page.rows
    numbers = {number for row in rows for number in (row.party, row.about) if number}
    names = defaultdict(str, {n: gate.parties.party_name(n) for n in numbers})
    following = str(page.before) if page.before else ""
    body = render(
        "access_log.html",
        place=NOW,
        past=(),
        rows=rows,
        names=names,
        days=gate.limits.noted.days,
        everything=scope_of(principal, Right.READ_ACCESS_LOG).parties,
        first=not before,
        following=address("/access-log", cursor=following) if following else None,
    )
    return forms.page(body)
