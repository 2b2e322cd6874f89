"""Values as they are kept in columns; what is none of its column is told by name.

SQLite keeps whatever it is given, in a column of any type; and a number that fits its
column may still be no time.
"""

from datetime import UTC, datetime
from typing import Any

from firtree.errors import VerificationError
from firtree.ledger.merkle import HASH_OCTETS
from firtree.library.ports import End, StatementRow
from firtree.statements.segments import SegmentRow
from firtree.text import FIRST_DAY, LAST_DAY, counted, microseconds, moment_of, shown

_FIRST, _LAST = (
    microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
    for day in (FIRST_DAY, LAST_DAY)
)


def moment(table: str, value: object, column: str = "at_us") -> datetime:
    """Read a time.

    Args:
        table: where it stands.
        value: microseconds since 1970 in UTC.
        column: where it stands.

    Raises:
        VerificationError: it is no number, or of no day on which there was a register.
    """
    if isinstance(value, int) and _FIRST <= value <= _LAST:
        return moment_of(value)
    expected = f"microseconds since 1970, of a day from {FIRST_DAY} to {LAST_DAY}"
    raise odd(table, column, expected, value)


def end(size: object, at_us: object, root: object, state: object) -> End:
    """Read a row of table ``checkpoint``.

    Raises:
        VerificationError: it is not that of the end of a transaction.
    """
    return End(
        number("checkpoint", "size", size),
        moment("checkpoint", at_us),
        digest("checkpoint", "root", root),
        digest("checkpoint", "state", state),
    )


def statement(row: tuple[Any, ...]) -> StatementRow:
    """Read a row of table ``statement``; its sections are read where they are used.

    Raises:
        VerificationError: its leaf is none.
    """
    found = StatementRow._make(row)
    octets("statement", "leaf", found.leaf)
    return found


def segment(
    first: object, kind: object, stop: object, terms: object, places: object
) -> SegmentRow:
    """Read a row of table ``segment``.

    Raises:
        VerificationError: a value is not of its column.
    """
    return SegmentRow(
        number("segment", "first", first),
        name("segment", "kind", kind),
        number("segment", "stop", stop),
        octets("segment", "terms", terms),
        octets("segment", "places", places),
    )


def octets(table: str, column: str, value: object) -> bytes:
    """Read octets.

    Raises:
        VerificationError: it is something else.
    """
    if isinstance(value, bytes):
        return value
    raise odd(table, column, "octets", value)


def digest(table: str, column: str, value: object) -> bytes:
    """Read a hash.

    Raises:
        VerificationError: it is something else.
    """
    if isinstance(value, bytes) and len(value) == HASH_OCTETS:
        return value
    expected = f"{HASH_OCTETS} octets"
    raise odd(table, column, expected, value)


def name(table: str, column: str, value: object) -> str:
    """Read a text.

    Raises:
        VerificationError: it is something else.
    """
    if isinstance(value, str):
        return value
    raise odd(table, column, "text", value)


def number(table: str, column: str, value: object) -> int:
    """Read a whole number, such as a log size.

    Raises:
        VerificationError: it is something else, or negative.
    """
    if isinstance(value, int) and value >= 0:
        return value
    raise odd(table, column, "a whole number", value)


def odd(table: str, column: str, expected: str, value: object) -> VerificationError:
    """Say that a value is none of its column."""
    return damaged(f"table {table}, column {column}", expected, _shown(value))


def damaged(where: str, expected: str, found: str) -> VerificationError:
    """Say that a database is damaged.

    Args:
        where: table, and column if it is one.
        expected: what stands there in a sound one.
        found: what stands there, in words.
    """
    return VerificationError(
        f"the database is damaged, {where}: expected {expected}, found {found}",
        hint="see what else is wrong: firtree doctor, for a mirror firtree log verify; "
        "a mirror is made anew with firtree log mirror into another folder",
    )


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return counted(len(value), "octet")
    if value is None:
        return "nothing"
    return shown(value) if isinstance(value, str) else str(value)
