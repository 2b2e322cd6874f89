"""Reading a workbook, checks included, beside openpyxl in its read-only mode."""

import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import openpyxl

from benchmarks.figures import Figure, Scale, at_least, by_ratio, number
from benchmarks.workbooks import Book, a_book
from firtree.exchange.workbook.child import frames_of
from firtree.exchange.workbook.frames import LinesFrame
from firtree.exchange.workbook.reader import read_workbook

_IN_PROCESS = 4
_WITH_CHILD = 2


def run(scale: Scale, _cached: Path) -> Iterator[Figure]:
    """Read one workbook again and again, in turns."""
    book = a_book(scale.batch)
    readers = (_in_process, _with_child, _openpyxl)
    rates: dict[Callable[[Book], int], list[float]] = {read: [] for read in readers}
    for _ in range(scale.rounds):
        for read, found in rates.items():
            begun = perf_counter()
            filled = read(book)
            found.append((book.entries + 1) / (perf_counter() - begun))
            assert filled == book.filled, (read, filled, book.filled)
    # The best of each: what else the machine does can only slow a reader down.
    best = {read: max(found) for read, found in rates.items()}
    peer = ("openpyxl, read-only", best[_openpyxl])
    name = f"reading an xlsx of {number(book.entries)} rows, best of {scale.rounds}"
    yield by_ratio(
        f"{name}, in process", best[_in_process], "/s", at_least(_IN_PROCESS), peer=peer
    )
    yield by_ratio(
        f"{name}, with its process",
        best[_with_child],
        "/s",
        at_least(_WITH_CHILD),
        peer=peer,
    )


def _in_process(book: Book) -> int:
    filled = 0
    for frame in frames_of(io.BytesIO(book.octets)):
        if isinstance(frame, LinesFrame):
            filled += sum(len(cells) - cells.count("") for _, cells in frame.lines)
    return filled


def _with_child(book: Book) -> int:
    with tempfile.TemporaryFile() as file:
        file.write(book.octets)
        file.seek(0)
        return sum(
            len(line.cells) - line.cells.count("")
            for sheet in read_workbook(file, progress=_silent)
            for line in sheet.lines
        )


def _openpyxl(book: Book) -> int:
    read = openpyxl.load_workbook(io.BytesIO(book.octets), read_only=True)
    rows = read.worksheets[0].iter_rows(values_only=True)
    return sum(len(cells) - cells.count(None) for cells in rows)


def _silent(_what: str, _done: int, _all: int) -> None:
    """Report no progress."""
