"""Search, pure: what an entry is found by, how a question is read, what comes first.

An entry is found when each word asked for is part of one of its fields, or begins a
word of its release notes.  Its place goes by the worst of its words:

1. the whole CPL Entry ID
2. the whole of another field
3. the beginning of one
4. the inside of one
5. a word of the notes

Where a field holds all the words side by side, the place is that of the whole text.
Among equals Active entries stand before removed ones, then higher CPL Entry IDs first.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import NamedTuple

from firtree.catalogue.entry import Entry, ReleaseNotes

CHARACTERS_MOST = 200
WORDS_MOST = 10
# A shorter text finds only what it is the whole of.
PART_LEAST = 2
HASH_PART_LEAST = 4


class Field(StrEnum):
    """What an entry is found by."""

    ID = "id"
    FIRMWARE = "firmware"
    FIRMWARE_LABEL = "firmware_label"
    MODEL = "model"
    TRADE_NAME = "trade_name"
    MANUFACTURER = "manufacturer"
    MANUFACTURER_NAME = "manufacturer_name"
    IMAGE_HASH = "image_hash"
    NOTES = "notes"


class Rank(IntEnum):
    """How well something fits, the best first."""

    WHOLE_ID = 0
    WHOLE = 1
    BEGINS = 2
    INSIDE = 3
    NOTES = 4


# People write one version with dots, slashes or hyphens: all of these count as one.
_SEPARATORS = str.maketrans(dict.fromkeys("-/\\_:,", "."))
_NO_SEPARATORS = str.maketrans(dict.fromkeys("-/\\_:,. ", ""))
_WORD = re.compile(r"[^\W_]+")
_HEX = frozenset("0123456789abcdef")


def normal(text: str) -> str:
    """Give the form texts are compared in.

    Case and forms of a letter are one (Unicode NFKC and case folding), every
    separator is a dot, every run of white space one space.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.lower().translate(_SEPARATORS).split())


@lru_cache(maxsize=16_384)
def forms(text: str) -> tuple[str, ...]:
    """Give the forms a field is found by: its own, and one without its separators.

    So ``04.2400.10`` is found as ``04-2400-10`` and as ``04240010``.
    """
    own = normal(text)
    if "." not in own:
        return (own,)
    bare = own.translate(_NO_SEPARATORS)
    return (own, bare) if bare else (own,)


def words_of(text: str) -> list[str]:
    """Give the words of a text of the notes, as they are compared."""
    return _WORD.findall(normal(text))


def note_texts(notes: ReleaseNotes) -> Iterator[str]:
    """Yield the texts of the notes whose words are searched."""
    yield notes.summary
    yield from notes.security
    yield from notes.fixes
    yield from notes.features
    yield from notes.known_issues
    yield from notes.irps


def fields_of(entry: Entry) -> Iterator[tuple[Field, str]]:
    """Yield the fields an entry is found by, but for its id and its notes."""
    cpl = entry.cpl
    yield Field.FIRMWARE, cpl.firmware
    yield Field.FIRMWARE_LABEL, cpl.firmware_label
    yield Field.MODEL, cpl.model.duis_model
    yield Field.TRADE_NAME, cpl.trade_name
    yield Field.MANUFACTURER, cpl.model.manufacturer
    yield Field.MANUFACTURER_NAME, cpl.manufacturer_name
    yield Field.IMAGE_HASH, cpl.image_hash


class Word(NamedTuple):
    """A text looked for in the fields.

    Attributes:
        text: as it is compared.
        pieces: its words, each of which must begin a word of the notes; empty = the
            notes are not looked at.
    """

    text: str
    pieces: tuple[str, ...]

    @property
    def is_number(self) -> bool:
        """Whether a CPL Entry ID may be meant."""
        return self.text.isascii() and self.text.isdigit()

    @property
    def part_of_hash(self) -> bool:
        """Whether it is enough of a hash to look for."""
        return len(self.text) >= HASH_PART_LEAST and _HEX.issuperset(self.text)


class Query(NamedTuple):
    """A question as it was read.

    Attributes:
        words: all of them must be found.
        phrase: the words side by side; None where there is only one.
    """

    words: tuple[Word, ...]
    phrase: Word | None


def read_query(text: str) -> Query | None:
    """Read a question; None where it is blank.

    Every character stands for itself: there are no operators and no wild cards.

    Raises:
        ValueError: too long, or of too many words.
    """
    if len(text) > CHARACTERS_MOST:
        raise ValueError(f"a text of at most {CHARACTERS_MOST} characters")
    known = list(dict.fromkeys(normal(text).split()))
    if not known:
        return None
    if len(known) > WORDS_MOST:
        raise ValueError(f"at most {WORDS_MOST} different words")
    words = tuple(Word(word, tuple(_WORD.findall(word))) for word in known)
    whole = normal(text)
    return Query(words, Word(whole, ()) if " " in whole else None)


def rank_in(form: str, text: str) -> Rank | None:
    """Rank a text within one form of a field; None = it is not in it."""
    if form == text:
        return Rank.WHOLE
    if len(text) < PART_LEAST or text not in form:
        return None
    return Rank.BEGINS if form.startswith(text) else Rank.INSIDE


class Mark(NamedTuple):
    """A piece of a field's text, and whether it is what was looked for."""

    text: str
    marked: bool


class Reason(NamedTuple):
    """Why an entry was found: a field, and where in it."""

    field: Field
    marks: tuple[Mark, ...]

    @property
    def text(self) -> str:
        """The field's text."""
        return "".join(mark.text for mark in self.marks)


class Reasons:
    """Tells why entries were found by one question.

    Args:
        query: what was asked.
    """

    def __init__(self, query: Query) -> None:
        self._wanted = [*filter(None, [query.phrase]), *query.words]
        self._pieces = {piece for word in query.words for piece in word.pieces}
        # Entries that were found by the same have much in common.
        self._known: dict[tuple[Field, str], Reason | None] = {}

    def of(self, entry: Entry, maker_name: str = "") -> list[Reason]:
        """Give every field of an entry that holds one of the words.

        Args:
            entry: as the asker sees it.
            maker_name: of its maker, as recorded; may differ from the published one.
        """
        fields = [(Field.ID, str(entry.id)), *fields_of(entry)]
        if maker_name != entry.cpl.manufacturer_name:
            fields.append((Field.MANUFACTURER_NAME, maker_name))
        if entry.fir.notes is not None:
            texts = note_texts(entry.fir.notes)
            fields.extend((Field.NOTES, text) for text in texts)
        return [one for field in fields if (one := self._reason(field)) is not None]

    def _reason(self, told: tuple[Field, str]) -> Reason | None:
        if told not in self._known:
            field, text = told
            if field is Field.NOTES:
                places = _word_places(text, self._pieces)
            else:
                places = _places(field, text, self._wanted)
            reason = Reason(field, tuple(_marks(text, places))) if places else None
            self._known[told] = reason
        return self._known[told]


def _places(field: Field, text: str, wanted: list[Word]) -> set[int]:
    """Give the places of a field's characters that were looked for."""
    parts = [word.text for word in wanted]
    if field is Field.IMAGE_HASH:
        parts = [word.text for word in wanted if word.part_of_hash]
    if field is Field.ID:
        parts.extend(word.text.lstrip("0") for word in wanted if word.is_number)
        parts = [part for part in parts if part == text or len(part) >= PART_LEAST]
    known = [
        [part for part in parts if rank_in(form, part) is not None]
        for form in forms(text)
    ]
    found: set[int] = set()
    for bare, parts_here in enumerate(known):
        if parts_here:
            form, origin = _mapped(text, bare=bool(bare))
            for part in parts_here:
                at = form.find(part)
                while at >= 0:
                    last = origin[at + len(part) - 1]
                    found.update(range(origin[at], last + 1))
                    at = form.find(part, at + len(part))
    return found


def _word_places(text: str, pieces: set[str]) -> set[int]:
    form, origin = _mapped(text, bare=False)
    return {
        origin[place]
        for match in _WORD.finditer(form)
        for piece in pieces
        if match[0] == piece
        or (len(piece) >= PART_LEAST and match[0].startswith(piece))
        for place in range(match.start(), match.start() + len(piece))
    }


def _mapped(text: str, *, bare: bool) -> tuple[str, list[int]]:
    """Give a form of a text, and for each of its characters the place it came from.

    Characters are taken one by one, so letters made of several may stay unmarked.
    """
    form: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        known = _folded(character)[bare]
        if known == " " and (not form or form[-1] == " "):
            continue
        form.extend(known)
        origin.extend([place] * len(known))
    return "".join(form).rstrip(), origin


@lru_cache(maxsize=4096)
def _folded(character: str) -> tuple[str, str]:
    """Give the forms of one character, with separators and without."""
    known = normal(character)
    return known or " ", known.translate(_NO_SEPARATORS)


def _marks(text: str, places: set[int]) -> Iterator[Mark]:
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or (place in places) != (start in places):
            yield Mark(text[start:place], start in places)
            start = place
