"""Search the entries: the best match first, now or at a past moment.

The segments of the search index (``statements/segments.py``) say which versions of
which entries fit, and how well; the statements that no segment covers yet are written
as one in memory.  Then the best are read from the register, as many as are shown, and
what no longer held at the size asked for is left out.
"""

import threading
from collections.abc import Collection, Iterator, Mapping
from itertools import islice, product
from typing import NamedTuple

import msgspec

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.entry import Entry
from firtree.catalogue.search import (
    Query,
    Rank,
    Reason,
    Reasons,
    Word,
    forms,
    rank_in,
    read_query,
)
from firtree.errors import InvalidInputError, Problem
from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Filter, Reading, Register, Stored
from firtree.library.record import subjects_of
from firtree.library.views import View, seen
from firtree.statements.searching import Candidate, Question, ranked
from firtree.statements.segments import (
    DEVICE_TYPE,
    MAKER,
    STATUS,
    SegmentRow,
    segment_rows,
)
from firtree.text import shown

FOUND_MOST = 50
# Segments of some 400,000 entries; what is beyond is read for each question.
OCTETS_KEPT = 64 << 20


class Found(NamedTuple):
    """An entry that was found.

    Attributes:
        entry: without what the asker may not see.
        reasons: the fields it was found by.
    """

    entry: Entry
    reasons: list[Reason]


class FoundPage(NamedTuple):
    """Some of the entries that were found, the best first.

    Attributes:
        found: these.
        after: where to go on; None = there are no more.
    """

    found: list[Found]
    after: int | None


class _Segments:
    """Rows of segments kept in memory; they change only where something is erased.

    Of each kind the first ones are kept, until there is no more room.
    """

    def __init__(self) -> None:
        self._room = OCTETS_KEPT
        self._rows: dict[str, list[SegmentRow]] = {}

    def lacking(self, kinds: Collection[str], stop: int) -> dict[int, set[str]]:
        """Tell from which statement on the rows of which kinds are to be read."""
        lacking: dict[int, set[str]] = {}
        for kind in kinds:
            if (start := self._covered(kind)) < stop:
                lacking.setdefault(start, set()).add(kind)
        return lacking

    def _covered(self, kind: str) -> int:
        rows = self._rows.get(kind)
        return rows[-1].stop if rows else 0

    def joined(
        self, kinds: Collection[str], gained: list[SegmentRow], stop: int
    ) -> list[SegmentRow]:
        """Give what is kept and what was read, and keep of that what there is room for.

        Args:
            kinds: of the rows.
            gained: what was lacking.
            stop: number of the statement before which the segments begin.
        """
        found = [
            row
            for kind in kinds
            for row in self._rows.get(kind, ())
            if row.first < stop
        ]
        known = {(row.kind, row.first) for row in found}
        for row in gained:
            if (row.kind, row.first) not in known:
                found.append(row)
                self._keep(row)
        return found

    def _keep(self, row: SegmentRow) -> None:
        octets = len(row.terms) + len(row.places)
        if row.first == self._covered(row.kind) and octets <= self._room:
            self._room -= octets
            self._rows.setdefault(row.kind, []).append(row)


class _Memory:
    """What searches have read of the register, for those that follow."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.segments = _Segments()
        self.tail: tuple[int, int, list[SegmentRow]] = (0, 0, [])
        self.names: tuple[int, list[_Named]] = (-1, [])


class Finder:
    """Searches one register.  Safe to share between threads.

    Args:
        register: where it is kept.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        # A search takes it before it reads; so one that has read what is erased
        # meanwhile puts that where nobody looks any more.
        self._memory = _Memory()

    def forget(self) -> None:
        """Forget what was read: a segment was made anew, without what was erased."""
        self._memory = _Memory()

    def search(
        self,
        principal: Principal,
        text: str,
        view: View,
        *,
        wanted: Filter | None = None,
        after: int = 0,
        limit: int = FOUND_MOST,
    ) -> FoundPage:
        """Find entries by parts of their fields and by words of their notes.

        Args:
            principal: who asks.
            text: words, all of which must be found; blank finds nothing.
            view: from where.
            wanted: which entries; None = any.
            after: ``after`` of the page before.
            limit: how many at most, 1 to 1000.

        Raises:
            InvalidInputError: the text is too long, or of too many words.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        query = query_of(text)
        if query is None:
            return FoundPage([], None)
        chosen = msgspec.structs.replace(
            wanted or Filter(), in_force_on=view.effective_at
        )
        memory = self._memory
        with self._register.reading() as tx:
            names = _names_at(memory, tx, view.size)
            question = _question(names, query, scope, chosen, view)
            best = islice(ranked(_rows(memory, tx, question), question), after, None)
            versions = _that_hold(
                tx, best, chosen, scope=scope, size=view.size, at_once=limit + 1
            )
            page: list[Stored] = []
            for place, stored in versions:
                if len(page) == limit:
                    return FoundPage(
                        _found(tx, page, query, scope, view), after + place
                    )
                page.append(stored)
            return FoundPage(_found(tx, page, query, scope, view), None)


def _rows(memory: _Memory, tx: Reading, question: Question) -> Iterator[SegmentRow]:
    """Yield the rows of the index, and those of what it does not cover yet."""
    indexed = tx.indexed()
    stop = min(indexed, question.size)
    with memory.lock:
        lacking = memory.segments.lacking(question.kinds, stop)
    # Read without the lock: another thread may do the same, and nothing is lost.
    gained = [
        row
        for start, kinds in lacking.items()
        for row in tx.segments(kinds, start, stop)
    ]
    with memory.lock:
        joined = memory.segments.joined(question.kinds, gained, stop)
    yield from joined
    if indexed < question.size:
        tail = _tail_rows(memory, tx, indexed, question.size)
        yield from (row for row in tail if row.kind in question.kinds)


def _names_at(memory: _Memory, tx: Reading, size: int) -> "list[_Named]":
    known = memory.names
    if known[0] != size:
        named = [_Named(row.code, forms(row.name)) for row in tx.names(size)]
        known = memory.names = (size, named)
    return known[1]


def _tail_rows(memory: _Memory, tx: Reading, start: int, stop: int) -> list[SegmentRow]:
    known = memory.tail
    if known[:2] != (start, stop):
        rows = list(segment_rows(start, subjects_of(tx, start, stop)))
        known = memory.tail = (start, stop, rows)
    return known[2]


def query_of(text: str) -> Query | None:
    """Read a question; None where it is blank.

    Raises:
        InvalidInputError: the text is too long, or of too many words.
    """
    try:
        return read_query(text)
    except ValueError as error:
        problem = Problem("q", "q", str(error), shown(text))
        raise InvalidInputError(str(problem), problems=(problem,)) from None


class _Named(NamedTuple):
    """A maker, and the forms its recorded name is found by."""

    code: str
    forms: tuple[str, ...]


def _question(
    names: list[_Named], query: Query, scope: Scope, wanted: Filter, view: View
) -> Question:
    within: dict[str, frozenset[str]] = {}
    if wanted.device_types:
        within[DEVICE_TYPE] = frozenset(wanted.device_types)
    if wanted.status and wanted.in_force_on is None:
        within[STATUS] = frozenset({wanted.status})
    if wanted.manufacturer:
        within[MAKER] = frozenset({wanted.manufacturer})
    if (codes := scope.codes) is not None:
        within[MAKER] = within.get(MAKER, codes) & codes
    return Question(
        query=query,
        size=view.size,
        day=view.effective_at,
        notes=scope.fir,
        named=_named(names, query, scope),
        within=within,
    )


def _named(
    names: list[_Named], query: Query, scope: Scope
) -> dict[Word, Mapping[str, Rank]]:
    """Give the makers whose recorded name holds a word."""
    words = (*query.words, *filter(None, [query.phrase]))
    named: dict[Word, dict[str, Rank]] = {word: {} for word in words}
    for word, (code, known) in product(words, names):
        ranks = [
            rank
            for form in known
            if word.text in form and (rank := rank_in(form, word.text)) is not None
        ]
        if ranks and scope.covers_maker(code):
            named[word][code] = min(ranks)
    return dict(named)


def _that_hold(
    tx: Reading,
    candidates: Iterator[Candidate],
    wanted: Filter,
    *,
    scope: Scope,
    size: int,
    at_once: int,
) -> Iterator[tuple[int, Stored]]:
    """Yield the versions that hold at a size, each with its place among all."""
    place = 0
    while some := list(islice(candidates, at_once)):
        ids = {candidate.id for candidate in some}
        stored = {s.number: s for s in tx.chosen(ids, wanted, scope, size=size)}
        for at, candidate in enumerate(some, place):
            if (found := stored.get(candidate.number)) is not None:
                yield at, found
        place += len(some)


def _found(
    tx: Reading, page: list[Stored], query: Query, scope: Scope, view: View
) -> list[Found]:
    entries = seen(map(entry_of, page), scope, view)
    codes = {entry.model.key.manufacturer for entry in entries}
    makers = makers_of(tx.makers(codes, view.size))
    reasons, found = Reasons(query), []
    for entry in entries:
        maker = makers.get(entry.model.key.manufacturer)
        name = maker.name if maker else ""
        found.append(Found(entry, reasons.of(entry, name)))
    return found
