"""Read a CSV table from a stranger: bounded lines, one encoding.

Memory does not grow with the number of rows, nor with the length of a line or row.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from firtree.errors import InvalidInputError
from firtree.exchange.formulas import meant
from firtree.exchange.sheet import Line, Sheet

LINE_OCTETS = 1 << 20
ROW_CHARACTERS = 1 << 20
CELL_CHARACTERS = 100_000
_SIGNATURES = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a PNG image",
    b"SQLite format 3": "a database",
    b"<": "a web page or an XML file",
}
_HINT = "save the table as 'CSV UTF-8 (comma delimited)' and try again"
_QUOTATION = "look for a quotation mark that is not closed"


def csv_sheet(
    pieces: Iterable[bytes], *, known: Callable[[str], bool], searched: int
) -> Sheet:
    """Read a CSV table line by line; commas, semicolons or tabs between cells.

    Args:
        pieces: the octets of the file.
        known: tells whether a text is the name of a column.
        searched: among how many lines the header row is; they tell the delimiter.

    Raises:
        InvalidInputError: no text, another encoding, or a line too long.  The lines
            raise it too, at the line that is bad.
    """
    lines = _lines(pieces)
    first = list(islice(lines, searched))
    delimiter = _delimiter(first, known)
    return Sheet("", _cells(chain(first, lines), delimiter))


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(_octet_lines(pieces), 1):
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


def _octet_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines that end in LF, CRLF or CR; one that is too long is cut off."""
    rest = b""
    for piece in pieces:
        lines = (rest + piece).splitlines(keepends=True)
        rest = lines.pop()  # it may go on, or its CR may have an LF to come
        yield from lines
        if len(rest) > LINE_OCTETS:
            break
    if rest:
        yield rest


def _without_mark(octets: bytes) -> bytes:
    """Take a UTF-8 mark off, and name what is no text at all."""
    if octets[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise InvalidInputError("line 1: expected UTF-8 text, found UTF-16", hint=_HINT)
    octets = octets.removeprefix(b"\xef\xbb\xbf")
    for signature, name in _SIGNATURES.items():
        if octets.startswith(signature):
            raise InvalidInputError(
                f"line 1: expected a CSV table or a workbook, found {name}",
                hint=_HINT,
            )
    return octets


def _delimiter(lines: list[str], known: Callable[[str], bool]) -> str:
    """Choose the delimiter under which most column names of a line are known."""

    def most_known(delimiter: str) -> int:
        cells = (line.replace('"', "").split(delimiter) for line in lines)
        return max((sum(map(known, names)) for names in cells), default=0)

    return max(",;\t", key=most_known)


def _cells(lines: Iterable[str], delimiter: str) -> Iterator[Line]:
    """Yield rows, each with the line on which it begins."""
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
            texts = (cell.strip() for cell in cells)
            yield Line(start, [meant(t) if t[:1] == "'" else t for t in texts])
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
