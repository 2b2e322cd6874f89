"""What a row of a table makes of an entry that the register holds.

A row says only what its columns say: an absent column leaves what the register holds;
an empty cell of a column that is there empties it.  What the table has no column for
stays as long as what it belongs to is the same.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from firtree.catalogue.entry import (
    NO_FIR,
    Certificate,
    CertificateKind,
    CPLPart,
    DCCLoading,
    Entry,
    Hold,
)
from firtree.devices import HardwareModel
from firtree.exchange.entries import EntryRow
from firtree.parties import Contact
from firtree.text import plain_text

_CPL_FIELDS = {
    "Manufacturer": "manufacturer_name",
    "Trade Name": "trade_name",
    "Firmware Version Coding": "firmware_coding",
    "Firmware Label": "firmware_label",
    "SMETS/CHTS Version": "smets_chts",
    "GBCS Version": "gbcs",
    "ESME Variant": "esme_variant",
    "Manufacturer Image Hash": "image_hash",
    "Status": "status",
    "Status From": "status_from",
    "Status Reason": "status_reason",
    "Published On": "published_on",
}
_FIR_FIELDS = {
    "Release Date": "release_date",
    "Release Line": "release_line",
    "Upgradable From": "upgradable_from",
    "Rollback From": "rollback_from",
    "Mandatory Step": "mandatory_step",
    "Requires": "requires",
    "Security Urgency": "security_urgency",
    "Change Class": "change_classes",
    "Release Notes": "notes",
    "Support Until": "support_until",
    "Hold": "hold",
    "DCC Loaded": "loading",
}


def merged(before: Entry | None, row: EntryRow) -> Entry:
    """Give the entry as a row says it is, its contact left alone.

    Args:
        before: the entry as the register holds it; None = new.
        row: what the table says.
    """
    values = row.values
    old_cpl = before.cpl if before else CPLPart(model=row.model, firmware=row.firmware)
    old_fir = before.fir if before else NO_FIR
    cpl = _changed(old_cpl, _CPL_FIELDS, values)
    fir = _changed(old_fir, _FIR_FIELDS, values)
    if "Availability" in values:
        found, parties = values["Availability"] or (None, ())
        fir = {**fir, "availability": found, "limited_to": parties}
    if "Hold" in values:
        fir["hold"] = _same_hold(old_fir.hold, fir["hold"])
    if "DCC Loaded" in values:
        fir["loading"] = _same_loading(old_fir.loading, fir["loading"])
    return Entry(
        id=row.id,
        cpl=msgspec.structs.replace(
            old_cpl,
            **cpl,
            model=_model(old_cpl.model, row),
            firmware=row.firmware,
            certificates=_certificates(old_cpl.certificates, values),
        ),
        fir=msgspec.structs.replace(old_fir, **fir),
        contact=before.contact if before else None,
        **({"private": before.private} if before else {}),
    )


def _model(before: HardwareModel, row: EntryRow) -> HardwareModel:
    """Give the hardware model; where no column says its generation, that stays."""
    if "Generation" in row.values:
        return row.model
    return msgspec.structs.replace(row.model, generation=before.generation)


def _same_hold(before: Hold | None, after: Hold | None) -> Hold | None:
    """Keep the day since when, which has no column, while the hold is the same."""
    if before and after and before.reason == after.reason:
        return before
    return after


def _same_loading(
    before: DCCLoading | None, after: DCCLoading | None
) -> DCCLoading | None:
    """Keep a day that the cell does not say, while the rest is the same."""
    if before and after and after.on is None:
        same = msgspec.structs.replace(before, on=None) == after
        return before if same else after
    return after


def _changed(
    before: msgspec.Struct, fields: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Give field and value of each column that is there; empty cells are defaults."""
    defaults = _defaults(type(before))
    return {
        field: defaults[field] if values[name] is None else values[name]
        for name, field in fields.items()
        if name in values
    }


_DEFAULTS: dict[type, dict[str, Any]] = {}


def _defaults(kind: type[msgspec.Struct]) -> dict[str, Any]:
    if kind not in _DEFAULTS:
        fields = msgspec.structs.fields(kind)
        _DEFAULTS[kind] = {field.name: field.default for field in fields}
    return _DEFAULTS[kind]


_CERTIFICATES = {
    CertificateKind.CPA: "CPA Certificate",
    CertificateKind.ZIGBEE: "ZigBee Certificate",
    CertificateKind.DLMS: "DLMS Certificate",
}


def _certificates(
    before: tuple[Certificate, ...], values: Mapping[str, Any]
) -> tuple[Certificate, ...]:
    """Give the certificates; several of a kind are separated by semicolons.

    What the table has no column for (issuer, scope) is kept for a number that was
    there before.
    """
    known = {(c.kind, c.number): c for c in before}
    found: list[Certificate] = []
    for kind, name in _CERTIFICATES.items():
        if name not in values:
            kept = (c for c in before if c.kind is kind)
            cpa = kind is CertificateKind.CPA
            found.extend(_dated(c, values) if cpa else c for c in kept)
            continue
        for number in (values[name] or "").split(";"):
            if not (text := number.strip()):
                continue
            plain_text(text, most=200)
            new = Certificate(kind=kind, number=text)
            certificate = known.get((kind, text), new)
            if kind is CertificateKind.CPA:
                certificate = _dated(certificate, values)
            found.append(certificate)
    return tuple(found)


def _dated(certificate: Certificate, values: Mapping[str, Any]) -> Certificate:
    """Put the CPA date and its kind in, as far as there are columns for them."""
    changes: dict[str, Any] = {}
    if "CPA Date" in values:
        changes["day"] = values["CPA Date"]
    if "CPA Date Kind" in values:
        changes["date_kind"] = values["CPA Date Kind"]
    return msgspec.structs.replace(certificate, **changes)


_CONTACT_FIELDS = {"Contact Role": "role", "Contact Email": "email"}
CONTACT_COLUMNS = frozenset({*_CONTACT_FIELDS, "Contact Confirmed"})


def contact_of(row: EntryRow, known: Contact | None) -> Contact | None:
    """Give the contact a row names; None where it names none.

    Telephone, form and day of confirmation belong to a mailbox: they stay while it
    is the same, unless the row has a column for them.

    Args:
        row: what the table says.
        known: the contact the entry has now, its own or its maker's; None = none.
    """
    if not CONTACT_COLUMNS & row.values.keys():
        return None
    before = known or Contact()
    said = {
        field: row.values[name] or ""
        for name, field in _CONTACT_FIELDS.items()
        if name in row.values
    }
    if said and not any(said.values()):
        return None
    contact = msgspec.structs.replace(before, **said)
    if (contact.role, contact.email) != (before.role, before.email):
        contact = Contact(role=contact.role, email=contact.email)
    if "Contact Confirmed" in row.values:
        confirmed = row.values["Contact Confirmed"]
        contact = msgspec.structs.replace(contact, confirmed_on=confirmed)
    return contact if contact.role or contact.reachable else None
