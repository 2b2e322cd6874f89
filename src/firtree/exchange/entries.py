"""Entries from the rows of a table: columns, readings, and what a row changes.

``docs/formats/table.md`` lists the columns.  A row says only what its columns say:
an absent column leaves what the register holds; an empty cell of a column that is
there empties it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import msgspec

from firtree.catalogue.entry import (
    NO_FIR,
    Certificate,
    CertificateKind,
    Coding,
    CPLPart,
    DateKind,
    DCCLoading,
    Entry,
    Loading,
    Urgency,
)
from firtree.devices import (
    PARTS,
    DeviceType,
    Generation,
    HardwareModel,
    allows_free_text,
    esme_variant,
    read_model_part,
)
from firtree.errors import InvalidInputError, Problem
from firtree.exchange import cells
from firtree.exchange.table import Header, Row, plain, read_table
from firtree.firmware import firmware_version, image_hash
from firtree.parties import Contact, contact_role, email_address
from firtree.text import plain_text, shown

DATE = "date"


class Column(NamedTuple):
    """A column of the table.

    Attributes:
        name: as documented and as errors name it.
        read: reading of a cell that is not empty; ``DATE`` = a date.
        required: whether the column must be there and filled.
    """

    name: str
    read: Callable[[str], Any] | str
    required: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("CPL Entry ID", cells.entry_id, required=True),
    Column("Device Type", DeviceType.parse, required=True),
    Column("Generation", Generation.parse),
    Column("Manufacturer", cells.text_of(100)),
    # Read together with device type and generation, which decide their form.
    Column("Manufacturer Code", str, required=True),
    Column("Model Identifier", str, required=True),
    Column("Hardware Version", str, required=True),
    Column("Hardware Revision", str, required=True),
    Column("Trade Name", cells.text_of(60)),
    Column("Firmware Version", str, required=True),
    Column("Firmware Version Coding", cells.choice(Coding)),
    Column("Firmware Label", cells.text_of(40)),
    Column("SMETS/CHTS Version", cells.text_of(20)),
    Column("GBCS Version", cells.text_of(10)),
    Column("ESME Variant", esme_variant),
    Column("Manufacturer Image Hash", image_hash),
    Column("CPA Certificate", cells.text_of(200)),
    Column("CPA Date Kind", cells.choice(DateKind)),
    Column("CPA Date", DATE),
    Column("ZigBee Certificate", cells.text_of(200)),
    Column("DLMS Certificate", cells.text_of(200)),
    Column("Status", cells.status),
    Column("Status From", DATE),
    Column("Status Reason", cells.text_of(200)),
    Column("Published On", DATE),
    Column("Release Date", DATE),
    Column("Release Line", cells.text_of(40)),
    Column("Upgradable From", cells.predecessors),
    Column("Rollback From", cells.entry_ids),
    Column("Availability", cells.availability),
    Column("Mandatory Step", cells.yes_or_no),
    Column("Requires", cells.requirement),
    Column("Security Urgency", cells.choice(Urgency)),
    Column("Change Class", cells.change_classes),
    Column("Release Notes", cells.release_notes),
    Column("Contact Role", contact_role),
    Column("Contact Email", email_address),
    Column("Contact Confirmed", DATE),
    Column("Support Until", DATE),
    Column("DCC Loaded", str),
    Column("Hold", cells.hold),
)
BY_NAME = {column.name: column for column in COLUMNS}
KEYS = {plain(column.name): column.name for column in COLUMNS}
REQUIRED = tuple(column.name for column in COLUMNS if column.required)

# May be empty for the devices whose names need not be hexadecimal.
_MAY_BE_EMPTY = {"Hardware Version", "Hardware Revision"}

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
_PART_COLUMNS = dict(
    zip(
        PARTS,
        ("Manufacturer Code", "Model Identifier", *sorted(_MAY_BE_EMPTY, reverse=True)),
        strict=True,
    )
)


class EntryRow(NamedTuple):
    """A row that could be read.

    Attributes:
        line: line of the file, counted from 1.
        id: CPL Entry ID.
        values: what each column says, by its name; None = an empty cell.
        model: the hardware model.
        firmware: the firmware version.
    """

    line: int
    id: int
    values: Mapping[str, Any]
    model: HardwareModel
    firmware: str


class Table(NamedTuple):
    """What a file held.

    Attributes:
        rows: rows that could be read, in order.
        problems: every cell that could not, in order.
        ignored: names of columns that are not known.
        columns: names of the known columns that are there.
    """

    rows: list[EntryRow]
    problems: list[Problem]
    ignored: tuple[str, ...]
    columns: frozenset[str]


def read_entries(file: BinaryIO) -> Table:
    """Read a table of entries, every row of it.

    Raises:
        InvalidInputError: the file is not such a table at all.
    """
    header, rows = read_table(file, columns=KEYS, required=REQUIRED)
    found = Table([], [], header.unknown, _known(header))
    dates = cells.Dates()
    for row in rows:
        problems: list[Problem] = []
        values = dict(_values(row, dates, problems))
        entry_row = _entry_row(row, values, problems) if not problems else None
        found.problems.extend(problems)
        if entry_row is not None:
            found.rows.append(entry_row)
    if not found.rows and not found.problems:
        raise InvalidInputError(
            "the table has a header row and nothing below it",
            hint="add a row for each entry",
        )
    found.problems.extend(_repeated(found.rows))
    return found


def _known(header: Header) -> frozenset[str]:
    return frozenset(key for key in header.keys if key is not None)


def _values(
    row: Row, dates: cells.Dates, problems: list[Problem]
) -> Iterator[tuple[str, Any]]:
    for name, text in row.cells.items():
        column = BY_NAME[name]
        if not text:
            if column.required and name not in _MAY_BE_EMPTY:
                problems.append(_problem(row.line, name, "a value", ""))
            yield name, None
            continue
        try:
            if column.read == DATE:
                yield name, dates.read(text, row.line)
            elif name == "DCC Loaded":
                yield name, _loading(text, dates, row.line)
            elif callable(column.read):
                yield name, column.read(text)
        except ValueError as error:
            problems.append(_problem(row.line, name, str(error), text))


def _loading(text: str, dates: cells.Dates, line: int) -> DCCLoading | None:
    if text[0].isdigit():
        return DCCLoading(state=Loading.LOADED, on=dates.read(text, line))
    return cells.loading(text)


def _entry_row(
    row: Row, values: Mapping[str, Any], problems: list[Problem]
) -> EntryRow | None:
    """Read what depends on several cells: the model's parts and the firmware."""
    device_type = values["Device Type"]
    generation = values.get("Generation") or Generation.SMETS2
    free = allows_free_text(device_type, generation)
    parts = {}
    for part, name in _PART_COLUMNS.items():
        text = values[name] or ""
        try:
            parts[part] = read_model_part(text, size=PARTS[part], free=free)
        except ValueError as error:
            problems.append(_problem(row.line, name, str(error), text))
    text = values["Firmware Version"]
    firmware = ""
    try:
        firmware = firmware_version(text, generation)
    except ValueError as error:
        problems.append(_problem(row.line, "Firmware Version", str(error), text))
    if problems:
        return None
    try:
        model = HardwareModel(device_type=device_type, generation=generation, **parts)
    except ValueError as error:
        found = values["Model Identifier"]
        problems.append(_problem(row.line, "Model Identifier", str(error), found))
        return None
    return EntryRow(row.line, values["CPL Entry ID"], values, model, firmware)


def _repeated(rows: list[EntryRow]) -> Iterator[Problem]:
    lines: dict[int, int] = {}
    for row in rows:
        first = lines.setdefault(row.id, row.line)
        if first != row.line:
            yield _problem(
                row.line,
                "CPL Entry ID",
                f"a number that is used once (it stands in line {first} too)",
                str(row.id),
            )


def _problem(line: int, column: str, expected: str, found: str) -> Problem:
    return Problem(
        where=f"line {line}, column {column!r}",
        pointer=f"{line}/{column}",
        expected=expected,
        found=shown(found) if found else "an empty cell",
    )


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
