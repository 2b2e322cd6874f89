"""Rebuild a register from its statements alone, and compare it with what is kept.

Roots, tiles and versions are worked out here from their definitions (RFC 6962,
section 2.1; ``docs/formats/log.md``), not by the code that records; the fold and the
state map are the project's own, which have known answers of their own.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from firtree.access import KEEPER, Right, scope_of
from firtree.catalogue.entry import Entry
from firtree.ledger.leaf import Leaf
from firtree.ledger.merkle import EMPTY_ROOT, Frontier
from firtree.ledger.sections import Body, verify_body
from firtree.ledger.statemap import StateMap, map_key
from firtree.library.ports import Batch, End, Filter, Head, MapRow, StatementRow
from firtree.statements.fold import Changes, apply, updated_lists
from firtree.statements.segments import SegmentRow, segment_rows
from firtree.statements.statement import read_head, read_statement, subject_name
from firtree.statements.types import Subject
from firtree.storage.memory import MemoryRegister
from firtree.storage.postgresql import PostgreSQLRegister
from firtree.storage.sql import microseconds
from firtree.storage.sqlite import SQLiteRegister
from firtree.storage.tables import (
    checkpoint,
    entry,
    head,
    maker,
    map_leaf,
    party,
    places_of,
    segment,
    statement,
    tile,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Table

    from firtree.devices import ModelKey
    from firtree.library.ports import Reading, Register

EVERYTHING = scope_of(KEEPER, Right.READ_ENTRIES)
ALL = 1_000_000
_SIZES_LOOKED_AT = 12

Rows = list[tuple[Any, ...]]


def check_rebuilt(register: Register) -> int:
    """Check that everything a register holds follows from its statements.

    Returns:
        The log size, so that a caller can say how much was checked.

    Raises:
        AssertionError: something does not; the message says what.
    """
    with register.reading() as reading:
        built = _Rebuilt(reading)
        _check_tiles(reading, built)
        with built.register.reading() as expected:
            assert _answers(reading, built) == _answers(expected, built)
    if isinstance(register, SQLiteRegister | PostgreSQLRegister):
        with register.engine.connect() as connection:
            for table, rows in built.tables().items():
                kept = {tuple(row) for row in connection.execute(select(table))}
                _compare(f"table {table.name}", kept, set(rows))
    assert register.size() == built.head.size, "size() is not that of the head"
    return built.head.size


def _check_tiles(reading: Reading, built: _Rebuilt) -> None:
    tiles = built.tiles()
    neighbours = {(level, number + 1) for level, number in tiles}
    for place in {(0, 0), (1, 0), *tiles, *neighbours}:
        assert reading.tile(*place) == tiles.get(place, b""), f"tile {place} differs"


def _compare(what: str, kept: set[Any], expected: set[Any]) -> None:
    assert kept - expected == set(), f"{what} holds what does not follow"
    assert expected - kept == set(), f"{what} lacks what follows"


class _Rebuilt:
    """A register made anew from statements and the sizes of transactions."""

    def __init__(self, reading: Reading) -> None:
        self.head = reading.head()
        self.ends = list(reading.ends(0))
        self.rows = list(reading.statements(0, self.head.size))
        self.leaves = [sha256(b"\x00" + row.leaf).digest() for row in self.rows]
        self.tree_hash = cache(self._tree_hash)
        self.register = MemoryRegister()
        self.state = StateMap()
        self.changes = Changes.none()
        self.lists: list[MapRow] = []
        self.segments: list[SegmentRow] = []
        self._subjects: list[Subject] = []
        self._newest: dict[str, tuple[int, ModelKey | None]] = {}

        numbers = [row.number for row in self.rows]
        assert numbers == list(range(self.head.size)), "statements are missing"
        sizes = [0, *(end.size for end in self.ends)]
        assert sizes[-1] == self.head.size, "the last checkpoint is not at the head"
        assert all(a.at < b.at for a, b in pairwise(self.ends)), "times do not rise"
        for start, end in zip(sizes, self.ends, strict=False):
            self._replay(self.rows[start : end.size], end)
        at = self.ends[-1].at if self.ends else None
        frontier = Frontier(self.head.size, self._frontier_nodes())
        assert self.head == Head(frontier, at, self.state.root), "the head differs"

    def _replay(self, rows: Sequence[StatementRow], end: End) -> None:
        """Fold the statements of one transaction."""
        changes = Changes.none()
        for row in rows:
            self._fold(row, end, changes)
        with self.register.writing() as tx:
            keys = {(c.kind, c.name): map_key(c.kind, c.name) for c in changes.lists}
            current = tx.map_lists(keys.values())
            lists = [
                MapRow(keys[names], end.size, *names, octets)
                for names, octets in updated_lists(changes.lists, current).items()
            ]
            self.state = self.state.updated(
                (row.key, sha256(row.list).digest()) for row in lists
            )
            frontier = Frontier(end.size, self._frontier_nodes(end.size))
            segments = self._due_segments(end.size)
            tx.write(
                Batch(
                    statements=rows,
                    entries=changes.entries,
                    makers=changes.makers,
                    parties=changes.parties,
                    lists=lists,
                    replaced=frozenset(),
                    tiles=[],
                    head=Head(frontier, end.at, self.state.root),
                    segments=segments,
                )
            )
        self.segments.extend(segments)
        assert end.state == self.state.root, f"another state at {end.size}"
        assert end.root == self.tree_hash(0, end.size), f"another root at {end.size}"
        self.changes.entries.extend(changes.entries)
        self.changes.makers.extend(changes.makers)
        self.changes.parties.extend(changes.parties)
        self.lists.extend(lists)

    def _fold(self, row: StatementRow, end: End, changes: Changes) -> None:
        leaf = Leaf.parse(row.leaf)
        assert (leaf.at, leaf.state) == (end.at, end.state), f"leaf {row.number}"
        sections = (row.head, row.core, row.fir, row.people, row.private)
        verify_body(Body(sections, row.salts, row.commitments), leaf.body)
        written = read_statement(sections)
        subject = written.subject
        name = subject_name(subject)
        assert row.head is not None
        assert row.subject == read_head(row.head).subject == name, "another subject"
        replaced, previous = self._newest.get(name, (None, None))
        assert written.replaces == replaced, f"statement {row.number} replaces another"
        key = subject.model.key if isinstance(subject, Entry) else None
        self._newest[name] = (row.number, key)
        self._subjects.append(subject)
        apply(
            written,
            number=row.number,
            body=leaf.body,
            previous=previous,
            changes=changes,
        )

    def _due_segments(self, size: int) -> list[SegmentRow]:
        """Give the segments written by the transaction that ends at a size."""
        start = self.segments[-1].stop if self.segments else 0
        if size - start < 256:
            return []
        return list(segment_rows(start, self._subjects[start:size]))

    def _tree_hash(self, start: int, stop: int) -> bytes:
        """Compute MTH(D[start:stop]) (RFC 6962, section 2.1)."""
        size = stop - start
        if size == 0:
            return EMPTY_ROOT
        if size == 1:
            return self.leaves[start]
        middle = start + (1 << (size - 1).bit_length() - 1)
        halves = self.tree_hash(start, middle) + self.tree_hash(middle, stop)
        return sha256(b"\x01" + halves).digest()

    def _frontier_nodes(self, size: int | None = None) -> tuple[bytes, ...]:
        size = self.head.size if size is None else size
        nodes, start = [], 0
        for height in range(size.bit_length() - 1, -1, -1):
            if size >> height & 1:
                nodes.append(self.tree_hash(start, start + (1 << height)))
                start += 1 << height
        return tuple(nodes)

    def tiles(self) -> dict[tuple[int, int], bytes]:
        """Give every tile that has to be kept: full ones of level 0, all above."""
        tiles: dict[tuple[int, int], bytes] = {}
        level, span = 0, 1
        while count := self.head.size // span:
            for number in range(-(-count // 256)):
                places = range(number * 256, min(count, number * 256 + 256))
                if level or len(places) == 256:
                    tiles[level, number] = b"".join(
                        self.tree_hash(place * span, (place + 1) * span)
                        for place in places
                    )
            level, span = level + 1, span * 256
        return tiles

    def tables(self) -> dict[Table, Rows]:
        """Give every row of every table."""
        size, at = self.head.size, self.head.at
        at_us = None if at is None else microseconds(at)
        return {
            head: [(1, size, at_us, self.state.root, b"".join(self._frontier_nodes()))],
            checkpoint: [
                (end.size, microseconds(end.at), end.root, end.state)
                for end in self.ends
            ],
            statement: [tuple(row) for row in self.rows],
            tile: [(*place, hashes) for place, hashes in self.tiles().items()],
            entry: [
                (
                    places_of(row.key)[0] + row.since,
                    *(row.manufacturer, row.model, row.id, row.since, until),
                    *row[4:],
                )
                for row, until in _with_until(self.changes.entries)
            ],
            maker: [
                (row.code, row.since, until, row.name)
                for row, until in _with_until(self.changes.makers)
            ],
            party: [
                (row.id, row.since, until, row.name)
                for row, until in _with_until(self.changes.parties)
            ],
            map_leaf: [
                (row.key, row.since, until, *row[2:])
                for row, until in _with_until(self.lists)
            ],
            segment: [tuple(row) for row in self.segments],
        }


def _with_until(rows: Iterable[Any]) -> list[tuple[Any, int | None]]:
    """Pair each version with the size that ended it; a row begins with its thing."""
    versions: dict[Any, list[Any]] = {}
    for row in rows:
        versions.setdefault(row[0], []).append(row)
    return [
        (row, following.since if following else None)
        for each in versions.values()
        for row, following in zip(each, [*each[1:], None], strict=True)
    ]


def _answers(reading: Reading, built: _Rebuilt) -> dict[str, Any]:
    """Ask everything that should be the same of two registers."""
    ids = {row.id for row in built.changes.entries}
    codes = {row.code for row in built.changes.makers}
    models = {row.key for row in built.changes.entries}
    found: dict[str, Any] = {
        "rows": reading.entry_rows(ids),
        "lists": reading.map_lists({row.key for row in built.lists}),
        "leaves": sorted(reading.map_leaves(0)),
        "statements": list(reading.statements(0, ALL)),
        "ends": list(reading.ends(0)),
        "indexed": reading.indexed(),
    }
    for size in _some([0, *(end.size for end in built.ends)]):
        found[f"at {size}"] = {
            "page": reading.page(Filter(), EVERYTHING, size=size, after=0, limit=ALL),
            "entries": reading.entries(ids, size),
            "models": {key: reading.entries_of_model(key, size) for key in models},
            "makers": reading.makers(codes, size),
            "counts": dict(reading.counts(size)),
            "touched": sorted(reading.touched(size)),
            "end": reading.end_of_size(size),
            "names": reading.names(size),
            "parties": reading.parties(size),
        }
    return found


def _some(sizes: list[int]) -> list[int]:
    """Thin a long list out; keep its first and last."""
    step = -(-len(sizes) // _SIZES_LOOKED_AT)
    return sorted({*sizes[::step], sizes[-1]})
