"""Cells with types: take what is certain, and name what a spreadsheet has eaten.

A spreadsheet program turns what is typed into numbers and dates unless it is told not
to: ``00020120`` becomes 20120, ``12E4`` becomes 120000, ``1.2.26`` a day.  What was
typed is given back from such a cell only where nothing else can have been typed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from firtree.exchange import cells, sheet
from firtree.exchange.sheet import Cell, Special, cell_text
from firtree.text import shown

# Digits of the columns that hold hexadecimal digits.
HEXADECIMAL: Mapping[str, int] = MappingProxyType(
    {
        "Manufacturer Code": 4,
        "Model Identifier": 4,
        "Hardware Version": 2,
        "Hardware Revision": 2,
        "Firmware Version": 8,
        "Manufacturer Image Hash": 64,
        "Min Hardware": 4,
        "Max Hardware": 4,
        "OTA Manufacturer Code": 4,
        "OTA Image Type": 4,
        "SBOM SHA-256": 64,
    }
)
MIXED = frozenset({"DCC Loaded"})  # a word or a date
_WORDED = (cells.yes_or_no, cells.hold)
_ERRORS = frozenset(
    "#N/A #REF! #NAME? #VALUE! #DIV/0! #NULL! #NUM! #SPILL! #CALC! "
    "#GETTING_DATA #FIELD! #BLOCKED! Err:502 Err:504 Err:508 Err:522".split()
)
ODD_STARTS = "#E"  # of the errors
_DAY_ZERO = date(1899, 12, 30)  # of the date numbers of spreadsheets, from March 1900
_LAST_DAY = 2_958_465  # 9999-12-31
_POWER_OF_TEN = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]+\Z")


class OddCellError(ValueError):
    """A cell whose type does not fit; the message says what was expected.

    Attributes:
        found: what was there, in words.
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected)
        self.found = found


def taken(cell: Cell, name: str, read: Callable[[str], Any] | str) -> str | date:
    """Give the text that a cell stands for, or its day.

    Args:
        cell: a cell that is not empty, without blanks around it.
        name: of its column.
        read: reading of the column; ``"date"`` = a date.

    Raises:
        OddCellError: it cannot be told, or nobody can have meant it.
    """
    if isinstance(cell, str):
        # What a spreadsheet shows in place of a value, as it writes it to CSV too.
        if cell[0] in ODD_STARTS and (cell in _ERRORS or not cell.strip("#")):
            raise OddCellError("a value", f"the error {cell}")
        return cell
    if isinstance(cell, Special):
        return _special(cell, name, read)
    if isinstance(cell, bool):
        return _truth(name, read, value=cell)
    return _number(cell, name, read)


def _special(cell: Special, name: str, read: Callable[[str], Any] | str) -> str | date:
    if cell.kind == sheet.FORMULA:
        value = f" (its last value was {shown(cell.text)})" if cell.text else ""
        raise OddCellError("a value", f"a formula{value}")
    if cell.kind == sheet.ERROR:
        raise OddCellError("a value", f"the error {cell.text}")
    if cell.kind == sheet.COVERED:
        raise OddCellError(
            "a cell of its own", f"a part of the merged cells {cell.text}"
        )
    dated = read == "date" or name in MIXED
    if cell.kind == sheet.DATE and dated:
        return date.fromisoformat(cell.text)
    if cell.kind == sheet.MOMENT and dated:
        raise OddCellError("a date without a time", cell.text.replace("T", " "))
    what = "time" if cell.kind == sheet.TIME else "date"
    raise OddCellError(
        _expected(name, read),
        f"the {what} {cell.text.replace('T', ' ')} (a spreadsheet made it out of "
        "something else?)",
    )


def _truth(name: str, read: Callable[[str], Any] | str, *, value: bool) -> str:
    if read in _WORDED or name in MIXED:
        return "yes" if value else "no"
    raise OddCellError(_expected(name, read), f"the truth value {cell_text(value)}")


def _number(number: float, name: str, read: Callable[[str], Any] | str) -> str:
    text = cell_text(number)
    if count := HEXADECIMAL.get(name):
        if len(text) == count and text.isdigit() and int(text) % 100:
            return text
        raise OddCellError(
            _expected(name, read), f"the number {text}{_lost(text, count)}"
        )
    if read == "date" or name in MIXED:
        day = ""
        if 60 < number <= _LAST_DAY:
            day = f" (the day {_DAY_ZERO + timedelta(days=int(number))}?)"
        raise OddCellError("a date", f"the number {text}{day}")
    if name == "Firmware Label" and not text.isdigit():
        raise OddCellError(
            "text",
            f"the number {text} (2.10 and 2.1 are the same number, and different "
            "labels)",
        )
    return text


def _expected(name: str, read: Callable[[str], Any] | str) -> str:
    """Say what a column holds, as its reading says it of a text that nobody means."""
    if count := HEXADECIMAL.get(name):
        return f"{count} hexadecimal digits, written as text"
    if not callable(read):
        return "a date"
    try:
        read("\0")
    except ValueError as error:
        said = str(error)
        return "text" if said.startswith("a text") else said
    return "text"


def _lost(digits: str, count: int) -> str:
    """Say what a number may have been before a spreadsheet made a number of it."""
    huge = "e+" in digits
    if not digits.isdigit() and not huge:
        return ""
    if huge or len(digits) > count:
        return " (digits with an E among them, taken for a power of ten?)"
    if len(digits) == count:
        return f" ({digits}, or digits with an E among them?)"
    return f" (leading zeros were lost: {digits.zfill(count)}?)"


def eaten(text: str, name: str) -> str:
    """Say what a text that is no hexadecimal digits may have been; often nothing.

    Args:
        text: of the cell.
        name: of its column.
    """
    count = HEXADECIMAL.get(name)
    if count is None:
        return ""
    if _POWER_OF_TEN.match(text):
        return (
            " (a spreadsheet has taken digits with an E among them for a power of ten)"
        )
    if count <= 8 and len(text) < count and text.isdigit() and text.isascii():
        return f" (leading zeros were lost: {text.zfill(count)}?)"
    return ""
