"""Registers and recorders for tests, of every kind, and what is recorded in them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from entries import an_entry
from firtree.access import KEEPER
from firtree.ledger.merkle import Frontier
from firtree.ledger.notes import Checkpoint, Signer
from firtree.library.ports import Batch, Head, MapRow, StatementRow
from firtree.library.record import Recorded, Recorder
from firtree.parties import Maker
from firtree.statements.fold import EntryRow, MakerRow, entry_row
from firtree.statements.statement import Statement
from firtree.statements.types.opening import Opening
from firtree.storage.postgresql import PostgreSQLRegister
from firtree.storage.schema import revision_of, upgrade
from firtree.storage.sqlite import SQLiteRegister
from firtree.storage.tables import REVISIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firtree.catalogue.entry import Entry
    from firtree.ledger.tiles import Tile
    from firtree.library.ports import Register
    from firtree.statements.types import Subject

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SIGNER = Signer("log.example/firtree-test", bytes(range(32)))
OPENING = Opening(origin=SIGNER.name, verifier_key=str(SIGNER.verifier), demo=True)
ALDER = Maker(code="AB01", name="Alder Meters")
SQLRegister = SQLiteRegister | PostgreSQLRegister
# Makes a register what revision 0006 of the schema left.
MAKE_OLDER = (
    "ALTER TABLE map_leaf ADD COLUMN until BIGINT",
    (
        "UPDATE map_leaf SET until = (SELECT min(since) FROM map_leaf AS later"
        " WHERE later.key = map_leaf.key AND later.since > map_leaf.since)"
    ),
    "CREATE UNIQUE INDEX map_leaf_newest ON map_leaf (key) WHERE until IS NULL",
    "UPDATE alembic_version SET version_num = '0006'",
)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.at

    def move(self, seconds: float = 1) -> None:
        """Move on, or back."""
        self.at += timedelta(seconds=seconds)


def a_recorder(
    register: Register, *, now: Callable[[], datetime] | None = None, seed: int = 1
) -> Recorder:
    """Make a recorder with fixed chance; recorders of other seeds differ."""
    chance = random.Random(seed)  # noqa: S311 - salts of tests are the same each time
    return Recorder(register, SIGNER, now=now or Clock(), entropy=chance.randbytes)


def record(recorder: Recorder, *subjects: Subject) -> Recorded:
    """Record subjects in one transaction, as the keeper."""
    return recorder.record(
        [Statement(subject=s, by="keeper") for s in subjects], KEEPER
    )


def checkpoint_of(note: str) -> Checkpoint:
    """Read a checkpoint after checking its signature."""
    return Checkpoint.parse(SIGNER.verifier.verify(note))


def an_sqlite_register(path: Path, *, lock_wait_s: float = 5.0) -> SQLiteRegister:
    """Open a register in a file, and make it if it is not there."""
    if not path.exists():
        path.write_bytes(_just_made())
    register = SQLiteRegister(path, lock_wait_s=lock_wait_s)
    _make(register)
    return register


@cache
def _just_made() -> bytes:
    """Give the file of a register that has just been made: the steps take a while."""
    with TemporaryDirectory(prefix="firtree-") as folder:
        path = Path(folder, "firtree.sqlite")
        register = SQLiteRegister(path, lock_wait_s=5)
        upgrade(register.engine)
        register.settle()
        register.close()
        return path.read_bytes()


def a_postgresql_register(url: str, *, lock_wait_s: float = 5.0) -> PostgreSQLRegister:
    """Open a register in a database, and make it if it is not there."""
    register = PostgreSQLRegister(url, lock_wait_s=lock_wait_s)
    _make(register)
    return register


def _make(register: SQLRegister) -> None:
    """Make the tables, unless they are there: to be told so by the steps takes long."""
    with register.engine.connect() as connection:
        revision = revision_of(connection)
    if revision != REVISIONS[-1]:
        upgrade(register.engine)


def a_row(entry: Entry, since: int) -> EntryRow:
    """Make the row that recording an entry makes."""
    return entry_row(entry, since=since)


def a_batch(
    number: int, *, tiles: Sequence[Tile] = (), entry: Entry | None = None
) -> Batch:
    """Make a batch of one statement, which need not make sense."""
    sections = (b"h", b"c", b"", None, b"p")
    row = StatementRow(number, b"leaf", "entry/1", *sections, bytes(160), b"c" * 160)
    frontier = Frontier().grown([bytes(32)] * (number + 1))[0]
    since = number + 1
    chosen = entry or an_entry(number + 1)
    return Batch(
        statements=[row],
        entries=[entry_row(chosen, since=since)],
        makers=[MakerRow(f"{number:04X}", since, "Alder")],
        parties=[],
        lists=[MapRow(number.to_bytes(32), since, "model", str(number), b"[]")],
        replaced=frozenset(),
        tiles=tiles,
        head=Head(frontier, START + number * SECOND, bytes(32)),
    )
