"""The commands that tell what changed, run as processes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from commands import as_json, firtree
from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.catalogue.differences import Difference
from firtree.catalogue.entry import Status
from firtree.exchange.workbook.compared import (
    TEXT_MOST,
    Comparison,
    write_comparison,
)
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.statements.types.form import Kind
from firtree.statements.versions import Change

FORMULA = '=HYPERLINK("https://evil.example")'
AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a register in which an entry was changed, removed and restored."""
    made = tmp_path_factory.mktemp("commands")
    settings = Settings(data=str(made / "var"))
    wiring.make(settings)
    withdrawn = an_entry(1, status=Status.WITHDRAWN, status_reason=FORMULA)
    with wiring.opened(settings) as parts:
        for entry in (an_entry(1), withdrawn, an_entry(2), an_entry(1)):
            statement = Statement(subject=entry, by="keeper")
            parts.recorder.record([statement], KEEPER)
    return made


def test_a_history_shows_before_and_after(folder: Path) -> None:
    shown = firtree(folder, "history", "1").stdout

    lines = shown.splitlines()
    assert lines[0] == "entry 1: ESME AB01 010A030B, firmware 00000001, Active"
    assert "    Status: Withdrawn → Active" in lines
    assert f"    Status Reason: (nothing) → {FORMULA}" in lines
    kinds = [line.split()[2] for line in lines if line.startswith("20")]
    assert kinds == ["restored", "removed", "added"]
    assert sum(", by the keeper" in line for line in lines) == 3


def test_a_history_is_the_same_for_programs(folder: Path) -> None:
    found = as_json(folder, "history", "1")

    assert found.keys() == {"entry", "versions", "next_cursor", "log"}
    assert [v["statement"] for v in found["versions"]] == [4, 2, 1]
    earlier = as_json(folder, "history", "1", "--at", "3")
    assert [v["statement"] for v in earlier["versions"]] == [2, 1]


def test_a_comparison_shows_what_became_of_each_thing(folder: Path) -> None:
    shown = firtree(folder, "diff", "--from", "2", "--to", "4").stdout

    assert "removed  entry 1: AB01 010A030B" in shown
    assert "    Status: Active → Withdrawn" in shown
    assert "added    entry 2" in shown
    assert shown.splitlines()[0].endswith("log size 4: 2 statements")
    assert shown.splitlines()[-1] == "1 entry removed, 1 entry added"
    assert "nothing changed" in firtree(folder, "diff", "--from", "5").stdout


def test_a_comparison_is_the_same_for_programs(folder: Path) -> None:
    found = as_json(folder, "diff", "--from", "0")

    assert found.keys() == {"from", "to", "changes", "next_cursor", "log"}
    assert [(c["kind"], c["subject"]) for c in found["changes"]] == [
        ("entry-added", "entry/2"),
        ("entry-added", "entry/1"),
    ]
    assert as_json(folder, "diff", "--from", "5")["changes"] == []
    first = as_json(folder, "diff", "--from", "0001-01-01T00:00:00Z")
    assert first["changes"] == found["changes"]


def test_a_comparison_is_written_to_a_workbook(folder: Path) -> None:
    told = firtree(folder, "diff", "--from", "2", "-o", "changes.xlsx").stdout
    book = openpyxl.load_workbook(folder / "changes.xlsx")

    assert told == "wrote changes.xlsx: 1 row\n"
    rows = list(book["Changes"].iter_rows(values_only=True))
    assert rows[0][:3] == ("Change", "CPL Entry ID", "Manufacturer Code")
    assert rows[1][:6] == (
        *("entry added", 2, "AB01", "Alder Meters", "010A030B", "00000002"),
    )
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert str(about["To"]).endswith("log size 5")
    assert str(about["Checkpoint"]).startswith("firtree.local/")
    assert not list(folder.glob("*.part"))


def test_a_workbook_that_is_there_is_kept(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "changes.xlsx"
    there.write_text("mine")
    asked = ("diff", "--from", "0", "-o", str(there))

    assert "there is a file" in firtree(folder, *asked, code=1).stderr
    assert there.read_text() == "mine"
    assert "wrote" in firtree(folder, *asked, "--overwrite").stdout


def test_no_cell_of_a_workbook_is_a_formula(folder: Path) -> None:
    firtree(folder, "diff", "--from", "2", "--to", "3", "-o", "formula.xlsx")
    book = openpyxl.load_workbook(folder / "formula.xlsx")

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert FORMULA in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)


def test_a_text_too_long_for_a_cell_is_cut(tmp_path: Path) -> None:
    found = Difference("notes", "Notes Summary", "a" * TEXT_MOST, "b" * (TEXT_MOST + 1))
    entry, path = an_entry(1), tmp_path / "long.xlsx"
    change = Change(Kind.ENTRY_CHANGED, "entry/1", 4, AT, "", entry, entry, (found,))

    assert write_comparison(path, Comparison("a", "b", "c"), [change]) == 1

    (row,) = openpyxl.load_workbook(path)["Changes"].iter_rows(
        min_row=2, values_only=True
    )
    assert row[7] == "a" * TEXT_MOST
    assert row[8] == "b" * (TEXT_MOST - 1) + "…"
    assert row[9] == "2026-07-01 13:00:00"  # summer time in London


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("history", "9"), 1, "there is no entry 9"),
        (("history", "0"), 2, "0 is not in the range"),
        (("history", "x"), 2, "is not a valid integer"),
        (("history", "1", "--at", "2019-01-01"), 1, "did not exist yet"),
        (("diff",), 2, "Missing option '--from'"),
        (("diff", "--from", "x"), 1, "from: expected a date"),
        (("diff", "--from", "9"), 1, "from: expected a log size from 0 to 5"),
        (("diff", "--from", "5", "--to", "2"), 1, "not later than '2'"),
        (("diff", "--from", "1", "-o", "a.csv"), 1, "ends in .xlsx"),
        (("diff", "--from", "1", "-o", "no/a.xlsx"), 75, "no/a.xlsx cannot be written"),
        (("diff", "--from", "1", "-o", "a.xlsx", "--json"), 2, "exclude each other"),
    ],
)
def test_what_cannot_be_told_is_refused_in_a_line(
    folder: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    assert told in firtree(folder, *arguments, code=code).stderr


def test_a_size_within_a_transaction_is_answered_for_the_one_before_and_said_so(
    tmp_path: Path,
) -> None:
    settings = Settings(data=str(tmp_path / "var"))
    wiring.make(settings)
    with wiring.opened(settings) as parts:
        many = [
            Statement(subject=an_entry(number), by="keeper") for number in range(1, 5)
        ]
        parts.recorder.record(many[:1], KEEPER)
        parts.recorder.record(many[1:], KEEPER)
        size = parts.register.size()
    within, before = str(size - 1), str(size - 3)
    told = (
        f"firtree: log size {within} lies inside a transaction; this is the state of "
        f"size {before}, at the end of the one before\n"
    )
    device = ("--manufacturer", "AB01", "--model", "010A030B", "--firmware", "1")
    proof, pack, fir, mended = "a.proof", "a.zip", "fir.csv", "mend.xlsx"
    for command in (
        ("history", "1"),
        ("search", "AB01"),
        ("findings",),
        ("lookup", *device),
        ("findings", "-o", mended),
        ("log", "prove", "1", "-o", proof),
        ("evidence", "1", "-o", pack),
        ("export", "-o", fir),
    ):
        assert told == firtree(tmp_path, *command, "--at", within).stderr, command
    compared = firtree(tmp_path, "diff", "--from", "0", "--to", within, "--json")
    assert compared.stderr == told
    assert f'"to":{{"size":{before},' in compared.stdout
    for at in (before, str(size)):
        assert firtree(tmp_path, "history", "1", "--at", at).stderr == ""
