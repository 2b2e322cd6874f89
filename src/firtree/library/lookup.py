"""Ask a register: assess devices, find and list entries, now or at a past moment.

Every use case takes a principal first; what the principal may not see looks as if it
were not there.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

import msgspec

from firtree.access import Principal, Right, Scope, scope_of
from firtree.catalogue.answer import Assessment, Circumstances, Device
from firtree.catalogue.assessment import assess
from firtree.catalogue.checks import Finding, findings
from firtree.catalogue.entry import Entry
from firtree.catalogue.record import ModelRecord
from firtree.catalogue.releases import Release
from firtree.devices import ModelKey
from firtree.errors import NotFoundError
from firtree.ledger.leaf import Leaf
from firtree.ledger.notes import Checkpoint, Note, Signature
from firtree.library.keeping.erasing import erasures_since, gone_of
from firtree.library.models import Models, entry_of
from firtree.library.ports import End, Filter, Reading, Register, Signing, Stored
from firtree.library.proofs import Proofs
from firtree.library.publishing import Publication
from firtree.library.search import Finder
from firtree.library.surroundings import release_within, surroundings_of
from firtree.library.tree import Tree
from firtree.library.views import (
    View,
    effective_day,
    missing,
    past_view,
    seen,
    seen_maker,
)
from firtree.parties import Maker
from firtree.statements.statement import read_head
from firtree.statements.versions import Gone
from firtree.text import london_day

SIBLINGS_MOST = 200


class EntryView(NamedTuple):
    """An entry with what belongs to it.

    Attributes:
        entry: the entry, without what the asker may not see.
        number: of its newest statement, counted from 0.
        recorded_at: when that was recorded.
        by: who recorded it; empty = not the asker's to know.
        maker: its maker; None = not known.
        release: its maker's entries that share its Manufacturer Image, itself among
            them; None where it has no image hash.
        findings: what the submission checks find in it.
        erased: sections of its newest statement that were erased, as far as they are
            the asker's.
    """

    entry: Entry
    number: int
    recorded_at: datetime
    by: str
    maker: Maker | None
    release: Release | None
    findings: tuple[Finding, ...]
    erased: tuple[Gone, ...] = ()


class Page(NamedTuple):
    """Some entries in the order of their ids.

    Attributes:
        entries: the entries.
        after: id to go on after; None = that was the last page.
    """

    entries: list[Entry]
    after: int | None


class Log(NamedTuple):
    """The log at the newest checkpoint."""

    size: int
    checkpoint: str


class Lookup:
    """Answers questions about one register.  Safe to share between threads.

    Args:
        register: where it is kept.
        models: hardware models in memory.
        signer: signs checkpoints of committed heads.
        now: the clock.
        signatures: gives further lines of a log size's checkpoint, for proofs: the
            cosignatures of witnesses, and what the log signed for them.
        reach: what could be seen of the register that this one is a copy of; None =
            this is the register itself.

    Attributes:
        finder: searches the same register.
        tree: serves its log.
        proofs: proves what it says.
    """

    def __init__(
        self,
        register: Register,
        models: Models,
        signer: Signing,
        *,
        now: Callable[[], datetime],
        signatures: Callable[[int], Iterable[Signature]] = lambda _size: (),
        reach: Scope | None = None,
    ) -> None:
        self._register = register
        self._models = models
        self._signer = signer
        self._signatures = signatures
        self._now = now
        self._reach = reach
        self.finder = Finder(register)
        self.tree = Tree(register)
        self.proofs = Proofs(register, self._checkpoint_of)
        self.when_erased(self.finder.forget)
        self._checkpoint = Log(-1, "")
        # Counting looks at every entry, so the last count is kept with its size.
        self._counts: tuple[int, dict[str, int]] = (-1, {})

    @property
    def register(self) -> Register:
        """The register that is asked."""
        return self._register

    def when_erased(self, forget: Callable[[], None]) -> None:
        """Have somebody told when a section was erased (see ``Models``)."""
        self._models.when_erased(forget)

    def now(self) -> datetime:
        """Give the time."""
        return self._now()

    def today(self) -> date:
        """Give the day it is in London."""
        return london_day(self._now())

    def newest_size(self) -> int:
        """Give the committed log size."""
        return self._register.size()

    def view_of_newest(self, size: int, day: date) -> View:
        """Give the view of the newest state, whose size and day are known already."""
        self._models.catch_up(size)
        return View(size, day, size)

    def view(self, at: str = "", effective_at: str = "") -> View:
        """Find the state and the day that are asked about.

        Args:
            at: empty = now; a date (its end, in London), a moment with its zone, or
                a log size.
            effective_at: empty, or the date whose statuses are asked for.

        Raises:
            InvalidInputError: of another form, in the future, or before the register
                began.
        """
        effective = effective_day(effective_at, self.today())
        if not at:
            size = self._models.newest_size()
            return View(size, effective or self.today(), size, None, effective)
        found = past_view(self._register, at, self._now())
        # Of the past, too, nothing is given from memory that was erased since.
        self._models.catch_up(found.newest)
        return found._replace(day=effective or found.day, effective_at=effective)

    def assess(self, principal: Principal, device: Device, view: View) -> Assessment:
        """Assess one device.

        Raises:
            NotFoundError: the principal may not read entries.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        record = self._record(device.key, scope, view)
        return self._assess(principal, scope, device, record, view)

    def assess_many(
        self,
        principal: Principal,
        devices: Sequence[Device],
        view: View,
        approved: dict[int, date | None] | None = None,
    ) -> list[Assessment]:
        """Assess devices, in order; one state for all of them.

        Args:
            principal: who asks.
            devices: any number.
            view: from where.
            approved: the asker's own list with the day from which (R12); None = none.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        found: dict[int, Assessment] = {}
        places = sorted(range(len(devices)), key=lambda place: devices[place].key)
        for key, own in groupby(places, lambda place: devices[place].key):
            record = self._record(key, scope, view)
            if approved is not None:
                record = record.apart()
            for place in own:
                found[place] = self._assess(
                    principal, scope, devices[place], record, view, approved=approved
                )
        return [found[place] for place in range(len(devices))]

    def _assess(
        self,
        principal: Principal,
        scope: Scope,
        device: Device,
        record: ModelRecord,
        view: View,
        *,
        approved: dict[int, date | None] | None = None,
    ) -> Assessment:
        key, listed = record.key, record.listed(device.firmware)
        siblings = () if listed else self._siblings(key, scope, view)
        hub, reach = device.hub, self._reach or scope
        whole = reach.sees_all_of(key) and (not hub or reach.sees_all_of(hub.key))
        return assess(
            device,
            record,
            Circumstances(
                day=view.day,
                asker=principal.name,
                approved=approved,
                maker=self._maker(key.manufacturer, scope, view),
                siblings=siblings,
                reconstructed=view.effective_at is not None,
                partial=not whole,
            ),
            hub_record=self._record(hub.key, scope, view) if hub else None,
        )

    def _record(self, key: ModelKey, scope: Scope, view: View) -> ModelRecord:
        if not scope.covers(key):
            return ModelRecord.of(key, ())
        record = self._models.model(key, view.size)
        # An assessment says nothing of private parts.
        if scope.fir and scope.people and view.effective_at is None:
            return record
        return ModelRecord.of(key, seen(record.entries, scope, view))

    def _siblings(self, key: ModelKey, scope: Scope, view: View) -> tuple[Entry, ...]:
        if not scope.covers_maker(key.manufacturer) or len(key.model) < 4:
            return ()
        with self._register.reading() as tx:
            found = tx.siblings(key, view.size, SIBLINGS_MOST)
        return tuple(seen(map(entry_of, found), scope, view))

    def _maker(self, code: str, scope: Scope, view: View) -> Maker | None:
        if not scope.covers_maker(code):
            return None
        return seen_maker(self._models.maker(code, view.size), scope)

    def entry(self, principal: Principal, entry_id: int, view: View) -> EntryView:
        """Give one entry with what belongs to it.

        Raises:
            NotFoundError: there is no such entry, or it is not the principal's to see.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        with self._register.reading() as tx:
            stored = tx.entries([entry_id], view.size)
            found = seen(map(entry_of, stored), scope, view)
            if not found:
                whole = (self._reach or scope).sees_all
                raise NotFoundError(
                    missing(f"entry {entry_id}", partial=not whole),
                    hint="search by manufacturer, model, version or hash",
                )
            return self._entry_view(tx, stored[0], found[0], scope, view)

    def _entry_view(
        self, tx: Reading, stored: Stored, entry: Entry, scope: Scope, view: View
    ) -> EntryView:
        around = surroundings_of(tx, entry, view)
        code = entry.model.key.manufacturer
        told = scope.findings.covers_maker(code)
        (row,) = tx.statements(stored.number, stored.number + 1)
        return EntryView(
            entry=entry,
            number=stored.number,
            recorded_at=Leaf.parse(row.leaf).at,
            by=read_head(row.head or b"").by if scope.concerns(code) else "",
            maker=self._maker(code, scope, view),
            release=release_within(tx, entry, around, scope, view),
            findings=findings(entry, around) if told else (),
            erased=gone_of(tx, stored, scope),
        )

    def entries(
        self,
        principal: Principal,
        wanted: Filter,
        view: View,
        *,
        after: int = 0,
        limit: int = 100,
    ) -> Page:
        """List entries by id.

        Args:
            principal: who asks.
            wanted: which.
            view: from where.
            after: id to go on after.
            limit: how many at most, 1 to 1000.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        wanted = msgspec.structs.replace(wanted, in_force_on=view.effective_at)
        with self._register.reading() as tx:
            stored = tx.page(
                wanted, scope, size=view.size, after=after, limit=limit + 1
            )
        found = [entry_of(row) for row in stored]
        more = len(found) > limit
        last = found[limit - 1].id if more else None
        return Page(seen(found[:limit], scope, view), last)

    def counts(self, principal: Principal, view: View) -> dict[str, int]:
        """Count the entries of each status.

        Only for those who may see every entry; for others the counts are empty.
        """
        scope = scope_of(principal, Right.READ_ENTRIES)
        if not scope.is_whole:
            return {}
        known = self._counts  # another thread may put another state's there
        if view.size != known[0]:
            with self._register.reading() as tx:
                known = self._counts = (view.size, dict(tx.counts(view.size)))
        return dict(known[1])

    def publication(self, principal: Principal, view: View) -> Publication:
        """Give the register as it is given out, without private parts.

        Raises:
            NotFoundError: the principal may not read entries.
        """
        return Publication(self._register, self._signer, principal, view)

    def erased_since(self, view: View) -> int:
        """Count the sections that were erased since the state that is looked at.

        Cost: O(lists of the state map that changed since); nothing where it is now.
        """
        if view.size >= view.newest:
            return 0
        with self._register.reading() as tx:
            return erasures_since(tx, view.size)

    def log(self, principal: Principal, known: int | None = None) -> Log:
        """Give the newest checkpoint, signed.

        Only a committed head is signed, and Ed25519 gives the same octets each time;
        so nothing that could roll back ever bears a signature.

        Args:
            principal: who asks.
            known: the newest size, where it was asked for just now.
        """
        scope_of(principal, Right.READ_LOG)
        size = self._register.size() if known is None else known
        found = self._checkpoint  # another thread may put an earlier one there
        if size != found.size:
            with self._register.reading() as tx:
                head = tx.head()
            text = Checkpoint(self._signer.name, head.size, head.frontier.root)
            found = self._checkpoint = Log(head.size, self._signer.sign(str(text)))
        return found

    def _checkpoint_of(self, end: End) -> str:
        """Sign the checkpoint of a transaction's end, again if need be.

        It bears the cosignatures that witnesses have given for it, and what the log
        signed for them.
        """
        text = str(Checkpoint(self._signer.name, end.size, end.root))
        note = Note.parse(self._signer.sign(text))
        return str(note.with_signatures(self._signatures(end.size)))
