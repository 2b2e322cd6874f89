"""The rows of a mirror's register as they are in its file, for whoever checks them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from firtree.devices import ModelKey
from firtree.errors import FirtreeError, UnavailableError, VerificationError
from firtree.ledger.merkle import Frontier
from firtree.library.ports import End, MapRow, StatementRow
from firtree.statements.fold import EntryRow, MakerRow, PartyRow
from firtree.storage import kept
from firtree.storage.sqlite_failures import ailments_in
from firtree.storage.tables import REVISIONS, places_of
from firtree.text import shown

_CACHE_KB = 8 << 10
# The version that each statement of a range makes, and the one before it.  A statement
# that says another subject than its sections is refused, so that this one can be used.
_ENTRIES = """
SELECT e.id, e.since, e.manufacturer, e.model, e.device_type, e.firmware, e.status,
 e.image_hash, e.published_on, e.status_from, e.outline, e.place, s.leaf_index, b.since,
 b.until, b.manufacturer, b.model
FROM (
 SELECT leaf_index, CAST(substr(subject, 7) AS INTEGER) AS id FROM statement
 WHERE leaf_index >= ? AND leaf_index < ? AND substr(subject, 1, 6) = 'entry/'
) s
LEFT JOIN entry e ON e.id = s.id AND e.since = s.leaf_index + 1
LEFT JOIN entry b ON b.id = s.id AND b.since =
 (SELECT max(since) FROM entry WHERE id = s.id AND since <= s.leaf_index)
ORDER BY s.leaf_index
"""
_WIDTH = len(EntryRow._fields)
_LISTS = (
    "SELECT key, since, kind, name, list FROM map_leaf"
    " WHERE key >= ? AND key <= ? AND since <= ? ORDER BY key, since"
)
_STATEMENTS = (
    "SELECT leaf_index, leaf, subject, head, core, fir, people, private, salts,"
    " commitments FROM statement WHERE leaf_index >= ? AND leaf_index < ?"
    " ORDER BY leaf_index"
)
_END = "SELECT size, at_us, root, state FROM checkpoint WHERE size = ?"
# With it, the number after the last statement that is kept.
_HEAD = (
    "SELECT id, size, frontier, at_us, state,"
    " (SELECT coalesce(max(leaf_index), -1) + 1 FROM statement) FROM head"
)
_TILE = "SELECT hashes FROM tile WHERE level = ? AND number = ?"
_REVISION = "SELECT version_num FROM alembic_version"
_COUNTS = {
    "entry": "SELECT count(*) FROM entry WHERE since <= ?",
    "map_leaf": "SELECT count(*) FROM map_leaf WHERE since <= ?",
}
_HOLDING = (
    "SELECT count(*) FROM entry WHERE since <= ? AND (until IS NULL OR until > ?)"
)


class SQLiteRows:
    """Reads the rows of a register's file, and writes nothing.

    Args:
        path: of the file.
        schema: that it must have, as :meth:`schema` of a new one gives it.

    Raises:
        UnavailableError: it cannot be opened.
        VerificationError: it is no database.  Every method may raise this.
    """

    def __init__(self, path: Path, schema: frozenset[tuple[str, str]]) -> None:
        self._path = path
        self._schema = schema
        with self._told():
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
            )
            try:
                self._begin()
            except BaseException:
                self.close()
                raise

    def _begin(self) -> None:
        """Begin to read one state, which all questions are answered from."""
        self._connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT size FROM head").fetchone()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def statements(self, start: int, stop: int) -> Iterator[StatementRow]:
        """Yield what there is of statements, in log order."""
        with self._told():
            rows = self._connection.execute(_STATEMENTS, (start, stop))
            yield from map(StatementRow._make, rows)

    def entries(
        self, start: int, stop: int
    ) -> Iterator[tuple[int, EntryRow | None, tuple[int, int | None, ModelKey] | None]]:
        """Yield what is kept of entries for the statements of a range, by subject."""
        with self._told():
            for kept in self._connection.execute(_ENTRIES, (start, stop)):
                place, number, since, until, manufacturer, model = kept[_WIDTH:]
                before = None
                if since is not None:
                    before = since, until, ModelKey(manufacturer, model)
                row = None
                if place is not None:
                    row = EntryRow._make(kept[:_WIDTH])
                    if place != places_of(row.key)[0] + row.since:
                        row = row._replace(model="a place that is not its model's")
                yield number, row, before

    def lists(self, first: bytes, last: bytes, size: int) -> Iterator[MapRow]:
        """Yield the versions of lists of the state map, by key and time."""
        with self._told():
            yield from map(
                MapRow._make, self._connection.execute(_LISTS, (first, last, size))
            )

    def makers(self) -> Iterator[tuple[MakerRow, int | None]]:
        """Yield every version of every maker, and its end."""
        for code, since, name, until in self._all(
            "SELECT code, since, name, until FROM maker"
        ):
            yield _version("maker", MakerRow(code, since, name), until)

    def parties(self) -> Iterator[tuple[PartyRow, int | None]]:
        """Yield every version of every party, and its end."""
        for number, since, name, until in self._all(
            "SELECT id, since, name, until FROM party"
        ):
            yield _version("party", PartyRow(number, since, name), until)

    def count(self, table: str, size: int) -> int:
        """Count the rows of ``entry`` or ``map_leaf``."""
        row = self._one(_COUNTS[table], (size,))
        return int(row[0]) if row else 0

    def count_holding(self, size: int) -> int:
        """Count the rows of ``entry`` that hold."""
        row = self._one(_HOLDING, (size, size))
        return int(row[0]) if row else 0

    def end(self, size: int) -> End | None:
        """Give the end of a transaction."""
        row = self._one(_END, (size,))
        return None if row is None else kept.end(*row)

    def tile(self, level: int, number: int) -> bytes:
        """Give the hashes kept of a tile; empty where there are none."""
        row = self._one(_TILE, (level, number))
        return b"" if row is None else kept.octets("tile", "hashes", row[0])

    def is_at(self, size: int, frontier: Frontier) -> bool:
        """Tell whether the head is at a size and frontier, or has gone beyond it.

        There must be one row with id 1, at the number after the last statement that is
        kept, and with a frontier that leads to the root of its transaction's end.
        """
        rows = list(self._all(_HEAD))
        if len(rows) != 1:
            return False
        number, own_size, octets, *told, last = rows[0]
        try:
            own = Frontier.parse(own_size, octets)
        except (AttributeError, TypeError, ValueError):
            return False
        if number != 1 or own_size != last or own_size < size:
            return False
        end = self._one(_END, (own_size,))
        at_end = end is not None and [*end[1:]] == [told[0], own.root, told[1]]
        return at_end and (own_size > size or own == frontier)

    def check_indexes(self) -> str:
        """Check that indexes and rows agree; give what is wrong, empty = nothing."""
        if self.schema() != self._schema:
            return "its schema is not that of a register of this version"
        told = [version for (version,) in self._all(_REVISION)]
        if told != [REVISIONS[-1]]:
            found = ", ".join(shown(str(one)) for one in told[:2]) or "nothing"
            return (
                f"table alembic_version: expected the schema's revision "
                f"{REVISIONS[-1]}, found {found}"
            )
        for table in ("entry", "maker", "party", "map_leaf", "head", "checkpoint"):
            rows = self._all(f"PRAGMA integrity_check('{table}')")
            if ailments := ailments_in(str(told) for (told,) in rows):
                more = f" (and {len(ailments) - 1} more)" if len(ailments) > 1 else ""
                return f"table {table}: {ailments[0]}{more}"
        return ""

    def older_revision(self) -> str:
        """Give the schema's revision where an earlier version made it; else empty."""
        told = [version for (version,) in self._all(_REVISION)]
        is_older = len(told) == 1 and told[0] in REVISIONS[:-1]
        return told[0] if is_older and self.schema() != self._schema else ""

    def schema(self) -> frozenset[tuple[str, str]]:
        """Give names and definitions of tables and indexes."""
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        return frozenset((name, sql) for name, sql in self._all(query))

    def _one(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with self._told():
            row: tuple[Any, ...] | None = self._connection.execute(
                query, values
            ).fetchone()
        return row

    def _all(self, query: str) -> Iterator[tuple[Any, ...]]:
        with self._told():
            # Whole: what is left of a cursor cannot be closed after its connection.
            yield from self._connection.execute(query).fetchall()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the database's errors into ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._ours(error) from None

    def _ours(self, error: sqlite3.Error) -> FirtreeError:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY}:
            return UnavailableError(
                f"{self._path} cannot be read: {error}",
                hint="check who owns the mirror",
            )
        told = " ".join(str(error).split())
        return VerificationError(
            f"the file is damaged, so that it cannot be read: {told[:200]}"
        )


_Row = TypeVar("_Row", MakerRow, PartyRow)


def _version(table: str, row: _Row, until: object) -> tuple[_Row, int | None]:
    """Give a version of a small table, whose numbers can be compared.

    Raises:
        VerificationError: they cannot.
    """
    kept.number(table, "since", row.since)
    return row, None if until is None else kept.number(table, "until", until)
