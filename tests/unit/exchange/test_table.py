"""The table as a file: what is no table is refused in one sentence with its mend."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from firtree.errors import InvalidInputError
from firtree.exchange.table import LINE_OCTETS
from tables import REQUIRED, a_csv, a_row, a_table, read

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = a_table(a_row())
HEADER, ROW, _ = GOOD.decode().split("\r\n")
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

NO_TABLES: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "the file is empty"),
    "a mark and nothing more": (b"\xef\xbb\xbf", "the first 50 lines are empty"),
    "blank lines": (b"\r\n" * 60 + GOOD, "the first 50 lines are empty"),
    "a header alone": (
        HEADER.encode(),
        "the table has a header row and nothing below it",
    ),
    "a header and blank lines": (
        HEADER.encode() + b"\n\n , ,\n",
        "the table has a header row and nothing below it",
    ),
    "a picture": (PNG, "line 1: expected a CSV table or a workbook, found a PNG image"),
    "a web page": (
        b"\xef\xbb\xbf<html><table>",
        "line 1: expected a CSV table or a workbook, found a web page or an XML file",
    ),
    "gzip": (
        gzip.compress(GOOD),
        "line 1: expected a CSV table or a workbook, found a gzip archive",
    ),
    "NULs": (GOOD + b"\x00\x00", "line 3: expected text, found binary data"),
    "UTF-16 with its mark": (
        GOOD.decode().encode("utf-16"),
        "line 1: expected UTF-8 text, found UTF-16",
    ),
    "UTF-16 without": (
        GOOD.decode().encode("utf-16-le"),
        "line 1: expected text, found binary data",
    ),
    "Windows-1252": (
        a_table(a_row(Trade_Name="Gerät")).decode().encode("cp1252"),
        "line 2: expected UTF-8 text, found another encoding at octet 39 (0xE4)",
    ),
    "an unclosed quotation mark": (
        f'{HEADER}\n{ROW}\n"{ROW}\n{ROW}\n'.encode(),
        "line 3: this row cannot be read as CSV (unexpected end of data)",
    ),
    "text after a quotation": (
        f'{HEADER}\n"9001"x,ESME\n'.encode(),
        "line 2: this row cannot be read as CSV (',' expected after '\"')",
    ),
    "an unclosed mark in the header": (
        f'"{HEADER}\n{ROW}\n'.encode(),
        "line 1: this row cannot be read as CSV (unexpected end of data)",
    ),
    "more cells than the header has": (
        f"{HEADER}\n{ROW}\n{ROW},more\n".encode(),
        "line 3: expected 7 cells as in the header, found 8",
    ),
    "two columns alike": (
        a_csv([["Status", *REQUIRED, "Status"]]),
        "line 1: columns 1 and 9 are alike: 'Status' and 'Status'",
    ),
    "two alike but for case and marks": (
        a_csv([[*REQUIRED, "GBCS Version", "gbcs_version"]]),
        "line 1: columns 8 and 9 are alike: 'GBCS Version' and 'gbcs_version'",
    ),
    "a required column missing": (
        a_csv([[n for n in REQUIRED if n != "Device Type"]]),
        "line 1: no column 'Device Type'",
    ),
    "no column known": (
        b"a,b\n1,2\n",
        f"line 1: no column {', '.join(map(repr, REQUIRED))}",
    ),
    "a long line": (
        HEADER.encode() + b"\n" + b"x" * (LINE_OCTETS + 1),
        "line 2: longer than 1024 kB, so this is not a table of entries",
    ),
    "a long cell": (
        f"{HEADER}\n{'x' * 100_001}\n".encode(),
        "line 2: a cell of this row is longer than 100000 characters",
    ),
    "a row of many lines": (
        HEADER.encode() + b'\n"' + b'\n","' * (LINE_OCTETS // 4 + 1),
        "line 2: this row is longer than 1024 kB",
    ),
}


@pytest.mark.parametrize(("octets", "said"), NO_TABLES.values(), ids=NO_TABLES)
def test_what_is_no_table_is_refused_in_one_sentence_with_its_mend(
    octets: bytes, said: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(octets)

    assert str(caught.value) == said
    assert caught.value.hint
    assert len(caught.value.hint) < 1000
    assert caught.value.hint.isprintable()


def test_of_many_columns_the_first_are_named_and_the_others_counted() -> None:
    names = [f"c{number}" for number in range(30)]
    with pytest.raises(InvalidInputError) as caught:
        read(a_csv([names, names]))

    assert "'c10', 'c11', 18 more; --alias" in caught.value.hint
    assert "c12" not in caught.value.hint


TABLES: dict[str, bytes] = {
    "CRLF": GOOD,
    "LF": GOOD.replace(b"\r\n", b"\n"),
    "CR alone": GOOD.replace(b"\r\n", b"\r"),
    "a UTF-8 mark": a_table(a_row(), mark="\ufeff"),
    "semicolons": a_table(a_row(), delimiter=";"),
    "tabs": a_table(a_row(), delimiter="\t"),
    "no end of the last line": GOOD.rstrip(),
    "blank lines": f"{HEADER}\n\n{ROW}\n , ,,\n\n".encode(),
    "other case and marks": GOOD.replace(b"CPL Entry ID", b"cpl_entry-id"),
    "everything quoted": ('"' + HEADER.replace(",", '","') + f'"\n{ROW}\n').encode(),
    "spaces around": GOOD.replace(b",", b" , "),
    "empty cells past the header": f"{HEADER},,\n{ROW},,,,\n".encode(),
}


@pytest.mark.parametrize("octets", TABLES.values(), ids=TABLES)
def test_however_a_table_is_written_it_reads_the_same(octets: bytes) -> None:
    found, expected = read(octets), read(GOOD)

    assert found.problems == []
    assert [row._replace(line=0) for row in found.rows] == [
        row._replace(line=0) for row in expected.rows
    ]


def test_a_row_is_named_by_the_line_on_which_it_begins() -> None:
    two_lines = a_row(1, Release_Notes="one\nand two")

    found = read(a_table(two_lines, a_row(2, Release_Notes="x"), end="\n"))

    assert [row.line for row in found.rows] == [2, 4]


def test_a_short_row_has_empty_cells() -> None:
    table = a_table(a_row(Trade_Name="One"), a_row(2)).decode().rstrip("\r\n")

    found = read(table.rstrip(",").encode())

    assert found.rows[1].values["Trade Name"] is None


def test_a_row_that_ends_before_a_required_cell_says_so() -> None:
    found = read(f"{HEADER}\n9001,ESME\n".encode())

    assert (
        "line 2, column 'Firmware Version': expected a value, found an empty cell"
        in [str(problem) for problem in found.problems]
    )


def test_unknown_columns_are_named_and_left_alone() -> None:
    found = read(a_table(a_row(Colour="green", Shade="dark")))

    assert found.ignored == ("Colour", "Shade")
    assert "Colour" not in found.rows[0].values
    assert "Colour" not in found.columns


def test_quotation_keeps_delimiters_and_line_breaks() -> None:
    notes = 'He said "later",\nthen went'

    found = read(a_table(a_row(Release_Notes=notes)))

    assert found.rows[0].values["Release Notes"].summary == notes


def test_a_table_with_cr_alone_may_be_longer_than_a_line() -> None:
    rows = [a_row(number, Trade_Name="x" * 60) for number in range(1, 15_001)]

    found = read(a_table(*rows, end="\r"))

    assert [row.id for row in found.rows] == list(range(1, 15_001))
    assert found.rows[-1].line == 15_001


class _Endless(io.RawIOBase):
    """A file of two gigabytes that is never in memory."""

    def __init__(self, unit: bytes) -> None:
        self._block, self._left = unit * (65536 // len(unit)), 2 << 30

    def read(self, size: int = -1) -> bytes:
        """Give some more."""
        assert size > 0, "a stranger's file is never read whole"
        given = self._block[: min(size, self._left)]
        self._left -= len(given)
        return given

    def taken(self) -> int:
        """Tell how much was read."""
        return (2 << 30) - self._left


@pytest.mark.parametrize(
    "unit", [b"x", b",", b'"', b'"",', b'"\n",', b'"\n', b" ", b"\xff"]
)
def test_two_gigabytes_of_one_thing_are_left_after_a_few_megabytes(unit: bytes) -> None:
    file = _Endless(unit)

    with pytest.raises(InvalidInputError):
        _read_endless(file)

    assert file.taken() < 8 << 20


def _read_endless(file: io.RawIOBase) -> None:
    from firtree.exchange.entries import read_entries  # noqa: PLC0415

    read_entries(file)  # type: ignore[arg-type]


_CHILD = """
import resource, sys
from firtree.errors import InvalidInputError
from firtree.exchange.entries import read_entries

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_entries(sys.stdin.buffer)
except InvalidInputError as error:
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(after - before, error)
"""


def _flood(block: bytes) -> str:
    """Write two gigabytes to a reader in a process of its own, as far as it takes."""
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(HEADER.encode() + b"\n")
            for _ in range((2 << 30) // len(block)):
                child.stdin.write(block)
        except BrokenPipeError:
            pass
        child.stdin.close()
        return child.stdout.read().decode()


@pytest.mark.parametrize("make", [lambda: b"x" * 65536, lambda: b'"\n",' * 16384])
def test_a_line_or_row_of_two_gigabytes_takes_little_memory(
    make: Callable[[], bytes],
) -> None:
    grown_kb, said = _flood(make()).split(" ", 1)

    assert int(grown_kb) < 64 * 1024
    assert said.startswith("line 2: ")
