"""Find the header row of a sheet, and what its columns are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from firtree.errors import InvalidInputError
from firtree.exchange.sheet import Cell, Line, Sheet, cell_name, cell_text, line_of
from firtree.exchange.workbook.marked import WHAT_IS_WRONG
from firtree.text import shown

SEARCHED_LINES = 50


def plain(name: str) -> str:
    """Reduce a column's name to what is compared: letters and digits, one case."""
    return "".join(c for c in name.casefold() if c.isalnum())


_QUIET = plain(WHAT_IS_WRONG)
# Names of columns that are told where one is missing.
_NAMES_MOST = 12


class Heading(NamedTuple):
    """A header row.

    Attributes:
        line: number of its last line.
        names: of the columns, in order; empty for one without.
        keys: key of each column; None for a column that is not known.
    """

    line: int
    names: tuple[str, ...]
    keys: tuple[str | None, ...]

    @property
    def known(self) -> frozenset[str]:
        """Keys of the columns that are known."""
        return frozenset(key for key in self.keys if key is not None)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the columns that are left alone."""
        return tuple(
            name
            for name, key in zip(self.names, self.keys, strict=True)
            if key is None and name and plain(name) != _QUIET
        )

    def has(self, required: Iterable[str]) -> bool:
        """Tell whether it has all of some columns."""
        return self.known.issuperset(required)


def find_heading(
    lines: Sequence[Line], columns: Mapping[str, str], required: Sequence[str]
) -> Heading | None:
    """Find the header row among the first lines of a sheet.

    One line that has all required columns is taken before two lines that have them
    together, then the one in which most columns are known, then the first.

    Args:
        lines: the first lines.
        columns: key by the plain name of each known column.
        required: keys that a whole table has.

    Returns:
        The best there is; None where no line has a text.
    """
    best: tuple[tuple[bool, int, bool], Heading] | None = None
    for found, single in _candidates(lines, columns):
        rank = (found.has(required), len(found.known), single)
        if any(found.names) and (best is None or rank > best[0]):
            best = rank, found
    return best[1] if best else None


def _candidates(
    lines: Sequence[Line], columns: Mapping[str, str]
) -> Iterator[tuple[Heading, bool]]:
    before: tuple[int, tuple[str, ...]] | None = None
    for line in lines:
        names = tuple(map(_name, line.cells))
        keys = tuple(columns.get(plain(name)) for name in names)
        yield Heading(line.number, names, keys), True
        if before is not None and before[0] == line.number - 1:
            both = tuple(_joined(before[1], names, columns))
            keys = tuple(columns.get(plain(name)) for name in both)
            yield Heading(line.number, both, keys), False
        before = line.number, names


def _name(cell: Cell) -> str:
    return " ".join(cell_text(cell).split())


def _joined(
    upper: Sequence[str], lower: Sequence[str], columns: Mapping[str, str]
) -> Iterator[str]:
    """Join two header rows; the upper may have groups that span several columns."""
    group = ""
    for column in range(max(len(upper), len(lower))):
        above = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        group = above or group
        both = f"{group} {below}"
        if plain(below) not in columns and plain(both) in columns:
            yield both
        else:
            yield below or above


def check_heading(heading: Heading, sheet: Sheet, required: Iterable[str]) -> None:
    """Check that every column has a name of its own, and that none is missing.

    Raises:
        InvalidInputError: it is not so.
    """
    keys, names = heading.keys, heading.names
    for place, key in enumerate(keys):
        if key is not None and (before := keys.index(key)) != place:
            raise InvalidInputError(
                f"{line_of(sheet.name, heading.line)}: columns "
                f"{_column(sheet, before)} and {_column(sheet, place)} are alike: "
                f"{shown(names[before])} and {shown(names[place])}",
                hint="remove or rename one of them",
            )
    for span in sheet.spans:
        wide = span.right > span.left and span.left < len(keys)
        if wide and span.top <= heading.line <= span.bottom and keys[span.left]:
            raise InvalidInputError(
                f"sheet {shown(sheet.name)}, cells {span}: one heading, "
                f"{shown(names[span.left])}, for several columns",
                hint="unmerge the cells and give each column a heading of its own",
            )
    if missing := [name for name in required if name not in keys]:
        found = [shown(name) for name in names if name]
        if len(found) > _NAMES_MOST:
            more = f"{len(found) - _NAMES_MOST} more"
            found = [*found[:_NAMES_MOST], more]
        raise InvalidInputError(
            f"{line_of(sheet.name, heading.line)}: no column "
            f"{', '.join(repr(name) for name in missing)}",
            hint=f"found the columns {', '.join(found)}; --alias gives a column "
            "another name",
        )


def _column(sheet: Sheet, column: int) -> str:
    return str(column + 1) if sheet.is_csv else cell_name(0, column)[:-1]


def lines_below(
    heading: Heading, sheet: Sheet, lines: Iterable[Line]
) -> Iterator[Line]:
    """Give the lines below a header row that say something.

    A line that repeats the header row is left out.

    Raises:
        InvalidInputError: a line of a CSV table has more cells than the header.
    """
    width = len(heading.keys)
    header = [plain(name) for name in heading.names]
    for line in lines:
        cells = line.cells
        if line.number <= heading.line or not any(map(cell_text, cells)):
            continue
        if sheet.is_csv and any(map(cell_text, cells[width:])):
            raise InvalidInputError(
                f"line {line.number}: expected {width} cells as in the header, "
                f"found {len(cells)}",
                hint="look for a comma, or what else parts the cells, that is not "
                "inside quotation marks",
            )
        if isinstance(cells[0], str) and _repeats(cells, header):
            continue
        yield line


def _repeats(cells: Sequence[Cell], header: Sequence[str]) -> bool:
    """Tell whether a line says again what the columns are called."""
    if plain(cell_text(cells[0])) != header[0]:
        return False
    return all(
        plain(text) == name
        for cell, name in zip(cells, header, strict=False)
        if (text := cell_text(cell))
    )
