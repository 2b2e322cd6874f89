"""What is wrong with a register, by statement and row; and checks of ends and tiles."""

from collections.abc import Sequence
from datetime import datetime

from firtree.client.rows import Rows
from firtree.client.verifying import Faults
from firtree.errors import VerificationError
from firtree.ledger.leaf import Leaf, check_transaction
from firtree.ledger.merkle import HASH_OCTETS
from firtree.ledger.tiles import TILE_WIDTH
from firtree.library.ports import End

_OTHERWISE = "not what follows from the statements"
_TILE_OCTETS = TILE_WIDTH * HASH_OCTETS


class RegisterFaults(Faults):
    """Collects what is wrong with a register.

    Args:
        name: of its file.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def statement(self, number: int, told: str, at: int = 0) -> None:
        """Take in what is wrong with a statement.

        Args:
            number: of the statement.
            told: what is wrong.
            at: number from which it is so, where that matters.
        """
        self.add(f"{self.name}, statement {number}", told, at)

    def row(self, table: str, where: str, told: str = "", at: int = 0) -> None:
        """Take in what is wrong with a row.

        Args:
            table: of the row.
            where: which row it is.
            told: columns; empty = all of it.
            at: log size from which the row holds.
        """
        told = f"{told}: {_OTHERWISE}" if told else _OTHERWISE
        self.add(f"{self.name}, table {table}, row with {where}", told, at)

    def missing_row(self, table: str, where: str) -> None:
        """Take in that a row is missing."""
        self.add(f"{self.name}, table {table}, row with {where}", "it is missing")

    def count_of(self, table: str, which: str, expected: int, found: int) -> None:
        """Compare the number of rows of a table."""
        if found != expected:
            told = f"expected {expected} {which}, found {found}"
            self.add(f"{self.name}, table {table}", told)


def check_leaves(
    leaves: Sequence[Leaf], before: datetime | None, first: int, faults: RegisterFaults
) -> None:
    """Check that leaves of one time are those of a transaction.

    Args:
        leaves: of the transaction, as far as they are known.
        before: time of the transaction before; None = it is not known.
        first: number of the first statement.
        faults: grows.
    """
    try:
        check_transaction(leaves, before)
    except VerificationError as error:
        faults.statement(first, str(error))


def check_end(rows: Rows, end: End, faults: RegisterFaults) -> None:
    """Check what is kept of the end of a transaction."""
    if rows.end(end.size) != end:
        faults.row("checkpoint", f"size {end.size}")


def check_tiles(
    rows: Rows, level: int, first: int, hashes: bytes, faults: RegisterFaults
) -> None:
    """Check what is kept of tiles of a level.

    Args:
        rows: of the register, which may have gone beyond these hashes.
        level: of the tiles.
        first: number of the first tile.
        hashes: joined; of level 0 only full tiles are kept.
        faults: grows.
    """
    stop = len(hashes) - (len(hashes) % _TILE_OCTETS if level == 0 else 0)
    for number, start in enumerate(range(0, stop, _TILE_OCTETS), first):
        piece = hashes[start : start + _TILE_OCTETS]
        if not rows.tile(level, number).startswith(piece):
            faults.row("tile", f"level {level}, number {number}")
