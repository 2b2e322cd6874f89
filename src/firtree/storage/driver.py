"""What the two databases do differently with many rows."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Table


class Driver(Protocol):
    """What the two databases do differently with many rows; plain driver calls.

    Rows are tuples in the order of the table's columns.
    """

    def insert(
        self, connection: Connection, table: Table, rows: Sequence[Sequence[object]]
    ) -> None:
        """Insert rows."""

    def plain(
        self, connection: Connection, query: str, values: tuple[int | str, ...]
    ) -> list[tuple[Any, ...]]:
        """Answer a question in plain SQL, with ``{mark}`` for each value."""

    def change(
        self, connection: Connection, statement: str, values: tuple[object, ...]
    ) -> None:
        """Change rows in plain SQL, with ``{mark}`` for each value."""

    def newest_entries(
        self, connection: Connection, ids: Collection[int]
    ) -> list[tuple[Any, ...]]:
        """Give the newest rows of ``entry`` (``until`` is null), in any order."""

    def lists_at(
        self, connection: Connection, keys: Collection[bytes], size: int
    ) -> list[tuple[Any, ...]]:
        """Give the lists of the state map as of a log size: key, kind, name, list."""

    def end_versions(
        self,
        connection: Connection,
        table: Table,
        key: str,
        ended: Sequence[tuple[object, int]],
    ) -> None:
        """Set ``until`` of newest versions: (thing, since of the next version)."""
