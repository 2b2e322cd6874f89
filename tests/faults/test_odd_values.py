"""Odd values in a register's tables: whoever meets one says so, in one sentence.

SQLite keeps whatever it is given, so any column may hold anything once somebody has
changed the file.  Each value is tried in each column, in a copy of one register.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from entries import a_model, an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.answer import Device
from firtree.errors import FirtreeError
from firtree.exchange.files import silent
from firtree.library.history import History
from firtree.library.keeping.doctor import examine
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.parties import Parties
from firtree.library.ports import Filter
from firtree.statements.types.erasure import Erasure
from firtree.storage.tables import FOLLOWING, statement
from mirrored import LocalLog, mirror, verify
from parties import a_party
from registers import SIGNER, a_recorder, an_sqlite_register, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ODD = (
    *("'abc'", "''", "'1'", "'\u00b2'", "x'00'", "x''", "NULL", "-1", "0", "1.5"),
    *(f"{1 << 62}", f"{(1 << 63) - 1}", f"-{1 << 62}", "253402300800000000"),
)
COLUMNS = [
    *((str(t.name), str(c.name)) for t in (statement, *FOLLOWING) for c in t.columns),
    ("alembic_version", "version_num"),
]
CASES = [(table, column, value) for table, column in COLUMNS for value in ODD]
ENTRIES = 260  # so many that there are a tile and a segment
# So that each column, and each value, is tried by somebody.
EACH = 11
DEVICE = Device(
    manufacturer=a_model().key.manufacturer,
    model=a_model().key.model,
    firmware="00000001",
)


class Made(NamedTuple):
    """What is copied: a register's file, a mirror, and an empty register."""

    register: Path
    mirror: Path
    empty: Path
    log: LocalLog


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Make a register in which something of everything was recorded."""
    folder = tmp_path_factory.mktemp("odd")
    log = LocalLog(folder / "register.db")
    log.record(a_party(1))
    log.fill(ENTRIES)
    log.record(Erasure(statement=5, section="fir", reason="asked for"))
    mirror(folder / "mirror", log)
    an_sqlite_register(folder / "empty.db").close()
    for path in (folder / "register.db", folder / "empty.db"):
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log.register.close()
    return Made(folder / "register.db", folder / "mirror", folder / "empty.db", log)


def changed(path: Path, table: str, column: str, value: str) -> bool:
    """Put a value into the last row of a table; tell whether another one was there."""
    order = "since" if table in {"maker", "party", "map_leaf"} else "rowid"
    last = f'WHERE {order} = (SELECT max({order}) FROM "{table}")'  # noqa: S608
    with closing(sqlite3.connect(path)) as database:
        query = f'SELECT quote("{column}") FROM "{table}" {last}'  # noqa: S608
        before = database.execute(query).fetchall()
        change = f'UPDATE "{table}" SET "{column}" = {value} {last}'  # noqa: S608
        try:
            after = database.execute(f'{change} RETURNING quote("{column}")').fetchall()
        except sqlite3.IntegrityError:
            return False
        database.commit()
    return before != after


def examined(made: Made, folder: Path, case: tuple[str, str, str]) -> None:
    """Examine a register as ``firtree doctor`` does."""
    for path in (made.register, made.empty):
        shutil.copy(path, folder / path.name)
    if not changed(folder / "register.db", *case):
        return
    scratch = an_sqlite_register(folder / "empty.db")
    with closing(scratch), scratch.writing() as tx:
        register = an_sqlite_register(folder / "register.db")
        with closing(register):
            found = examine(KEEPER, register, tx, silent)
            # The schema's version is looked at before, and by none of its columns.
            assert found.faults or case[0] == "alembic_version"


def verified(made: Made, folder: Path, case: tuple[str, str, str]) -> None:
    """Verify a mirror as ``firtree log verify`` does."""
    shutil.copytree(made.mirror, folder / "mirror")
    register = folder / "mirror" / "register" / wiring.DATABASE_FILE
    if changed(register, *case):
        verify(folder / "mirror")


def asked(made: Made, folder: Path, case: tuple[str, str, str]) -> None:
    """Ask a register, and record in it."""
    shutil.copy(made.register, folder / "register.db")
    if not changed(folder / "register.db", *case):
        return
    register = an_sqlite_register(folder / "register.db")
    with closing(register):
        clock = made.log.clock
        lookup = Lookup(register, Models(register), SIGNER, now=clock)
        recorder = a_recorder(register, now=clock)
        questions: list[Callable[[], object]] = [
            lambda: lookup.view("2026-11-22T12:30:00Z"),
            lambda: lookup.log(KEEPER),
            lambda: lookup.assess(KEEPER, DEVICE, lookup.view()),
            lambda: lookup.entry(KEEPER, 1, lookup.view()),
            lambda: lookup.entries(KEEPER, Filter(), lookup.view()),
            lambda: lookup.finder.search(KEEPER, "alder", lookup.view()),
            lambda: History(register, now=clock).of_entry(KEEPER, 1, lookup.view()),
            lambda: record(recorder, an_entry(1, trade_name="New"), an_entry(999)),
            lambda: Parties(register, recorder, now=clock).every(KEEPER),
        ]
        for question in questions:
            with suppress(FirtreeError):
                question()


WAYS = {"doctor": examined, "log verify": verified, "questions": asked}


def fault_in(
    way: Callable[[Made, Path, tuple[str, str, str]], None],
    made: Made,
    folder: Path,
    case: tuple[str, str, str],
) -> str:
    """Try one value; give what is thrown that is no error of ours, empty = nothing."""
    folder.mkdir()
    try:
        way(made, folder, case)
        gc.collect(0)
    except FirtreeError as error:
        told = str(error)
        return "" if "\n" not in told and told.isprintable() else f"{case}: {told!r}"
    except Exception as error:  # noqa: BLE001 - what may not be is collected
        return f"{case}: {type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder)
    return ""


@pytest.mark.parametrize("way", WAYS)
def test_an_odd_value_ends_in_an_answer_or_one_sentence(
    made: Made, tmp_path: Path, way: str
) -> None:
    first = list(WAYS).index(way) * EACH // len(WAYS)
    tried = partial(fault_in, WAYS[way], made, tmp_path / "copy")

    assert list(filter(None, map(tried, CASES[first::EACH]))) == []


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("table", dict(COLUMNS))
def test_every_odd_value_ends_in_an_answer_or_one_sentence(
    made: Made, tmp_path: Path, way: str, table: str
) -> None:
    tried = partial(fault_in, WAYS[way], made, tmp_path / "copy")
    cases = [case for case in CASES if case[0] == table]

    assert list(filter(None, map(tried, cases))) == []
