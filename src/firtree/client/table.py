"""A table of entries in a file, asked as a register is: a workbook, or CSV."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from firtree.catalogue.answer import Circumstances, Device
from firtree.catalogue.assessment import assess
from firtree.catalogue.clocks import in_force
from firtree.catalogue.entry import Entry
from firtree.catalogue.record import ModelRecord
from firtree.devices import ModelKey
from firtree.errors import InvalidInputError, NotFoundError, UnavailableError
from firtree.exchange.entries import Table, read_entries
from firtree.exchange.files import Progress
from firtree.exchange.joining import A_PART
from firtree.exchange.to_wire import assessment_wire, entry_wire
from firtree.exchange.wire import AssessmentWire, EntryWire, LogWire
from firtree.library.importing import read_alone
from firtree.library.sources import Export, Provenance, Wanted
from firtree.library.views import effective_day
from firtree.parties import Maker
from firtree.text import counted, london_day

# A table knows no log.
NO_LOG = LogWire(0, "")


class TableSource:
    """Implements ``Source`` on a file; it is read when it is first asked.

    Args:
        path: the file.
        now: the clock.
        progress: told (what, done, of how many) while the file is read.
    """

    def __init__(
        self, path: Path, *, now: Callable[[], datetime], progress: Progress
    ) -> None:
        self._path = path
        self._now = now
        self._progress = progress

    @property
    def provenance(self) -> Provenance:
        """Implements ``Source``."""
        notes = ["a table says what its file says: no log stands behind it"]
        if bad := len(self._table.bad):
            notes.append(
                counted(
                    bad,
                    "row could not be read and was left out",
                    "rows could not be read and were left out",
                )
            )
        if of_a_part := self._table.of_a_part:
            notes.append(f"it holds {A_PART}")
        return Provenance(
            kind="table",
            place=str(self._path),
            notes=tuple(notes),
            partial=bool(bad) or of_a_part,
        )

    @cached_property
    def _table(self) -> Table:
        try:
            with self._path.open("rb") as file:
                return read_entries(file, progress=self._progress)
        except InvalidInputError as error:
            raise InvalidInputError(
                f"{self._path}: {error}", hint=error.hint, problems=error.problems
            ) from None
        except OSError as error:
            raise UnavailableError(
                f"{self._path} cannot be read: {error.strerror}",
                hint="check the rights of the file",
            ) from None

    @cached_property
    def _said(self) -> tuple[list[Entry], dict[str, Maker]]:
        return read_alone(self._table)

    def entry(self, entry_id: int) -> EntryWire:
        """Implements ``Source``."""
        for entry in self._said[0]:
            if entry.id == entry_id:
                return entry_wire(entry)
        for bad in self._table.bad:
            if bad.id == entry_id:
                raise InvalidInputError(
                    f"{self._path}: the row of entry {entry_id} cannot be used: "
                    f"{bad.problems[0][1]}",
                    hint="mend the table, or give the hash: --hash",
                )
        if any(bad.id is None for bad in self._table.bad):
            left = counted(len(self._table.bad), "row was", "rows were")
            raise NotFoundError(
                f"no entry {entry_id} is among the rows of {self._path} that could be "
                f"read; {left} left out, and it may be in one of them",
                hint="mend the table, or give the hash: --hash",
            )
        raise NotFoundError(
            f"{self._path} has no entry {entry_id}",
            hint="check the CPL Entry ID, or the table",
        )

    def assessment(
        self, device: Device, *, at: str = "", effective_at: str = ""
    ) -> AssessmentWire:
        """Implements ``Source``."""
        if at:
            raise InvalidInputError(
                "at: a table has no past, only what it says",
                hint="leave --at out, or ask a register or mirror",
            )
        today = london_day(self._now())
        effective = effective_day(effective_at, today)
        hub = device.hub
        answer = assess(
            device,
            self._record(device.key, effective),
            Circumstances(
                day=effective or today,
                maker=self._said[1].get(device.key.manufacturer),
                siblings=tuple(self._siblings(device.key, effective)),
                reconstructed=effective is not None,
                partial=self._table.of_a_part,
                unread=bool(self._table.bad),
            ),
            hub_record=self._record(hub.key, effective) if hub else None,
        )
        return assessment_wire(device, answer, NO_LOG)

    def export(self, wanted: Wanted) -> AbstractContextManager[Export]:
        """Implements ``Source``."""
        raise InvalidInputError(
            f"--from: expected a register to export {wanted.what} of, found a table: "
            f"{self._path}",
            hint="a table is a file already; give a server, a mirror or a data folder",
        )

    def _entries(self, effective: date | None) -> Iterator[Entry]:
        for entry in self._said[0]:
            known = in_force(entry, effective) if effective else entry
            if known is not None:
                yield known

    def _record(self, key: ModelKey, effective: date | None) -> ModelRecord:
        entries = self._entries(effective)
        return ModelRecord.of(key, (e for e in entries if e.model.key == key))

    def _siblings(self, key: ModelKey, effective: date | None) -> Iterator[Entry]:
        if len(key.model) < 4:
            return
        for entry in self._entries(effective):
            own = entry.model.key
            alike = own.manufacturer == key.manufacturer
            if alike and own != key and own.model[:4] == key.model[:4]:
                yield entry
