"""The API's handlers: parse, call one use case, answer.  ``app.py`` has their URLs."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Example
from litestar.params import JSONBody, Parameter, QueryParameter

from firtree.access import Principal
from firtree.catalogue.answer import Device
from firtree.catalogue.entry import Status
from firtree.devices import DeviceType
from firtree.errors import InvalidInputError, Problem
from firtree.exchange.to_wire import (
    asked_device,
    assessment_wire,
    entry_answer_wire,
    entry_wire,
)
from firtree.exchange.wire import (
    AssessmentRequest,
    AssessmentsWire,
    LogWire,
    PageWire,
    RecordedWire,
)
from firtree.library.ports import Filter
from firtree.library.views import View
from firtree.text import shown
from firtree.web.answers import (
    Answer,
    Desk,
    answer,
    check_parameters,
    encoded,
    etag_of,
    log_wire,
    not_modified,
    principal_of,
    reply,
    unchanged,
)

LIMIT_MOST = 1000
DEVICES_MOST = 10_000
_TEXT_MOST = 200

AnyRequest = Request[Any, Any, Any]

At = Annotated[
    str | None,
    Parameter(
        description="State as recorded then: a date, a moment or a log size.",
        max_length=40,
    ),
]
EffectiveAt = Annotated[
    str | None,
    Parameter(
        description="Statuses as in force on this day, by the entries' own dates.",
        max_length=40,
    ),
]


def _required(description: str, example: str, most: int = 40) -> Any:  # noqa: ANN401
    return Parameter(
        description=description,
        min_length=1,
        max_length=most,
        examples=[Example(value=example)],
    )


_ASSESSMENT = frozenset(
    {"device_type", "manufacturer", "model", "firmware", "at", "effective_at"}
)


_DEVICE = {"manufacturer", "model", "firmware"}


async def get_assessment(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    manufacturer: Annotated[str, _required("DUIS DeviceManufacturer", "AB01")],
    model: Annotated[str, _required("DUIS DeviceModel", "010A030B")],
    firmware: Annotated[str, _required("firmware version", "0002012F")],
    device_type: Annotated[str | None, Parameter(max_length=40)] = None,
    at: At = None,
    effective_at: EffectiveAt = None,
) -> Response[bytes]:
    """Assess one device: standing, target, pathway, warnings, whom to ask."""
    check_parameters(request, _ASSESSMENT)
    principal, lookup = principal_of(request), desk.lookup
    device = Device(
        device_type=_device_type(device_type),
        manufacturer=manufacturer,
        model=model,
        firmware=firmware,
    )
    view = await desk.quick(lookup.view, at or "", effective_at or "")
    return reply(request, await _assessment(desk, principal, device, view))


async def answer_plainly(request: AnyRequest, desk: Desk) -> Response[bytes] | None:
    """Answer a plain question about a device without more ado.

    Most questions name a device and nothing else, and many are asked again and again.
    What is out of the ordinary, wrong parameters included, is left to
    :func:`get_assessment`.

    Returns:
        The answer, or None where the question is not plain.
    """
    question = desk.question(request)
    found = desk.recall(question)
    if found is None:
        device = plain_device(question.query)
        if device is None:
            return None
        newest = desk.lookup.view_of_newest
        view = await desk.quick(newest, question.size, question.day)
        found = await _assessment(desk, question.principal, device, view)
        desk.remember(question, found)
    return reply(request, found)


def plain_device(query: bytes) -> Device | None:
    """Read the device of a query string that names one and nothing else."""
    try:
        pairs = parse_qsl(query.decode("ascii"), strict_parsing=True, max_num_fields=4)
        given = dict(pairs)
        kind = given.pop("device_type", None)
        if len(pairs) != len(given) + (kind is not None) or given.keys() != _DEVICE:
            return None
        if not all(text.isprintable() and len(text) <= 40 for text in given.values()):
            return None
        return Device(
            device_type=DeviceType.parse(kind) if kind else None,
            manufacturer=given["manufacturer"],
            model=given["model"],
            firmware=given["firmware"],
        )
    except ValueError:
        return None


async def _assessment(
    desk: Desk, principal: Principal, device: Device, view: View
) -> Answer:
    log = await desk.quick(log_wire, desk.lookup, principal, view)
    etag = etag_of(principal, view, log, "assessment")
    found = await desk.quick(desk.lookup.assess, principal, device, view)
    return Answer(etag, encoded(assessment_wire(device, found, log)))


def _device_type(text: str | None) -> DeviceType | None:
    if not text:
        return None
    try:
        return DeviceType.parse(text)
    except ValueError as error:
        raise _invalid("device_type", str(error), text) from None


def _invalid(name: str, expected: str, found: str) -> InvalidInputError:
    problem = Problem(name, name, expected, shown(found))
    return InvalidInputError(str(problem), problems=(problem,))


async def post_assessments(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    data: JSONBody[AssessmentRequest],
    at: At = None,
    effective_at: EffectiveAt = None,
) -> Response[bytes]:
    """Assess up to 10,000 devices, all of them by one state of the register."""
    check_parameters(request, frozenset({"at", "effective_at"}))
    kind = request.content_type[0]
    if kind != "application/json":
        raise HTTPException(
            f"expected a body of application/json, found {shown(kind)}", status_code=415
        )
    if not 1 <= (count := len(data.devices)) <= DEVICES_MOST:
        expected = f"1 to {DEVICES_MOST} devices"
        problem = Problem("devices", "devices", expected, str(count))
        raise InvalidInputError(str(problem), problems=(problem,))
    devices = _devices(data)
    approved = (
        None
        if data.approved is None
        else {one.entry: one.since for one in data.approved}
    )
    principal, lookup = principal_of(request), desk.lookup
    view = await desk.quick(lookup.view, at or "", effective_at or "")
    log = await desk.quick(log_wire, lookup, principal, view)
    found = await desk.slow(lookup.assess_many, principal, devices, view, approved)
    wires = tuple(
        assessment_wire(device, one, log)
        for device, one in zip(devices, found, strict=True)
    )
    etag = etag_of(principal, view, log, "assessments")
    return answer(AssessmentsWire(wires, log), etag)


def _devices(data: AssessmentRequest) -> list[Device]:
    """Read the devices; every one that is wrong is named."""
    devices, problems = [], []
    for place, asked in enumerate(data.devices):
        where = f"devices/{place}"
        for name in ("manufacturer", "model", "firmware"):
            value = getattr(asked, name)
            if not 1 <= len(value) <= 40 or "\x00" in value:
                expected = "a text of 1 to 40 characters, without NUL"
                pointer = f"{where}/{name}"
                problems.append(Problem(pointer, pointer, expected, shown(value)))
        try:
            devices.append(asked_device(asked))
        except ValueError as error:
            pointer, found = f"{where}/device_type", shown(asked.device_type or "")
            problems.append(Problem(pointer, pointer, str(error), found))
    if problems:
        raise InvalidInputError(
            f"{len(problems)} of the devices' values cannot be read",
            problems=tuple(problems),
        )
    return devices


_ENTRIES = frozenset(
    {
        *("device_type", "manufacturer", "model", "firmware", "hash", "status"),
        *("at", "effective_at", "cursor", "limit"),
    }
)
_Short = Annotated[str | None, Parameter(max_length=_TEXT_MOST)]


async def get_entries(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    device_type: _Short = None,
    manufacturer: _Short = None,
    model: _Short = None,
    firmware: _Short = None,
    image_hash: Annotated[
        str | None, QueryParameter(name="hash", max_length=64)
    ] = None,
    status: _Short = None,
    at: At = None,
    effective_at: EffectiveAt = None,
    cursor: Annotated[str | None, Parameter(max_length=20)] = None,
    limit: Annotated[int, Parameter(ge=1, le=LIMIT_MOST)] = 100,
) -> Response[bytes]:
    """List entries by CPL Entry ID."""
    check_parameters(request, _ENTRIES)
    kind = _device_type(device_type)
    wanted = Filter(
        device_types=tuple(t for t in DeviceType if kind and t.family == kind.family),
        manufacturer=(manufacturer or "").strip().upper(),
        model=(model or "").strip().upper(),
        firmware=(firmware or "").strip().upper(),
        image_hash=(image_hash or "").strip().upper(),
        status=_status(status),
    )
    after = _cursor(cursor)
    principal, lookup = principal_of(request), desk.lookup
    view = await desk.quick(lookup.view, at or "", effective_at or "")
    log = await desk.quick(log_wire, lookup, principal, view)
    etag = etag_of(principal, view, log, "entries")
    if unchanged(request, etag):
        return not_modified(etag)
    page = await desk.slow(
        lookup.entries, principal, wanted, view, after=after, limit=limit
    )
    wire = PageWire(
        entries=tuple(entry_wire(entry) for entry in page.entries),
        next_cursor=None if page.after is None else str(page.after),
        log=log,
    )
    return answer(wire, etag)


def _status(text: str | None) -> str:
    if not text:
        return ""
    words = {status.value.casefold(): status.value for status in Status}
    found = words.get(text.strip().casefold())
    if found is None:
        raise _invalid("status", f"one of {', '.join(Status)}", text)
    return found


def _cursor(text: str | None) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _invalid("cursor", "a next_cursor of an earlier answer", text)
    return int(text)


async def get_entry(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    entry_id: Annotated[int, Parameter(ge=1, le=2**53, description="CPL Entry ID")],
    at: At = None,
    effective_at: EffectiveAt = None,
) -> Response[bytes]:
    """Give one entry with its contact, its release and what the checks find."""
    if not request.url.path.endswith(f"/{entry_id}"):  # such as 1_0 or +10
        raise HTTPException(status_code=404)
    check_parameters(request, frozenset({"at", "effective_at"}))
    principal, lookup = principal_of(request), desk.lookup
    view = await desk.quick(lookup.view, at or "", effective_at or "")
    log = await desk.quick(log_wire, lookup, principal, view)
    etag = etag_of(principal, view, log, "entry")
    # An ETag of an entry that is not there must not be confirmed: ask first.
    found = await desk.quick(lookup.entry, principal, entry_id, view)
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
    return answer(wire, etag)


async def get_checkpoint(
    request: AnyRequest, desk: NamedDependency[Desk]
) -> Response[bytes]:
    """Give the newest checkpoint (c2sp.org/tlog-checkpoint)."""
    log: LogWire = await desk.quick(desk.lookup.log, principal_of(request))
    return Response(
        log.checkpoint.encode(),
        media_type="text/plain",
        headers={"Cache-Control": "no-cache"},
    )


async def get_live() -> Response[bytes]:
    """Tell that the process answers."""
    return _plain(b"live\n")


async def get_ready(
    request: AnyRequest, desk: NamedDependency[Desk]
) -> Response[bytes]:
    """Tell that the register can be asked."""
    await desk.quick(desk.lookup.log, principal_of(request))
    return _plain(b"ready\n")


def _plain(text: bytes) -> Response[bytes]:
    return Response(
        text,
        media_type="text/plain",
        headers={"Cache-Control": "no-store"},
    )


async def get_openapi(request: AnyRequest) -> Response[bytes]:
    """Give the OpenAPI document of this API."""
    return Response(
        msgspec.json.encode(request.app.openapi_schema.to_schema()),
        media_type="application/vnd.oai.openapi+json",
        headers={"Cache-Control": "no-cache"},
    )
