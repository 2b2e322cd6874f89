"""Sheets into rows of entries: which sheets are read, and what belongs together.

A sheet with all required columns is *whole*: each of its lines is an entry.  A sheet
with *CPL Entry ID* and some other columns is a *part*: its lines say more of entries
that a whole sheet has.  The sheets of our own workbook that hold no entries are left
alone, and so are hidden ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from firtree.errors import InvalidInputError
from firtree.exchange.headings import (
    SEARCHED_LINES,
    Heading,
    check_heading,
    find_heading,
    lines_below,
)
from firtree.exchange.sheet import (
    Cell,
    Line,
    Sheet,
    Special,
    cell_text,
    place,
)
from firtree.text import shown

KEY = "CPL Entry ID"
# Sheets of our own workbook that repeat or explain what its other sheets say.
EXPLAINING = frozenset({"answers", "changes", "about"})
# A row of its sheet About, where somebody may see a part of the register.
HOLDS = "Holds"
A_PART = "what whoever asked for it may see of the register; there may be more"
# A sheet of this name says more of the entries of other sheets, whatever it repeats.
ADDING = frozenset({"fir"})
# Likewise, and what another sheet says of the same entry counts.
EARLIER = frozenset({"archive"})


class Piece(NamedTuple):
    """One line of one sheet, as a part of a row.

    Attributes:
        sheet: name of the sheet; empty for a CSV table.
        line: the line.
        heading: of the sheet.
    """

    sheet: str
    line: Line
    heading: Heading

    @property
    def entry_id(self) -> str:
        """The CPL Entry ID in the form in which sheets are joined; empty = none."""
        cell = self.cell(KEY)
        text = "" if isinstance(cell, Special) else cell_text(cell)
        return text.lstrip("0") if text.isdigit() else text

    def cell(self, key: str) -> Cell:
        """Give the cell of a known column."""
        column = self.heading.keys.index(key)
        return self.line.cells[column] if column < len(self.line.cells) else ""

    def where(self, key: str) -> str:
        """Name the place of a known column's cell."""
        return place(self.sheet, self.line.number, self.heading.keys.index(key))


class Row(NamedTuple):
    """What a file says of one entry.

    Attributes:
        pieces: the lines that say it; the first is that of a whole sheet.
        cells: by the column's key.
        apart: keys of columns on which the pieces do not agree, with the piece that
            says otherwise.
    """

    pieces: tuple[Piece, ...]
    cells: Mapping[str, Cell]
    apart: Mapping[str, Piece] = {}

    def piece(self, key: str) -> Piece:
        """Give the piece that a cell comes from."""
        having = [piece for piece in self.pieces if key in piece.heading.keys]
        filled = [piece for piece in having if cell_text(piece.cell(key))]
        return (filled or having or [self.pieces[0]])[0]

    def where(self, key: str) -> str:
        """Name the place of a column's cell, without the column."""
        return self.piece(key).where(key)


class _Part(NamedTuple):
    sheet: Sheet
    heading: Heading
    lines: Iterable[Line]


class Rows:
    """The rows of entries of a file's sheets.

    Args:
        sheets: of the file, in order.
        columns: key by the plain name of each known column.
        required: keys that a whole sheet has.

    Raises:
        InvalidInputError: no sheet has the required columns.

    Attributes:
        headings: of the sheets that are read.
        notes: sentences on what was left alone, and why.
        of_a_part: whether our own workbook says that it holds a part of a register.
    """

    def __init__(
        self,
        sheets: Iterable[Sheet],
        columns: Mapping[str, str],
        required: tuple[str, ...],
    ) -> None:
        self.notes: list[str] = []
        self.of_a_part = False
        self._columns, self._required = columns, required
        self._whole: list[_Part] = []
        self._added: list[_Part] = []
        self._earlier: list[_Part] = []
        self._nearly: list[tuple[Sheet, Heading]] = []
        for sheet in sheets:
            self._take(sheet)
        if not self._whole:
            raise self._refusal()
        self.headings = [
            p.heading for p in (*self._whole, *self._added, *self._earlier)
        ]
        self.left_over: list[Piece] = []
        self.repeated: list[tuple[Piece, Piece]] = []

    def _take(self, sheet: Sheet) -> None:
        """Find out what a sheet is, and keep its lines if they are of use."""
        named = sheet.name.strip().casefold()
        why = "it holds no entries of its own" if named in EXPLAINING else ""
        if named == "about":
            said = [line.cells[:2] for line in islice(sheet.lines, SEARCHED_LINES)]
            self.of_a_part = [HOLDS, A_PART] in said
        if why or sheet.hidden:
            self._leave(sheet, why or "it is hidden")
            return
        first = _first_lines(sheet)
        heading = find_heading(first, self._columns, self._required)
        if sheet.is_csv:
            self._take_csv(sheet, heading, first)
        elif heading is None:
            self._leave(sheet, "it is empty")
        elif len(heading.known) < 2:
            why = f"no header row is in its first {SEARCHED_LINES} lines"
            self._leave(sheet, why)
        elif KEY not in heading.known:
            self._nearly.append((sheet, heading))
            self._leave(sheet, f"it has no column {KEY!r}")
        else:
            self._take_part(sheet, heading, first)

    def _take_part(self, sheet: Sheet, heading: Heading, first: list[Line]) -> None:
        check_heading(heading, sheet, [KEY])
        lines = list(lines_below(heading, sheet, chain(first, sheet.lines)))
        part = _Part(sheet, heading, lines)
        named = sheet.name.strip().casefold()
        if named in EARLIER:
            self._earlier.append(part)
        elif named not in ADDING and heading.has(self._required):
            self._whole.append(part)
        else:
            self._nearly.append((sheet, heading))
            self._added.append(part)

    def _take_csv(
        self, sheet: Sheet, heading: Heading | None, first: list[Line]
    ) -> None:
        if heading is None:
            raise InvalidInputError(
                f"the first {SEARCHED_LINES} lines are empty"
                if first
                else "the file is empty",
                hint="it needs a header row and a row for each entry",
            )
        check_heading(heading, sheet, self._required)
        lines = lines_below(heading, sheet, chain(first, sheet.lines))
        self._whole.append(_Part(sheet, heading, lines))

    def _leave(self, sheet: Sheet, why: str) -> None:
        self.notes.append(f"sheet {shown(sheet.name)} was left alone: {why}")

    def _refusal(self) -> InvalidInputError:
        """Say of the sheet that comes nearest what it lacks."""
        if not self._nearly:
            return InvalidInputError(
                "no sheet holds a table of entries",
                hint="; ".join(self.notes)
                or "it needs a header row with the names of the columns",
            )
        sheet, heading = max(self._nearly, key=lambda one: len(one[1].known))
        try:
            check_heading(heading, sheet, self._required)
        except InvalidInputError as error:
            return error
        return InvalidInputError(
            f"sheet {shown(sheet.name)} adds to the entries of another sheet, and "
            "there is none",
            hint="give the sheet another name if it holds whole entries",
        )

    def __iter__(self) -> Iterator[Row]:
        """Give the rows; afterwards, what belongs to none is in ``left_over``."""
        added = self._by_id(self._added)
        said: set[str] = set()
        for part in self._whole:
            for line in part.lines:
                piece = Piece(part.sheet.name, line, part.heading)
                entry_id = piece.entry_id if added or self._earlier else ""
                said.add(entry_id)
                yield _row(piece, added.pop(entry_id, ()) if entry_id else ())
        for part in self._earlier:
            if not part.heading.has(self._required):
                continue
            for line in part.lines:
                piece = Piece(part.sheet.name, line, part.heading)
                entry_id = piece.entry_id
                if entry_id not in said:
                    said.add(entry_id)
                    yield _row(piece, added.pop(entry_id, ()) if entry_id else ())
        self.left_over = [piece for pieces in added.values() for piece in pieces]

    def _by_id(self, parts: Iterable[_Part]) -> dict[str, list[Piece]]:
        """Give the lines that add to an entry, by its id, one of each sheet."""
        found: dict[str, list[Piece]] = {}
        for part in parts:
            own: dict[str, Piece] = {}
            for line in part.lines:
                piece = Piece(part.sheet.name, line, part.heading)
                entry_id = piece.entry_id
                if entry_id in own and entry_id:
                    self.repeated.append((piece, own[entry_id]))
                    continue
                own[entry_id] = piece
                found.setdefault(entry_id, []).append(piece)
        return found


def _first_lines(sheet: Sheet) -> list[Line]:
    """Take the lines among which the header row must be."""
    found: list[Line] = []
    for line in sheet.lines:
        found.append(line)
        if line.number >= SEARCHED_LINES:
            break
    return found


def _row(first: Piece, added: Sequence[Piece]) -> Row:
    cells = _cells(first)
    if not added:
        return Row((first,), cells)
    apart: dict[str, Piece] = {}
    for piece in added:
        for key, cell in _cells(piece).items():
            before = cell_text(cells.get(key, ""))
            if not before:
                cells[key] = cell
            elif (text := cell_text(cell)) and text != before:
                apart[key] = piece
    return Row((first, *added), cells, apart)


def _cells(piece: Piece) -> dict[str, Cell]:
    cells, missing = piece.line.cells, len(piece.heading.keys) - len(piece.line.cells)
    if missing > 0:
        cells = [*cells, *[""] * missing]
    return {
        key: cell
        for key, cell in zip(piece.heading.keys, cells, strict=False)
        if key is not None
    }
