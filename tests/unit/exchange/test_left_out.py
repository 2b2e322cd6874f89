"""Rows left out keep all their cells, say what is wrong, and are taken once mended."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

from python_calamine import CalamineWorkbook

from firtree.exchange.left_out import rows_left_out
from firtree.exchange.workbook.marked import WHAT_IS_WRONG, write_marked
from tables import REQUIRED, a_row, a_table, read
from workbooks import Formula, an_xlsx, entries_sheet, sheet_of

if TYPE_CHECKING:
    from firtree.exchange.workbook.marked import MarkedRow


def left_out(octets: bytes) -> tuple[list[str], list[MarkedRow]]:
    """Give headings and rows of what is left out of a file."""
    headings, rows = rows_left_out(read(octets))
    return headings, list(rows)


def written(octets: bytes) -> bytes:
    """Write what is left out of a file as a workbook."""
    headings, rows = rows_left_out(read(octets))
    file = io.BytesIO()
    write_marked(file, headings, rows)
    return file.getvalue()


def test_a_row_keeps_all_its_cells_and_says_what_is_wrong() -> None:
    bad = a_row("x", Status="Removed") | {"Colour": "green"}

    headings, (row,) = left_out(a_table(a_row(1), bad))

    assert headings == [*REQUIRED, "Status", "Colour"]
    assert row.cells == list(bad.values())
    assert {headings[mark] for mark in row.marks} == {"CPL Entry ID", "Status"}
    assert row.what == (
        "CPL Entry ID: expected a CPL Entry ID, a whole number from 1, found 'x'; "
        "Status: expected Active, Expired, Withdrawn or Cancelled ('Removed' does not "
        "say which), found 'Removed'"
    )


def test_of_two_rows_with_one_id_neither_is_good() -> None:
    table = read(a_table(a_row(1), a_row(2), a_row(1)))

    _, rows = rows_left_out(table)

    assert [row.id for row in table.rows] == [2]
    assert len(table.problems) == 1
    assert [row.what for row in rows] == [
        f"CPL Entry ID: expected a number that is used once (it stands in line {line} "
        "too), found '1'"
        for line in (4, 2)
    ]


def test_rows_of_several_sheets_are_joined() -> None:
    fir = sheet_of(
        {"CPL Entry ID": 9001, "Hold": "no", "Sold": "yes"},
        {"CPL Entry ID": 9002, "Hold": "x" * 201, "Sold": "no"},
        {"CPL Entry ID": 9009, "Hold": "no", "Sold": ""},
    )

    headings, rows = left_out(an_xlsx({"CPL": entries_sheet({}, {}), "FIR": fir}))

    assert headings == [*REQUIRED, "Hold", "Sold"]
    joined, alone = rows
    assert joined.cells[0] == "9002"
    assert joined.cells[-2:] == ["x" * 201, "no"]
    assert alone.cells == ["9009", *[""] * 6, "no", ""]
    assert alone.what.startswith("CPL Entry ID: expected an entry that a sheet with")


def test_what_has_a_type_becomes_the_text_that_it_says() -> None:
    sheet = entries_sheet(
        {
            "CPL Entry ID": 12,
            "Hardware Version": 1,
            "Release Date": date(2026, 2, 1),
            "Mandatory Step": True,
            "Trade Name": Formula("=1+1", 2),
        }
    )

    headings, (row,) = left_out(an_xlsx({"A": sheet}))

    said = dict(zip(headings, row.cells, strict=True))
    assert said["CPL Entry ID"] == "12"
    assert said["Hardware Version"] == "1"
    assert said["Release Date"] == "2026-02-01"
    assert said["Mandatory Step"] == "TRUE"
    assert said["Trade Name"] == "2"


def test_dates_are_written_in_the_style_of_the_file() -> None:
    sheet = entries_sheet(
        {"Release Date": date(2026, 2, 1), "CPA Date": "31/12/2029", "Hold": "x" * 201}
    )

    headings, (row,) = left_out(an_xlsx({"A": sheet}))

    assert row.cells[headings.index("Release Date")] == "01/02/2026"
    assert row.cells[headings.index("CPA Date")] == "31/12/2029"


def test_what_was_left_out_is_read_again_without_its_last_column() -> None:
    octets = written(a_table(a_row(1, Status="Removed"), a_row(2)))
    (name,) = CalamineWorkbook.from_filelike(io.BytesIO(octets)).sheet_names

    again = read(octets)

    assert again.ignored == ()
    assert WHAT_IS_WRONG not in again.columns
    (problem,) = again.problems
    assert problem.where == f"sheet {name!r}, cell H2, column 'Status'"
    assert left_out(octets)[0] == [*REQUIRED, "Status"]


def test_a_row_that_is_short_keeps_what_it_has() -> None:
    headings, (row,) = left_out(a_table(a_row(1)).replace(b",00000001", b""))

    assert len(row.cells) == len(headings)
    assert {headings[mark] for mark in row.marks} == {"Firmware Version"}
