"""What changed between two days, as a page."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from firtree.catalogue.entry import Entry
from firtree.errors import InvalidInputError
from firtree.library.history import Changes, Span
from firtree.library.views import View, size_note
from firtree.statements.versions import Change
from firtree.text import london_day
from firtree.web.answers import (
    Desk,
    answer,
    check_parameters,
    etag_of,
    log_wire,
    not_modified,
    principal_of,
    unchanged,
)
from firtree.web.api.parameters import cursor_of
from firtree.web.pages.render import (
    HTML,
    NOW,
    TEXT_MOST,
    Place,
    address,
    day,
    moment,
    render,
    sentence,
    stamp,
)
from firtree.web.pages.told import (
    Headline,
    Line,
    change_headline,
    entry_of,
    lines,
)

CHANGES_MOST = 100
_AGO = {"Since yesterday": 1, "In the last week": 7, "In the last 30 days": 30}


class Shown(NamedTuple):
    """One change, as the page shows it.

    Attributes:
        change: what became of a thing.
        headline: what happened, in a few words.
        entry: the entry; None where it is about a maker.
        lines: field by field; empty where it is new or gone.
    """

    change: Change
    headline: Headline
    entry: Entry | None
    lines: list[Line]


async def get_diff_page(
    request: Request[Any, Any, Any],
    *,
    desk: NamedDependency[Desk],
    begin: Annotated[str | None, QueryParameter(name="from")] = None,
    end: Annotated[str | None, QueryParameter(name="to")] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"from", "to", "cursor"}))
    given = {"from": (begin or "").strip(), "to": (end or "").strip()}
    after = cursor_of(cursor)
    today = desk.lookup.today()
    if not given["from"]:
        return _page(_form(given, today), "no-store")
    fault = next((name for name, text in given.items() if len(text) > TEXT_MOST), "")
    if fault:
        told = f"Give at most {TEXT_MOST} characters."
        return _refused(given, today, {fault: told})
    principal, lookup = principal_of(request), desk.lookup
    try:
        span: Span = await desk.quick(desk.history.span, given["from"], given["to"])
    except InvalidInputError as error:
        return _refused(given, today, _faults(error))
    log = await desk.quick(log_wire, lookup, principal, span.after)
    etag = etag_of(principal, span.after, log, f"diff {span.before.size} {stamp()}")
    if unchanged(request, etag):
        return not_modified(etag)
    found: Changes = await desk.slow(
        desk.history.changes, principal, span, after=after, limit=CHANGES_MOST
    )
    # Further pages keep to these two states, whatever is recorded meanwhile.
    pinned = {"from": str(span.before.size), "to": str(span.after.size)}
    more = "" if found.after is None else str(found.after)
    facts = {
        "span": span,
        "begin": _state(span.before, given["from"]),
        "end": _state(span.after, given["to"]),
        "count": span.after.size - span.before.size,
        "shown": [_shown(change) for change in found.changes],
        "there": Place(at=given["to"]),
        "from_start": after <= span.before.size,
        "more_address": address("/diff", **pinned, cursor=more) if more else "",
        "json_address": address("/api/v1/diff", **given),
    }
    return answer(render("diff.html", **_form(given, today) | facts), etag, HTML)


def _form(given: Mapping[str, str], today: date) -> dict[str, object]:
    """Gather what the page shows whatever was asked."""
    return {
        "place": NOW,
        "past": (),
        "given": given,
        "faults": {},
        "today": today,
        "quick": [
            (name, address("/diff", **{"from": str(today - timedelta(days=days))}))
            for name, days in _AGO.items()
        ],
        "everything": address("/diff", **{"from": "0"}),
        "span": None,
        "json_address": "",
    }


def _page(facts: dict[str, object], cache: str, status: int = 200) -> Response[bytes]:
    page = render("diff.html", **facts)
    headers = {"Cache-Control": cache}
    return Response(page, status_code=status, media_type=HTML, headers=headers)


def _refused(
    given: Mapping[str, str], today: date, faults: Mapping[str, str]
) -> Response[bytes]:
    """Give the form back as it was filled in, with what to change."""
    cut = {name: text[:TEXT_MOST] for name, text in given.items()}
    return _page(_form(cut, today) | {"faults": faults}, "no-store", 422)


def _faults(error: InvalidInputError) -> dict[str, str]:
    field, _, text = str(error).partition(": ")
    hint = sentence(error.hint)
    return {field: " ".join(filter(None, (sentence(text), hint)))}


def _state(view: View, asked: str) -> str:
    """Say which of the two states it is, as it was asked for."""
    size = f"log size {view.size:,}"
    if not view.size:
        return "the beginning, before anything was recorded"
    if not asked:
        return f"now ({size})"
    if view.as_recorded is None or asked.isdigit():
        inside = size_note(asked, view.size)
        return f"{size} ({inside})" if inside else size
    if "T" in asked.upper():
        return f"{moment(view.as_recorded)} in London ({size})"
    return f"the end of {day(london_day(view.as_recorded))} ({size})"


def _shown(change: Change) -> Shown:
    return Shown(
        change, change_headline(change), entry_of(change), lines(change.differences)
    )
