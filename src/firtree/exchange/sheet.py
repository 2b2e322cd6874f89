"""What every file of a table is to its readers: sheets of lines of cells.

A CSV table is one sheet without a name, whose cells are texts.  The cells of a
workbook have types, and some of them are :class:`Special`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from firtree.text import shown

DATE = "date"
MOMENT = "moment"
TIME = "time"
FORMULA = "formula"
ERROR = "error"
COVERED = "covered"


class Special(msgspec.Struct, frozen=True, array_like=True):
    """A cell of a workbook that is neither text, number nor truth value.

    Args:
        kind: ``DATE``, ``MOMENT`` (a date with a time), ``TIME``, ``FORMULA``,
            ``ERROR`` (such as ``#N/A``), or ``COVERED`` (a part of merged cells
            other than the first).
        text: the date or time (ISO 8601), the last value of the formula, the error,
            or the range of the merged cells.
    """

    kind: str
    text: str


Cell = str | float | bool | Special


class Line(NamedTuple):
    """One line of a sheet.

    Attributes:
        number: counted from 1.
        cells: from the first column on; those that are missing are empty.
    """

    number: int
    cells: Sequence[Cell]


class Span(NamedTuple):
    """Merged cells; lines are counted from 1, columns from 0, all inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first = cell_name(self.top, self.left)
        return f"{first}:{cell_name(self.bottom, self.right)}"


class Sheet(NamedTuple):
    """A sheet of a workbook, or the table of a CSV file.

    Attributes:
        name: of the sheet; empty for a CSV table.
        lines: to be taken once, before the next sheet is.
        hidden: whether a spreadsheet program shows it.
        spans: merged cells.
    """

    name: str
    lines: Iterator[Line]
    hidden: bool = False
    spans: Sequence[Span] = ()

    @property
    def is_csv(self) -> bool:
        """Whether this is a CSV table."""
        return not self.name


def column_letters(column: int) -> str:
    """Name a column, counted from 0, as spreadsheet programs do: A, Z, AA."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(line: int, column: int) -> str:
    """Name a cell, such as ``F17``."""
    return f"{column_letters(column)}{line}"


def place(sheet: str, line: int, column: int) -> str:
    """Name the place of a cell for people, without its column's heading."""
    if not sheet:
        return f"line {line}"
    return f"sheet {shown(sheet)}, cell {cell_name(line, column)}"


def line_of(sheet: str, line: int) -> str:
    """Name a line for people."""
    return f"sheet {shown(sheet)}, line {line}" if sheet else f"line {line}"


def cell_text(cell: Cell) -> str:
    """Write a cell as text: a number as short as it reads back the same."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, Special):
        return "" if cell.kind == COVERED else cell.text
    if abs(cell) < 1e21 and cell == int(cell):
        return str(int(cell))
    return repr(cell)
