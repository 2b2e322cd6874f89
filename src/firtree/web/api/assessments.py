"""Assessments of one device and of many."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated
from urllib.parse import unquote_plus

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import JSONBody, Parameter

from firtree.access import Principal
from firtree.catalogue.answer import Device
from firtree.devices import DeviceType
from firtree.errors import InvalidInputError, Problem
from firtree.exchange.proof_wire import state_proof_wire
from firtree.exchange.to_wire import asked_device, assessment_wire
from firtree.exchange.wire import (
    ApprovedEntry,
    AskedDevice,
    AskedHub,
    AssessmentRequest,
    AssessmentsWire,
)
from firtree.library.lookup import Lookup
from firtree.library.views import View
from firtree.text import shown
from firtree.web.answers import (
    Answer,
    AnyRequest,
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
from firtree.web.api.parameters import (
    At,
    EffectiveAt,
    WithProof,
    device_type_of,
    required,
)

DEVICES_MOST = 10_000
_TEXT_MOST = 40

_ASSESSMENT = frozenset(
    {"device_type", "manufacturer", "model", "firmware", "at", "effective_at", "proof"}
)


_DEVICE = {"manufacturer", "model", "firmware"}


async def get_assessment(
    request: AnyRequest,
    *,
    desk: NamedDependency[Desk],
    manufacturer: Annotated[str, required("DUIS DeviceManufacturer", "AB01")],
    model: Annotated[str, required("DUIS DeviceModel", "010A030B")],
    firmware: Annotated[str, required("firmware version", "0002012F")],
    device_type: Annotated[str | None, Parameter(max_length=40)] = None,
    at: At = None,
    effective_at: EffectiveAt = None,
    proof: WithProof = 0,
) -> Response[bytes]:
    """Assess one device: standing, target, pathway, warnings, whom to ask."""
    check_parameters(request, _ASSESSMENT)
    principal, lookup = principal_of(request), desk.lookup
    device = Device(
        device_type=device_type_of(device_type),
        manufacturer=manufacturer,
        model=model,
        firmware=firmware,
    )
    view = await desk.quick(lookup.view, at or "", effective_at or "")
    if not proof:
        return reply(request, await _assessment(desk, principal, device, view))
    log = await desk.quick(log_wire, lookup, principal, view)
    etag = etag_of(principal, view, log, "assessment with proof")
    if unchanged(request, etag):
        return not_modified(etag)
    found = await desk.quick(lookup.assess, principal, device, view)
    shown = await desk.slow(lookup.proofs.of_model, principal, device.key, view.size)
    wire = assessment_wire(device, found, log)
    return answer(msgspec.structs.replace(wire, proof=state_proof_wire(shown)), etag)


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
    if query.count(b"&") > len(_DEVICE):
        return None
    try:
        written = query.decode("ascii")
        pairs = [pair.split("=") for pair in written.split("&")]
        given = {name: value for name, value in pairs}  # noqa: C416 - only pairs pass
        if "%" in written or "+" in written:
            given = {name: unquote_plus(value) for name, value in given.items()}
        kind = given.pop("device_type", None)
        if len(pairs) != len(given) + (kind is not None) or given.keys() != _DEVICE:
            return None
        for text in given.values():
            if not (0 < len(text) <= _TEXT_MOST and text.isprintable()):
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
    answered: Answer = await desk.quick(_assessed, desk.lookup, principal, device, view)
    return answered


def _assessed(
    lookup: Lookup, principal: Principal, device: Device, view: View
) -> Answer:
    log = log_wire(lookup, principal, view)
    found = lookup.assess(principal, device, view)
    etag = etag_of(principal, view, log, "assessment")
    return Answer(etag, encoded(assessment_wire(device, found, log)))


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
    devices = _devices(data, desk.lookup.today())
    approved = None if data.approved is None else _approved(data.approved)
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


def _approved(listed: Sequence[ApprovedEntry]) -> dict[int, date | None]:
    """Read an own list; an entry with two different days has none."""
    found: dict[int, date | None] = {}
    problems: list[Problem] = []
    for place, one in enumerate(listed):
        if found.setdefault(one.entry, one.since) != one.since:
            pointer, day = f"approved/{place}/since", found[one.entry]
            expected = f"{day or 'no day'}, as before for entry {one.entry}"
            said = one.since.isoformat() if one.since else "no day"
            problems.append(Problem(pointer, pointer, expected, said))
    if problems:
        raise InvalidInputError(
            "approved: an entry stands there with different days",
            problems=tuple(problems),
        )
    return found


def _devices(data: AssessmentRequest, today: date) -> list[Device]:
    """Read the devices; every one that is wrong is named."""
    devices: list[Device] = []
    problems: list[Problem] = []
    for place, asked in enumerate(data.devices):
        where = f"devices/{place}"
        problems.extend(_problems(asked, where, today))
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


def _problems(asked: AskedDevice, where: str, today: date) -> Iterator[Problem]:
    """Find what is wrong with a device, but for its type."""
    named: list[tuple[str, AskedDevice | AskedHub]] = [(where, asked)]
    if asked.hub is not None:
        named.append((f"{where}/hub", asked.hub))
    for there, one in named:
        for name in ("manufacturer", "model", "firmware"):
            value = getattr(one, name)
            if not 1 <= len(value) <= _TEXT_MOST or "\x00" in value:
                expected = f"a text of 1 to {_TEXT_MOST} characters, without NUL"
                pointer = f"{there}/{name}"
                yield Problem(pointer, pointer, expected, shown(value))
    variant = (asked.hub.han_variant if asked.hub else None) or ""
    if len(variant) > _TEXT_MOST or "\x00" in variant:
        pointer = f"{where}/hub/han_variant"
        expected = f"a text of up to {_TEXT_MOST} characters, without NUL"
        yield Problem(pointer, pointer, expected, shown(variant))
    if asked.read_on is not None and asked.read_on > today:
        pointer, found = f"{where}/read_on", asked.read_on.isoformat()
        yield Problem(pointer, pointer, "a day that has come", found)
