"""The rows that an import leaves out, as a workbook to be mended and imported again."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from firtree.exchange.entries import BadRow, Table
from firtree.exchange.headings import Heading, plain
from firtree.exchange.sheet import DATE, Cell, Special, cell_text, column_letters
from firtree.exchange.workbook.marked import WHAT_IS_WRONG, MarkedRow


class RowsLeftOut(NamedTuple):
    """What a workbook to be mended holds.

    Attributes:
        headings: of the columns, as they are in the file.
        rows: in the order of the file, each with all its cells.
    """

    headings: list[str]
    rows: Iterator[MarkedRow]


def rows_left_out(table: Table) -> RowsLeftOut:
    """Give the rows of a table that are bad, whatever sheets they come from."""
    columns: dict[str, int] = {}
    headings: list[str] = []
    for heading in {
        id(p.heading): p.heading for b in table.bad for p in b.pieces
    }.values():
        for key, name in zip(_keys(heading), heading.names, strict=True):
            if key and key not in columns:
                columns[key] = len(headings)
                headings.append(name or key)
    ordered = sorted(table.bad, key=_order)
    rows = (_marked(bad, columns, british=table.british) for bad in ordered)
    return RowsLeftOut(headings, rows)


def _keys(heading: Heading) -> list[str]:
    """Tell the columns of several sheets apart; empty = not to be written."""
    keys: list[str] = []
    for number, (name, key) in enumerate(zip(heading.names, heading.keys, strict=True)):
        other = plain(name) or f"column {column_letters(number)}"
        keys.append(key or ("" if other == plain(WHAT_IS_WRONG) else other))
    return keys


def _order(bad: BadRow) -> tuple[str, int]:
    return bad.pieces[0].sheet, bad.pieces[0].line.number


def _marked(bad: BadRow, columns: dict[str, int], *, british: bool) -> MarkedRow:
    cells = [""] * len(columns)
    for piece in bad.pieces:
        for key, cell in zip(_keys(piece.heading), piece.line.cells, strict=False):
            if key and not cells[columns[key]]:
                cells[columns[key]] = _text(cell, british=british)
    wrong = [
        f"{name}: expected {problem.expected}, found {problem.found}"
        for name, problem in bad.problems
    ]
    marks = frozenset(columns[name] for name, _ in bad.problems if name in columns)
    return MarkedRow(cells, marks, "; ".join(wrong))


def _text(cell: Cell, *, british: bool) -> str:
    """Write a cell; a date in the style that the file's texts have."""
    if isinstance(cell, Special) and cell.kind == DATE and british:
        return date.fromisoformat(cell.text).strftime("%d/%m/%Y")
    return cell_text(cell)
