"""Several registers at once on one database: each trap that loses or doubles rows."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from children import child_environment
from entries import an_entry
from firtree.errors import InvalidInputError, UnavailableError
from firtree.storage.postgresql import PostgreSQLRegister
from firtree.storage.tables import FOLLOWING, checkpoint, metadata, party, statement
from rebuilt import check_rebuilt
from registers import (
    a_batch,
    a_postgresql_register,
    a_recorder,
    an_sqlite_register,
    record,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Table

    from firtree.storage.sql import SQLReading
    from registers import SQLRegister


def in_threads(*actions: Callable[[], object]) -> None:
    """Run actions at the same time; the first error of theirs is raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> None:
        start.wait(10)
        try:
            action()
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def test_two_writers_never_write_the_same_number(
    database: Callable[[], SQLRegister],
) -> None:
    recorders = [a_recorder(database(), seed=seed) for seed in (1, 2)]
    sizes: list[int] = []

    def write(place: int) -> None:
        for turn in range(20):
            entry_id = place * 10 + turn % 7 + 1
            sizes.append(record(recorders[place % 2], an_entry(entry_id)).size)

    in_threads(*(lambda place=place: write(place) for place in range(4)))

    assert sorted(sizes) == list(range(1, 81))
    assert check_rebuilt(database()) == 80


def test_a_writer_that_waited_sees_what_the_other_wrote(
    database: Callable[[], SQLRegister],
) -> None:
    first, second = database(), database()
    held, waiting, seen = threading.Event(), threading.Event(), []

    def hold() -> None:
        with first.writing() as tx:
            held.set()
            waiting.wait(10)
            time.sleep(0.2)  # the other one is at the lock by now
            tx.write(a_batch(0))

    def wait() -> None:
        held.wait(10)
        waiting.set()
        with second.writing() as tx:
            seen.append((tx.head().size, list(tx.entry_rows([1]))))
            tx.write(a_batch(1))

    in_threads(hold, wait)

    assert seen == [(1, [1])]
    assert first.size() == 2


def test_a_reading_sees_one_state_while_another_register_commits(
    database: Callable[[], SQLRegister],
) -> None:
    reader, writer = database(), database()
    with writer.writing() as tx:
        tx.write(a_batch(0))

    with reader.reading() as reading:
        before = (reading.head(), list(reading.statements(0, 9)))
        with writer.writing() as tx:
            tx.write(a_batch(1))
        assert (reading.head(), list(reading.statements(0, 9))) == before
        assert reading.entry_rows([1, 2]).keys() == {1}
    with reader.reading() as reading:
        assert reading.head().size == 2


@pytest.mark.parametrize("table", [statement, checkpoint], ids=lambda t: t.name)
def test_the_database_refuses_a_second_row_of_the_same_number(
    database: Callable[[], SQLRegister], table: Table
) -> None:
    register = database()
    record(a_recorder(register), an_entry(1))

    with register.engine.connect() as connection:
        row = connection.execute(select(table)).one()
    with pytest.raises(IntegrityError), register.engine.begin() as connection:
        connection.execute(insert(table).values(**row._mapping))  # noqa: SLF001


def test_a_checkpoint_shares_its_time_with_no_other(
    database: Callable[[], SQLRegister],
) -> None:
    register = database()
    record(a_recorder(register), an_entry(1))

    with register.engine.connect() as connection:
        row = connection.execute(select(checkpoint)).one()._asdict()
    with pytest.raises(IntegrityError), register.engine.begin() as connection:
        connection.execute(insert(checkpoint).values(**row | {"size": 2}))


def test_an_error_leaves_no_row_in_any_table(
    database: Callable[[], SQLRegister],
) -> None:
    register = database()
    record(a_recorder(register), *(an_entry(n) for n in range(1, 301)))

    def counts() -> dict[str, int]:
        with register.engine.connect() as connection:
            return {
                table.name: connection.execute(
                    select(func.count()).select_from(table)
                ).scalar_one()
                for table in metadata.sorted_tables
            }

    before = counts()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), register.writing() as tx:
            tx.write(a_batch(300, entry=an_entry(999)))
            raise ZeroDivisionError

    assert counts() == before
    recorded = {table.name for table in (*FOLLOWING, statement)} - {"maker", "party"}
    assert all(before[name] for name in recorded)
    assert check_rebuilt(register) == 300


def test_a_writer_waits_as_long_as_it_was_told(
    database: Callable[..., SQLRegister],
) -> None:
    holder, waiter = database(), database(lock_wait_s=0.5)

    with holder.writing():
        begun = time.monotonic()
        with pytest.raises(UnavailableError, match="another process is writing"):
            record(a_recorder(waiter), an_entry(1))
        waited = time.monotonic() - begun

    assert 0.4 < waited < 5
    record(a_recorder(waiter), an_entry(1))
    assert check_rebuilt(waiter) == 1


def wait_for_size(register: SQLRegister, size: int) -> float:
    """Give the seconds until a register tells a size."""
    begun = time.monotonic()
    while register.size() != size and time.monotonic() < begun + 5:
        time.sleep(0.01)
    return time.monotonic() - begun


def test_the_size_follows_commits_of_another_register(
    database: Callable[[], SQLRegister],
) -> None:
    watcher, writer = database(), database()
    assert watcher.size() == 0
    recorder = a_recorder(writer)

    for size in (1, 2, 3):
        record(recorder, an_entry(size))
        assert wait_for_size(watcher, size) < 1


CHILD = """
import sys
from pathlib import Path
from entries import an_entry
from registers import *
place = sys.argv[1]
opened = a_postgresql_register if "://" in place else an_sqlite_register
register = opened(place if "://" in place else Path(place))
record(a_recorder(register), an_entry(1), an_entry(2))
register.close()
"""


def test_the_size_follows_commits_of_another_process(
    database: Callable[[], SQLRegister],
) -> None:
    watcher = database()
    assert watcher.size() == 0

    url = watcher.engine.url.render_as_string(hide_password=False)
    place = url.removeprefix("sqlite+pysqlite:///")
    subprocess.run(
        [sys.executable, "-c", CHILD, place],
        check=True,
        env=child_environment(),
    )

    assert wait_for_size(watcher, 2) < 1
    assert check_rebuilt(watcher) == 2


def test_an_undone_unit_of_work_does_not_change_the_size(
    database: Callable[[], SQLRegister],
) -> None:
    watcher, writer = database(), database()
    record(a_recorder(writer), an_entry(1))
    assert wait_for_size(watcher, 1) < 1

    with pytest.raises(ZeroDivisionError), writer.writing() as tx:
        tx.write(a_batch(1))
        raise ZeroDivisionError

    time.sleep(0.3)
    assert watcher.size() == writer.size() == 1


def test_every_connection_of_the_sqlite_pool_syncs_each_commit(tmp_path: Path) -> None:
    register = an_sqlite_register(tmp_path / "firtree.sqlite")

    with ExitStack() as opened:
        connections = [
            opened.enter_context(register.engine.connect()) for _ in range(20)
        ]
        kept = {
            id(connection.connection.dbapi_connection) for connection in connections
        }
        found = {
            tuple(
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("synchronous", "journal_mode")
            )
            for connection in connections
        }

    assert len(kept) == 20
    assert found == {(2, "wal")}
    register.close()


def test_the_memory_for_many_rows_is_given_back_by_the_sqlite_connection(
    tmp_path: Path,
) -> None:
    register = an_sqlite_register(tmp_path / "firtree.sqlite")

    def cache(tx: SQLReading) -> int:
        return int(tx.connection.exec_driver_sql("PRAGMA cache_size").scalar_one())

    with register.reading() as tx:
        before = cache(tx)
    with pytest.raises(ZeroDivisionError), register.writing() as tx:
        rows = [(number, 1, None, "a party") for number in range(2000)]
        tx.driver.insert(tx.connection, party, rows)
        assert cache(tx) < before < 0  # a negative size is one in KiB
        raise ZeroDivisionError

    with register.reading() as tx:
        assert cache(tx) == before
    register.close()


@pytest.mark.postgres
def test_a_postgresql_server_that_syncs_is_taken(register_url: str) -> None:
    register = PostgreSQLRegister(register_url)

    register.check_durable()

    register.close()


@pytest.mark.postgres
@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
def test_a_postgresql_server_that_tells_commits_early_is_refused(
    register_url: str, value: str
) -> None:
    register = a_postgresql_register(register_url)
    name = make_url(register_url).database
    with register.engine.begin() as connection:
        connection.execute(
            text(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
        )
    register.close()

    later = PostgreSQLRegister(register_url)
    with pytest.raises(InvalidInputError, match="synchronous_commit") as refused:
        later.check_durable()
    later.close()

    assert repr(value) in str(refused.value)
    assert "synchronous_commit = on" in refused.value.hint
