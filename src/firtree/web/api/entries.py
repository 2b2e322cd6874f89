"""Entries: a list of them, and one."""

from typing import Annotated

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import Parameter, QueryParameter

from firtree.catalogue.search import CHARACTERS_MOST
from firtree.devices import DeviceType
from firtree.exchange.proof_wire import state_proof_wire
from firtree.exchange.to_wire import entry_answer_wire, entry_wire, found_by_wire
from firtree.exchange.wire import LogWire, PageWire, RecordedWire
from firtree.library.ports import Filter
from firtree.library.search import FoundPage, query_of
from firtree.web.answers import (
    AnyRequest,
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.api.parameters import (
    LIMIT_MOST,
    At,
    EffectiveAt,
    Short,
    WithProof,
    cursor_of,
    device_type_of,
    status_of,
)

_ENTRIES = frozenset(
    {
        *("q", "device_type", "manufacturer", "model", "firmware", "hash", "status"),
        *("at", "effective_at", "cursor", "limit"),
    }
)


async def get_entries(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    q: Annotated[
        str | None,
        Parameter(
            description="Words, all of which must be found: parts of a hash (from 4 "
            "digits), version, label, trade name, model, manufacturer or CPL Entry ID, "
            "and beginnings of words of the notes.  The best match comes first.",
            max_length=CHARACTERS_MOST,
        ),
    ] = None,
    device_type: Short = None,
    manufacturer: Short = None,
    model: Short = None,
    firmware: Short = None,
    image_hash: Annotated[
        str | None, QueryParameter(name="hash", max_length=64)
    ] = None,
    status: Short = None,
    at: At = None,
    effective_at: EffectiveAt = None,
    cursor: Annotated[str | None, Parameter(max_length=20)] = None,
    limit: Annotated[int, Parameter(ge=1, le=LIMIT_MOST)] = 100,
) -> Response[bytes]:
    """List entries by CPL Entry ID, or with ``q`` search them, the best first."""
    check_parameters(request, _ENTRIES)
    kind = device_type_of(device_type)
    wanted = Filter(
        device_types=tuple(t for t in DeviceType if kind and t.family == kind.family),
        manufacturer=(manufacturer or "").strip().upper(),
        model=(model or "").strip().upper(),
        firmware=(firmware or "").strip().upper(),
        image_hash=(image_hash or "").strip().upper(),
        status=status_of(status),
    )
    after, text = cursor_of(cursor), (q or "").strip()
    query_of(text)  # refused before anything else is asked
    principal, view, log, etag = await desk.asked(
        request, "entries", at or "", effective_at or ""
    )
    if unchanged(request, etag):
        return not_modified(etag)
    if text:
        found = await desk.slow(
            desk.lookup.finder.search,
            *(principal, text, view),
            wanted=wanted,
            after=after,
            limit=limit,
        )
        return answer(_found_wire(found, log), etag)
    page = await desk.slow(
        desk.lookup.entries, principal, wanted, view, after=after, limit=limit
    )
    wire = PageWire(
        entries=tuple(entry_wire(entry) for entry in page.entries),
        found_by=None,
        next_cursor=None if page.after is None else str(page.after),
        log=log,
    )
    return answer(wire, etag)


def _found_wire(page: FoundPage, log: LogWire) -> PageWire:
    return PageWire(
        entries=tuple(entry_wire(one.entry) for one in page.found),
        found_by=tuple(found_by_wire(one.reasons) for one in page.found),
        next_cursor=None if page.after is None else str(page.after),
        log=log,
    )


async def get_entry(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    entry_id: Annotated[int, Parameter(ge=1, le=2**53, description="CPL Entry ID")],
    at: At = None,
    effective_at: EffectiveAt = None,
    proof: WithProof = 0,
) -> Response[bytes]:
    """Give one entry with its contact, its release and what the checks find."""
    if not request.url.path.endswith(f"/{entry_id}"):  # such as 1_0 or +10
        raise HTTPException(status_code=404)
    check_parameters(request, frozenset({"at", "effective_at", "proof"}))
    form = "entry with proof" if proof else "entry"
    principal, view, log, etag = await desk.asked(
        request, form, at or "", effective_at or ""
    )
    # An ETag of an entry that is not there must not be confirmed: ask first.
    found = await desk.quick(desk.lookup.entry, principal, entry_id, view)
    if unchanged(request, etag):
        return not_modified(etag)
    wire = entry_answer_wire(
        found.entry,
        maker=found.maker,
        release=found.release,
        findings=found.findings,
        recorded=RecordedWire(found.number, found.recorded_at),
        log=log,
    )
    if proof:
        key = found.entry.model.key
        shown = await desk.slow(
            desk.lookup.proofs.of_entry, principal, key, found.number, view.size
        )
        wire = msgspec.structs.replace(wire, proof=state_proof_wire(shown))
    return answer(wire, etag)
