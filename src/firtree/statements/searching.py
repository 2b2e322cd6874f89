"""Look a question up in the segments of the search index."""

import heapq
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from firtree.catalogue.search import PART_LEAST, Field, Query, Rank, Word
from firtree.errors import VerificationError
from firtree.statements.segments import (
    ENTRIES,
    MAKER,
    Numbers,
    Row,
    SegmentRow,
    octets,
)

# So few are worked through one by one.
_FEW = 32
_PARTS = (
    Field.FIRMWARE,
    Field.FIRMWARE_LABEL,
    Field.MODEL,
    Field.TRADE_NAME,
    Field.MANUFACTURER,
    Field.MANUFACTURER_NAME,
)


class Question(NamedTuple):
    """What is looked up in each segment.

    Attributes:
        query: as it was read.
        size: log size; later statements are not looked at.
        day: day of the status that puts removed entries last; None = as recorded.
        notes: whether the notes are searched.
        named: the makers whose recorded name holds a word, with how well it fits.
        within: values one of which an entry must have, by row; a promise of the
            asker that others are of no use, kept where it saves work.
    """

    query: Query
    size: int
    day: date | None
    notes: bool
    named: Mapping[Word, Mapping[str, Rank]]
    within: Mapping[str, Collection[str]]

    @property
    def kinds(self) -> set[str]:
        """The rows of a segment that are needed."""
        wanted = (*self.query.words, *filter(None, [self.query.phrase]))
        kinds = {ENTRIES, *_PARTS, *self.within}
        if any(self.named.values()):
            kinds.add(MAKER)
        if self.notes:
            kinds.add(Field.NOTES)
        if any(word.part_of_hash for word in wanted):
            kinds.add(Field.IMAGE_HASH)
        if any(word.is_number for word in wanted):
            kinds.add(Field.ID)
        return kinds


class Candidate(NamedTuple):
    """A version of an entry that fits; whether it holds at the size is not said.

    Attributes:
        id: of the entry.
        number: of the statement that made this version.
    """

    id: int
    number: int


def ranked(rows: Iterable[SegmentRow], question: Question) -> Iterator[Candidate]:
    """Yield the versions of entries that fit, the best first.

    Args:
        rows: of the segments, those of one segment together.
        question: what is looked up.

    Raises:
        VerificationError: the rows are not those of an index.

    Cost: what fits is gathered at once, but put in order only as far as it is taken.
    """
    try:
        yield from _ranked(rows, question)
    except (LookupError, TypeError, ValueError, struct.error) as error:
        raise VerificationError(
            "the search index is damaged",
            hint="see where: firtree doctor; make it anew: firtree rebuild",
        ) from error


def _ranked(rows: Iterable[SegmentRow], question: Question) -> Iterator[Candidate]:
    fitting = [
        (segment, Numbers(segment.entries), _fitting(segment, question))
        for segment in _segments(rows)
    ]
    for rank in Rank:
        for removed in (False, True):
            yield from heapq.merge(
                *(
                    _in_order(
                        segment.first,
                        numbers,
                        levels[rank],
                        removed=removed,
                        day=question.day,
                    )
                    for segment, numbers, levels in fitting
                    if levels[rank]
                ),
                reverse=True,
            )


def _in_order(
    first: int,
    numbers: Numbers,
    places: set[int],
    *,
    removed: bool,
    day: date | None,
) -> Iterator[Candidate]:
    """Yield the Active or the removed entries of some places, higher ids first."""
    known: Iterable[int]
    if len(places) < _FEW:
        known = sorted(places, key=numbers.id, reverse=True)
    else:
        known = (place for place in numbers.by_id() if place in places)
    for place in known:
        if numbers.removed(place, day) == removed:
            yield Candidate(numbers.id(place), first + place)


class _Segment(NamedTuple):
    first: int
    entries: SegmentRow
    rows: dict[str, Row]


def _segments(rows: Iterable[SegmentRow]) -> Iterator[_Segment]:
    known: dict[int, dict[str, SegmentRow]] = {}
    for row in rows:
        known.setdefault(row.first, {})[row.kind] = row
    for first, kinds in known.items():
        entries = kinds.pop(ENTRIES)
        yield _Segment(first, entries, {kind: Row(row) for kind, row in kinds.items()})


# For each rank, the places of the entries that fit so well.
Levels = list[set[int]]


def _fitting(segment: _Segment, question: Question) -> Levels:
    """Give the places that fit in one segment, each in its best rank only."""
    query = question.query
    if query.phrase is None:
        levels = _levels_of(segment, query.words[0], question)
    else:
        words = [_or_better(_levels_of(segment, w, question)) for w in query.words]
        whole = _or_better(_levels_of(segment, query.phrase, question))
        levels = [
            set[int].intersection(*same) | other
            for *same, other in zip(*words, whole, strict=True)
        ]
    _keep_within(levels, segment, question)
    better: set[int] = set()
    for level in levels:
        if better:
            level -= better  # noqa: PLW2901 - in place
        if level:
            better = better | level if better else level
    return levels


def _or_better(levels: Levels) -> Levels:
    """Give for each rank the places that fit so well or better."""
    return list(accumulate(levels, set[int].union))


def _levels_of(segment: _Segment, word: Word, question: Question) -> Levels:
    levels: Levels = [set() for _ in Rank]
    for kind in _PARTS:
        _add_parts(levels, segment.rows.get(kind), word.text)
    if word.part_of_hash:
        _add_parts(levels, segment.rows.get(Field.IMAGE_HASH), word.text)
    if word.is_number and (ids := segment.rows.get(Field.ID)):
        levels[Rank.WHOLE_ID].update(ids.whole(word.text.lstrip("0") or "0"))
        _add_parts(levels, ids, word.text)
    if (makers := segment.rows.get(MAKER)) is not None:
        named = question.named.get(word, {})
        lines = makers.lines() if len(named) > _FEW else None
        for code, rank in named.items():
            line = makers.line(code) if lines is None else lines.get(octets(code))
            if line is not None:
                levels[rank].update(makers.places(line))
    if (
        question.notes
        and word.pieces
        and (notes := segment.rows.get(Field.NOTES)) is not None
    ):
        levels[Rank.NOTES] |= set[int].intersection(
            *(_noted(notes, piece) for piece in word.pieces)
        )
    return levels


def _add_parts(levels: Levels, row: Row | None, text: str) -> None:
    if row is None:
        return
    if len(text) < PART_LEAST:
        levels[Rank.WHOLE].update(row.whole(text))
        return
    for line, rank in row.parts(text):
        levels[rank].update(row.places(line))


def _noted(notes: Row, piece: str) -> set[int]:
    if len(piece) < PART_LEAST:
        return set(notes.whole(piece))
    places: set[int] = set()
    for line in notes.beginnings(piece):
        places.update(notes.places(line))
    return places


def _keep_within(levels: Levels, segment: _Segment, question: Question) -> None:
    """Leave out what is later, or of no use to the asker."""
    count = question.size - segment.first
    if count < segment.entries.stop - segment.first:
        known = range(count)
        for level in levels:
            level.intersection_update(known)
    for kind, values in question.within.items():
        row = segment.rows.get(kind)
        kept = {place for value in values for place in row.whole(value)} if row else ()
        for level in levels:
            level.intersection_update(kept)
