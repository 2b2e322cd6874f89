"""A register that is kept here: in a data folder, or as a mirror of another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from firtree.access import Principal
from firtree.catalogue.answer import Device
from firtree.exchange.files import Progress
from firtree.exchange.to_wire import assessment_wire, entry_wire
from firtree.exchange.wire import AssessmentWire, EntryWire, LogWire
from firtree.library.lookup import Lookup
from firtree.library.publishing import Publication
from firtree.library.sources import Export, Provenance, Wanted

MakePublication = Callable[..., Publication]


class KeptSource:
    """Implements ``Source`` on a register at hand.

    Args:
        lookup: answers questions.
        principal: who asks.
        publication: makes the publication of a principal and a view.
        provenance: what is to be said of the answers.
        progress: told (what, done, of how many) while a file is written.
    """

    def __init__(
        self,
        lookup: Lookup,
        principal: Principal,
        publication: MakePublication,
        *,
        provenance: Provenance,
        progress: Progress,
    ) -> None:
        self._lookup = lookup
        self._principal = principal
        self._publication = publication
        self._progress = progress
        self.provenance = provenance

    def entry(self, entry_id: int) -> EntryWire:
        """Implements ``Source``."""
        view = self._lookup.view()
        return entry_wire(self._lookup.entry(self._principal, entry_id, view).entry)

    def assessment(
        self, device: Device, *, at: str = "", effective_at: str = ""
    ) -> AssessmentWire:
        """Implements ``Source``."""
        view = self._lookup.view(at, effective_at)
        answer = self._lookup.assess(self._principal, device, view)
        log = LogWire(view.size, self._lookup.log(self._principal).checkpoint)
        return assessment_wire(device, answer, log)

    @contextmanager
    def export(self, wanted: Wanted) -> Iterator[Export]:
        """Implements ``Source``."""
        view = self._lookup.view(wanted.at, wanted.effective_at)
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
