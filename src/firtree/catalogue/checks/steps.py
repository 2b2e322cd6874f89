"""Checks F6 and F10: what an entry declares of others, and its release date."""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from firtree.catalogue.checks.codes import (
    entries_named,
    finding,
    finding_of_erased,
    some_named,
)
from firtree.catalogue.checks.finding import Finding
from firtree.catalogue.checks.surroundings import (
    Rule,
    Surroundings,
    earlier,
    publication_day,
    same_maker,
    same_model,
)
from firtree.catalogue.entry import Entry
from firtree.devices import DeviceType

# The FIR went live on this day, for new entries only (SECMP0009).
GO_LIVE = date(2019, 2, 28)
_MOST_IN_A_CIRCLE = 20


class _Codes(NamedTuple):
    """The codes for a list of ids."""

    itself: str
    unknown: str
    other_maker: str
    other_model: str


_PREDECESSORS = _Codes(
    "predecessor-is-itself",
    "unknown-predecessor",
    "predecessor-of-other-maker",
    "predecessor-of-other-model",
)
_ROLLBACKS = _Codes(
    "rollback-is-itself",
    "unknown-rollback",
    "rollback-of-other-maker",
    "rollback-of-other-model",
)


def predecessors_fit(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F6: known entries of the same maker and hardware model."""
    declared = entry.fir.upgradable_from or ()
    yield from _fit(entry, around, declared, _PREDECESSORS)


def rollbacks_fit(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F6: likewise for the ways back."""
    yield from _fit(entry, around, entry.fir.rollback_from, _ROLLBACKS)


def hub_entries_fit(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F6: the hub entries asked for are known, and are hubs; of any maker."""
    known = _known(around)
    hubs = entry.fir.requires.hub_entries if entry.fir.requires else ()
    for named in dict.fromkeys(hubs):
        if named not in known:
            yield finding("unknown-hub-entry", found=named)
        elif known[named].device_type.family != DeviceType.CHF.family:
            yield finding("hub-entry-of-other-type", found=named)


def steps_make_no_circle(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F6: no predecessor is reached from the entry itself."""
    declared = entry.fir.upgradable_from
    if not declared:
        return
    came_from = around.neighbours.family(entry).reached(entry)
    for before in dict.fromkeys(declared):
        if before == entry.id or before not in came_from:
            continue
        circle = [entry.id, before]
        while circle[-1] != entry.id:
            circle.append(came_from[circle[-1]])
        yield finding("declared-cycle", found=_in_order(circle[::-1]))


def predecessors_have_earlier_ids(
    entry: Entry, around: Surroundings
) -> Iterator[Finding]:
    """F6: ids are given out in order, as a rule."""
    for before in _predecessors(entry, around):
        if 0 < entry.id < before.id:
            yield finding(
                "predecessor-has-later-id",
                expected=f"an id below {entry.id}",
                found=before.id,
                entry=entry.id,
            )


def na_means_the_first(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F6: ``N/A`` is for the first entry of a model."""
    before = earlier(entry, around)
    if entry.fir.upgradable_from == () and before.total:
        yield finding(
            "na-with-earlier-entries",
            expected="CPL Entry IDs",
            found="N/A",
            entries=some_named(*before),
        )


def a_predecessor_is_left(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F6: at least one predecessor is still listed."""
    before = _predecessors(entry, around)
    declared = set(entry.fir.upgradable_from or ()) - {entry.id}
    if before and len(before) == len(declared) and not any(e.active for e in before):
        yield finding(
            "predecessors-all-removed",
            entries=entries_named(other.id for other in before),
        )


def predecessors_are_said(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F6: a new entry does not leave them blank."""
    if entry.fir.upgradable_from is None and publication_day(entry, around) > GO_LIVE:
        make = finding_of_erased if "fir" in entry.absent else finding
        yield make("predecessors-blank", expected="CPL Entry IDs, or N/A")


def confirmed_edges_are_declared(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """F6: only a declared step can be confirmed as safe."""
    declared = entry.fir.upgradable_from or ()
    for named in dict.fromkeys(entry.fir.confirmed_edges):
        if named not in declared:
            yield finding("confirmed-edge-not-declared", found=named)


def release_has_happened(entry: Entry, around: Surroundings) -> Iterator[Finding]:
    """F10: the release date is not in the future."""
    released = entry.fir.release_date
    if released and released > around.day:
        yield finding("release-in-future", expected=around.day, found=released)


def release_follows_predecessors(
    entry: Entry, around: Surroundings
) -> Iterator[Finding]:
    """F10: an entry is not older than what it is upgraded from, as a rule."""
    released = entry.fir.release_date
    for before in _predecessors(entry, around):
        if released and before.fir.release_date and released < before.fir.release_date:
            yield finding(
                "older-than-predecessor",
                expected=before.fir.release_date,
                found=released,
                entry=before.id,
            )


def _known(around: Surroundings) -> Mapping[int, Entry]:
    return ChainMap(dict(around.named), around.neighbours.by_id)


def _fit(
    entry: Entry, around: Surroundings, ids: Iterable[int], codes: _Codes
) -> Iterator[Finding]:
    known = _known(around)
    for named in dict.fromkeys(ids):
        if named == entry.id:
            yield finding(codes.itself, found=named)
        elif named not in known:
            yield finding(codes.unknown, found=named)
        elif not same_maker(entry, known[named]):
            yield finding(codes.other_maker, found=named)
        elif not same_model(entry, known[named]):
            yield finding(codes.other_model, found=named)


def _predecessors(entry: Entry, around: Surroundings) -> list[Entry]:
    """Give the declared predecessors that are known and fit.

    What others' entries say is left out, so that no finding can tell it.
    """
    known = _known(around)
    return [
        known[named]
        for named in dict.fromkeys(entry.fir.upgradable_from or ())
        if named != entry.id and named in known and same_model(entry, known[named])
    ]


def _in_order(circle: list[int]) -> str:
    """Write a circle of ids, its middle left out if it is very long."""
    names = [str(named) for named in circle]
    if len(names) > _MOST_IN_A_CIRCLE:
        names[_MOST_IN_A_CIRCLE // 2 : -_MOST_IN_A_CIRCLE // 2] = ["…"]
    return " → ".join(names)


RULES: tuple[Rule, ...] = (
    predecessors_fit,
    steps_make_no_circle,
    predecessors_have_earlier_ids,
    na_means_the_first,
    a_predecessor_is_left,
    predecessors_are_said,
    confirmed_edges_are_declared,
    rollbacks_fit,
    hub_entries_fit,
    release_has_happened,
    release_follows_predecessors,
)
