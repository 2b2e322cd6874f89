"""Manufacturers and hardware models, as pages to find one's way by."""

from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from firtree.catalogue.entry import Entry
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, NotFoundError
from firtree.library.lists import ModelsWanted
from firtree.library.ways import ModelWays
from firtree.text import shown
from firtree.web import chrome
from firtree.web.answers import (
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.api.parameters import cursor_for, cursor_of, cursor_parts
from firtree.web.pages.assessment import stop_of
from firtree.web.pages.error import titled_error_page
from firtree.web.pages.picture import Stop, pictures
from firtree.web.pages.render import HTML, Place, past_words, render, stamp

_MANUFACTURERS = 100
_MODELS = 100
_ENTRIES = 200
# A drawn way has so many stops at most; a longer one is told in words.
STOPS_MOST = 24

AnyRequest = Request[Any, Any, Any]


async def get_manufacturers_page(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    code: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    at: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"code", "cursor", "at"}))
    place = Place(at=(at or "").strip())
    if code:
        return await _manufacturer(request, desk, code, cursor, place)
    (after,) = cursor_parts(cursor, 1)
    principal, view, _, etag = await desk.asked(
        request, f"manufacturers {stamp()}", place.at
    )
    if unchanged(request, etag):
        return not_modified(etag)
    listing = await desk.slow(
        desk.lists.manufacturers, principal, view, after=after, limit=_MANUFACTURERS
    )
    page = render(
        "manufacturers.html",
        listing=listing.items,
        first=not after,
        following=(
            None
            if listing.after is None
            else place.link("/manufacturers", cursor=cursor_for(listing.after))
        ),
        place=place,
        past=past_words(view, place),
        json_address=place.link("/api/v1/manufacturers"),
        now_address="/manufacturers",
        size=view.size,
    )
    return answer(page, etag, HTML)


async def get_manufacturer_page(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    code: FromPath[str],
    cursor: FromQuery[str | None] = None,
    at: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"cursor", "at"}))
    return await _manufacturer(
        request, desk, code, cursor, Place(at=(at or "").strip())
    )


async def _manufacturer(
    request: AnyRequest, desk: Desk, code: str, cursor: str | None, place: Place
) -> Response[bytes]:
    wanted = code.strip().upper()
    after = ModelKey(*cursor_parts(cursor, 2))
    principal, view, _, etag = await desk.asked(
        request, f"manufacturer {stamp()}", place.at
    )
    try:
        found = await desk.slow(desk.lists.manufacturer, principal, wanted, view)
    except NotFoundError:
        hint = "See the list of manufacturers, or search by name."
        if chrome.current().scope.sees_all_of_maker(wanted):
            return missing(
                "There is no such manufacturer here",
                f"The register holds nothing of manufacturer {shown(wanted)}",
                hint,
            )
        return missing(
            "No such manufacturer is among what you may see",
            f"Nothing of manufacturer {shown(wanted)} is among what you may see",
            hint,
        )
    if unchanged(request, etag):
        return not_modified(etag)
    listing = await desk.slow(
        desk.lists.models,
        principal,
        ModelsWanted(manufacturer=wanted),
        view,
        after=after,
        limit=_MODELS,
    )
    own = place.manufacturer(wanted)
    following = None
    if listing.after is not None:
        sign = "&" if "?" in own else "?"
        following = f"{own}{sign}cursor={cursor_for(*listing.after)}"
    page = render(
        "manufacturer.html",
        found=found,
        contact=found.maker.contact if found.maker else None,
        maker_name=found.maker.name if found.maker else "",
        partial=not chrome.current().scope.sees_all_of_maker(wanted),
        listing=listing.items,
        first=not after.model,
        following=following,
        place=place,
        past=past_words(view, place),
        json_address=place.link("/api/v1/models", manufacturer=wanted),
        now_address=Place().manufacturer(wanted),
        size=view.size,
    )
    return answer(page, etag, HTML)


async def get_models_page(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    manufacturer: FromQuery[str] = "",
    model: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    at: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"manufacturer", "model", "cursor", "at"}))
    key = ModelKey.of(manufacturer, model)
    if not all(key):
        raise InvalidInputError(
            "expected a manufacturer and a model, found only part of them",
            hint="choose a model on its manufacturer's page",
        )
    return await _model(request, desk, key, cursor, Place(at=(at or "").strip()))


async def get_model_page(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    manufacturer: FromPath[str],
    model: FromPath[str],
    cursor: FromQuery[str | None] = None,
    at: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"cursor", "at"}))
    key = ModelKey.of(manufacturer, model)
    return await _model(request, desk, key, cursor, Place(at=(at or "").strip()))


async def _model(
    request: AnyRequest, desk: Desk, key: ModelKey, cursor: str | None, place: Place
) -> Response[bytes]:
    after = cursor_of(cursor)
    principal, view, _, etag = await desk.asked(request, f"model {stamp()}", place.at)
    try:
        found = await desk.slow(desk.ways.of_model, principal, key, view)
    except NotFoundError:
        hint = "See the list of manufacturers, or search for the model."
        if chrome.current().scope.sees_all_of(key):
            return missing(
                "There is no such model here",
                f"The register holds no entry of {shown(str(key))}",
                hint,
            )
        return missing(
            "No such model is among what you may see",
            f"No entry of {shown(str(key))} is among what you may see",
            hint,
        )
    if unchanged(request, etag):
        return not_modified(etag)
    listed = [entry for number, entry in found.entries.items() if number > after]
    own = place.model(key)
    following = None
    if len(listed) > _ENTRIES:
        sign = "&" if "?" in own else "?"
        following = f"{own}{sign}cursor={listed[_ENTRIES - 1].id}"
    page = render(
        "model.html",
        **_model_facts(key, found),
        partial=not chrome.current().scope.sees_all_of(key),
        listed=listed[:_ENTRIES],
        first=not after,
        following=following,
        place=place,
        past=past_words(view, place),
        json_address=place.link(
            "/api/v1/entries", manufacturer=key.manufacturer, model=key.model
        ),
        now_address=Place().model(key),
        size=view.size,
    )
    return answer(page, etag, HTML)


def _model_facts(key: ModelKey, found: ModelWays) -> dict[str, object]:
    """Gather what the template shows of a model."""
    entries = list(found.entries.values())
    names = [e.cpl.manufacturer_name for e in entries if e.cpl.manufacturer_name]
    way = way_stops(found.longest, found.entries)
    return {
        "key": key,
        "found": found,
        "maker_name": names[-1] if names else "",
        "trade_names": sorted({e.cpl.trade_name for e in entries} - {""}),
        "types": sorted({e.device_type for e in entries}),
        "current": sum(e.active for e in entries),
        "total": len(entries),
        "pictures": pictures(way) if way else (),
        "picture_text": picture_text(way),
    }


def way_stops(ids: tuple[int, ...], entries: dict[int, Entry]) -> tuple[Stop, ...]:
    """Give the stops of a way; none where it is no way or too long to draw."""
    if not 1 < len(ids) <= STOPS_MOST:
        return ()
    start, *steps = ids
    stops = [stop_of(start, entries, over="From here", kind="start")]
    for place, number in enumerate(steps, start=1):
        last = place == len(steps)
        over = f"Step {place}" + (": the newest" if last else "")
        kind = "target" if last else "step"
        stops.append(stop_of(number, entries, over=over, kind=kind))
    return tuple(stops)


def picture_text(way: tuple[Stop, ...]) -> str:
    """Tell a drawn way in words."""
    return "; ".join(
        ", ".join(filter(None, (s.over, s.version, s.entry, s.day, s.mark)))
        for s in way
    )


def missing(heading: str, detail: str, hint: str) -> Response[bytes]:
    """Answer that something is not there."""
    page = titled_error_page(404, heading, detail, hint)
    headers = {"Cache-Control": "no-store"}
    return Response(page.encode(), status_code=404, media_type=HTML, headers=headers)
