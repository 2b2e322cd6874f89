"""A register copied to one SQLite file, whichever database it is in, and read again."""

import sqlite3
from collections.abc import Callable, Container, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Table, create_engine, select

from firtree.errors import VerificationError
from firtree.ledger.merkle import Frontier, leaf_hash
from firtree.library.keeping.folding import check_kinds
from firtree.storage import duty_tables, schema
from firtree.storage.failures import Unit
from firtree.storage.sql import SQLReading, SQLWriting
from firtree.storage.sqlite import SQLiteRegister
from firtree.storage.sqlite_driver import DRIVER
from firtree.storage.sqlite_failures import ailments_in, translated_sqlite
from firtree.storage.tables import FOLLOWING, metadata, statement

if TYPE_CHECKING:
    from firtree.storage.postgresql import PostgreSQLRegister

Progress = Callable[[str, int, int], None]

_PAGES_AT_ONCE = 2000
_ROWS_AT_ONCE = 1000
# What witnesses have answered to one log; to another of the same statements it is
# nothing, for its checkpoints have another name.
OF_WITNESSES = frozenset({duty_tables.witness.name, duty_tables.cosignature.name})
# What the log and its statements do not give again.
_LOG = {table.name for table in (*FOLLOWING, statement)}


def copy_to_file(
    register: "SQLiteRegister | PostgreSQLRegister", path: Path, progress: Progress
) -> None:
    """Copy one consistent state of every table into a new file; others go on writing.

    Args:
        register: which.
        path: of the file, which is empty.
        progress: told (what, done, of how many).

    Raises:
        UnavailableError: the register cannot be read, or the file not be written.
    """
    with register.translated(), translated_sqlite(Unit(), path):
        if isinstance(register, SQLiteRegister):
            _copy_pages(register.path, path, progress)
        else:
            _copy_rows(register, path, progress)
        with closing(sqlite3.connect(path.absolute())) as connection:
            # One file, without a write-ahead log beside it.
            connection.execute("PRAGMA journal_mode=DELETE")


def _copy_pages(source: Path, path: Path, progress: Progress) -> None:
    """Copy by SQLite's online backup."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, isolation_level=None)) as old,
        closing(sqlite3.connect(path.absolute())) as new,
    ):
        # A transaction of its own holds one state; without it, each commit of others
        # would have the copy begin anew.
        old.execute("BEGIN")
        old.execute("SELECT size FROM head").fetchone()
        old.backup(
            new,
            pages=_PAGES_AT_ONCE,
            progress=lambda _status, left, count: progress(
                "copying pages", count - left, count
            ),
            sleep=0,
        )


def _copy_rows(register: "PostgreSQLRegister", path: Path, progress: Progress) -> None:
    """Copy table by table, as of one snapshot."""
    new = SQLiteRegister(path)
    try:
        schema.upgrade(new.engine)
        with register.reading() as old, new.writing() as target:
            tables = metadata.sorted_tables
            for table in tables:
                target.connection.execute(table.delete())
            for place, table in enumerate(tables):
                progress(f"copying table {table.name}", place, len(tables))
                copy_table(table, old, target)
    finally:
        new.close()


def copy_table(table: Table, source: SQLReading, target: SQLWriting) -> None:
    """Copy the rows of one table, a thousand at a time."""
    order = list(table.primary_key.columns)
    rows = source.connection.execute(select(table).order_by(*order))
    for part in rows.yield_per(_ROWS_AT_ONCE).partitions():
        target.driver.insert(target.connection, table, [tuple(row) for row in part])


def copy_desk(
    source: SQLReading, target: SQLWriting, *, left_out: Container[str] = ()
) -> None:
    """Copy the desk tables: what does not follow from the log.

    Args:
        source: of another register.
        target: whose own rows are removed.
        left_out: names of tables that are not copied.
    """
    for table in metadata.sorted_tables:
        if table.name not in _LOG and table.name not in left_out:
            target.connection.execute(table.delete())
            copy_table(table, source, target)


@contextmanager
def reading_file(path: Path) -> Iterator[SQLReading]:
    """Read a copied file without changing it or anything beside it.

    Raises:
        InvalidInputError: it is of another schema.
        VerificationError: it is damaged, or no database.
    """
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine(
        "sqlite+pysqlite://",
        # The driver reads the address: any octet may be in a name.
        creator=lambda: sqlite3.connect(address, uri=True),
        hide_parameters=True,
    )
    try:
        with translated_sqlite(Unit(), path):
            schema.check_current(engine)
            with engine.connect() as connection:
                yield SQLReading(connection, DRIVER)
    finally:
        engine.dispose()


def check_file(path: Path, progress: Progress) -> Frontier:
    """Read a copied file back: the file itself, and the tree from its leaves.

    Returns:
        The right edge of the tree.

    Raises:
        VerificationError: it is not whole.
    """
    with reading_file(path) as reading:
        rows = reading.connection.exec_driver_sql("PRAGMA integrity_check(1)")
        if told := ailments_in(str(row[0]) for row in rows):
            raise VerificationError(f"{path} is damaged: {told[0]}")
        head, frontier = reading.head(), Frontier()
        for start in range(0, head.size, _ROWS_AT_ONCE):
            stop = min(start + _ROWS_AT_ONCE, head.size)
            frontier, _ = frontier.grown(_leaves(reading, start, stop))
            progress("reading back", stop, head.size)
    if frontier != head.frontier:
        raise VerificationError(
            f"{path} is not whole: its statements lead to another root than its head"
        )
    return frontier


def _leaves(reading: SQLReading, start: int, stop: int) -> Iterator[bytes]:
    for row in reading.statements(start, stop):
        check_kinds(row)
        yield leaf_hash(row.leaf)
