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
    Entry,
)
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
    return Entry(
        id=row.id,
        cpl=msgspec.structs.replace(
            old_cpl,
            **cpl,
            model=row.model,
            firmware=row.firmware,
            certificates=_certificates(old_cpl.certificates, values),
        ),
        fir=msgspec.structs.replace(old_fir, **fir),
        contact=before.contact if before else None,
        **({"private": before.private} if before else {}),
    )


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
            found.extend(c for c in before if c.kind is kind)
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
    """Put the CPA date in; without a kind it is an expiry, as before MP209."""
    changes: dict[str, Any] = {}
    if "CPA Date" in values:
        changes["day"] = values["CPA Date"]
    if "CPA Date Kind" in values:
        changes["date_kind"] = values["CPA Date Kind"]
    return msgspec.structs.replace(certificate, **changes)


def contact_of(row: EntryRow, columns: frozenset[str]) -> Contact | None:
    """Give the contact a row names; None where it names none."""
    if not columns & {"Contact Role", "Contact Email"}:
        return None
    contact = Contact(
        role=row.values.get("Contact Role") or "",
        email=row.values.get("Contact Email") or "",
        confirmed_on=row.values.get("Contact Confirmed"),
    )
    return None if contact == Contact() else contact
