"""What differs between two versions of an entry, field by field, in people's words.

Labels are the names of the table's columns (``docs/formats/table.md``); fields that
have no column are named in the same manner.  Values are written as a cell of the table
holds them: a day as ``2026-11-22``, a list with semicolons, *yes* or *no*.
"""

from collections.abc import Callable, Iterator, Mapping
from types import NoneType
from typing import Any, NamedTuple

import msgspec

from firtree.catalogue.entry import (
    Certificate,
    DCCLoading,
    Entry,
    Hold,
    ReleaseNotes,
    Requirement,
)
from firtree.parties import Contact, Maker


class Difference(NamedTuple):
    """One field that differs.

    Attributes:
        field: its name for programs, as the API's entries have it.
        label: its name for people.
        before: the value before, in words; empty = not known or none.
        after: the value after, likewise.
    """

    field: str
    label: str
    before: str
    after: str


_MODEL = {
    "device_type": "Device Type",
    "generation": "Generation",
    "manufacturer": "Manufacturer Code",
    "model_identifier": "Model Identifier",
    "hardware_version": "Hardware Version",
    "hardware_revision": "Hardware Revision",
}
_CPL = {
    "manufacturer_name": "Manufacturer",
    "trade_name": "Trade Name",
    "firmware": "Firmware Version",
    "firmware_coding": "Firmware Version Coding",
    "firmware_label": "Firmware Label",
    "smets_chts": "SMETS/CHTS Version",
    "gbcs": "GBCS Version",
    "esme_variant": "ESME Variant",
    "image_hash": "Manufacturer Image Hash",
    "hash_signed_by": "Hash Signed By",
    "hash_signature": "Hash Signature",
}
_STATUS = {
    "status": "Status",
    "status_from": "Status From",
    "status_reason": "Status Reason",
    "published_on": "Published On",
}
_FIR = {
    "release_date": "Release Date",
    "release_line": "Release Line",
    "upgradable_from": "Upgradable From",
    "confirmed_edges": "Confirmed Edges",
    "rollback_from": "Rollback From",
    "rollback_allowed": "Rollback Allowed",
    "availability": "Availability",
    "limited_to": "Limited To",
    "mandatory_step": "Mandatory Step",
    "activation_order_note": "Activation Order Note",
    "requires": "Requires",
    "interrupts_hub_power": "Interrupts Hub Power",
    "min_hardware": "Min Hardware",
    "max_hardware": "Max Hardware",
    "ota_manufacturer_code": "OTA Manufacturer Code",
    "ota_image_type": "OTA Image Type",
    "image_size_octets": "Image Size",
    "signed_firmware_valid_to": "Signed Firmware Valid To",
    "change_classes": "Change Class",
    "security_urgency": "Security Urgency",
    "metrology_software_id": "Metrology Software ID",
}
_UPKEEP = {
    "support_until": "Support Until",
    "sbom_reference": "SBOM Reference",
    "sbom_sha256": "SBOM SHA-256",
    "loading": "DCC Loaded",
    "hold": "Hold",
}
_NOTES = {
    "summary": "Notes Summary",
    "security": "Notes Security",
    "fixes": "Notes Fixes",
    "features": "Notes Features",
    "known_issues": "Notes Known Issues",
    "irps": "Notes IRPs",
    "reference": "Notes Reference",
}
_CONTACT = {
    "role": "Contact Role",
    "email": "Contact Email",
    "phone": "Contact Telephone",
    "url": "Contact Form",
    "confirmed_on": "Contact Confirmed",
}
_PRIVATE = {
    "advisory_reference": "Advisory Reference",
    "mapping_evidence": "Mapping Evidence",
}
_NO_NOTES = ReleaseNotes()
_NO_CONTACT = Contact()


def differences(before: Entry, after: Entry) -> tuple[Difference, ...]:
    """Name every field that differs between two versions of an entry.

    Certificates are compared one by one, by kind and number; release notes and
    contact by their parts.  Parts that a reader may not see are expected to be taken
    away from both versions before.

    Returns:
        In the order of the table's columns; empty where nothing differs.
    """
    if before == after:
        return ()
    return tuple(_differences(before, after))


def maker_differences(before: Maker, after: Maker) -> tuple[Difference, ...]:
    """Name every field that differs between two versions of a maker."""
    named = _changed({"name": "Manufacturer"}, before, after)
    contacts = (before.contact or _NO_CONTACT, after.contact or _NO_CONTACT)
    return (*named, *_changed(_CONTACT, *contacts, "contact"))


def _differences(before: Entry, after: Entry) -> Iterator[Difference]:
    if before.id != after.id:
        yield _difference("id", "CPL Entry ID", before.id, after.id)
    if before.cpl != after.cpl:
        yield from _changed(_MODEL, before.model, after.model)
        yield from _changed(_CPL, before.cpl, after.cpl)
        yield from _certificates(before.cpl.certificates, after.cpl.certificates)
        yield from _changed(_STATUS, before.cpl, after.cpl)
    if before.fir != after.fir:
        yield from _changed(_FIR, before.fir, after.fir)
        notes = (before.fir.notes or _NO_NOTES, after.fir.notes or _NO_NOTES)
        yield from _changed(_NOTES, *notes, "notes")
        yield from _changed(_UPKEEP, before.fir, after.fir)
    contacts = (before.contact or _NO_CONTACT, after.contact or _NO_CONTACT)
    yield from _changed(_CONTACT, *contacts, "contact")
    yield from _changed(_PRIVATE, before.private, after.private)


def _changed(
    labels: Mapping[str, str],
    before: msgspec.Struct,
    after: msgspec.Struct,
    field: str = "",
) -> Iterator[Difference]:
    """Yield the named fields of two structs that differ.

    Args:
        labels: of each field, by its name.
        before: of the same type as ``after``.
        after: likewise.
        field: what they are a part of; empty = each has its own name.
    """
    for name, label in labels.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield _difference(field or name, label, old, new)


def _certificates(
    before: tuple[Certificate, ...], after: tuple[Certificate, ...]
) -> Iterator[Difference]:
    """Yield each certificate that is gone, new or otherwise than before.

    One named twice, or in another order, is no usual case: it is said as a whole.
    """
    if before == after:
        return
    old, new = _by_number(before), _by_number(after)
    found = [
        _difference("certificates", f"{kind} Certificate {number}", *both)
        for kind, number in dict.fromkeys((*old, *new))
        if (both := (old.get((kind, number)), new.get((kind, number))))[0] != both[1]
    ]
    if found:
        yield from found
    else:
        yield _difference("certificates", "Certificates", before, after)


def _by_number(
    certificates: tuple[Certificate, ...],
) -> dict[tuple[str, str], Certificate]:
    return {(one.kind.value, one.number): one for one in certificates}


def _difference(field: str, label: str, before: object, after: object) -> Difference:
    old, new = _text(field, before), _text(field, after)
    if old == new:  # such as an item that holds a semicolon, and two items
        old, new = _exact(before), _exact(after)
    return Difference(field, label, old, new)


def _exact(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _text(field: str, value: object) -> str:
    """Write a value as a cell of the table does."""
    if isinstance(value, tuple):
        listed = "; ".join(_text("", item) for item in value)
        return "N/A" if field == "upgradable_from" and not listed else listed
    write = _WRITERS.get(type(value), str)
    return write(value)


def _hold(hold: Hold) -> str:
    reason = hold.reason or "yes"
    return f"{reason} (since {hold.since})" if hold.since else reason


def _loading(loading: DCCLoading) -> str:
    state = f"{loading.state}: {loading.reason}" if loading.reason else loading.state
    return f"{state} ({loading.on})" if loading.on else str(state)


def _certificate(one: Certificate) -> str:
    kind = f"{one.date_kind} " if one.date_kind else ""
    parts = (
        f"{kind}{one.day}" if one.day else f"{kind}without a date",
        f"issued {one.issued}" if one.issued else "",
        f"by {one.body}" if one.body else "",
        f"standard {one.standard_version}" if one.standard_version else "",
        (
            f"Security Characteristic {one.characteristic_version}"
            if one.characteristic_version
            else ""
        ),
        one.scope_note,
    )
    return "; ".join(filter(None, parts))


def _requirement(requires: Requirement) -> str:
    hubs = ", ".join(map(str, requires.hub_entries))
    parts = (
        f"entries {hubs}" if hubs else "",
        f"GBCS {requires.least_gbcs}" if requires.least_gbcs else "",
        f"CHTS {requires.least_chts}" if requires.least_chts else "",
        f"HAN {requires.han_variant}" if requires.han_variant else "",
    )
    return "; ".join(filter(None, parts))


_WRITERS: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "",
    bool: lambda value: "yes" if value else "no",
    Certificate: _certificate,
    Requirement: _requirement,
    Hold: _hold,
    DCCLoading: _loading,
}
