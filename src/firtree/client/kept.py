"""A register that is kept here: in a data folder, or as a mirror of another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from firtree.access import Principal
from firtree.catalogue.answer import Device
from firtree.client.mirror_state import MirrorState
from firtree.exchange.files import Progress
from firtree.exchange.to_wire import assessment_wire, entry_wire
from firtree.exchange.wire import AssessmentWire, EntryWire, LogWire
from firtree.ledger.notes import Checkpoint, Note
from firtree.library.lookup import Lookup
from firtree.library.publishing import Publication
from firtree.library.sources import Export, Provenance, Wanted
from firtree.library.views import View, effective_day
from firtree.text import counted

MakePublication = Callable[..., Publication]
FindView = Callable[[str, str], View]


class KeptSource:
    """Implements ``Source`` on a register at hand.

    Args:
        lookup: answers questions.
        principal: who asks.
        publication: makes the publication of a principal and a view.
        provenance: what is to be said of the answers.
        progress: told (what, done, of how many) while a file is written.
        view: finds the state and day that are asked about; None = as the lookup does.
        checkpoint: the note answers are given with; empty = the newest, as signed.
    """

    def __init__(
        self,
        lookup: Lookup,
        principal: Principal,
        publication: MakePublication,
        *,
        provenance: Provenance,
        progress: Progress,
        view: FindView | None = None,
        checkpoint: str = "",
    ) -> None:
        self._lookup = lookup
        self._principal = principal
        self._publication = publication
        self._progress = progress
        self.provenance = provenance
        self._view = view or lookup.view
        self._checkpoint = checkpoint

    def entry(self, entry_id: int) -> EntryWire:
        """Implements ``Source``."""
        view = self._view("", "")
        return entry_wire(self._lookup.entry(self._principal, entry_id, view).entry)

    def assessment(
        self, device: Device, *, at: str = "", effective_at: str = ""
    ) -> AssessmentWire:
        """Implements ``Source``."""
        view = self._view(at, effective_at)
        answer = self._lookup.assess(self._principal, device, view)
        note = self._checkpoint or self._lookup.log(self._principal).checkpoint
        log = LogWire(view.size, note)
        return assessment_wire(device, answer, log)

    @contextmanager
    def export(self, wanted: Wanted) -> Iterator[Export]:
        """Implements ``Source``."""
        view = self._view(wanted.at, wanted.effective_at)
        publication = self._publication(
            self._principal, view, private=wanted.private, progress=self._progress
        )
        facts = publication.facts
        yield Export(
            name=facts.name,
            origin=facts.origin,
            size=facts.size,
            day=facts.day,
            pieces=_pieces(publication, wanted),
            write=partial(_write, publication, wanted),
        )


def _pieces(publication: Publication, wanted: Wanted) -> Iterator[bytes]:
    if wanted.form != "xlsx":
        yield from publication.octets(wanted.what, wanted.form)


def _write(publication: Publication, wanted: Wanted, path: Path) -> None:
    if wanted.form == "xlsx":
        # XlsxWriter is not imported for other files.
        from firtree.exchange.workbook.writing import write_workbook  # noqa: PLC0415

        sheets = publication.sheets
        write_workbook(path, publication.facts, sheets, publication.rows())
        return
    with path.open("wb") as file:
        file.writelines(_pieces(publication, wanted))


class KeptNote:
    """A checkpoint that somebody else has signed; stands in for the log's key.

    Args:
        note: the signed note.
    """

    def __init__(self, note: Note) -> None:
        checkpoint = Checkpoint.parse(note.text)
        self.name = checkpoint.origin
        self.size = checkpoint.size
        self.note = str(note)
        self._text = note.text

    @classmethod
    def read(cls, octets: bytes) -> "KeptNote | None":
        """Read a note; None where there is none.

        Raises:
            VerificationError: it is none.
        """
        return cls(Note.parse(octets)) if octets else None

    def sign(self, text: str) -> str:
        """Give the note of a text; of another one than was kept, the text unsigned."""
        return self.note if text == self._text else text


def mirror_view(lookup: Lookup, size: int, at: str, effective_at: str) -> View:
    """Find the state and day that are asked about, up to a mirror's checkpoint.

    Raises:
        InvalidInputError: a moment cannot be read.
    """
    if at:
        return lookup.view(at, effective_at)
    today = lookup.today()
    effective = effective_day(effective_at, today)
    view = lookup.view_of_newest(size, effective or today)
    return view._replace(effective_at=effective)


def mirror_provenance(
    folder: Path, state: MirrorState, note: KeptNote, now: datetime
) -> Provenance:
    """Say what is to be said of a mirror's answers: its checkpoint, and its gaps."""
    checked = state.checked_at or now
    age_s = max(0, int((now - checked).total_seconds()))
    size, origin = note.size, note.name
    as_of = f"{checked:%Y-%m-%d %H:%M} UTC, {_age(age_s)} ago"
    notes = [f"checkpoint of {origin}: {counted(size, 'statement')}, as of {as_of}"]
    if state.is_partial:
        notes.append(
            "a partial mirror: not wholly disclosed to you: "
            f"{counted(state.hidden, 'statement')}; there may be more than is told here"
        )
    return Provenance(
        kind="mirror",
        place=str(folder),
        notes=tuple(notes),
        age_s=age_s,
        partial=state.is_partial,
    )


def _age(seconds: int) -> str:
    for unit, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * unit:
            return counted(seconds // unit, name)
    return counted(seconds, "second")
