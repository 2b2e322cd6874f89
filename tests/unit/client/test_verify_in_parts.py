"""However a verification is cut up, it finds the same."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from crews import fatal_rows
from entries import a_model, an_entry
from firtree.client import replay
from firtree.client.verdict import Checked, Effort, Verdict, verify_mirror
from firtree.client.verifying_lists import Aside
from firtree.errors import UnavailableError
from firtree.exchange.files import silent
from firtree.parties import Contact, Maker, PartyKind
from firtree.statements.types.erasure import Erasure
from firtree.wiring.mirrors import to_check
from mirrored import LocalLog, flip, mirror, told
from principals import a_principal

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = Effort()
PIECES = Effort(processes=1, blocks=2, bits=3)
SHARED = Effort(processes=2, blocks=1, bits=2)


def verify(folder: Path, effort: Effort, checked: Checked | None = None) -> Verdict:
    """Verify a mirror, cut up in some way."""
    checked = checked or to_check(folder)
    return verify_mirror(checked, None, progress=silent, effort=effort)


def change(folder: Path, *queries: str) -> None:
    """Change rows of a mirror's register."""
    with closing(sqlite3.connect(folder / "register" / "firtree.db")) as database:
        for query in queries:
            assert database.execute(query).rowcount, query
        database.commit()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a mirror of four blocks, of all that can happen to entries."""
    path = tmp_path_factory.mktemp("made")
    log = LocalLog(path / "log.db")
    contact = Contact(role="Firmware desk", email="desk@alder.example")
    log.record(*(an_entry(number, contact=contact) for number in range(1, 401)))
    for number in range(401, 560):
        other = a_model(manufacturer=f"{number:04X}")
        log.record(an_entry(number, model=other))
    moved = a_model(manufacturer="CD02")
    log.record(*(an_entry(number, model=moved) for number in range(9, 13)))
    log.record(an_entry(9, firmware_label="1.2"), an_entry(500))
    log.record(Maker(code="AB01", name="Elder Meters"))
    log.record(Erasure(statement=20, section="people", reason="asked for"))
    log.fill(260, first=1000)
    mirror(path / "mirror", log)
    log.register.close()
    return path / "mirror"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Give a mirror of one's own."""
    shutil.copytree(made, tmp_path / "mirror")
    return tmp_path / "mirror"


@pytest.mark.parametrize("effort", [WHOLE, PIECES, SHARED])
def test_a_sound_mirror_is_sound(effort: Effort, made: Path) -> None:
    found = verify(made, effort)

    assert told(found) == []
    assert found.seen is not None
    assert found.seen.replayed
    assert found.seen.statements == found.signed.checkpoint.size > 768  # type: ignore[union-attr]
    assert found.seen.absent == 1


# Each in the first range of 256 statements, in others, or in several.
CHANGES = (
    "UPDATE statement SET core = x'7b7d' WHERE leaf_index IN (3, 300, 600)",
    "UPDATE statement SET core = x'7b7d' WHERE leaf_index = 600",
    "UPDATE statement SET subject = 'entry/1' WHERE leaf_index = 600",
    "DELETE FROM statement WHERE leaf_index BETWEEN 250 AND 260",
    "DELETE FROM statement WHERE leaf_index >= 512",
    "UPDATE entry SET status = 'Withdrawn' WHERE id IN (5, 300, 550)",
    "UPDATE entry SET until = until + 1 WHERE id = 9 AND until IS NOT NULL",
    "UPDATE entry SET until = 700 WHERE id = 550",
    "DELETE FROM entry WHERE id = 9 AND until IS NULL",
    "DELETE FROM entry WHERE id = 10 AND until IS NOT NULL",
    "UPDATE map_leaf SET list = x'5b5d' WHERE kind = 'model' AND since < 560",
    "UPDATE map_leaf SET since = since + 1 WHERE kind = 'model' AND since = 565",
    "DELETE FROM map_leaf WHERE kind = 'model' AND since >= 565",
    "DELETE FROM map_leaf WHERE kind = 'party'",
    "INSERT INTO map_leaf VALUES (zeroblob(32), 7, 'model', 'x', x'5b5d')",
    "UPDATE maker SET name = 'x' WHERE until IS NULL",
    "UPDATE tile SET hashes = zeroblob(length(hashes))",
    "UPDATE checkpoint SET root = zeroblob(32) WHERE size > 500",
    "UPDATE checkpoint SET at_us = at_us + 1 WHERE size = 402",
    "UPDATE head SET frontier = x''",
)


@pytest.mark.parametrize("query", CHANGES)
def test_cut_up_it_finds_the_same_faults(query: str, folder: Path) -> None:
    change(folder, query)

    whole, pieces = verify(folder, WHOLE), verify(folder, PIECES)

    assert whole.found > 0
    assert sorted(told(pieces)) == sorted(told(whole))
    assert pieces.seen == whole.seen


@pytest.mark.parametrize("effort", [PIECES, SHARED])
def test_it_tells_how_far_it_has_come(effort: Effort, made: Path) -> None:
    said: list[tuple[str, int, int]] = []
    found = verify_mirror(
        to_check(made), None, progress=lambda *told: said.append(told), effort=effort
    )

    assert found.seen is not None
    size, parts = found.seen.statements, 1 << effort.bits
    statements = [done for what, done, of in said if (what, of) == ("statements", size)]
    lists = [done for what, done, of in said if (what, of) == ("lists", parts)]
    step = effort.blocks * 256
    assert statements == [*range(step, size, step), size]
    assert lists == list(range(parts + 1))
    assert len(said) == len(statements) + len(lists)


def test_faults_of_several_processes_come_in_order(folder: Path) -> None:
    change(folder, CHANGES[5], "UPDATE tile SET hashes = x'00' WHERE number = 2")
    flip(folder / "log" / "tile" / "0" / "001", 40)

    lines = told(verify(folder, SHARED))

    places = [line.rpartition(": ")[0].rpartition(", ")[2] for line in lines]
    assert places == [
        "since 7: status",
        "log/tile/0/001",
        "since 302: status",
        "since 552: status",
        "number 2",
    ]


def test_a_register_that_cannot_be_read_leaves_the_files_to_be_checked(
    folder: Path,
) -> None:
    flip(folder / "register" / "firtree.db", 0)
    flip(folder / "log" / "tile" / "0" / "001", 40)

    found = verify(folder, SHARED)

    assert found.seen is None
    assert "the file is damaged" in told(found)[0]
    assert told(found)[1:] == ["log/tile/0/001: its hash of statement 257 is wrong"]


def test_where_no_signed_root_is_known_all_is_checked_all_the_same(
    folder: Path,
) -> None:
    flip(folder / "log" / "tile" / "1" / "000.p" / "3", 40)
    change(folder, CHANGES[5])

    lines = told(verify(folder, SHARED))

    assert lines[-1] == "log/tile/1/000.p/3: its hash 1 is wrong"
    assert [line.rpartition("since ")[2].partition(":")[0] for line in lines[:-1]] == [
        "7",
        "302",
        "552",
    ]


def test_the_size_from_which_a_version_of_a_list_holds_is_checked(
    folder: Path,
) -> None:
    change(folder, CHANGES[11])

    lines = told(verify(folder, PIECES))

    where = "register/firtree.db, table map_leaf, row with kind model"
    assert lines
    assert all(line.startswith(where) for line in lines)
    assert "since 565: not what follows from the statements" in lines[0]


def test_lists_behind_a_state_that_is_wrong_are_not_blamed(folder: Path) -> None:
    change(folder, CHANGES[9])

    lines = told(verify(folder, PIECES))

    assert [line.rpartition(": ")[2] for line in lines] == [
        "it is missing",
        "not what follows from the statements",
        "its leaf names another state than the statements up to it lead to",
    ]


def test_a_list_that_no_statement_makes_is_counted(folder: Path) -> None:
    change(folder, CHANGES[14])

    (line,) = told(verify(folder, PIECES))

    assert line.startswith("register/firtree.db, table map_leaf: expected ")


def test_a_state_that_the_statements_do_not_lead_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.fill(500)
    with closing(sqlite3.connect(log.register.path)) as database:
        database.execute("UPDATE map_leaf SET list = x'5b5d' WHERE kind = 'model'")
        database.commit()
    number = log.record(an_entry(9002)) - 1
    log.record(an_entry(9003))
    monkeypatch.setattr(replay.Replay, "_check_state", lambda *_: None)
    mirror(tmp_path / "m", log)
    log.register.close()

    for effort in (WHOLE, PIECES):
        found = verify(tmp_path / "m", effort)

        (line,) = told(found)
        assert f"statement {number}: its leaf names another state than" in line
        assert found.seen is not None
        assert not found.seen.replayed
        assert found.seen.unreliable == number


def test_a_partial_mirror_is_verified_in_parts(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.record(*(an_entry(number) for number in range(1, 300)))
    log.principal = a_principal(PartyKind.MANUFACTURER, "Other", frozenset({"CD02"}))
    log.record(an_entry(300, model=a_model(manufacturer="CD02")))
    mirror(tmp_path / "m", log)
    log.register.close()

    whole, pieces = (verify(tmp_path / "m", effort) for effort in (WHOLE, PIECES))

    assert told(whole) == told(pieces) == []
    assert whole.seen == pieces.seen
    assert whole.seen is not None
    assert whole.seen.hidden > 0
    assert not whole.seen.replayed


def test_a_process_that_dies_is_told_and_nothing_is_left_behind(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    checked = to_check(folder)
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    path = folder / "register" / "firtree.db"
    fatal = checked._replace(rows=fatal_rows(path, checked.rows))  # type: ignore[arg-type]

    with pytest.raises(UnavailableError, match="ended before its time"):
        verify(folder, SHARED, fatal)

    assert not list(aside.iterdir())
    assert told(verify(folder, SHARED)) == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    aside = Aside(tmp_path, 0)
    for name in ("0", "ends"):
        (tmp_path / name).symlink_to("/dev/full")

        with pytest.raises(UnavailableError, match="No space left") as caught:
            aside.put({0: b"x"}) if name == "0" else aside.put_ends([1])

        assert "TMPDIR" in caught.value.hint


def test_a_large_log_is_shared_and_a_small_one_is_not() -> None:
    assert Effort.fitting(10_000).processes == 1
    assert 1 <= Effort.fitting(1_000_000).processes <= 8
    assert Effort.fitting(1_000_000).bits == 7
    assert Effort.fitting(10**12).bits <= 12
