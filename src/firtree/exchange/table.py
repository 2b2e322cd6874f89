"""Read a CSV table from a stranger: bounded lines, one encoding, known columns.

Memory does not grow with the number of rows, nor with the length of a line or row.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

from firtree.errors import InvalidInputError
from firtree.exchange.formulas import meant
from firtree.text import shown

LINE_OCTETS = 1 << 20
ROW_CHARACTERS = 1 << 20
_CHUNK_OCTETS = 1 << 16
CELL_CHARACTERS = 100_000
_SIGNATURES = {
    b"PK\x03\x04": "a workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a PNG image",
    b"SQLite format 3": "a database",
}
_HINT = "save the table as 'CSV UTF-8 (comma delimited)' and try again"
_QUOTATION = "look for a quotation mark that is not closed"


class Row(NamedTuple):
    """One row as text.

    Attributes:
        line: line of the file on which it begins, counted from 1.
        cells: stripped text by the column's key; a missing cell is empty.
    """

    line: int
    cells: Mapping[str, str]


class Header(NamedTuple):
    """What the header row says.

    Attributes:
        keys: key of each column in order; None for a column that is not known.
        unknown: names of the columns that are left alone.
    """

    keys: tuple[str | None, ...]
    unknown: tuple[str, ...]


def plain(name: str) -> str:
    """Reduce a column's name to what is compared: letters and digits, one case."""
    return "".join(c for c in name.casefold() if c.isalnum())


def read_table(
    file: BinaryIO, *, columns: Mapping[str, str], required: Iterable[str]
) -> tuple[Header, Iterator[Row]]:
    """Read the header row, then give the rows one by one.

    Args:
        file: a CSV table; commas, semicolons or tabs between cells.
        columns: key by the plain name of each known column.
        required: keys that must be there.

    Returns:
        The header, and the rows that are not blank.

    Raises:
        InvalidInputError: no text, another encoding, a line too long, no header row
            or a wrong one.  The iterator raises it too, at the line that is bad.
    """
    lines = _lines(file)
    first = next(lines, None)
    if first is None or not first.strip():
        raise InvalidInputError(
            "the file is empty" if first is None else "line 1: the header row is empty",
            hint="it needs a header row and a row for each entry",
        )
    delimiter = _delimiter(first, columns)
    # The header may be quoted over several lines, so the reader starts with it.
    cells = _cells(_with(first, lines), delimiter)
    _, names = next(cells)
    header = _header(names, columns, required)
    return header, _rows(cells, header)


def _lines(file: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(_octet_lines(file), 1):
        octets = _without_mark(line) if number == 1 else line
        if len(octets) > LINE_OCTETS:
            raise InvalidInputError(
                f"line {number}: longer than {LINE_OCTETS // 1024} kB, so this is "
                "not a table of entries",
                hint=_HINT,
            )
        if b"\x00" in octets:
            raise InvalidInputError(
                f"line {number}: expected text, found binary data", hint=_HINT
            )
        try:
            yield octets.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInputError(
                f"line {number}: expected UTF-8 text, found another encoding at "
                f"octet {error.start + 1} (0x{octets[error.start]:02X})",
                hint=_HINT,
            ) from None


def _octet_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines that end in LF, CRLF or CR; one that is too long is cut off."""
    rest = b""
    while chunk := file.read(_CHUNK_OCTETS):
        lines = (rest + chunk).splitlines(keepends=True)
        rest = lines.pop()  # it may go on, or its CR may have an LF to come
        yield from lines
        if len(rest) > LINE_OCTETS:
            break
    if rest:
        yield rest


def _without_mark(octets: bytes) -> bytes:
    """Take a UTF-8 mark off, and name what is no text at all."""
    for signature, name in _SIGNATURES.items():
        if octets.startswith(signature):
            raise InvalidInputError(
                f"line 1: expected a CSV table, found {name}", hint=_HINT
            )
    if octets[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise InvalidInputError("line 1: expected UTF-8 text, found UTF-16", hint=_HINT)
    return octets.removeprefix(b"\xef\xbb\xbf")


def _with(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _delimiter(first: str, columns: Mapping[str, str]) -> str:
    """Choose the delimiter under which most column names are known."""

    def known(delimiter: str) -> int:
        names = first.replace('"', "").split(delimiter)
        return sum(plain(name) in columns for name in names)

    return max(",;\t", key=known)


def _cells(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line on which the row begins, cells)."""
    csv.field_size_limit(CELL_CHARACTERS)
    start, taken = 1, 0

    def bounded() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += len(line)
            if taken > ROW_CHARACTERS:
                raise InvalidInputError(
                    f"line {start}: this row is longer than "
                    f"{ROW_CHARACTERS // 1024} kB",
                    hint=_QUOTATION,
                )
            yield line

    reader = csv.reader(bounded(), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield start, cells
            start, taken = reader.line_num + 1, 0
    except csv.Error as error:
        # The reader has one message for it and no type.
        if "field limit" in str(error):
            said = f"a cell of this row is longer than {CELL_CHARACTERS} characters"
        else:
            said = f"this row cannot be read as CSV ({error})"
        raise InvalidInputError(
            f"line {start}: {said}",
            hint=_QUOTATION,
        ) from None


def _header(
    names: Sequence[str], columns: Mapping[str, str], required: Iterable[str]
) -> Header:
    keys = tuple(columns.get(plain(name)) for name in names)
    for place, key in enumerate(keys):
        if key is not None and (before := keys.index(key)) != place:
            raise InvalidInputError(
                f"line 1: columns {before + 1} and {place + 1} are alike: "
                f"{shown(names[before])} and {shown(names[place])}",
                hint="remove or rename one of them",
            )
    if missing := [name for name in required if name not in keys]:
        raise InvalidInputError(
            f"line 1: no column {', '.join(repr(name) for name in missing)}",
            hint=f"found the columns {', '.join(shown(n.strip()) for n in names[:12])}",
        )
    unknown = [
        name.strip()
        for name, key in zip(names, keys, strict=True)
        if key is None and name.strip()
    ]
    return Header(keys, tuple(unknown))


def _rows(cells: Iterator[tuple[int, list[str]]], header: Header) -> Iterator[Row]:
    width = len(header.keys)
    blank = dict.fromkeys((key for key in header.keys if key is not None), "")
    for line, texts in cells:
        if not any(text.strip() for text in texts):
            continue
        if any(text.strip() for text in texts[width:]):
            raise InvalidInputError(
                f"line {line}: expected {width} cells as in the header, "
                f"found {len(texts)}",
                hint="look for a comma that is not inside quotation marks",
            )
        found = dict(blank)
        for key, text in zip(header.keys, texts, strict=False):
            if key is not None:
                found[key] = meant(text.strip())
        yield Row(line, found)
