"""Assessment of a device: standing, target, pathway, advice, warnings.

An answer is a function of what is passed in and nothing else (``docs/rules.md``).
"""

from collections.abc import Sequence

import msgspec

from firtree.catalogue import advice, caveats
from firtree.catalogue.answer import Assessment, Circumstances, Device, Step
from firtree.catalogue.conditions import Hub, conditions_of
from firtree.catalogue.entry import Entry
from firtree.catalogue.outline import Outline
from firtree.catalogue.pathways import newest, usable
from firtree.catalogue.record import ModelRecord
from firtree.catalogue.route import Route, find_route, reason, why_removed
from firtree.catalogue.words import Standing
from firtree.devices import DeviceType


def assess(
    device: Device,
    record: ModelRecord,
    context: Circumstances,
    *,
    hub_record: ModelRecord | None = None,
) -> Assessment:
    """Answer for one device (R1 to R12).

    Args:
        device: what is asked about.
        record: the entries of its hardware model; may be empty.
        context: day, asker, own list, contact, reports.
        hub_record: the entries of its Communications Hub's model, where the hub is
            given.
    """
    if not record.outlines:
        return _not_listed(Standing.UNKNOWN, device, record, context)
    running = _of_type(record.listed(device.firmware), device.device_type)
    if not running:
        return _not_listed(Standing.UNLISTED, device, record, context)
    return _listed(device, running, record, context, hub_record)


def _of_type(
    entries: Sequence[Outline], wanted: DeviceType | None
) -> Sequence[Outline]:
    """Prefer entries of the asked type; a contradiction is a warning, not a miss."""
    if wanted is None:
        return entries
    same = [entry for entry in entries if entry.device_type.family == wanted.family]
    return same or entries


def _listed(
    device: Device,
    running: Sequence[Outline],
    record: ModelRecord,
    context: Circumstances,
    hub_record: ModelRecord | None,
) -> Assessment:
    ways = record.ways_for(context)
    route = find_route(running[0], ways, context)
    whole = record.whole(_shown(running[0], route))
    entry, target = whole[running[0].id], route.target
    standing = _standing(running[0], route)
    steps = tuple(
        [step_of(whole[end], device.hub, hub_record) for end in route.pathway or ()]
    )
    reasons, register_target = (*why_removed(entry, context.day), *route.reasons), None
    if context.approved is not None:
        free = msgspec.structs.replace(context, approved=None)
        unlimited = find_route(running[0], record.ways_for(free), free)
        register_target = unlimited.target.id if unlimited.target else None
        if register_target != entry.id and _list_stops(unlimited, route):
            reasons = (*reasons, reason("not-approved", target=register_target))
    asked = whole[target.id] if target else entry
    contact = asked.contact or (context.maker.contact if context.maker else None)
    case = caveats.Case(device, entry, running[1:], route, steps, ways, whole, contact)
    warnings = caveats.warnings_of(case, context)
    return Assessment(
        standing=standing,
        entry=entry.id,
        target=target.id if target else None,
        alternatives=tuple([other.id for other in route.alternatives]),
        pathway=route.pathway,
        blocked_route=route.blocked,
        steps=steps,
        register_target=register_target,
        advice=advice.for_listed(
            standing, entry, route, contact, warnings, context=context
        ),
        contact=contact,
        warnings=warnings,
        reasons=reasons,
        silence=context.silence(),
    )


def _list_stops(unlimited: Route, own: Route) -> bool:
    """Tell whether an own list does not lead where the register alone would (R12)."""
    if unlimited.target is None:
        return False
    same = own.target is not None and own.target.id == unlimited.target.id
    return not same or (own.pathway is None and unlimited.pathway is not None)


def _shown(running: Outline, route: Route) -> list[int]:
    """Give the ids of the entries that an answer shows or warns of."""
    blocked = route.blocked.pathway if route.blocked else ()
    target = (route.target.id,) if route.target else ()
    return list(dict.fromkeys((running.id, *target, *(route.pathway or ()), *blocked)))


def _standing(entry: Outline, route: Route) -> Standing:
    if not entry.active:
        return Standing.REMOVED
    if route.target is not None and route.target is not entry:
        return Standing.BEHIND
    return Standing.CURRENT


def step_of(
    entry: Entry, hub: Hub | None = None, hub_record: ModelRecord | None = None
) -> Step:
    """Give an entry as a step on the way, its conditions judged by what is known."""
    hub_ways = hub_record.ways if hub_record else None
    hub_entry = _runs(hub, hub_record) if hub and hub_record else None
    return Step(
        entry=entry.id,
        firmware_version=entry.cpl.firmware,
        image_hash=entry.cpl.image_hash,
        release_date=entry.fir.release_date,
        urgency=entry.fir.security_urgency,
        mandatory=entry.fir.mandatory_step,
        notes=entry.fir.notes,
        conditions=conditions_of(entry.fir.requires, hub, hub_entry, hub_ways),
    )


def _runs(hub: Hub, record: ModelRecord) -> Entry | None:
    """Give the entry a hub runs; None where no hub with its firmware is listed."""
    listed = [
        entry
        for entry in record.listed(hub.firmware)
        if entry.device_type.family == DeviceType.CHF.family
    ]
    return record.whole([listed[0].id])[listed[0].id] if listed else None


def _not_listed(
    standing: Standing, device: Device, record: ModelRecord, context: Circumstances
) -> Assessment:
    """No route, ever; what to do is advice in a fixed order (R8)."""
    candidates = [
        entry
        for entry in _of_type(record.outlines, device.device_type)
        if usable(entry, context.asker) and entry.upgradable_from != ()
    ]
    target = newest(candidates) if candidates else None
    own = record.whole([target.id])[target.id].contact if target else None
    contact = own or (context.maker.contact if context.maker else None)
    silence = context.silence()
    why = (
        reason("unlisted", silence=silence, why=device.firmware)
        if standing is Standing.UNLISTED
        else reason("unknown", silence=silence, why=device.key)
    )
    warnings = caveats.warnings_of_unlisted(device, record, target, contact, context)
    return Assessment(
        standing=standing,
        target=target.id if target else None,
        advice=advice.for_unlisted(
            standing, device.firmware, record.outlines, contact, context
        ),
        contact=contact,
        warnings=warnings,
        reasons=(why,),
        silence=silence,
    )
