"""What a row of a table makes of an entry that the register holds.

A row says only what its columns say: an absent column leaves what the register holds;
an empty cell of a column that is there empties it.  Where a field has a column of its
own and a shorthand says it too, the filled cell of its own column counts.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from firtree.catalogue.entry import (
    NO_FIR,
    NO_PRIVATE,
    Certificate,
    CertificateKind,
    CPLPart,
    DCCLoading,
    Entry,
    FIRPart,
    Hold,
    ReleaseNotes,
    Requirement,
)
from firtree.devices import HardwareModel
from firtree.exchange.entries import EntryRow
from firtree.parties import Contact

CPL_FIELDS = {
    "Manufacturer": "manufacturer_name",
    "Trade Name": "trade_name",
    "Firmware Version Coding": "firmware_coding",
    "Firmware Label": "firmware_label",
    "SMETS/CHTS Version": "smets_chts",
    "GBCS Version": "gbcs",
    "ESME Variant": "esme_variant",
    "Manufacturer Image Hash": "image_hash",
    "Hash Signed By": "hash_signed_by",
    "Hash Signature": "hash_signature",
    "Status": "status",
    "Status From": "status_from",
    "Status Reason": "status_reason",
    "Published On": "published_on",
}
FIR_FIELDS = {
    "Release Date": "release_date",
    "Release Line": "release_line",
    "Upgradable From": "upgradable_from",
    "Confirmed Edges": "confirmed_edges",
    "Rollback From": "rollback_from",
    "Rollback Allowed": "rollback_allowed",
    "Mandatory Step": "mandatory_step",
    "Activation Order Note": "activation_order_note",
    "Interrupts Hub Power": "interrupts_hub_power",
    "Min Hardware": "min_hardware",
    "Max Hardware": "max_hardware",
    "OTA Manufacturer Code": "ota_manufacturer_code",
    "OTA Image Type": "ota_image_type",
    "Image Size": "image_size_octets",
    "Signed Firmware Valid To": "signed_firmware_valid_to",
    "Security Urgency": "security_urgency",
    "Change Class": "change_classes",
    "Metrology Software ID": "metrology_software_id",
    "Support Until": "support_until",
    "SBOM Reference": "sbom_reference",
    "SBOM SHA-256": "sbom_sha256",
}
REQUIREMENT_FIELDS = {
    "Requires Hub Entries": "hub_entries",
    "Requires GBCS": "least_gbcs",
    "Requires CHTS": "least_chts",
    "Requires HAN Variant": "han_variant",
}
NOTES_FIELDS = {
    "Notes Summary": "summary",
    "Notes Security": "security",
    "Notes Fixes": "fixes",
    "Notes Features": "features",
    "Notes Known Issues": "known_issues",
    "Notes IRPs": "irps",
    "Notes Reference": "reference",
}
LOADING_FIELDS = {
    "DCC Loading": "state",
    "DCC Loading Reason": "reason",
    "DCC Loading On": "on",
}
PRIVATE_FIELDS = {
    "Advisory Reference": "advisory_reference",
    "Mapping Evidence": "mapping_evidence",
}


def merged(before: Entry | None, row: EntryRow) -> Entry:
    """Give the entry as a row says it is, its contact left alone.

    Args:
        before: the entry as the register holds it; None = new.
        row: what the table says.
    """
    values = row.values
    old_cpl = before.cpl if before else CPLPart(model=row.model, firmware=row.firmware)
    old_private = before.private if before else NO_PRIVATE
    return Entry(
        id=row.id,
        cpl=msgspec.structs.replace(
            old_cpl,
            **_changed(old_cpl, CPL_FIELDS, values),
            model=_model(old_cpl.model, row),
            firmware=row.firmware,
            certificates=_certificates(old_cpl.certificates, values),
        ),
        fir=_fir(before.fir if before else NO_FIR, values),
        contact=before.contact if before else None,
        private=msgspec.structs.replace(
            old_private, **_changed(old_private, PRIVATE_FIELDS, values)
        ),
        absent=before.absent if before else frozenset(),
    )


def _fir(before: FIRPart, values: Mapping[str, Any]) -> FIRPart:
    changed = _changed(before, FIR_FIELDS, values)
    notes = _fields(before.notes, ReleaseNotes, NOTES_FIELDS, "Release Notes", values)
    if notes:
        after = ReleaseNotes(**notes)
        changed["notes"] = None if after.empty else after
    needs = _fields(
        before.requires, Requirement, REQUIREMENT_FIELDS, "Requires", values
    )
    if needs:
        requires = Requirement(**needs)
        changed["requires"] = None if requires.empty else requires
    said = dict(values)
    if "DCC Loaded" in values:
        said["DCC Loaded"] = _same_loading(before.loading, values["DCC Loaded"])
    loading = _fields(before.loading, DCCLoading, LOADING_FIELDS, "DCC Loaded", said)
    if loading:
        changed["loading"] = DCCLoading(**loading) if loading.get("state") else None
    changed.update(_availability(values))
    changed["hold"] = _hold(before.hold, values)
    return msgspec.structs.replace(before, **changed)


def _model(before: HardwareModel, row: EntryRow) -> HardwareModel:
    """Give the hardware model; where no column says its generation, that stays."""
    if "Generation" in row.values:
        return row.model
    return msgspec.structs.replace(row.model, generation=before.generation)


def _availability(values: Mapping[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if "Availability" in values:
        found, parties = values["Availability"] or (None, ())
        changed = {"availability": found, "limited_to": parties}
    if "Limited To" in values:
        parties = values["Limited To"] or changed.get("limited_to", ())
        changed["limited_to"] = parties
    return changed


def _hold(before: Hold | None, values: Mapping[str, Any]) -> Hold | None:
    """Give the hold; the day since when stays while its reason is the same."""
    after: Hold | None = before
    if "Hold" in values:
        after = values["Hold"]
        if before and after and before.reason == after.reason:
            after = before
    if after and "Hold Since" in values:
        return msgspec.structs.replace(after, since=values["Hold Since"])
    return after


def _same_loading(
    before: DCCLoading | None, after: DCCLoading | None
) -> DCCLoading | None:
    """Keep a day that the cell does not say, while the rest is the same."""
    if before and after and after.on is None:
        same = msgspec.structs.replace(before, on=None) == after
        return before if same else after
    return after


def _fields(
    before: msgspec.Struct | None,
    kind: type[msgspec.Struct],
    columns: Mapping[str, str],
    shorthand: str,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Give every field of a part that some columns say; empty where none of them does.

    Args:
        before: the part as the register holds it.
        kind: what the part is.
        columns: field by the name of its own column.
        shorthand: column that says all fields in one cell.
        values: of the row.
    """
    short = shorthand in values
    if not short and values.keys().isdisjoint(columns):
        return {}
    known = values[shorthand] if short else before
    found = {}
    for name, field in columns.items():
        default = _defaults(kind).get(field)
        held = default if known is None else getattr(known, field)
        own = values.get(name)
        if own is not None:
            found[field] = own
        else:
            found[field] = held if short or name not in values else default
    return found


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
        _DEFAULTS[kind] = {
            field.name: None if field.required else field.default for field in fields
        }
    return _DEFAULTS[kind]


CERTIFICATE_COLUMNS = {
    CertificateKind.CPA: "CPA Certificate",
    CertificateKind.ZIGBEE: "ZigBee Certificate",
    CertificateKind.DLMS: "DLMS Certificate",
}
CERTIFICATE_DATES = {
    CertificateKind.CPA: "CPA Date",
    CertificateKind.ZIGBEE: "ZigBee Certificate Date",
    CertificateKind.DLMS: "DLMS Certificate Date",
}


def _certificates(
    before: tuple[Certificate, ...], values: Mapping[str, Any]
) -> tuple[Certificate, ...]:
    """Give the certificates: their numbers, their dates, then their details.

    What the table has no column for is kept for a number that was there before.
    """
    known = {(c.kind, c.number): c for c in before}
    details = {(c.kind, c.number): c for c in values.get("Certificate Details") or ()}
    found: list[Certificate] = []
    for kind, name in CERTIFICATE_COLUMNS.items():
        held = tuple(c.number for c in before if c.kind is kind)
        numbers = (values[name] or ()) if name in values else held
        for number in numbers:
            certificate = known.get((kind, number))
            if certificate is None or "Certificate Details" in values:
                certificate = _bare(kind, number, certificate)
            dated = _dated(certificate, values)
            found.append(_detailed(dated, details.get((kind, number))))
    order = {key: place for place, key in enumerate(details)}
    if all((c.kind, c.number) in order for c in found):
        found.sort(key=lambda c: order[c.kind, c.number])
    return tuple(found)


def _bare(
    kind: CertificateKind, number: str, before: Certificate | None
) -> Certificate:
    """Give a certificate with the dates it had and nothing else."""
    if before is None:
        return Certificate(kind=kind, number=number)
    return Certificate(
        kind=kind, number=number, date_kind=before.date_kind, day=before.day
    )


def _dated(certificate: Certificate, values: Mapping[str, Any]) -> Certificate:
    """Put date and kind of date in, as far as there are columns for them."""
    changes: dict[str, Any] = {}
    name = CERTIFICATE_DATES[certificate.kind]
    if name in values:
        changes["day"] = values[name]
    if certificate.kind is CertificateKind.CPA:
        if "CPA Date Kind" in values:
            changes["date_kind"] = values["CPA Date Kind"]
    elif "Certificate Details" in values:
        changes["date_kind"] = None
    return msgspec.structs.replace(certificate, **changes) if changes else certificate


def _detailed(certificate: Certificate, details: Certificate | None) -> Certificate:
    """Put in what the details say."""
    if details is None:
        return certificate
    said = {
        name: value
        for name in details.__struct_fields__
        if (value := getattr(details, name))
    }
    return msgspec.structs.replace(certificate, **said)


CONTACT_FIELDS = {
    "Contact Role": "role",
    "Contact Email": "email",
    "Contact Telephone": "phone",
    "Contact Form": "url",
}
CONTACT_COLUMNS = frozenset({*CONTACT_FIELDS, "Contact Confirmed"})
MAKER_CONTACT_FIELDS = {
    f"Maker {name}": field for name, field in CONTACT_FIELDS.items()
}
MAKER_CONTACT_COLUMNS = frozenset({*MAKER_CONTACT_FIELDS, "Maker Contact Confirmed"})


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
        for name, field in CONTACT_FIELDS.items()
        if name in row.values
    }
    if said and not any(said.values()):
        return None
    contact = msgspec.structs.replace(before, **said)
    if (contact.role, contact.email) != (before.role, before.email):
        contact = msgspec.structs.replace(
            Contact(role=contact.role, email=contact.email), **said
        )
    if "Contact Confirmed" in row.values:
        confirmed = row.values["Contact Confirmed"]
        contact = msgspec.structs.replace(contact, confirmed_on=confirmed)
    return contact if contact.role or contact.reachable else None


def maker_contact_of(row: EntryRow) -> Contact | None:
    """Give the contact of the maker that a row names in the maker's own columns."""
    said = {
        field: row.values.get(name) or ""
        for name, field in MAKER_CONTACT_FIELDS.items()
    }
    if not any(said.values()):
        return None
    confirmed = row.values.get("Maker Contact Confirmed")
    return msgspec.structs.replace(Contact(confirmed_on=confirmed), **said)
