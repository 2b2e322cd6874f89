"""The columns of the table of entries: name, reading, form, part, meaning.

Every stored field of an entry and of its maker has one column that is written; a
*shorthand* says several fields in one cell, for tables made by hand, and is only
read.  ``docs/formats/table.md`` lists the same.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from firtree.catalogue.entry import (
    Coding,
    DateKind,
    Loading,
    RollbackAllowed,
    Urgency,
)
from firtree.devices import DeviceType, Generation, esme_variant
from firtree.exchange import cells, items
from firtree.firmware import image_hash
from firtree.parties import contact_role, email_address

DATE = "date"


class Form(StrEnum):
    """What a column's values are, once read."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    FLAG = "yes or no"
    NUMBERS = "numbers"
    TEXTS = "texts"


class Part(StrEnum):
    """Whose part of an entry a column belongs to; audiences differ."""

    CPL = "CPL"
    FIR = "FIR"
    PEOPLE = "people"
    PRIVATE = "private"


class Column(NamedTuple):
    """A column of the table.

    Attributes:
        name: as documented and as errors name it.
        read: reading of a cell that is not empty; ``DATE`` = a date.
        required: whether the column must be there and filled.
        form: of its values.
        part: which part of an entry it belongs to.
        shorthand: whether it only repeats, in one cell, what other columns say.
        meaning: in a few words.
    """

    name: str
    read: Callable[[str], Any] | str
    required: bool = False
    form: Form = Form.TEXT
    part: Part = Part.CPL
    shorthand: bool = False
    meaning: str = ""


def _column(
    name: str,
    read: Callable[[str], Any] | str,
    meaning: str,
    form: Form = Form.TEXT,
    part: Part = Part.CPL,
) -> Column:
    form = Form.DATE if read == DATE else form
    return Column(name, read, form=form, part=part, meaning=meaning)


def _must(
    name: str, read: Callable[[str], Any], meaning: str, form: Form = Form.TEXT
) -> Column:
    return Column(name, read, required=True, form=form, meaning=meaning)


def _fir(
    name: str,
    read: Callable[[str], Any] | str,
    meaning: str,
    form: Form = Form.TEXT,
) -> Column:
    return _column(name, read, meaning, form, Part.FIR)


def _people(name: str, read: Callable[[str], Any] | str, meaning: str) -> Column:
    return _column(name, read, meaning, part=Part.PEOPLE)


def _private(name: str, read: Callable[[str], Any], meaning: str) -> Column:
    return _column(name, read, meaning, part=Part.PRIVATE)


def _short(name: str, read: Callable[[str], Any], meaning: str) -> Column:
    return Column(name, read, part=Part.FIR, shorthand=True, meaning=meaning)


_NOTES = cells.block(20_000)

COLUMNS: tuple[Column, ...] = (
    _must("CPL Entry ID", cells.entry_id, "identifies the entry for good", Form.NUMBER),
    _must(
        "Device Type",
        DeviceType.parse,
        "type of the device; *Communications Hub* is CHF",
    ),
    _column("Generation", Generation.parse, "blank means SMETS2+"),
    _column("Manufacturer", cells.text_of(100), "name as published"),
    # Read together with device type and generation, which decide their form.
    _must("Manufacturer Code", str, "DUIS DeviceManufacturer"),
    _must("Model Identifier", str, "first part of the DUIS DeviceModel"),
    _must("Hardware Version", str, "second part of it"),
    _must("Hardware Revision", str, "third part of it"),
    _column("Trade Name", cells.text_of(60), "name it is sold under"),
    _must("Firmware Version", str, "DUIS FirmwareVersion, the OTA file version"),
    _column(
        "Firmware Version Coding", cells.choice(Coding), "how the digits are meant"
    ),
    _column("Firmware Label", cells.text_of(40), "the version as people write it"),
    _column("SMETS/CHTS Version", cells.text_of(20), "technical specification"),
    _column("GBCS Version", cells.text_of(10), "GBCS version"),
    _column("ESME Variant", esme_variant, "variant of an ESME"),
    _column(
        "Manufacturer Image Hash",
        image_hash,
        "SHA-256 of the Manufacturer Image; blank = none, or not known",
    ),
    _column(
        "Hash Signed By",
        cells.text_of(200),
        "certificate serial of the image's creator",
    ),
    _column(
        "Hash Signature",
        cells.text_of(2000),
        "that creator's signature over the hash, base64",
    ),
    _column(
        "CPA Certificate",
        items.certificate_numbers,
        "CPA certificates the entry rests on",
        Form.TEXTS,
    ),
    _column(
        "CPA Date Kind",
        cells.choice(DateKind),
        "what the date says; blank counts as expiry",
    ),
    _column(
        "CPA Date", DATE, "date of the CPA certificates; without one it says nothing"
    ),
    _column(
        "ZigBee Certificate",
        items.certificate_numbers,
        "ZigBee certificates",
        Form.TEXTS,
    ),
    _column("ZigBee Certificate Date", DATE, "date of the ZigBee certificates"),
    _column(
        "DLMS Certificate", items.certificate_numbers, "DLMS certificates", Form.TEXTS
    ),
    _column("DLMS Certificate Date", DATE, "date of the DLMS certificates"),
    _column(
        "Certificate Details",
        items.certificate_details,
        "what the columns before do not say of a certificate, one to a line",
    ),
    _column(
        "Status",
        cells.status,
        "status on the CPL; *Current* is Active, blank too; *Removed* is refused, "
        "because it does not say which",
    ),
    _column("Status From", DATE, "first day of that status"),
    _column("Status Reason", cells.text_of(200), "why"),
    _column("Published On", DATE, "day of publication on the CPL"),
    _fir("Release Date", DATE, "day the maker released the firmware"),
    _fir(
        "Release Line",
        cells.text_of(40),
        "name of the line it belongs to; blank = the main line",
    ),
    _fir(
        "Upgradable From",
        cells.predecessors,
        "entries from which a device may be upgraded to this one; `N/A` = from none, "
        "blank = not known",
        Form.NUMBERS,
    ),
    _fir(
        "Confirmed Edges",
        cells.entry_ids,
        "those of *Upgradable From* that the maker confirms as safe although a "
        "mandatory step lies between",
        Form.NUMBERS,
    ),
    _fir(
        "Rollback From",
        cells.entry_ids,
        "entries from which going back to this one is allowed",
        Form.NUMBERS,
    ),
    _fir(
        "Rollback Allowed",
        cells.choice(RollbackAllowed),
        "whether the maker allows going back from it at all",
    ),
    _fir(
        "Availability",
        cells.availability,
        "whether the maker gives the image out; blank counts as available",
    ),
    _fir(
        "Limited To",
        items.names,
        "parties that a limited image is given to",
        Form.TEXTS,
    ),
    _fir(
        "Mandatory Step",
        cells.yes_or_no,
        "whether it may not be skipped on a path; blank = no",
        Form.FLAG,
    ),
    _fir(
        "Activation Order Note",
        cells.block(500),
        "in which order devices are to be activated",
    ),
    _short(
        "Requires",
        cells.requirement,
        "what the Communications Hub needs: entries of which one suffices, least GBCS "
        "and CHTS, HAN variant",
    ),
    _fir(
        "Requires Hub Entries",
        cells.entry_ids,
        "entries of Communications Hubs of which one suffices",
        Form.NUMBERS,
    ),
    _fir("Requires GBCS", cells.text_of(40), "least GBCS version of the hub"),
    _fir("Requires CHTS", cells.text_of(40), "least CHTS version of the hub"),
    _fir("Requires HAN Variant", cells.text_of(40), "HAN variant of the hub"),
    _fir(
        "Interrupts Hub Power",
        cells.yes_or_no,
        "whether installing interrupts the hub's power; blank = no",
        Form.FLAG,
    ),
    _fir("Min Hardware", cells.four_digits, "least hardware, from the OTA header"),
    _fir("Max Hardware", cells.four_digits, "greatest hardware, from the OTA header"),
    _fir(
        "OTA Manufacturer Code",
        cells.four_digits,
        "manufacturer code in the OTA header",
    ),
    _fir("OTA Image Type", cells.four_digits, "image type in the OTA header"),
    _fir(
        "Image Size", cells.image_size, "of the Manufacturer Image, octets", Form.NUMBER
    ),
    _fir(
        "Signed Firmware Valid To",
        DATE,
        "end of the certificate inside a signed image",
    ),
    _fir("Security Urgency", cells.choice(Urgency), "never any detail"),
    _fir("Change Class", cells.change_classes, "what it changes", Form.TEXTS),
    _fir(
        "Metrology Software ID",
        cells.text_of(100),
        "changes when legally relevant software changes",
    ),
    _short(
        "Release Notes",
        cells.release_notes,
        "a summary, and lines that begin with `Security:`, `Fixes:`, `Features:`, "
        "`Known issues:` or `IRPs:`, items separated by `;`; an https address or *on "
        "request* is where the full notes are",
    ),
    _fir("Notes Summary", _NOTES, "the release notes in one paragraph"),
    _fir("Notes Security", items.items, "what it does for security", Form.TEXTS),
    _fir("Notes Fixes", items.items, "what it mends", Form.TEXTS),
    _fir("Notes Features", items.items, "what it adds", Form.TEXTS),
    _fir("Notes Known Issues", items.items, "what is known to be wrong", Form.TEXTS),
    _fir(
        "Notes IRPs",
        items.items,
        "Issue Resolution Proposals it carries out",
        Form.TEXTS,
    ),
    _fir(
        "Notes Reference",
        cells.text_of(2000),
        "where the full notes are: an https address, or *on request*",
    ),
    _people(
        "Contact Role",
        contact_role,
        "role of the mailbox at the maker, never a person's name",
    ),
    _people("Contact Email", email_address, "the mailbox"),
    _people("Contact Telephone", cells.text_of(60), "telephone number of the desk"),
    _people("Contact Form", cells.web_address, "address of a form"),
    _people("Contact Confirmed", DATE, "day the maker last confirmed it"),
    _column("Maker Name", cells.text_of(100), "name of the maker in the register"),
    _people("Maker Contact Role", contact_role, "role of the maker's own mailbox"),
    _people("Maker Contact Email", email_address, "that mailbox"),
    _people("Maker Contact Telephone", cells.text_of(60), "its telephone number"),
    _people("Maker Contact Form", cells.web_address, "address of its form"),
    _people("Maker Contact Confirmed", DATE, "day the maker last confirmed it"),
    _fir("Support Until", DATE, "last day of support"),
    _fir("SBOM Reference", cells.text_of(2000), "where the bill of materials is"),
    _fir("SBOM SHA-256", image_hash, "digest of the bill of materials"),
    _short(
        "DCC Loaded",
        str,
        "what DCC says of loading the entry; blank = nothing yet",
    ),
    _fir("DCC Loading", cells.choice(Loading), "what DCC says of loading the entry"),
    _fir("DCC Loading Reason", cells.text_of(200), "why DCC says so"),
    _fir("DCC Loading On", DATE, "day DCC said so"),
    _fir("Hold", cells.hold, "do not start new upgrades to this; blank = no"),
    _fir("Hold Since", DATE, "first day of the hold"),
    _private(
        "Advisory Reference",
        cells.text_of(200),
        "identifier of an advisory, for named parties only",
    ),
    _private(
        "Mapping Evidence",
        cells.block(2000),
        "evidence that maps a certificate to the entry, for named parties only",
    ),
)
WRITTEN = tuple(column for column in COLUMNS if not column.shorthand)
