"""Every version of an entry, as a page."""

from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from firtree.errors import NotFoundError
from firtree.library.history import Past, Versions
from firtree.statements.versions import Version
from firtree.web.answers import (
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.api.parameters import cursor_of
from firtree.web.pages.entry import ID_MOST, missing
from firtree.web.pages.render import (
    HTML,
    Place,
    address,
    past_words,
    render,
    stamp,
)
from firtree.web.pages.told import (
    ErasedLine,
    Headline,
    Line,
    erased_lines,
    headline,
    lines,
)

VERSIONS_MOST = 50


class Shown(NamedTuple):
    """One version, as the page shows it.

    Attributes:
        version: of the entry.
        headline: what happened.
        lines: field by field; None where it is the first version.
        address: of the entry as it was then.
        erased: what was erased of it, in words.
    """

    version: Version
    headline: Headline
    lines: list[Line] | None
    address: str
    erased: list[ErasedLine]


async def get_history_page(
    request: Request[Any, Any, Any],
    *,
    desk: NamedDependency[Desk],
    entry_id: FromPath[int],
    at: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"at", "cursor"}))
    place = Place(at=(at or "").strip())
    below = cursor_of(cursor) if cursor else None
    principal, view, _, etag = await desk.asked(request, f"history {stamp()}", place.at)
    # An ETag of an entry that is not there must not be confirmed: ask first.
    if not 1 <= entry_id <= ID_MOST:
        return missing(entry_id, place, view)
    try:
        found: Versions = await desk.slow(
            desk.history.of_entry,
            principal,
            entry_id,
            view,
            below=below,
            limit=VERSIONS_MOST,
        )
    except NotFoundError:
        return missing(entry_id, place, view)
    if unchanged(request, etag):
        return not_modified(etag)
    path = f"/entries/{entry_id}/history"
    more = "" if found.below is None else str(found.below)
    page = render(
        "history.html",
        entry_id=entry_id,
        newest=found.versions[0].entry if found.versions else None,
        shown=[_shown(entry_id, past) for past in found.versions],
        from_newest=below is None,
        more_address=address(path, at=place.at, cursor=more) if more else "",
        place=place,
        past=past_words(view, place),
        json_address=address(f"/api/v1{path}", at=place.at),
        now_address=path,
        size=view.size,
    )
    return answer(page, etag, HTML)


def _shown(entry_id: int, past: Past) -> Shown:
    version, found = past.version, past.differences
    # The moment names the whole transaction; a log size could lie within it.
    at = version.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Shown(
        version=version,
        headline=headline(found),
        lines=None if found is None else lines(found),
        address=address(f"/entries/{entry_id}", at=at),
        erased=erased_lines(version.erased),
    )
