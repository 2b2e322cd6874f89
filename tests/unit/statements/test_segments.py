"""A segment of the search index gives back what it was made of."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from entries import an_entry
from firtree.catalogue.entry import ReleaseNotes, Status
from firtree.catalogue.search import Field, Rank
from firtree.parties import Maker
from firtree.statements import segments
from firtree.statements.segments import (
    ENTRIES,
    Numbers,
    Row,
    SegmentRow,
    due,
    segment_rows,
)

MAKER = Maker(code="AB01", name="Alder")
DAY = date(2026, 11, 22)
SUBJECTS = [
    an_entry(9, firmware_label="1.0"),
    MAKER,
    an_entry(3, firmware_label="1-0", status=Status.WITHDRAWN, status_from=DAY),
    an_entry(5, firmware_label="10", status=Status.EXPIRED),
    an_entry(3, notes=ReleaseNotes(summary="The clock; the clocks.")),
]


def rows(first: int = 7) -> dict[str, SegmentRow]:
    """Write a segment; give its rows by kind."""
    return {row.kind: row for row in segment_rows(first, SUBJECTS)}


def test_a_segment_covers_its_statements() -> None:
    assert {(row.first, row.stop) for row in rows().values()} == {(7, 12)}
    assert list(segment_rows(0, [])) == []


def test_terms_lead_to_their_places() -> None:
    known = rows()
    label = Row(known[Field.FIRMWARE_LABEL])
    assert label.terms == b"\n1.0\n10\n"
    assert label.whole("1.0") == (0, 2)
    assert sorted(label.whole("10")) == [0, 2, 3]
    assert label.whole("1") == label.whole("0\n1") == label.whole("") == ()
    assert list(label.parts("10")) == [(1, Rank.WHOLE)]
    assert list(label.parts(".0")) == [(0, Rank.INSIDE)]
    assert list(label.parts("1.")) == [(0, Rank.BEGINS)]
    assert list(label.parts("1")) == []
    assert label.lines() == {b"1.0": 0, b"10": 1}
    assert Row(known[Field.ID]).whole("3") == (2, 4)
    notes = Row(known[Field.NOTES])
    assert [notes.places(line) for line in notes.beginnings("clock")] == [(4,), (4,)]
    assert list(notes.beginnings("lock")) == []


def test_numbers_tell_ids_order_and_removal() -> None:
    numbers = Numbers(rows()[ENTRIES])
    assert [numbers.id(place) for place in range(5)] == [9, 0, 3, 5, 3]
    assert list(numbers.by_id()) == [0, 3, 2, 4, 1]
    recorded = [numbers.removed(place, None) for place in (0, 2, 3, 4)]
    before = [numbers.removed(place, date(2026, 11, 21)) for place in (0, 2, 3, 4)]
    after = [numbers.removed(place, DAY) for place in (0, 2, 3, 4)]
    assert recorded == after == [False, True, True, False]
    assert before == [False, False, True, False]


@given(st.lists(st.text(max_size=6), min_size=1, max_size=30), st.text(max_size=4))
def test_every_part_is_found_where_it_is(names: list[str], text: str) -> None:
    entries = [an_entry(n + 1, trade_name=name) for n, name in enumerate(names)]
    known = {row.kind: row for row in segment_rows(0, entries)}
    if Field.TRADE_NAME in known and "\n" not in text and len(text) > 1:
        row = Row(known[Field.TRADE_NAME])
        terms = row.terms.decode("utf-8", "surrogatepass")[1:-1].split("\n")
        found = [line for line, _ in row.parts(text)]
        assert found == [n for n, term in enumerate(terms) if text in term]
        begun = [n for n, term in enumerate(terms) if term.startswith(text)]
        assert list(row.beginnings(text)) == begun


def test_many_statements_make_several_segments() -> None:
    most = segments.SEGMENT_MOST
    found = list(segment_rows(5, [MAKER] * (2 * most + 1)))
    assert {(row.first, row.stop) for row in found} == {
        (5, 5 + most),
        (5 + most, 5 + 2 * most),
        (5 + 2 * most, 6 + 2 * most),
    }


def test_a_segment_is_due_when_there_is_enough_for_it() -> None:
    assert not due(0, 255)
    assert due(0, 256)
    assert not due(300, 555)
    assert due(300, 10_000)
