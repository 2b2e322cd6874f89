"""Workbooks of invented entries, to be read and imported."""

import io
from datetime import date
from typing import NamedTuple

import xlsxwriter

from benchmarks.ledgers import TODAY
from firtree.catalogue.entry import Entry
from firtree.exchange.columns import WRITTEN
from firtree.exchange.rows import cell_of, values_of
from firtree.library.demo import invent
from firtree.parties import Maker


class Book(NamedTuple):
    """A workbook in memory.

    Attributes:
        octets: of the file.
        entries: how many it holds, a row for each.
        filled: how many cells have a value, those of the header row included.
    """

    octets: bytes
    entries: int
    filled: int


def a_book(entries: int) -> Book:
    """Write a workbook with all columns: numbers, dates and texts."""
    makers: dict[str, Maker] = {}
    rows: list[list[object]] = [[column.name for column in WRITTEN]]
    for thing in invent(entries, today=TODAY, seed=1):
        if isinstance(thing, Maker):
            makers[thing.code] = thing
        elif isinstance(thing, Entry):
            values = values_of(thing, makers[thing.model.key.manufacturer])
            rows.append([cell_of(value) for value in values])
    octets = io.BytesIO()
    with xlsxwriter.Workbook(octets, {"in_memory": True}) as book:
        sheet = book.add_worksheet("CPL")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, day)
                elif isinstance(cell, int):
                    sheet.write_number(line, column, cell)
                elif cell:
                    sheet.write_string(line, column, str(cell))
    filled = sum(cell not in {None, ""} for row in rows for cell in row)
    return Book(octets.getvalue(), len(rows) - 1, filled)
