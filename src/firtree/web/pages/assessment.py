"""The answer for one device, as a page."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from firtree.catalogue.answer import AnswerWarning, Assessment, Device
from firtree.catalogue.entry import Entry
from firtree.catalogue.words import Level, Standing
from firtree.devices import DeviceType
from firtree.errors import InvalidInputError
from firtree.library.lookup import Lookup
from firtree.library.ports import Filter
from firtree.text import counted
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
from firtree.web.pages.entry import entries_named
from firtree.web.pages.home import Fault, fault_of, refused
from firtree.web.pages.picture import Stop, pictures
from firtree.web.pages.render import (
    DEVICE_TYPES,
    HTML,
    TEXT_MOST,
    Place,
    address,
    day,
    past_words,
    render,
    sentence,
    stamp,
    status,
)

ENTRIES_MOST = 200
_REQUIRED = {
    "manufacturer": "Give the manufacturer code, such as A1B3.",
    "model": "Give the model, such as 0A02010A.",
    "firmware": "Give the firmware version, such as 24000100.",
}
_PARAMETERS = frozenset({*_REQUIRED, "device_type", "at", "effective_at"})


class Said(NamedTuple):
    """What the page says first.

    Attributes:
        lead: one sentence under the standing.
        target_label: what the target is to the device.
        target_note: said where there is no target, or about it.
        back: whether the pathway is a way back.
    """

    lead: str
    target_label: str = "Should run"
    target_note: str = ""
    back: bool = False


async def get_assessment_page(
    request: Request[Any, Any, Any],
    *,
    desk: NamedDependency[Desk],
    manufacturer: FromQuery[str] = "",
    model: FromQuery[str] = "",
    firmware: FromQuery[str] = "",
    device_type: FromQuery[str | None] = None,
    at: FromQuery[str | None] = None,
    effective_at: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_parameters(request, _PARAMETERS)
    given = {
        "device_type": (device_type or "").strip(),
        "manufacturer": manufacturer.strip(),
        "model": model.strip(),
        "firmware": firmware.strip(),
        "at": (at or "").strip(),
        "effective_at": (effective_at or "").strip(),
    }
    principal, lookup = principal_of(request), desk.lookup
    faults = _faults(given)
    try:
        view = await desk.quick(lookup.view, given["at"], given["effective_at"])
    except InvalidInputError as error:
        days = await desk.quick(_day_faults, lookup, given)
        faults = (*faults, *(days or (fault_of(error),)))
    if faults:
        return await refused(desk, principal, given, faults)
    log = await desk.quick(log_wire, lookup, principal, view)
    etag = etag_of(principal, view, log, f"assessment {stamp()}")
    if unchanged(request, etag):
        return not_modified(etag)
    kind = given["device_type"]
    device = Device(
        device_type=DeviceType.parse(kind) if kind else None,
        manufacturer=given["manufacturer"],
        model=given["model"],
        firmware=given["firmware"],
    )
    found = await desk.quick(lookup.assess, principal, device, view)
    wanted = Filter(manufacturer=device.key.manufacturer, model=device.key.model)
    listed = await desk.quick(
        lookup.entries, principal, wanted, view, limit=ENTRIES_MOST
    )
    named = await desk.quick(
        entries_named, desk, principal, _named(found), listed.entries, view
    )
    place = Place(given["at"], given["effective_at"])
    page = render(
        "assessment.html",
        **_facts(device, found, listed.entries, named),
        more_entries=listed.after is not None,
        place=place,
        past=past_words(view, place),
        given=given,
        json_address=address("/api/v1/assessment", **given),
        now_address=address("/assessment", **given | {"at": "", "effective_at": ""}),
        size=view.size,
        view_day=view.day,
        today=lookup.today(),
    )
    return answer(page, etag, HTML)


def _faults(given: Mapping[str, str]) -> tuple[Fault, ...]:
    """Find every field that has to be changed."""
    faults = []
    for name, what in _REQUIRED.items():
        if not given[name]:
            faults.append(Fault(name, what))
        elif len(given[name]) > TEXT_MOST:
            faults.append(Fault(name, f"Give at most {TEXT_MOST} characters."))
    if kind := given["device_type"]:
        try:
            DeviceType.parse(kind)
        except ValueError as error:
            faults.append(Fault("device_type", sentence(f"choose {error}")))
    return tuple(faults)


def _day_faults(lookup: Lookup, given: Mapping[str, str]) -> tuple[Fault, ...]:
    """Find which of the two dates is wrong, or that both are: each is asked alone."""
    faults = []
    for at, effective_at in ((given["at"], ""), ("", given["effective_at"])):
        try:
            lookup.view(at, effective_at)
        except InvalidInputError as error:
            faults.append(fault_of(error))
    return tuple(faults)


def _named(found: Assessment) -> set[int]:
    """Give the entries an answer names."""
    blocked = found.blocked_route
    one = {found.entry, found.target, blocked.blocked_by if blocked else None}
    return {
        *(entry_id for entry_id in one if entry_id is not None),
        *(found.pathway or ()),
        *(blocked.pathway if blocked else ()),
        *found.alternatives,
    }


def _facts(
    device: Device,
    found: Assessment,
    listed: Sequence[Entry],
    named: Mapping[int, Entry],
) -> dict[str, object]:
    """Gather what the template shows of an answer."""
    entries = {**{entry.id: entry for entry in listed}, **named}
    said = _said(found, entries)
    way = _way(found, entries, back=said.back)
    return {
        "device": device,
        "found": found,
        "entries": entries,
        "listed": listed,
        "running": entries.get(found.entry or 0),
        "target": entries.get(found.target or 0),
        "maker_name": next(
            (e.cpl.manufacturer_name for e in listed if e.cpl.manufacturer_name), ""
        ),
        "trade_name": next((e.cpl.trade_name for e in listed if e.cpl.trade_name), ""),
        "device_types": DEVICE_TYPES,
        "types": sorted({entry.device_type for entry in listed}),
        "partial": found.partial,
        "standing_text": found.standing_text,
        "said": said,
        "pictures": pictures(way) if way else (),
        "picture_text": "; ".join(
            ", ".join(filter(None, (s.over, s.version, s.entry, s.day, s.mark)))
            for s in way
        ),
        "warnings": _grouped(found.warnings),
        "stops": sum(1 for one in found.warnings if one.level == Level.STOP),
        "asked_mail": f"Firmware {device.firmware} of {device.key}",
    }


def _grouped(
    warnings: Sequence[AnswerWarning],
) -> list[tuple[str, list[AnswerWarning]]]:
    """Put warnings of one level together; they come loudest first."""
    groups = groupby(warnings, key=lambda one: one.level)
    return [(level, list(group)) for level, group in groups]


_UNKNOWN = (
    "The CPL lists no such model of this manufacturer, so nothing can be said about "
    "its firmware. Do not distribute anything to it yet."
)
_UNKNOWN_UNSEEN = (
    "No such model of this manufacturer is among what you may see, so nothing can be "
    "said to you about its firmware. Do not distribute anything to it yet."
)
_UNLISTED = (
    "The CPL lists this model, but not with this firmware. No way on can be given from "
    "here; do not distribute anything to it yet."
)
_UNLISTED_UNSEEN = (
    "This model is listed, but not with this firmware among what you may see. No way "
    "on can be given from here; do not distribute anything to it yet."
)


def _said(found: Assessment, entries: Mapping[int, Entry]) -> Said:
    standing, partial = found.standing, found.partial
    if standing is Standing.UNKNOWN:
        return Said(_UNKNOWN_UNSEEN if partial else _UNKNOWN)
    if standing is Standing.UNLISTED:
        return Said(
            _UNLISTED_UNSEEN if partial else _UNLISTED,
            "Newest that you may see" if partial else "Newest listed",
            "for information only, not a recommendation",
        )
    back = bool(found.pathway) and any(n.code == "roll-back" for n in found.advice)
    running = entries.get(found.entry or 0)
    if standing is Standing.CURRENT:
        held = running is not None and running.fir.hold is not None
        rest = ", but start no new upgrades to it: it is on hold" if held else ""
        newer = [n.text for n in found.reasons if n.code.startswith("newer-")]
        what = "Nothing newer that you may see" if partial else "Nothing newer"
        now = f"{what} can be installed on this device now{rest}."
        return Said(" ".join((now, *newer)))
    lead = _way_words(found, back=back)
    if standing is Standing.REMOVED:
        why = [n.text for n in found.reasons if n.code.startswith("removed-")]
        lead = " ".join((*why, lead))
    if found.target is None:
        return Said(lead, target_note="nothing to name")
    label = "Go back to" if back else "Should run"
    return Said(lead, label, back=back)


def _way_words(found: Assessment, *, back: bool) -> str:
    if found.pathway and back:
        return "Its maker declares a way back to earlier firmware."
    if found.pathway and len(found.pathway) == 1:
        return "One step leads to the newest firmware for this device."
    if found.pathway:
        steps = counted(len(found.pathway), "step")
        return f"{steps}, in this order, lead to the newest firmware for this device."
    if found.blocked_route is not None:
        by = found.blocked_route.blocked_by
        return (
            "Newer firmware is listed, but the only declared way is blocked: "
            f"entry {by} may not be installed."
        )
    if found.target is not None:
        known = "among what you may see" if found.partial else "known"
        return f"Newer firmware is listed, but the way to it is not {known}."
    seen = "that you may see" if found.partial else "listed"
    return f"There is nothing {seen} that it could be moved to."


def _way(
    found: Assessment, entries: Mapping[int, Entry], *, back: bool
) -> tuple[Stop, ...]:
    """Give the stops of the picture; none where there is no way to show."""
    if found.entry is None:
        return ()
    blocked = found.blocked_route
    route = found.pathway or (blocked.pathway if blocked else ())
    if not route and found.target not in {None, found.entry}:
        route = (found.target or 0,)
    if not route:
        return ()
    stops = [stop_of(found.entry, entries, over="Runs now", kind="start")]
    for place, entry_id in enumerate(route, start=1):
        last = place == len(route)
        over = f"Step {place}" + (": the target" if last else "")
        if last and back:
            over = "Go back to"
        elif last and len(found.pathway or ()) < 2:
            over = "Should run"
        elif found.pathway is None:
            over = "On the way"
        kind = "target" if last else "step"
        if blocked and entry_id == blocked.blocked_by:
            kind = "blocked"
        known = bool(found.pathway) or blocked is not None
        stops.append(stop_of(entry_id, entries, over=over, kind=kind, known=known))
    return tuple(stops)


def stop_of(
    entry_id: int,
    entries: Mapping[int, Entry],
    *,
    over: str,
    kind: str,
    known: bool = True,
) -> Stop:
    """Draw an entry as a stop of the picture."""
    entry = entries.get(entry_id)
    if entry is None:
        return Stop(over, "?", f"entry {entry_id}", kind=kind, known=known)
    since = entry.fir.release_date or entry.cpl.published_on
    return Stop(
        over,
        entry.cpl.firmware,
        f"entry {entry_id}",
        day(since) if since else "",
        _mark(entry, kind),
        kind,
        known,
    )


def _mark(entry: Entry, kind: str) -> str:
    if not entry.active:
        return status(entry)
    if entry.fir.hold is not None:
        return "Do not install (for now)"
    if kind == "blocked":
        return "May not be installed"
    return "May not be skipped" if entry.fir.mandatory_step and kind != "start" else ""
