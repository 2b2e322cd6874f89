"""Parties and the trail, for programs; deciding is for people, on pages."""

from typing import Annotated

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from firtree.exchange.history_wire import StatementWire, statement_wire
from firtree.exchange.party_wire import PartyWire, party_wire
from firtree.exchange.proof_wire import StateProofWire, state_proof_wire
from firtree.exchange.wire import LogWire
from firtree.library.trail import TRAIL_MOST
from firtree.web.answers import (
    AnyRequest,
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.api.parameters import LIMIT_MOST, WithProof, cursor_of

_Cursor = Annotated[str | None, Parameter(max_length=20)]


class PartiesWire(msgspec.Struct, frozen=True):
    """Parties by id; ``next_cursor`` is null on the last page."""

    parties: tuple[PartyWire, ...]
    next_cursor: str | None
    log: LogWire


class PartyAnswerWire(msgspec.Struct, frozen=True):
    """A party, the number of its newest statement, and whether it is suspended.

    ``proof``, where it is asked for, shows the newest statement under ``log``.
    """

    party: PartyWire
    statement: int
    suspended: bool
    log: LogWire
    proof: StateProofWire | msgspec.UnsetType = msgspec.UNSET


class TrailWire(msgspec.Struct, frozen=True):
    """Statements that concern the asker's party, the newest first."""

    statements: tuple[StatementWire, ...]
    next_cursor: str | None
    log: LogWire


async def get_parties(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    cursor: _Cursor = None,
    limit: Annotated[int, Parameter(ge=1, le=LIMIT_MOST)] = 100,
) -> Response[bytes]:
    """List the parties: one's own, or for administrators all, by id."""
    check_parameters(request, frozenset({"cursor", "limit"}))
    after = cursor_of(cursor)
    asked = await desk.asked(request, "parties")
    if unchanged(request, asked.etag):
        return not_modified(asked.etag)
    every = await desk.slow(desk.parties.every, asked.principal)
    found = [view for view in every if view.party.id > after]
    shown = found[:limit]
    following = str(shown[-1].party.id) if len(found) > limit else None
    wires = tuple(party_wire(view.party) for view in shown)
    return answer(PartiesWire(wires, following, asked.log), asked.etag)


async def get_party(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    party_id: Annotated[int, Parameter(ge=1, le=2**53, description="its id")],
    proof: WithProof = 0,
) -> Response[bytes]:
    """Give a party; with a proof that this is the newest statement about it."""
    if not request.url.path.endswith(f"/{party_id}"):  # such as 1_0 or +10
        raise HTTPException(status_code=404)
    check_parameters(request, frozenset({"proof"}))
    asked = await desk.asked(request, "party with proof" if proof else "party")
    # An ETag of a party that is not there must not be confirmed: ask first.
    view = await desk.slow(desk.parties.one, asked.principal, party_id)
    if unchanged(request, asked.etag):
        return not_modified(asked.etag)
    wire = PartyAnswerWire(
        party_wire(view.party), view.number, view.suspended, asked.log
    )
    if proof:
        proofs, size = desk.lookup.proofs, asked.view.size
        shown = await desk.slow(proofs.of_party, asked.principal, party_id, size)
        wire = msgspec.structs.replace(wire, proof=state_proof_wire(shown))
    return answer(wire, asked.etag)


async def get_trail(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    cursor: _Cursor = None,
    limit: Annotated[int, Parameter(ge=1, le=TRAIL_MOST)] = TRAIL_MOST,
) -> Response[bytes]:
    """Give the statements that concern one's party, the newest first."""
    check_parameters(request, frozenset({"cursor", "limit"}))
    below = cursor_of(cursor) if cursor else None
    asked = await desk.asked(request, "trail")
    if unchanged(request, asked.etag):
        return not_modified(asked.etag)
    page = await desk.slow(desk.trail.page, asked.principal, below=below, limit=limit)
    following = None if page.below is None else str(page.below)
    wires = tuple(map(statement_wire, page.versions))
    return answer(TrailWire(wires, following, asked.log), asked.etag)
