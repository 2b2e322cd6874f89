"""All entries of one model, sorted out once for the checks of every one of them."""

import math
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from firtree.catalogue.checks.codes import MOST_NAMED
from firtree.catalogue.entry import Certificate, CertificateKind, Coding, Entry, Status
from firtree.devices import HardwareModel, ModelKey

# What a certificate is known by: manufacturer code, kind and number.
CertificateKey = tuple[str, CertificateKind, str]


class Neighbours(tuple[Entry, ...]):  # noqa: SLOT001 - it keeps what it worked out
    """Entries with one manufacturer and DeviceModel, removed ones included.

    What the rules ask of them is worked out when it is first asked for and kept, so
    that checking all n of them takes some n steps and not n².  Those that are shared
    by several checks hold the entry that is checked as well.
    """

    @cached_property
    def by_id(self) -> dict[int, Entry]:
        """The entries by id."""
        return {entry.id: entry for entry in self}

    @cached_property
    def _families(self) -> dict[tuple[ModelKey, str], "Family"]:
        models: dict[HardwareModel, list[Entry]] = defaultdict(list)
        for entry in self:
            models[entry.model].append(entry)
        found: dict[tuple[ModelKey, str], list[Entry]] = defaultdict(list)
        for model, entries in models.items():  # spelled otherwise, but the same key
            found[model.key, model.device_type.family].extend(entries)
        return {kind: Family(entries) for kind, entries in found.items()}

    @cached_property
    def _family_of(self) -> dict[HardwareModel, "Family"]:
        return {}

    def family(self, entry: Entry) -> "Family":
        """Give the entries of the same hardware model, device family included."""
        model = entry.model
        if (known := self._family_of.get(model)) is None:
            kind = (model.key, model.device_type.family)
            known = self._family_of[model] = self._families.get(kind) or Family(())
        return known

    @cached_property
    def dates(self) -> Mapping[CertificateKey, Mapping[date, Sequence[int]]]:
        """The dates given for each certificate, and the ids of who gives them."""
        found: dict[CertificateKey, dict[date, list[int]]] = {}
        for entry in sorted(self, key=lambda entry: entry.id):
            for held in entry.cpl.certificates:
                if held.day is not None:
                    days = found.setdefault(certificate_key(entry, held), {})
                    ids = days.setdefault(held.day, [])
                    if ids[-1:] != [entry.id]:
                        ids.append(entry.id)
        return found


def certificate_key(entry: Entry, held: Certificate) -> CertificateKey:
    """Give what a certificate of an entry is known by."""
    return entry.model.key.manufacturer, held.kind, held.number


class Some(NamedTuple):
    """Some entries: the lowest ids, as many as a sentence names, and how many."""

    lowest: Sequence[int]
    total: int

    def joined(self, ids: Iterable[int]) -> "Some":
        """Add ids that are not among them."""
        more = set(ids)
        lowest = sorted({*self.lowest, *more})[:MOST_NAMED]
        return Some(lowest, self.total + len(more))


def others_of(ids: Sequence[int], own: int) -> Some:
    """Leave one id out of ids that are in order."""
    place = bisect_left(ids, own)
    held = place < len(ids) and ids[place] == own
    lowest = [number for number in ids[: MOST_NAMED + 1] if number != own]
    return Some(lowest[:MOST_NAMED], len(ids) - held)


class _Dated:
    """Entries by date: those before a day are told without going through them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._keys = {entry.id: (entry.order[0], entry.id) for entry in entries}
        self._ordered = sorted(self._keys.values())
        # The lowest ids of the first none, one, two …; mostly one and the same.
        self._lowest: list[tuple[int, ...]] = [()]
        for _, number in self._ordered:
            lowest = self._lowest[-1]
            if len(lowest) <= MOST_NAMED or number < lowest[-1]:
                lowest = tuple(sorted((*lowest, number))[: MOST_NAMED + 1])
            self._lowest.append(lowest)

    def before(self, day: date, number: int) -> Some:
        """Give the entries before a day, and those of that day with lower ids."""
        own = (day, number if number > 0 else math.inf)
        place = bisect_left(self._ordered, own)
        held = number in self._keys and self._keys[number] < own
        lowest = [known for known in self._lowest[place] if known != number]
        return Some(lowest[:MOST_NAMED], place - held)


class Family:
    """The entries of one hardware model.

    Args:
        entries: any order.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = sorted(entries, key=lambda entry: entry.id)
        self._counting = [
            entry for entry in self._entries if entry.cpl.status is not Status.CANCELLED
        ]

    @cached_property
    def _versions(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for entry in self._counting:
            found[entry.firmware_key].append(entry.id)
        return found

    def with_version_of(self, entry: Entry) -> Some:
        """Give the other entries with its firmware version, but for cancelled ones."""
        return others_of(self._versions.get(entry.firmware_key, ()), entry.id)

    @cached_property
    def _dated(self) -> _Dated:
        return _Dated(self._counting)

    @cached_property
    def _dated_by_coding(self) -> Mapping[Coding, _Dated]:
        return {
            coding: _Dated(e for e in self._counting if e.cpl.firmware_coding is coding)
            for coding in Coding
        }

    def before(self, entry: Entry, day: date, coding: Coding | None = None) -> Some:
        """Give the entries that came before an entry.

        Dates decide, and ids on the same day; a cancelled entry does not count.

        Args:
            entry: any entry; an id of 0 or less comes after all of its day.
            day: the day that counts as its own.
            coding: only entries with this coding; None = all.
        """
        dated = self._dated_by_coding[coding] if coding else self._dated
        return dated.before(day, entry.id)

    @cached_property
    def _onward(self) -> dict[int, list[int]]:
        """The declared steps from each id, lower ids first."""
        onward: dict[int, list[int]] = defaultdict(list)
        for entry in self._entries:
            for start in dict.fromkeys(entry.fir.upgradable_from or ()):
                if start != entry.id:
                    onward[start].append(entry.id)
        return onward

    @cached_property
    def _apart(self) -> frozenset[int]:
        """Ids of entries that lie on no circle of declared steps.

        Whatever nothing leads to is taken away, again and again, until the rest is
        on a circle or behind one.
        """
        waits = {
            entry.id: len(set(entry.fir.upgradable_from or ()) - {entry.id})
            for entry in self._entries
        }
        unknown = set(self._onward) - set(waits)
        ready = deque((*unknown, *(number for number, n in waits.items() if not n)))
        apart = set()
        while ready:
            here = ready.popleft()
            apart.add(here)
            for there in self._onward.get(here, ()):
                waits[there] -= 1
                if not waits[there]:
                    ready.append(there)
        return frozenset(apart)

    def reached(self, entry: Entry) -> Mapping[int, int]:
        """Follow the declared steps from an entry: each id reached, and from where.

        Nearest first, lower ids first, so that the same steps give the same circle.
        An entry that is known to lie on no circle reaches nothing of interest.
        """
        place = bisect_left(self._entries, entry.id, key=lambda known: known.id)
        listed = place < len(self._entries) and self._entries[place] is entry
        if listed and entry.id in self._apart:
            return {}
        came_from: dict[int, int] = {}
        queue = deque([entry.id])
        while queue:
            here = queue.popleft()
            for there in self._onward.get(here, ()):
                if there not in came_from:
                    came_from[there] = here
                    queue.append(there)
        return came_from
