"""A mirror whose database was changed is not gone on with, and that is told."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from afar import firtree, good, serving
from firtree.settings import Settings
from firtree.storage.tables import REVISIONS
from firtree.wiring.keyfile import signer_of
from registers import MAKE_OLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REVISE = "UPDATE alembic_version SET version_num = "
OLDER = [
    (f"{REVISE}'{one}'", f"revision that table alembic_version names, {one} (")
    for one in REVISIONS[:-1]
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an example register, and a mirror of it."""
    folder = tmp_path_factory.mktemp("damaged")
    good(folder, "demo", "--data", "register", "--entries", "60")
    key = str(signer_of(Settings(data=str(folder / "register"))).verifier)
    with serving(folder) as address:
        good(folder, "log", "mirror", address, "mirror", "--key", key)
    return folder


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    """Give the address of the register while it is served."""
    with serving(place) as served:
        yield served


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE head SET size = size + 1", "table head: expected "),
        ("UPDATE head SET size = size + 100", "table head: expected "),
        (
            "UPDATE head SET size = 'x'",
            "table head, column size: expected a whole number, found 'x'",
        ),
        ("DELETE FROM head", "table head: expected one row, found 0 rows"),
        (
            "UPDATE head SET id = 2",
            "table head: expected the row with id 1, found id 2",
        ),
        (
            "INSERT INTO head SELECT 2, size, at_us, state, frontier FROM head",
            "table head: expected one row, found 2 rows",
        ),
        ("DELETE FROM alembic_version", "table alembic_version names, none ("),
        (f"{REVISE}'x'", "its schema is x, this"),
        *OLDER,
    ],
)
def test_a_damaged_mirror_is_told_in_one_sentence_and_not_changed(
    place: Path, address: str, tmp_path: Path, change: str, said: str
) -> None:
    shutil.copytree(place / "mirror", tmp_path / "mirror")
    path = tmp_path / "mirror" / "register" / "firtree.db"
    with closing(sqlite3.connect(path)) as database:
        assert database.execute(change).rowcount == 1
        database.commit()
        before = list(database.iterdump())

    verified = firtree(tmp_path, "log", "verify", "mirror")
    mirrored = firtree(tmp_path, "log", "mirror", address, "mirror")

    assert verified.code == 1
    assert mirrored.code == 1
    assert said in mirrored.line
    assert mirrored.line.count("firtree: ") <= 2, mirrored.line
    with closing(sqlite3.connect(path)) as database:
        assert list(database.iterdump()) == before


def test_a_mirror_of_an_earlier_version_is_brought_up_to_date_by_its_next_run(
    place: Path, address: str, tmp_path: Path
) -> None:
    shutil.copytree(place / "mirror", tmp_path / "mirror")
    path = tmp_path / "mirror" / "register" / "firtree.db"
    with closing(sqlite3.connect(path)) as database:
        for change in MAKE_OLDER:
            database.execute(change)
        database.commit()

    refused = firtree(tmp_path, "log", "verify", "mirror")
    asked = firtree(tmp_path, "export", "-o", "fir.csv", "--from", "mirror")

    assert refused.code == asked.code == 1
    assert "was made by an earlier firtree: its schema is 0006, this" in refused.line
    hint = "bring it up to date: firtree log mirror URL mirror"
    assert hint in refused.err
    assert hint in asked.err
    good(tmp_path, "log", "mirror", address, "mirror")
    good(tmp_path, "log", "verify", "mirror")
