"""The register as files: a locked workbook, CSV, JSON, Parquet; sent in pieces."""

import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.response import Stream

from firtree.errors import UnavailableError
from firtree.exchange.wire import LogWire
from firtree.exchange.workbook.writing import write_workbook
from firtree.library.accounts.access_log import Event
from firtree.library.publishing import Publication
from firtree.web.answers import (
    AnyRequest,
    Desk,
    check_parameters,
    etag_of,
    file_headers,
    not_modified,
    principal_of,
    unchanged,
)
from firtree.web.api.parameters import At, EffectiveAt

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
_PIECE_OCTETS = 1 << 18
# A workbook takes much of a processor until its first octet leaves.
_WORKBOOKS_AT_ONCE = 2
_WAIT_S = 60
_writing = threading.BoundedSemaphore(_WORKBOOKS_AT_ONCE)


def file_of(what: str, form: str) -> Callable[..., Any]:
    """Make the handler of one file.

    Args:
        what: ``fir`` or ``answers``.
        form: of the file, by its suffix.
    """

    async def get_file(
        request: AnyRequest,
        *,
        desk: NamedDependency[Desk],
        at: At = None,
        effective_at: EffectiveAt = None,
    ) -> Response[Any]:
        check_parameters(request, frozenset({"at", "effective_at"}))
        principal, lookup = principal_of(request), desk.lookup
        view = await desk.slow(lookup.view, at or "", effective_at or "")
        publication = await desk.slow(lookup.publication, principal, view)
        facts = publication.facts
        log = LogWire(facts.size, facts.checkpoint)
        # The checkpoint is that of the state, so it stays when a section is erased.
        erased = await desk.slow(lookup.erased_since, view)
        etag = etag_of(principal, view, log, f"export/{what}.{form} {erased}")
        if unchanged(request, etag):
            return not_modified(etag)
        headers = file_headers(etag, f"{what}-{facts.name}.{form}")
        if request.scope["state"]["head"]:
            # Nothing is written for it, so its length is not known, and not told.
            return Stream(_nothing(), media_type=MEDIA_TYPES[form], headers=headers)
        if desk.entrance is not None:
            name = f"{what}-{facts.name}.{form}"
            desk.entrance.note(request.scope, Event.DOWNLOADED, detail=name)
        pieces = _pieces_of(publication, what, form)
        # What cannot be exported is refused before anything is sent.
        first = await desk.slow(next, pieces, b"")
        return Stream(
            _sent(desk, first, pieces),
            media_type=MEDIA_TYPES[form],
            headers=headers,
        )

    get_file.__doc__ = _DOCUMENTED[what].format(form=_NAMES[form])
    get_file.__name__ = f"get_{what}_{form}"
    return get_file


_NAMES = {
    "xlsx": "a locked workbook",
    "csv": "CSV",
    "json": "JSON",
    "parquet": "Parquet",
}
_DOCUMENTED = {
    "fir": "Give every entry with its FIR information as {form}.",
    "answers": "Give an answer for each model and firmware version as {form}.",
}


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


async def _sent(
    desk: Desk, first: bytes, pieces: Iterator[bytes]
) -> AsyncIterator[bytes]:
    piece = first
    while piece:
        yield piece
        piece = await desk.slow(next, pieces, b"")


def _pieces_of(publication: Publication, what: str, form: str) -> Iterator[bytes]:
    if form == "xlsx":
        return _workbook(publication)
    # An empty piece would be taken for the end.
    return filter(None, publication.octets(what, form))


def _workbook(publication: Publication) -> Iterator[bytes]:
    """Write a workbook to a file that goes when it has been sent."""
    with tempfile.TemporaryDirectory(prefix="firtree-") as folder:
        path = Path(folder) / "fir.xlsx"
        if not _writing.acquire(timeout=_WAIT_S):
            raise UnavailableError(
                "other workbooks are being written", hint="try again in a minute"
            )
        try:
            write_workbook(
                path, publication.facts, publication.sheets, publication.rows()
            )
        finally:
            _writing.release()
        with path.open("rb") as file:
            while piece := file.read(_PIECE_OCTETS):
                yield piece
