"""SQLite: one file, write-ahead log, every commit on the disk before it is told."""

import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from firtree.devices import ModelKey
from firtree.errors import (
    InvalidInputError,
    UnavailableError,
)
from firtree.library.ports import Stored
from firtree.storage import kept
from firtree.storage.failures import Step, Unit
from firtree.storage.head_row import only_row, read_size
from firtree.storage.queries import (
    LIST_SINCE,
    MARKS,
    NUMBERED,
    OUTLINES_OF_MODEL,
    chunks,
)
from firtree.storage.sql import SQLReading, SQLWriting
from firtree.storage.sqlite_driver import DRIVER, HAS_LARGE_CACHE
from firtree.storage.sqlite_failures import ailments_in, translated_sqlite
from firtree.storage.tables import places_of

# PRAGMA synchronous: FULL.
_FULL = 2
_AILMENTS = 100
# Pages of the write-ahead log after which a commit moves them into the file, which
# takes it some ten times as long: one commit of a single statement in two hundred, and
# 32 MB at most.
_LOG_PAGES = 4000
# Of the connection that answers look-ups: the upper pages of a register's tables, 6 MB
# for a million entries, stay in it; of the others the system keeps more than it could.
_PLAIN_CACHE_KB = 16 << 10
# Of a connection's cache.
_CACHE_KB = 32_000
# Execution option: the transaction takes the write lock when it begins.
WRITES = "firtree_writes"


class SQLiteRegister:
    """Implements ``Register`` on an SQLite file.

    Args:
        path: the file; made by ``storage.schema.upgrade``.
        lock_wait_s: how long a writer waits for others, seconds.
    """

    def __init__(self, path: Path, *, lock_wait_s: float = 5.0) -> None:
        self.engine = _engine(path, lock_wait_s)
        self.path = path
        self._plain_lock = threading.Lock()
        self._plain_connection: sqlite3.Connection | None = None

    def check_there(self) -> None:
        """Check that the file is there, for using the engine would make it.

        Raises:
            InvalidInputError: it is not.
        """
        try:
            self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise InvalidInputError(
                f"there is no register's database at {self.path}",
                hint="restore it from a backup, or check --data",
            ) from None
        except OSError:
            return  # it is told when the file is opened

    def settle(self, erased: bytes = b"") -> bool:
        """Have what was erased leave the files: the write-ahead log, and old pages.

        Args:
            erased: octets that must not be found any more, such as a salt; empty =
                they are not known any more, so every page is written anew.

        Returns:
            True: it has left them.

        Raises:
            UnavailableError: readers hold the write-ahead log, or octets are left.

        Cost: reads the files; writes them anew, and needs as much space again, where
            octets are found or not known.
        """
        self._empty_log()
        if erased and not self._holds(erased):
            return True
        with translated_sqlite(Unit(), self.path), self.engine.connect() as connection:
            connection.connection.cursor().execute("VACUUM")
        self._empty_log()
        if erased and self._holds(erased):
            raise UnavailableError(
                f"{self.path} still holds octets that were erased",
                hint="stop the servers, then run firtree erase again",
            )
        return True

    def _empty_log(self) -> None:
        with translated_sqlite(Unit(), self.path), self.engine.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = cursor.fetchone() or (1,)
        if busy:
            raise UnavailableError(
                "the section is erased, but readers keep its octets in the write-ahead "
                "log",
                hint="wait until they have ended, or stop the servers; then run "
                "firtree erase again",
            )

    def _holds(self, octets: bytes) -> bool:
        """Tell whether the database's files hold some octets."""
        paths = (self.path.with_name(self.path.name + end) for end in ("", "-wal"))
        return any(file_holds(path, octets) for path in paths)

    def identity(self) -> str:
        """Say which database this is: a copy of it is another one."""
        return f"file/{self.path.stat().st_ino}"

    def ailments(self) -> list[str]:
        """Tell what is wrong with the file itself, by SQLite's own check.

        Cost: reads the whole file.
        """
        with translated_sqlite(Unit(), self.path), self.engine.connect() as connection:
            # Opening the connection has checked journal_mode and synchronous.
            rows = connection.exec_driver_sql(f"PRAGMA integrity_check({_AILMENTS})")
            return ailments_in(str(row[0]) for row in rows)

    def translated(self) -> AbstractContextManager[None]:
        """Turn the database's errors into ours, where its engine is used directly."""
        return translated_sqlite(Unit(), self.path)

    @contextmanager
    def reading(self) -> Iterator[SQLReading]:
        with (
            translated_sqlite(Unit(), self.path),
            self.engine.connect() as connection,
            connection.begin(),
        ):
            yield SQLReading(connection, DRIVER)

    @contextmanager
    def writing(self) -> Iterator[SQLWriting]:
        unit = Unit(Step.WRITING)
        with translated_sqlite(unit, self.path), self.engine.connect() as plain:
            connection = plain.execution_options(**{WRITES: True})
            with connection.begin():
                yield SQLWriting(connection, DRIVER)
                unit.step = Step.COMMITTING

    @contextmanager
    def desk(self, *, writes: bool) -> Iterator[Connection]:
        """Open a transaction on the desk tables; one that writes takes the lock."""
        unit = Unit(Step.WRITING if writes else Step.READING)
        with translated_sqlite(unit, self.path), self.engine.connect() as plain:
            connection = plain.execution_options(**{WRITES: writes})
            with connection.begin():
                yield connection
                unit.step = Step.COMMITTING if writes else Step.READING

    def size(self) -> int:
        return read_size(self._plain("SELECT size FROM head"))

    def marks(self) -> tuple[int, int]:
        """Give the log's size and the version of accounts."""
        size, version = only_row(self._plain(MARKS))
        return read_size([(size,)]), int(version)

    def learn_version(self, version: int) -> None:
        """Do nothing: it is read at every request."""

    def outlines_of_model(self, key: ModelKey, size: int) -> dict[int, bytes]:
        return dict(self._plain(_OUTLINES, (*places_of(key), *key, size, size)))

    def entries_numbered(self, numbers: Collection[int]) -> list[Stored]:
        return [
            Stored._make(row)
            for chunk in chunks(numbers)
            for row in self._plain(_numbered(len(chunk)), tuple(chunk))
        ]

    def list_since(self, key: bytes) -> int:
        rows = self._plain(_LIST_SINCE, (key,))
        since = rows[0][0]
        return 0 if since is None else kept.number("map_leaf", "since", since)

    def _plain(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Ask one question on a connection of its own, outside any transaction."""
        try:
            with self._plain_lock:
                connection = self._plain_connection or self._plainly_connected()
                return connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError:
            with translated_sqlite(Unit(), self.path):
                raise

    def _plainly_connected(self) -> sqlite3.Connection:
        self._plain_connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw",  # never makes it
            uri=True,
            check_same_thread=False,
            isolation_level=None,
        )
        self._plain_connection.execute(f"PRAGMA cache_size=-{_PLAIN_CACHE_KB}")
        return self._plain_connection

    def close(self) -> None:
        self.engine.dispose()
        if self._plain_connection is not None:
            self._plain_connection.close()
            self._plain_connection = None


def file_holds(path: Path, octets: bytes, *, at_once: int = 1 << 20) -> bool:
    """Tell whether a file holds some octets; one that is not there holds none.

    It is read, not mapped: another process may cut the write-ahead log short meanwhile.

    Args:
        path: of the file.
        octets: at least one.
        at_once: how many are read at once; at least one.
    """
    try:
        with path.open("rb") as file:
            kept = b""
            while piece := file.read(at_once):
                kept += piece
                if octets in kept:
                    return True
                # What may be the beginning is looked at again with what follows.
                kept = kept[max(0, len(kept) - len(octets) + 1) :]
    except FileNotFoundError:
        pass
    return False


def _engine(path: Path, lock_wait_s: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=24,
        pool_reset_on_return=None,  # "reset", below, is quicker
        hide_parameters=True,  # a fault is logged; what is written may be secret
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        # The driver begins nothing by itself: BEGIN is ours, below.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={int(lock_wait_s * 1000)}")
        # An entry with its sections fits a page of this size without overflow.
        connection.execute("PRAGMA page_size=8192")
        # What is erased is overwritten, and not merely forgotten.
        connection.execute("PRAGMA secure_delete=ON")
        try:
            _make_durable(connection)
        except BaseException:
            connection.close()
            raise
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader needs an explicit BEGIN too, or two SELECTs may see two states.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "reset")
    def _returned(
        connection: sqlite3.Connection, record: ConnectionPoolEntry, _state: object
    ) -> None:
        # A commit that failed may leave its transaction open, and the lock held.
        if connection.in_transaction:
            connection.rollback()
        if record.info.pop(HAS_LARGE_CACHE, False):
            connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")

    return engine


def _make_durable(connection: sqlite3.Connection) -> None:
    """Have each commit on the disk before it is told, and check that it is so.

    SQLite ignores what it cannot do and answers with what holds.
    """
    (journal,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    if journal != "wal":
        raise UnavailableError(
            f"SQLite's journal_mode is {journal!r} here and must be 'wal'",
            hint="put the data folder on a local disk",
        )
    if synchronous != _FULL:
        raise UnavailableError(
            f"SQLite's synchronous is {synchronous} here and must be {_FULL} (FULL)",
            hint="use an SQLite library that syncs each commit",
        )


_OUTLINES = OUTLINES_OF_MODEL.format(
    mark="?", manufacturer="+manufacturer", model="+model"
)
_LIST_SINCE = LIST_SINCE.format(mark="?")


@cache
def _numbered(count: int) -> str:
    # For IN, SQLite would make a table and an index of the values first.
    values = ", ".join(["(?)"] * count)
    return NUMBERED.format(
        wanted=f"(VALUES {values}) CROSS JOIN statement ON leaf_index = column1"
    )
