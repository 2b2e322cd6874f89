"""Properties of workbooks: any octets are read or refused; both forms say the same."""

from __future__ import annotations

import io
import zipfile
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from firtree.exchange.sheet import cell_text
from firtree.exchange.workbook.child import frames_of
from firtree.exchange.workbook.frames import (
    EndFrame,
    Frame,
    LinesFrame,
    RefusedFrame,
    SheetFrame,
    read_frames,
    write_frame,
)
from tables import a_row
from workbooks import Formula, Merged, a_raw_xlsx, an_ods, an_xlsx, inline, sheet_of

SHEETS: list[list[object]] = [
    *sheet_of(a_row(), {**a_row(2), "Hold": True, "CPA Date": date(2026, 2, 1)}),
    [Formula("=1", 1), 2.5, Merged("m", 2, 2)],
]
BOOKS = [an_xlsx({"A": SHEETS}), an_ods({"A": SHEETS})]
MEMBERS = ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"]


def check_frames(octets: bytes) -> list[Frame]:
    """Read octets that may be anything; what comes can be told to a parent."""
    frames = list(frames_of(io.BytesIO(octets)))
    assert isinstance(frames[-1], EndFrame | RefusedFrame)
    assert not any(isinstance(one, EndFrame | RefusedFrame) for one in frames[:-1])
    for one in frames:
        if isinstance(one, LinesFrame):
            numbers = [number for number, _ in one.lines]
            assert numbers == sorted(set(numbers))
            for _, cells in one.lines:
                assert any(map(cell_text, cells)) or cells
    pipe = io.BytesIO()
    for one in frames:
        write_frame(pipe, one)
    pipe.seek(0)
    assert list(read_frames(pipe)) == frames
    return frames


def changed(octets: bytes, member: str, place: int, piece: bytes) -> bytes:
    """Put a piece into a member of an archive, at a place in thousandths."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(octets)) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == member:
                at = len(data) * place // 1000
                data = data[:at] + piece + data[at + len(piece) :]
            new.writestr(name, data)
    return out.getvalue()


pieces = st.sampled_from(
    [
        *(b"<", b">", b'"', b"\0", b"&", b"</row>", b'<c r="XFD9"/>', b"<f>", b"]]>"),
        *(b'r="A0"', b'r="', b't="e"', b"<row>", b"<!--", b"<v>1e999</v>", b"\xff"),
        *(b'table:number-rows-repeated="99999999999999999999"', b"<?x?>", b"-1"),
    ]
) | st.binary(max_size=8)


@settings(max_examples=200)
@given(
    st.sampled_from(BOOKS),
    st.sampled_from([*MEMBERS, "content.xml"]),
    st.integers(0, 1000),
    pieces,
)
def test_a_spoilt_workbook_is_read_or_refused(
    book: bytes, member: str, place: int, piece: bytes
) -> None:
    check_frames(changed(book, member, place, piece))


@given(st.sampled_from(BOOKS), st.integers(0, 10_000), st.binary(max_size=8))
def test_a_spoilt_archive_is_read_or_refused(
    book: bytes, place: int, piece: bytes
) -> None:
    at = place % len(book)
    check_frames(book[:at] + piece + book[at + len(piece) :])


@given(st.binary(max_size=200))
def test_any_octets_are_refused(octets: bytes) -> None:
    (only,) = check_frames(b"PK\x03\x04" + octets)

    assert isinstance(only, RefusedFrame)


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
values = st.one_of(
    texts,
    st.integers(-(10**12), 10**12),
    # The writer of xlsx writes some digits fewer than a float has.
    st.floats(-1e30, 1e30).map(lambda number: float(f"{number:.12g}")),
    st.booleans(),
    st.dates(date(1900, 3, 1), date(2199, 12, 31)),
)


@example([["", "\u00a0x\u2003"], [date(2026, 1, 1)]])
@given(st.lists(st.lists(values, max_size=5), max_size=5))
def test_both_kinds_of_workbook_say_the_same(rows: list[list[object]]) -> None:
    xlsx, ods = (check_frames(write({"A": rows})) for write in (an_xlsx, an_ods))

    assert told(xlsx) == told(ods)
    assert told(xlsx) == {
        (line, column): text
        for line, row in enumerate(rows, 1)
        for column, value in enumerate(row)
        if (text := expected(value))
    }


def told(frames: list[Frame]) -> dict[tuple[int, int], str]:
    """Give the texts of the cells that are not empty, by their places."""
    assert isinstance(frames[0], SheetFrame)
    return {
        (number, column): text
        for frame in frames
        if isinstance(frame, LinesFrame)
        for number, cells in frame.lines
        for column, cell in enumerate(cells)
        if (text := cell_text(cell))
    }


def expected(value: object) -> str:
    """Give the text of a value's cell."""
    if isinstance(value, bool | float | str):
        return cell_text(value)
    return str(value)


@given(st.integers(0, 3), st.integers(0, 40), st.integers(0, 3), st.integers(0, 3))
def test_a_cell_has_the_place_that_it_has(
    lines: int, column: int, wide: int, high: int
) -> None:
    rows: list[list[object]] = [[] for _ in range(lines)]
    rows.append([*[None] * column, "here"])
    rows.extend([[None] * (column + wide) + ["there"]] * high)

    for octets in (an_xlsx({"A": rows}), an_ods({"A": rows})):
        found = told(check_frames(octets))
        assert found[lines + 1, column] == "here"
        assert len(found) == high + 1


def test_texts_in_cells_and_shared_ones_read_the_same() -> None:
    frames = check_frames(a_raw_xlsx(inline(3, ["a", " b ", "<c>"])))

    assert told(frames) == {(3, 0): "a", (3, 1): "b", (3, 2): "<c>"}
