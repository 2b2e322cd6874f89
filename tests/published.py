"""Publications for tests: made of a register, and edited as somebody would."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from firtree.access import KEEPER
from firtree.exchange.files import sheets_of
from firtree.exchange.workbook.writing import write_workbook
from firtree.library.publishing import Publication
from firtree.library.verifying import Verdict, verify_publication
from firtree.library.views import View
from registers import SIGNER

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from firtree.access import Scope
    from firtree.library.ports import Register

_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)


def a_publication(
    register: Register, day: date, *, size: int = 0, private: bool = True
) -> Publication:
    """Publish a state of a register to its keeper."""
    size = size or register.size()
    view = View(size, day, size)
    return Publication(register, SIGNER, KEEPER, view, private=private)


def a_workbook(publication: Publication, folder: Path) -> bytes:
    """Write a publication as a workbook."""
    path = folder / "fir.xlsx"
    write_workbook(path, publication.facts, publication.sheets, publication.rows())
    return path.read_bytes()


def verified(
    register: Register, octets: bytes, *, reach: Scope | None = None
) -> Verdict:
    """Verify a workbook, with a mirror of that reach if one is given."""
    sheets = sheets_of(io.BytesIO(octets), {})
    return verify_publication(
        KEEPER,
        sheets,
        register,
        SIGNER,
        reach=reach,
        progress=lambda _what, _done, _all: None,
    )


def cells_of(octets: bytes) -> list[tuple[int, str]]:
    """Give (number of the sheet, name) of every cell that is not empty."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return [
            (number, match[1].decode())
            for number in range(1, 7)
            for match in _CELL.finditer(archive.read(_member(number)))
        ]


def with_cell(octets: bytes, sheet: int, cell: str, text: str) -> bytes:
    """Give a workbook in which one cell says something else."""

    def changed(match: re.Match[bytes]) -> bytes:
        if match[1] != cell.encode():
            return match[0]
        return f'<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()

    return _edited(octets, sheet, lambda xml: _CELL.sub(changed, xml))


def _edited(octets: bytes, sheet: int, edit: object) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(octets)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in archive.namelist():
            member = archive.read(name)
            if name == _member(sheet) and callable(edit):
                member = edit(member)
            copy.writestr(name, member)
    return out.getvalue()


def _member(sheet: int) -> str:
    return f"xl/worksheets/sheet{sheet}.xml"
