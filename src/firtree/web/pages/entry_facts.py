"""What an entry says, field by field, with the names people know the fields by."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from firtree.catalogue.entry import (
    Availability,
    Coding,
    Entry,
    FIRPart,
    Loading,
    Requirement,
    Status,
)
from firtree.text import counted
from firtree.web.pages.render import DEVICE_TYPES, day, sentence, status


class Fact(NamedTuple):
    """One line of a table.

    Attributes:
        label: name of the field.
        text: its value in words; empty where ``entries`` say it.
        code: whether it is to be read letter by letter.
        entries: CPL Entry IDs to be linked after the text.
        note: what it means, in a few words.
        link: whether the text is an address of the web.
    """

    label: str
    text: str
    code: bool = False
    entries: tuple[int, ...] = ()
    note: str = ""
    link: bool = False


class Blank(Enum):
    """Why a field that matters is blank: what it says, and what that means."""

    UNSAID = ("Not stated", "its maker has not said; that is not the same as none")
    UNSEEN = ("Not among what you may see", "")
    ERASED = ("Erased", "if its maker had said it")

    def __init__(self, text: str, note: str) -> None:
        self.text = text
        self.note = note


_ACTS = {
    Status.EXPIRED: "because an assurance certificate it rests on ran out",
    Status.WITHDRAWN: "by its maker or by an authority",
    Status.CANCELLED: "as cancelled",
}
_AVAILABLE = {
    Availability.AVAILABLE: ("Available", ""),
    Availability.ON_REQUEST: ("On request", "ask the maker for the image"),
    Availability.NOT_FOR_NEW: ("Not for new installs", "updates only"),
    Availability.WITHDRAWN: ("Withdrawn by its maker", ""),
    Availability.LIMITED: ("Limited", "to the parties named below"),
}
_LOADED = {
    Loading.LOADED: "Loaded",
    Loading.REFUSED: "Refused",
    Loading.REMOVED: "Removed",
    Loading.NOT_LOADED: "Not loaded",
}
_CODINGS = {Coding.HEX: "hexadecimal", Coding.BCD: "binary-coded decimal"}


def removed_words(entry: Entry) -> str:
    """Say by whose act, since when and why an entry was removed; empty if it is not."""
    if entry.active:
        return ""
    day_of = f" since {day(entry.cpl.status_from)}" if entry.cpl.status_from else ""
    act = f"{status(entry)}{day_of}: taken off the CPL {_ACTS[entry.cpl.status]}."
    reason = sentence(entry.cpl.status_reason)
    return f"{act} {f'Reason: {reason}' if reason else 'No reason is recorded.'}"


def cpl_facts(entry: Entry, maker_name: str) -> list[Fact]:
    """Give the lines of the CPL part that have a value."""
    return [fact for fact in _cpl(entry, maker_name) if fact.text or fact.entries]


def _cpl(entry: Entry, maker_name: str) -> Iterator[Fact]:
    cpl, model = entry.cpl, entry.model
    since = f"since {day(cpl.status_from)}" if cpl.status_from else ""
    yield Fact("CPL Entry ID", str(entry.id), code=True)
    yield Fact("Status", status(entry), note=since)
    yield Fact("Reason for the status", cpl.status_reason)
    yield Fact("Published on", day(cpl.published_on) if cpl.published_on else "")
    yield Fact("Device type", model.device_type, note=DEVICE_TYPES[model.device_type])
    yield Fact("Generation", model.generation)
    yield Fact("Manufacturer", maker_name)
    yield Fact("Manufacturer code", model.manufacturer, code=True)
    yield Fact("Model (DUIS DeviceModel)", model.duis_model, code=True)
    yield Fact("Model identifier", model.model_identifier, code=True)
    yield Fact("Hardware version", model.hardware_version, code=True)
    yield Fact("Hardware revision", model.hardware_revision, code=True)
    yield Fact("Trade name", cpl.trade_name)
    yield Fact("ESME variant", cpl.esme_variant)
    coding = _CODINGS[cpl.firmware_coding] if cpl.firmware_coding else ""
    yield Fact("Firmware version", cpl.firmware, code=True, note=coding)
    yield Fact("Firmware label", cpl.firmware_label)
    yield Fact("SMETS or CHTS version", cpl.smets_chts)
    yield Fact("GBCS version", cpl.gbcs)
    yield Fact("Manufacturer Image Hash", cpl.image_hash, code=True, note="SHA-256")
    yield Fact("Hash signed by", cpl.hash_signed_by, code=True)
    yield Fact("Signature of the hash", cpl.hash_signature, code=True)


def fir_facts(entry: Entry, blank: Blank = Blank.UNSAID) -> list[Fact]:
    """Give the lines of the FIR information, those that matter most even if blank.

    Args:
        entry: whose.
        blank: why those may be blank.
    """
    fir = entry.fir
    facts = (*_release(fir, blank), *_way(fir, blank), *_image(fir), *_upkeep(fir))
    return [fact for fact in facts if fact.text or fact.entries]


def _release(fir: FIRPart, blank: Blank) -> Iterator[Fact]:
    released = day(fir.release_date) if fir.release_date else blank.text
    yield Fact("Release date", released)
    yield Fact("Release line", fir.release_line)
    # What is out of sight may say otherwise.
    available = blank.text
    meaning = "" if blank is Blank.UNSEEN else "counts as available"
    if fir.availability is not None:
        available, meaning = _AVAILABLE[fir.availability]
    yield Fact("Availability", available, note=meaning)
    yield Fact("Limited to", ", ".join(fir.limited_to))
    yield Fact("What it changes", ", ".join(fir.change_classes).capitalize())
    yield Fact("Security urgency", (fir.security_urgency or "").capitalize())


def _way(fir: FIRPart, blank: Blank) -> Iterator[Fact]:
    if fir.upgradable_from is None:
        yield Fact("Upgradable from", blank.text, note=blank.note)
    elif not fir.upgradable_from:
        note = "from no other entry: it is fitted at the factory"
        yield Fact("Upgradable from", "N/A", note=note)
    else:
        yield Fact("Upgradable from", "", entries=fir.upgradable_from)
    note = "safe although a mandatory step lies between, says its maker"
    yield Fact("Confirmed steps from", "", entries=fir.confirmed_edges, note=note)
    note = "the ways back that its maker declares"
    yield Fact("Rollback from", "", entries=fir.rollback_from, note=note)
    allowed = fir.rollback_allowed
    yield Fact("Way back from it", allowed.capitalize() if allowed else "")
    mandatory = "Yes" if fir.mandatory_step else ""
    yield Fact("Mandatory step", mandatory, note="may not be skipped on the way")
    yield Fact("Order of activation", fir.activation_order_note)
    yield from _requirement(fir.requires or Requirement())
    interrupts = "Yes" if fir.interrupts_hub_power else ""
    yield Fact("Interrupts the hub's power", interrupts)


def _requirement(requires: Requirement) -> Iterator[Fact]:
    note = "one of these on the Communications Hub, or one reached from there"
    yield Fact("Needs hub entry", "", entries=requires.hub_entries, note=note)
    yield Fact("Needs hub GBCS", _at_least(requires.least_gbcs))
    yield Fact("Needs hub CHTS", _at_least(requires.least_chts))
    yield Fact("Needs HAN variant", requires.han_variant)


def _at_least(version: str) -> str:
    return f"{version} or later" if version else ""


def _image(fir: FIRPart) -> Iterator[Fact]:
    bounds = (fir.min_hardware or "any", fir.max_hardware or "any")
    some = fir.min_hardware or fir.max_hardware
    yield Fact(
        "Hardware from–to", f"{bounds[0]} – {bounds[1]}" if some else "", code=True
    )
    yield Fact("OTA manufacturer code", fir.ota_manufacturer_code, code=True)
    yield Fact("OTA image type", fir.ota_image_type, code=True)
    size = fir.image_size_octets
    yield Fact("Image size", counted(size, "octet") if size else "")
    until = fir.signed_firmware_valid_to
    yield Fact("Signed firmware valid to", day(until) if until else "")
    yield Fact("Metrology software", fir.metrology_software_id, code=True)


def _upkeep(fir: FIRPart) -> Iterator[Fact]:
    yield Fact("Supported until", day(fir.support_until) if fir.support_until else "")
    yield Fact("SBOM", fir.sbom_reference, link=True)
    yield Fact("SBOM SHA-256", fir.sbom_sha256, code=True)
    if fir.loading is not None:
        on = f"on {day(fir.loading.on)}" if fir.loading.on else ""
        state = _LOADED[fir.loading.state]
        why = f": {fir.loading.reason}" if fir.loading.reason else ""
        yield Fact("DCC says", f"{state}{why}", note=on)
