"""The process that reads a stranger's workbook: ``python -m`` this module.

The workbook comes from standard input, frames go to standard output.  Limits of
memory and processor time end the process; then its parent says so.  It imports
little, so that it starts quickly.
"""

import os
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from firtree.errors import InvalidInputError
from firtree.exchange import sheet as kinds
from firtree.exchange.sheet import Cell, Span, Special, cell_text
from firtree.exchange.workbook import ods, xlsx
from firtree.exchange.workbook.container import Container, Kind
from firtree.exchange.workbook.frames import (
    NO_MEMORY,
    EndFrame,
    Frame,
    LinesFrame,
    RefusedFrame,
    SheetFrame,
    write_frame,
)
from firtree.exchange.workbook.marks import Marks

MEMORY_OCTETS = 2 << 30
PROCESSOR_S = 60
_LINES_AT_ONCE = 500
_PLAIN = frozenset({str, float, bool, Special})
_COVERED_CELLS = 100_000


def main() -> None:
    """Read the workbook of standard input."""
    _limit()
    out = sys.stdout.buffer
    try:
        for frame in frames_of(BytesIO(sys.stdin.buffer.read())):
            write_frame(out, frame)
        out.flush()
    except MemoryError:
        os._exit(NO_MEMORY)


def _limit() -> None:
    """Give up memory, processor time and files beyond what reading may need."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_OCTETS),
        (resource.RLIMIT_CPU, PROCESSOR_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, limit))


def frames_of(file: BinaryIO) -> Iterator[Frame]:
    """Read a workbook; refusals are frames too."""
    try:
        yield from _frames(file)
    except InvalidInputError as error:
        yield RefusedFrame(str(error), error.hint)
    except (CalamineError, ValueError, OSError) as error:
        told = " ".join(str(error).split())[:200]
        yield RefusedFrame(
            f"the workbook cannot be read ({told})",
            "open it in a spreadsheet program, save it again and try again",
        )
    else:
        yield EndFrame()


def _frames(file: BinaryIO) -> Iterator[Frame]:
    container = Container(file)
    marks = (
        xlsx.marks_of(container)
        if container.kind is Kind.XLSX
        else ods.marks_of(container)
    )
    file.seek(0)
    with CalamineWorkbook.from_filelike(file) as book:
        for about in book.sheets_metadata:
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            own = marks.get(about.name, Marks())
            merged = sheet.merged_cell_ranges
            spans = own.spans + [
                (top + 1, left, bottom + 1, right)
                for (top, left), (bottom, right) in merged or ()
            ]
            hidden = about.visible is not SheetVisibleEnum.Visible
            lines = sheet.end[0] + 1 if sheet.end else 0
            yield SheetFrame(about.name, hidden, lines, spans)
            told = _lines(sheet, own, _covered(spans))
            while some := list(islice(told, _LINES_AT_ONCE)):
                yield LinesFrame(some)


def _covered(
    spans: list[tuple[int, int, int, int]],
) -> dict[int, dict[int, str]]:
    """Give the cells that merged cells cover, by line and column."""
    found: dict[int, dict[int, str]] = {}
    left_over = _COVERED_CELLS
    for top, left, bottom, right in spans:
        left_over -= (bottom - top + 1) * (right - left + 1)
        if left_over < 0:
            break  # such a sheet has no table that could be read anyway
        name = str(Span(top, left, bottom, right))
        for line in range(top, bottom + 1):
            columns = found.setdefault(line, {})
            columns.update(dict.fromkeys(range(left, right + 1), name))
        del found[top][left]
    return found


def _lines(
    sheet: CalamineSheet, marks: Marks, covered: dict[int, dict[int, str]]
) -> Iterator[tuple[int, list[Cell]]]:
    """Give the lines that are not blank, from the first column on."""
    if sheet.start is None:
        return
    first, left = sheet.start
    padding: list[Cell] = [""] * left
    odd = {*marks.formulas, *marks.errors, *marks.truths, *covered}
    typed: set[int] = set()
    rows = islice(sheet.iter_rows(), first, None)
    for number, row in enumerate(rows, first + 1):
        if row.count("") == len(row) and number not in odd:
            continue
        cells = _plain(row, typed)
        if left:
            cells = padding + cells
        if number in odd:
            _mark(number, cells, marks, covered)
            if not any(cell != "" for cell in cells):
                continue
        yield number, cells


def _plain(row: list[Any], typed: set[int]) -> list[Cell]:
    """Put in place of dates and times what can be told of them.

    Args:
        row: what the reader gives; changed.
        typed: columns in which there was one before; columns are added.
    """
    for column in typed:
        row[column] = _cell(row[column])
    if not _PLAIN.issuperset(map(type, row)):
        for column, cell in enumerate(row):
            if type(cell) not in _PLAIN:
                row[column] = _cell(cell)
                typed.add(column)
    return row


def _cell(cell: object) -> Cell:
    if isinstance(cell, str | float | bool | Special):
        return cell
    return float(cell) if isinstance(cell, int) else _dated(cell)


@lru_cache(maxsize=4096)
def _dated(cell: object) -> Special:
    if isinstance(cell, datetime):
        if cell.time() == time():
            return Special(kinds.DATE, cell.date().isoformat())
        return Special(kinds.MOMENT, cell.isoformat(timespec="seconds"))
    if isinstance(cell, date):
        return Special(kinds.DATE, cell.isoformat())
    return Special(kinds.TIME, str(cell))


def _mark(
    number: int,
    cells: list[Cell],
    marks: Marks,
    covered: dict[int, dict[int, str]],
) -> None:
    """Put in a line what its reader has not told."""
    formulas = marks.formulas.get(number, set())
    errors = marks.errors.get(number, {})
    merged = covered.get(number, {})
    truths = marks.truths.get(number, {})
    last = max((*formulas, *errors, *truths, -1)) + 1
    cells.extend([""] * (last - len(cells)))
    for column, truth in truths.items():
        cells[column] = truth
    for column, span in merged.items():
        if column < len(cells) and cells[column] == "":
            cells[column] = Special(kinds.COVERED, span)
    for column in formulas:
        value = errors.get(column) or cell_text(cells[column])
        cells[column] = Special(kinds.FORMULA, value)
    for column, error in errors.items():
        if column not in formulas:
            cells[column] = Special(kinds.ERROR, error)


if __name__ == "__main__":
    main()
