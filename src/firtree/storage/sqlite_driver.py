"""What SQLite does differently with many rows: plain calls of its driver."""

import sqlite3
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table

from firtree.storage.queries import LISTS_AT, chunks
from firtree.storage.tables import entry

# While many rows are inserted, which change pages all over the trees, a connection has
# a larger cache: what does not fit is moved to the write-ahead log, and read again.
_MANY_ROWS = 1000
_CACHE_OF_MANY_KB = 256_000
# What a connection knows: that its cache is the larger one.
HAS_LARGE_CACHE = "firtree_has_large_cache"


class SQLiteDriver:
    """Implements ``Driver`` by executemany with plain tuples."""

    def insert(
        self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]
    ) -> None:
        marks = ", ".join("?" * len(table.columns))
        cursor = _cursor(connection)
        if len(rows) >= _MANY_ROWS:
            cursor.execute(f"PRAGMA cache_size=-{_CACHE_OF_MANY_KB}")
            connection.info[HAS_LARGE_CACHE] = True
        cursor.executemany(
            f'INSERT INTO "{table.name}" ({_columns(table)}) '  # noqa: S608
            f"VALUES ({marks})",
            rows,
        )

    def plain(
        self, connection: Connection, query: str, values: tuple[int | str, ...]
    ) -> list[tuple[Any, ...]]:
        return _cursor(connection).execute(query.format(mark="?"), values).fetchall()

    def change(
        self, connection: Connection, statement: str, values: tuple[Any, ...]
    ) -> None:
        _cursor(connection).execute(statement.format(mark="?"), values)

    def newest_entries(
        self, connection: Connection, ids: Collection[int]
    ) -> list[tuple[Any, ...]]:
        cursor = _cursor(connection)
        found: list[tuple[Any, ...]] = []
        for chunk in chunks(ids):
            marks = ", ".join("?" * len(chunk))
            cursor.execute(
                f"SELECT {_columns(entry)} FROM entry "  # noqa: S608
                f"WHERE id IN ({marks}) AND until IS NULL",
                chunk,
            )
            found.extend(cursor.fetchall())
        return found

    def lists_at(
        self, connection: Connection, keys: Collection[bytes], size: int
    ) -> list[tuple[Any, ...]]:
        cursor = _cursor(connection)
        return [
            row
            for chunk in chunks(keys)
            for row in cursor.execute(_lists_at(len(chunk)), (*chunk, size))
        ]

    def end_versions(
        self,
        connection: Connection,
        table: Table,
        key: str,
        ended: Sequence[tuple[Any, int]],
    ) -> None:
        _cursor(connection).executemany(
            f'UPDATE "{table.name}" SET until = ? WHERE "{key}" = ?'  # noqa: S608
            " AND until IS NULL",
            [(since, thing) for thing, since in ended],
        )


DRIVER = SQLiteDriver()


@cache
def _lists_at(count: int) -> str:
    values = ", ".join(["(?)"] * count)
    newest = "SELECT max(since) FROM map_leaf WHERE key = column1 AND since <= ?"
    return LISTS_AT.format(
        wanted=f"(VALUES {values}) CROSS JOIN map_leaf AS leaf"
        f" ON key = column1 AND since = ({newest})"
    )


@cache
def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _cursor(connection: Connection) -> sqlite3.Cursor:
    """Give a cursor of the driver, inside SQLAlchemy's transaction."""
    cursor: sqlite3.Cursor = connection.connection.cursor()  # type: ignore[assignment]
    return cursor
