"""Typed cells: what is certain is taken, what a spreadsheet has eaten is named."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from itertools import product

import pytest

from firtree.devices import DeviceType
from firtree.exchange import cells
from firtree.exchange.columns import COLUMNS
from firtree.exchange.sheet import (
    COVERED,
    DATE,
    ERROR,
    FORMULA,
    MOMENT,
    TIME,
    Cell,
    Special,
    cell_name,
    cell_text,
    column_letters,
)
from firtree.exchange.typed import HEXADECIMAL, OddCellError, eaten, taken

_NUMBER = re.compile(r"[0-9]+(E[0-9]+)?\Z")


def a_spreadsheet_makes(text: str) -> float | None:
    """Give the number that a spreadsheet makes of what is typed; None = it stays."""
    return float(text) if _NUMBER.match(text) else None


@pytest.mark.parametrize(
    ("name", "count"), [("Hardware Version", 2), ("Model Identifier", 4)]
)
def test_a_number_is_taken_only_where_no_other_digits_give_it(
    name: str, count: int
) -> None:
    typed: dict[float, set[str]] = defaultdict(set)
    for digits in product("0123456789ABCDEF", repeat=count):
        text = "".join(digits)
        number = a_spreadsheet_makes(text)
        if number is not None and number < 1e300:
            typed[number].add(text)
    accepted = 0

    for number, texts in typed.items():
        try:
            found = taken(number, name, str)
        except OddCellError:
            continue
        accepted += 1
        assert texts == {found}

    assert accepted > 50


ODD: dict[str, tuple[Cell, str, str, str]] = {
    "lost zeros": (
        *(20120.0, "Firmware Version"),
        "8 hexadecimal digits, written as text",
        "the number 20120 (leading zeros were lost: 00020120?)",
    ),
    "a power of ten": (
        *(1.23e9, "Firmware Version"),
        "8 hexadecimal digits, written as text",
        (
            "the number 1230000000 (digits with an E among them, taken for a power of "
            "ten?)"
        ),
    ),
    "perhaps a power of ten": (
        *(1200.0, "Manufacturer Code"),
        "4 hexadecimal digits, written as text",
        "the number 1200 (1200, or digits with an E among them?)",
    ),
    "a fraction": (
        *(1.5, "Hardware Version"),
        "2 hexadecimal digits, written as text",
        "the number 1.5",
    ),
    "a negative number": (
        *(-12.0, "Hardware Version"),
        "2 hexadecimal digits, written as text",
        "the number -12",
    ),
    "a date for a version": (
        *(Special(DATE, "2026-02-01"), "Firmware Version"),
        "8 hexadecimal digits, written as text",
        "the date 2026-02-01 (a spreadsheet made it out of something else?)",
    ),
    "a date for a label": (
        *(Special(DATE, "2026-02-01"), "Firmware Label"),
        "text",
        "the date 2026-02-01 (a spreadsheet made it out of something else?)",
    ),
    "a time for ids": (
        *(Special(TIME, "10:20:00"), "Upgradable From"),
        "CPL Entry IDs separated by ';' or ',', or N/A",
        "the time 10:20:00 (a spreadsheet made it out of something else?)",
    ),
    "a label with a point": (
        *(2.1, "Firmware Label"),
        "text",
        "the number 2.1 (2.10 and 2.1 are the same number, and different labels)",
    ),
    "a day as a number": (
        *(45902.0, "Release Date"),
        "a date",
        "the number 45902 (the day 2025-09-02?)",
    ),
    "a number that is no day": (
        *(0.5, "DCC Loaded"),
        "a date",
        "the number 0.5",
    ),
    "a date with a time": (
        *(Special(MOMENT, "2026-02-01T12:30:00"), "Release Date"),
        "a date without a time",
        "2026-02-01 12:30:00",
    ),
    "a formula": (
        *(Special(FORMULA, "7"), "CPL Entry ID"),
        "a value",
        "a formula (its last value was '7')",
    ),
    "a formula without a value": (
        *(Special(FORMULA, ""), "Hold"),
        "a value",
        "a formula",
    ),
    "an error": (Special(ERROR, "#REF!"), "Status", "a value", "the error #REF!"),
    "an error as text": ("#N/A", "Trade Name", "a value", "the error #N/A"),
    "a column too narrow": ("#####", "Trade Name", "a value", "the error #####"),
    "merged cells": (
        *(Special(COVERED, "B2:B5"), "Manufacturer"),
        "a cell of its own",
        "a part of the merged cells B2:B5",
    ),
    "a truth value for a status": (
        *(True, "Status"),
        "one of Active, Expired, Withdrawn, Cancelled",
        "the truth value TRUE",
    ),
    "a truth value": (True, "Trade Name", "text", "the truth value TRUE"),
    "a truth value for a day": (
        *(False, "Release Date"),
        "a date",
        "the truth value FALSE",
    ),
}
READ = {column.name: column.read for column in COLUMNS}


@pytest.mark.parametrize(("cell", "name", "expected", "found"), ODD.values(), ids=ODD)
def test_what_cannot_be_told_is_named(
    cell: Cell, name: str, expected: str, found: str
) -> None:
    with pytest.raises(OddCellError) as caught:
        taken(cell, name, READ[name])

    assert (str(caught.value), caught.value.found) == (expected, found)


TAKEN: dict[str, tuple[Cell, str, str | date]] = {
    "a text": ("00020120", "Firmware Version", "00020120"),
    "a whole number": (9001.0, "CPL Entry ID", "9001"),
    "digits that can only be these": (1234.0, "Manufacturer Code", "1234"),
    "a version with a point": (4.1, "GBCS Version", "4.1"),
    "a date": (Special(DATE, "2026-02-01"), "Release Date", date(2026, 2, 1)),
    "a date of loading": (Special(DATE, "2026-02-01"), "DCC Loaded", date(2026, 2, 1)),
    "true": (True, "Mandatory Step", "yes"),
    "false": (False, "Hold", "no"),
    "a number sign": ("#1 of two", "Trade Name", "#1 of two"),
    "a big number": (12345678901.0, "Trade Name", "12345678901"),
}


@pytest.mark.parametrize(("cell", "name", "text"), TAKEN.values(), ids=TAKEN)
def test_what_is_certain_is_taken(cell: Cell, name: str, text: str | date) -> None:
    assert taken(cell, name, READ[name]) == text


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("1.23E+09", "Firmware Version", "a power of ten"),
        ("1E+10", "Model Identifier", "a power of ten"),
        ("20120", "Firmware Version", "leading zeros were lost: 00020120?"),
        ("0002012G", "Firmware Version", ""),
        ("123456789", "Firmware Version", ""),
        ("20120", "Trade Name", ""),
        ("12345", "Manufacturer Image Hash", ""),
    ],
)
def test_a_text_that_went_through_a_spreadsheet_is_told(
    text: str, name: str, said: str
) -> None:
    assert said in eaten(text, name)
    assert bool(said) is bool(eaten(text, name))


def test_the_hexadecimal_columns_are_columns() -> None:
    names = {column.name for column in COLUMNS}

    assert set(HEXADECIMAL) <= names
    for name in HEXADECIMAL:
        assert READ[name] not in {cells.entry_id, DeviceType.parse}


def test_cells_are_named_as_spreadsheets_name_them() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702, 16383)] == (
        "A Z AA ZZ AAA XFD".split()
    )
    assert cell_name(17, 5) == "F17"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" x ", "x"),
        (12.0, "12"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (float("inf"), "inf"),
        (1e300, "1e+300"),
        (True, "TRUE"),
        (Special(ERROR, "#N/A"), "#N/A"),
        (Special(COVERED, "A1:B2"), ""),
    ],
)
def test_a_cell_is_written_as_short_as_it_reads_back(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text
