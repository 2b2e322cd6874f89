"""The one row of table ``head``, which somebody may have changed."""

from collections.abc import Sequence
from typing import Any

from firtree.errors import VerificationError
from firtree.ledger.merkle import HASH_OCTETS, Frontier
from firtree.text import counted


def read_head(rows: Sequence[tuple[Any, ...]]) -> tuple[Frontier, int | None, bytes]:
    """Read what table ``head`` holds.

    Args:
        rows: of it: size, time in microseconds, state, frontier, id.

    Returns:
        Frontier, time in microseconds since 1970 (None = nothing is recorded), state.

    Raises:
        VerificationError: it is not one row, or not that of a tree.
    """
    size, at_us, state, octets, number = only_row(rows)
    if number != 1:
        raise _wrong("the row with id 1", f"id {number}")
    try:
        return Frontier.parse(size, bytes(octets)), at_us, bytes(state)
    except ValueError as error:
        found = counted(len(octets), "octet")
        raise _wrong(f"{error}, of {HASH_OCTETS} octets each", found) from None
    except (AttributeError, TypeError):
        raise _wrong("a number and octets", "values of another type") from None


def read_size(rows: Sequence[tuple[Any, ...]]) -> int:
    """Read the log's size alone.

    Raises:
        VerificationError: it is not one row, or no number.
    """
    (size,) = only_row(rows)
    if not isinstance(size, int):
        raise _wrong("a number", "a value of another type")
    return size


def only_row(rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Give the one row of the table, of whatever columns.

    Raises:
        VerificationError: there are none, or several.
    """
    if len(rows) != 1:
        raise _wrong("one row", counted(len(rows), "row"))
    return rows[0]


def _wrong(expected: str, found: str) -> VerificationError:
    return VerificationError(
        f"the database is damaged, table head: expected {expected}, found {found}",
        hint="see what else is wrong: firtree doctor, for a mirror firtree log verify; "
        "a mirror is made anew with firtree log mirror into another folder",
    )
