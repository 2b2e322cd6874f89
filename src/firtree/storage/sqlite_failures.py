"""What SQLite's errors mean for whoever reads or records."""

import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager

from firtree.errors import FirtreeError, UnavailableError, VerificationError
from firtree.storage.failures import Unit, doubtful, translated


def translated_sqlite(unit: Unit) -> AbstractContextManager[None]:
    """Turn SQLite's errors into ours."""
    return translated(sqlite3.DatabaseError, lambda error: _known(error, unit))


def ailments_in(rows: Iterable[str]) -> list[str]:
    """Read what ``PRAGMA integrity_check`` says: one sentence for each thing.

    It says several in one row, below a line that names the database.
    """
    lines = [line.strip() for row in rows for line in row.splitlines()]
    return [
        line for line in lines if line not in {"", "ok", "*** in database main ***"}
    ]


_NO_AILMENTS = frozenset({"", "ok", "*** in database main ***"})
_CAUSES = {
    sqlite3.SQLITE_BUSY: ("another process is writing to the register", "try again"),
    sqlite3.SQLITE_FULL: (
        "the disk is full",
        "free some space in the data folder, then run the same again",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk refused to read or write",
        "check the disk and the space left on it, then run the same again",
    ),
    sqlite3.SQLITE_READONLY: (
        "the register's file may not be written",
        "check who owns the data folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the register's file cannot be opened",
        "check the data folder and who may read it",
    ),
}


_DAMAGED = {
    sqlite3.SQLITE_CORRUPT: "the register's file is damaged",
    sqlite3.SQLITE_NOTADB: "the register's file is not a database",
}


def _known(error: BaseException | None, unit: Unit) -> FirtreeError | None:
    """Tell what of SQLite's errors is not a fault of this program."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if unit.is_doubtful and code & 0xFF == sqlite3.SQLITE_IOERR:
        # What ends the transaction may be in the file: a crash now may bring it back.
        return doubtful()
    if (cause := _CAUSES.get(code & 0xFF)) is not None:
        message, hint = cause
        return UnavailableError(message + unit.undone, hint=hint)
    if (damage := _DAMAGED.get(code & 0xFF)) is not None:
        return VerificationError(damage, hint="restore it from a backup")
    return None
