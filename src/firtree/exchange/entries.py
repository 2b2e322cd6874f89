"""Rows of entries from a table: its columns, and the readings of their cells.

``docs/formats/table.md`` lists the columns.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from operator import itemgetter
from types import MappingProxyType
from typing import Any, BinaryIO, NamedTuple

from firtree.catalogue.entry import DCCLoading, Loading
from firtree.devices import (
    PARTS,
    Generation,
    HardwareModel,
    allows_free_text,
    read_model_part,
)
from firtree.errors import InvalidInputError, Problem
from firtree.exchange import cells
from firtree.exchange.aliases import known_columns
from firtree.exchange.columns import COLUMNS, DATE, Column
from firtree.exchange.files import Progress, sheets_of, silent
from firtree.exchange.joining import KEY, Piece, Row, Rows
from firtree.exchange.sheet import Cell, cell_name, cell_text
from firtree.exchange.typed import MIXED, ODD_STARTS, OddCellError, eaten, taken
from firtree.firmware import firmware_version
from firtree.text import counted, shown

BY_NAME = {column.name: column for column in COLUMNS}
REQUIRED = tuple(column.name for column in COLUMNS if column.required)
# Readings that need the text of a cell and nothing else.
_READINGS = {
    column.name: column.read
    for column in COLUMNS
    if callable(column.read) and column.name not in MIXED
}

# May be empty for the devices whose names need not be hexadecimal.
_MAY_BE_EMPTY = {"Hardware Version", "Hardware Revision"}

_PART_COLUMNS = dict(
    zip(
        PARTS,
        ("Manufacturer Code", "Model Identifier", *sorted(_MAY_BE_EMPTY, reverse=True)),
        strict=True,
    )
)


class EntryRow(NamedTuple):
    """A row that could be read.

    Attributes:
        line: line of the file or sheet, counted from 1.
        id: CPL Entry ID.
        values: what each column says, by its name; None = an empty cell.
        model: the hardware model.
        firmware: the firmware version.
    """

    line: int
    id: int
    values: Mapping[str, Any]
    model: HardwareModel
    firmware: str


class BadRow(NamedTuple):
    """A row that could not be read, or must not be.

    Attributes:
        pieces: the lines it consists of.
        problems: what is wrong, with the column of each.
        id: CPL Entry ID; None where it could not be read.
    """

    pieces: tuple[Piece, ...]
    problems: list[tuple[str, Problem]]
    id: int | None


class Table(NamedTuple):
    """What a file held.

    Attributes:
        rows: rows that could be read, in order.
        problems: every cell that could not, in order.
        ignored: names of columns that are not known.
        columns: names of the known columns that are there.
        notes: sentences on sheets that were left alone.
        bad: the rows with problems; none of them is in ``rows``.
        british: whether the file writes dates as 22/11/2026.
        of_a_part: whether it is our own workbook of a part of a register.
    """

    rows: list[EntryRow]
    problems: list[Problem]
    ignored: tuple[str, ...]
    columns: frozenset[str]
    notes: tuple[str, ...] = ()
    bad: tuple[BadRow, ...] = ()
    british: bool = False
    of_a_part: bool = False


def read_entries(
    file: BinaryIO,
    *,
    aliases: Mapping[str, str] = MappingProxyType({}),
    progress: Progress = silent,
) -> Table:
    """Read the entries of a CSV table or a workbook, every row of them.

    Args:
        file: at its beginning.
        aliases: other names of columns, besides the common ones.
        progress: told (what, done, of how many).

    Raises:
        InvalidInputError: the file is no such table at all, or an alias is wrong.
    """
    columns = known_columns((column.name for column in COLUMNS), aliases)
    rows = Rows(sheets_of(file, columns, progress=progress), columns, REQUIRED)
    reading = _Reading()
    for row in rows:
        reading.take(row)
    reading.judge_dates()
    for piece in rows.left_over:
        expected = "an entry that a sheet with all required columns has"
        found = _found(piece.cell(KEY))
        reading.refuse(piece, _problem(piece, KEY, expected, found))
    for piece, first in rows.repeated:
        reading.refuse(piece, _twice(piece, first))
    if not reading.good and not reading.problems:
        raise InvalidInputError(
            "the table has a header row and nothing below it",
            hint="add a row for each entry",
        )
    return Table(
        rows=list(reading.good.values()),
        problems=reading.problems,
        ignored=tuple(
            dict.fromkeys(name for head in rows.headings for name in head.unknown)
        ),
        columns=frozenset(name for head in rows.headings for name in head.known),
        notes=tuple(rows.notes),
        bad=tuple(reading.bad),
        british=reading.dates.british,
        of_a_part=rows.of_a_part,
    )


class _DateCell(NamedTuple):
    """A cell with a date: its row, and that one's number among those that were read."""

    number: int
    row: Row
    name: str

    def where(self) -> str:
        """Name its place."""
        return self.row.where(self.name)


class _Reading:
    """What has been read of a file so far."""

    def __init__(self) -> None:
        self.good: dict[int, EntryRow] = {}
        self.bad: list[BadRow] = []
        self.dates = cells.Dates[_DateCell]()
        self._taken = 0
        self._problems: list[tuple[int, Problem]] = []
        self._first: dict[int, tuple[Piece, ...]] = {}

    @property
    def problems(self) -> list[Problem]:
        """Every cell that is wrong, in the order of the rows."""
        ordered = sorted(self._problems, key=itemgetter(0))
        return [problem for _, problem in ordered]

    def take(self, row: Row) -> None:
        """Read a row."""
        self._taken += 1
        wrong: list[tuple[str, Problem]] = []
        values = dict(_values(row, self._taken, self.dates, wrong))
        entry_id = values.get(KEY)
        self._check_repeated(row, entry_id, wrong)
        for name, piece in row.apart.items():
            wrong.append((name, _apart(row, name, piece)))
        entry_row = _entry_row(row, values, wrong)
        if entry_row is None or wrong:
            self._problems.extend((self._taken, problem) for _, problem in wrong)
            self.bad.append(BadRow(row.pieces, wrong, entry_id))
        else:
            self.good[entry_row.id] = entry_row

    def judge_dates(self) -> None:
        """Name the dates whose style is not that of most.

        Raises:
            InvalidInputError: there are so many that no style is the file's.
        """
        most, odd = self.dates.styles()
        if odd.total > len(odd.cells):
            raise InvalidInputError(
                "expected dates of one style, found two: "
                f"{_spread(most)}, and {_spread(odd)}",
                hint="write all dates in one style: a guess could record wrong days",
            )
        if odd.cells:
            ids = {id(pieces): known for known, pieces in self._first.items()}
            for cell in odd.cells:
                self._refuse_cell(
                    cell, self.dates.expected, ids.get(id(cell.row.pieces))
                )

    def _refuse_cell(
        self, cell: _DateCell, expected: str, entry_id: int | None
    ) -> None:
        """Name a cell of a row that was read already."""
        number, row, name = cell
        problem = _row_problem(row, name, expected)
        self._problems.append((number, problem))
        for known in self.bad:
            if known.pieces is row.pieces:
                known.problems.append((name, problem))
                return
        if entry_id is not None:
            del self.good[entry_id]
        self.bad.append(BadRow(row.pieces, [(name, problem)], entry_id))

    def refuse(self, piece: Piece, problem: Problem) -> None:
        """Name a line that adds to no entry."""
        self._problems.append((self._taken + 1, problem))
        self.bad.append(BadRow((piece,), [(KEY, problem)], None))

    def _check_repeated(
        self, row: Row, entry_id: int | None, wrong: list[tuple[str, Problem]]
    ) -> None:
        """Compare a row's id with those before; of two alike, neither is good."""
        if entry_id is None:
            return
        first = self._first.setdefault(entry_id, row.pieces)
        if first is row.pieces:
            return
        wrong.append((KEY, _twice(row.pieces[0], first[0])))
        if self.good.pop(entry_id, None):
            problem = _twice(first[0], row.pieces[0])
            self.bad.append(BadRow(first, [(KEY, problem)], entry_id))


def _spread(cells_of: cells.StyledCells[_DateCell]) -> str:
    example, total, first = cells_of
    return f"such as {example} in {first[0].where()} ({counted(total, 'cell')})"


def _twice(piece: Piece, other: Piece) -> Problem:
    expected = f"a number that is used once ({_too(other)})"
    return _problem(piece, KEY, expected, _found(piece.cell(KEY)))


def _too(piece: Piece) -> str:
    return f"it stands in {piece.where(KEY)} too"


def _values(
    row: Row,
    number: int,
    dates: cells.Dates[_DateCell],
    wrong: list[tuple[str, Problem]],
) -> Iterator[tuple[str, Any]]:
    for name, cell in row.cells.items():
        column = BY_NAME[name]
        if isinstance(cell, str):
            cell = cell.strip()  # noqa: PLW2901 - from here on it is what counts
        if cell == "":
            if column.required and name not in _MAY_BE_EMPTY:
                wrong.append((name, _row_problem(row, name, "a value")))
            yield name, None
            continue
        read = _READINGS.get(name)
        try:
            if read and isinstance(cell, str) and cell[0] not in ODD_STARTS:
                yield name, read(cell)  # most cells
            else:
                said = taken(cell, name, column.read)
                cell_of = _DateCell(number, row, name)
                yield name, _value(said, column, dates, cell_of)
        except OddCellError as error:
            problem = _problem(row.piece(name), name, str(error), error.found)
            wrong.append((name, problem))
        except ValueError as error:
            wrong.append((name, _row_problem(row, name, str(error))))


def _value(
    said: str | date,
    column: Column,
    dates: cells.Dates[_DateCell],
    cell: _DateCell,
) -> Any:  # noqa: ANN401 - whatever the column is read as
    if isinstance(said, date):
        loaded = DCCLoading(state=Loading.LOADED, on=said)
        return said if column.read == DATE else loaded
    if column.read == DATE:
        return dates.read(said, cell)
    if column.name == "DCC Loaded":
        if said[0].isdigit():
            return DCCLoading(state=Loading.LOADED, on=dates.read(said, cell))
        return cells.loading(said)
    return column.read(said) if callable(column.read) else said


def _entry_row(
    row: Row, values: Mapping[str, Any], wrong: list[tuple[str, Problem]]
) -> EntryRow | None:
    """Read what depends on several cells: the model's parts and the firmware.

    They are read in a row with other problems too, so that one run finds them all.
    """
    device_type = values.get("Device Type")
    generation = values.get("Generation") or Generation.SMETS2
    if device_type is None or (
        "Generation" in row.cells and "Generation" not in values
    ):
        return None  # what form the others have is not known
    free = allows_free_text(device_type, generation)
    readings = {
        name: partial(read_model_part, size=PARTS[part], free=free)
        for part, name in _PART_COLUMNS.items()
    }
    readings["Firmware Version"] = partial(firmware_version, generation=generation)
    read = {}
    for name, reading in readings.items():
        if name not in values:
            continue  # said already
        text = values[name] or ""
        if not text and name not in _MAY_BE_EMPTY:
            continue  # likewise
        try:
            read[name] = reading(text)
        except ValueError as error:
            wrong.append((name, _row_problem(row, name, str(error))))
    if wrong:
        return None
    parts = {part: read[name] for part, name in _PART_COLUMNS.items()}
    try:
        model = HardwareModel(device_type=device_type, generation=generation, **parts)
    except ValueError as error:
        name = "Model Identifier"
        wrong.append((name, _row_problem(row, name, str(error))))
        return None
    line = row.pieces[0].line.number
    return EntryRow(line, values[KEY], values, model, read["Firmware Version"])


def _apart(row: Row, name: str, piece: Piece) -> Problem:
    """Name a cell that does not say what another sheet says of the entry."""
    first = row.piece(name)
    expected = f"what {first.where(name)} says: {_found(first.cell(name))}"
    return _problem(piece, name, expected, _found(piece.cell(name)))


def _row_problem(row: Row, name: str, expected: str) -> Problem:
    piece = row.piece(name)
    cell = piece.cell(name)
    note = eaten(cell.strip(), name) if isinstance(cell, str) else ""
    return _problem(piece, name, expected, _found(cell) + note)


def _found(cell: Cell) -> str:
    text = cell_text(cell)
    return shown(text) if text else "an empty cell"


def _problem(piece: Piece, name: str, expected: str, found: str) -> Problem:
    number = piece.line.number
    pointer = f"{number}/{name}"
    if piece.sheet:
        cell = cell_name(number, piece.heading.keys.index(name))
        pointer = f"{piece.sheet}/{cell}/{name}"
    return Problem(
        where=f"{piece.where(name)}, column {name!r}",
        pointer=pointer,
        expected=expected,
        found=found,
    )
