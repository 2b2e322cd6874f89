"""Lists: manufacturers, hardware models, releases; and the way between two entries."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import Parameter, QueryParameter

from firtree.catalogue.entry import Entry
from firtree.devices import DeviceType, ModelKey
from firtree.exchange.lists import (
    EndWire,
    ManufacturersWire,
    ManufacturerWire,
    ModelsWire,
    ModelWire,
    NewestWire,
    PathwayWire,
    ReleasesWire,
    ReleaseWire,
)
from firtree.exchange.to_wire import contact_wire, step_wire
from firtree.exchange.wire import BlockedRouteWire, LogWire, NotedWire
from firtree.library.list_ports import ImageKey
from firtree.library.lists import (
    ManufacturerView,
    ModelsWanted,
    ModelView,
    ReleaseView,
)
from firtree.library.ways import WayView
from firtree.web.answers import (
    AnyRequest,
    Desk,
    answer,
    check_parameters,
    not_modified,
    unchanged,
)
from firtree.web.api.parameters import (
    At,
    Cursor,
    Short,
    cursor_for,
    cursor_parts,
    device_type_of,
)

LIMIT_MOST = 200

_PAGED = frozenset({"at", "cursor", "limit"})
Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MOST)]


async def get_manufacturers(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    at: At = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response[bytes]:
    """List manufacturers by code, with how much the register holds of each."""
    check_parameters(request, _PAGED)
    (after,) = cursor_parts(cursor, 1)
    principal, view, log, etag = await desk.asked(request, "manufacturers", at or "")
    if unchanged(request, etag):
        return not_modified(etag)
    page = await desk.slow(
        desk.lists.manufacturers, principal, view, after=after, limit=limit
    )
    wires = tuple(map(_manufacturer_wire, page.items))
    following = None if page.after is None else cursor_for(page.after)
    return answer(ManufacturersWire(wires, following, log), etag)


async def get_models(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    manufacturer: Short = None,
    device_type: Short = None,
    at: At = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response[bytes]:
    """List hardware models by manufacturer and model, with what is newest."""
    check_parameters(request, _PAGED | {"manufacturer", "device_type"})
    after = ModelKey(*cursor_parts(cursor, 2))
    kind = device_type_of(device_type)
    wanted = ModelsWanted(
        manufacturer=(manufacturer or "").strip().upper(),
        device_types=frozenset(
            each for each in DeviceType if kind and each.family == kind.family
        ),
    )
    principal, view, log, etag = await desk.asked(request, "models", at or "")
    if unchanged(request, etag):
        return not_modified(etag)
    page = await desk.slow(
        desk.lists.models, principal, wanted, view, after=after, limit=limit
    )
    wires = tuple(map(_model_wire, page.items))
    following = None if page.after is None else cursor_for(*page.after)
    return answer(ModelsWire(wires, following, log), etag)


async def get_releases(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    manufacturer: Short = None,
    image_hash: Annotated[
        str | None, QueryParameter(name="hash", max_length=64)
    ] = None,
    at: At = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response[bytes]:
    """List releases: the entries of a manufacturer that share one image."""
    check_parameters(request, _PAGED | {"manufacturer", "hash"})
    after = ImageKey(*cursor_parts(cursor, 2))
    principal, view, log, etag = await desk.asked(request, "releases", at or "")
    if unchanged(request, etag):
        return not_modified(etag)
    page = await desk.slow(
        desk.lists.releases,
        principal,
        view,
        manufacturer=(manufacturer or "").strip().upper(),
        image_hash=(image_hash or "").strip().upper(),
        after=after,
        limit=limit,
    )
    wires = tuple(map(_release_wire, page.items))
    following = None if page.after is None else cursor_for(*page.after)
    return answer(ReleasesWire(wires, following, log), etag)


async def get_pathway(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    start: Annotated[
        int,
        QueryParameter(
            name="from", ge=1, le=2**53, description="CPL Entry ID a device runs"
        ),
    ],
    end: Annotated[
        int,
        QueryParameter(
            name="to", ge=1, le=2**53, description="CPL Entry ID it is to run"
        ),
    ],
    at: At = None,
) -> Response[bytes]:
    """Find the way from one entry to another, or say what stands between them."""
    check_parameters(request, frozenset({"from", "to", "at"}))
    principal, view, log, etag = await desk.asked(request, "pathway", at or "")
    # An ETag of entries that are not there must not be confirmed: ask first.
    found = await desk.slow(desk.ways.between, principal, start, end, view)
    if unchanged(request, etag):
        return not_modified(etag)
    return answer(_pathway_wire(found, log), etag)


def _manufacturer_wire(found: ManufacturerView) -> ManufacturerWire:
    maker = found.maker
    return ManufacturerWire(
        code=found.code,
        name=maker.name if maker else None,
        contact=contact_wire(maker.contact) if maker else None,
        models=found.tally.models,
        entries=found.tally.entries,
        statuses=found.tally.statuses,
    )


def _model_wire(found: ModelView) -> ModelWire:
    newest = found.newest
    return ModelWire(
        manufacturer=found.key.manufacturer,
        manufacturer_name=found.manufacturer_name or None,
        model=found.key.model,
        device_types=found.device_types,
        trade_names=found.trade_names,
        entries=sum(found.statuses.values()),
        statuses=found.statuses,
        newest=(
            NewestWire(newest.id, newest.cpl.firmware, newest.fir.release_date)
            if newest
            else None
        ),
    )


def _release_wire(found: ReleaseView) -> ReleaseWire:
    return ReleaseWire(
        manufacturer=found.key.manufacturer,
        image_hash=found.key.image_hash,
        entries=found.entries,
        more_entries=found.more,
    )


def _pathway_wire(found: WayView, log: LogWire) -> PathwayWire:
    way = found.way
    blocked = way.blocked
    return PathwayWire(
        start=_end_wire(found.start),
        end=_end_wire(found.end),
        pathway=way.pathway,
        blocked_route=(
            BlockedRouteWire(blocked.pathway, blocked.blocked_by) if blocked else None
        ),
        steps=tuple(map(step_wire, found.steps)),
        reasons=tuple(NotedWire(one.code, one.text) for one in way.reasons),
        log=log,
    )


def _end_wire(entry: Entry) -> EndWire:
    return EndWire(entry.id, entry.cpl.firmware, entry.cpl.status)
