"""What a witness remembers: the logs it trusts and what it cosigned last, in SQLite.

Rules:
    - One transaction takes the write lock, reads what was cosigned last, and writes
      what is cosigned now, so that two requests at once never roll a log back.
    - A commit is on the disk before it is told (``synchronous=EXTRA``: one file with
      a rollback journal, and FULL would not sync the folder it is removed from).
    - A witness that has lost its memory would cosign a fork; so a file that is not
      there is never made anew by opening it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from firtree.errors import InvalidInputError, UnavailableError, VerificationError
from firtree.ledger.notes import Checkpoint, Note, Verifier
from firtree.ledger.submissions import origin_hash
from firtree.witness.judging import Latest

_EXTRA = 3  # PRAGMA synchronous
_VERSION = 1  # PRAGMA user_version
# Of each log; one more, if that is the first to prove two histories.
CONTRADICTIONS_MOST = 1000

_TABLES = """
CREATE TABLE trusted (
  vkey TEXT PRIMARY KEY,
  origin TEXT NOT NULL
) STRICT;
CREATE TABLE cosigned (
  origin TEXT PRIMARY KEY,
  origin_hash TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  note TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE TABLE contradiction (
  number INTEGER PRIMARY KEY,
  origin TEXT NOT NULL,
  cosigned TEXT NOT NULL,
  note TEXT NOT NULL,
  at TEXT NOT NULL,
  UNIQUE (cosigned, note)
) STRICT;
"""


class Contradiction(NamedTuple):
    """Two checkpoints of a log, the second not shown to continue the first.

    Where both have one size, they prove that the log has two histories.

    Attributes:
        origin: the log.
        cosigned: the checkpoint this witness had cosigned.
        note: the one it was sent then.
        at: when, in UTC, ISO 8601.
    """

    origin: str
    cosigned: str
    note: str
    at: str

    @property
    def proves_a_fork(self) -> bool:
        """Whether the two are of one size and of different trees."""
        one, other = (
            Checkpoint.parse(Note.parse(note).text)
            for note in (self.cosigned, self.note)
        )
        return one.size == other.size and one.root != other.root


class Known(NamedTuple):
    """A log that is trusted or was cosigned.

    Attributes:
        origin: its name.
        vkeys: its keys that are trusted.
        size: cosigned last; None = nothing yet.
        at: when that was, in UTC, ISO 8601; empty = nothing yet.
    """

    origin: str
    vkeys: tuple[str, ...]
    size: int | None
    at: str


class Unit:
    """A transaction that holds the write lock."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keys(self, origin: str) -> list[Verifier]:
        """Give the keys of a log that are trusted."""
        rows = self._connection.execute(
            "SELECT vkey FROM trusted WHERE origin = ? ORDER BY vkey", (origin,)
        )
        return [Verifier.parse(vkey) for (vkey,) in rows]

    def trust(self, key: Verifier) -> bool:
        """Trust a key; tell whether it was not trusted before."""
        done = self._connection.execute(
            "INSERT INTO trusted VALUES (?, ?) ON CONFLICT DO NOTHING",
            (str(key), key.name),
        )
        return done.rowcount > 0

    def distrust(self, key: Verifier) -> bool:
        """Trust a key no more; what was cosigned stays known."""
        done = self._connection.execute(
            "DELETE FROM trusted WHERE vkey = ?", (str(key),)
        )
        return done.rowcount > 0

    def latest(self, origin: str) -> Latest:
        """Give what was cosigned last of a log."""
        row = self._connection.execute(
            "SELECT size, root, note FROM cosigned WHERE origin = ?", (origin,)
        ).fetchone()
        return Latest._make(row) if row else Latest()

    def cosigned(self, checkpoint: Checkpoint, note: Note, at: datetime) -> None:
        """Remember what is cosigned, in place of what was before."""
        origin, size, root = checkpoint
        self._connection.execute(
            "INSERT INTO cosigned VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (origin) "
            "DO UPDATE SET (size, root, note, at) = "
            "(excluded.size, excluded.root, excluded.note, excluded.at)",
            (origin, origin_hash(origin), size, root, str(note), at.isoformat()),
        )

    def contradicted(self, origin: str, note: Note, at: datetime) -> None:
        """Keep a checkpoint that does not continue the one cosigned last.

        At most ``CONTRADICTIONS_MOST`` of each log are kept, the first ones; where none
        of these proves two histories, the first that does is kept as well.
        """
        new = Contradiction(origin, self.latest(origin).note, str(note), at.isoformat())
        ((kept,),) = self._connection.execute(
            "SELECT count(*) FROM contradiction WHERE origin = ?", (origin,)
        )
        if kept < CONTRADICTIONS_MOST or self._is_first_proof(new):
            self._connection.execute(
                "INSERT INTO contradiction (origin, cosigned, note, at) "
                "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                new,
            )

    def _is_first_proof(self, new: Contradiction) -> bool:
        """Tell whether one proves two histories of its log, and none that is kept."""
        if not new.proves_a_fork:
            return False
        kept = self._connection.execute(
            "SELECT origin, cosigned, note, at FROM contradiction WHERE origin = ?",
            (new.origin,),
        )
        return not any(Contradiction._make(row).proves_a_fork for row in kept)


class Store:
    """The memory of one witness, in a file.  Safe to share between threads.

    Args:
        path: the file; made by :meth:`make`.
        wait_s: how long one waits for others that write, seconds.
    """

    def __init__(self, path: Path, *, wait_s: float = 5.0) -> None:
        self._path = path
        self._wait_s = wait_s

    def make(self) -> None:
        """Make the file, unless one is there that remembers nothing yet.

        Raises:
            InvalidInputError: it is the memory of a witness that was used, whose key
                another one may not take over, or another program's.
            UnavailableError: it cannot be written.
        """
        with self._connected(mode="rwc") as connection:
            connection.execute("BEGIN IMMEDIATE")
            ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_schema")
            if tables:
                _check_version(connection, self._path)
                _check_unused(connection, self._path)
            else:
                for statement in filter(str.strip, _TABLES.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={_VERSION}")
            connection.execute("COMMIT")

    def check(self) -> None:
        """Check that the file is there and can be used.

        Raises:
            InvalidInputError: it is not there, or is none of this version.
        """
        with self._connected():
            pass

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """Begin a transaction: leave the block to commit durably, raise to undo.

        Raises:
            UnavailableError: others kept us waiting, or the disk refuses.
        """
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Unit(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def note(self, hashed_origin: str) -> str:
        """Give the checkpoint cosigned last of a log; empty = none.

        Args:
            hashed_origin: 64 hexadecimal digits in lower case.
        """
        with self._connected() as connection:
            row = connection.execute(
                "SELECT note FROM cosigned WHERE origin_hash = ?", (hashed_origin,)
            ).fetchone()
        return str(row[0]) if row else ""

    def known(self) -> list[Known]:
        """List the logs, by origin."""
        with self._connected() as connection:
            keys: dict[str, list[str]] = {}
            for origin, vkey in connection.execute(
                "SELECT origin, vkey FROM trusted ORDER BY vkey"
            ):
                keys.setdefault(origin, []).append(vkey)
            sizes = {
                origin: (size, at)
                for origin, size, at in connection.execute(
                    "SELECT origin, size, at FROM cosigned"
                )
            }
        return [
            Known(origin, tuple(keys.get(origin, ())), *sizes.get(origin, (None, "")))
            for origin in sorted({*keys, *sizes})
        ]

    def contradictions(self) -> list[Contradiction]:
        """List what is kept as evidence, the oldest first."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT origin, cosigned, note, at FROM contradiction ORDER BY number"
            ).fetchall()
        return [Contradiction._make(row) for row in rows]

    @contextmanager
    def _connected(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        """Open the file for a moment; a witness is asked seldom."""
        with _translated(self._path):
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=self._wait_s,
                isolation_level=None,  # BEGIN and COMMIT are ours
            )
            try:
                _make_durable(connection)
                if mode == "rw":
                    _check_version(connection, self._path)
                yield connection
            finally:
                connection.close()


def _make_durable(connection: sqlite3.Connection) -> None:
    """Have each commit on the disk before it is told, and check that it is so."""
    connection.execute("PRAGMA synchronous=EXTRA")
    ((synchronous,),) = connection.execute("PRAGMA synchronous")
    if synchronous != _EXTRA:
        raise UnavailableError(
            f"SQLite's synchronous is {synchronous} here and must be {_EXTRA} (EXTRA)",
            hint="use an SQLite library that syncs each commit",
        )


def _check_unused(connection: sqlite3.Connection, path: Path) -> None:
    """Check that a memory remembers nothing, as one does whose making was cut off."""
    ((used,),) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM trusted) OR EXISTS (SELECT 1 FROM cosigned)"
    )
    if used:
        raise InvalidInputError(
            f"{path} is the memory of a witness, and its key is not beside it",
            hint="put that witness's witness.key back, or make a new witness in "
            "another folder (--dir)",
        )


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    ((version,),) = connection.execute("PRAGMA user_version")
    if version != _VERSION:
        raise InvalidInputError(
            f"{path} is of version {version}, this firtree knows {_VERSION}",
            hint="check that this is the folder of a witness, and firtree's version",
        )


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode & 0xFF
        if code == sqlite3.SQLITE_CANTOPEN and not path.exists():
            raise InvalidInputError(
                f"the memory of the witness, {path}, is not there",
                hint="a witness without it could cosign a second history of a log: "
                "make a new one, with a new key and in a new folder",
            ) from error
        raise UnavailableError(
            f"the memory of the witness cannot be used now: {error}", hint="try again"
        ) from error
    except sqlite3.DatabaseError as error:
        raise VerificationError(
            f"the memory of the witness, {path}, is damaged",
            hint="make a new witness, with a new key and in a new folder",
        ) from error
