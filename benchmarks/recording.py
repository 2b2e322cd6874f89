"""Recording in bulk, durable, beside a bare bulk insert of the same octets."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg
from sqlalchemy import make_url

from benchmarks.figures import Figure, Scale, at_least, by_value, number
from benchmarks.ledgers import Ledger, batches, check_recorded, ledgers, rows_of
from firtree.access import KEEPER
from firtree.library.ports import StatementRow

_LEAST = {"SQLite": 8000, "PostgreSQL": 6000}
_COLUMNS = (
    "number BIGINT PRIMARY KEY, leaf BYTES, subject TEXT, head BYTES, core BYTES, "
    "fir BYTES, people BYTES, private BYTES, salts BYTES, commitments BYTES"
)

Insert = Callable[[Sequence[StatementRow]], None]


def run(scale: Scale, _cached: Path) -> Iterator[Figure]:
    """Record batches into a register that holds entries already."""
    for make in ledgers(scale):
        with make() as ledger, _bare_insert(ledger) as insert:
            yield _measured(scale, ledger, insert)


def _measured(scale: Scale, ledger: Ledger, insert: Insert) -> Figure:
    recorder = ledger.parts.recorder
    # The last batch of all may be a short one and is left alone.
    invented = batches(scale.preloaded + (scale.rounds + 1) * scale.batch, scale.batch)
    while ledger.parts.register.size() < scale.preloaded:
        recorder.record(next(invented), KEEPER)
    ours: list[float] = []
    peer: list[float] = []
    for batch in islice(invented, scale.rounds):
        begun = perf_counter()
        recorded = recorder.record(batch, KEEPER)
        ours.append(len(batch) / (perf_counter() - begun))
        rows = rows_of(ledger, recorded.size - len(batch), recorded.size)
        begun = perf_counter()
        insert(rows)
        peer.append(len(rows) / (perf_counter() - begun))
    check_recorded(ledger, recorded)
    return by_value(
        f"recording, {ledger.database}, {number(scale.batch)} statements at a time, "
        f"after {number(scale.preloaded)} entries",
        median(ours),
        "/s",
        at_least(_LEAST[ledger.database]),
        peer=("a bare bulk insert of the same octets", median(peer)),
    )


@contextmanager
def _bare_insert(ledger: Ledger) -> Iterator[Insert]:
    """Give the driver's quickest durable insert of rows into a table of the peer's."""
    if ledger.database == "SQLite":
        with closing(sqlite3.connect(ledger.location)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA cache_size=-32000")
            connection.execute(
                f"CREATE TABLE bare ({_COLUMNS.replace('BYTES', 'BLOB')})"
            )

            def insert(rows: Sequence[StatementRow]) -> None:
                with connection:
                    marks = ", ".join("?" * len(rows[0]))
                    connection.executemany(
                        f"INSERT INTO bare VALUES ({marks})",  # noqa: S608 - marks only
                        rows,
                    )

            yield insert
        return
    url = make_url(ledger.location).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as session:
        session.execute(
            f"CREATE TABLE bare ({_COLUMNS.replace('BYTES', 'BYTEA')})".encode()
        )

        def copy(rows: Sequence[StatementRow]) -> None:
            with session.cursor() as cursor:
                with cursor.copy("COPY bare FROM STDIN") as stream:
                    for row in rows:
                        stream.write_row(row)
                session.commit()

        yield copy
