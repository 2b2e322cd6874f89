"""Compare the cells of a workbook with those that were published."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from firtree.exchange.rows import Cell as Published
from firtree.exchange.sheet import COVERED, DATE, Cell, Line, Special, cell_name

FIRST_DAY = date(1900, 3, 1)  # spreadsheet programs disagree about days before it
_NOTHING: tuple[Cell, ...] = ()


class CellDifference(NamedTuple):
    """A cell that is not as it was published.

    Attributes:
        sheet: name of the sheet.
        cell: such as ``F17``; empty = the whole sheet.
        expected: what was published.
        found: what is there.
    """

    sheet: str
    cell: str
    expected: str
    found: str

    @property
    def where(self) -> str:
        """The place, for people."""
        place = f", cell {self.cell}" if self.cell else ""
        return f"sheet {self.sheet!r}{place}"


def differing_cells(
    sheet: str, expected: Iterable[Sequence[Published]], found: Iterable[Line]
) -> Iterator[CellDifference]:
    """Yield every cell of a sheet that is not as it was published.

    Args:
        sheet: its name.
        expected: the rows that were published, the first one on line 1.
        found: lines of the workbook, in order; blank ones may be left out.
    """
    lines = iter(found)
    line = next(lines, None)
    for number, row in enumerate(expected, 1):
        cells: Sequence[Cell] = _NOTHING
        if line is not None and line.number == number:
            cells, line = line.cells, next(lines, None)
        yield from _differing(sheet, number, row, cells)
    while line is not None:
        yield from _differing(sheet, line.number, (), line.cells)
        line = next(lines, None)


def _differing(
    sheet: str, number: int, row: Sequence[Published], cells: Sequence[Cell]
) -> Iterator[CellDifference]:
    for column in range(max(len(row), len(cells))):
        published = row[column] if column < len(row) else None
        cell = cells[column] if column < len(cells) else ""
        if not _same(published, cell):
            place = cell_name(number, column)
            yield CellDifference(sheet, place, _told(published), shown_cell(cell))


def _same(published: Published, cell: Cell) -> bool:
    if isinstance(cell, str):
        # A day that no workbook has a number for is written as a text.
        if isinstance(published, date):
            return published < FIRST_DAY and cell == published.isoformat()
        wanted = "" if published is None else published
        return cell == wanted or (bool(cell) and plain_ends(cell) == wanted)
    if isinstance(cell, Special):
        return (cell.kind == COVERED and published is None) or (
            cell.kind == DATE
            and isinstance(published, date)
            and cell.text == published.isoformat()
        )
    return not isinstance(cell, bool) and type(published) is int and cell == published


def plain_ends(text: str) -> str:
    """Give a text in which every line ends with LF, as some programs change that."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _told(published: Published) -> str:
    if published is None or not str(published):
        return "an empty cell"
    return f"the number {published}" if type(published) is int else str(published)


def shown_cell(cell: Cell) -> str:
    """Say what a cell of a workbook holds."""
    if isinstance(cell, Special):
        return cell.text if cell.kind == DATE else f"{cell.kind} {cell.text}".strip()
    if cell == "":
        return "an empty cell"
    if isinstance(cell, float) and cell == int(cell):
        return f"the number {int(cell)}"
    return cell if isinstance(cell, str) else f"{_KINDS[type(cell)]} {cell}"


_KINDS = {bool: "the truth value", float: "the number", int: "the number"}
