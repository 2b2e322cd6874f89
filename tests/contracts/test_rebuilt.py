"""Everything follows from the statements, and what does not is named."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import text

from entries import a_model, an_entry
from firtree.access import KEEPER, PUBLIC
from firtree.errors import NotFoundError, VerificationError
from firtree.ledger.sections import Sections
from firtree.library import record as recording
from firtree.library.keeping.doctor import examine
from firtree.library.rebuild import rebuild
from firtree.statements.statement import write_sections
from firtree.storage.memory import MemoryRegister
from rebuilt import check_rebuilt, examined
from registers import ALDER, OPENING, a_recorder, an_sqlite_register, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firtree.statements.statement import Statement
    from firtree.storage.sqlite import SQLiteRegister

TAMPERINGS = {
    "a newest row": "UPDATE entry SET status = 'Expired' WHERE id = 5",
    "a historic row": "UPDATE entry SET firmware = 'F' WHERE id = 1 AND since = 3",
    "the end of a version": "UPDATE entry SET until = 301 WHERE until = 303",
    "a row that went missing": "DELETE FROM entry WHERE id = 7",
    "a historic row that went missing": "DELETE FROM entry WHERE id = 1 AND since = 3",
    "a row too many": (
        "INSERT INTO entry SELECT 1, manufacturer, model, 5000, since, until,"
        " device_type, firmware, status, image_hash, published_on, status_from,"
        " outline"
        " FROM entry WHERE id = 5"
    ),
    "a maker": "UPDATE maker SET name = 'Elder Meters'",
    "a maker that went missing": "DELETE FROM maker",
    "a list": "UPDATE map_leaf SET list = x'5b5d' WHERE kind = 'party'",
    "a list that went missing": "DELETE FROM map_leaf WHERE kind = 'policy'",
    "a historic list": (
        "UPDATE map_leaf SET list = x'5b5d' WHERE kind = 'model' AND since <"
        " (SELECT max(since) FROM map_leaf AS newest WHERE newest.key = map_leaf.key)"
    ),
    "an outline": "UPDATE entry SET outline = zeroblob(1) WHERE id = 5",
    "a section": "UPDATE statement SET core = zeroblob(1) WHERE leaf_index = 9",
    "an empty section": (
        "UPDATE statement SET private = zeroblob(1) WHERE leaf_index = 9"
    ),
    "a salt": "UPDATE statement SET salts = zeroblob(160) WHERE leaf_index = 9",
    "a leaf": (
        "UPDATE statement SET leaf = CAST(replace(leaf, '2026', '2025') AS BLOB)"
        " WHERE leaf_index = 9"
    ),
    "a leaf kept as text": (
        "UPDATE statement SET leaf = CAST(leaf AS TEXT) WHERE leaf_index = 9"
    ),
    "a subject": "UPDATE statement SET subject = 'entry/1' WHERE leaf_index = 9",
    "a statement that went missing": "DELETE FROM statement WHERE leaf_index = 9",
    "the last statement": "DELETE FROM statement WHERE leaf_index = 302",
    "a statement too many": (
        "INSERT INTO statement SELECT 303, leaf, subject, head, core, fir, people,"
        " private, salts, commitments FROM statement WHERE leaf_index = 302"
    ),
    "a leaf tile": "UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0",
    "a higher tile": "UPDATE tile SET hashes = zeroblob(64) WHERE level = 1",
    "a tile that went missing": "DELETE FROM tile WHERE level = 1",
    "a tile too many": "INSERT INTO tile VALUES (4, 9, zeroblob(32))",
    "a root": "UPDATE checkpoint SET root = zeroblob(32) WHERE size = 2",
    "a state": "UPDATE checkpoint SET state = zeroblob(32) WHERE size = 2",
    "a time": "UPDATE checkpoint SET at_us = at_us - 1 WHERE size = 2",
    "a checkpoint that went missing": "DELETE FROM checkpoint WHERE size = 302",
    "the last checkpoint": "DELETE FROM checkpoint WHERE size = 303",
    "a frontier": "UPDATE head SET frontier = zeroblob(length(frontier))",
    "the state of the head": "UPDATE head SET state = zeroblob(32)",
    "the time of the head": "UPDATE head SET at_us = at_us + 1",
}


# What is said of each: the table, the row, what is wrong with it.
TOLD = {
    "a newest row": (
        "entry",
        "id 5, since 7",
        "status: expected 'Active', found 'Expired'",
    ),
    "a historic row": (
        "entry",
        "id 1, since 3",
        "firmware: expected '00000001', found 'F'",
    ),
    "the end of a version": (
        "entry",
        "id 1, since 3",
        "until: expected 303, found 301",
    ),
    "a row that went missing": ("entry", "id 7, since 9", "missing"),
    "a historic row that went missing": ("entry", "id 1, since 3", "missing"),
    "a row too many": ("entry", "id 5000, since 7", "does not follow"),
    "a maker": (
        "maker",
        "code 'AB01', since 2",
        "name: expected 'Alder Meters', found 'Elder Meters'",
    ),
    "a maker that went missing": ("maker", "code 'AB01', since 2", "missing"),
    "a list": ("map_leaf", "kind 'party'", "list: expected"),
    "a list that went missing": (
        "map_leaf",
        "kind 'policy', name 'register'",
        "missing",
    ),
    "a historic list": ("map_leaf", "kind 'model'", "list: expected"),
    "an outline": ("entry", "id 5, since 7", "outline: expected"),
    "a section": ("statement", "leaf_index 9", "section 'core' does not match"),
    "an empty section": (
        "statement",
        "leaf_index 9",
        "section 'private' does not match",
    ),
    "a salt": ("statement", "leaf_index 9", "section 'head' does not match"),
    "a leaf": ("statement", "leaf_index 9", "its leaf is of 2025"),
    "a leaf kept as text": ("statement", "leaf_index 9", "leaf is not kept as octets"),
    "a subject": (
        "statement",
        "leaf_index 9",
        "it is about 'entry/8', but kept as one about 'entry/1'",
    ),
    "a statement that went missing": ("statement", "leaf_index 9", "missing"),
    "the last statement": ("statement", "leaf_index 302", "missing"),
    "a statement too many": (
        "statement",
        "leaf_index 303",
        "the log has 303 statements",
    ),
    "a leaf tile": ("tile", "level 0, number 0", "hashes: expected"),
    "a higher tile": ("tile", "level 1, number 0", "32 octets expected, 64 found"),
    "a tile that went missing": ("tile", "level 1, number 0", "missing"),
    "a tile too many": ("tile", "level 4, number 9", "does not follow"),
    "a root": ("checkpoint", "size 2", "root: expected"),
    "a state": ("checkpoint", "size 2", "state: expected"),
    "a time": ("checkpoint", "size 2", "at_us: expected"),
    "a checkpoint that went missing": ("checkpoint", "size 302", "missing"),
    "the last checkpoint": ("checkpoint", "size 303", "missing"),
    "a frontier": ("head", "id 1", "frontier: expected"),
    "the state of the head": ("head", "id 1", "state: expected"),
    "the time of the head": ("head", "id 1", "at_us: expected"),
}


@pytest.fixture
def register(tmp_path: Path) -> Iterator[SQLiteRegister]:
    register = an_sqlite_register(tmp_path / "firtree.sqlite")
    recorder = a_recorder(register)
    record(recorder, OPENING, ALDER)
    record(recorder, *(an_entry(n) for n in range(1, 301)))
    record(recorder, an_entry(1, model=a_model(model_identifier="600D")))
    yield register
    register.close()


@contextmanager
def tampered(register: SQLiteRegister, *sqls: str) -> Iterator[None]:
    """Change a register behind its back, and put it back afterwards."""
    path = Path(str(register.engine.url.database))
    with register.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        kept = driver.serialize()
        for sql in sqls:
            assert connection.execute(text(sql)).rowcount > 0, sql
        connection.commit()
    yield
    register.close()
    path.write_bytes(kept)
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def test_each_kind_of_tampering_is_found_and_named(register: SQLiteRegister) -> None:
    assert check_rebuilt(register) == 303
    assert TOLD.keys() == TAMPERINGS.keys()

    unnamed = []
    for name, sql in TAMPERINGS.items():
        table, row, told = TOLD[name]
        with tampered(register, sql):
            found = examined(register)
        # Only a leaf that was changed has consequences: roots, tiles, checkpoints.
        assert found.found == 1 or name == "a leaf", (name, found.faults)
        fault = str(found.faults[0])
        if not fault.startswith(f"table {table}, row with {row}") or told not in fault:
            unnamed.append((name, fault))

    assert unnamed == []
    assert check_rebuilt(register) == 303


def test_a_section_that_reads_in_two_ways_is_named(
    register: SQLiteRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice(statement: Statement) -> Sections:
        sections = write_sections(statement)
        core = sections.core.replace(b'"name"', b'"name":"Elder","name"')
        return sections._replace(core=core)

    monkeypatch.setattr(recording, "write_sections", twice)
    record(a_recorder(register), msgspec.structs.replace(ALDER, name="Other"))

    found = examined(register)

    assert found.found == 1
    assert found.faults[0].row == {"leaf_index": 303}
    assert "section 'core' is not canonical JSON" in found.faults[0].told


def test_all_that_is_wrong_is_named_at_once(register: SQLiteRegister) -> None:
    several = ("a newest row", "a maker", "a higher tile", "a root")
    with tampered(register, *(TAMPERINGS[name] for name in several)):
        found = examined(register)

    tables = {fault.part for fault in found.faults}
    assert tables == {"entry", "maker", "tile", "checkpoint"}
    assert (found.found, found.unseen) == (4, ())
    assert [fault.is_rebuilt for fault in found.faults].count(True) == 3


def test_what_cannot_be_checked_is_said(register: SQLiteRegister) -> None:
    with tampered(register, TAMPERINGS["a statement that went missing"]):
        found = examined(register)

    assert found.root == b""
    assert len(found.unseen) == 2
    assert "statement 9 cannot be relied on" in found.unseen[0]


def test_a_great_many_faults_are_counted_and_some_listed(
    register: SQLiteRegister,
) -> None:
    recorder = a_recorder(register)
    for _ in range(4):
        record(recorder, *(an_entry(n) for n in range(1, 301)))

    with tampered(register, "UPDATE entry SET image_hash = 'x'"):
        found = examined(register)

    assert (len(found.faults), found.found) == (1000, 1501)


def test_what_rebuilding_mends_is_mended(register: SQLiteRegister) -> None:
    for name in ("a row too many", "a historic list", "a leaf tile", "a tile too many"):
        with tampered(register, TAMPERINGS[name]):
            assert all(fault.is_rebuilt for fault in examined(register).faults)
            rebuild(KEEPER, register, lambda *_told: None)
            assert check_rebuilt(register) == 303, name
    for name in ("a section", "a root", "the state of the head"):
        with tampered(register, TAMPERINGS[name]):
            with suppress(VerificationError):
                rebuild(KEEPER, register, lambda *_told: None)
            faults = examined(register).faults
            assert not any(fault.is_rebuilt for fault in faults), name
            assert faults, name


def test_an_examination_changes_nothing(register: SQLiteRegister) -> None:
    with register.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        before = driver.serialize()
        examined(register)
        assert driver.serialize() == before


def test_whoever_may_not_record_may_not_examine(register: SQLiteRegister) -> None:
    with MemoryRegister().writing() as scratch, pytest.raises(NotFoundError):
        examine(PUBLIC, register, scratch, lambda *_told: None)
