"""From what the register knows to the JSON of the API, and devices back."""

from collections.abc import Iterable
from typing import Any

import msgspec

from firtree.catalogue.answer import Assessment, Device, Step
from firtree.catalogue.checks import Finding
from firtree.catalogue.conditions import Hub
from firtree.catalogue.entry import Certificate, Entry, ReleaseNotes, Requirement
from firtree.catalogue.releases import Release
from firtree.catalogue.search import Reason
from firtree.devices import DeviceType
from firtree.exchange.wire import (
    AskedDevice,
    AskedHub,
    AssessmentWire,
    BlockedRouteWire,
    CertificateWire,
    ConditionWire,
    ContactWire,
    DeviceWire,
    EntryAnswerWire,
    EntryWire,
    FindingWire,
    FoundByWire,
    HoldWire,
    LoadingWire,
    LogWire,
    NotedWire,
    NotesWire,
    RecordedWire,
    RequirementWire,
    StepWire,
    WarningWire,
)
from firtree.parties import Contact, Maker


def found_by_wire(reasons: Iterable[Reason]) -> tuple[FoundByWire, ...]:
    """Write why an entry was found."""
    return tuple(FoundByWire(reason.field, reason.text) for reason in reasons)


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
    kind, hub = asked.device_type, asked.hub
    return Device(
        device_type=DeviceType.parse(kind) if kind else None,
        manufacturer=asked.manufacturer,
        model=asked.model,
        firmware=asked.firmware,
        hub=(
            Hub(
                manufacturer=hub.manufacturer,
                model=hub.model,
                firmware=hub.firmware,
                han_variant=(hub.han_variant or "").strip(),
            )
            if hub
            else None
        ),
        read_on=asked.read_on,
    )


def device_asked(device: Device) -> AskedDevice:
    """Write a device as a question; :func:`asked_device` reads it."""
    hub = device.hub
    return AskedDevice(
        device_type=device.device_type,
        manufacturer=device.manufacturer,
        model=device.model,
        firmware=device.firmware,
        hub=(
            AskedHub(
                manufacturer=hub.manufacturer,
                model=hub.model,
                firmware=hub.firmware,
                han_variant=hub.han_variant or None,
            )
            if hub
            else None
        ),
        read_on=device.read_on,
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


def step_wire(step: Step) -> StepWire:
    """Write one step of a way."""
    return StepWire(
        entry=step.entry,
        firmware_version=step.firmware_version,
        image_hash=step.image_hash or None,
        release_date=step.release_date,
        urgency=step.urgency,
        mandatory=step.mandatory,
        notes=notes_wire(step.notes),
        conditions=tuple(
            ConditionWire(c.kind, c.text, c.state, c.entries) for c in step.conditions
        ),
    )


def assessment_wire(device: Device, answer: Assessment, log: LogWire) -> AssessmentWire:
    """Write the answer for one device."""
    blocked = answer.blocked_route
    return AssessmentWire(
        device=device_wire(device),
        standing=answer.standing,
        standing_text=answer.standing_text,
        entry=answer.entry,
        target=answer.target,
        alternatives=answer.alternatives,
        pathway=answer.pathway,
        blocked_route=(
            BlockedRouteWire(blocked.pathway, blocked.blocked_by) if blocked else None
        ),
        steps=tuple(map(step_wire, answer.steps)),
        register_target=answer.register_target,
        advice=tuple([NotedWire(n.code, n.text) for n in answer.advice]),
        contact=contact_wire(answer.contact),
        warnings=tuple(
            [WarningWire(w.code, w.level, w.text, w.entry) for w in answer.warnings]
        ),
        reasons=tuple([NotedWire(n.code, n.text) for n in answer.reasons]),
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
    hold, loading, key = fir.hold, fir.loading, entry.model.key
    return EntryWire(
        id=entry.id,
        device_type=entry.device_type,
        manufacturer=key.manufacturer,
        model=key.model,
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


def finding_wire(found: Finding) -> FindingWire:
    """Write what a check finds."""
    return FindingWire(
        found.code,
        found.severity,
        found.field,
        found.text,
        found.expected or None,
        found.found or None,
    )


def entry_answer_wire(
    entry: Entry,
    *,
    maker: Maker | None,
    release: Release | None,
    findings: Iterable[Finding],
    recorded: RecordedWire,
    log: LogWire,
) -> EntryAnswerWire:
    """Write one entry with what belongs to it."""
    contact = entry.contact or (maker.contact if maker else None)
    return EntryAnswerWire(
        entry=entry_wire(entry),
        manufacturer_contact=contact_wire(contact),
        release=release.entries if release else (),
        more_in_release=release is not None and release.more,
        findings=tuple(map(finding_wire, findings)),
        recorded=recorded,
        log=log,
    )
