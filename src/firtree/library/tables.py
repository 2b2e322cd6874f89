"""A register's tables as they are kept, row by row, for whoever checks them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

# A value of a column, as both databases give it.
Value = int | str | bytes | None


class TableRows(NamedTuple):
    """The rows of one table.

    Attributes:
        columns: names, in order.
        key: places of the columns that tell rows apart.
        rows: by key, one value per column; given one after the other.
    """

    columns: tuple[str, ...]
    key: tuple[int, ...]
    rows: Iterator[tuple[Value, ...]]


class Tables(Protocol):
    """One consistent state of a register, table by table."""

    def table_names(self) -> Sequence[str]:
        """Name the tables that follow from the statements."""

    def every_table(self) -> Sequence[str]:
        """Name all tables, the desk's among them."""

    def table(self, name: str) -> TableRows:
        """Give the rows of a table.

        Text is ordered by its octets, so that every register orders alike.
        """
