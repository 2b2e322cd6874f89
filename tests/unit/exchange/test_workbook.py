"""Workbooks: every fault of theirs has its sentence, and what is good is read."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import time
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from firtree.errors import InvalidInputError, UnavailableError
from firtree.exchange.entries import read_entries
from firtree.exchange.workbook import reader
from tables import REQUIRED, a_csv, a_row, a_table, read
from workbooks import (
    Formula,
    Merged,
    a_raw_ods,
    a_raw_xlsx,
    an_ods,
    an_xlsx,
    entries_sheet,
    inline,
    sheet_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Write = Callable[[Mapping[str, Sequence[Sequence[object]]]], bytes]

HEAD = inline(1, REQUIRED)
ROW = inline(2, a_row().values())
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WRITERS: dict[str, Write] = {"xlsx": an_xlsx, "ods": an_ods}


@pytest.fixture(params=WRITERS)
def write(request: pytest.FixtureRequest) -> Write:
    """Give a writer of workbooks."""
    return WRITERS[request.param]


def problems(octets: bytes) -> list[str]:
    """Give what is wrong with the cells of a file."""
    return [str(problem) for problem in read(octets).problems]


def refusal(octets: bytes) -> InvalidInputError:
    """Give the refusal of a file, in one sentence with its mend."""
    with pytest.raises(InvalidInputError) as caught:
        read(octets)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_workbook_says_what_the_csv_table_says(write: Write) -> None:
    row = a_row(
        Generation="SMETS2+",
        Trade_Name="Fernhill One",
        Release_Date="2025-08-18",
        Upgradable_From="9001; 9002",
        Mandatory_Step="yes",
        Release_Notes="Mends the clock.\nFixes: drift",
    )
    typed = row | {
        "CPL Entry ID": 9001,
        "Release Date": date(2025, 8, 18),
        "Mandatory Step": True,
    }
    octets = write({"Sheet1": sheet_of(typed)})

    found, expected = read(octets), read(a_table(row))

    assert found.problems == []
    assert found.rows == expected.rows
    assert found.columns == expected.columns


def test_a_bad_cell_is_named_by_sheet_cell_and_column(write: Write) -> None:
    rows: list[list[object]] = [
        ["A title"],
        [],
        *entries_sheet({}, {"Status": "Removed"}),
    ]

    (problem,) = read(write({"It's one": rows})).problems

    assert problem.where == "sheet \"It's one\", cell H5, column 'Status'"
    assert problem.pointer == "It's one/H5/Status"
    assert problem.found == "'Removed'"


@pytest.mark.parametrize("above", [0, 1, 30, 49])
def test_the_header_row_is_searched_in_the_first_50_lines(
    write: Write, above: int
) -> None:
    title: list[list[object]] = [["What", "everybody"]] * above
    csv_title = [["What", "everybody"]] * above
    rows = [[str(cell) for cell in row] for row in sheet_of(a_row())]

    assert [row.id for row in read(write({"A": title + sheet_of(a_row())})).rows] == [
        9001
    ]
    assert [row.line for row in read(a_csv(csv_title + rows)).rows] == [above + 2]


def test_a_header_row_further_down_is_not_found(write: Write) -> None:
    title: list[list[object]] = [["What", "everybody"]] * 50

    error = refusal(write({"A": title + sheet_of(a_row())}))

    assert str(error) == "no sheet holds a table of entries"
    assert "no header row is in its first 50 lines" in error.hint


def test_entries_may_be_split_over_sheets(write: Write) -> None:
    cpl = entries_sheet({"CPL Entry ID": 9001}, {"CPL Entry ID": "9002"})
    fir = sheet_of(
        {"CPL Entry ID": 9002, "Release Line": "LTS", "Hold": "Field trial"},
        {"CPL Entry ID": "9001", "Release Line": "main"},
    )

    found = read(write({"FIR": fir, "CPL": cpl}))

    assert found.problems == []
    lines = {row.id: row.values["Release Line"] for row in found.rows}
    assert lines == {9001: "main", 9002: "LTS"}
    assert found.rows[1].values["Hold"].reason == "Field trial"


def test_a_bad_cell_of_a_second_sheet_is_named_there(write: Write) -> None:
    fir = sheet_of({"CPL Entry ID": 9001, "Mandatory Step": "perhaps"})

    found = problems(write({"CPL": entries_sheet({}), "FIR": fir}))

    assert found == [
        (
            "sheet 'FIR', cell B2, column 'Mandatory Step': expected yes or no, found "
            "'perhaps'"
        )
    ]


def test_sheets_that_contradict_each_other_are_named(write: Write) -> None:
    fir = sheet_of({"CPL Entry ID": 9001, "Trade Name": "Two"})

    found = problems(write({"CPL": entries_sheet({"Trade Name": "One"}), "FIR": fir}))

    assert found == [
        (
            "sheet 'FIR', cell B2, column 'Trade Name': expected what sheet 'CPL', "
            "cell H2 says: 'One', found 'Two'"
        )
    ]


def test_a_line_that_adds_to_no_entry_is_named(write: Write) -> None:
    fir = sheet_of(
        {"CPL Entry ID": 9001, "Hold": "no"},
        {"CPL Entry ID": 9009, "Hold": "no"},
        {"CPL Entry ID": 9001, "Hold": "yes"},
    )

    found = problems(write({"CPL": entries_sheet({}), "FIR": fir}))

    assert found == [
        (
            "sheet 'FIR', cell A3, column 'CPL Entry ID': expected an entry that a "
            "sheet with all required columns has, found '9009'"
        ),
        (
            "sheet 'FIR', cell A4, column 'CPL Entry ID': expected a number that is "
            "used once (it stands in sheet 'FIR', cell A2 too), found '9001'"
        ),
    ]


def test_an_id_that_two_sheets_have_is_named(write: Write) -> None:
    (problem,) = read(write({"A": entries_sheet({}), "B": entries_sheet({})})).problems

    assert problem.where == "sheet 'B', cell A2, column 'CPL Entry ID'"
    assert "it stands in sheet 'A', cell A2 too" in problem.expected


def test_sheets_of_ours_that_hold_no_entries_are_left_alone(write: Write) -> None:
    others = {name: entries_sheet({}) for name in ("Answers", "Changes", "About")}
    others |= {"Notes": [["call", "them"]], "Blank": []}

    found = read(write({"CPL": entries_sheet({}), **others}))

    assert [row.id for row in found.rows] == [9001]
    assert found.notes == (
        "sheet 'Answers' was left alone: it holds no entries of its own",
        "sheet 'Changes' was left alone: it holds no entries of its own",
        "sheet 'About' was left alone: it holds no entries of its own",
        "sheet 'Notes' was left alone: no header row is in its first 50 lines",
        "sheet 'Blank' was left alone: it is empty",
    )


def test_the_archive_gives_only_entries_that_no_other_sheet_has(write: Write) -> None:
    archive = sheet_of(
        a_row(9001, Trade_Name="Earlier"), a_row(9007, Status="Withdrawn")
    )
    cpl = entries_sheet({"Trade Name": "Now"})

    found = read(write({"Archive": archive, "CPL": cpl}))

    assert found.problems == []
    names = {row.id: row.values.get("Trade Name") for row in found.rows}
    assert names == {9001: "Now", 9007: None}


def test_a_hidden_sheet_is_left_alone() -> None:
    sheets = {"CPL": entries_sheet({}), "Old": entries_sheet({"CPL Entry ID": 3})}

    found = read(an_xlsx(sheets, hidden=["Old"]))

    assert [row.id for row in found.rows] == [9001]
    assert found.notes == ("sheet 'Old' was left alone: it is hidden",)


def test_a_header_of_two_rows_is_joined(write: Write) -> None:
    names, row = sheet_of(a_row())
    upper = ["CPL Entry ID", "Device Type", "Manufacturer Code", "Model Identifier"]
    lower = ["", "", "", "", "Version", "Revision", "Firmware Version"]
    assert names[4:6] == ["Hardware Version", "Hardware Revision"]

    found = read(write({"A": [[*upper, Merged("Hardware", wide=2)], lower, row]}))

    assert found.problems == []
    assert [row.id for row in found.rows] == [9001]


def test_a_header_row_that_comes_again_is_no_entry(write: Write) -> None:
    names, *rows = entries_sheet({}, {})

    found = read(write({"A": [names, rows[0], names, rows[1]]}))

    assert found.problems == []
    assert [row.line for row in found.rows] == [2, 4]


def test_one_heading_over_several_columns_is_refused(write: Write) -> None:
    names, row = sheet_of(a_row())
    names = [*names[:-1], Merged(str(names[-1]), wide=2)]

    error = refusal(write({"A": [["Title"], names, [*row, "00"]]}))

    assert str(error) == (
        "sheet 'A', cells G2:H2: one heading, 'Firmware Version', for several columns"
    )


def test_cells_merged_over_several_entries_are_named(write: Write) -> None:
    sheet = entries_sheet({"Trade Name": Merged("One", high=2)}, {"Trade Name": None})

    found = problems(write({"A": sheet}))

    assert found == [
        (
            "sheet 'A', cell H3, column 'Trade Name': expected a cell of its own, "
            "found a part of the merged cells H2:H3"
        )
    ]


def test_formulas_are_named_whatever_their_value(write: Write) -> None:
    sheet = entries_sheet(
        {"Trade Name": Formula("=1+1", 2), "Status": Formula('="Active"', "Active")},
        {"Hold": Formula("=B9", "")},
    )

    assert [one.partition(": ")[2] for one in problems(write({"A": sheet}))] == [
        "expected a value, found a formula (its last value was '2')",
        "expected a value, found a formula (its last value was 'Active')",
        "expected a value, found a formula",
    ]


@pytest.mark.parametrize("value", [1, True])
def test_a_truth_value_that_a_program_wrote_as_a_formula_is_one(
    write: Write, value: object
) -> None:
    row = {"Mandatory Step": Formula("=TRUE()", value), "Hold": Formula("=FALSE()", 0)}

    (found,) = read(write({"A": entries_sheet(row)})).rows

    assert (found.values["Mandatory Step"], found.values["Hold"]) == (True, None)


def test_an_array_formula_marks_every_cell_it_fills() -> None:
    row = (
        b'<row r="2"><c r="A2"><f t="array" ref="A2:B2">{1,2}</f><v>9001</v></c>'
        b'<c r="B2" t="str"><v>ESME</v></c></row>'
    )

    found = problems(a_raw_xlsx(HEAD + row))

    assert "cell A2, column 'CPL Entry ID': expected a value, found a" in found[0]
    assert "cell B2, column 'Device Type': expected a value, found a" in found[1]


def test_formulas_are_found_where_cells_have_no_places() -> None:
    cells = "".join(
        f'<c t="str"><v>{text}</v></c>' for text in list(a_row().values())[:-1]
    )
    row = f'<row>{cells}<c t="str"><f>X()</f><v>00010000</v></c></row>'.encode()

    (found,) = problems(a_raw_xlsx(HEAD + row + row.replace(b"9001", b"9002")))[:1]

    assert found.startswith("sheet 'CPL', cell G2, column 'Firmware Version'")


def test_a_column_without_a_name_is_left_alone(write: Write) -> None:
    names, row = sheet_of(a_row())

    found = read(write({"A": [[*names, None, "Colour"], [*row, "x", "green"]]}))

    assert found.problems == []
    assert found.ignored == ("Colour",)


FAULTS: dict[str, tuple[bytes, str]] = {
    "an old workbook": (
        OLE + bytes(4096),
        "expected a CSV table or a workbook, found an old Excel workbook (.xls)",
    ),
    "a password": (
        OLE + bytes(65000) + "EncryptedPackage".encode("utf-16-le") + bytes(99),
        "expected a CSV table or a workbook, found a workbook with a password",
    ),
    "a password of ods": (
        a_raw_ods("", manifest="<manifest:encryption-data/>"),
        "expected a CSV table or a workbook, found a workbook with a password",
    ),
    "no workbook in the archive": (
        b"PK\x03\x04" + bytes(99),
        "the workbook is damaged: its archive cannot be unpacked",
    ),
    "half a workbook": (
        an_xlsx({"A": entries_sheet({})})[:3000],
        "the workbook is damaged: its archive cannot be unpacked",
    ),
    "no XML": (
        a_raw_xlsx(b"<row><c><v>"),
        (
            "the workbook cannot be read (ill-formed document: start tag not closed: "
            "`</v>` not found before end of input)"
        ),
    ),
    "entities": (
        a_raw_xlsx(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'),
        "the workbook defines XML entities, as no spreadsheet program does",
    ),
    "entities of ods": (
        a_raw_ods('<!DOCTYPE x [<!ENTITY a "b">]><office:document-content>'),
        "the workbook defines XML entities, as no spreadsheet program does",
    ),
    "UTF-16": (
        a_raw_xlsx('<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16-le")),
        (
            "the workbook's part xl/worksheets/sheet1.xml: expected UTF-8, found "
            "another encoding"
        ),
    ),
    "an encoding nobody knows": (
        a_raw_ods('<?xml version="1.0" encoding="X-1"?><office:document-content>'),
        "the workbook is damaged: a part of it is no XML (unknown encoding: X-1)",
    ),
    "a cell far out": (
        a_raw_xlsx(
            HEAD + ROW + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
        "sheet 'CPL', cell XFD1048576: expected at most 999,999 lines and 500 columns",
    ),
    "a cell far out, written otherwise": (
        a_raw_xlsx(HEAD + ROW + b"<row><c s='1' r = 'XFD3'  ><v>1</v></c></row>"),
        "sheet 'CPL', cell XFD3: expected at most 999,999 lines and 500 columns",
    ),
    "a table as large as a city": (
        a_raw_xlsx(HEAD + ROW + b'<row r="999999"><c r="SF999999"><v>1</v></c></row>'),
        "reading the workbook takes more memory than it may",
    ),
    "a bomb": (
        a_raw_xlsx(b" " * (64 << 20)),
        (
            "the workbook's part xl/worksheets/sheet1.xml unpacks to more than 250 "
            "times its size"
        ),
    ),
    "repeated cells": (
        an_ods(
            {"CPL": entries_sheet({})},
            after='<table:table-row table:number-rows-repeated="900000">'
            '<table:table-cell table:number-columns-repeated="400" '
            'office:value-type="float" office:value="1"/></table:table-row>',
        ),
        "sheet 'CPL': repeated cells stand for more than 1,000,000",
    ),
    "repeated cells far out": (
        an_ods(
            {"CPL": entries_sheet({})},
            after='<table:table-row table:number-rows-repeated="1048574">'
            '<table:table-cell table:number-columns-repeated="16384" '
            'table:formula="of:=1"/></table:table-row>',
        ),
        "sheet 'CPL', cell XFD1048576: expected at most 999,999 lines and 500 columns",
    ),
    "a required column missing": (
        an_xlsx({"CPL": [row[1:] for row in entries_sheet({})]}),
        "sheet 'CPL', line 1: no column 'CPL Entry ID'",
    ),
    "another one": (
        an_xlsx({"A": [["x"], *([row[:-1] for row in entries_sheet({})])]}),
        "sheet 'A', line 2: no column 'Firmware Version'",
    ),
    "two columns alike": (
        an_xlsx({"A": [[*row, row[0]] for row in entries_sheet({})]}),
        (
            "sheet 'A', line 1: columns A and H are alike: 'CPL Entry ID' and "
            "'CPL Entry ID'"
        ),
    ),
    "additions to nothing": (
        an_xlsx({"FIR": entries_sheet({})}),
        "sheet 'FIR' adds to the entries of another sheet, and there is none",
    ),
    "a header alone": (
        an_xlsx({"A": entries_sheet({})[:1]}),
        "the table has a header row and nothing below it",
    ),
    "no sheet of use": (
        an_xlsx({"A": [], "B": [["x"]]}),
        "no sheet holds a table of entries",
    ),
}


@pytest.mark.parametrize(("octets", "said"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_read_is_refused_in_one_sentence(
    octets: bytes, said: str
) -> None:
    begun = time.monotonic()

    assert str(refusal(octets)) == said

    assert time.monotonic() - begun < 20  # mostly it is a tenth of a second


@pytest.mark.parametrize(
    ("member", "found"),
    [
        ("xl/workbook.bin", "a binary workbook (.xlsb)"),
        ("word/document.xml", "a text document (.docx)"),
        ("Index/Document.iwa", "a Numbers document"),
        ("readme.txt", "a ZIP archive of something else"),
    ],
)
def test_other_archives_are_called_what_they_are(member: str, found: str) -> None:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as archive:
        archive.writestr(member, "x")

    assert str(refusal(octets.getvalue())) == (
        f"expected a CSV table or a workbook, found {found}"
    )


def test_parts_without_number_or_of_one_name_are_refused() -> None:
    many = a_raw_xlsx(HEAD + ROW, more={f"x/{n}": b"" for n in range(2000)})
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = a_raw_xlsx(HEAD + ROW, more={"xl/worksheets/sheet1.xml": b""})

    assert "2005 parts, more than 2000" in str(refusal(many))
    assert "two parts of the same name" in str(refusal(twice))


def test_what_a_part_says_of_its_size_is_not_believed() -> None:
    octets = a_raw_xlsx(HEAD + ROW)
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size

    said = octets.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))

    assert "damaged" in str(refusal(said))


def _empty_rows(count: int) -> Iterator[bytes]:
    yield HEAD + ROW
    for first in range(3, count, 1000):
        yield b"".join(b'<row r="%d"></row>' % (first + n) for n in range(1000))


@pytest.mark.parametrize("millions", [2, pytest.param(10, marks=pytest.mark.long)])
def test_millions_of_empty_rows_are_no_rows(millions: int) -> None:
    begun = time.monotonic()

    found = read(a_raw_xlsx(_empty_rows(millions * 1_000_000)))

    assert [row.id for row in found.rows] == [9001]
    # Most of it is spent on writing them.
    assert time.monotonic() - begun < 6 * millions


def test_rows_that_only_have_a_format_are_no_rows(write: Write) -> None:
    del write
    styled = b'<row r="1048576"><c r="XFD1048576" s="1"/><c r="XFE1" s="1"></c></row>'
    after = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )

    assert len(read(a_raw_xlsx(HEAD + ROW + styled)).rows) == 1
    assert len(read(an_ods({"CPL": entries_sheet({})}, after=after)).rows) == 1


def test_a_large_workbook_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("firtree.exchange.files.MOST_OCTETS", 1000)

    assert "larger than" in str(refusal(a_raw_xlsx(HEAD + ROW)))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGXCPU)", "takes more time than it may"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "takes more time than it may"),
        ("os.abort()", "takes more memory than it may"),
        ("os._exit(77)", "takes more memory than it may"),
        ("raise ValueError", "the process that reads it has failed"),
        ("os._exit(3)", "the process that reads it has failed"),
        ("sys.stdout.write('x' * 99)", "the process that reads it has failed"),
        ("sys.stdout.buffer.write(b'\\0\\0\\0\\1x')", "has failed"),
    ],
)
def test_however_the_reading_process_ends_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    real = subprocess.Popen

    def other(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        program = f"import os, signal, sys; {code}"
        return real([command[0], "-c", program], **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(subprocess, "Popen", other)

    assert said in str(refusal(a_raw_xlsx(HEAD + ROW)))


def test_a_reading_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen

    def other(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        program = "import time; time.sleep(600)"
        return real([command[0], "-c", program], **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(subprocess, "Popen", other)
    monkeypatch.setattr(reader, "WALL_S", 0.2)

    assert "takes more time" in str(refusal(a_raw_xlsx(HEAD + ROW)))


def test_a_process_that_cannot_be_started_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")

    with pytest.raises(UnavailableError, match="cannot be started"):
        read(a_raw_xlsx(HEAD + ROW))


def test_the_reading_process_is_gone_afterwards() -> None:
    before = _children()

    read(an_xlsx({"A": entries_sheet({})}))
    refusal(a_raw_xlsx(b"<row><c><v>"))

    assert _children() == before


def _children() -> set[str]:
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:  # noqa: PTH123
        return set(file.read().split())


def test_progress_is_told_by_line() -> None:
    told: list[tuple[str, int, int]] = []
    octets = an_xlsx({"A": entries_sheet(*itertools.repeat({}, 1200))})

    read_entries(io.BytesIO(octets), progress=lambda *seen: told.append(seen))

    assert told == [
        ("reading", 500, 1201),
        ("reading", 1000, 1201),
        ("reading", 1201, 1201),
    ]


def test_a_date_with_a_time_is_named() -> None:
    sheet = entries_sheet({"Release Date": datetime(2026, 2, 1, 12, 30)})  # noqa: DTZ001

    assert problems(an_xlsx({"A": sheet})) == [
        (
            "sheet 'A', cell H2, column 'Release Date': expected a date without a "
            "time, found 2026-02-01 12:30:00"
        )
    ]
