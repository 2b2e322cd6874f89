"""A worksheet that writes whole rows at once, every text as a text and nothing else.

XlsxWriter takes a text that begins with ``<r>`` and ends with ``</r>`` for markup of
its own and writes it as it stands, so a text from a stranger could bring cells and
formulas of its own along.  Here every text is escaped.  It also takes half the time.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from firtree.exchange.rows import Cell
from firtree.exchange.workbook.comparing import FIRST_DAY

TEXT_MOST = 32_767  # UTF-16 units
_LINE_POINTS = 13.0
_ORIGIN = date(1899, 12, 30).toordinal()
# What cannot stand in a text as it is; blanks at its ends would be lost.
_ODD = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|\A\s|\s\Z")
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")


class RowSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter carries no types
    """A worksheet in constant memory; rows come in order, below those written."""

    def add_row(
        self,
        number: int,
        cells: Sequence[Cell],
        formats: Any,  # noqa: ANN401
        widths: Sequence[float],
        lines_most: int,
    ) -> int:
        """Write a row.

        Args:
            number: of the row, counted from 0.
            cells: from the first column on; None = empty.
            formats: of texts, dates and numbers, and of texts of several lines.
            widths: of the columns, characters.
            lines_most: of a cell with several lines so many are shown; the row is
                made as high as that.

        Returns:
            The column of a text that is too long for a cell; -1 = there is none.
        """
        text_style, date_style, number_style, lines_style = (
            style._get_xf_index()  # noqa: SLF001 - what its own cells are written with
            for style in formats
        )
        line, height = number + 1, 0.0
        pieces = [""]
        for column, cell in enumerate(cells):
            if cell is None:
                continue
            place = f'<c r="{self._letters(column)}{line}" s="'
            if isinstance(cell, date):
                if cell >= FIRST_DAY:
                    days = cell.toordinal() - _ORIGIN
                    pieces.append(f'{place}{date_style}"><v>{days}</v></c>')
                    continue
                cell = cell.isoformat()  # noqa: PLW2901 - a text from here on
            if isinstance(cell, str):
                if len(cell) > TEXT_MOST // 2 and _units(cell) > TEXT_MOST:
                    return column
                style = text_style
                if "\n" in cell:
                    style = lines_style
                    height = max(height, height_of(cell, widths[column], lines_most))
                pieces.append(f'{place}{style}" t="inlineStr"><is>')
                if _ODD.search(cell):
                    text = f'<t xml:space="preserve">{_escaped(cell)}</t></is></c>'
                else:
                    text = f"<t>{cell}</t></is></c>"
                pieces.append(text)
            else:
                pieces.append(f'{place}{number_style}"><v>{cell}</v></c>')
        high = f' ht="{height:g}" customHeight="1"' if height else ""
        pieces[0] = f'<row r="{line}"{high}>'
        pieces.append("</row>")
        self._write_single_row(number)  # what is above, if that is not written yet
        self._check_dimensions(number, len(cells) - 1)
        self.row_data_fh.write("".join(pieces))
        return -1

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:  # noqa: ANN401
        """Write a text that looks like markup as the text it is."""
        self._xml_inline_string(string, True, attributes)  # noqa: FBT003

    _names: tuple[str, ...] = tuple(xl_col_to_name(column) for column in range(256))

    def _letters(self, column: int) -> str:
        return self._names[column]


def height_of(text: str, width: float, lines_most: int = 30) -> float:
    """Give the height of a row that shows all of a cell, points.

    Args:
        text: of the cell.
        width: of its column, characters.
        lines_most: how many lines are shown at most; a row has room for 30.
    """
    lines = sum(1 + int(len(line) // width) for line in text.split("\n"))
    return _LINE_POINTS * min(lines, lines_most) + 2


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _escaped(text: str) -> str:
    """Write a text as XML; what XML cannot hold is written as workbooks do it."""
    coded = _CODED.sub("_x005F_", text)
    controlled = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", coded)
    return escape(controlled)
