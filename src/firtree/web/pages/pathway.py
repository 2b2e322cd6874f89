"""The way between two entries, as a page."""

from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from firtree.errors import InvalidInputError, NotFoundError
from firtree.library.ways import WayView
from firtree.text import shown, whole_number
from firtree.web import chrome
from firtree.web.answers import (
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.pages.assessment import stop_of
from firtree.web.pages.lists import STOPS_MOST, picture_text
from firtree.web.pages.picture import Stop, pictures
from firtree.web.pages.render import (
    HTML,
    Place,
    address,
    past_words,
    render,
    sentence,
    stamp,
)

_ID_MOST = 2**53


class _Asked(NamedTuple):
    """The two ids as they were given, and what is wrong with each."""

    given: dict[str, str]
    faults: dict[str, str]


async def get_pathway_page(
    request: Request[Any, Any, Any],
    *,
    desk: NamedDependency[Desk],
    at: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"from", "to", "at"}))
    place = Place(at=(at or "").strip())
    asked = _asked(dict(request.query_params))
    principal, view, _, etag = await desk.asked(request, f"pathway {stamp()}", place.at)
    found: WayView | None = None
    status, faults = 200, asked.faults
    if faults:
        status = 422
    elif all(asked.given.values()):
        ids = (int(asked.given["from"]), int(asked.given["to"]))
        try:
            found = await desk.slow(desk.ways.between, principal, *ids, view)
        except NotFoundError as error:
            status, faults = 404, {"from": sentence(str(error))}
        except InvalidInputError as error:
            _, _, text = str(error).partition(": ")
            status, faults = 422, {"to": sentence(text)}
    if status == 200 and unchanged(request, etag):
        return not_modified(etag)
    page = render(
        "pathway.html",
        given=asked.given,
        faults=faults,
        **(_facts(found) if found else {"found": None}),
        place=place,
        past=past_words(view, place),
        json_address=place.link("/api/v1/pathway", **asked.given),
        now_address=address("/pathway", **asked.given),
        size=view.size,
    )
    if status == 200:
        return answer(page, etag, HTML)
    headers = {"Cache-Control": "no-store"}
    return Response(page, status_code=status, media_type=HTML, headers=headers)


def _asked(parameters: dict[str, str]) -> _Asked:
    """Read the ids; nothing at all is no fault, one of two is."""
    given = {name: parameters.get(name, "").strip() for name in ("from", "to")}
    faults = {}
    for name, text in given.items():
        if not _is_id(text) and any(given.values()):
            found = shown(text) if text else "nothing"
            faults[name] = f"Give a CPL Entry ID such as 1042, found {found}."
    return _Asked(given, faults)


def _is_id(text: str) -> bool:
    try:
        return bool(whole_number(text, least=1, most=_ID_MOST))
    except ValueError:
        return False


def _facts(found: WayView) -> dict[str, object]:
    """Gather what the template shows of a way."""
    way = found.way
    stops = _stops(found)
    return {
        "found": found,
        "way": way,
        "key": found.start.model.key,
        "partial": not chrome.current().scope.sees_all_of(found.start.model.key),
        "blocked_by": way.blocked.blocked_by if way.blocked else None,
        "pictures": pictures(stops) if stops else (),
        "picture_text": picture_text(stops),
    }


def _stops(found: WayView) -> tuple[Stop, ...]:
    """Draw the way, the way that is blocked, or the gap between two entries."""
    way, start, end = found.way, found.start, found.end
    if start.id == end.id:
        return ()
    blocked = way.blocked
    route = way.pathway or (blocked.pathway if blocked else (end.id,))
    if len(route) >= STOPS_MOST:
        return ()
    stops = [stop_of(start.id, found.entries, over="From", kind="start")]
    for place, number in enumerate(route, start=1):
        last = place == len(route)
        over = f"Step {place}" if way.pathway else "On the way"
        kind = "target" if last else "step"
        if blocked and number == blocked.blocked_by:
            kind = "blocked"
        known = way.pathway is not None or blocked is not None
        stops.append(
            stop_of(
                number,
                found.entries,
                over="To" if last else over,
                kind=kind,
                known=known,
            )
        )
    return tuple(stops)
