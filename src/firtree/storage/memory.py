"""A register in memory, for tests and for answers without a database."""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from firtree.access import Scope
from firtree.catalogue.entry import Status
from firtree.devices import ModelKey
from firtree.errors import UnavailableError
from firtree.library.ports import (
    Batch,
    Concerned,
    End,
    Erased,
    Filter,
    Head,
    StatementHead,
    StatementRow,
    Stored,
)
from firtree.library.tables import TableRows
from firtree.statements.fold import EntryRow, MakerRow, Names, PartyRow
from firtree.statements.segments import SegmentRow
from firtree.storage.memory_lists import (
    MemoryLists,
    Row,
    Tables,
    Thing,
    as_of,
    last,
)
from firtree.storage.memory_tables import TABLES, rows_of


class MemoryRegister:
    """Implements ``Register`` in plain Python.

    Args:
        lock_wait_s: how long a writer waits for others, seconds.

    Cost: a unit of work copies every table, so it grows with the register.
    """

    def __init__(self, *, lock_wait_s: float = 5.0) -> None:
        self._lock = threading.Lock()
        self._lock_wait_s = lock_wait_s
        self._committed = Tables(Head(), [], [], {}, {}, {}, {}, {}, [])

    @contextmanager
    def reading(self) -> Iterator["_Reading"]:
        yield _Reading(self._committed)

    @contextmanager
    def writing(self) -> Iterator["_Writing"]:
        if not self._lock.acquire(timeout=self._lock_wait_s):
            raise UnavailableError(
                "another thread is writing to the register", hint="try again"
            )
        try:
            tx = _Writing(self._committed.copy())
            yield tx
            # What was committed is never changed, only replaced: readers keep theirs.
            self._committed = tx.tables
        finally:
            self._lock.release()

    def size(self) -> int:
        return self._committed.head.size

    def outlines_of_model(self, key: ModelKey, size: int) -> dict[int, bytes]:
        rows = _Reading(self._committed).rows(size)
        return {row.since - 1: row.outline for row in rows if row.key == key}

    def entries_numbered(self, numbers: Collection[int]) -> list[Stored]:
        known = self._committed.statements
        return [_stored(known[number]) for number in numbers]

    def list_since(self, key: bytes) -> int:
        rows = self._committed.lists.get(key)
        return rows[-1].since if rows else 0

    def close(self) -> None:
        """Nothing to let go of."""


class _Reading(MemoryLists):
    """Implements ``Reading`` on one state."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def table_names(self) -> list[str]:
        return list(TABLES)

    def every_table(self) -> list[str]:
        return ["statement", *TABLES]

    def table(self, name: str) -> TableRows:
        return rows_of(self.tables, name)

    def head(self) -> Head:
        return self.tables.head

    def end_at(self, moment: datetime) -> End | None:
        return last(end for end in self.tables.ends if end.at <= moment)

    def end_of_size(self, size: int) -> End | None:
        return last(end for end in self.tables.ends if end.size <= size)

    def _stored(self, rows: Iterable[EntryRow | MakerRow | PartyRow]) -> list[Stored]:
        return [_stored(self.tables.statements[row.since - 1]) for row in rows]

    def entries_of_model(self, key: ModelKey, size: int) -> list[Stored]:
        return self._stored(row for row in self.rows(size) if row.key == key)

    def entries(self, ids: Collection[int], size: int) -> list[Stored]:
        wanted = set(ids)
        return self._stored(row for row in self.rows(size) if row.id in wanted)

    def entry_rows(self, ids: Collection[int]) -> dict[int, EntryRow]:
        known = self.tables.entries
        return {each: known[each][-1] for each in sorted(set(ids)) if each in known}

    def siblings(self, key: ModelKey, size: int, limit: int) -> list[Stored]:
        rows = [
            row
            for row in self.rows(size)
            if row.manufacturer == key.manufacturer
            and row.model.startswith(key.model[:4])
            and row.model != key.model
        ]
        return self._stored(rows[:limit])

    def sharing_images(self, hashes: Collection[str], size: int) -> list[Stored]:
        wanted = set(hashes)
        return self._stored(row for row in self.rows(size) if row.image_hash in wanted)

    def ids(self, size: int) -> Iterator[int]:
        yield from (row.id for row in self.rows(size))

    def page(
        self, wanted: Filter, scope: Scope, *, size: int, after: int, limit: int
    ) -> list[Stored]:
        rows = [
            row
            for row in self.rows(size)
            if row.id > after and scope.covers(row.key) and _fits(row, wanted)
        ]
        return self._stored(rows[:limit])

    def chosen(
        self, ids: Collection[int], wanted: Filter, scope: Scope, *, size: int
    ) -> list[Stored]:
        known = set(ids)
        return self._stored(
            row
            for row in self.rows(size)
            if row.id in known and scope.covers(row.key) and _fits(row, wanted)
        )

    def indexed(self) -> int:
        return self.tables.segments[-1].stop if self.tables.segments else 0

    def segments(
        self, kinds: Collection[str], start: int, stop: int
    ) -> list[SegmentRow]:
        known = [row for row in self.tables.segments if start <= row.first < stop]
        return sorted(row for row in known if row.kind in kinds)

    def names(self, size: int) -> list[MakerRow]:
        known = self.tables.makers
        found = (as_of(known[code], size) for code in sorted(known))
        return [row for row in found if row is not None]

    def makers(self, codes: Collection[str], size: int) -> list[Stored]:
        known = self.tables.makers
        found = (as_of(known[code], size) for code in sorted(set(codes) & set(known)))
        return self._stored(row for row in found if row is not None)

    def parties(self, size: int) -> list[Stored]:
        known = self.tables.parties
        found = (as_of(known[party], size) for party in sorted(known))
        return self._stored(row for row in found if row is not None)

    def concerning(self, about: Concerned, below: int, limit: int) -> list[int]:
        tables = self.tables
        entries = (row for rows in tables.entries.values() for row in rows)
        sinces = [row.since for row in entries if row.manufacturer in about.codes]
        for code in about.codes:
            sinces += [row.since for row in tables.makers.get(code, ())]
        sinces += [row.since for row in tables.parties.get(about.party, ())]
        concerned = {since - 1 for since in sinces}
        erasing = [
            row.number
            for row in tables.statements
            if row.subject.startswith("erasure/")
            and int(row.subject.split("/")[1]) in concerned
        ]
        numbers = sorted((*concerned, *erasing), reverse=True)
        return [number for number in numbers if number < below][:limit]

    def counts(self, size: int) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for row in self.rows(size):
            counts[row.status] = counts.get(row.status, 0) + 1
        return counts

    def touched(self, since: int) -> list[Names]:
        newest = [rows[-1] for rows in self.tables.lists.values()]
        return [(row.kind, row.name) for row in newest if row.since > since]

    def map_lists(self, keys: Collection[bytes]) -> dict[Names, bytes]:
        known = self.tables.lists
        newest = [known[key][-1] for key in set(keys) if key in known]
        return {(row.kind, row.name): row.list for row in newest}

    def lists_at(self, keys: Collection[bytes], size: int) -> dict[bytes, bytes]:
        known = self.tables.lists
        found = {key: as_of(known[key], size) for key in set(keys) & set(known)}
        return {key: row.list for key, row in found.items() if row is not None}

    def map_leaves(self, since: int) -> Iterator[tuple[bytes, bytes]]:
        for key, rows in self.tables.lists.items():
            if rows[-1].since > since:
                yield key, rows[-1].list

    def statements(self, start: int, stop: int) -> Iterator[StatementRow]:
        yield from self.tables.statements[start:stop]

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return [row.leaf for row in self.tables.statements[start:stop]]

    def heads(self, start: int, stop: int) -> list[StatementHead]:
        rows = self.tables.statements[start:stop]
        return [StatementHead(r.number, r.leaf, r.subject, r.head) for r in rows]

    def versions(self, entry_id: int, upto: int, limit: int) -> list[StatementRow]:
        known = reversed(self.tables.entries.get(entry_id, ()))
        rows = [row for row in known if row.since <= upto]
        return [self.tables.statements[row.since - 1] for row in rows[:limit]]

    def ends(self, start: int) -> Iterator[End]:
        yield from (end for end in self.tables.ends if end.size > start)

    def tile(self, level: int, number: int) -> bytes:
        return self.tables.tiles.get((level, number), b"")


class _Writing(_Reading):
    """Implements ``Writing`` on a copy of the committed state."""

    def write(self, batch: Batch) -> None:
        tables, after = self.tables, batch.head
        size = tables.head.size + len(batch.statements)
        numbers = [row.number for row in batch.statements]
        if after.at is None or not numbers or after.size != size:
            raise ValueError("a batch whose head is not the one after its statements")
        if numbers != list(range(tables.head.size, size)):
            raise ValueError("a batch whose statements do not continue the log")
        tables.statements.extend(batch.statements)
        self.write_tables(batch)
        for one in batch.erased:
            self._erase(one)
        self.write_end(after)

    def _erase(self, erased: Erased) -> None:
        tables, row = self.tables, erased.row
        tables.statements[row.number] = row
        if erased.outline is not None:
            entry_id = int(row.subject.partition("/")[2])
            tables.entries[entry_id] = tuple(
                known._replace(outline=erased.outline)
                if known.since == row.number + 1
                else known
                for known in tables.entries[entry_id]
            )
        if erased.segments:
            first = erased.segments[0].first
            kept = [known for known in tables.segments if known.first != first]
            tables.segments[:] = sorted([*kept, *erased.segments])

    def write_end(self, head: Head) -> None:
        if head.at is None:
            raise ValueError("the end of a transaction has a time")
        end = End(head.size, head.at, head.frontier.root, head.state)
        self.tables.ends.append(end)
        self.tables = self.tables._replace(head=head)

    def clear_tables(self) -> None:
        self.tables.entries.clear()
        self.tables.makers.clear()
        self.tables.parties.clear()
        self.tables.lists.clear()
        self.tables.segments.clear()
        self.tables.tiles.clear()

    def write_tables(self, batch: Batch) -> None:
        for entry in batch.entries:
            _add(self.tables.entries, entry.id, entry)
        for maker in batch.makers:
            _add(self.tables.makers, maker.code, maker)
        for party in batch.parties:
            _add(self.tables.parties, party.id, party)
        for row in batch.lists:
            _add(self.tables.lists, row.key, row)
        self.tables.segments.extend(batch.segments)
        for piece in batch.tiles:
            place = (piece.level, piece.number)
            kept = self.tables.tiles.get(place, b"")
            self.tables.tiles[place] = kept + b"".join(piece.hashes)


def _stored(row: StatementRow) -> Stored:
    return Stored(row.number, row.core or b"", row.fir, row.people, row.private)


def _add(table: dict[Thing, tuple[Row, ...]], thing: Thing, row: Row) -> None:
    table[thing] = (*table.get(thing, ()), row)


def _fits(row: EntryRow, wanted: Filter) -> bool:
    return (
        (not wanted.device_types or row.device_type in wanted.device_types)
        and wanted.manufacturer in {"", row.manufacturer}
        and wanted.model in {"", row.model}
        and wanted.firmware in {"", row.firmware}
        and wanted.image_hash in {"", row.image_hash}
        and _is_published(row, wanted.in_force_on)
        and wanted.status in {"", _status(row, wanted.in_force_on)}
    )


def _is_published(row: EntryRow, day: date | None) -> bool:
    return not (day and row.published_on and row.published_on > day.isoformat())


def _status(row: EntryRow, day: date | None) -> str:
    later = day and row.status_from and row.status_from > day.isoformat()
    return Status.ACTIVE.value if later else row.status
