"""The page about publications lists the sheets and columns as they are."""

from __future__ import annotations

import re
from pathlib import Path

from firtree.access import Scope
from firtree.exchange.columns import WRITTEN
from firtree.exchange.parquet import ROWS_IN_A_GROUP
from firtree.exchange.publication import FORMAT, sheets_for
from firtree.exchange.workbook.writing import ROWS_MOST, TEXT_MOST

PAGE = (
    Path(__file__).resolve().parents[3] / "docs" / "formats" / "publication.md"
).read_text(encoding="utf-8")
SHEETS = sheets_for(Scope(private=True))
OF_ENTRIES = {column.name for column in WRITTEN}


def rows_below(heading: str) -> list[tuple[str, str]]:
    """Give name and meaning from the table below a heading."""
    section = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    cells = (re.split(r"(?<!\\)\|", row)[1:-1] for row in rows)
    return [(name.strip(), meaning.strip()) for name, meaning in cells]


def test_the_page_lists_the_columns_of_each_sheet() -> None:
    for sheet in (SHEETS.archive, SHEETS.answers, SHEETS.changes):
        own = [
            (field.name, field.meaning.replace("|", r"\|"))
            for field in sheet.fields
            if sheet is not SHEETS.archive or field.name not in OF_ENTRIES
        ]
        assert rows_below(sheet.name) == own


def test_the_page_names_the_sheets_in_their_order() -> None:
    table = PAGE.split("## The sheets\n\n")[1].split("\n\n")[0]
    names = [row.split("|")[1].strip() for row in table.splitlines()[2:]]

    assert names == [*(sheet.name for sheet in SHEETS), "About"]


def test_every_column_of_entries_stands_on_one_sheet() -> None:
    cpl, fir = SHEETS.cpl.header, SHEETS.fir.header

    assert set(cpl) & set(fir) == {"CPL Entry ID"}
    assert set(cpl) | set(fir) == OF_ENTRIES
    assert set(SHEETS.archive.header) > OF_ENTRIES


def test_who_sees_less_gets_fewer_columns() -> None:
    less = sheets_for(Scope(fir=False, people=False))

    assert less.fir.header == ["CPL Entry ID"]
    assert not [name for name in less.answers.header if name.startswith("Contact")]
    assert "Advisory Reference" not in sheets_for(Scope()).fir.header


def test_the_page_names_format_and_bounds() -> None:
    assert f"`{FORMAT}`" in PAGE
    assert f"{ROWS_MOST - 1:,} rows" in PAGE
    assert f"{TEXT_MOST:,} characters" in PAGE
    assert f"row groups of {ROWS_IN_A_GROUP:,}" in PAGE
