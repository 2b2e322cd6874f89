"""What a register in memory keeps, as rows of the databases' tables."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from firtree.library.tables import TableRows
from firtree.storage.memory_lists import Tables
from firtree.storage.tables import FOLLOWING, metadata, places_of
from firtree.text import microseconds

TABLES = tuple(str(table.name) for table in FOLLOWING)


def rows_of(kept: Tables, name: str) -> TableRows:
    """Give the rows that a database would keep in a table."""
    columns = list(metadata.tables[name].columns)
    key = tuple(place for place, column in enumerate(columns) if column.primary_key)
    rows = sorted(_ROWS[name](kept), key=lambda row: [row[place] for place in key])
    return TableRows(tuple(str(column.name) for column in columns), key, iter(rows))


def _head(kept: Tables) -> Iterator[tuple[Any, ...]]:
    head = kept.head
    at_us = None if head.at is None else microseconds(head.at)
    yield 1, head.size, at_us, head.state, head.frontier.encode()


def _entries(kept: Tables) -> Iterator[tuple[Any, ...]]:
    for row, until in _with_until(kept.entries.values()):
        place = places_of(row.key)[0] + row.since
        yield (place, *row.key, row.id, row.since, until, *row[4:])


def _with_until(
    versions: Iterable[tuple[Any, ...]],
) -> Iterator[tuple[Any, int | None]]:
    """Pair each version with the size that ended it."""
    for rows in versions:
        for row, following in pairwise((*rows, None)):
            yield row, following.since if following else None


_ROWS: dict[str, Any] = {
    "head": _head,
    "checkpoint": lambda kept: (
        (end.size, microseconds(end.at), end.root, end.state) for end in kept.ends
    ),
    "statement": lambda kept: map(tuple, kept.statements),
    "tile": lambda kept: ((*place, hashes) for place, hashes in kept.tiles.items()),
    "entry": _entries,
    "maker": lambda kept: (
        (row.code, row.since, until, row.name)
        for row, until in _with_until(kept.makers.values())
    ),
    "party": lambda kept: (
        (row.id, row.since, until, row.name)
        for row, until in _with_until(kept.parties.values())
    ),
    "map_leaf": lambda kept: (
        tuple(row) for rows in kept.lists.values() for row in rows
    ),
    "segment": lambda kept: map(tuple, kept.segments),
}
