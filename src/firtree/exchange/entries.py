"""Rows of entries from a table: its columns, and the readings of their cells.

``docs/formats/table.md`` lists the columns.
"""

from collections.abc import Iterator, Mapping
from functools import partial
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
from firtree.exchange.columns import COLUMNS, DATE
from firtree.exchange.table import Header, Row, plain, read_table
from firtree.firmware import firmware_version
from firtree.text import shown

BY_NAME = {column.name: column for column in COLUMNS}
KEYS = {plain(column.name): column.name for column in COLUMNS}
REQUIRED = tuple(column.name for column in COLUMNS if column.required)

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
        line: line of the file, counted from 1.
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


class Table(NamedTuple):
    """What a file held.

    Attributes:
        rows: rows that could be read, in order.
        problems: every cell that could not, in order.
        ignored: names of columns that are not known.
        columns: names of the known columns that are there.
    """

    rows: list[EntryRow]
    problems: list[Problem]
    ignored: tuple[str, ...]
    columns: frozenset[str]


def read_entries(file: BinaryIO) -> Table:
    """Read a table of entries, every row of it.

    Raises:
        InvalidInputError: the file is not such a table at all.
    """
    header, rows = read_table(file, columns=KEYS, required=REQUIRED)
    found = Table([], [], header.unknown, _known(header))
    dates = cells.Dates()
    lines: dict[int, int] = {}
    for row in rows:
        problems: list[Problem] = []
        values = dict(_values(row, dates, problems))
        problems.extend(_repeated(row, values, lines))
        entry_row = _entry_row(row, values, problems)
        found.problems.extend(problems)
        if entry_row is not None:
            found.rows.append(entry_row)
    if not found.rows and not found.problems:
        raise InvalidInputError(
            "the table has a header row and nothing below it",
            hint="add a row for each entry",
        )
    return found


def _known(header: Header) -> frozenset[str]:
    return frozenset(key for key in header.keys if key is not None)


def _values(
    row: Row, dates: cells.Dates, problems: list[Problem]
) -> Iterator[tuple[str, Any]]:
    for name, text in row.cells.items():
        column = BY_NAME[name]
        if not text:
            if column.required and name not in _MAY_BE_EMPTY:
                problems.append(_problem(row.line, name, "a value", ""))
            yield name, None
            continue
        try:
            if column.read == DATE:
                yield name, dates.read(text, row.line)
            elif name == "DCC Loaded":
                yield name, _loading(text, dates, row.line)
            elif callable(column.read):
                yield name, column.read(text)
        except ValueError as error:
            problems.append(_problem(row.line, name, str(error), text))


def _loading(text: str, dates: cells.Dates, line: int) -> DCCLoading | None:
    if text[0].isdigit():
        return DCCLoading(state=Loading.LOADED, on=dates.read(text, line))
    return cells.loading(text)


def _entry_row(
    row: Row, values: Mapping[str, Any], problems: list[Problem]
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
        text = values[name] or ""
        if not text and name not in _MAY_BE_EMPTY:
            continue  # said already
        try:
            read[name] = reading(text)
        except ValueError as error:
            problems.append(_problem(row.line, name, str(error), text))
    if problems:
        return None
    parts = {part: read[name] for part, name in _PART_COLUMNS.items()}
    try:
        model = HardwareModel(device_type=device_type, generation=generation, **parts)
    except ValueError as error:
        found = values["Model Identifier"]
        problems.append(_problem(row.line, "Model Identifier", str(error), found))
        return None
    firmware = read["Firmware Version"]
    return EntryRow(row.line, values["CPL Entry ID"], values, model, firmware)


def _repeated(
    row: Row, values: Mapping[str, Any], lines: dict[int, int]
) -> Iterator[Problem]:
    """Compare a row's id with those of the rows before."""
    entry_id = values.get("CPL Entry ID")
    if entry_id is None:
        return
    first = lines.setdefault(entry_id, row.line)
    if first != row.line:
        yield _problem(
            row.line,
            "CPL Entry ID",
            f"a number that is used once (it stands in line {first} too)",
            str(entry_id),
        )


def _problem(line: int, column: str, expected: str, found: str) -> Problem:
    return Problem(
        where=f"line {line}, column {column!r}",
        pointer=f"{line}/{column}",
        expected=expected,
        found=shown(found) if found else "an empty cell",
    )
