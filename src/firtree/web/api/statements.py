"""One statement, as far as the asker may see it, with what proves it."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from firtree.exchange.proof_wire import disclosed_wire
from firtree.exchange.wire import StatementAnswerWire
from firtree.ledger.logproof import LogProof
from firtree.web.answers import (
    AnyRequest,
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.api.parameters import At


async def get_statement(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    index: Annotated[
        int, Parameter(ge=0, le=2**53, description="Its number, counted from 0")
    ],
    at: At = None,
) -> Response[bytes]:
    """Give a statement's leaf, its open sections with salts, and a proof of it.

    With ``at`` the proof is made under the checkpoint of that state.
    """
    if not request.url.path.endswith(f"/{index}"):  # such as 1_0 or +10
        raise HTTPException(status_code=404)
    check_parameters(request, frozenset({"at"}))
    principal, view, log, etag = await desk.asked(request, "statement", at or "")
    # An ETag of a statement that is not there must not be confirmed: ask first.
    proven, note = await desk.quick(
        desk.lookup.proofs.statement, principal, index, view.size
    )
    if unchanged(request, etag):
        return not_modified(etag)
    wire = StatementAnswerWire(
        statement=disclosed_wire(proven.statement),
        log_proof=str(LogProof(index, proven.hashes, note)),
        log=log,
    )
    return answer(wire, etag)
