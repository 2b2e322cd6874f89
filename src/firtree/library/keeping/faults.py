"""What is wrong with a register, down to the row."""

from collections.abc import Iterator
from typing import NamedTuple

from firtree.library.tables import TableRows, Value
from firtree.text import counted, shown

LISTED_MOST = 1000
_OCTETS_SHOWN = 8

# Where the key of a table says nothing to people.
_KNOWN_BY = {
    "entry": ("id", "since"),
    "map_leaf": ("kind", "name", "since"),
    "statement": ("leaf_index",),
}
# What ``firtree rebuild`` makes anew.
REBUILT = frozenset({"entry", "maker", "party", "map_leaf", "segment", "tile"})


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes:
        part: table, file or setting.
        row: what the row is known by, column by column; empty = no row of a table.
        told: what is wrong, in plain words.
    """

    part: str
    row: dict[str, Value]
    told: str

    @property
    def is_rebuilt(self) -> bool:
        """Whether making the tables anew from the statements mends it."""
        return self.part in REBUILT

    def __str__(self) -> str:
        """Write it in one line."""
        if not self.row:
            return f"{self.part}: {self.told}"
        row = ", ".join(f"{name} {_shown(value)}" for name, value in self.row.items())
        return f"table {self.part}, row with {row}: {self.told}"


class Faults:
    """Collects what is wrong, the first thousand in full."""

    def __init__(self) -> None:
        self.listed: list[Fault] = []
        self.count = 0
        self.parts: set[str] = set()

    def add(self, part: str, told: str, row: dict[str, Value] | None = None) -> None:
        """Take one in."""
        self.count += 1
        self.parts.add(part)
        if len(self.listed) < LISTED_MOST:
            self.listed.append(Fault(part, row or {}, told))

    def statement(self, number: int, told: str) -> None:
        """Take in what is wrong with a statement."""
        self.add("statement", told, {"leaf_index": number})


def compare(name: str, kept: TableRows, expected: TableRows, faults: Faults) -> int:
    """Compare a table, row by row, with what it should hold.

    Returns:
        Number of rows there should be.

    Cost: one row of each at a time; both are in the order of the key.
    """
    count = 0
    one, other = next(kept.rows, None), next(expected.rows, None)
    while one is not None or other is not None:
        if one == other:
            count += 1
            one, other = next(kept.rows, None), next(expected.rows, None)
            continue
        order = _order(one, other, kept.key)
        if order < 0 and one is not None:
            told = "it is there, but does not follow from the statements"
            faults.add(name, told, _row(name, kept, one))
            one = next(kept.rows, None)
        elif order > 0 and other is not None:
            count += 1
            told = "it is missing, but follows from the statements"
            faults.add(name, told, _row(name, kept, other))
            other = next(expected.rows, None)
        elif one is not None and other is not None:
            count += 1
            told = "; ".join(_differences(kept.columns, one, other))
            faults.add(name, told, _row(name, kept, other))
            one, other = next(kept.rows, None), next(expected.rows, None)
    return count


def _order(
    one: tuple[Value, ...] | None,
    other: tuple[Value, ...] | None,
    key: tuple[int, ...],
) -> int:
    """Tell which row comes first: negative = the first one, 0 = they have one key."""
    if one is None or other is None:
        return 1 if one is None else -1
    ours = [_place(one[column]) for column in key]
    theirs = [_place(other[column]) for column in key]
    return (ours > theirs) - (ours < theirs)


def _place(value: Value) -> tuple[int, int, bytes]:
    """Give what a value is ordered by, as both databases order keys."""
    if isinstance(value, str):
        return 2, 0, value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return 3, 0, value
    return (0, 0, b"") if value is None else (1, value, b"")


def _row(name: str, table: TableRows, row: tuple[Value, ...]) -> dict[str, Value]:
    keys = tuple(table.columns[place] for place in table.key)
    known = _KNOWN_BY.get(name, keys)
    return {one: row[table.columns.index(one)] for one in known}


def _differences(
    columns: tuple[str, ...], kept: tuple[Value, ...], expected: tuple[Value, ...]
) -> Iterator[str]:
    for column, found, right in zip(columns, kept, expected, strict=True):
        if found != right:
            yield (
                f"{column}: expected {_shown(right)}, found {_shown(found)}"
                f"{_where(found, right)}"
            )


def _where(found: Value, right: Value) -> str:
    """Tell where octets that are as many differ."""
    if not isinstance(found, bytes) or not isinstance(right, bytes):
        return ""
    if len(found) != len(right):
        return f" ({counted(len(right), 'octet')} expected, {len(found):,} found)"
    pairs = enumerate(zip(found, right, strict=True))
    first = next(place for place, (one, other) in pairs if one != other)
    return f" (the first octet that differs is number {first}, counted from 0)"


def _shown(value: Value) -> str:
    """Write a value in a readable length."""
    if isinstance(value, bytes):
        more = "…" if len(value) > _OCTETS_SHOWN else ""
        return f"{value[:_OCTETS_SHOWN].hex()}{more}" if value else "no octets"
    if value is None:
        return "nothing"
    return shown(value) if isinstance(value, str) else str(value)
