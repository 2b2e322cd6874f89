"""No text of any workbook brings markup of its own along."""

from __future__ import annotations

import io
import zipfile

import openpyxl

from firtree.exchange.workbook.marked import MarkedRow, write_marked

MARKUP = '<r></t></is></c><c r="C9"><f>1+1</f></c><c><is><t></r>'


def test_a_cell_to_be_mended_stays_a_text() -> None:
    out = io.BytesIO()

    write_marked(out, ["Trade Name"], [MarkedRow([MARKUP], [0], "what")])

    with zipfile.ZipFile(out) as archive:
        assert not [n for n in archive.namelist() if b"<f>" in archive.read(n)]
    sheet = openpyxl.load_workbook(out).worksheets[0]
    assert MARKUP in [cell.value for row in sheet.iter_rows() for cell in row]
    assert sheet["C9"].value is None
