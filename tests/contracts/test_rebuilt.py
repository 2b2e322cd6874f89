"""The check that everything follows from the statements can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from entries import a_model, an_entry
from firtree.errors import VerificationError
from rebuilt import check_rebuilt
from registers import ALDER, OPENING, a_recorder, an_sqlite_register, record

if TYPE_CHECKING:
    from pathlib import Path

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
    "a historic list": "UPDATE map_leaf SET list = x'5b5d' WHERE until IS NOT NULL",
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


def test_each_kind_of_tampering_is_found(tmp_path: Path) -> None:
    register = an_sqlite_register(tmp_path / "firtree.sqlite")
    recorder = a_recorder(register)
    record(recorder, OPENING, ALDER)
    record(recorder, *(an_entry(n) for n in range(1, 301)))
    record(recorder, an_entry(1, model=a_model(model_identifier="600D")))
    assert check_rebuilt(register) == 303

    missed = []
    for name, sql in TAMPERINGS.items():
        with register.engine.connect() as connection:
            backup = connection.connection.dbapi_connection
            assert backup is not None
            kept = backup.serialize()
            changed = connection.execute(text(sql)).rowcount
            connection.commit()
        assert changed > 0, name
        try:
            check_rebuilt(register)
        except (AssertionError, VerificationError):
            pass
        else:
            missed.append(name)
        register.close()
        (tmp_path / "firtree.sqlite").write_bytes(kept)
        for end in ("-wal", "-shm"):
            (tmp_path / f"firtree.sqlite{end}").unlink(missing_ok=True)

    assert missed == []
    assert check_rebuilt(register) == 303
    register.close()


def test_an_untouched_register_passes(tmp_path: Path) -> None:
    register = an_sqlite_register(tmp_path / "firtree.sqlite")
    record(a_recorder(register), OPENING)

    assert check_rebuilt(register) == 1
    with pytest.raises(AssertionError, match="head"):
        with register.engine.begin() as connection:
            connection.execute(text("UPDATE head SET state = zeroblob(32)"))
        check_rebuilt(register)
    register.close()
