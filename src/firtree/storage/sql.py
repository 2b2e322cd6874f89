"""A register in SQLite or PostgreSQL, by SQLAlchemy Core.

Implements :class:`~firtree.library.ports.Register`.  The two databases differ in how a
lock is taken, how one state is held, and how many rows are written at once; that is in
``sqlite.py`` and ``postgresql.py``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select, update

from firtree.access import Scope
from firtree.devices import ModelKey
from firtree.ledger.tiles import Tile
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
from firtree.statements.fold import EntryRow, MakerRow, Names
from firtree.statements.segments import SegmentRow
from firtree.storage import kept, queries
from firtree.storage.driver import Driver
from firtree.storage.head_row import read_head
from firtree.storage.lists import SQLLists
from firtree.storage.tables import (
    FOLLOWING,
    TEMPORAL,
    checkpoint,
    entry,
    maker,
    map_leaf,
    metadata,
    party,
    places_of,
    segment,
    statement,
    tile,
)
from firtree.text import microseconds

_STATEMENTS_AT_ONCE = 1000
# A list is gone through by id if one of so many makers is within reach, or so many are.
_WIDE_FROM = 6
_MANY_MAKERS = 100
# No log grows to this size.
_NEWEST = (1 << 63) - 1
# What a connection knows.
_MAKERS_COUNTED = "firtree_makers_counted"


class SQLReading(SQLLists):
    """Implements ``Reading`` on an open transaction.

    Attributes:
        connection: holds the transaction.
        driver: what its database does differently.
    """

    def __init__(self, connection: Connection, driver: Driver) -> None:
        self.connection = connection
        self.driver = driver

    def _stored(self, query: Any, **values: Any) -> list[Stored]:  # noqa: ANN401
        rows = self.connection.execute(query, values)
        return [Stored._make(row) for row in rows]

    def head(self) -> Head:
        rows = self.driver.plain(self.connection, queries.HEAD, ())
        return Head(*read_head(rows))

    def end_at(self, moment: datetime) -> End | None:
        values = {"at_us": microseconds(moment)}
        return _end(self.connection.execute(queries.END_AT, values).first())

    def end_of_size(self, size: int) -> End | None:
        return _end(
            self.connection.execute(queries.END_OF_SIZE, {"size": size}).first()
        )

    def entries_of_model(self, key: ModelKey, size: int) -> list[Stored]:
        first, last = places_of(key)
        return self._stored(
            queries.OF_MODEL, first=first, last=last, size=size, **key._asdict()
        )

    def entries(self, ids: Collection[int], size: int) -> list[Stored]:
        return [
            found
            for chunk in queries.chunks(sorted(ids))
            for found in self._stored(queries.OF_IDS, ids=chunk, size=size)
        ]

    def entry_rows(self, ids: Collection[int]) -> dict[int, EntryRow]:
        found = self.driver.newest_entries(self.connection, ids)
        # Columns: place, manufacturer, model, id, since, until, then the rest.
        return {row[3]: EntryRow(row[3], row[4], *row[1:3], *row[6:]) for row in found}

    def siblings(self, key: ModelKey, size: int, limit: int) -> list[Stored]:
        first = key.model[:4]
        return self._stored(
            queries.SIBLINGS,
            manufacturer=key.manufacturer,
            model=key.model,
            first=first,
            last=first + "\U0010ffff",
            size=size,
            most=limit,
        )

    def sharing_images(self, hashes: Collection[str], size: int) -> list[Stored]:
        return [
            found
            for chunk in queries.chunks(sorted(hashes))
            for found in self._stored(queries.SHARING_IMAGES, hashes=chunk, size=size)
        ]

    def ids(self, size: int) -> Iterator[int]:
        for (number,) in self.connection.execute(queries.IDS, {"size": size}):
            yield number

    def page(
        self, wanted: Filter, scope: Scope, *, size: int, after: int, limit: int
    ) -> list[Stored]:
        walk = not wanted.narrow and self._is_wide(scope)
        query = queries.page(wanted, scope, after=after, limit=limit, walk=walk)
        return self._stored(query, size=size, **queries.values_of(scope, walked=walk))

    def _is_wide(self, scope: Scope) -> bool:
        """Tell whether a good part of all makers is within reach."""
        if scope.makers is None or len(scope.makers) >= _MANY_MAKERS:
            return True
        most = len(scope.makers) * _WIDE_FROM
        # Makers only ever become more, so that those counted once are there.
        counted: int = self.connection.info.get(_MAKERS_COUNTED, 0)
        if counted <= most:
            query = queries.makers_known(most + 1)
            counted = int(self.connection.execute(query).scalar_one())
            self.connection.info[_MAKERS_COUNTED] = counted
        return counted <= most

    def chosen(
        self, ids: Collection[int], wanted: Filter, scope: Scope, *, size: int
    ) -> list[Stored]:
        query, within = queries.chosen(wanted, scope), queries.values_of(scope)
        return [
            found
            for chunk in queries.chunks(sorted(ids))
            for found in self._stored(query, ids=chunk, size=size, **within)
        ]

    def indexed(self) -> int:
        stop = self.connection.execute(queries.SEGMENTED).scalar()
        return 0 if stop is None else kept.number("segment", "stop", stop)

    def segments(
        self, kinds: Collection[str], start: int, stop: int
    ) -> list[SegmentRow]:
        values = {"kinds": sorted(kinds), "start": start, "stop": stop}
        rows = self.connection.execute(queries.SEGMENTS, values)
        return [kept.segment(*row) for row in rows]

    def names(self, size: int) -> list[MakerRow]:
        rows = self.connection.execute(queries.NAMES, {"size": size})
        return [
            MakerRow(
                kept.name("maker", "code", code),
                since,
                kept.name("maker", "name", name),
            )
            for code, since, name in rows
        ]

    def makers(self, codes: Collection[str], size: int) -> list[Stored]:
        return [
            found
            for chunk in queries.chunks(sorted(codes))
            for found in self._stored(queries.MAKERS, codes=chunk, size=size)
        ]

    def parties(self, size: int) -> list[Stored]:
        return self._stored(queries.PARTIES, size=size)

    def concerning(self, about: Concerned, below: int, limit: int) -> list[int]:
        query = queries.concerning(about).limit(limit)
        return list(self.connection.execute(query, {"below": below}).scalars())

    def counts(self, size: int) -> Mapping[str, int]:
        rows = self.connection.execute(queries.COUNTS, {"size": size})
        return {status: count for status, count in rows}  # noqa: C416 - typed rows

    def touched(self, since: int) -> list[Names]:
        rows = self.connection.execute(queries.TOUCHED, {"after": since})
        return [(row.kind, row.name) for row in rows]

    def map_lists(self, keys: Collection[bytes]) -> dict[Names, bytes]:
        found = self.driver.lists_at(self.connection, keys, _NEWEST)
        return {(kind, name): octets for _, kind, name, octets in found}

    def lists_at(self, keys: Collection[bytes], size: int) -> dict[bytes, bytes]:
        found = self.driver.lists_at(self.connection, keys, size)
        return {key: octets for key, _, _, octets in found}

    def map_leaves(self, since: int) -> Iterator[tuple[bytes, bytes]]:
        query = queries.MAP_LEAVES if since else queries.EVERY_MAP_LEAF
        rows = self.connection.execute(query, {"after": since})
        for key, octets in rows.yield_per(1000):
            yield (
                kept.octets("map_leaf", "key", key),
                kept.octets("map_leaf", "list", octets),
            )

    def statements(self, start: int, stop: int) -> Iterator[StatementRow]:
        while start < stop:
            end = min(start + _STATEMENTS_AT_ONCE, stop)
            rows = self.driver.plain(self.connection, queries.STATEMENTS, (start, end))
            yield from map(kept.statement, rows)
            start = end if len(rows) == _STATEMENTS_AT_ONCE else stop

    def leaves(self, start: int, stop: int) -> list[bytes]:
        rows = self.driver.plain(self.connection, queries.LEAVES, (start, stop))
        return [kept.octets("statement", "leaf", leaf) for (leaf,) in rows]

    def heads(self, start: int, stop: int) -> list[StatementHead]:
        rows = self.driver.plain(self.connection, queries.HEADS, (start, stop))
        return [StatementHead._make(row) for row in rows]

    def versions(self, entry_id: int, upto: int, limit: int) -> list[StatementRow]:
        values = (entry_id, upto, limit)
        rows = self.driver.plain(self.connection, queries.VERSIONS, values)
        return list(map(kept.statement, rows))

    def ends(self, start: int) -> Iterator[End]:
        rows = self.connection.execute(queries.ENDS, {"after": start})
        for row in rows.yield_per(1000):
            yield kept.end(*row)

    def table_names(self) -> Sequence[str]:
        return [str(table.name) for table in FOLLOWING]

    def every_table(self) -> Sequence[str]:
        return [str(table.name) for table in metadata.sorted_tables]

    def table(self, name: str) -> TableRows:
        wanted = metadata.tables[name]
        key = list(wanted.primary_key.columns)
        rows = self.connection.execute(select(wanted).order_by(*key))
        columns = list(wanted.columns)
        return TableRows(
            tuple(str(column.name) for column in columns),
            tuple(columns.index(column) for column in key),
            map(tuple, rows.yield_per(1000)),
        )

    def tile(self, level: int, number: int) -> bytes:
        rows = self.driver.plain(self.connection, queries.TILE, (level, number))
        return kept.octets("tile", "hashes", rows[0][0]) if rows else b""


def _end(row: Any) -> End | None:  # noqa: ANN401 - a row of checkpoint
    if row is None:
        return None
    return kept.end(*row)


def _place(row: EntryRow) -> int:
    return places_of(row.key)[0] + row.since


class _Ended(NamedTuple):
    """Rows of a temporal table with their ``until``, and the versions they end."""

    rows: list[tuple[object, ...]]
    ended: list[tuple[object, int]]


class SQLWriting(SQLReading):
    """Implements ``Writing`` on an open transaction that holds the lock."""

    def write(self, batch: Batch) -> None:
        self.driver.insert(self.connection, statement, batch.statements)
        self.write_tables(batch)
        for one in batch.erased:
            self._erase(one)
        self.write_end(batch.head)

    def _erase(self, erased: Erased) -> None:
        """Destroy a section in place, and what was made of it."""
        row = erased.row
        self.connection.execute(
            update(statement)
            .where(statement.c.leaf_index == row.number)
            .values(
                fir=row.fir, people=row.people, private=row.private, salts=row.salts
            )
        )
        if erased.outline is not None:
            of_version = entry.c.since == row.number + 1
            of_entry = entry.c.id == int(row.subject.partition("/")[2])
            self.connection.execute(
                update(entry).where(of_entry, of_version).values(outline=erased.outline)
            )
        if erased.segments:
            first = segment.c.first == erased.segments[0].first
            self.connection.execute(delete(segment).where(first))
            self.driver.insert(self.connection, segment, erased.segments)

    def _write_tile(self, piece: Tile) -> None:
        before = self.tile(piece.level, piece.number) if piece.start else b""
        hashes = before + b"".join(piece.hashes)
        if piece.start:
            wanted = (tile.c.level == piece.level) & (tile.c.number == piece.number)
            self.connection.execute(update(tile).where(wanted).values(hashes=hashes))
        else:
            row = (piece.level, piece.number, hashes)
            self.driver.insert(self.connection, tile, [row])

    def write_end(self, head: Head) -> None:
        at_us = None if head.at is None else microseconds(head.at)
        values = (head.size, at_us, head.state, head.frontier.encode())
        self.driver.change(self.connection, queries.SET_HEAD, values)
        end = (head.size, at_us, head.frontier.root, head.state)
        self.driver.insert(self.connection, checkpoint, [end])

    def write_tables(self, batch: Batch) -> None:
        entries = _versions(
            (row.id, row.since, (_place(row), *row.key, row.id, row.since), row[4:])
            for row in batch.entries
        )
        makers = _versions(
            (row.code, row.since, (row.code, row.since), row[2:])
            for row in batch.makers
        )
        parties = _versions(
            (row.id, row.since, (row.id, row.since), row[2:]) for row in batch.parties
        )
        for table, key, found in (
            (entry, "id", entries),
            (maker, "code", makers),
            (party, "id", parties),
        ):
            if found.rows:
                ended = [pair for pair in found.ended if pair[0] in batch.replaced]
                if ended:
                    self.driver.end_versions(self.connection, table, key, ended)
                self.driver.insert(self.connection, table, found.rows)
        if batch.lists:
            self.driver.insert(self.connection, map_leaf, batch.lists)
        if batch.segments:
            self.driver.insert(self.connection, segment, batch.segments)
        for piece in batch.tiles:
            self._write_tile(piece)

    def clear_tables(self) -> None:
        for table in (*TEMPORAL, map_leaf, segment, tile):
            self.connection.execute(delete(table))


def _versions(
    versions: Iterator[tuple[object, int, tuple[object, ...], tuple[object, ...]]],
) -> _Ended:
    """Set ``until`` where a later version of the same thing is in the same batch.

    Args:
        versions: (what it is of, since, key columns, further columns), in order.
    """
    rows: list[tuple[object, ...]] = []
    ended: list[tuple[object, int]] = []
    newest: dict[object, int] = {}
    for thing, since, key, rest in versions:
        if (place := newest.get(thing)) is None:
            ended.append((thing, since))
        else:
            before = rows[place]
            rows[place] = (*before[: len(key)], since, *before[len(key) + 1 :])
        newest[thing] = len(rows)
        rows.append((*key, None, *rest))
    return _Ended(rows, ended)
