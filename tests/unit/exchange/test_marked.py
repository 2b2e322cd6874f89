"""Rows to be mended keep their texts, show what is wrong, and cannot run."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from firtree.exchange.workbook.marked import WHAT_IS_WRONG, MarkedRow, write_marked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADINGS = ("CPL Entry ID", "Status")


def written(*rows: MarkedRow, headings: tuple[str, ...] = HEADINGS) -> io.BytesIO:
    """Write rows; give the file."""
    file = io.BytesIO()
    assert write_marked(file, headings, iter(rows)) == len(rows)
    file.seek(0)
    return file


def texts(file: io.BytesIO) -> list[list[object]]:
    """Read the cells of the only sheet."""
    book = CalamineWorkbook.from_filelike(file)
    (name,) = book.sheet_names
    return [list(row) for row in book.get_sheet_by_name(name).to_python()]


def test_the_last_column_says_what_is_wrong() -> None:
    file = written(MarkedRow(("0001", "Now"), {1}, "Status: expected Active"))

    assert texts(file) == [
        [*HEADINGS, WHAT_IS_WRONG],
        ["0001", "Now", "Status: expected Active"],
    ]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 102, 250])
def test_every_row_is_written_in_order(count: int) -> None:
    file = written(*(MarkedRow((str(n), ""), set(), "x") for n in range(count)))

    assert [row[0] for row in texts(file)[1:]] == [str(n) for n in range(count)]


def test_bad_cells_are_coloured_even_empty_ones() -> None:
    sheet = openpyxl.load_workbook(written(MarkedRow(("1", ""), {1}, "x"))).active

    assert sheet is not None
    good, bad = sheet["A2"], sheet["B2"]
    assert bad.fill.fgColor.rgb == "FFFFD9D9"
    assert good.fill.fgColor.rgb != bad.fill.fgColor.rgb


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "{=A1}", "http://x.y/"])
def test_no_cell_can_run_or_turn_into_something_else(text: str) -> None:
    book = openpyxl.load_workbook(written(MarkedRow((text, text), set(), text)))

    assert book.active is not None
    cells = [cell for (cell,) in book.active.iter_cols(min_row=2)]
    assert [(cell.data_type, cell.value) for cell in cells[:1]] == [("s", text)]
    assert all(cell.hyperlink is None for cell in cells)


def test_a_text_no_cell_can_hold_is_cut_and_told() -> None:
    (_, row) = texts(written(MarkedRow(("1", "x" * 40_000), {1}, "too long")))

    assert row[1] == "x" * 32_767
    assert row[2] == "too long; a longer text was cut"


def test_a_short_row_and_no_row_at_all_are_written() -> None:
    assert texts(written(MarkedRow(("1",), set(), ""))) == [
        [*HEADINGS, WHAT_IS_WRONG],
        ["1", "", ""],
    ]
    assert texts(written()) == [[*HEADINGS, WHAT_IS_WRONG]]


def test_a_file_that_cannot_be_written_says_so_as_the_system_does(
    tmp_path: Path,
) -> None:
    with pytest.raises(FileNotFoundError):
        write_marked(tmp_path / "no" / "such.xlsx", HEADINGS, [])


def test_a_file_is_replaced_when_all_is_written_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "mend.xlsx"
    path.write_bytes(b"before")

    def rows() -> Iterator[MarkedRow]:
        yield MarkedRow(("1", ""), (), "x")
        assert path.read_bytes() == b"before"
        if stop:
            raise ValueError

    stop = True
    with pytest.raises(ValueError, match=r"^$"):
        write_marked(path, HEADINGS, rows())
    assert [(p, p.read_bytes()) for p in tmp_path.iterdir()] == [(path, b"before")]
    stop = False
    assert write_marked(path, HEADINGS, rows()) == 1
    assert CalamineWorkbook.from_path(path).sheet_names == ["To mend"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30)))
def test_what_is_printable_survives(cells: list[str]) -> None:
    kept = ["".join(c for c in cell if c.isprintable()) for cell in cells]
    headings = tuple(f"Column {number}" for number in range(len(cells)))

    (_, row) = texts(written(MarkedRow(kept, {0}, "why"), headings=headings))

    assert row == [*kept, "why"]
