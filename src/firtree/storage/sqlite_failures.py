"""What SQLite's errors mean for whoever reads or records."""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import gettempdir

from firtree.errors import FirtreeError, UnavailableError, VerificationError
from firtree.storage.failures import ANEW, Unit, doubtful, translated


def translated_sqlite(unit: Unit, path: Path) -> AbstractContextManager[None]:
    """Turn SQLite's errors into ours.

    Args:
        unit: how far the work has come.
        path: the database's file. Hints name its folder; what is told to people
            elsewhere does not.
    """
    return translated(sqlite3.DatabaseError, lambda error: _known(error, unit, path))


_NO_AILMENTS = frozenset({"", "ok", "*** in database main ***"})


def ailments_in(rows: Iterable[str]) -> list[str]:
    """Read what ``PRAGMA integrity_check`` says: one sentence for each thing.

    It says several in one row, below a line that names the database.
    """
    lines = [line.strip() for row in rows for line in row.splitlines()]
    return [line for line in lines if line not in _NO_AILMENTS]


# What is wrong, and what to do in the folder of the file.
_CAUSES = {
    sqlite3.SQLITE_BUSY: ("another process is writing to the register", "try again"),
    sqlite3.SQLITE_FULL: (
        "the disk is full",
        "free some space on the disk of {folder}, then run the same again",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk refused to read or write",
        "check the disk of {folder} and the space left on it, then run the same again",
    ),
    sqlite3.SQLITE_READONLY: (
        "the register's file may not be written",
        "check who owns {folder} and the files in it",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the register's file cannot be opened",
        "check {folder} and who may read it",
    ),
}
# SQLite writes beside a file with a write-ahead log even to read it.
_READ_ONLY = (
    "the register's file cannot be opened, because its disk is read-only",
    "mount the disk of {folder} for writing, or ask a mirror (firtree log mirror)",
)

# SQLite puts aside what memory cannot hold, and says the same of both disks.
_NO_TEMPORARY_ROOM = (
    "the disk of the folder for temporary files is full",
    "free space on the disk of {temporary}, or let TMPDIR name a folder with more room",
)
_ROOM_OCTETS = 16 << 20

_DAMAGED = {
    sqlite3.SQLITE_CORRUPT: "the register's file is damaged",
    sqlite3.SQLITE_NOTADB: "the register's file is not a database",
}
# What SQLite says of a table or column that every revision of the schema has.
_ABSENT = ("no such table: ", "no such column: ")


def _known(error: BaseException | None, unit: Unit, path: Path) -> FirtreeError | None:
    """Tell what of SQLite's errors is not a fault of this program."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if unit.is_doubtful and code & 0xFF == sqlite3.SQLITE_IOERR:
        # What ends the transaction may be in the file: a crash now may bring it back.
        return doubtful()
    if (cause := _cause(code & 0xFF, path.parent)) is not None:
        message, hint = cause
        hint = hint.format(folder=path.parent, temporary=gettempdir())
        return UnavailableError(message + unit.undone, hint=hint)
    if (damage := _damage(code & 0xFF, str(error))) is not None:
        return VerificationError(damage, hint=ANEW)
    return None


def _cause(code: int, folder: Path) -> tuple[str, str] | None:
    if code == sqlite3.SQLITE_FULL and _has_room(folder):
        return _NO_TEMPORARY_ROOM
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} and _reads_only(
        folder
    ):
        return _READ_ONLY
    return _CAUSES.get(code)


def _has_room(folder: Path) -> bool:
    """Tell whether a folder's disk is not the one that has just been full.

    What a transaction has written stays there (in the write-ahead log) when it is
    undone, and what was put aside in the folder for temporary files does not.
    """
    try:
        found = os.statvfs(folder)
        apart = folder.stat().st_dev != Path(gettempdir()).stat().st_dev
    except OSError:
        return False
    return apart and found.f_bavail * found.f_frsize >= _ROOM_OCTETS


def _reads_only(folder: Path) -> bool:
    """Tell whether a folder is on a disk that nothing can be written to."""
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _damage(code: int, told: str) -> str | None:
    if code == sqlite3.SQLITE_ERROR and told.startswith(_ABSENT):
        return f"the register's database is damaged: it has {told}"
    return _DAMAGED.get(code)
