"""``firtree doctor``: a sound register, and each thing around it that may be wrong."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from commands import as_json, firtree
from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.wiring.checkup import checkup

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a register of two entries in ``var``."""
    settings = Settings(data=str(tmp_path / "var"))
    wiring.make(settings, origin="log.example/doctor")
    fill(settings)
    return tmp_path


def fill(settings: Settings) -> None:
    with wiring.opened(settings) as parts:
        for number in (1, 2):
            one = Statement(subject=an_entry(number), by="keeper")
            parts.recorder.record([one], KEEPER)


def tamper(folder: Path, sql: str) -> None:
    """Change the database behind the program's back."""
    with closing(sqlite3.connect(folder / "var" / "firtree.db")) as database:
        assert database.execute(sql).rowcount == 1
        database.commit()


def test_a_sound_register_is_called_sound(folder: Path) -> None:
    told = firtree(folder, "doctor").stdout
    report = as_json(folder, "doctor")

    assert told == (
        "sound: 3 statements and 9 rows of tables of log.example/doctor are as the "
        "log says\n"
    )
    assert (report["sound"], report["found"], report["faults"]) == (True, 0, [])
    assert report["log"]["size"] == 3
    assert report["rows_compared"]["entry"] == 2
    assert report["remedy"] == ""


def test_the_row_that_is_wrong_is_named_and_rebuild_mends_it(folder: Path) -> None:
    tamper(folder, "UPDATE entry SET firmware = 'FF' WHERE id = 2")

    told = firtree(folder, "doctor", code=1).stdout.splitlines()
    report = as_json(folder, "doctor", code=1)

    assert told[0] == (
        "table entry, row with id 2, since 3: firmware: expected '00000002', found 'FF'"
    )
    assert told[-2].startswith("1 thing is wrong")
    assert "firtree rebuild" in told[-1]
    assert report["faults"] == [
        {
            "part": "entry",
            "row": {"id": 2, "since": 3},
            "told": "firmware: expected '00000002', found 'FF'",
        }
    ]
    firtree(folder, "rebuild")
    assert as_json(folder, "doctor")["sound"]


def test_what_rebuilding_cannot_mend_is_to_be_restored(folder: Path) -> None:
    tamper(folder, "UPDATE statement SET core = x'00' WHERE leaf_index = 1")

    told = firtree(folder, "doctor", code=1).stdout

    assert "leaf_index 1: section 'core' does not match its commitment" in told
    assert "not checked: tables and state map" in told
    assert "firtree restore" in told
    assert "firtree rebuild makes" not in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE head SET size = size + 1", "size: expected 3, found 4"),
        ("UPDATE head SET size = size - 1", "size: expected 3, found 2"),
        (
            "UPDATE head SET size = size + 2",
            "size: expected 3, found 5",
        ),  # of as many nodes
        ("UPDATE head SET size = size + 100", "size: expected 3, found 103"),
        ("UPDATE head SET size = -1", "size: expected 3, found -1"),
        ("UPDATE head SET size = 'x'", "size: expected 3, found 'x'"),
        ("UPDATE head SET frontier = x'00'", "frontier: expected"),
    ],
)
def test_a_head_that_is_wrong_is_named_by_its_row(
    folder: Path, change: str, said: str
) -> None:
    tamper(folder, change)

    report = as_json(folder, "doctor", code=1)

    found = [one for one in report["faults"] if one["part"] == "head"]
    assert [one["row"] for one in found] == [{"id": 1}]
    assert said in found[0]["told"]
    assert all(one["part"] != "statement" for one in report["faults"])


@pytest.mark.parametrize("command", ["doctor", "rebuild", "export -o x.csv"])
def test_a_head_that_is_gone_is_told(folder: Path, command: str) -> None:
    tamper(folder, "DELETE FROM head")

    done = firtree(folder, *command.split(), code=1)

    assert "table head: expected one row, found 0 rows" in done.stdout + done.stderr


def test_files_that_any_user_can_read_are_named(folder: Path) -> None:
    assert (folder / "var").stat().st_mode & 0o777 == 0o700
    (folder / "var").chmod(0o755)
    (folder / "var" / "firtree.db").chmod(0o644)

    told = firtree(folder, "doctor", code=1).stdout

    assert "files: " in told
    assert "firtree.db can be read or written by any user: chmod 600" in told
    (folder / "var" / "firtree.db").chmod(0o600)
    assert "sound" in firtree(folder, "doctor").stdout


def test_a_key_that_is_absent_or_another_ones_is_named(folder: Path) -> None:
    wiring.make(Settings(data=str(folder / "other")), origin="log.example/other")
    key = folder / "var" / "log.key"
    key.write_bytes((folder / "other" / "log.key").read_bytes())

    told = firtree(folder, "doctor", code=1).stdout
    key.unlink()
    absent = firtree(folder, "doctor", code=1).stdout

    assert "signing key: the signing key is that of log.example/other" in told
    assert "the signing key log.key of the register in" in absent


def test_a_register_that_went_back_is_named(folder: Path) -> None:
    database = folder / "var" / "firtree.db"
    old = database.read_bytes()
    fill(Settings(data=str(folder / "var")))
    database.write_bytes(old)

    told = firtree(folder, "doctor", code=1).stdout

    assert "fence: the register went back: its log has 3 statements" in told
    assert "has seen one of 5, signed" in told


def test_a_damaged_index_is_found_by_the_database(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "var" / "firtree.db")) as database:
        database.execute("PRAGMA writable_schema=ON")
        database.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, '(model)', '(firmware)')"
            " WHERE name = 'entry_model'"
        )
        database.commit()

    told = firtree(folder, "doctor", code=1).stdout

    assert "database: row 1 missing from index entry_model" in told


def test_a_register_of_another_schema_is_refused(folder: Path) -> None:
    tamper(folder, "UPDATE alembic_version SET version_num = '9999'")

    report = as_json(folder, "doctor", code=1)

    assert report["sound"] is False
    assert "written by a newer firtree" in report["error"]


def test_a_folder_without_a_register_is_refused(tmp_path: Path) -> None:
    told = firtree(tmp_path, "doctor", code=1).stderr

    assert "there is no register's database at" in told
    assert not (tmp_path / "var").exists()


@pytest.mark.postgres
def test_a_register_in_postgresql_is_checked_with_the_server_s_settings(
    tmp_path: Path, postgres_url: str
) -> None:
    settings = Settings(data=str(tmp_path / "var"), database=postgres_url)
    wiring.make(settings)
    fill(settings)
    assert checkup(settings, lambda *_told: None).found == 0

    engine = create_engine(postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    name = engine.url.database
    with engine.begin() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit=off'))
        connection.execute(text("UPDATE entry SET status = 'Expired' WHERE id = 2"))
    engine.dispose()
    found = checkup(settings, lambda *_told: None)

    setting, row = map(str, found.faults)
    assert setting == "database: synchronous_commit: expected 'on', found 'off'"
    assert row.endswith("since 3: status: expected 'Active', found 'Expired'")
