"""Look a question up in the sheets of the search index."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from firtree.catalogue.search import PART_LEAST, Field, Query, Rank, Word
from firtree.statements.sheets import ENTRIES, MAKER, Numbers, Row, SheetRow

# An id and the number of a statement in one whole number; there are fewer statements.
_NUMBER_BITS = 40
_NUMBER = (1 << _NUMBER_BITS) - 1
_PARTS = (
    Field.FIRMWARE,
    Field.FIRMWARE_LABEL,
    Field.MODEL,
    Field.TRADE_NAME,
    Field.MANUFACTURER,
    Field.MANUFACTURER_NAME,
)


class Question(NamedTuple):
    """What is looked up in each sheet.

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
        """The rows of a sheet that are needed."""
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


def ranked(rows: Iterable[SheetRow], question: Question) -> Iterator[Candidate]:
    """Yield the versions of entries that fit, the best first.

    Args:
        rows: of the sheets, those of one sheet together.
        question: what is looked up.
    """
    found: list[list[int]] = [[] for _ in range(2 * len(Rank))]
    for sheet in _sheets(rows):
        _look(sheet, question, found)
    for same in found:
        # Sorted when it is reached: whoever wants few asks for the best only.
        same.sort(reverse=True)
        for value in same:
            yield Candidate(value >> _NUMBER_BITS, value & _NUMBER)


class _Sheet(NamedTuple):
    first: int
    entries: SheetRow
    rows: dict[str, Row]


def _sheets(rows: Iterable[SheetRow]) -> Iterator[_Sheet]:
    known: dict[int, dict[str, SheetRow]] = {}
    for row in rows:
        known.setdefault(row.first, {})[row.kind] = row
    for first, kinds in known.items():
        entries = kinds.pop(ENTRIES)
        yield _Sheet(first, entries, {kind: Row(row) for kind, row in kinds.items()})


def _look(sheet: _Sheet, question: Question, found: list[list[int]]) -> None:
    """Add what one sheet has: for each rank Active entries, then removed ones."""
    levels = _levels(sheet, question)
    _keep_within(levels, sheet, question)
    if not levels[-1]:
        return
    numbers = Numbers(sheet.entries)
    first, day, told = sheet.first, question.day, set[int]()
    for rank, level in enumerate(levels):
        here = level - told if told else level
        for place in here:
            value = numbers.id(place) << _NUMBER_BITS | first + place
            found[2 * rank + numbers.removed(place, day)].append(value)
        told = level


Levels = Sequence[set[int]]


def _levels(sheet: _Sheet, question: Question) -> Levels:
    """Give for each rank the places of the entries that fit so well, or better."""
    words = [_levels_of(sheet, word, question) for word in question.query.words]
    levels = [set[int].intersection(*same) for same in zip(*words, strict=True)]
    if question.query.phrase:
        whole = _levels_of(sheet, question.query.phrase, question)
        levels = [one | other for one, other in zip(levels, whole, strict=True)]
    return levels


def _levels_of(sheet: _Sheet, word: Word, question: Question) -> Levels:
    levels: list[set[int]] = [set() for _ in Rank]
    for kind in _PARTS:
        _add_parts(levels, sheet.rows.get(kind), word.text)
    if word.part_of_hash:
        _add_parts(levels, sheet.rows.get(Field.IMAGE_HASH), word.text)
    if word.is_number and (ids := sheet.rows.get(Field.ID)):
        levels[Rank.WHOLE_ID].update(ids.whole(word.text.lstrip("0") or "0"))
        _add_parts(levels, ids, word.text)
    if (makers := sheet.rows.get(MAKER)) is not None:
        for code, rank in question.named.get(word, {}).items():
            levels[rank].update(makers.whole(code))
    if word.pieces and (notes := sheet.rows.get(Field.NOTES)) is not None:
        levels[Rank.NOTES] |= set[int].intersection(
            *(_noted(notes, piece) for piece in word.pieces)
        )
    for better, level in pairwise(levels):
        level.update(better)
    return levels


def _add_parts(levels: list[set[int]], row: Row | None, text: str) -> None:
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


def _keep_within(levels: Levels, sheet: _Sheet, question: Question) -> None:
    """Leave out what is later, or of no use to the asker."""
    count = question.size - sheet.first
    if count < sheet.entries.stop - sheet.first:
        known = range(count)
        for level in levels:
            level.intersection_update(known)
    for kind, values in question.within.items():
        row = sheet.rows.get(kind)
        kept = {place for value in values for place in row.whole(value)} if row else ()
        for level in levels:
            level.intersection_update(kept)
