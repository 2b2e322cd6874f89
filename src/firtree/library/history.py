"""Ask what changed: versions of an entry, two states compared, statements in order.

Each question looks at a part of the log only, some hundred statements at a time, and
never at two whole states; so it costs what changed, however large the register is.
Statements never change once they are committed, so no state need be held meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.differences import Difference
from firtree.catalogue.entry import Entry
from firtree.errors import InvalidInputError, NotFoundError
from firtree.ledger.leaf import Leaf
from firtree.library.keeping.erasing import gone_of
from firtree.library.ports import Reading, Register, StatementHead, StatementRow
from firtree.library.views import View, missing, past_view, wrong_parameter
from firtree.parties import Maker
from firtree.statements.statement import subject_name
from firtree.statements.types.form import Kind
from firtree.statements.versions import (
    Change,
    Then,
    Version,
    absent_in,
    change_of,
    differences_of,
    entry_kind,
    entry_within,
    is_within,
    maker_within,
    version_of,
)
from firtree.text import london_day, shown

# Statements looked at in one reading, and for one page of changes.
AT_ONCE = 500
LOOKED_AT_MOST = 10_000

Progress = Callable[[str, int, int], None]


class Past(NamedTuple):
    """One version of an entry, beside the one before.

    Attributes:
        version: the version.
        until: log size from which it no longer held; None = it holds in the state
            that was asked for.
        differences: from the version before; None = it is the first.
    """

    version: Version
    until: int | None
    differences: tuple[Difference, ...] | None

    @property
    def entry(self) -> Entry:
        """The entry as it was."""
        subject = self.version.subject
        if not isinstance(subject, Entry):
            raise TypeError("a version of something else than an entry")
        return subject

    @property
    def kind(self) -> Kind:
        """What became of the entry with this version."""
        return entry_kind(self.differences)


class Versions(NamedTuple):
    """Some versions of an entry, the newest first.

    Attributes:
        versions: those that are the reader's to see.
        below: number of the last of them, to go on below; None = there are no more.
    """

    versions: list[Past]
    below: int | None


class Span(NamedTuple):
    """Two states that are compared, the earlier one first."""

    before: View
    after: View


class Changes(NamedTuple):
    """What changed, in the order in which it came about.

    Attributes:
        changes: each thing once, at the place of its newest statement.
        after: log size to go on after; None = that was all.
    """

    changes: list[Change]
    after: int | None


class Statements(NamedTuple):
    """Statements in the order of the log.

    Attributes:
        versions: those that are the reader's to see.
        next: log size to go on from.
    """

    versions: list[Version]
    next: int


class History:
    """Answers questions about what changed.  Safe to share between threads.

    Args:
        register: which.
        now: the clock.
    """

    def __init__(self, register: Register, *, now: Callable[[], datetime]) -> None:
        self._register = register
        self._now = now

    def size(self) -> int:
        """Give the committed log size; cheap enough to ask again and again."""
        return self._register.size()

    def of_entry(
        self,
        principal: Principal,
        entry_id: int,
        view: View,
        *,
        below: int | None = None,
        limit: int = 100,
    ) -> Versions:
        """Give the versions of an entry, the newest first.

        Args:
            principal: who asks.
            entry_id: CPL Entry ID.
            view: versions recorded later are left out.
            below: number of the last version that is known already; None = none is.
            limit: how many at most.

        Raises:
            InvalidInputError: ``below`` is no version of the entry.
            NotFoundError: there is no such entry, or it is not the principal's to see.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        with self._register.reading() as tx:
            if below is None:
                rows, newer = tx.versions(entry_id, view.size, limit + 1), None
            else:
                rows, newer = _rows_below(tx, entry_id, below, view, limit), below + 1
            known = [_version(tx, row, scope) for row in rows]
        if below is None and not any(known):
            raise NotFoundError(
                missing(f"entry {entry_id}", partial=not scope.sees_all),
                hint="search by manufacturer, model, version or hash",
            )
        found: list[Past] = []
        for version, before in zip(known[:limit], [*known[1:], None], strict=False):
            if version is not None:
                found.append(_past(version, newer, before))
                newer = version.number + 1
        more = rows[limit - 1].number if len(rows) > limit else None
        return Versions(found, more)

    def every_version(
        self, principal: Principal, entry_id: int, view: View
    ) -> Iterator[Past]:
        """Yield every version of an entry, the newest first.

        Raises:
            NotFoundError: there is no such entry, or it is not the principal's to see.
        """
        below: int | None = None
        while True:
            found = self.of_entry(principal, entry_id, view, below=below, limit=AT_ONCE)
            yield from found.versions
            if (below := found.below) is None:
                return

    def span(self, begin: str, end: str = "") -> Span:
        """Find the two states to be compared.

        Args:
            begin: a date (its end, in London), a moment with its zone, or a log size;
                0, or before the register began = the state with nothing in it.
            end: likewise; empty = now.

        Raises:
            InvalidInputError: of another form, in the future, or the wrong way round.
        """
        now = self._now()
        if not begin:
            raise wrong_parameter(
                "from",
                "a date, a moment with its zone or a log size",
                "nothing",
                hint="for instance 2026-11-22, 2026-11-22T12:00:00Z or 1042",
            )
        before = past_view(self._register, begin, now, name="from", from_nothing=True)
        if end:
            after = past_view(self._register, end, now, name="to", from_nothing=True)
        else:
            size = self._register.size()
            after = View(size, london_day(now), size)
        if before.size > after.size or before.day > after.day:
            expected = f"what is not later than {shown(end or 'now')}"
            raise wrong_parameter(
                "from", expected, shown(begin), hint="exchange the two"
            )
        return Span(before, after)

    def changes(
        self, principal: Principal, span: Span, *, after: int = 0, limit: int = 100
    ) -> Changes:
        """Give what changed between two states.

        Things that were changed and changed back are left out.

        Args:
            principal: who asks.
            span: the two states.
            after: log size to go on after.
            limit: how many at most; fewer where little has changed in what was
                looked at.
        """
        start = max(after, span.before.size)
        stop = min(start + LOOKED_AT_MOST, span.after.size)
        found: list[Change] = []
        for _, part in self._parts(principal, span, start, stop):
            found += part
            if len(found) > limit:
                return Changes(found[:limit], found[limit - 1].number + 1)
        return Changes(found, stop if stop < span.after.size else None)

    def every_change(
        self, principal: Principal, span: Span, progress: Progress
    ) -> Iterator[Change]:
        """Yield all that changed between two states, in bounded memory.

        Args:
            principal: who asks.
            span: the two states.
            progress: told (what, done, of how many).
        """
        first, last = span.before.size, span.after.size
        for end, part in self._parts(principal, span, first, last):
            yield from part
            progress("comparing", end - first, last - first)

    def _parts(
        self, principal: Principal, span: Span, start: int, stop: int
    ) -> Iterator[tuple[int, list[Change]]]:
        """Yield (log size, what changed up to it), one part of the log at a time."""
        scope = scope_of(principal, Right.READ_ENTRIES)
        while start < stop:
            end = min(start + AT_ONCE, stop)
            with self._register.reading() as tx:
                found = list(_changed(tx, start, end, span, scope))
            yield end, found
            start = end

    def statements(
        self, principal: Principal, since: int, size: int, *, limit: int
    ) -> Statements:
        """Give statements in the order of the log.

        Args:
            principal: who asks.
            since: log size from which to go on.
            size: log size at which to end, not above the committed one.
            limit: how many statements are looked at, at most; those that are not
                the principal's to see are left out.

        Raises:
            InvalidInputError: ``since`` is above ``size``.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        if since > size:
            raise InvalidInputError(
                f"since: expected a log size from 0 to {size}, found {since}",
                hint="give the `next` of an earlier answer, or 0 for all",
            )
        stop = min(since + limit, size)
        with self._register.reading() as tx:
            found = [version_of(row, scope) for row in tx.statements(since, stop)]
        return Statements([one for one in found if one is not None], stop)


def _rows_below(
    tx: Reading, entry_id: int, below: int, view: View, limit: int
) -> list[StatementRow]:
    """Give the versions before a known one, and one more than asked for."""
    rows = tx.versions(entry_id, min(below + 1, view.size), limit + 2)
    if not rows or rows[0].number != below:
        raise InvalidInputError(
            f"cursor: expected a next_cursor of an earlier answer, found {below}"
        )
    return rows[1:]


def _version(tx: Reading, row: StatementRow, scope: Scope) -> Version | None:
    """Read a version, with what was erased of it."""
    version = version_of(row, scope)
    return version and version._replace(erased=gone_of(tx, row, scope))


def _past(version: Version, until: int | None, before: Version | None) -> Past:
    if before is None:
        return Past(version, until, None)
    subjects = before.subject, version.subject
    match subjects:
        case (Entry() as old, Entry() as new):
            absent = {gone.section for gone in (*before.erased, *version.erased)}
            return Past(version, until, differences_of(old, new, absent))
    raise TypeError("versions of something else than an entry")


class _Whole(NamedTuple):
    """A statement as it is kept; its sections come from the thing's own row."""

    number: int
    leaf: bytes
    head: bytes | None
    core: bytes | None
    fir: bytes | None
    people: bytes | None
    private: bytes | None


def _changed(
    tx: Reading, start: int, stop: int, span: Span, scope: Scope
) -> Iterator[Change]:
    """Yield what statements of a part of the log made newest in the later state."""
    heads = {head.number: head for head in tx.heads(start, stop)}
    entries, codes = _things(heads.values())
    newest = [
        stored
        for stored in (
            *tx.entries(entries, span.after.size),
            *tx.makers(codes, span.after.size),
        )
        if stored.number in heads
    ]
    newest.sort()
    before = _before(tx, [heads[s.number] for s in newest], span.before.size, scope)
    for stored in newest:
        head = heads[stored.number]
        version = version_of(_Whole(*head[:2], head.head, *stored[1:]), scope)
        old = before.get(head.subject)
        if version is None:
            if old is not None:
                yield _gone(head, old.thing)
        elif (change := change_of(version, old, absent_in(stored))) is not None:
            yield change


def _things(heads: Iterable[StatementHead]) -> tuple[set[int], set[str]]:
    """Give the entries' ids and makers' codes that statements are about."""
    names = [head.subject.partition("/") for head in heads]
    return (
        {int(name) for kind, _, name in names if kind == "entry"},
        {name for kind, _, name in names if kind == "maker"},
    )


def _before(
    tx: Reading, heads: list[StatementHead], size: int, scope: Scope
) -> dict[str, Then]:
    """Give what was known of the subjects at a log size, by name, within a scope."""
    ids, codes = _things(heads)
    entries = [
        Then(entry_within(row, scope), absent_in(row)) for row in tx.entries(ids, size)
    ]
    makers = [
        Then(maker_within(row, scope), absent_in(row)) for row in tx.makers(codes, size)
    ]
    return {
        subject_name(then.thing): then
        for then in (*entries, *makers)
        if is_within(then.thing, scope)
    }


def _gone(head: StatementHead, before: Entry | Maker) -> Change:
    """Tell that a thing is no longer the reader's to see."""
    at = Leaf.parse(head.leaf).at
    return Change(Kind.ENTRY_GONE, head.subject, head.number, at, "", before, None)
