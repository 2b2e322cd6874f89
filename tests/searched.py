"""Search by brute force: every entry is looked at, and put in its place.

Written from the rules of ``docs/decisions/0010-search.md`` alone, so that the index
has something to be compared with.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from firtree.library.models import entry_of, makers_of
from firtree.library.ports import Filter
from firtree.library.views import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firtree.access import Scope
    from firtree.catalogue.entry import Entry
    from firtree.library.ports import Reading
    from firtree.library.views import View

ALL = 1_000_000


Known = list[tuple["Entry", str]]


def known_to(
    reading: Reading, scope: Scope, view: View, wanted: Filter | None = None
) -> Known:
    """Give every entry that somebody may see, with its maker's name."""
    asked = Filter(in_force_on=view.effective_at) if wanted is None else wanted
    stored = reading.page(asked, scope, size=view.size, after=0, limit=ALL)
    entries = seen(map(entry_of, stored), scope, view)
    codes = {entry.model.key.manufacturer for entry in entries}
    makers = makers_of(reading.makers(codes, view.size))
    found = []
    for entry in entries:
        maker = makers.get(entry.model.key.manufacturer)
        found.append((entry, maker.name if maker else ""))
    return found


def expected(known: Known, text: str) -> list[int]:
    """Give the ids of the entries a search has to find, in order."""
    ranked = [(rank_of(entry, name, text), entry) for entry, name in known]
    found = [
        (rank, not entry.active, -entry.id)
        for rank, entry in ranked
        if rank is not None
    ]
    return [-number for _, _, number in sorted(found)]


def rank_of(entry: Entry, maker_name: str, text: str) -> int | None:
    """Give the place of an entry; None = it is not to be found."""
    words = plain(text).split()
    if not words:
        return None
    ranks = [_rank(entry, maker_name, word) for word in words]
    best = max(ranks)
    if len(words) > 1:
        best = min(best, _field_rank(entry, maker_name, plain(text)))
    return None if best == NEVER else best


NEVER = 9


def _rank(entry: Entry, maker_name: str, word: str) -> int:
    if word.isascii() and word.isdigit() and int(word) == entry.id:
        return 0
    return min(_field_rank(entry, maker_name, word), _notes_rank(entry, word))


def _field_rank(entry: Entry, maker_name: str, text: str) -> int:
    cpl, model = entry.cpl, entry.cpl.model
    joined = model.model_identifier + model.hardware_version + model.hardware_revision
    fields = [
        *(cpl.firmware, cpl.firmware_label, joined, cpl.trade_name),
        *(model.manufacturer, cpl.manufacturer_name, maker_name),
    ]
    known = [form for field in fields for form in forms(field)]
    if text.isascii() and text.isdigit():
        known.append(str(entry.id))
    if re.fullmatch("[0-9a-f]{4,}", text):
        known.append(cpl.image_hash.lower())
    return min((_form_rank(form, text) for form in known), default=NEVER)


def _form_rank(form: str, text: str) -> int:
    if form == text:
        return 1
    if len(text) < 2 or text not in form:
        return NEVER
    return 2 if form[: len(text)] == text else 3


def _notes_rank(entry: Entry, word: str) -> int:
    known = {part for text in _notes(entry) for part in parts(plain(text))}
    asked = parts(word)
    if not asked:
        return NEVER
    fits = all(
        piece in known or (len(piece) > 1 and any(k.startswith(piece) for k in known))
        for piece in asked
    )
    return 4 if fits else NEVER


def _notes(entry: Entry) -> Iterator[str]:
    notes = entry.fir.notes
    if notes is not None:
        lists = (notes.security, notes.fixes, notes.features, notes.known_issues)
        yield from (
            notes.summary,
            *notes.irps,
            *(one for some in lists for one in some),
        )


# The same few texts are looked at for each search: what comes of one is kept.
@cache
def parts(text: str) -> tuple[str, ...]:
    """Cut a text into its letters and digits."""
    return tuple("".join(c if c.isalnum() else " " for c in text).split())


@cache
def plain(text: str) -> str:
    """Give the form texts are compared in."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = unicodedata.normalize("NFKC", folded).lower()
    return " ".join(re.sub(r"[-/\\_:,]", ".", folded).split())


@cache
def forms(text: str) -> tuple[str, ...]:
    """Give that form, and where it has separators one without them."""
    known = plain(text)
    bare = re.sub(r"[. ]", "", known)
    return (known, bare) if "." in known and bare else (known,)
