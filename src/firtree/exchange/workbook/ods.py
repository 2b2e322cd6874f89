"""Look through the tables of an OpenDocument spreadsheet, with its repeated cells."""

from firtree.errors import InvalidInputError
from firtree.exchange.sheet import cell_name
from firtree.exchange.workbook.container import Container
from firtree.exchange.workbook.marks import (
    MOST_COLUMNS,
    MOST_LINES,
    TRUTHS,
    Marks,
    beyond,
    check_reach,
)
from firtree.exchange.workbook.markup import parse

# A row with content that is repeated stands for as many cells.
REPEATED_CELLS = 1_000_000
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})


def marks_of(container: Container) -> dict[str, Marks]:
    """Look through every table; give its marks by its name.

    Raises:
        InvalidInputError: a cell is too far out, or the content is damaged.
    """
    scan = _Scan()
    parse(container.pieces("content.xml"), scan.start, scan.end, scan.text)
    return scan.found


class _Scan:
    """Looks through all tables.

    Attributes:
        found: marks by the table's name.
    """

    def __init__(self) -> None:
        self.found: dict[str, Marks] = {}
        self._table = ""
        self._line = 1  # of the row that is read
        self._column = 0  # of the next cell
        self._rows = 1  # how often the row stands
        self._cells = 0  # how often the cell stands; 0 = outside of one
        self._filled = 0  # cells with content that repeated cells stand for
        self._has_text = False
        self._error = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        if name in _CELLS:
            self._start_cell(attributes)
        elif name == "table:table-row":
            self._rows = _count(attributes.get("table:number-rows-repeated"))
            self._column = 0
        elif name == "table:table":
            self._table = attributes.get("table:name", "")
            self.found[self._table] = Marks()
            self._line, self._filled = 1, 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cells = _count(attributes.get("table:number-columns-repeated"))
        self._has_text = "office:value-type" in attributes
        self._error = attributes.get("calcext:value-type") == "error"
        marks = self.found.setdefault(self._table, Marks())
        if "table:formula" in attributes:
            self._has_text = True
            self._check()
            columns = range(self._column, self._column + self._cells)
            truth = TRUTHS.get(attributes["table:formula"].partition("=")[2])
            for line in range(self._line, self._line + self._rows):
                if truth is None:
                    marks.formulas.setdefault(line, set()).update(columns)
                else:
                    truths = marks.truths.setdefault(line, {})
                    truths.update(dict.fromkeys(columns, truth))
        wide = _count(attributes.get("table:number-columns-spanned"))
        high = _count(attributes.get("table:number-rows-spanned"))
        if wide > 1 or high > 1:
            last = (self._line + high - 1, self._column + wide - 1)
            marks.spans.append((self._line, self._column, *last))

    def text(self, _: str) -> None:
        """Take text: a cell that has some is filled."""
        self._has_text = self._has_text or bool(self._cells)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name in _CELLS:
            if self._has_text:
                self._check()
            if self._error:
                errors = self.found[self._table].errors
                errors.setdefault(self._line, {})[self._column] = "of a formula"
            self._column += self._cells
            self._cells, self._has_text, self._error = 0, False, False
        elif name == "table:table-row":
            self._line += self._rows
            self._rows = 1

    def _check(self) -> None:
        """Check that a cell with content, and what it stands for, is within limits."""
        check_reach(self._table, self._line, self._column)
        last_line = self._line + self._rows - 1
        last_column = self._column + self._cells - 1
        if last_line > MOST_LINES or last_column >= MOST_COLUMNS:
            raise beyond(self._table, cell_name(last_line, last_column))
        self._filled += self._rows * self._cells - 1
        if self._filled > REPEATED_CELLS:
            raise InvalidInputError(
                f"sheet {self._table!r}: repeated cells stand for more than "
                f"{REPEATED_CELLS:,}",
                hint="delete what is filled down below the table",
            )


def _count(text: str | None) -> int:
    """Read how often something stands, at most as often as makes no difference."""
    if text is None:
        return 1
    return min(int(text), 1 << 31) if text.isdigit() and len(text) < 19 else 1 << 31
