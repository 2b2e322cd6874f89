"""The one row of table ``head``, which somebody may have changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from firtree.errors import VerificationError
from firtree.ledger.merkle import HASH_OCTETS, Frontier
from firtree.storage import kept
from firtree.text import counted


def read_head(
    rows: Sequence[tuple[Any, ...]],
) -> tuple[Frontier, datetime | None, bytes]:
    """Read what table ``head`` holds.

    Args:
        rows: of it: size, time in microseconds, state, frontier, id.

    Returns:
        Frontier, time (None = nothing is recorded), state.

    Raises:
        VerificationError: it is not one row, or not that of a tree.
    """
    size, at_us, state, frontier, number = only_row(rows)
    if number != 1:
        raise _wrong("the row with id 1", f"id {number}")
    size, octets = read_size([(size,)]), kept.octets("head", "frontier", frontier)
    at = kept.moment("head", at_us) if size or at_us is not None else None
    try:
        return Frontier.parse(size, octets), at, kept.digest("head", "state", state)
    except ValueError as error:
        found = counted(len(octets), "octet")
        raise _wrong(f"{error}, of {HASH_OCTETS} octets each", found) from None


def read_size(rows: Sequence[tuple[Any, ...]]) -> int:
    """Read the log's size alone.

    Raises:
        VerificationError: it is not one row, or no number.
    """
    (size,) = only_row(rows)
    return kept.number("head", "size", size)


def only_row(rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Give the one row of the table, of whatever columns.

    Raises:
        VerificationError: there are none, or several.
    """
    if len(rows) != 1:
        raise _wrong("one row", counted(len(rows), "row"))
    return rows[0]


def _wrong(expected: str, found: str) -> VerificationError:
    return kept.damaged("table head", expected, found)
