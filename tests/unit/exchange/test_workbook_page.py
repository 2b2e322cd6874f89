"""The page about workbooks says what is: other names of columns, and limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firtree.errors import InvalidInputError
from firtree.exchange import files
from firtree.exchange.aliases import ALIASES, known_columns, read_aliases
from firtree.exchange.columns import COLUMNS
from firtree.exchange.headings import SEARCHED_LINES, plain
from firtree.exchange.joining import ADDING, EARLIER, EXPLAINING
from firtree.exchange.workbook import child, container, marks, ods, reader
from firtree.exchange.workbook.marked import WHAT_IS_WRONG
from tables import a_csv, a_row, a_table, read
from workbooks import an_xlsx, sheet_of

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "formats" / "workbook.md").read_text(encoding="utf-8")
NAMES = [column.name for column in COLUMNS]


def part(heading: str) -> str:
    """Give the part of the page below a heading."""
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_the_page_lists_the_other_names_of_columns() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \|$", part("Other names of columns"), re.MULTILINE
    )

    assert {name: tuple(also.split(", ")) for name, also in rows[1:]} == ALIASES


def test_every_other_name_leads_to_its_column_and_to_no_other() -> None:
    known = known_columns(NAMES)
    others = [plain(other) for also in ALIASES.values() for other in also]

    assert len(set(others)) == len(others)
    for name, also in ALIASES.items():
        assert name in NAMES
        for other in also:
            assert known[plain(other)] == name


@pytest.mark.parametrize(
    ("name", "other"), [(n, a) for n, o in ALIASES.items() for a in o]
)
def test_a_column_is_found_under_its_other_name(name: str, other: str) -> None:
    row = {"Status": "", **a_row(), **({name: ""} if name not in a_row() else {})}
    renamed = {
        other if column == name else column: text for column, text in row.items()
    }

    found = read(a_table(renamed))

    assert found.problems == []
    assert found.ignored == ()
    assert name in found.columns


def test_the_page_names_the_sheets_that_mean_something() -> None:
    sheets = part("Sheets").casefold()

    assert all(f"*{name}*" in sheets for name in (*EXPLAINING, *ADDING, *EARLIER))
    assert f"first {SEARCHED_LINES} lines" in part("The header row")
    assert f"*{WHAT_IS_WRONG}*" in part("The header row")


def test_the_page_says_the_limits() -> None:
    said = part("Limits")

    assert f"{child.MEMORY_OCTETS >> 30} GB of memory" in said
    assert f"{child.PROCESSOR_S} seconds of processor time" in said
    assert reader.WALL_S == 120
    assert "two minutes" in said
    assert f"| the file | {files.MOST_OCTETS >> 20} MB |" in said
    assert (
        f"| its parts | {container.MOST_MEMBERS:,}, unpacked "
        f"{container.MOST_OCTETS >> 20} MB together |"
    ) in said
    assert f"| {container.MOST_RATIO} times, for a part above 16 MB |" in said
    assert (
        f"the first {marks.MOST_LINES:,} lines and {marks.MOST_COLUMNS} columns"
    ) in said
    assert f"| {ods.REPEATED_CELLS:,} |" in said


def test_an_example_of_the_page_is_what_is_said() -> None:
    names = ["CPL Entry ID", "Device Type", "Manufacturer Code", "Model Identifier"]
    names += ["Hardware Revision", "Hardware Version", "Firmware Version"]
    row: dict[str, object] = {name: a_row()[name] for name in names}
    title: list[list[object]] = [["Central Products List"]] * 15
    sheet = sheet_of(row | {"Hardware Version": 1})

    (problem,) = read(an_xlsx({"CPL": title + sheet})).problems

    assert f"`{problem}`" in PAGE


def test_aliases_of_an_operator_are_taken() -> None:
    lines = ["# ours", "", " Fabricant = Manufacturer ", "a=b=GBCS Version"]

    found = read_aliases(lines, of="aliases.txt")

    assert found == {"Fabricant": "Manufacturer", "a=b": "GBCS Version"}
    columns = known_columns(NAMES, found)
    assert columns["fabricant"] == "Manufacturer"
    assert columns["ab"] == "GBCS Version"


def test_an_alias_of_an_operator_wins_over_a_common_one() -> None:
    columns = known_columns(NAMES, {"Hash": "SBOM SHA-256"})

    assert columns["hash"] == "SBOM SHA-256"
    assert columns["imagehash"] == "Manufacturer Image Hash"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Fabricant", "x, line 1: expected 'Their Name=Our Name', found 'Fabricant'"),
        ("=Status", "x, line 1: expected 'Their Name=Our Name', found '=Status'"),
        ("--=Status", "x, line 1: expected 'Their Name=Our Name', found '--=Status'"),
        ("Theirs=", "x, line 1: expected 'Their Name=Our Name', found 'Theirs='"),
        ("Theirs=Colour", "alias 'Theirs': there is no column 'Colour'"),
        (
            "Status=Hold",
            "alias 'Status': that is a column of its own, and cannot stand for 'Hold'",
        ),
    ],
)
def test_an_alias_that_is_none_is_refused(line: str, said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        known_columns(NAMES, read_aliases([line], of="x"))

    assert str(caught.value) == said
    assert caught.value.hint


def test_two_names_of_one_column_are_alike() -> None:
    row = a_row(Status="Active") | {"CPL Status": "Active"}

    with pytest.raises(InvalidInputError, match="'Status' and 'CPL Status'"):
        read(a_csv([list(row), list(row.values())]))
