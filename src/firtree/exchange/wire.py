"""The JSON of the API, shared by web, command line and client.

These shapes are promises; renaming a field inside firtree never changes them.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec

from firtree.catalogue.answer import Assessment, Device
from firtree.catalogue.checks import Finding
from firtree.catalogue.entry import Certificate, Entry, ReleaseNotes, Requirement
from firtree.catalogue.words import SHOWN
from firtree.devices import DeviceType
from firtree.parties import Contact, Maker


class DeviceWire(msgspec.Struct, frozen=True, kw_only=True):
    """A device as it was asked about; ``model`` is the DUIS DeviceModel."""

    device_type: str | None
    manufacturer: str
    model: str
    firmware: str


class NotedWire(msgspec.Struct, frozen=True):
    """A stable code with a text for people."""

    code: str
    text: str


class WarningWire(msgspec.Struct, frozen=True):
    """A warning: level is ``stop``, ``caution`` or ``info``."""

    code: str
    level: str
    text: str
    entry: int | None


class ConditionWire(msgspec.Struct, frozen=True):
    """A condition of a step: state is ``met``, ``unmet`` or ``unknown``."""

    kind: str
    text: str
    state: str
    entries: tuple[int, ...]


class NotesWire(msgspec.Struct, frozen=True):
    """Structured release notes."""

    summary: str
    security: tuple[str, ...]
    fixes: tuple[str, ...]
    features: tuple[str, ...]
    known_issues: tuple[str, ...]
    irps: tuple[str, ...]
    reference: str | None


class StepWire(msgspec.Struct, frozen=True, kw_only=True):
    """One entry to install on the way."""

    entry: int
    firmware_version: str
    image_hash: str | None
    release_date: date | None
    urgency: str | None
    mandatory: bool
    notes: NotesWire | None
    conditions: tuple[ConditionWire, ...]


class ContactWire(msgspec.Struct, frozen=True, kw_only=True):
    """A role mailbox."""

    role: str | None
    email: str | None
    phone: str | None
    url: str | None
    confirmed_on: date | None


class BlockedRouteWire(msgspec.Struct, frozen=True):
    """The declared way that would lead on, and the entry that blocks it."""

    pathway: tuple[int, ...]
    blocked_by: int


class LogWire(msgspec.Struct, frozen=True):
    """The log an answer was given at: its size, and the newest signed checkpoint."""

    size: int
    checkpoint: str


class AssessmentWire(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one device.

    ``pathway`` is empty when the device is current and null when no way is known;
    ``standing_text`` is ``standing`` in the words shown to people.
    """

    device: DeviceWire
    standing: str
    standing_text: str
    entry: int | None
    target: int | None
    alternatives: tuple[int, ...]
    pathway: tuple[int, ...] | None
    blocked_route: BlockedRouteWire | None
    steps: tuple[StepWire, ...]
    register_target: int | None
    advice: tuple[NotedWire, ...]
    contact: ContactWire | None
    warnings: tuple[WarningWire, ...]
    reasons: tuple[NotedWire, ...]
    log: LogWire


class CertificateWire(msgspec.Struct, frozen=True, kw_only=True):
    """An assurance certificate."""

    kind: str
    number: str
    date_kind: str | None
    date: str | None
    body: str | None
    standard_version: str | None
    characteristic_version: str | None
    issued: str | None
    scope_note: str | None


class RequirementWire(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry asks of the Communications Hub."""

    hub_entries: tuple[int, ...]
    least_gbcs: str | None
    least_chts: str | None
    han_variant: str | None


class HoldWire(msgspec.Struct, frozen=True):
    """A hold: do not start new upgrades to this."""

    reason: str | None
    since: date | None


class LoadingWire(msgspec.Struct, frozen=True):
    """What DCC says of an entry."""

    state: str
    reason: str | None
    on: date | None


class EntryWire(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the register: its CPL part, then its FIR information.

    ``upgradable_from`` is null where it is unknown and empty where it is ``N/A``.
    """

    id: int
    device_type: str
    generation: str
    manufacturer: str
    manufacturer_name: str | None
    model: str
    model_identifier: str
    hardware_version: str | None
    hardware_revision: str | None
    trade_name: str | None
    esme_variant: str | None
    firmware: str
    firmware_coding: str | None
    firmware_label: str | None
    smets_chts: str | None
    gbcs: str | None
    image_hash: str | None
    certificates: tuple[CertificateWire, ...]
    status: str
    status_from: date | None
    status_reason: str | None
    published_on: date | None
    release_date: date | None
    release_line: str | None
    upgradable_from: tuple[int, ...] | None
    confirmed_edges: tuple[int, ...]
    rollback_from: tuple[int, ...]
    rollback_allowed: str | None
    availability: str | None
    limited_to: tuple[str, ...]
    mandatory_step: bool
    activation_order_note: str | None
    requires: RequirementWire | None
    interrupts_hub_power: bool
    min_hardware: str | None
    max_hardware: str | None
    ota_manufacturer_code: str | None
    ota_image_type: str | None
    image_size_octets: int | None
    signed_firmware_valid_to: date | None
    change_classes: tuple[str, ...]
    security_urgency: str | None
    metrology_software_id: str | None
    notes: NotesWire | None
    support_until: date | None
    sbom_reference: str | None
    sbom_sha256: str | None
    hold: HoldWire | None
    loading: LoadingWire | None
    contact: ContactWire | None


class FindingWire(msgspec.Struct, frozen=True):
    """What a check finds in an entry."""

    code: str
    severity: str
    column: str
    text: str
    expected: str | None
    found: str | None


class RecordedWire(msgspec.Struct, frozen=True):
    """The statement that made an entry what it is, counted from 0."""

    statement: int
    at: datetime | None


class EntryAnswerWire(msgspec.Struct, frozen=True, kw_only=True):
    """One entry with what belongs to it."""

    entry: EntryWire
    manufacturer_contact: ContactWire | None
    release: tuple[int, ...]
    findings: tuple[FindingWire, ...]
    recorded: RecordedWire
    log: LogWire


class PageWire(msgspec.Struct, frozen=True, kw_only=True):
    """Some entries; ``next_cursor`` is null on the last page."""

    entries: tuple[EntryWire, ...]
    next_cursor: str | None
    log: LogWire


class AskedDevice(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A device to be assessed, as a program sends it."""

    manufacturer: str
    model: str
    firmware: str
    device_type: str | None = None


class ApprovedEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """An entry on the asker's own list, with the day from which."""

    entry: int
    since: date | None = None


class AssessmentRequest(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Devices to be assessed, up to 10,000; ``approved`` null = no own list."""

    devices: tuple[AskedDevice, ...]
    approved: tuple[ApprovedEntry, ...] | None = None


class AssessmentsWire(msgspec.Struct, frozen=True):
    """Answers in the order of the devices."""

    assessments: tuple[AssessmentWire, ...]
    log: LogWire


def device_wire(device: Device) -> DeviceWire:
    """Write a device."""
    key = device.key
    return DeviceWire(
        device_type=device.device_type,
        manufacturer=key.manufacturer,
        model=key.model,
        firmware=device.firmware.strip().upper(),
    )


def asked_device(asked: AskedDevice) -> Device:
    """Read a device.

    Raises:
        ValueError: the device type is none.
    """
    kind = asked.device_type
    return Device(
        device_type=DeviceType.parse(kind) if kind else None,
        manufacturer=asked.manufacturer,
        model=asked.model,
        firmware=asked.firmware,
    )


def notes_wire(notes: ReleaseNotes | None) -> NotesWire | None:
    """Write release notes."""
    if notes is None or notes.empty:
        return None
    return NotesWire(
        notes.summary,
        notes.security,
        notes.fixes,
        notes.features,
        notes.known_issues,
        notes.irps,
        notes.reference or None,
    )


def contact_wire(contact: Contact | None) -> ContactWire | None:
    """Write a contact."""
    if contact is None:
        return None
    return ContactWire(
        role=contact.role or None,
        email=contact.email or None,
        phone=contact.phone or None,
        url=contact.url or None,
        confirmed_on=contact.confirmed_on,
    )


def assessment_wire(device: Device, answer: Assessment, log: LogWire) -> AssessmentWire:
    """Write the answer for one device."""
    blocked = answer.blocked_route
    return AssessmentWire(
        device=device_wire(device),
        standing=answer.standing,
        standing_text=SHOWN[answer.standing],
        entry=answer.entry,
        target=answer.target,
        alternatives=answer.alternatives,
        pathway=answer.pathway,
        blocked_route=(
            BlockedRouteWire(blocked.pathway, blocked.blocked_by) if blocked else None
        ),
        steps=tuple(
            StepWire(
                entry=step.entry,
                firmware_version=step.firmware_version,
                image_hash=step.image_hash or None,
                release_date=step.release_date,
                urgency=step.urgency,
                mandatory=step.mandatory,
                notes=notes_wire(step.notes),
                conditions=tuple(
                    ConditionWire(c.kind, c.text, c.state, c.entries)
                    for c in step.conditions
                ),
            )
            for step in answer.steps
        ),
        register_target=answer.register_target,
        advice=tuple(NotedWire(n.code, n.text) for n in answer.advice),
        contact=contact_wire(answer.contact),
        warnings=tuple(
            WarningWire(w.code, w.level, w.text, w.entry) for w in answer.warnings
        ),
        reasons=tuple(NotedWire(n.code, n.text) for n in answer.reasons),
        log=log,
    )


def _certificate_wire(certificate: Certificate) -> CertificateWire:
    day, issued = certificate.day, certificate.issued
    return CertificateWire(
        kind=certificate.kind,
        number=certificate.number,
        date_kind=certificate.date_kind,
        date=day.isoformat() if day else None,
        body=certificate.body or None,
        standard_version=certificate.standard_version or None,
        characteristic_version=certificate.characteristic_version or None,
        issued=issued.isoformat() if issued else None,
        scope_note=certificate.scope_note or None,
    )


def _requirement_wire(requires: Requirement | None) -> RequirementWire | None:
    if requires is None or requires.empty:
        return None
    return RequirementWire(
        hub_entries=requires.hub_entries,
        least_gbcs=requires.least_gbcs or None,
        least_chts=requires.least_chts or None,
        han_variant=requires.han_variant or None,
    )


def _same_named(value: msgspec.Struct, names: Iterable[str]) -> dict[str, Any]:
    """Give fields that have the same name and meaning; an empty text becomes null."""
    return {name: getattr(value, name) or None for name in names}


_MODEL = ("generation", "model_identifier", "hardware_version", "hardware_revision")
_CPL = (
    "manufacturer_name trade_name esme_variant firmware firmware_coding firmware_label "
    "smets_chts gbcs image_hash status status_from status_reason published_on"
).split()
_FIR = (
    "release_date release_line rollback_allowed availability activation_order_note "
    "min_hardware max_hardware ota_manufacturer_code ota_image_type image_size_octets "
    "signed_firmware_valid_to security_urgency metrology_software_id support_until "
    "sbom_reference sbom_sha256"
).split()
_LISTS = ("confirmed_edges", "rollback_from", "limited_to", "change_classes")


def entry_wire(entry: Entry) -> EntryWire:
    """Write an entry."""
    cpl, fir = entry.cpl, entry.fir
    hold, loading = fir.hold, fir.loading
    return EntryWire(
        id=entry.id,
        device_type=entry.device_type,
        manufacturer=entry.model.key.manufacturer,
        model=entry.model.key.model,
        certificates=tuple(_certificate_wire(c) for c in cpl.certificates),
        upgradable_from=fir.upgradable_from,
        mandatory_step=fir.mandatory_step,
        interrupts_hub_power=fir.interrupts_hub_power,
        requires=_requirement_wire(fir.requires),
        notes=notes_wire(fir.notes),
        hold=HoldWire(hold.reason or None, hold.since) if hold else None,
        loading=(
            LoadingWire(loading.state, loading.reason or None, loading.on)
            if loading
            else None
        ),
        contact=contact_wire(entry.contact),
        **_same_named(entry.model, _MODEL),
        **_same_named(cpl, _CPL),
        **_same_named(fir, _FIR),
        **{name: getattr(fir, name) for name in _LISTS},
    )


def entry_answer_wire(
    entry: Entry,
    *,
    maker: Maker | None,
    release: tuple[int, ...],
    findings: Iterable[Finding],
    recorded: RecordedWire,
    log: LogWire,
) -> EntryAnswerWire:
    """Write one entry with what belongs to it."""
    contact = entry.contact or (maker.contact if maker else None)
    return EntryAnswerWire(
        entry=entry_wire(entry),
        manufacturer_contact=contact_wire(contact),
        release=release,
        findings=tuple(
            FindingWire(
                f.code, f.severity, f.field, f.text, f.expected or None, f.found or None
            )
            for f in findings
        ),
        recorded=recorded,
        log=log,
    )
