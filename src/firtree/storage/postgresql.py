"""PostgreSQL: an advisory lock for writers, one snapshot for readers, COPY."""

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, UnavailableError
from firtree.library.ports import Stored
from firtree.storage.failures import Step, Unit
from firtree.storage.postgresql_driver import DRIVER, cursor_of
from firtree.storage.postgresql_failures import translated_postgresql
from firtree.storage.queries import (
    LIST_SINCE,
    MARKS,
    NUMBERED,
    OUTLINES_OF_MODEL,
)
from firtree.storage.sql import SQLReading, SQLWriting
from firtree.storage.tables import places_of

# One number for all writers of one database: "firtree" in ASCII, cut to 63 bits.
_LOCK = int.from_bytes(b"firtree")
# Desk tables have a lock of their own: signing in does not wait for an import.
_DESK_LOCK = int.from_bytes(b"fir-desk") >> 1
_CHANNEL = "firtree_head"
CHECK_EVERY_S = 0.25
# A size read longer ago is not told: the connection has gone silent.
STALE_AFTER_S = 2.0
# A connection that has gone silent is given up soon; the URL may say otherwise.
_NETWORK = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
}
# Without any one of these, a commit that was told may be lost.
_SETTINGS = {
    "synchronous_commit": ("on", "remote_apply"),
    "fsync": ("on",),
    "full_page_writes": ("on",),
}


class PostgreSQLRegister:
    """Implements ``Register`` on a PostgreSQL database.

    Args:
        url: ``postgresql://…``; its password is never shown.
        lock_wait_s: how long a writer waits for others, seconds.
    """

    def __init__(self, url: str, *, lock_wait_s: float = 5.0) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._network = {
            name: value
            for name, value in _NETWORK.items()
            if name not in self._url.query
        }
        self.engine = create_engine(
            self._url,
            pool_size=8,
            max_overflow=24,
            pool_pre_ping=True,
            hide_parameters=True,  # a fault is logged; what is written may be secret
            connect_args=self._network,
        )
        self._lock_wait_ms = max(1, int(lock_wait_s * 1000))  # 0 = for ever
        self._watch: _Watch | None = None
        self._watch_lock = threading.Lock()

    def check_there(self) -> None:
        """Do nothing: a connection makes no database."""

    def check_durable(self) -> None:
        """Check that a commit is on the disk before it is told.

        Raises:
            InvalidInputError: the server is set to tell commits earlier.
        """
        with translated_postgresql(Unit()), self.engine.connect() as connection:
            found = connection.execute(text("SHOW synchronous_commit")).scalar()
        if found not in _SETTINGS["synchronous_commit"]:
            raise InvalidInputError(
                f"PostgreSQL's synchronous_commit is {found!r}, which can lose "
                "statements that were already told as recorded",
                hint="set synchronous_commit = on for this database",
            )

    def settle(self, erased: bytes = b"") -> bool:  # noqa: ARG002 - SQLite looks for it
        """Do nothing: old rows leave PostgreSQL's files by VACUUM, the operator's.

        Returns:
            False: it is not known whether what was erased has left the files.
        """
        return False

    def identity(self) -> str:
        """Say which database this is: one made from a dump of it is another one."""
        with translated_postgresql(Unit()), self.engine.connect() as connection:
            number = connection.execute(
                text("SELECT oid FROM pg_database WHERE datname = current_database()")
            ).scalar()
        return f"postgresql/{number}"

    def ailments(self) -> list[str]:
        """Tell what is wrong with the server's settings, for a register's needs."""
        told = []
        with translated_postgresql(Unit()), self.engine.connect() as connection:
            for name, right in _SETTINGS.items():
                found = connection.execute(text(f"SHOW {name}")).scalar()
                if found not in right:
                    told.append(f"{name}: expected {right[0]!r}, found {found!r}")
        return told

    def translated(self) -> AbstractContextManager[None]:
        """Turn the database's errors into ours, where its engine is used directly."""
        return translated_postgresql(Unit())

    @contextmanager
    def reading(self) -> Iterator[SQLReading]:
        with translated_postgresql(Unit()), self.engine.connect() as plain:
            connection = plain.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with connection.begin():
                yield SQLReading(connection, DRIVER)

    @contextmanager
    def writing(self) -> Iterator[SQLWriting]:
        size: int | None = None
        unit = Unit(Step.WRITING)
        with translated_postgresql(unit), self.engine.connect() as plain:
            # READ COMMITTED: a snapshot taken before the wait would not show what
            # the writer we waited for has written.
            connection = plain.execution_options(isolation_level="READ COMMITTED")
            with connection.begin():
                self._lock(connection, _LOCK)
                tx = SQLWriting(connection, DRIVER)
                yield tx
                size = tx.head().size
                connection.execute(text(f"NOTIFY {_CHANNEL}"))
                unit.step = Step.COMMITTING
        if self._watch is not None:
            self._watch.learn(size)

    @contextmanager
    def desk(self, *, writes: bool) -> Iterator[Connection]:
        """Open a transaction on the desk tables; one that writes takes their lock."""
        unit = Unit(Step.WRITING if writes else Step.READING)
        level = "READ COMMITTED" if writes else "REPEATABLE READ"
        with translated_postgresql(unit), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level=level)
            with connection.begin():
                if writes:
                    self._lock(connection, _DESK_LOCK)
                yield connection
                if writes:
                    connection.execute(text(f"NOTIFY {_CHANNEL}"))
                unit.step = Step.COMMITTING if writes else Step.READING

    def _lock(self, connection: Connection, number: int) -> None:
        # Only a number is put in: SET takes no parameters.
        connection.execute(text(f"SET LOCAL lock_timeout={self._lock_wait_ms}"))
        lock = text("SELECT pg_advisory_xact_lock(:lock)")
        connection.execute(lock, {"lock": number})
        connection.execute(text("SET LOCAL lock_timeout=0"))

    def size(self) -> int:
        return self._watched().size()

    def marks(self) -> tuple[int, int]:
        """Give the log's size and the version of accounts."""
        return self._watched().marks()

    def learn_version(self, version: int) -> None:
        """Take in the version of accounts that this process has just committed."""
        if self._watch is not None:
            self._watch.learn(None, version)

    def _watched(self) -> "_Watch":
        with self._watch_lock:
            if self._watch is None:
                self._watch = _Watch(self._connect)
        return self._watch

    def outlines_of_model(self, key: ModelKey, size: int) -> dict[int, bytes]:
        return dict(self._plain(_OUTLINES, (*places_of(key), *key, size, size)))

    def entries_numbered(self, numbers: Collection[int]) -> list[Stored]:
        rows = self._plain(_NUMBERED, (list(numbers),))
        return [Stored._make(row) for row in rows]

    def list_since(self, key: bytes) -> int:
        rows = self._plain(_LIST_SINCE, (key,))
        return int(rows[0][0] or 0)

    def _plain(self, query: str, values: tuple[object, ...]) -> list[Any]:
        """Ask one question, for which no state need be held."""
        with (
            translated_postgresql(Unit()),
            self.engine.connect() as connection,
            cursor_of(connection) as cursor,
        ):
            found: list[Any] = cursor.execute(query, values).fetchall()
        return found

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        # What the engine itself would use: no text is made of the password.
        args, kwargs = self.engine.dialect.create_connect_args(self._url)
        wanted: dict[str, Any] = {**kwargs, **self._network, "autocommit": True}
        return psycopg.connect(*args, **wanted)

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self.engine.dispose()


class _Watch:
    """Knows the log's size and the version of accounts without asking each time.

    A thread listens for notifications and asks every ``CHECK_EVERY_S`` seconds, so a
    lost notification costs a quarter of a second.

    Args:
        connect: opens the connection to listen on.
        monotonic: seconds that only grow.
    """

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        *,
        monotonic: Callable[[], float] = time.monotonic,  # noqa: TID251 - no time of day
    ) -> None:
        self._connect = connect
        self._monotonic = monotonic
        self._marks = (0, 0)
        self._learning = threading.Lock()
        self._read_at = 0.0
        self._error: Exception | None = None
        self._ready = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="size")
        self._thread.start()

    def size(self) -> int:
        return self.marks()[0]

    def marks(self) -> tuple[int, int]:
        answers = self._ready.wait(timeout=10)
        if isinstance(self._error, _ANSWERED):
            with translated_postgresql(Unit()):
                raise self._error  # it answers, but not as a register does
        if not answers or self._error is not None:
            raise UnavailableError(
                "the database cannot be reached", hint="try again in a moment"
            ) from self._error
        if self._monotonic() - self._read_at > STALE_AFTER_S:
            raise UnavailableError(
                "the database does not answer", hint="try again in a moment"
            )
        return self._marks

    def learn(self, size: int | None, version: int = 0) -> None:
        """Take in what this process has just committed itself; neither goes back."""
        with self._learning:
            known, version_known = self._marks
            self._marks = (max(known, size or 0), max(version_known, version))

    def close(self) -> None:
        self._closed.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {_CHANNEL}".encode())
                    self._listen(connection)
            except Exception as error:  # noqa: BLE001 - told by size(); it must go on
                self._error = error
                self._ready.set()
                self._closed.wait(CHECK_EVERY_S)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        while not self._closed.is_set():
            asked = self._monotonic()
            row = connection.execute(_MARKS).fetchone()
            if row is not None:
                self.learn(*row)
            self._read_at = asked
            self._error = None
            self._ready.set()
            list(connection.notifies(timeout=CHECK_EVERY_S, stop_after=1))


_OUTLINES = OUTLINES_OF_MODEL.format(
    mark="%s", manufacturer="manufacturer || ''", model="model || ''"
)
_NUMBERED = NUMBERED.format(wanted="statement WHERE leaf_index = ANY(%s)")
_LIST_SINCE = LIST_SINCE.format(mark="%s")
_MARKS = MARKS.encode()
_ANSWERED = (psycopg.ProgrammingError, psycopg.errors.ReadOnlySqlTransaction)
