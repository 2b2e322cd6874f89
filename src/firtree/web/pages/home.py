"""The first page: look a device up, or search the entries."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from firtree.access import Principal, Right, scope_of
from firtree.catalogue.answer import Device
from firtree.catalogue.entry import Status
from firtree.catalogue.search import CHARACTERS_MOST, PART_LEAST
from firtree.catalogue.words import Standing
from firtree.devices import DeviceType, ModelKey
from firtree.errors import InvalidInputError
from firtree.library.demo import SHOWCASE, Showcase
from firtree.library.search import FOUND_MOST, FoundPage, query_of
from firtree.library.views import View
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
    DEVICE_TYPES,
    HTML,
    NOW,
    Place,
    address,
    past_words,
    render,
    sentence,
    stamp,
)

_PARAMETERS = frozenset({"q", "at", "cursor"})
_NOTHING = FoundPage([], None)


class Fault(NamedTuple):
    """What is wrong with a field, as the page says it."""

    field: str
    text: str


async def get_home(
    request: Request[Any, Any, Any],
    *,
    desk: NamedDependency[Desk],
    q: FromQuery[str | None] = None,
    at: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, _PARAMETERS)
    text, place = (q or "").strip(), Place(at=(at or "").strip())
    principal, lookup = principal_of(request), desk.lookup
    try:
        query_of(text)
    except InvalidInputError as error:
        fault = Fault("q", f"Give {error.problems[0].expected}.")
        given = {"q": text[:CHARACTERS_MOST], "at": place.at}
        return await refused(desk, principal, given, (fault,))
    after = cursor_of(cursor)
    try:
        view = await desk.quick(lookup.view, place.at)
    except InvalidInputError as error:
        return await refused(desk, principal, {"at": place.at}, (fault_of(error),))
    log = await desk.quick(log_wire, lookup, principal, view)
    etag = etag_of(principal, view, log, f"home {stamp()}")
    if unchanged(request, etag):
        return not_modified(etag)
    whole_id = text.isascii() and text.isdigit()
    too_short = bool(text) and len(text) < PART_LEAST and not whole_id
    page = _NOTHING
    if text and not too_short:
        asked = (principal, text, view)
        page = await desk.slow(
            lookup.finder.search, *asked, after=after, limit=FOUND_MOST
        )
    # Only the bare page shows counts: they cost a scan.
    counts = {} if text else await desk.slow(lookup.counts, principal, view)
    facts = await _facts(desk, principal, view, counts)
    body = render(
        "home.html",
        **facts,
        place=place,
        past=past_words(view, place),
        now_address=address("/", q=text),
        given={"q": text, "at": place.at},
        faults={},
        page=page,
        begins=after == 0,
        next=_next(place, text, page),
        too_short=too_short,
        found_most=FOUND_MOST,
    )
    return answer(body, etag, HTML)


def _next(place: Place, text: str, page: FoundPage) -> str:
    if page.after is None:
        return ""
    return address("/", q=text, cursor=str(page.after), at=place.at) + "#found"


async def refused(
    desk: Desk,
    principal: Principal,
    given: Mapping[str, str],
    faults: tuple[Fault, ...],
) -> Response[bytes]:
    """Give the form back as it was filled in, with what to change."""
    view = await desk.quick(desk.lookup.view)
    facts = await _facts(desk, principal, view, {})
    page = render(
        "home.html",
        **facts,
        place=NOW,
        past=(),
        now_address="/",
        given=given,
        faults={fault.field: fault.text for fault in faults},
        page=_NOTHING,
        begins=True,
        next="",
        too_short=False,
        found_most=FOUND_MOST,
    )
    headers = {"Cache-Control": "no-store"}
    return Response(page, status_code=422, media_type=HTML, headers=headers)


def fault_of(error: InvalidInputError) -> Fault:
    """Say which of the two date fields is wrong, and how to mend it."""
    field, _, text = str(error).partition(": ")
    if field not in {"at", "effective_at"}:
        return Fault("at", sentence(str(error)))
    return Fault(field, " ".join(filter(None, (sentence(text), sentence(error.hint)))))


async def _facts(
    desk: Desk, principal: Principal, view: View, counts: Mapping[str, int]
) -> dict[str, Any]:
    """Gather what the page shows whatever was asked."""
    return {
        "device_types": DEVICE_TYPES,
        "counts": {status: counts.get(status, 0) for status in Status},
        "counted_all": bool(counts),
        "total": sum(counts.values()),
        "size": view.size,
        "today": desk.lookup.today(),
        "examples": await desk.quick(_examples, desk, principal, view),
        "types": tuple(DeviceType),
    }


def _examples(desk: Desk, principal: Principal, view: View) -> tuple[Showcase, ...]:
    """Give the invented meters of an example register within somebody's reach.

    In any other register the first of these is not known, and there are none.
    """
    scope = scope_of(principal, Right.READ_ENTRIES)
    reached = tuple(
        one for one in SHOWCASE if scope.covers(ModelKey(one.manufacturer, one.model))
    )
    if not reached:
        return ()
    device = Device(
        device_type=reached[0].device_type,
        manufacturer=reached[0].manufacturer,
        model=reached[0].model,
        firmware=reached[0].firmware,
    )
    standing = desk.lookup.assess(principal, device, view).standing
    return () if standing is Standing.UNKNOWN else reached
