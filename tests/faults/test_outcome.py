"""What a failure says of what it left: nothing, or that it is not known."""

from __future__ import annotations

import sqlite3
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from entries import an_entry
from firtree.errors import (
    DoubtfulError,
    InvalidInputError,
    UnavailableError,
    VerificationError,
)
from firtree.library.accounts.access_log import Event, Note, note
from firtree.library.accounts.later import Later
from firtree.storage.accounts import SQLAccounts
from firtree.storage.failures import Unit
from firtree.storage.postgresql import PostgreSQLRegister, _Watch
from firtree.storage.postgresql_failures import translated_postgresql
from firtree.storage.sqlite import SQLiteRegister
from rebuilt import check_rebuilt
from registers import (
    START,
    a_batch,
    a_postgresql_register,
    a_recorder,
    an_sqlite_register,
    record,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection


def failing(code: int) -> Callable[[object], None]:
    """Give what fails as SQLite does with a code."""

    def fail(_connection: object) -> None:
        error = sqlite3.OperationalError("canary")
        error.sqlite_errorcode = code
        raise error

    return fail


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full; nothing was recorded"),
        (
            sqlite3.SQLITE_BUSY,
            "another process is writing to the register; nothing was recorded",
        ),
        (sqlite3.SQLITE_IOERR_FSYNC, "it is not known whether this was recorded"),
    ],
)
def test_an_sqlite_commit_that_fails_promises_only_what_is_certain(
    tmp_path: Path, code: int, said: str
) -> None:
    register = an_sqlite_register(tmp_path / "r.sqlite")
    fail = failing(code)
    event.listen(register.engine, "commit", fail)

    with pytest.raises(UnavailableError) as caught:
        record(a_recorder(register), an_entry(1))
    event.remove(register.engine, "commit", fail)

    assert str(caught.value) == said
    assert ("--dry-run" in caught.value.hint) is ("not known" in said)
    assert record(a_recorder(register), an_entry(1)).size == check_rebuilt(register)
    register.close()


def test_an_sqlite_failure_before_the_commit_recorded_nothing(tmp_path: Path) -> None:
    register = an_sqlite_register(tmp_path / "r.sqlite")

    with pytest.raises(UnavailableError) as caught, register.writing():
        failing(sqlite3.SQLITE_IOERR_WRITE)(None)

    said = "the disk refused to read or write; nothing was recorded"
    assert str(caught.value) == said
    register.close()


def test_a_reader_is_not_told_of_recording(tmp_path: Path) -> None:
    register = an_sqlite_register(tmp_path / "r.sqlite")

    with pytest.raises(UnavailableError) as caught, register.reading():
        failing(sqlite3.SQLITE_IOERR_READ)(None)

    assert str(caught.value) == "the disk refused to read or write"
    register.close()


def end(connection: Connection, register: PostgreSQLRegister) -> None:
    """Have the server end a connection."""
    number = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with register._connect() as other:  # noqa: SLF001
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (number,))


@pytest.mark.postgres
def test_a_connection_lost_at_the_commit_leaves_it_open(register_url: str) -> None:
    register = a_postgresql_register(register_url)

    def lose(connection: Connection) -> None:
        end(connection, register)

    event.listen(register.engine, "commit", lose)
    with pytest.raises(UnavailableError) as caught:
        record(a_recorder(register), an_entry(1))
    event.remove(register.engine, "commit", lose)

    assert str(caught.value) == "it is not known whether this was recorded"
    assert "--dry-run" in caught.value.hint
    assert record(a_recorder(register), an_entry(1)).size == check_rebuilt(register)
    register.close()


@pytest.mark.postgres
@pytest.mark.parametrize("is_done", [True, False])
def test_a_note_is_written_once_if_the_connection_is_lost_at_the_commit(
    register_url: str, *, is_done: bool
) -> None:
    register = a_postgresql_register(register_url)
    accounts = SQLAccounts(register)
    later = Later(accounts, threaded=False)
    later.add("use", lambda tx: note(tx, START, Note(Event.TOKEN_USED)))

    def lose(connection: Connection) -> None:
        if is_done:
            connection.connection.commit()
        end(connection, register)

    event.listen(register.engine, "commit", lose)
    with pytest.raises(DoubtfulError):
        later.flush()
    event.remove(register.engine, "commit", lose)
    with accounts.reading() as tx:
        assert len(list(tx.all_noted())) == is_done
    later.flush()

    with accounts.reading() as tx:
        assert len(list(tx.all_noted())) == 1
    register.close()


@pytest.mark.postgres
def test_a_connection_lost_before_the_commit_recorded_nothing(
    register_url: str,
) -> None:
    register = a_postgresql_register(register_url)

    with pytest.raises(UnavailableError) as written, register.writing() as tx:
        end(tx.connection, register)
        tx.write(a_batch(0))
    with pytest.raises(UnavailableError) as read, register.reading() as reading:
        end(reading.connection, register)
        reading.head()

    said = "the database cannot be reached"
    assert str(written.value) == f"{said}; nothing was recorded"
    assert str(read.value) == said
    register.close()


def alter(register: PostgreSQLRegister, setting: str) -> None:
    """Change a setting of the database, for connections made from now on."""
    name = register.engine.url.database
    with register._connect() as other:  # noqa: SLF001
        other.execute("SET default_transaction_read_only = off")
        other.execute(f'ALTER DATABASE "{name}" {setting}'.encode())
    register.engine.dispose()


@pytest.mark.postgres
def test_a_database_that_has_become_read_only_answers_and_records_nothing(
    register_url: str,
) -> None:
    register = a_postgresql_register(register_url)
    record(a_recorder(register), an_entry(1))
    accounts = SQLAccounts(register)
    alter(register, "SET default_transaction_read_only = on")

    with pytest.raises(UnavailableError) as written:
        record(a_recorder(register, seed=2), an_entry(2))
    with pytest.raises(UnavailableError) as noted, accounts.writing() as tx:
        note(tx, START, Note(Event.TOKEN_USED))
    with register.reading() as reading:
        assert reading.head().size == register.size() == 1

    said = "the database is read-only; nothing was recorded"
    assert [str(written.value), str(noted.value)] == [said, said]
    assert "primary" in written.value.hint
    alter(register, "RESET default_transaction_read_only")
    record(a_recorder(register, seed=2), an_entry(2))
    assert check_rebuilt(register) == 2
    register.close()


@pytest.mark.postgres
def test_a_transaction_that_the_server_ended_for_being_idle_recorded_nothing(
    register_url: str,
) -> None:
    register = a_postgresql_register(register_url)
    alter(register, "SET idle_in_transaction_session_timeout = 50")

    with pytest.raises(UnavailableError) as written, register.writing() as tx:
        time.sleep(0.3)
        tx.write(a_batch(0))

    said = "the database cannot be reached; nothing was recorded"
    assert str(written.value) == said
    alter(register, "RESET idle_in_transaction_session_timeout")
    assert record(a_recorder(register), an_entry(1)).size == check_rebuilt(register)
    register.close()


def test_a_server_that_is_a_standby_is_told_of_as_read_only() -> None:
    def connect() -> Any:
        # What a standby answers to LISTEN.
        raise psycopg.errors.ReadOnlySqlTransaction("during recovery")

    watch = _Watch(connect)

    with pytest.raises(UnavailableError, match="the database is read-only"):
        watch.size()
    watch.close()


@pytest.mark.parametrize("kind", ["DataCorrupted", "IndexCorrupted"])
def test_what_the_server_finds_corrupted_is_called_damage(kind: str) -> None:
    corrupted = getattr(psycopg.errors, kind)

    with (
        pytest.raises(VerificationError, match="is damaged: invalid page in block 3"),
        translated_postgresql(Unit()),
    ):
        raise corrupted("invalid page in block 3\nHINT: none")


class Silent:
    """A connection that answers once, and is silent from then on."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def execute(self, _query: object) -> Any:
        """Answer with a size."""
        return SimpleNamespace(fetchone=lambda: (7,))

    def notifies(self, **_options: object) -> Iterator[object]:
        """Wait until let go."""
        self.let_go.wait(20)
        yield from ()


def test_a_size_read_long_ago_is_not_told() -> None:
    connection, now = Silent(), [100.0]
    watch = _Watch(lambda: cast("Any", connection), monotonic=lambda: now[0])

    assert watch.size() == 7
    now[0] += 1.9
    assert watch.size() == 7
    now[0] += 0.2
    with pytest.raises(UnavailableError, match="does not answer"):
        watch.size()

    connection.let_go.set()
    deadline = time.monotonic() + 5
    while watch._read_at != now[0] and time.monotonic() < deadline:  # noqa: SLF001
        time.sleep(0.01)
    assert watch.size() == 7
    watch.close()


class Interrupted(int):
    """A size in whose comparison another thread learns of a later commit."""

    other: threading.Thread

    def __gt__(self, other: int) -> bool:
        self.other.start()
        self.other.join(0.2)  # it may have to wait until this one is done
        return int(self) > int(other)


def test_of_two_commits_learnt_at_once_the_later_is_known() -> None:
    connection = Silent()
    watch = _Watch(lambda: cast("Any", connection))
    assert watch.size() == 7
    earlier = Interrupted(11)
    earlier.other = threading.Thread(target=watch.learn, args=(12, 3))

    watch.learn(earlier)
    earlier.other.join(5)

    assert watch.marks() == (12, 3)
    connection.let_go.set()
    watch.close()


def test_no_error_ends_the_watch() -> None:
    connection, turns = Silent(), iter([True])

    def connect() -> Any:
        if next(turns, False):
            raise RuntimeError("no database's error")
        return connection

    watch = _Watch(connect)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        watch.size()
    deadline = time.monotonic() + 5
    while watch._error is not None and time.monotonic() < deadline:  # noqa: SLF001
        time.sleep(0.01)

    assert watch.size() == 7
    connection.let_go.set()
    watch.close()


@pytest.mark.postgres
def test_a_url_with_options_and_an_odd_password_is_listened_on(
    register_url: str,
) -> None:
    made = a_postgresql_register(register_url)
    record(a_recorder(made), an_entry(1))
    with made.engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS odd"))
        connection.execute(text("CREATE ROLE odd LOGIN SUPERUSER PASSWORD 'a b''c\\d'"))
    url = make_url(register_url).set(username="odd", password="a b'c\\d")  # noqa: S106
    url = url.update_query_dict({"options": "-c statement_timeout=54321"})
    register = PostgreSQLRegister(url.render_as_string(hide_password=False))

    assert register.size() == 1
    with register._connect() as plain:  # noqa: SLF001
        assert plain.info.password == "a b'c\\d"  # noqa: S105
        assert plain.info.get_parameters()["tcp_user_timeout"] == "5000"
        row = plain.execute("SHOW statement_timeout").fetchone()
    assert row == ("54321ms",)
    with register.engine.connect() as pooled:
        driver: Any = pooled.connection.dbapi_connection
        assert driver.info.get_parameters()["keepalives_idle"] == "5"
    register.close()
    with made.engine.begin() as connection:
        connection.execute(text("DROP ROLE odd"))
    made.close()


def test_no_error_of_the_watch_holds_the_password() -> None:
    register = PostgreSQLRegister("postgresql://u:canary%20secret@127.0.0.1:9/r")

    with pytest.raises(UnavailableError) as caught:
        register.size()

    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in f"{error!r} {error}"
        error = error.__cause__ or error.__context__
    register.close()


@pytest.mark.postgres
def test_a_role_without_rights_is_named(register_url: str) -> None:
    register = a_postgresql_register(register_url)
    with register.engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS poor"))
        connection.execute(text("CREATE ROLE poor"))

    with (
        pytest.raises(InvalidInputError, match="role may not do this") as caught,
        register.translated(),
        register.engine.begin() as connection,
    ):
        connection.execute(text("SET LOCAL ROLE poor"))
        connection.execute(text("CREATE TABLE public.mine (id int)"))

    assert "CREATE on the schema" in caught.value.hint
    with register.engine.begin() as connection:
        connection.execute(text("DROP ROLE poor"))
    register.close()


def test_a_folder_may_have_signs_of_a_url_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c %41"
    folder.mkdir()
    register = an_sqlite_register(folder / "r.sqlite")
    record(a_recorder(register), an_entry(1))

    assert register.size() == check_rebuilt(register) == 1
    assert (folder / "r.sqlite").is_file()
    assert list(tmp_path.iterdir()) == [folder]
    register.close()


@pytest.mark.parametrize("place", ["r.sqlite", "absent/r.sqlite", "file/r.sqlite"])
def test_an_absent_file_is_told_and_not_made(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    register = SQLiteRegister(tmp_path / place)

    with pytest.raises(InvalidInputError, match="no register's database at") as caught:
        register.check_there()
    with pytest.raises(UnavailableError, match="cannot be opened"):
        register.size()

    assert caught.value.hint == "restore it from a backup, or check --data"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    register.close()


def test_a_file_that_is_there_passes(tmp_path: Path) -> None:
    register = an_sqlite_register(tmp_path / "r.sqlite")
    register.check_there()
    register.close()


def test_postgresql_is_asked_nothing_before_it_is_used() -> None:
    register = PostgreSQLRegister("postgresql://127.0.0.1:9/nobody")
    register.check_there()
    register.close()


def test_a_database_without_a_write_ahead_log_is_refused(tmp_path: Path) -> None:
    register = SQLiteRegister(tmp_path.__class__(":memory:"))

    with (
        pytest.raises(UnavailableError, match="journal_mode is 'memory'"),
        register.reading(),
    ):
        pass
    register.close()
