"""A workbook with forty mistakes, and what the import says of each."""

from __future__ import annotations

import io
import json
import os
import shutil
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from commands import Done, run
from firtree.exchange.workbook.marked import WHAT_IS_WRONG
from tables import HASH, a_row
from workbooks import Formula, Merged, an_xlsx

CPL = (
    *("CPL Entry ID", "Device Type", "Generation", "Manufacturer Code"),
    *("Model Identifier", "Hardware Version", "Hardware Revision", "Firmware Version"),
    *("Firmware Label", "GBCS Version", "ESME Variant", "Manufacturer Image Hash"),
    *("CPA Date Kind", "CPA Date", "Status", "Status From", "Published On"),
)
FIR = (
    *("CPL Entry ID", "Release Date", "Upgradable From", "Availability"),
    *("Mandatory Step", "Requires", "Security Urgency", "Contact Email", "Hold"),
    *("DCC Loaded", "Release Notes", "Trade Name"),
)
FIRST = 9001
HEADER_LINE = 3  # below a title and a blank line


class Mistake(NamedTuple):
    """A value that is wrong, and what is said of it."""

    column: str
    value: object
    expected: str
    found: str


HEX2, HEX4, HEX8, HEX64 = (f"{n} hexadecimal digits" for n in (2, 4, 8, 64))
TEXT = ", written as text"
EATEN = "(digits with an E among them, taken for a power of ten?)"
MADE = "(a spreadsheet made it out of something else?)"
STATUSES = "one of Active, Expired, Withdrawn, Cancelled"
MISTAKES = [
    Mistake(
        "Firmware Version",
        20120,
        HEX8 + TEXT,
        "the number 20120 (leading zeros were lost: 00020120?)",
    ),
    Mistake("Firmware Version", 1.23e9, HEX8 + TEXT, f"the number 1230000000 {EATEN}"),
    Mistake(
        "Firmware Version",
        "1.23E+09",
        f"{HEX8}, not '.' at place 2",
        "'1.23E+09' (a spreadsheet has taken digits with an E among them for a "
        "power of ten)",
    ),
    Mistake(
        "Firmware Version",
        "20120",
        f"{HEX8}, not 5",
        "'20120' (leading zeros were lost: 00020120?)",
    ),
    Mistake(
        "Firmware Version", date(2026, 2, 1), HEX8 + TEXT, f"the date 2026-02-01 {MADE}"
    ),
    Mistake(
        "Firmware Version",
        "0002O120",
        f"{HEX8}, not 'O' at place 5 (the digit 0 is meant?)",
        "'0002O120'",
    ),
    Mistake("Firmware Version", "", "a value", "an empty cell"),
    Mistake(
        "Manufacturer Code",
        1200,
        HEX4 + TEXT,
        "the number 1200 (1200, or digits with an E among them?)",
    ),
    Mistake("Manufacturer Code", "F0E", f"{HEX4}, not 3", "'F0E'"),
    Mistake(
        "Model Identifier",
        10,
        HEX4 + TEXT,
        "the number 10 (leading zeros were lost: 0010?)",
    ),
    Mistake(
        "Hardware Version",
        1,
        HEX2 + TEXT,
        "the number 1 (leading zeros were lost: 01?)",
    ),
    Mistake(
        "Hardware Revision", "2", f"{HEX2}, not 1", "'2' (leading zeros were lost: 02?)"
    ),
    Mistake(
        "Manufacturer Image Hash", HASH[:-1], f"{HEX64}, not 63", f"{HASH[:60] + '…'!r}"
    ),
    Mistake("Manufacturer Image Hash", 1e63, HEX64 + TEXT, f"the number 1e+63 {EATEN}"),
    Mistake(
        "Device Type",
        "ESMEE",
        "one of ESME, GSME, CHF, GPF, PPMID, HCALCS, IHD, CAD, SAPC",
        "'ESMEE'",
    ),
    Mistake("Generation", "SMETS3", "SMETS1 or SMETS2+", "'SMETS3'"),
    Mistake(
        "Firmware Label",
        2.1,
        "text",
        "the number 2.1 (2.10 and 2.1 are the same number, and different labels)",
    ),
    Mistake("Firmware Label", date(2003, 2, 1), "text", f"the date 2003-02-01 {MADE}"),
    Mistake("GBCS Version", "#REF!", "a value", "the error #REF!"),
    Mistake("ESME Variant", "XYZ", "an ESME variant such as A, BD or ADEF", "'XYZ'"),
    Mistake("CPA Date Kind", "ends", "one of expiry, renewal", "'ends'"),
    Mistake("CPA Date", 45902, "a date", "the number 45902 (the day 2025-09-02?)"),
    Mistake(
        "CPA Date",
        "31/12/2029",
        "a date such as 2026-11-22, as in sheet 'CPL', cell Q4 (one style for the "
        "whole file)",
        "'31/12/2029'",
    ),
    Mistake(
        "Status",
        "Removed",
        "Active, Expired, Withdrawn or Cancelled ('Removed' does not say which)",
        "'Removed'",
    ),
    Mistake(*("Status", True, STATUSES, "the truth value TRUE")),
    Mistake(
        "Status From",
        datetime(2026, 2, 1, 9, 30),  # noqa: DTZ001
        "a date without a time",
        "2026-02-01 09:30:00",
    ),
    Mistake(
        "Published On",
        "2026-02-30",
        "a day of the calendar, not day 30 of month 2",
        "'2026-02-30'",
    ),
    Mistake("CPL Entry ID", "A-17", "a CPL Entry ID, a whole number from 1", "'A-17'"),
    Mistake("CPL Entry ID", 12.5, "a CPL Entry ID, a whole number from 1", "'12.5'"),
    Mistake(
        "CPL Entry ID",
        Formula("=A4+1", 9002),
        "a value",
        "a formula (its last value was '9002')",
    ),
    Mistake("Release Date", time(10, 20), "a date", f"the time 10:20:00 {MADE}"),
    Mistake(
        "Upgradable From",
        "9001 and 9002",
        "CPL Entry IDs separated by ';' or ',', or N/A",
        "'9001 and 9002'",
    ),
    Mistake(
        "Availability",
        "maybe",
        "one of available, on request, not for new installs, withdrawn by "
        "manufacturer, limited",
        "'maybe'",
    ),
    Mistake("Mandatory Step", "perhaps", "yes or no", "'perhaps'"),
    Mistake(
        "Requires",
        "a hub",
        "what the hub needs, such as 'entries 12, 15; GBCS "
        "4.1; CHTS 1.4; HAN Dual Band'",
        "'a hub'",
    ),
    Mistake(
        "Security Urgency",
        Formula('=IF(1,"high","none")', "high"),
        "a value",
        "a formula (its last value was 'high')",
    ),
    Mistake(
        "Contact Email",
        "firmware at maker.example",
        "an e-mail address such as firmware@maker.example",
        "'firmware at maker.example'",
    ),
    Mistake(
        "Hold",
        "x" * 201,
        "a text of 1 to 200 characters, not 201",
        f"{'x' * 60 + '…'!r}",
    ),
    Mistake(
        "DCC Loaded",
        "soon",
        "yes, no, a date, 'refused: reason' or 'removed'",
        "'soon'",
    ),
    Mistake(
        "Trade Name",
        Merged("Fernhill One", high=2),
        "a cell of its own",
        "a part of the merged cells L41:L42",
    ),
]


def a_good_entry(entry_id: int) -> dict[str, object]:
    """Give an entry without a mistake, as a spreadsheet would hold it."""
    return {
        **a_row(entry_id),
        "CPL Entry ID": entry_id,
        "Generation": "SMETS2+",
        "Firmware Version": f"{entry_id:08X}",
        "Firmware Label": "2.0.0",
        "GBCS Version": 4.1,
        "ESME Variant": "ADEF",
        "Manufacturer Image Hash": f"{entry_id:064X}",
        "CPA Date Kind": "expiry",
        "CPA Date": date(2029, 12, 31),
        "Status": "Active",
        "Status From": date(2026, 1, 15),
        "Published On": "2026-01-15",
        "Release Date": date(2025, 12, 1),
        "Upgradable From": "N/A",
        "Availability": "available",
        "Mandatory Step": False,
        "Requires": "GBCS 4.1",
        "Security Urgency": "none",
        "Contact Email": "firmware@maker.example",
        "Hold": "no",
        "DCC Loaded": date(2026, 1, 20),
        "Release Notes": "Fixes: drift",
        "Trade Name": "Fernhill One",
    }


class Planted(NamedTuple):
    """The workbook, and where each mistake is."""

    octets: bytes
    places: list[str]


def planted() -> Planted:
    """Make the workbook: every mistake in an entry of its own, in one of two sheets."""
    cpl: list[list[object]] = [["Central Products List"], [], list(CPL)]
    fir: list[list[object]] = [["Firmware information"], [], list(FIR)]
    places: list[str] = []

    def add(entry: dict[str, object], *, with_fir: bool = True) -> None:
        cpl.append([entry[name] for name in CPL])
        if with_fir:
            fir.append([entry[name] for name in FIR])

    add(a_good_entry(FIRST))
    for number, mistake in enumerate(MISTAKES, FIRST + 1):
        entry = a_good_entry(number)
        if isinstance(mistake.value, Merged):
            add(entry | {mistake.column: mistake.value})
            entry = a_good_entry(number + 1) | {mistake.column: None}
        else:
            entry[mistake.column] = mistake.value
        add(entry, with_fir=mistake.column != "CPL Entry ID")
        sheet, names, rows = (
            ("CPL", CPL, cpl) if mistake.column in CPL else ("FIR", FIR, fir)
        )
        letter = chr(ord("A") + names.index(mistake.column))
        places.append(f"sheet '{sheet}', cell {letter}{len(rows)}")
    return Planted(an_xlsx({"CPL": cpl, "FIR": fir, "About": [["x"]]}), places)


def expected() -> set[str]:
    """Give what is to be said."""
    return {
        f"{place}, column {one.column!r}: expected {one.expected}, found {one.found}"
        for place, one in zip(planted().places, MISTAKES, strict=True)
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with an empty register and the workbook."""
    ran(tmp_path, "init", "--origin", "log.example/firtree-test")
    (tmp_path / "planted.xlsx").write_bytes(planted().octets)
    return tmp_path


def ran(folder: Path, *arguments: str, code: int = 0) -> Done:
    """Run firtree in a folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FIRTREE_")}
    done = run(*arguments, folder=folder, environ=kept)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_there_are_forty() -> None:
    assert len(MISTAKES) == 40


def test_each_mistake_is_named_where_it_is_and_nothing_else_is(folder: Path) -> None:
    said = ran(folder, "import", "planted.xlsx", code=1).stderr.splitlines()

    assert {line.removeprefix("firtree: ") for line in said[:-2]} == expected()
    assert len(said) == 42
    assert said[-2] == "firtree: 40 cells cannot be read; nothing was recorded"


def test_the_good_rows_are_recorded_and_the_others_mended(folder: Path) -> None:
    told = json.loads(
        ran(folder, "import", "planted.xlsx", "--accept-good", "--json").stdout
    )
    assert told["new"] == [FIRST, FIRST + 40]
    assert told["left_out"]["rows"] == 40
    assert told["left_out"]["file"] == "planted-to-mend.xlsx"
    assert told["notes"] == [
        "sheet 'About' was left alone: it holds no entries of its own"
    ]

    rest = folder / "planted-to-mend.xlsx"
    rows = CalamineWorkbook.from_path(rest).get_sheet_by_index(0).to_python()
    assert rows[0] == [*CPL, *FIR[1:], WHAT_IS_WRONG]
    assert [
        f"{one.column}: expected {one.expected}, found {one.found}" for one in MISTAKES
    ] == [row[-1] for row in rows[1:]]

    rest.write_bytes(mended(rest.read_bytes()))
    again = json.loads(ran(folder, "import", rest.name, "--json").stdout)

    assert (again["new"], again["changed"]) == (mended_ids(), [])
    assert again["ignored_columns"] == []
    assert ran(folder, "import", rest.name).stdout.startswith("nothing changes: ")


def mended_ids() -> list[int]:
    """Give the ids of the entries that have a mistake."""
    return [*range(FIRST + 1, FIRST + 40), FIRST + 41]


def mended(octets: bytes) -> bytes:
    """Put the right values in the coloured cells, as a person would."""
    book = openpyxl.load_workbook(io.BytesIO(octets))
    sheet = book["To mend"]
    names = [cell.value for cell in sheet[1]]
    for entry_id, cells in zip(mended_ids(), sheet.iter_rows(min_row=2), strict=True):
        good = a_good_entry(entry_id)
        coloured = [cell for cell in cells if cell.fill.fgColor.rgb == "FFFFD9D9"]
        assert len(coloured) == 1
        for cell in coloured:
            value = good[names[cell.column - 1]]
            cell.value = "no" if value is False else value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_to_be_mended_is_never_overwritten(folder: Path) -> None:
    ran(folder, "import", "planted.xlsx", "--accept-good")
    before = (folder / "planted-to-mend.xlsx").read_bytes()

    said = ran(folder, "import", "planted.xlsx", "--accept-good", code=1).stderr
    shutil.copy(folder / "planted.xlsx", folder / "planted-to-mend-7.xlsx")
    ran(folder, "import", "planted-to-mend-7.xlsx", "--accept-good")

    assert "planted-to-mend.xlsx is there already; nothing was recorded" in said
    assert (folder / "planted-to-mend.xlsx").read_bytes() == before
    assert (folder / "planted-to-mend-8.xlsx").exists()


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    out = ran(folder, "import", "planted.xlsx", "--accept-good", "--dry-run").stdout

    assert out.startswith("would record 2 new and 0 changed entries; 0 unchanged\n")
    assert "left out 40 rows that are not good\n" in out
    assert sorted(path.name for path in folder.iterdir()) == ["planted.xlsx", "var"]


def test_columns_may_have_other_names(folder: Path) -> None:
    entry = a_row()
    del entry["CPL Entry ID"], entry["Device Type"]
    sheet: list[list[object]] = [
        ["Nummer", "Art", *entry],
        [9001, "ESME", *entry.values()],
    ]
    (folder / "theirs.xlsx").write_bytes(an_xlsx({"Blatt1": sheet}))
    (folder / "var" / "aliases.txt").write_text("Art = Device Type\n")

    refused = ran(folder, "import", "theirs.xlsx", code=1).stderr
    taken = ran(folder, "import", "theirs.xlsx", "--alias", "Nummer=CPL Entry ID")
    slip = ran(folder, "import", "theirs.xlsx", "--alias", "Nummer=Entry", code=1)

    assert "no column 'CPL Entry ID'" in refused
    assert taken.stdout.startswith("recorded 1 new and 0 changed entries")
    assert "there is no column 'Entry'" in slip.stderr
    (folder / "var" / "aliases.txt").write_bytes(b"\xff")
    assert "expected UTF-8 text" in ran(folder, "import", "theirs.xlsx", code=1).stderr


def test_the_rest_has_a_name_that_fits(folder: Path) -> None:
    name = ("import", "planted.xlsx", "--accept-good", "--rest")

    assert ".xlsx file" in ran(folder, *name, "rest.csv", code=1).stderr
    assert "cannot be written" in ran(folder, *name, "no/such.xlsx", code=75).stderr
    assert ran(folder, "import", "planted.xlsx", "--rest", "a.xlsx", code=2).stderr
    assert "left out 40 rows" in ran(folder, *name, "rest.xlsx").stdout
    assert (folder / "rest.xlsx").exists()
