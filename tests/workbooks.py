"""Workbooks for tests: written with XlsxWriter, or by hand where no program would."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

from tables import a_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet


class Formula(NamedTuple):
    """A formula and its last value."""

    text: str
    value: object = ""


class Merged(NamedTuple):
    """A text in merged cells, so many columns wide and rows high."""

    text: str
    wide: int = 1
    high: int = 1


Value = object  # str, int, float, bool, date, datetime, time, Formula, Merged, None


def sheet_of(*rows: Mapping[str, Value]) -> list[list[Value]]:
    """Give the cells of rows; the columns are those of any row, in order."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [list(columns), *([row.get(name) for name in columns] for row in rows)]


def entries_sheet(*rows: Mapping[str, Value]) -> list[list[Value]]:
    """Give a sheet of entries, each with what is required and what a row adds."""
    return sheet_of(*({**a_row(9001 + n), **row} for n, row in enumerate(rows)))


def an_xlsx(
    sheets: Mapping[str, Sequence[Sequence[Value]]], *, hidden: Iterable[str] = ()
) -> bytes:
    """Write a workbook; texts are texts, other values get their type."""
    octets = io.BytesIO()
    with xlsxwriter.Workbook(octets, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for line, row in enumerate(rows):
                for column, value in enumerate(row):
                    _write(book, sheet, line, column, value)
    return octets.getvalue()


def _write(
    book: Workbook, sheet: Worksheet, line: int, column: int, value: Value
) -> None:
    formats = {
        datetime: "yyyy-mm-dd hh:mm",
        date: "yyyy-mm-dd",
        time: "hh:mm",
    }
    if isinstance(value, Formula):
        sheet.write_formula(line, column, value.text, None, value.value)
    elif isinstance(value, Merged):
        last = (line + value.high - 1, column + value.wide - 1)
        sheet.merge_range(line, column, *last, value.text)
    elif isinstance(value, str):
        sheet.write_string(line, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(line, column, value)
    elif value is not None:
        style = book.add_format({"num_format": formats[type(value)]})
        sheet.write_datetime(line, column, value, style)


_CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/'
    '2006/content-types"><Default Extension="rels" ContentType="application/vnd.'
    'openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.'
    'main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="'
    "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    '"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def a_raw_xlsx(
    sheet_xml: bytes | Iterable[bytes], *, more: Mapping[str, bytes] | None = None
) -> bytes:
    """Make a workbook of one sheet, ``CPL``, with the XML given.

    Args:
        sheet_xml: what stands inside of ``sheetData``, or the whole part if it
            begins with an XML declaration.
        more: further members.
    """
    octets = io.BytesIO()
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="CPL" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
    }
    pieces = [sheet_xml] if isinstance(sheet_xml, bytes) else sheet_xml
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as member:
            whole = isinstance(sheet_xml, bytes) and sheet_xml.startswith(
                (b"<?xml", b"<\0?")
            )
            if not whole:
                member.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for piece in pieces:
                member.write(piece)
            if not whole:
                member.write(b"</sheetData></worksheet>")
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return octets.getvalue()


def inline(line: int, texts: Iterable[str]) -> bytes:
    """Write a row of texts as XML, with places."""
    cells = "".join(
        f'<c r="{chr(ord("A") + n)}{line}" t="inlineStr"><is><t>{escape(text)}</t>'
        "</is></c>"
        for n, text in enumerate(texts)
    )
    return f'<row r="{line}">{cells}</row>'.encode()


_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    + " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:'
    'calcext:1.0" office:version="1.3"><office:body><office:spreadsheet>'
)


def an_ods(
    sheets: Mapping[str, Sequence[Sequence[Value]]], *, after: str = ""
) -> bytes:
    """Write an OpenDocument spreadsheet.

    Args:
        sheets: cells of each sheet.
        after: XML that follows the last row of each.
    """
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"
            for row in rows
        )
        + f"{after}</table:table>"
        for name, rows in sheets.items()
    )
    return a_raw_ods(f"{_ODS}{tables}</office:spreadsheet></office:body>")


def a_raw_ods(content: str, *, manifest: str = "") -> bytes:
    """Make the archive of an OpenDocument spreadsheet."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _ODS_TYPE, zipfile.ZIP_STORED)
        archive.writestr("content.xml", f"{content}</office:document-content>")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
            f'manifest:1.0" manifest:version="1.3">{manifest}</manifest:manifest>',
        )
    return octets.getvalue()


def _ods_cell(value: Value) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, Formula):
        return _ods_valued(
            value.value, f"table:formula={quoteattr('of:' + value.text)}"
        )
    if isinstance(value, Merged):
        spans = (
            f'table:number-columns-spanned="{value.wide}" '
            f'table:number-rows-spanned="{value.high}"'
        )
        covered = "<table:covered-table-cell/>" * (value.wide - 1)
        return _ods_valued(value.text, spans) + covered
    return _ods_valued(value, "")


def _ods_valued(value: Value, more: str) -> str:
    shown = escape(str(value))
    if isinstance(value, bool):
        kind = f'"boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        kind = f'"float" office:value="{value}"'
    elif isinstance(value, datetime):
        kind = f'"date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, date):
        kind = f'"date" office:date-value="{value}"'
    else:
        kind = '"string"'
    return (
        f"<table:table-cell {more} office:value-type={kind}>"
        f"<text:p>{shown}</text:p></table:table-cell>"
    )
