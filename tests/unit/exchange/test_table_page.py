"""The page about the table lists the columns as they are, with examples that read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firtree.exchange.columns import COLUMNS
from firtree.exchange.table import CELL_CHARACTERS, LINE_OCTETS, ROW_CHARACTERS
from tables import a_row, a_table, read

PAGE = (
    Path(__file__).resolve().parents[3] / "docs" / "formats" / "table.md"
).read_text(encoding="utf-8")
ROWS = [
    [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| Column |")
]


def test_the_page_lists_exactly_the_columns_in_their_order() -> None:
    assert [row[0] for row in ROWS] == [column.name for column in COLUMNS]


def test_the_page_says_of_each_column_what_an_export_says() -> None:
    assert {row[0]: row[3] for row in ROWS} == {
        column.name: column.meaning for column in COLUMNS
    }
    assert {row[0] for row in ROWS if "shorthand" in row[2]} == {
        column.name for column in COLUMNS if column.shorthand
    }


def test_the_page_says_which_columns_are_required() -> None:
    assert {row[0]: row[1] != "no" for row in ROWS} == {
        column.name: column.required for column in COLUMNS
    }
    for name, required, *_ in ROWS:
        empty_is_bad = bool(read(a_table(a_row() | {name: ""})).problems)
        free = a_row(Generation="SMETS1") | {name: ""}
        assert (required == "yes") is bool(read(a_table(free)).problems), name
        assert (required != "no") is empty_is_bad, name


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_example_of_the_page_reads(row: list[str]) -> None:
    name, _, form, meaning, example = row
    cell = example.removeprefix("`").removesuffix("`")

    found = read(a_table(a_row() | {name: cell}))

    assert found.problems == []
    assert found.rows[0].values[name] not in {None, ""}
    assert form
    assert meaning


def test_the_page_names_the_bounds() -> None:
    assert LINE_OCTETS == ROW_CHARACTERS == 1 << 20
    assert "A line or a row has at most 1 MiB" in PAGE
    assert f"a cell at most {CELL_CHARACTERS:,} characters" in PAGE
