"""Verify a workbook that somebody was handed: tell whether it is as published.

The sheet *About* says which state it is of, with a checkpoint that the register's key
has signed.  The same publication is made again, and every cell is compared.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from itertools import islice
from typing import NamedTuple

import msgspec

from firtree.access import Principal, Scope
from firtree.errors import InvalidInputError, VerificationError
from firtree.exchange.files import Progress
from firtree.exchange.joining import HOLDS
from firtree.exchange.publication import (
    ABOUT,
    CHECKPOINT,
    TERMS,
    Digest,
    Facts,
    about_rows,
)
from firtree.exchange.rows import cell_of
from firtree.exchange.sheet import Cell, Line, Sheet, cell_text
from firtree.exchange.temporary import temporary_file
from firtree.exchange.workbook.comparing import (
    CellDifference,
    differing_cells,
    plain_ends,
)
from firtree.ledger.notes import Note, verify_checkpoint, verify_note
from firtree.library.keeping.erasing import erasures_since
from firtree.library.keeping.keys import LogKeys, keys_of_log
from firtree.library.ports import Register, Signing
from firtree.library.publishing import Publication
from firtree.library.views import View
from firtree.text import day_asked_about, shown, whole_number

LISTED_MOST = 10_000
_ABOUT_LINES = 5000

_LINE_OF_CELLS = msgspec.json.Decoder(tuple[int, list[Cell]])
_ENCODER = msgspec.json.Encoder()


class Terms(NamedTuple):
    """What a workbook says it was made with."""

    size: int
    day: date
    effective_at: date | None
    private: bool


class Verdict(NamedTuple):
    """What verifying a workbook came to.

    Attributes:
        facts: of the publication it was compared with.
        differences: the first cells that differ.
        differing: how many differ.
        erased: how many sections of statements were erased since the publication.
        of_a_part: whether the workbook says that it holds a part of the register, and
            was compared with all of it.
    """

    facts: Facts
    differences: tuple[CellDifference, ...]
    differing: int
    erased: int = 0
    of_a_part: bool = False

    @property
    def intact(self) -> bool:
        """Whether every cell is as it was published."""
        return not self.differing


def verify_publication(
    principal: Principal,
    sheets: Iterable[Sheet],
    register: Register,
    signer: Signing,
    *,
    reach: Scope | None = None,
    keys: LogKeys | None = None,
    progress: Progress,
) -> Verdict:
    """Compare a workbook with what the register published.

    Args:
        principal: who asks; needs the right to read what the workbook holds.
        sheets: of the workbook.
        register: that is said to have published it.
        signer: gives the notes of the register's checkpoints.
        reach: what could be seen of the register that is copied here; None = it itself.
        keys: of its log; None = those that its statements name.
        progress: told (what, done, of how many).

    Raises:
        InvalidInputError: it is no publication.
        VerificationError: it is of another register, or of a state that this one
            does not have.
    """
    tries = []
    with ExitStack() as stack:
        kept = [_Kept(stack, sheet) for sheet in sheets]
        about = _about_of(kept)
        if keys is None:
            with register.reading() as tx:
                keys = keys_of_log(tx)
        for terms in _terms_of(about, keys):
            view = _view_of(register, terms)
            if view is None:
                continue
            publication = Publication(
                register,
                signer,
                principal,
                view,
                private=terms.private,
                progress=progress,
                reach=reach,
            )
            _accept_signature(publication, about, keys)
            verdict = _compared(publication, kept, about)
            if verdict.intact:
                return verdict
            tries.append(verdict)
    if not tries:
        raise VerificationError(
            "the workbook does not say of which state of this register it is",
            hint="ask whoever handed it out, or export it anew: firtree export",
        )
    nearest = min(tries, key=lambda verdict: verdict.differing)
    with register.reading() as tx:
        return nearest._replace(
            erased=erasures_since(tx, nearest.facts.size),
            of_a_part=bool(_said(about, HOLDS)) and not nearest.facts.partial,
        )


class _Kept:
    """A sheet whose lines are kept in a file, so that they can be read again.

    Args:
        stack: closes the file in the end, which removes it.
        sheet: is read whole.
    """

    def __init__(self, stack: ExitStack, sheet: Sheet) -> None:
        self.name = sheet.name
        self._file = stack.enter_context(temporary_file())
        for line in sheet.lines:
            self._file.write(_ENCODER.encode((line.number, line.cells)) + b"\n")

    def lines(self) -> Iterator[Line]:
        """Yield the lines, in order."""
        self._file.seek(0)
        for octets in self._file:
            yield Line(*_LINE_OF_CELLS.decode(octets))


def _about_of(sheets: Iterable[_Kept]) -> list[Line]:
    """Give the lines of the sheet *About*."""
    for sheet in sheets:
        if sheet.name == ABOUT:
            return list(islice(sheet.lines(), _ABOUT_LINES))
    raise InvalidInputError(
        f"this is no publication of a register: it has no sheet {ABOUT!r}",
        hint="firtree export makes one",
    )


def _said(about: Sequence[Line], label: str) -> Cell:
    for line in about:
        if len(line.cells) > 1 and line.cells[0] == label:
            return line.cells[1]
    return ""


def _note_of(about: Sequence[Line]) -> str:
    return plain_ends(cell_text(_said(about, CHECKPOINT))) + "\n"


def _accept_signature(
    publication: Publication, about: Sequence[Line], keys: LogKeys
) -> None:
    """Expect the checkpoint as the workbook has it, if a key of the log signed it.

    After a rotation, the same checkpoint bears another key's signature than before.
    """
    note = _note_of(about)
    try:
        text = verify_note(Note.parse(note), keys.all)
        same = text == Note.parse(publication.facts.checkpoint).text
    except VerificationError:
        return
    if same:
        publication.facts = publication.facts._replace(checkpoint=note)


def _terms_of(about: Sequence[Line], keys: LogKeys) -> list[Terms]:
    """Give what the workbook says it was made with; twice where it contradicts itself.

    Raises:
        VerificationError: it is of another register.
    """
    size = _signed_size(about, keys)
    found = [_terms_in_line(about), _terms_in_cells(about)]
    said = [terms for terms in found if terms is not None]
    if size is not None:
        said = [*(terms._replace(size=size) for terms in said), *said]
    return list(dict.fromkeys(said))


def _signed_size(about: Sequence[Line], keys: LogKeys) -> int | None:
    """Give the log size of the checkpoint; None where its signature is not right."""
    note, own = _note_of(about), keys.current.name
    origin = note.partition("\n")[0]
    try:
        return verify_checkpoint(Note.parse(note), keys.all).size
    except VerificationError:
        said = cell_text(_said(about, "Log"))
        if origin == said and origin not in {"", own}:
            raise VerificationError(
                f"the workbook is of the register {shown(origin)}, and this one is "
                f"{shown(own)}",
                hint="check it with the register that published it: --data DIR",
            ) from None
        return None


_LINE = re.compile(
    r"size=([0-9]{1,18}) day=([0-9-]{10}) effective_at=([0-9-]{1,10}) "
    r"private=(yes|no)\Z"
)


def _terms_in_line(about: Sequence[Line]) -> Terms | None:
    match = _LINE.match(cell_text(_said(about, TERMS)))
    return _terms(*match.groups()) if match else None


def _terms_in_cells(about: Sequence[Line]) -> Terms | None:
    effective = cell_text(_said(about, "As In Force On"))
    return _terms(
        cell_text(_said(about, "Log Size")),
        cell_text(_said(about, "Day")),
        "-" if effective == "as recorded" else effective,
        cell_text(_said(about, "Private Parts")),
    )


def _terms(size: str, day: str, effective_at: str, private: str) -> Terms | None:
    try:
        return Terms(
            whole_number(size, least=1),
            day_asked_about(day),
            None if effective_at == "-" else day_asked_about(effective_at),
            private == "yes",
        )
    except ValueError:
        return None


def _view_of(register: Register, terms: Terms) -> View | None:
    """Give the view; None where the register has no such state."""
    with register.reading() as tx:
        end = tx.end_of_size(terms.size)
    if end is None or end.size != terms.size:
        return None
    return View(
        size=terms.size,
        day=terms.day,
        newest=terms.size,
        effective_at=terms.effective_at,
    )


def _compared(
    publication: Publication, sheets: Iterable[_Kept], about: Sequence[Line]
) -> Verdict:
    found = _Found()
    digests = {sheet.name: Digest(sheet.header) for sheet in publication.sheets}
    missing = set(digests)
    for sheet in sheets:
        if sheet.name in missing:
            missing.remove(sheet.name)
            expected = _expected(publication, sheet.name, digests[sheet.name])
            found.extend(differing_cells(sheet.name, expected, sheet.lines()))
        elif sheet.name != ABOUT:
            found.add(
                CellDifference(sheet.name, "", "no such sheet", "a sheet of that name")
            )
    for name in sorted(missing):
        found.add(CellDifference(name, "", "a sheet of that name", "no such sheet"))
        for _ in _expected(publication, name, digests[name]):
            pass  # so that its digest is known
    told = [(digest.rows, digest.hexdigest()) for digest in digests.values()]
    expected_about = about_rows(publication.facts, publication.sheets, told)
    found.extend(differing_cells(ABOUT, expected_about, about))
    return Verdict(publication.facts, tuple(found.listed), found.count)


def _expected(
    publication: Publication, name: str, digest: Digest
) -> Iterator[Sequence[str | int | date | None]]:
    """Yield the rows of a sheet as they were published, its header first."""
    sheet = next(one for one in publication.sheets if one.name == name)
    yield sheet.header
    for row in publication.rows_of(sheet):
        cells = [cell_of(value) for value in row]
        digest.add(cells)
        yield cells


class _Found:
    """Collects differences, the first ones in full."""

    def __init__(self) -> None:
        self.listed: list[CellDifference] = []
        self.count = 0

    def add(self, difference: CellDifference) -> None:
        """Take one in."""
        self.count += 1
        if len(self.listed) < LISTED_MOST:
            self.listed.append(difference)

    def extend(self, differences: Iterable[CellDifference]) -> None:
        """Take some in."""
        for difference in differences:
            self.add(difference)
