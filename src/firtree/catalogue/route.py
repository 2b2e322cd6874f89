"""Where a device should go: target, pathway and what stands in the way.

Rules R4, R5, R7 and R9 of ``docs/rules.md``, over the pathways of one model.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

import msgspec

from firtree.catalogue.answer import BlockedRoute, Circumstances, Noted
from firtree.catalogue.entry import Availability, Entry, Status
from firtree.catalogue.outline import Outline
from firtree.catalogue.pathways import (
    Pathways,
    newest,
    offered,
    usable,
)
from firtree.catalogue.words import REASONS, REASONS_INSTEAD, Silence

_BY_ORDER = attrgetter("order")


class Route(NamedTuple):
    """Where a device on a listed entry should go.

    ``unsaid`` is the entry on the way whose predecessors its maker has not said.
    """

    target: Outline | None
    alternatives: tuple[Outline, ...] = ()
    pathway: tuple[int, ...] | None = None
    blocked: BlockedRoute | None = None
    reasons: tuple[Noted, ...] = ()
    factory_only: tuple[Outline, ...] = ()
    unsaid: Outline | None = None
    inferred: bool = False
    leads_on: bool = False


def reason(code: str, *, silence: Silence | None = None, **facts: object) -> Noted:
    """Make a reason with its text, or with the one said instead."""
    text = REASONS[code]
    if silence is not None:
        text = REASONS_INSTEAD[silence].get(code, text)
    return Noted(code, text.format(**facts))


def find_route(entry: Outline, ways: Pathways, context: Circumstances) -> Route:
    """Find where a device on a listed entry should go (R4, R5, R7, R9)."""
    ends = ways.ends(entry.id)
    best = _preferred(ends, entry) if ends else entry
    if best is entry:
        return _nothing_reachable(entry, ways, context)
    others = tuple(end for end in ends if end is not best and end is not entry)
    reasons = [reason("route", entry=entry.id, target=best.id)]
    if entry.line and best.line == entry.line:
        reasons.append(reason("release-line", why=entry.line))
    return Route(
        target=best,
        alternatives=others,
        pathway=tuple(ways.path(entry.id, best.id) or ()),
        reasons=tuple(reasons),
        inferred=bool(others) and any(not e.release_date for e in (best, *others)),
        leads_on=True,
    )


def _preferred(ends: Sequence[Outline], entry: Outline) -> Outline:
    """The running entry's release line first, then the newest (R4)."""
    own_line = [end for end in ends if end.line == entry.line]
    return newest(own_line or ends)


def _nothing_reachable(entry: Outline, ways: Pathways, context: Circumstances) -> Route:
    """Look at newer entries of the same model and line (R5), then back (R9)."""
    groups = _newer(entry, ways, context.asker)
    back = _ways_back(entry, ways)
    compared = [entry, *(other for found in groups.values() for other in found)]
    found = Route(
        target=None,
        reasons=(
            *_why_no_route(entry, groups, context),
            *((reason("rollback-offered", why=_ids(back)),) if back else ()),
        ),
        factory_only=tuple(groups.get("newer-factory-only", ())),
        inferred=(bool(groups) and any(not e.release_date for e in compared))
        or any(_older_by_publication(entry, ways, context.asker)),
    )
    ahead = [other for code in _BEHIND for other in groups.get(code, ())]
    if ahead:
        target = newest(ahead)
        return found._replace(
            target=target,
            # One that is newer may be a declared way back as well.
            alternatives=tuple([other for other in back if other is not target]),
            blocked=_blocked(entry, target, ways),
            unsaid=_unsaid(target, groups.get("newer-path-unknown", ()), ways),
        )
    if entry.active:
        why = () if groups else (reason("newest", silence=context.silence()),)
        return found._replace(
            target=entry,
            alternatives=tuple(back),
            pathway=(),
            reasons=(*found.reasons, *why),
        )
    if back:
        return found._replace(
            target=back[0], alternatives=tuple(back[1:]), pathway=(back[0].id,)
        )
    left = _what_is_left(entry, ways, context.silence())
    return found._replace(reasons=(*found.reasons, *left))


def _newer(
    entry: Outline, ways: Pathways, asker: str | None
) -> dict[str, list[Outline]]:
    """Group newer entries of the same line by why they cannot be reached."""
    order, groups = entry.order, dict[str, list[Outline]]()
    newer = [other for other in ways.outlines.values() if other.order > order]
    for other in sorted(newer, key=_BY_ORDER, reverse=True):
        if (
            _is_comparable(entry, other)
            and (code := _why_not(entry, other, ways, asker)) is not None
        ):
            groups.setdefault(code, []).append(other)
    return groups


def _older_by_publication(
    entry: Outline, ways: Pathways, asker: str | None
) -> Iterator[Outline]:
    """Yield what would make the device behind, but for dates that are inferred (R10).

    A declared predecessor is none of them: it is older by its maker's word.
    """
    for other in ways.outlines.values():
        if (
            not (entry.release_date and other.release_date)
            and other.order < entry.order
            and _is_comparable(entry, other)
            and ways.path(other.id, entry.id, ways.declared) is None
            and _why_not(entry, other, ways, asker) in _BEHIND
        ):
            yield other


def _is_comparable(entry: Outline, other: Outline) -> bool:
    """Tell whether one may be newer than the other: of one line and one family."""
    return (
        other.line == entry.line
        and other.device_type.family == entry.device_type.family
    )


def _why_no_route(
    entry: Outline, groups: dict[str, list[Outline]], context: Circumstances
) -> Iterable[Noted]:
    if not entry.device_type.updates_over_the_air:
        yield reason("no-over-the-air-route")
    for code, found in groups.items():
        erased = True in [other.fir_absent for other in found]
        silence = context.silence(erased=erased)
        told = _held_back if code == "newer-not-offered" else _ids
        yield reason(code, silence=silence, why=told(found))


def _what_is_left(
    entry: Outline, ways: Pathways, silence: Silence | None
) -> Iterable[Noted]:
    still = [other for other in ways.outlines.values() if other.active]
    if not still:
        yield reason("no-active-entry", silence=silence)
    elif all(other.order < entry.order for other in still):
        yield reason("only-older-left", silence=silence)


# The reasons by which a device counts as behind although no way is known (R5).
_BEHIND = ("newer-path-unknown", "newer-not-reachable", "newer-blocked")


def _why_not(
    entry: Outline, other: Outline, ways: Pathways, asker: str | None
) -> str | None:
    """Say why a newer entry is not reachable; None where it does not count at all."""
    if other.id not in ways.usable:
        freed = msgspec.structs.replace(other, held=False)
        if freed.availability is Availability.LIMITED:
            freed = msgspec.structs.replace(freed, availability=None)
        if not offered(other, asker) and usable(freed):
            return "newer-not-offered"
        return None
    if other.upgradable_from is None:
        return "newer-path-unknown"
    if not other.upgradable_from:
        return "newer-factory-only"
    if ways.path(entry.id, other.id, ways.declared) is not None:
        return "newer-blocked"
    return "newer-not-reachable"


def _unsaid(
    target: Outline, blank: Iterable[Outline], ways: Pathways
) -> Outline | None:
    """Give the newest entry without stated predecessors that leads to the target."""
    on_the_way = [
        other
        for other in blank
        if ways.path(other.id, target.id, ways.declared) is not None
    ]
    return newest(on_the_way) if on_the_way else None


def _blocked(entry: Outline, target: Outline, ways: Pathways) -> BlockedRoute | None:
    found = ways.blocked_route(entry.id, target.id)
    return BlockedRoute(tuple(found[0]), found[1]) if found else None


def _ways_back(entry: Outline, ways: Pathways) -> list[Outline]:
    """Entries that declare *rollback from* the running one; newest first (R9)."""
    if entry.active and not entry.held:
        return []
    back = [
        other
        for other in ways.outlines.values()
        if entry.id in other.rollback_from
        and other.id in ways.usable
        and other.device_type.family == entry.device_type.family
        and other.fits
    ]
    return sorted(back, key=_BY_ORDER, reverse=True)


def why_removed(entry: Entry, day: date) -> tuple[Noted, ...]:
    """Say by whose act, when and why an entry was removed; empty where it was not.

    Args:
        entry: the entry.
        day: from which one looks; what is recorded may begin later.
    """
    start = entry.cpl.status_from
    if entry.cpl.status is Status.ACTIVE:
        return ()
    since = f" on {start}" if start else ""
    if start and start > day:
        since = f" with effect from {start}, a day to come"
    why = f"{since}: {entry.cpl.status_reason}" if entry.cpl.status_reason else since
    code = f"removed-{entry.cpl.status.value.lower()}"
    return (reason(code, entry=entry.id, why=why),)


def _held_back(entries: Iterable[Outline]) -> str:
    """Name entries that are newer and not offered, each with what holds it back."""
    return ", ".join(
        f"entry {entry.id} ({'on hold' if entry.held else 'limited to others'})"
        for entry in entries
    )


def _ids(entries: Iterable[Outline]) -> str:
    return ", ".join(f"entry {entry.id}" for entry in entries)
