"""What PostgreSQL does differently with many rows: COPY, and arrays for lists."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from firtree.storage.queries import LISTS_AT
from firtree.storage.tables import entry

_COPY_FROM_ROWS = 50
_LISTS_AT = LISTS_AT.format(
    wanted="unnest(%s::bytea[]) AS wanted(key) CROSS JOIN LATERAL ("
    "SELECT * FROM map_leaf WHERE map_leaf.key = wanted.key AND since <= %s "
    "ORDER BY since DESC LIMIT 1) AS leaf"
)


class PostgreSQLDriver:
    """Implements ``Driver`` by COPY, or by plain inserts for a few rows."""

    def insert(
        self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]
    ) -> None:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        cursor = cursor_of(connection)
        with cursor:
            if len(rows) < _COPY_FROM_ROWS:
                marks = ", ".join(["%s"] * len(table.columns))
                cursor.executemany(
                    f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',  # noqa: S608
                    [tuple(row) for row in rows],
                )
                return
            copy = f'COPY "{table.name}" ({names}) FROM STDIN'
            with cursor.copy(copy) as stream:
                for row in rows:
                    stream.write_row(tuple(row))

    def plain(
        self, connection: Connection, query: str, values: tuple[int | str, ...]
    ) -> list[tuple[Any, ...]]:
        with cursor_of(connection) as cursor:
            # Sections come as octets, not as hexadecimal that is to be read back.
            cursor.execute(query.format(mark="%s"), values, binary=True)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def change(
        self, connection: Connection, statement: str, values: tuple[Any, ...]
    ) -> None:
        with cursor_of(connection) as cursor:
            cursor.execute(statement.format(mark="%s"), values)

    def newest_entries(
        self, connection: Connection, ids: Collection[int]
    ) -> list[tuple[Any, ...]]:
        names = ", ".join(f'"{column.name}"' for column in entry.columns)
        with cursor_of(connection) as cursor:
            cursor.execute(
                f"SELECT {names} FROM entry "  # noqa: S608
                "WHERE id = ANY(%s) AND until IS NULL",
                (list(ids),),
            )
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def lists_at(
        self, connection: Connection, keys: Collection[bytes], size: int
    ) -> list[tuple[Any, ...]]:
        with cursor_of(connection) as cursor:
            cursor.execute(_LISTS_AT, (list(keys), size), binary=True)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def end_versions(
        self,
        connection: Connection,
        table: Table,
        key: str,
        ended: Sequence[tuple[Any, int]],
    ) -> None:
        kind = table.columns[key].type.compile(connection.dialect).split(" ")[0]
        with cursor_of(connection) as cursor:
            cursor.execute(
                f'UPDATE "{table.name}" AS t SET until = e.since '  # noqa: S608
                f"FROM unnest(%s::{kind}[], %s::bigint[]) AS e(thing, since) "
                f'WHERE t."{key}" = e.thing AND t.until IS NULL',
                ([thing for thing, _ in ended], [since for _, since in ended]),
            )


DRIVER = PostgreSQLDriver()


def cursor_of(connection: Connection) -> Any:  # noqa: ANN401 - psycopg's own
    """Give a cursor of the driver, inside SQLAlchemy's transaction."""
    return connection.connection.cursor()
