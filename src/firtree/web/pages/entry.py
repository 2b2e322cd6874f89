"""One entry of the register, as a page."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from firtree.access import Principal
from firtree.catalogue.entry import Entry
from firtree.errors import NotFoundError
from firtree.exchange.mending import SEVERITIES as LABELS
from firtree.library.lookup import EntryView, Page
from firtree.library.ports import Filter
from firtree.library.views import View
from firtree.web import chrome
from firtree.web.answers import (
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.pages.entry_facts import Blank, cpl_facts, fir_facts, removed_words
from firtree.web.pages.error import titled_error_page
from firtree.web.pages.render import (
    HTML,
    Place,
    address,
    past_words,
    render,
    stamp,
)
from firtree.web.pages.told import erased_lines

_ENTRIES_MOST = 200
ID_MOST = 2**53
SEVERITIES = {severity.value: label for severity, label in LABELS.items()}


async def get_entry_page(
    request: Request[Any, Any, Any],
    *,
    desk: NamedDependency[Desk],
    entry_id: FromPath[int],
    at: FromQuery[str | None] = None,
    effective_at: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, frozenset({"at", "effective_at"}))
    place = Place((at or "").strip(), (effective_at or "").strip())
    principal, view, _, etag = await desk.asked(
        request, f"entry {stamp()}", place.at, place.effective_at
    )
    # An ETag of an entry that is not there must not be confirmed: ask first.
    if not 1 <= entry_id <= ID_MOST:
        return missing(entry_id, place, view)
    try:
        found = await desk.quick(desk.lookup.entry, principal, entry_id, view)
    except NotFoundError:
        return missing(entry_id, place, view)
    if unchanged(request, etag):
        return not_modified(etag)
    around = await desk.quick(_around, desk, principal, found, view)
    page = render(
        "entry.html",
        **_facts(found, around),
        place=place,
        past=past_words(view, place),
        json_address=place.link(f"/api/v1/entries/{entry_id}"),
        now_address=f"/entries/{entry_id}",
        history_address=address(f"/entries/{entry_id}/history", at=place.at),
        size=view.size,
    )
    return answer(page, etag, HTML)


def missing(entry_id: int, place: Place, view: View) -> Response[bytes]:
    """Say that an entry is not there, or not in the past that was asked for."""
    then = " in what was asked for" if place.past else ""
    if chrome.current().scope.sees_all:
        heading = "There is no such entry here"
        detail = f"The register holds no entry {entry_id}{then}"
    else:
        heading = "No such entry is among what you may see"
        detail = f"No entry {entry_id}{then} is among what you may see"
    page = titled_error_page(
        404,
        heading,
        detail,
        "Search for it by manufacturer, model, version or hash.",
        place=place,
        past=past_words(view, place),
        now_address=f"/entries/{entry_id}",
    )
    headers = {"Cache-Control": "no-store"}
    return Response(page.encode(), status_code=404, media_type=HTML, headers=headers)


def entries_named(
    desk: Desk,
    principal: Principal,
    ids: Iterable[int],
    known: Iterable[Entry],
    view: View,
) -> dict[int, Entry]:
    """Give the named entries that are not known yet, and not out of reach."""
    found = {}
    for entry_id in sorted(set(ids) - {entry.id for entry in known}):
        with suppress(NotFoundError):
            found[entry_id] = desk.lookup.entry(principal, entry_id, view).entry
    return found


class _Around(NamedTuple):
    """What an entry's page shows of other entries.

    Attributes:
        same_model: the first entries of the same hardware model.
        cut: whether the model has more.
        before: entries it names as upgradable from, by id.
        sharing: the first entries with the same image.
        sharing_cut: whether there are more.
    """

    same_model: Sequence[Entry]
    cut: bool
    before: Mapping[int, Entry]
    sharing: Sequence[Entry]
    sharing_cut: bool


def _around(desk: Desk, principal: Principal, found: EntryView, view: View) -> _Around:
    """Gather the other entries that an entry's page shows."""
    entry, entries = found.entry, desk.lookup.entries
    key = entry.model.key
    of_model = Filter(manufacturer=key.manufacturer, model=key.model)
    page = entries(principal, of_model, view, limit=_ENTRIES_MOST)
    known = {other.id: other for other in page.entries}
    before = set(entry.fir.upgradable_from or ())
    # Of another model they are not shown; of this one only a cut list lacks them.
    more = (
        entries_named(desk, principal, before, page.entries, view)
        if page.after is not None
        else {}
    )
    known |= {i: other for i, other in more.items() if other.model.key == key}
    sharing = Page([], None)
    if found.release:
        of_image = Filter(image_hash=entry.cpl.image_hash)
        sharing = entries(principal, of_image, view, limit=_ENTRIES_MOST)
    return _Around(
        page.entries,
        page.after is not None,
        {i: known[i] for i in before if i in known},
        [other for other in sharing.entries if other.id != entry.id],
        sharing.after is not None,
    )


def _blank(*, partial: bool, erased: bool) -> Blank:
    """Say why a field of the FIR information may be blank."""
    if partial:
        return Blank.UNSEEN
    return Blank.ERASED if erased else Blank.UNSAID


def _facts(found: EntryView, around: _Around) -> dict[str, object]:
    """Gather what the template shows of an entry."""
    entry, scope = found.entry, chrome.current().scope
    key = entry.model.key
    partial, fir_erased = not scope.sees_all_of(key), "fir" in entry.absent
    before = entry.fir.upgradable_from
    contact = entry.contact or (found.maker.contact if found.maker else None)
    maker_name = entry.cpl.manufacturer_name or (
        found.maker.name if found.maker else ""
    )
    return {
        "entry": entry,
        "found": found,
        "key": key,
        "maker_name": maker_name,
        "cpl": cpl_facts(entry, maker_name),
        "fir": fir_facts(entry, _blank(partial=partial, erased=fir_erased)),
        "partial": partial,
        "fir_erased": fir_erased,
        "whole_maker": scope.sees_all_of_maker(key.manufacturer),
        "removed": removed_words(entry),
        "erased": erased_lines(found.erased),
        "before": None
        if before is None
        else [(i, around.before.get(i)) for i in before],
        "after": [
            other
            for other in around.same_model
            if entry.id in (other.fir.upgradable_from or ())
        ],
        "after_cut": around.cut,
        "entries_most": _ENTRIES_MOST,
        "sharing": around.sharing,
        "sharing_cut": around.sharing_cut,
        "contact": contact,
        "contact_own": entry.contact is not None,
        "severities": SEVERITIES,
        "assess": {
            "device_type": str(entry.device_type),
            "manufacturer": key.manufacturer,
            "model": key.model,
            "firmware": entry.cpl.firmware,
        },
        "asked_mail": f"Entry {entry.id}: firmware {entry.cpl.firmware} of {key}",
    }
