"""What a mirror's register holds, row by row, and what was seen of it."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from firtree.devices import ModelKey
from firtree.ledger.merkle import Frontier
from firtree.library.ports import End, MapRow, StatementRow
from firtree.statements.fold import EntryRow, MakerRow, PartyRow

# Of the version of an entry before another: since, until (None = it holds), model.
Before = tuple[int, int | None, ModelKey]
# Number of a statement, the version of an entry that it makes (None = it is missing),
# and the one before it (None = there is none).
KeptEntry = tuple[int, EntryRow | None, Before | None]


class Rows(Protocol):
    """The rows of a mirror's register, past everything that would interpret them."""

    def statements(self, start: int, stop: int) -> Iterator[StatementRow]:
        """Yield what there is of statements, in log order."""

    def entries(self, start: int, stop: int) -> Iterator[KeptEntry]:
        """Yield what is kept of entries for the statements of a range, by subject."""

    def lists(self, first: bytes, last: bytes, size: int) -> Iterator[MapRow]:
        """Yield the versions of lists of the state map, by key and time.

        Args:
            first: least key.
            last: greatest key.
            size: versions that began later are left out.
        """

    def makers(self) -> Iterator[tuple[MakerRow, int | None]]:
        """Yield every version of every maker, and its end."""

    def parties(self) -> Iterator[tuple[PartyRow, int | None]]:
        """Yield every version of every party, and its end."""

    def count(self, table: str, size: int) -> int:
        """Count the rows of ``entry`` or ``map_leaf``.

        Args:
            table: which.
            size: rows that began later are not counted.
        """

    def count_holding(self, size: int) -> int:
        """Count the rows of ``entry`` that hold at a log size."""

    def end(self, size: int) -> End | None:
        """Give the end of a transaction."""

    def tile(self, level: int, number: int) -> bytes:
        """Give the hashes kept of a tile; empty where there are none."""

    def is_at(self, size: int, frontier: Frontier) -> bool:
        """Tell whether the head is at a size and frontier, or has gone beyond it.

        There must be one row with id 1, at the number after the last statement that is
        kept, and with a frontier that leads to the root of its transaction's end.
        """

    def check_indexes(self) -> str:
        """Check that indexes and rows agree; give what is wrong, empty = nothing."""


class Seen(NamedTuple):
    """What was seen of a mirror's statements.

    Attributes:
        statements: how many were checked against their leaves.
        hidden: of how many not all that answers rest on is disclosed.
        absent: how many sections are not there: not disclosed, or erased.
        replayed: whether the state map was made anew to the end.
        unreliable: number of the first statement that cannot be relied on, so that
            what follows from it was not checked; None = there is none.
    """

    statements: int
    hidden: int
    absent: int
    replayed: bool
    unreliable: int | None = None
