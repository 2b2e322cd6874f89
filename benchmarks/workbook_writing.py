"""The locked workbook of a register, beside XlsxWriter alone with the same cells."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from xlsxwriter.workbook import Workbook

from benchmarks.figures import FULL, Figure, Scale, at_most, by_ratio, number
from benchmarks.registers import example
from firtree import wiring
from firtree.access import KEEPER
from firtree.exchange.files import sheets_of
from firtree.exchange.rows import Cell, cell_of
from firtree.exchange.workbook.writing import write_workbook
from firtree.library.publishing import Publication
from firtree.library.verifying import verify_publication
from firtree.settings import Settings

_Sheets = dict[str, list[Sequence[Cell]]]


def run(scale: Scale, cached: Path) -> Iterator[Figure]:
    """Write the workbook of a register, from the database to the file."""
    entries = 10_000 if scale is FULL else scale.entries
    register = example(cached, entries)
    with (
        wiring.opened(Settings(data=str(register.folder))) as parts,
        TemporaryDirectory() as folder,
    ):
        path = Path(folder) / "fir.xlsx"
        cells = _cells(_published(parts))
        ours: list[float] = []
        peer: list[float] = []
        frugal: list[float] = []
        for _ in range(scale.rounds):
            begun = process_time()
            publication = _published(parts)
            write_workbook(
                path, publication.facts, publication.sheets, publication.rows()
            )
            ours.append(process_time() - begun)
            for times, options in (
                (peer, {}),
                (frugal, {"constant_memory": True}),
            ):
                begun = process_time()
                _write_alone(Path(folder) / "alone.xlsx", cells, options)
                times.append(process_time() - begun)
        _check(parts, path)
    count = sum(cell is not None for rows in cells.values() for r in rows for cell in r)
    name = f"locked workbook of {number(entries)} entries, {number(count)} cells"
    yield by_ratio(
        f"{name}, processor time",
        median(ours),
        "s",
        at_most(1.3),
        peer=("XlsxWriter alone, the same cells", median(peer)),
    )
    yield by_ratio(
        "the same, beside the mode that keeps rows in files, as firtree does",
        median(ours),
        "s",
        peer=("XlsxWriter alone, constant_memory", median(frugal)),
    )


def _published(parts: wiring.Parts) -> Publication:
    view = parts.lookup.view()
    return Publication(parts.register, parts.signer, KEEPER, view)


def _cells(publication: Publication) -> _Sheets:
    """Give the cells of each sheet, so that the peer has nothing to work out."""
    cells: _Sheets = {sheet.name: [sheet.header] for sheet in publication.sheets}
    for sheet, row in publication.rows():
        cells[sheet.name].append([cell_of(value) for value in row])
    return cells


def _write_alone(path: Path, sheets: _Sheets, options: dict[str, bool]) -> None:
    workbook = Workbook(path, options)
    text = workbook.add_format({"num_format": "@"})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = workbook.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell, text)
                elif isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, day)
                elif cell is not None:
                    sheet.write_number(line, column, cell)
    workbook.close()


def _check(parts: wiring.Parts, path: Path) -> None:
    """Check that what was written is what the register publishes."""
    with path.open("rb") as file:
        verdict = verify_publication(
            KEEPER,
            sheets_of(file, {}),
            parts.register,
            parts.signer,
            progress=lambda _what, _done, _all: None,
        )
    assert verdict.intact
