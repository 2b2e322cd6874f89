"""Write a publication as a locked workbook.

Texts are written as texts and nothing else, so no cell runs as a formula or becomes a
link or a number.  The same publication gives the same file: nothing in it is of the
moment it was written at.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from firtree.errors import InvalidInputError
from firtree.exchange.columns import Form
from firtree.exchange.publication import (
    ABOUT,
    ANSWERS,
    Digest,
    Facts,
    Field,
    Sheet,
    Sheets,
    about_rows,
)
from firtree.exchange.rows import Cell, Value, cell_of

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROWS_MOST = 1_048_576
TEXT_MOST = 32_767  # UTF-16 units
_DARK, _RULE = "#1F3A2E", "#C9D6CF"
# Readers may use filters and make columns as wide as they like; nothing else.
_ALLOWED = {
    "autofilter": True,
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}
# Characters; what is not here follows from the name and the form.
_WIDTHS = {
    "CPL Entry ID": 12,
    "Device Type": 9,
    "Manufacturer": 24,
    "Manufacturer Code": 13,
    "Trade Name": 22,
    "Firmware Version": 12,
    "Manufacturer Image Hash": 68,
    "Next Step Hash": 68,
    "SBOM SHA-256": 68,
    "Status Reason": 28,
    "Certificate Details": 30,
    "Notes Summary": 44,
    "Why": 30,
    "Key": 26,
    "Standing in Words": 23,
    "Pathway": 28,
    "Contact Email": 34,
    "Contact Role": 24,
    "Advice": 60,
    "Reasons": 60,
    "Warnings": 90,
    "Before": 40,
    "After": 40,
    "Column": 26,
}
_FORM_WIDTHS = {
    Form.DATE: 11,
    Form.NUMBER: 10,
    Form.FLAG: 10,
    Form.NUMBERS: 18,
    Form.TEXTS: 24,
    Form.TEXT: 16,
}
_ABOUT_WIDTHS = (24, 76, 100)
# Answers are read; the other sheets are filtered, and stay one line a row.
_LINES_MOST = 12
# Words that stand out, quietly.
_COLOURS = {
    "Status": {"Active": "#1B6E3C", "Expired": "#8A5A00", "Withdrawn": "#9B1C1C"}
    | {"Cancelled": "#9B1C1C"},
    "Standing": {"current": "#1B6E3C", "behind": "#8A5A00", "removed": "#9B1C1C"},
    "Highest Warning": {"stop": "#9B1C1C", "caution": "#8A5A00", "info": "#4A5A70"},
    "Left By": {"removed": "#9B1C1C", "superseded": "#8A5A00"},
    "Change": {"new": "#1B6E3C", "changed": "#8A5A00"},
}


def write_workbook(
    path: Path,
    facts: Facts,
    sheets: Sheets,
    rows: Iterable[tuple[Sheet, Sequence[Value]]],
) -> None:
    """Write a publication to a new file.

    Args:
        path: of the file; what is there is written over.
        facts: what the publication is of.
        sheets: in order.
        rows: of the sheets, those of one sheet in order.

    Raises:
        InvalidInputError: a sheet has too many rows, or a cell is too long for a
            workbook.

    Cost: memory does not grow with the number of rows; they are kept in files of
    their own beside ``path`` until the workbook is put together.
    """
    # Importing it takes a while, and only an export needs it.
    from xlsxwriter.workbook import Workbook  # noqa: PLC0415

    with TemporaryDirectory(dir=path.parent, prefix=".firtree-") as folder:
        workbook = Workbook(
            path,
            {
                "constant_memory": True,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        workbook.use_zip64()
        _describe(workbook, facts)
        try:
            _write_sheets(workbook, facts, sheets, rows)
        except BaseException:
            for sheet in workbook.worksheets():
                sheet.row_data_fh.close()  # nothing else does, without close()
            raise
        workbook.close()


def _write_sheets(
    workbook: "Workbook",
    facts: Facts,
    sheets: Sheets,
    rows: Iterable[tuple[Sheet, Sequence[Value]]],
) -> None:
    formats = _formats(workbook)
    written = {sheet.name: _Written(workbook, sheet, formats) for sheet in sheets}
    for sheet, row in rows:
        written[sheet.name].add(row)
    for one in written.values():
        one.finish()
    digests = [(one.digest.rows, one.digest.hexdigest()) for one in written.values()]
    _write_about(workbook, about_rows(facts, sheets, digests), formats)


def _describe(workbook: "Workbook", facts: Facts) -> None:
    workbook.set_properties(
        {
            "title": f"Register of meter firmware, publication {facts.name}",
            "subject": facts.terms,
            "author": facts.origin,
            "comments": "Locked. Check it with: firtree verify FILE.xlsx",
            "created": datetime.combine(facts.day, time(), UTC).replace(tzinfo=None),
        }
    )


def _formats(workbook: "Workbook") -> Mapping[str, "Format"]:
    top = {"valign": "top", "font_name": "Calibri", "font_size": 10}
    return {
        "header": workbook.add_format(
            {
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": _DARK,
                "text_wrap": True,
                "valign": "vcenter",
                "font_size": 10,
                "right": 1,
                "right_color": _RULE,
                "num_format": "@",
            }
        ),
        "text": workbook.add_format({**top, "num_format": "@"}),
        "lines": workbook.add_format({**top, "num_format": "@", "text_wrap": True}),
        "date": workbook.add_format(
            {**top, "num_format": "yyyy-mm-dd", "align": "left"}
        ),
        "number": workbook.add_format({**top, "num_format": "0", "align": "left"}),
        "title": workbook.add_format(
            {"bold": True, "font_size": 16, "font_color": _DARK, "num_format": "@"}
        ),
        "label": workbook.add_format({**top, "bold": True, "num_format": "@"}),
    }


class _Written:
    """A sheet being written.

    Args:
        workbook: it is added to.
        sheet: its name and columns.
        formats: of cells.
    """

    def __init__(
        self, workbook: "Workbook", sheet: Sheet, formats: Mapping[str, "Format"]
    ) -> None:
        # Importing it takes a while, and only an export needs it.
        from firtree.exchange.workbook.rows_out import RowSheet  # noqa: PLC0415

        self.digest = Digest(sheet.header)
        self._workbook = workbook
        self._sheet = sheet
        self._formats = formats
        self._styles = tuple(
            formats[name] for name in ("text", "date", "number", "lines")
        )
        self._out = out = workbook.add_worksheet(sheet.name, RowSheet)
        self._widths = tuple(map(width_of, sheet.fields))
        self._lines_most = _LINES_MOST if sheet.name == ANSWERS else 1
        for column, field in enumerate(sheet.fields):
            width = self._widths[column]
            out.set_column(column, column, width, self._format_of(field))
        out.set_row(0, 32)
        for column, field in enumerate(sheet.fields):
            out.write_string(0, column, field.name, formats["header"])

    def _format_of(self, field: Field) -> "Format":
        names = {Form.DATE: "date", Form.NUMBER: "number"}
        return self._formats[names.get(field.form, "text")]

    def add(self, row: Sequence[Value]) -> None:
        """Write a row below the others."""
        cells = [
            value if value is None or type(value) is str else cell_of(value)
            for value in row
        ]
        self.digest.add(cells)
        number, out = self.digest.rows, self._out
        if number >= ROWS_MOST:
            raise InvalidInputError(
                f"sheet {self._sheet.name!r} would have more than {ROWS_MOST:,} rows, "
                "which is all that a workbook can hold",
                hint="export as csv or parquet instead",
            )
        column = out.add_row(
            number, cells, self._styles, self._widths, self._lines_most
        )
        if column >= 0:
            raise self._too_long(number, column, str(cells[column]))

    def _too_long(self, number: int, column: int, text: str) -> InvalidInputError:
        return InvalidInputError(
            f"sheet {self._sheet.name!r}, row {number + 1}, column "
            f"{self._sheet.fields[column].name!r}: a cell of a workbook has at most "
            f"{TEXT_MOST:,} characters, and this one would have {len(text):,}",
            hint="export as csv, json or parquet instead",
        )

    def finish(self) -> None:
        """Lock the sheet and make it easy to read."""
        out, fields = self._out, self._sheet.fields
        out.freeze_panes(1, 1)
        out.autofilter(0, 0, max(self.digest.rows, 1), len(fields) - 1)
        for column, field in enumerate(fields):
            _colour(self._workbook, out, column, field)
        out.protect("", _ALLOWED)
        _for_paper(out)


def _colour(workbook: "Workbook", out: "Worksheet", column: int, field: Field) -> None:
    for word, colour in _COLOURS.get(field.name, {}).items():
        rule: dict[str, Any] = {
            "type": "cell",
            "criteria": "==",
            "value": f'"{word}"',
            "format": workbook.add_format({"font_color": colour}),
        }
        out.conditional_format(1, column, ROWS_MOST - 1, column, rule)


def _for_paper(out: "Worksheet") -> None:
    out.set_landscape()
    out.set_paper(8)  # A3
    out.fit_to_pages(1, 0)
    out.repeat_rows(0)
    out.set_footer("&L&A&RPage &P of &N")


def width_of(field: Field) -> float:
    """Give the width of a column, characters."""
    width = _WIDTHS.get(field.name)
    if width is not None:
        return width
    longest = max(len(word) for word in field.name.split())
    return max(_FORM_WIDTHS[field.form], longest + 3)


def _write_about(
    workbook: "Workbook",
    rows: Iterable[Sequence[Cell]],
    formats: Mapping[str, "Format"],
) -> None:
    from firtree.exchange.workbook.rows_out import (  # noqa: PLC0415
        RowSheet,
        height_of,
    )

    out = workbook.add_worksheet(ABOUT, RowSheet)
    for column, width in enumerate(_ABOUT_WIDTHS):
        out.set_column(column, column, width, formats["text"])
    for number, row in enumerate(rows):
        heading = row[:1] == ["Sheet"]
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                out.write_datetime(number, column, cell, formats["date"])
            elif isinstance(cell, int):
                out.write_number(number, column, cell, formats["number"])
            elif cell is not None:
                style = _about_style(number, column, heading=heading)
                if "\n" in cell:  # the checkpoint
                    style = "lines"
                    out.set_row(number, height_of(cell, _ABOUT_WIDTHS[column]))
                out.write_string(number, column, cell, formats[style])
    out.protect("", _ALLOWED)
    out.set_landscape()
    out.set_paper(9)
    out.fit_to_pages(1, 0)


def _about_style(number: int, column: int, *, heading: bool) -> str:
    if number == 0:
        return "title"
    if heading:
        return "header"
    return "label" if column == 0 else "text"
