"""One octet changed anywhere in a mirror is found, and named where it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from firtree.errors import VerificationError
from firtree.ledger.notes import Signer
from firtree.ledger.policy import Policy
from firtree.ledger.tiles import TILE_WIDTH, tile_path
from firtree.parties import Maker
from firtree.storage.mirror_rows import SQLiteRows
from firtree.storage.tables import REVISIONS
from mirrored import POLICY, LocalLog, flip, mirror, told, verify
from registers import SIGNER

# Statements under the first hash of a tile of level 2, and how many are recorded in
# one transaction.
UNDER_LEVEL_TWO = TILE_WIDTH * TILE_WIDTH
TAKEN_AT_ONCE = 4096


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a mirror of two full blocks and a little more, to be copied."""
    path = tmp_path_factory.mktemp("made")
    log = LocalLog(path / "log.db")
    log.fill(560)
    mirror(path / "mirror", log)
    log.register.close()
    return path / "mirror"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Give a mirror of one's own."""
    shutil.copytree(made, tmp_path / "mirror")
    return tmp_path / "mirror"


FILES = (
    ("checkpoint", 3, "log/checkpoint: no key is known"),
    ("checkpoint", 26, "log/checkpoint: wrong signature"),
    ("checkpoint", 100, "log/checkpoint: "),
    ("tile/entries/000", 1, "log/tile/entries/000: an entry bundle that ends"),
    (
        "tile/entries/001",
        193 * 9 + 50,
        "log/tile/entries/001: the leaf of statement 265",
    ),
    (
        "tile/entries/002.p/50",
        60,
        "log/tile/entries/002.p/50: the leaf of statement 512",
    ),
    ("tile/0/001", 32 * 9, "log/tile/0/001: its hash of statement 265 is wrong"),
    ("tile/0/002.p/50", 32 * 2, "log/tile/0/002.p/50: its hash of statement 514"),
    ("tile/1/000.p/2", 32, "log/tile/1/000.p/2: its hash 1 is wrong"),
)


@pytest.mark.parametrize(("name", "place", "said"), FILES)
def test_one_octet_in_a_file_is_named_and_nothing_else(
    name: str, place: int, said: str, folder: Path
) -> None:
    flip(folder / "log" / name, place)

    found = verify(folder)

    assert found.found == 1, told(found)
    assert told(found)[0].startswith(said)


@pytest.mark.parametrize(
    "name", ["tile/entries/001", "tile/0/001", "tile/1/000.p/2", "checkpoint"]
)
def test_a_file_that_is_missing_is_named(name: str, folder: Path) -> None:
    (folder / "log" / name).unlink()

    assert f"log/{name}: it is missing" in told(verify(folder))


def test_a_file_that_is_none_of_a_log_is_named(folder: Path) -> None:
    (folder / "log" / "tile" / "note.txt").write_text("x")

    assert told(verify(folder)) == ["log/tile/note.txt: it is no file of a log"]


def test_a_partial_tile_of_an_earlier_size_is_checked(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log.db")
    mirror(tmp_path / "m", log)
    log.fill(3)
    mirror(tmp_path / "m", log)
    flip(tmp_path / "m" / "log" / tile_path("entries", 0, 2), 50)

    assert told(verify(tmp_path / "m")) == [
        "log/tile/entries/000.p/2: it is not how the later one begins"
    ]
    log.register.close()


_PLANTED = """
    INSERT INTO entry SELECT place + 100000, manufacturer, model, id + 9000, since,
    until, device_type, firmware, status, image_hash, published_on, status_from, outline
    FROM entry WHERE id = 44
"""
_HEAD = "table head, row with id 1: not what follows"
_REVISION = f"table alembic_version: expected the schema's revision {REVISIONS[-1]}"
ROWS = (
    ("UPDATE statement SET core = x'7b7d' WHERE leaf_index = 77",
     "statement 77: section 'core' does not match its commitment"),
    ("UPDATE statement SET core = 'x' WHERE leaf_index = 77",
     "statement 77: its row holds values of another type"),
    ("UPDATE statement SET salts = zeroblob(160) WHERE leaf_index = 78",
     "statement 78: section 'head' does not match its commitment"),
    ("UPDATE statement SET commitments = zeroblob(160) WHERE leaf_index = 78",
     "statement 78: the commitments are not those of the statement's leaf"),
    ("UPDATE statement SET subject = 'entry/1' WHERE leaf_index = 79",
     "statement 79: it is about 'entry/78', but kept as one about 'entry/1'"),
    ("UPDATE statement SET leaf = zeroblob(191) WHERE leaf_index = 79",
     "statement 79: its leaf is not the one in the log's files"),
    ("DELETE FROM statement WHERE leaf_index BETWEEN 500 AND 502",
     "statement 500: it and those up to 502 are missing"),
    ("UPDATE entry SET status = 'Withdrawn' WHERE id = 44",
     "table entry, row with id 44, since 46: status: not what follows"),
    ("UPDATE entry SET place = place + 100000 WHERE id = 44",
     "table entry, row with id 44, since 46: model: not what follows"),
    ("UPDATE entry SET until = 50 WHERE id = 44",
     "table entry: expected 560 rows that hold, found 559"),
    ("DELETE FROM entry WHERE id = 44",
     "table entry, row with id 44, since 46: it is missing"),
    (_PLANTED,
     "table entry: expected 560 rows, found 561"),
    ("UPDATE map_leaf SET list = x'5b5d' WHERE since > 500 AND kind = 'model'",
     "table map_leaf, row with kind model"),
    ("UPDATE map_leaf SET name = 'x' WHERE kind = 'party'",
     "table map_leaf, row with kind party"),
    ("UPDATE maker SET name = 'Elder'",
     "table maker, row with code AB01, since 2: not what follows"),
    ("INSERT INTO party VALUES (9, 5, NULL, 'x')",
     "table party, row with id 9, since 5: not what follows"),
    ("UPDATE tile SET hashes = zeroblob(length(hashes)) WHERE level = 1",
     "table tile, row with level 1, number 0: not what follows"),
    ("UPDATE tile SET hashes = zeroblob(length(hashes)) WHERE number = 1",
     "table tile, row with level 0, number 1: not what follows"),
    ("UPDATE checkpoint SET root = zeroblob(32) WHERE size = 562",
     "table checkpoint, row with size 562: not what follows"),
    ("UPDATE head SET at_us = 3", "table head, row with id 1: not what follows"),
    ("UPDATE head SET size = 500", "table head, row with id 1: not what follows"),
    ("UPDATE head SET size = size + 1", _HEAD),
    ("UPDATE head SET size = size + 100", _HEAD),
    ("UPDATE head SET size = 'x'", _HEAD),
    ("UPDATE head SET id = 2", _HEAD),
    ("UPDATE head SET frontier = zeroblob(length(frontier))", _HEAD),
    ("UPDATE head SET frontier = 'x'", _HEAD),
    ("UPDATE head SET state = zeroblob(32)", _HEAD),
    ("INSERT INTO head SELECT 2, size, at_us, state, frontier FROM head", _HEAD),
    ("DELETE FROM head", _HEAD),
    ("UPDATE alembic_version SET version_num = '0005'",
     f"{_REVISION}, found '0005'"),
    ("UPDATE alembic_version SET version_num = 'x'", f"{_REVISION}, found 'x'"),
    ("INSERT INTO alembic_version VALUES ('0005')", f"{_REVISION}, found '00"),
    ("DELETE FROM alembic_version", f"{_REVISION}, found nothing"),
    ("DROP INDEX entry_model", "its schema is not that of a register of this version"),
)  # fmt: skip


@pytest.mark.parametrize(("change", "said"), ROWS)
def test_a_changed_row_is_named(change: str, said: str, folder: Path) -> None:
    database = sqlite3.connect(folder / "register" / "firtree.db")
    assert database.execute(change).rowcount or "DROP" in change
    database.commit()
    database.close()

    lines = told(verify(folder))

    assert any(f"register/firtree.db, {said}" in line for line in lines) or any(
        line.startswith(f"register/firtree.db: {said}") for line in lines
    ), lines


def test_what_follows_from_a_damaged_statement_is_not_blamed(folder: Path) -> None:
    database = sqlite3.connect(folder / "register" / "firtree.db")
    database.execute(ROWS[0][0])
    database.commit()
    database.close()

    found = verify(folder)

    assert found.found == 1
    assert found.seen is not None
    assert found.seen.unreliable == 77
    assert not found.seen.replayed


def test_a_statement_taken_away_from_a_mirror_is_noticed(folder: Path) -> None:
    database = sqlite3.connect(folder / "register" / "firtree.db")
    database.execute(
        "UPDATE statement SET head = NULL, core = NULL, fir = NULL, people = NULL,"
        " private = NULL, salts = zeroblob(160), commitments = zeroblob(160),"
        " subject = '' WHERE leaf_index = 561"
    )
    database.commit()
    database.close()

    lines = told(verify(folder))

    assert "mirror.json: it says hidden 0, replayed True; found 1 and False" in lines


def test_a_file_that_is_no_database_is_not_left_open(tmp_path: Path) -> None:
    path = tmp_path / "firtree.db"
    path.write_bytes(b"no database at all" * 500)

    # What was raised is held, and with it all that the reader had.
    with pytest.raises(VerificationError) as caught:
        SQLiteRows(path, frozenset())

    opened = [os.path.realpath(one) for one in Path("/proc/self/fd").iterdir()]
    assert str(path) not in opened, caught


def test_octets_of_a_register_that_is_no_database_are_named(folder: Path) -> None:
    flip(folder / "register" / "firtree.db", 0)

    (line,) = told(verify(folder))

    assert line.startswith("register/firtree.db: the file is damaged")


def test_what_sqlite_finds_wrong_with_a_file_is_said_in_one_sentence(
    folder: Path,
) -> None:
    path = folder / "register" / "firtree.db"
    with closing(sqlite3.connect(path)) as database:
        [(octets,)] = database.execute("PRAGMA page_size")
        [(page,)] = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'entry_model'"
        )
    # In the header of a page: how many octets of it are in fragments.
    flip(path, (page - 1) * octets + 7)

    (line,) = told(verify(folder))

    assert line == (
        "register/firtree.db: table entry: Fragmentation of 0 bytes reported as 1 on "
        f"page {page}"
    )


def test_a_policy_from_elsewhere_is_held_against_the_mirror(
    folder: Path,
) -> None:
    other = POLICY.replace(
        str(SIGNER.verifier), str(Signer(SIGNER.name, bytes(32)).verifier)
    )

    (line,) = told(verify(folder, Policy.parse(other.encode())))

    assert line.startswith("log/checkpoint: the note bears no signature")


@pytest.mark.long
def test_a_wrong_octet_in_a_tile_of_level_two_is_named_alone(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log.db")
    # The least there is to record: makers, each its own thing in the state map.
    makers = [
        Maker(code=f"{number:04X}", name="x") for number in range(UNDER_LEVEL_TWO)
    ]
    for start in range(0, UNDER_LEVEL_TWO, TAKEN_AT_ONCE):
        log.record(*makers[start : start + TAKEN_AT_ONCE])
    folder = tmp_path / "mirror"
    mirror(folder, log)
    tile = folder / "log" / tile_path(2, 0, 1)
    assert tile.stat().st_size == 32
    assert told(verify(folder)) == []

    flip(tile, 9)

    assert told(verify(folder)) == ["log/tile/2/000.p/1: its hash 0 is wrong"]
