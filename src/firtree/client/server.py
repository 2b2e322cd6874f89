"""A register behind an address: asked over its API."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from firtree.catalogue.answer import Device
from firtree.client.connection import JSON, Answer, Connection, decoded
from firtree.errors import InvalidInputError, VerificationError
from firtree.exchange.files import Progress
from firtree.exchange.to_wire import device_asked
from firtree.exchange.wire import (
    AssessmentRequest,
    AssessmentsWire,
    AssessmentWire,
    EntryAnswerWire,
    EntryWire,
)
from firtree.ledger.notes import Checkpoint, Note
from firtree.library.sources import Export, Provenance, Wanted

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": JSON,
    "parquet": "application/vnd.apache.parquet",
}
# A register of some ten million entries, as CSV.
EXPORT_OCTETS = 32 << 30
EXPORT_S = 6 * 3600.0
CHECKPOINT_OCTETS = 65_536
_ITS_WORD = (
    "this is the server's word, not checked against the log; what is checked: lookup "
    "--policy, a mirror (firtree log mirror), the file of a proof (firtree log check)"
)
_NAMED = re.compile(r'filename="(?:fir|answers)-([0-9]{1,9}-([0-9]{1,18}))\.')


class ServerSource:
    """Implements ``Source`` by asking a server.

    Args:
        connection: to the server.
        progress: told (what, done, of how many) while a file comes.
    """

    def __init__(self, connection: Connection, *, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self._name = str(connection.address)

    @property
    def provenance(self) -> Provenance:
        """Implements ``Source``."""
        return Provenance(kind="server", place=self._name, notes=(_ITS_WORD,))

    def entry(self, entry_id: int) -> EntryWire:
        """Implements ``Source``."""
        octets = self._connection.get(f"/api/v1/entries/{entry_id}", media_type=JSON)
        answer: EntryAnswerWire = decoded(octets, EntryAnswerWire, self._name)
        if answer.entry.id != entry_id:
            raise VerificationError(
                f"{self._name} was asked for entry {entry_id} and gave "
                f"{answer.entry.id}",
                hint="tell its keeper",
            )
        return answer.entry

    def assessment(
        self, device: Device, *, at: str = "", effective_at: str = ""
    ) -> AssessmentWire:
        """Implements ``Source``."""
        octets = self._connection.post(
            "/api/v1/assessments",
            AssessmentRequest(devices=(device_asked(device),)),
            _moments(at, effective_at),
        )
        found: AssessmentsWire = decoded(octets, AssessmentsWire, self._name)
        if len(found.assessments) != 1:
            raise VerificationError(
                f"{self._name} was asked about one device and gave "
                f"{len(found.assessments)} answers",
                hint="tell its keeper",
            )
        return found.assessments[0]

    @contextmanager
    def export(self, wanted: Wanted) -> Iterator[Export]:
        """Implements ``Source``."""
        if wanted.private:
            raise InvalidInputError(
                "--private: expected a data folder, found the address of a server",
                hint="private parts are given out where the register is kept",
            )
        origin = self._origin()
        with self._connection.asked(
            "GET",
            f"/export/{wanted.what}.{wanted.form}",
            media_type=MEDIA_TYPES[wanted.form],
            most=EXPORT_OCTETS,
            parameters=_moments(wanted.at, wanted.effective_at),
            longest_s=EXPORT_S,
        ) as answer:
            named = _NAMED.search(answer.headers.get("content-disposition", ""))
            if named is None:
                raise VerificationError(
                    f"{self._name} does not say which publication it gives",
                    hint="check that the address is that of a firtree server",
                )
            pieces = self._told(answer)
            yield Export(
                name=named[1],
                origin=origin,
                size=int(named[2]),
                day=None,
                pieces=pieces,
                write=partial(_write, pieces),
            )

    def _origin(self) -> str:
        octets = self._connection.get(
            "/log/checkpoint", media_type="text/plain", most=CHECKPOINT_OCTETS
        )
        return Checkpoint.parse(Note.parse(octets).text).origin

    def _told(self, answer: Answer) -> Iterator[bytes]:
        """Yield a file's pieces, and tell how far it has come."""
        length = answer.headers.get("content-length", "")
        total = int(length[:18]) if length.isdecimal() else 0
        done = 0
        for piece in answer.pieces:
            yield piece
            done += len(piece)
            self._progress("octets", done, max(done, total))


def _write(pieces: Iterator[bytes], path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)


def _moments(at: str, effective_at: str) -> dict[str, str]:
    given = {"at": at, "effective_at": effective_at}
    return {name: value for name, value in given.items() if value}
