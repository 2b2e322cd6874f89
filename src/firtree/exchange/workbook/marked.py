"""Write rows that need mending to a workbook: bad cells marked, and what is wrong.

The workbook holds text only: no cell can run as a formula or turn into a number.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from firtree.errors import InvalidInputError
from firtree.exchange.whole import whole_file

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

WHAT_IS_WRONG = "What is wrong"
SHEET = "To mend"
MOST_ROWS = 1_048_575  # of a sheet, below its header row
_WIDTHS = (10, 40)
_WHAT_WIDTH = 80
_MEASURED_ROWS = 100
_CUT = -2  # what XlsxWriter answers for a text longer than a cell can hold


class MarkedRow(NamedTuple):
    """A row of a workbook that is to be mended.

    Attributes:
        cells: texts, one for each heading; missing ones are empty.
        marks: numbers of the cells that are wrong, counted from 0.
        what: what is wrong, for the last column.
    """

    cells: Sequence[str]
    marks: Collection[int]
    what: str


def write_marked(
    file: BinaryIO | str | Path, headings: Sequence[str], rows: Iterable[MarkedRow]
) -> int:
    """Write rows with their bad cells marked, and give how many there were.

    Memory does not grow with the number of rows.  A cell that is longer than a
    workbook can hold is cut, and the last column says so.

    Args:
        file: where to write: a binary stream, or the name of a file, which is
            replaced once everything is written.
        headings: names of the columns; *What is wrong* is added as the last.
        rows: the rows, in order.

    Raises:
        InvalidInputError: there are more rows than a sheet can hold.
        OSError: the file cannot be written.
    """
    if not isinstance(file, str | Path):
        return _write(file, headings, rows)
    with whole_file(Path(file)) as part, part.open("wb") as stream:
        return _write(stream, headings, rows)


def _write(stream: BinaryIO, headings: Sequence[str], rows: Iterable[MarkedRow]) -> int:
    # Its import takes longer than a command that writes no workbook may wait.
    import xlsxwriter  # noqa: PLC0415
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    from firtree.exchange.workbook.rows_out import RowSheet  # noqa: PLC0415

    try:
        with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
            styles = _Styles(
                heading=book.add_format({"bold": True, "bottom": 1}),
                text=book.add_format({"num_format": "@"}),
                bad=book.add_format(
                    {"num_format": "@", "bg_color": "#FFD9D9", "border": 1}
                ),
                what=book.add_format({"num_format": "@", "text_wrap": True}),
            )
            return _write_sheet(
                book.add_worksheet(SHEET, RowSheet), styles, headings, rows
            )
    except FileCreateError as error:
        # The library wraps what the file system said.
        raise error.args[0] from None


class _Styles(NamedTuple):
    heading: "Format"
    text: "Format"
    bad: "Format"
    what: "Format"


def _write_sheet(
    sheet: "Worksheet",
    styles: _Styles,
    headings: Sequence[str],
    rows: Iterable[MarkedRow],
) -> int:
    last = len(headings)
    coming = iter(rows)
    first = list(islice(coming, _MEASURED_ROWS))
    _set_widths(sheet, styles, headings, first)
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate([*headings, WHAT_IS_WRONG]):
        sheet.write_string(0, column, heading, styles.heading)
    number = 0
    for number, row in enumerate(_both(first, coming), 1):
        if number > MOST_ROWS:
            raise InvalidInputError(
                f"a sheet holds {MOST_ROWS} rows, and there are more to be mended",
                hint="split the file into several and import them one by one",
            )
        cut = False
        for column, text in enumerate(row.cells[:last]):
            style = styles.bad if column in row.marks else styles.text
            if text:
                cut |= sheet.write_string(number, column, text, style) == _CUT
            elif column in row.marks:
                sheet.write_blank(number, column, None, style)
        what = f"{row.what}; a longer text was cut" if cut else row.what
        sheet.write_string(number, last, what, styles.what)
    sheet.autofilter(0, 0, number, last)
    return number


def _both(first: list[MarkedRow], rest: Iterable[MarkedRow]) -> Iterable[MarkedRow]:
    yield from first
    yield from rest


def _set_widths(
    sheet: "Worksheet",
    styles: _Styles,
    headings: Sequence[str],
    rows: Sequence[MarkedRow],
) -> None:
    """Make each column wide enough for its heading and first cells, within bounds."""
    least, most = _WIDTHS
    for column, heading in enumerate(headings):
        texts = (row.cells[column] for row in rows if column < len(row.cells))
        longest = max(len(text) for text in (heading, *texts))
        width = min(max(longest + 2, least), most)
        sheet.set_column(column, column, width, styles.text)
    sheet.set_column(len(headings), len(headings), _WHAT_WIDTH, styles.what)
