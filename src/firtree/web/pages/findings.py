"""Data quality as a list to work through: totals, then entry by entry."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from firtree.catalogue.checks import CODES, Severity
from firtree.library.quality import Totals
from firtree.web import chrome
from firtree.web.answers import (
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.api.findings import wanted_of
from firtree.web.api.parameters import cursor_of
from firtree.web.pages.entry import SEVERITIES
from firtree.web.pages.render import HTML, Place, address, past_words, render, stamp

_ENTRIES = 50
_MANUFACTURERS = 100


async def get_findings_page(
    request: Request[Any, Any, Any],
    *,
    desk: NamedDependency[Desk],
    manufacturer: FromQuery[str] = "",
    code: FromQuery[str] = "",
    severity: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    at: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(
        request, frozenset({"manufacturer", "code", "severity", "cursor", "at"})
    )
    place = Place(at=(at or "").strip())
    wanted = wanted_of(manufacturer, code, severity)
    after = cursor_of(cursor)
    principal, view, _, etag = await desk.asked(
        request, f"findings {stamp()}", place.at
    )
    if unchanged(request, etag):
        return not_modified(etag)
    totals = await desk.slow(desk.quality.totals, principal, view, wanted.manufacturer)
    listing = await desk.slow(
        desk.quality.page, principal, wanted, view, after=after, limit=_ENTRIES
    )
    given = {
        "manufacturer": wanted.manufacturer,
        "code": wanted.code,
        "severity": wanted.severity.value if wanted.severity else "",
    }
    following = None
    if listing.after is not None:
        following = place.link("/findings", **given, cursor=str(listing.after))
    page = render(
        "findings.html",
        **_totals(totals),
        given=given,
        partial=_partial(wanted.manufacturer),
        codes=CODES,
        severities=SEVERITIES,
        listing=listing.found,
        first=not after,
        following=following,
        place=place,
        past=past_words(view, place),
        json_address=place.link("/api/v1/findings", **given),
        now_address=address("/findings", **given),
        size=view.size,
    )
    return answer(page, etag, HTML)


def _partial(manufacturer: str) -> bool:
    """Tell whether there may be findings out of sight of who asks."""
    scope = chrome.current().scope
    return not (scope.sees_all or scope.sees_all_of_maker(manufacturer))


def _totals(totals: Sequence[Totals] | None) -> dict[str, object]:
    """Gather what the template shows of the totals."""
    if totals is None:
        return {"counted": False, "makers": (), "by_code": {}, "by_severity": {}}
    by_code: Counter[str] = Counter()
    by_severity: Counter[Severity] = Counter()
    for one in totals:
        by_code.update(one.codes)
        by_severity.update(one.severities)
    makers = sorted(totals, key=lambda one: (-one.to_mend, one.manufacturer))
    return {
        "counted": True,
        "makers": makers[:_MANUFACTURERS],
        "makers_left_out": len(makers[_MANUFACTURERS:]),
        "entries": sum(one.entries for one in totals),
        "to_mend": sum(one.to_mend for one in totals),
        "noted": sum(one.noted for one in totals),
        "by_code": {known: by_code[known] for known in CODES if by_code[known]},
        "by_severity": {one.value: by_severity[one] for one in Severity},
    }
