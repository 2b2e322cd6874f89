"""Data quality: what the submission checks find in the entries of a register.

Findings are not recorded (decision 0006): they are worked out when asked for, a page
at a time.  Totals of a maker are kept for as long as register and day are the same.
"""

import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import msgspec

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.checks import CODES, Finding, Severity, findings
from firtree.catalogue.entry import Entry
from firtree.devices import ModelKey
from firtree.exchange.files import Progress, silent
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Filter, Reading, Register
from firtree.library.surroundings import Around, Surrounded
from firtree.library.views import View, seen, seen_maker
from firtree.parties import Maker

# A page looks at so many entries, and no more.
ENTRIES_MOST = 200
# Totals are worked out for so many entries at most.
COUNTED_MOST = 20_000
_KEPT_ENTRIES = 2 * COUNTED_MOST
_AT_ONCE = 500
# What asks somebody to do something; a note does not.
_TO_MEND = frozenset({Severity.REFUSE, Severity.CONFIRM})


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings are asked for; an empty field asks nothing.

    Args:
        manufacturer: manufacturer code, upper case.
        code: one of ``CODES``.
        severity: only findings of this severity; None = all.
    """

    manufacturer: str = ""
    code: str = ""
    severity: Severity | None = None

    def of(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        """Give those findings that are asked for."""
        return tuple(
            one
            for one in found
            if self.code in {"", one.code} and self.severity in {None, one.severity}
        )

    @property
    def codes(self) -> list[str]:
        """The codes that are asked for."""
        return [
            code
            for code, known in CODES.items()
            if self.code in {"", code} and self.severity in {None, known.severity}
        ]


class Found(NamedTuple):
    """An entry, and those findings in it that are asked for.

    Attributes:
        entry: without what the asker may not see.
        maker: its maker, likewise; None = not known.
        findings: at least one.
    """

    entry: Entry
    maker: Maker | None
    findings: tuple[Finding, ...]

    @property
    def maker_name(self) -> str:
        """Name of its maker; empty = not known."""
        return self.maker.name if self.maker else ""


class FoundPage(NamedTuple):
    """Some entries with findings, by id.

    Attributes:
        found: the entries; there may be none although others follow.
        after: id to go on after; None = that was the last page.
    """

    found: list[Found]
    after: int | None


class Totals(NamedTuple):
    """What is found in the entries of a maker.

    Attributes:
        manufacturer: its code.
        name: its name; empty = not known.
        entries: number of its entries.
        to_mend: number of those with a finding that is more than a note.
        noted: number of those with notes only.
        codes: number of findings by code, in the order of ``CODES``.
    """

    manufacturer: str
    name: str
    entries: int
    to_mend: int
    noted: int
    codes: Mapping[str, int]

    @property
    def severities(self) -> dict[Severity, int]:
        """Number of findings by severity."""
        counts = dict.fromkeys(Severity, 0)
        for code, number in self.codes.items():
            counts[CODES[code].severity] += number
        return counts


class _Counted(NamedTuple):
    """The totals of a maker, and the ids of the entries with each code, in order."""

    totals: Totals
    ids: Mapping[str, "array[int]"]


_Kept = OrderedDict[tuple[str, int, date], _Counted]


class Quality:
    """Runs the checks over recorded entries.  Safe to share between threads.

    Args:
        register: where they are kept.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._counting = threading.Lock()
        # Taken before a state is opened; so what is found in one that is erased from
        # meanwhile is kept where nobody looks any more.
        self._kept: _Kept = OrderedDict()

    def forget(self) -> None:
        """Forget what was found: a section was erased, and is found in no past."""
        self._kept = OrderedDict()

    def totals(
        self, principal: Principal, view: View, manufacturer: str = ""
    ) -> list[Totals] | None:
        """Count what is found, maker by maker; None = too many entries to count.

        Args:
            principal: who asks.
            view: from where.
            manufacturer: only this code; empty = all.
        """
        scope = scope_of(principal, Right.READ_ENTRIES).findings
        kept = self._kept
        with self._register.reading() as tx:
            counted = self._count(tx, kept, scope, view, manufacturer)
        return None if counted is None else [one.totals for one in counted]

    def page(
        self,
        principal: Principal,
        wanted: Wanted,
        view: View,
        *,
        after: int = 0,
        limit: int = ENTRIES_MOST,
    ) -> FoundPage:
        """List entries with findings, by id.

        Where the entries can be counted, a page is full as long as there are enough;
        else it is what is found in the next ``limit`` entries, be it none.

        Args:
            principal: who asks.
            wanted: which findings.
            view: from where.
            after: id to go on after.
            limit: how many entries at most, 1 to ``ENTRIES_MOST``.
        """
        scope = scope_of(principal, Right.READ_ENTRIES).findings
        kept = self._kept
        with self._register.reading() as tx:
            counted = self._count(tx, kept, scope, view, wanted.manufacturer)
            if counted is None:
                makers = _reach(scope, wanted.manufacturer)
                ids = _next_ids(tx, makers, view, after, limit + 1)
            else:
                ids = _ids_with(counted, wanted.codes, after, limit + 1)
            entries = map(entry_of, tx.entries(ids[:limit], view.size))
            around = Around(tx, view).of(entries)
            found = list(_found(around, wanted, scope, view))
        found.sort(key=lambda one: one.entry.id)
        return FoundPage(found, ids[limit - 1] if len(ids) > limit else None)

    def each(
        self,
        principal: Principal,
        wanted: Wanted,
        view: View,
        progress: Progress = silent,
    ) -> Iterator[Found]:
        """Yield all entries with findings, by manufacturer, model and id.

        Args:
            principal: who asks.
            wanted: which findings.
            view: from where.
            progress: told (what, done, of how many).

        Cost: holds the entries of one model at a time.
        """
        scope = scope_of(principal, Right.READ_ENTRIES).findings
        with self._register.reading() as tx:
            codes = _codes(tx, scope, view, wanted.manufacturer)
            sizes = {code: tx.tally(scope, code, view.size).entries for code in codes}
            around, done, total = Around(tx, view), 0, sum(sizes.values())
            for code in sizes:
                for model in _models(tx, code, view):
                    progress("checking", done, total)
                    surrounded = list(around.of_model(model))
                    done += len(surrounded)
                    yield from _found(surrounded, wanted, scope, view)
            progress("checking", total, total)

    def _count(
        self, tx: Reading, kept: _Kept, scope: Scope, view: View, manufacturer: str
    ) -> list[_Counted] | None:
        """Count, or remember, the makers asked for; None = they are too many."""
        sizes: dict[str, int] = {}
        for code in _codes(tx, scope, view, manufacturer):
            sizes[code] = tx.tally(scope, code, view.size).entries
            if sum(sizes.values()) > COUNTED_MOST:
                return None
        with self._counting:
            return [
                _remembered(kept, tx, code, size, view)
                for code, size in sizes.items()
                if size
            ]


def _remembered(kept: _Kept, tx: Reading, code: str, size: int, view: View) -> _Counted:
    key = (code, view.size, view.day)
    found = kept.get(key) or _counted(tx, code, size, view)
    kept[key] = found
    kept.move_to_end(key)
    while sum(one.totals.entries for one in kept.values()) > _KEPT_ENTRIES:
        kept.popitem(last=False)
    return found


def _found(
    surrounded: Iterable[Surrounded], wanted: Wanted, scope: Scope, view: View
) -> Iterator[Found]:
    for entry, around in surrounded:
        if listed := wanted.of(findings(entry, around)):
            maker = seen_maker(around.maker, scope)
            yield from (Found(one, maker, listed) for one in seen([entry], scope, view))


def _counted(tx: Reading, code: str, size: int, view: View) -> _Counted:
    """Run the checks on all entries of a maker."""
    around = Around(tx, view)
    counts: Counter[str] = Counter()
    ids: dict[str, list[int]] = {known: [] for known in CODES}
    to_mend = noted = 0
    for model in _models(tx, code, view):
        for entry, surroundings in around.of_model(model):
            found = findings(entry, surroundings)
            counts.update(one.code for one in found)
            for known in {one.code for one in found}:
                ids[known].append(entry.id)
            mend = any(one.severity in _TO_MEND for one in found)
            to_mend += mend
            noted += bool(found) and not mend
    maker = makers_of(tx.makers([code], view.size)).get(code)
    totals = Totals(
        manufacturer=code,
        name=maker.name if maker else "",
        entries=size,
        to_mend=to_mend,
        noted=noted,
        codes={known: counts[known] for known in CODES if counts[known]},
    )
    return _Counted(totals, {c: array("q", sorted(n)) for c, n in ids.items() if n})


def _codes(tx: Reading, scope: Scope, view: View, manufacturer: str) -> Iterator[str]:
    """Yield the codes asked for that are within reach."""
    if manufacturer:
        yield from _reach(scope, manufacturer) or ()
        return
    after = ""
    while codes := tx.manufacturers(scope, size=view.size, after=after, limit=_AT_ONCE):
        yield from codes
        after = codes[-1]


def _models(tx: Reading, code: str, view: View) -> Iterator[ModelKey]:
    """Yield the model keys of a maker."""
    after = ModelKey("", "")
    scope = Scope(private=True)
    while keys := tx.models(scope, code, size=view.size, after=after, limit=_AT_ONCE):
        yield from keys
        after = keys[-1]


def _ids_with(
    counted: Iterable[_Counted], codes: Iterable[str], after: int, limit: int
) -> list[int]:
    """Give the next ids of entries with one of these codes."""
    wanted = list(codes)
    ids = {
        number
        for one in counted
        for code in wanted
        for number in one.ids.get(code, ())
        if number > after
    }
    return sorted(ids)[:limit]


def _reach(scope: Scope, manufacturer: str) -> frozenset[str] | None:
    """Give the manufacturers whose entries are asked for; None = all."""
    if not manufacturer:
        return scope.makers
    return frozenset({manufacturer} if scope.covers_maker(manufacturer) else ())


def _next_ids(
    tx: Reading, makers: frozenset[str] | None, view: View, after: int, limit: int
) -> list[int]:
    """Give the next ids, whatever is found in them."""
    if makers is None:
        stored = tx.page(Filter(), Scope(), size=view.size, after=after, limit=limit)
        return [entry_of(row).id for row in stored]
    ids = [
        number
        for code in makers
        for number in tx.ids_of_maker(code, size=view.size, after=after, limit=limit)
    ]
    return sorted(ids)[:limit]
