"""The log as c2sp.org/tlog-tiles: tiles, entry bundles, and proofs made from them."""

import gzip
from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import Parameter, QueryParameter

from firtree.errors import NotFoundError
from firtree.exchange.proof_wire import consistency_wire, inclusion_wire
from firtree.ledger.proofs import Consistency, Inclusion
from firtree.ledger.tiles import TileName
from firtree.web.answers import (
    AnyRequest,
    Desk,
    check_parameters,
    encoded,
    principal_of,
)

# Tiles and proofs between two given sizes never change.
_FOR_EVER = "public, max-age=31536000, immutable"
_PREFIX = "/log/"
_SIZE_MOST = 2**53


async def get_tile(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    tile: Annotated[
        str,
        Parameter(
            description="<L>/<N>[.p/<W>] for hashes, entries/<N>[.p/<W>] for leaves "
            "(c2sp.org/tlog-tiles), such as 0/x001/234.p/5."
        ),
    ],
) -> Response[bytes]:
    """Give a tile of hashes, or an entry bundle."""
    check_parameters(request, frozenset())
    try:
        name = TileName.parse(request.url.path.removeprefix(_PREFIX))
    except ValueError as error:
        raise NotFoundError(f"there is no tile {tile}", hint=f"ask for {error}") from (
            None
        )
    found = await desk.slow(desk.lookup.tree.tile, principal_of(request), name)
    headers = {"Cache-Control": _FOR_EVER}
    if name.level is None:
        headers["Vary"] = "Accept-Encoding"
        if takes_gzip(request.headers.get("accept-encoding", "")):
            found = gzip.compress(found, mtime=0)
            headers["Content-Encoding"] = "gzip"
    return Response(found, media_type="application/octet-stream", headers=headers)


def takes_gzip(accepted: str) -> bool:
    """Tell whether ``Accept-Encoding`` takes gzip (RFC 9110, section 12.5.3)."""
    weights: dict[str, bool] = {}
    for item in accepted.lower().split(","):
        coding, _, weight = item.replace(" ", "").partition(";q=")
        weights[coding] = weight.rstrip("0") not in {"0", "0."} and weight != "0"
    return weights.get("gzip", weights.get("*", False))


async def get_inclusion(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    index: Annotated[
        int,
        Parameter(ge=0, le=_SIZE_MOST, description="Of the leaf, counted from 0."),
    ],
    size: Annotated[
        int | None,
        Parameter(ge=1, le=_SIZE_MOST, description="Log size; the newest if left out."),
    ] = None,
) -> Response[bytes]:
    """Prove that a leaf is in the log (RFC 9162, section 2.1.3)."""
    check_parameters(request, frozenset({"index", "size"}))
    found: Inclusion = await desk.quick(
        desk.lookup.tree.inclusion, principal_of(request), index, size
    )
    return _proof(encoded(inclusion_wire(found)), lasting=size is not None)


async def get_consistency(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    old: Annotated[
        int,
        QueryParameter(
            name="from", ge=0, le=_SIZE_MOST, description="The earlier log size."
        ),
    ],
    new: Annotated[
        int | None,
        QueryParameter(
            name="to",
            ge=0,
            le=_SIZE_MOST,
            description="The later log size; the newest if left out.",
        ),
    ] = None,
) -> Response[bytes]:
    """Prove that the log only grew between two sizes (RFC 9162, section 2.1.4)."""
    check_parameters(request, frozenset({"from", "to"}))
    found: Consistency = await desk.quick(
        desk.lookup.tree.consistency, principal_of(request), old, new
    )
    return _proof(encoded(consistency_wire(found)), lasting=new is not None)


def _proof(body: bytes, *, lasting: bool) -> Response[bytes]:
    return Response(
        body,
        media_type="application/json",
        headers={"Cache-Control": _FOR_EVER if lasting else "no-cache"},
    )
