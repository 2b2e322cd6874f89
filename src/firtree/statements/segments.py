"""The search index: segments, each over a run of statements, written once.

A segment is written in the transaction that leaves ``SEGMENT_LEAST`` statements or
more without one, and covers all of them; it never changes.  The statements after the
last segment are looked at directly.  A segment has one row for each field: the
different terms of that field, and for each term the places of its entries, counted
from the segment's first statement.  So what is common costs little, and recording
gathers, but never compares with what is there already.

``docs/decisions/0010-search.md`` has the reasons.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from firtree.catalogue.entry import CPLPart, Entry, ReleaseNotes, Status
from firtree.catalogue.search import (
    PART_LEAST,
    Field,
    Rank,
    forms,
    note_texts,
    words_of,
)

SEGMENT_LEAST = 256
SEGMENT_MOST = 16_384

# Rows beside those of the fields: whose statements these are, and what is filtered by.
ENTRIES = "entries"
MAKER = "maker"
DEVICE_TYPE = "device_type"
STATUS = "status"

_ID = struct.Struct("<Q")
_DAY = struct.Struct("<I")
_PLACE = struct.Struct("<H")
_END = b"\n"
_LINE_FEED = _END[0]


class SegmentRow(NamedTuple):
    """One row of a segment.

    Attributes:
        first: number of the segment's first statement.
        kind: a ``Field``, or one of the rows beside them.
        stop: number after its last statement.
        terms: each between line feeds, UTF-8.
        places: ends of the terms' lists (4 octets each), then the lists (2 octets a
            place), little-endian; see ``Numbers`` for the row ``ENTRIES``.
    """

    first: int
    kind: str
    stop: int
    terms: bytes
    places: bytes


Lists = dict[str, list[int]]


def due(indexed: int, size: int) -> bool:
    """Tell whether a segment is to be written at the end of a transaction."""
    return size - indexed >= SEGMENT_LEAST


def segment_rows(first: int, subjects: Sequence[object]) -> Iterator[SegmentRow]:
    """Write the segments of a run of statements.

    Args:
        first: number of the first.
        subjects: what each is about; only entries are found.
    """
    for start in range(0, len(subjects), SEGMENT_MOST):
        yield from _segment(first + start, subjects[start : start + SEGMENT_MOST])


def _segment(first: int, subjects: Sequence[object]) -> Iterator[SegmentRow]:
    stop = first + len(subjects)
    fields = _gathered(subjects)
    notes = fields.notes
    lists = {
        Field.ID: fields.id,
        Field.FIRMWARE: _by_form(fields.firmware),
        Field.FIRMWARE_LABEL: _by_form(fields.label),
        Field.MODEL: _by_form(fields.model),
        Field.TRADE_NAME: _by_form(fields.trade_name),
        Field.MANUFACTURER: _by_form(fields.manufacturer),
        Field.MANUFACTURER_NAME: _by_form(fields.name),
        Field.IMAGE_HASH: {text.lower(): at for text, at in fields.image_hash.items()},
        Field.NOTES: _by_word(notes),
        MAKER: _by_code(fields.manufacturer),
        DEVICE_TYPE: fields.device_type,
        STATUS: fields.status,
    }
    for kind, known in lists.items():
        known.pop("", None)
        if known:
            yield SegmentRow(first, kind, stop, _terms(known), _places(known.values()))
    ids = [subject.id if isinstance(subject, Entry) else 0 for subject in subjects]
    days = [
        _removed_from(subject.cpl) if isinstance(subject, Entry) else 0
        for subject in subjects
    ]
    order = sorted(range(len(ids)), key=ids.__getitem__, reverse=True)
    numbers = struct.pack(f"<{len(ids)}Q{len(days)}I{len(order)}H", *ids, *days, *order)
    yield SegmentRow(first, ENTRIES, stop, b"", numbers)


class _Gathered(NamedTuple):
    """The places of the different texts of each field."""

    id: Lists
    firmware: Lists
    label: Lists
    model: Lists
    trade_name: Lists
    manufacturer: Lists
    name: Lists
    image_hash: Lists
    device_type: Lists
    status: Lists
    notes: dict[ReleaseNotes, list[int]]


def _gathered(subjects: Sequence[object]) -> _Gathered:
    found = _Gathered({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
    ids, firmware, label, model, trade, maker, name, image, kind, status, notes = found
    for place, subject in enumerate(subjects):
        if not isinstance(subject, Entry):
            continue
        cpl = subject.cpl
        made = cpl.model
        ids.setdefault(str(subject.id), []).append(place)
        firmware.setdefault(cpl.firmware, []).append(place)
        label.setdefault(cpl.firmware_label, []).append(place)
        model.setdefault(made.duis_model, []).append(place)
        trade.setdefault(cpl.trade_name, []).append(place)
        maker.setdefault(made.manufacturer, []).append(place)
        name.setdefault(cpl.manufacturer_name, []).append(place)
        image.setdefault(cpl.image_hash, []).append(place)
        kind.setdefault(made.device_type, []).append(place)
        status.setdefault(cpl.status, []).append(place)
        if (told := subject.fir.notes) is not None:
            notes.setdefault(told, []).append(place)
    return found


def _by_form(known: Lists) -> Lists:
    """Join the lists of texts that have a form in common."""
    joined: Lists = {}
    for text, places in known.items():
        for form in forms(text):
            joined[form] = joined[form] + places if form in joined else places
    return joined


def _by_code(known: Lists) -> Lists:
    """Join the lists of codes that differ in case only: a maker has one."""
    joined: Lists = {}
    for text, places in known.items():
        code = text.strip().upper()
        joined[code] = joined[code] + places if code in joined else places
    return joined


def _by_word(known: dict[ReleaseNotes, list[int]]) -> Lists:
    joined: Lists = {}
    for notes, places in known.items():
        words = {word for text in note_texts(notes) for word in words_of(text)}
        for word in sorted(words):
            joined.setdefault(word, []).extend(places)
    return joined


def _removed_from(cpl: CPLPart) -> int:
    """Give the day an entry was removed, as a number; 0 = Active, 1 = not said."""
    if cpl.status is Status.ACTIVE:
        return 0
    return cpl.status_from.toordinal() if cpl.status_from else 1


def _terms(terms: Iterable[str]) -> bytes:
    text = "\n".join(terms)
    return _END + text.encode("utf-8", "surrogatepass") + _END


def _places(lists: Iterable[list[int]]) -> bytes:
    known = list(lists)
    ends, end = [], 0
    for places in known:
        end += len(places)
        ends.append(end)
    return struct.pack(f"<{len(ends)}I{end}H", *ends, *chain.from_iterable(known))


class Row:
    """A row of a segment, to be looked into."""

    def __init__(self, row: SegmentRow) -> None:
        self.terms = row.terms
        self._places = row.places

    @cached_property
    def _lists_at(self) -> int:
        """Where the lists begin: after the ends, one for each term."""
        return 4 * (self.terms.count(_END) - 1)

    def places(self, line: int) -> tuple[int, ...]:
        """Give the places of a term."""
        if line:
            start, end = struct.unpack_from("<2I", self._places, 4 * (line - 1))
        else:
            start, end = 0, *struct.unpack_from("<I", self._places)
        found: tuple[int, ...] = struct.unpack_from(
            f"<{end - start}H", self._places, self._lists_at + 2 * start
        )
        return found

    def lines(self) -> dict[bytes, int]:
        """Give the lines of all terms."""
        return {term: line for line, term in enumerate(self.terms[1:-1].split(_END))}

    def line(self, text: str) -> int | None:
        """Give the line of exactly this term."""
        at = self.terms.find(_END + octets(text) + _END)
        return self.terms.count(_END, 0, at) if at >= 0 else None

    def whole(self, text: str) -> tuple[int, ...]:
        """Give the places of exactly this term."""
        line = self.line(text)
        return () if line is None else self.places(line)

    def parts(self, text: str) -> Iterator[tuple[int, Rank]]:
        """Yield the lines of the terms that hold a text, and how well it fits."""
        if len(text) < PART_LEAST:
            return
        terms, wanted = self.terms, octets(text)
        line, counted, at = -1, 0, terms.find(wanted)
        while at >= 0:
            line += terms.count(_END, counted, at)
            counted = terms.index(_END, at)
            if terms[at - 1] != _LINE_FEED:
                yield line, Rank.INSIDE
            elif counted == at + len(wanted):
                yield line, Rank.WHOLE
            else:
                yield line, Rank.BEGINS
            at = terms.find(wanted, counted)

    def beginnings(self, text: str) -> Iterator[int]:
        """Yield the lines of the terms that begin with a text."""
        terms, wanted = self.terms, _END + octets(text)
        line, counted, at = 0, 0, terms.find(wanted)
        while at >= 0:
            line += terms.count(_END, counted, at)
            yield line
            counted, at = at, terms.find(wanted, at + 1)


class Numbers:
    """The row ``ENTRIES`` of a segment: whose statements these are."""

    def __init__(self, row: SegmentRow) -> None:
        count = row.stop - row.first
        self._octets = memoryview(row.places)
        self._days_at = _ID.size * count
        self._order_at = self._days_at + _DAY.size * count

    def id(self, place: int) -> int:
        """Give the id of the entry at a place."""
        (found,) = _ID.unpack_from(self._octets, _ID.size * place)
        return int(found)

    def removed(self, place: int, day: date | None) -> bool:
        """Tell whether the entry at a place is removed, on a day or as recorded."""
        (since,) = _DAY.unpack_from(self._octets, self._days_at + _DAY.size * place)
        return bool(since) and (day is None or since <= day.toordinal())

    def by_id(self) -> Iterator[int]:
        """Yield the places, higher ids first."""
        for (place,) in _PLACE.iter_unpack(self._octets[self._order_at :]):
            yield place


def octets(text: str) -> bytes:
    """Write a text as terms are written."""
    return text.encode("utf-8", "surrogatepass")
