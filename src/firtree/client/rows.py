"""What a mirror's register holds, row by row, and what was seen of it."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from firtree.ledger.merkle import Frontier
from firtree.library.ports import End, ListRow, StatementRow
from firtree.statements.fold import EntryRow, MakerRow, PartyRow


class Rows(Protocol):
    """The rows of a mirror's register, past everything that would interpret them."""

    def statements(self, start: int, stop: int) -> Iterator[StatementRow]:
        """Yield what there is of statements, in log order."""

    def entry(self, entry_id: int, since: int) -> tuple[EntryRow, int | None] | None:
        """Give the version of an entry that began at a log size, and its end."""

    def entry_before(
        self, entry_id: int, since: int
    ) -> tuple[EntryRow, int | None] | None:
        """Give the version before that."""

    def list_at(self, key: bytes, size: int) -> ListRow | None:
        """Give the list under a key as of a log size."""

    def makers(self) -> Iterator[tuple[MakerRow, int | None]]:
        """Yield every version of every maker, and its end."""

    def parties(self) -> Iterator[tuple[PartyRow, int | None]]:
        """Yield every version of every party, and its end."""

    def count(self, table: str, size: int, *, newest: bool) -> int:
        """Count the rows of ``entry`` or ``map_leaf`` as of a log size.

        Args:
            table: which.
            size: rows that began later are not counted.
            newest: whether only those are counted that hold.
        """

    def end(self, size: int) -> End | None:
        """Give the end of a transaction."""

    def tile(self, level: int, number: int) -> bytes:
        """Give the hashes kept of a tile; empty where there are none."""

    def is_at(self, size: int, frontier: Frontier) -> bool:
        """Tell whether the head is at a size and frontier, or has gone beyond it."""

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


class Ids:
    """A set of CPL Entry IDs, a bit for each as long as they are small."""

    _BITS = 1 << 28

    def __init__(self) -> None:
        self._bits = bytearray()
        self._large: set[int] = set()
        self._count = 0

    def __len__(self) -> int:
        return self._count + len(self._large)

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, 8)
        if number >= self._BITS:
            return number in self._large
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)

    def add(self, number: int) -> None:
        """Add an id."""
        if number in self:
            return
        if number >= self._BITS:
            self._large.add(number)
            return
        place, bit = divmod(number, 8)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 + len(self._bits) // 2))
        self._bits[place] |= 1 << bit
        self._count += 1
