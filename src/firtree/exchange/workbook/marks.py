"""What the reader of cells does not tell: formulas, errors, and how far cells reach."""

from typing import NamedTuple

from firtree.errors import InvalidInputError
from firtree.exchange.sheet import cell_name
from firtree.text import shown

MOST_LINES = 999_999
MOST_COLUMNS = 500
# LibreOffice writes a truth value that is typed in as a formula.
TRUTHS = {"TRUE()": True, "FALSE()": False}


class Marks:
    """The cells of one sheet that are not what they seem; lines count from 1.

    Attributes:
        formulas: columns by line.
        truths: truth values by column, by line.
        errors: error by column, by line.
        spans: merged cells.
    """

    def __init__(self) -> None:
        self.formulas: dict[int, set[int]] = {}
        self.truths: dict[int, dict[int, bool]] = {}
        self.errors: dict[int, dict[int, str]] = {}
        self.spans: list[tuple[int, int, int, int]] = []


class Reference(NamedTuple):
    """A cell: its line from 1, its column from 0."""

    line: int
    column: int


def beyond(sheet: str, name: str) -> InvalidInputError:
    """Say that a cell is too far out."""
    return InvalidInputError(
        f"sheet {shown(sheet)}, cell {name}: expected at most {MOST_LINES:,} lines "
        f"and {MOST_COLUMNS} columns",
        hint="delete the lines and columns around the table and save the workbook "
        "again",
    )


def check_reach(sheet: str, line: int, column: int) -> None:
    """Check that a cell is within the limits.

    Raises:
        InvalidInputError: it is not.
    """
    if line > MOST_LINES or column >= MOST_COLUMNS:
        raise beyond(sheet, cell_name(min(line, 10**9), min(column, 10**9)))
