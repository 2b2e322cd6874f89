"""Registers to record into, in SQLite and PostgreSQL, and what is recorded."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import postgres
from benchmarks.figures import Scale
from firtree import wiring
from firtree.access import KEEPER
from firtree.ledger.merkle import leaf_hash, root_of
from firtree.ledger.notes import Checkpoint
from firtree.library.demo import invent
from firtree.library.ports import StatementRow
from firtree.library.record import Recorded
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.storage.postgresql import PostgreSQLRegister
from firtree.storage.sqlite import SQLiteRegister

TODAY = date(2026, 11, 22)  # fixed, so that the entries are the same each time


class Ledger(NamedTuple):
    """A register to record into, and an empty one of the same kind for the peer.

    Attributes:
        database: ``SQLite`` or ``PostgreSQL``.
        parts: of firtree.
        bare: engine of the peer's database, with the same settings.
        location: of the peer's database: a path or a URL.
    """

    database: str
    parts: wiring.Parts
    bare: SQLiteRegister | PostgreSQLRegister
    location: str


@contextmanager
def sqlite_ledger() -> Iterator[Ledger]:
    """Make a register in SQLite."""
    with TemporaryDirectory(prefix="firtree-bench-") as folder:
        settings = Settings(data=str(Path(folder, "register")))
        wiring.make(settings, demo=True)
        path = Path(folder, "bare.db")
        bare = SQLiteRegister(path)
        try:
            with wiring.opened(settings) as parts:
                yield Ledger("SQLite", parts, bare, str(path))
        finally:
            bare.close()


@contextmanager
def postgresql_ledger() -> Iterator[Ledger]:
    """Make a register in PostgreSQL, on a server of its own that syncs."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres.running_server(on_disk=True))
        url = stack.enter_context(postgres.fresh_database(server))
        location = stack.enter_context(postgres.fresh_database(server))
        folder = stack.enter_context(TemporaryDirectory(prefix="firtree-bench-"))
        settings = Settings(data=folder, database=url)
        wiring.make(settings, demo=True)
        bare = PostgreSQLRegister(location)
        stack.callback(bare.close)
        parts = stack.enter_context(wiring.opened(settings))
        yield Ledger("PostgreSQL", parts, bare, location)


def ledgers(scale: Scale) -> list[Callable[[], AbstractContextManager[Ledger]]]:
    """Give the kinds of register that are measured."""
    return [sqlite_ledger, postgresql_ledger] if scale.postgresql else [sqlite_ledger]


def batches(entries: int, batch: int) -> Iterator[list[Statement]]:
    """Invent statements, makers among them, a batch at a time.

    A batch is invented when it is asked for: what a process holds that records costs
    time too, whenever Python looks for garbage.
    """
    subjects = invent(entries, seed=1, today=TODAY)
    statements = (Statement(subject=s, by=KEEPER.name) for s in subjects)
    while found := list(islice(statements, batch)):
        yield found


def rows_of(ledger: Ledger, start: int, stop: int) -> list[StatementRow]:
    """Read statements back as they are kept."""
    with ledger.parts.register.reading() as tx:
        return list(tx.statements(start, stop))


def check_recorded(ledger: Ledger, recorded: Recorded) -> None:
    """Check that log and tables hold what was recorded, by the signed checkpoint."""
    verifier = ledger.parts.signer.verifier
    checkpoint = Checkpoint.parse(verifier.verify(recorded.checkpoint))
    with ledger.parts.register.reading() as tx:
        hashes = [leaf_hash(row.leaf) for row in tx.statements(0, recorded.size)]
        named = {row.subject for row in tx.statements(0, recorded.size)}
        found = {f"entry/{number}" for number in tx.ids(recorded.size)}
    assert checkpoint.size == recorded.size == len(hashes)
    assert checkpoint.root == root_of(hashes)
    assert found == {name for name in named if name.startswith("entry/")}
