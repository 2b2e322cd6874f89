"""Files of tables: a CSV table or a workbook, told by its first octets."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import IO, BinaryIO

from firtree.errors import InvalidInputError
from firtree.exchange.headings import SEARCHED_LINES, plain
from firtree.exchange.sheet import Sheet
from firtree.exchange.table import csv_sheet
from firtree.exchange.temporary import temporary_file

Progress = Callable[[str, int, int], None]
_CHUNK_OCTETS = 1 << 16
_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE_AS = "save it as an Excel workbook (.xlsx) without a password and try again"
MOST_OCTETS = 128 << 20  # of a workbook


def silent(_what: str, _done: int, _all: int) -> None:
    """Report no progress."""


def sheets_of(
    file: BinaryIO, columns: Mapping[str, str], *, progress: Progress = silent
) -> Iterator[Sheet]:
    """Give the sheets of a file; each is read before the next is asked for.

    Args:
        file: at its beginning.
        columns: key by the plain name of each known column.
        progress: told (what, done, of how many).

    Raises:
        InvalidInputError: it is neither a CSV table nor a workbook.
    """
    first = _first_piece(file)
    if first.startswith(_COMPOUND):
        raise _compound(first, file)
    if not first.startswith(_ZIP):
        pieces = chain([first] if first else [], _pieces(file))
        yield csv_sheet(
            pieces, known=lambda name: plain(name) in columns, searched=SEARCHED_LINES
        )
        return
    # Its parts are not imported for a CSV table.
    from firtree.exchange.workbook.reader import read_workbook  # noqa: PLC0415

    with temporary_file() as copy:
        _copy(chain([first], _pieces(file)), copy)
        yield from read_workbook(copy, progress=progress)


def _first_piece(file: BinaryIO) -> bytes:
    first = b""
    while len(first) < len(_COMPOUND) and (piece := file.read(_CHUNK_OCTETS)):
        first += piece
    return first


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_CHUNK_OCTETS):
        yield piece


def _compound(first: bytes, file: BinaryIO) -> InvalidInputError:
    """Tell the two kinds of compound files apart by the names of their streams."""
    # The last of what was read before is searched again with what comes next.
    rest, read = first, len(first)
    while rest and read < MOST_OCTETS:
        if _ENCRYPTED in rest:
            return InvalidInputError(
                "expected a CSV table or a workbook, found a workbook with a password",
                hint=_SAVE_AS,
            )
        piece = file.read(_CHUNK_OCTETS)
        rest = rest[-len(_ENCRYPTED) :] + piece if piece else b""
        read += len(piece)
    return InvalidInputError(
        "expected a CSV table or a workbook, found an old Excel workbook (.xls)",
        hint=_SAVE_AS,
    )


def _copy(pieces: Iterable[bytes], copy: IO[bytes]) -> None:
    """Make a copy that another process can read."""
    octets = 0
    for piece in pieces:
        octets += len(piece)
        if octets > MOST_OCTETS:
            raise InvalidInputError(
                f"the workbook is larger than {MOST_OCTETS >> 20} MB",
                hint="split it into several, or save its table as CSV",
            )
        copy.write(piece)
    copy.seek(0)
