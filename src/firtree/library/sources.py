"""A register one can ask, wherever it is: a folder, a server, a mirror, a table.

Adapters are in the room ``client``; ``wiring`` chooses one by what ``--from`` names.
Answers have the shapes of the API, so that a program cannot tell where they are from
but by what stands in :class:`Provenance`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from firtree.access import Scope
from firtree.catalogue.answer import Device
from firtree.exchange.wire import AssessmentWire, EntryWire
from firtree.library.keeping.keys import LogKeys
from firtree.library.ports import Register, Signing


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where answers come from, as far as it limits what may be said of them.

    Args:
        kind: ``folder``, ``server``, ``mirror`` or ``table``.
        place: its name or address, without a secret.
        notes: sentences that belong to every answer; empty where there is nothing to
            say.
        age_s: age of the newest statement the answer can rest on, in whole seconds;
            null where the register itself was asked.
        partial: whether it holds only a part of the register.
    """

    kind: str
    place: str
    notes: tuple[str, ...] = ()
    age_s: int | None = None
    partial: bool = False


class Wanted(NamedTuple):
    """What is to be given out.

    Attributes:
        what: ``fir`` or ``answers``.
        form: ``xlsx``, ``csv``, ``json`` or ``parquet``.
        at, effective_at: as they were asked for; empty = now, as recorded.
        private: whether private parts are wanted.
    """

    what: str
    form: str
    at: str = ""
    effective_at: str = ""
    private: bool = False


class Export(NamedTuple):
    """A publication that is ready to be written.

    Attributes:
        name: running number and log size: ``213-1042``.
        origin: name of the log.
        size: log size.
        day: day in London on which dates are judged; None = the server did not say.
        pieces: the octets of the file; of a workbook that is written here, none.
        write: writes the file to a path.  What it raises leaves an unusable file.
    """

    name: str
    origin: str
    size: int
    day: date | None
    pieces: Iterator[bytes]
    write: Callable[[Path], None]


class Publisher(NamedTuple):
    """A register whose publications can be made again.

    Attributes:
        register: it, or a mirror of it.
        signer: gives the notes of its checkpoints.
        provenance: what is to be said of what it is compared with.
        reach: what could be seen of the register that is mirrored; None = it itself.
        keys: of its log, as its reader trusts them; None = as its statements name them.
    """

    register: Register
    signer: Signing
    provenance: Provenance
    reach: Scope | None = None
    keys: LogKeys | None = None


class Source(Protocol):
    """A register one can ask.  Not to be shared between threads."""

    @property
    def provenance(self) -> Provenance:
        """Where the answers come from."""

    def entry(self, entry_id: int) -> EntryWire:
        """Give an entry.

        Raises:
            NotFoundError: there is none, or it is not the asker's to see.
            FirtreeError: it is there and cannot be read, or the source cannot be asked.
        """

    def assessment(
        self, device: Device, *, at: str = "", effective_at: str = ""
    ) -> AssessmentWire:
        """Assess a device.

        Args:
            device: which.
            at: the state as recorded then, as people write it; empty = now.
            effective_at: the day statuses are judged on; empty = as recorded.

        Raises:
            InvalidInputError: one of the moments cannot be read, or this source has no
                past.
            FirtreeError: the source cannot be asked.
        """

    def export(self, wanted: Wanted) -> AbstractContextManager[Export]:
        """Make ready what is given out; write it before leaving the block.

        Raises:
            InvalidInputError: this source cannot give that out.
            FirtreeError: the source cannot be asked.
        """
