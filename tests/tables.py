"""Tables of entries for tests: short to write, and the table of given entries."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from firtree.catalogue.entry import CertificateKind, Loading
from firtree.exchange.columns import COLUMNS
from firtree.exchange.entries import Table, read_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firtree.catalogue.entry import DCCLoading, Entry, ReleaseNotes, Requirement
    from firtree.parties import Maker

NAMES = tuple(column.name for column in COLUMNS)
REQUIRED = tuple(column.name for column in COLUMNS if column.required)
HASH = "1B6C8F1D3A5E7092B4D6F8091A2B3C4D5E6F708192A3B4C5D6E7F8091A2B3C41"


def a_row(entry_id: int | str = 9001, **changes: str) -> dict[str, str]:
    """Make a row with what is required; ``Firmware_Label="x"`` adds a cell."""
    row = {
        "CPL Entry ID": str(entry_id),
        "Device Type": "ESME",
        "Manufacturer Code": "F0E1",
        "Model Identifier": "0A10",
        "Hardware Version": "01",
        "Hardware Revision": "02",
        "Firmware Version": f"{int(entry_id) if str(entry_id).isdigit() else 0:08X}",
    }
    return row | {name.replace("_", " "): text for name, text in changes.items()}


def a_table(
    *rows: dict[str, str], delimiter: str = ",", end: str = "\r\n", mark: str = ""
) -> bytes:
    """Write rows as CSV; the columns are those of any row, in order of appearance."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return a_csv(
        [columns, *([row.get(name, "") for name in columns] for row in rows)],
        delimiter=delimiter,
        end=end,
        mark=mark,
    )


def a_csv(
    rows: Iterable[Sequence[str]],
    *,
    delimiter: str = ",",
    end: str = "\r\n",
    mark: str = "",
) -> bytes:
    """Write cells as CSV in UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return (mark + text.getvalue()).encode()


def read(octets: bytes) -> Table:
    """Read a table."""
    return read_entries(io.BytesIO(octets))


def entries_table(entries: Iterable[Entry], makers: dict[str, Maker]) -> bytes:
    """Write the table from which entries and makers would come, as people do it.

    It has the shorthands, and none of the columns that they repeat.
    """
    rows = [_cells(entry, makers) for entry in entries]
    return a_csv([list(rows[0]), *(list(row.values()) for row in rows)])


def _cells(entry: Entry, makers: dict[str, Maker]) -> dict[str, str]:
    cpl, fir, model = entry.cpl, entry.fir, entry.model
    contact = entry.contact or makers[model.manufacturer].contact
    numbers = {
        kind: "; ".join(c.number for c in cpl.certificates if c.kind is kind)
        for kind in CertificateKind
    }
    dated = [c for c in cpl.certificates if c.kind is CertificateKind.CPA]
    before = fir.upgradable_from
    cells: dict[str, object] = {
        "CPL Entry ID": entry.id,
        "Device Type": model.device_type,
        "Generation": model.generation,
        "Manufacturer": cpl.manufacturer_name,
        "Manufacturer Code": model.manufacturer,
        "Model Identifier": model.model_identifier,
        "Hardware Version": model.hardware_version,
        "Hardware Revision": model.hardware_revision,
        "Trade Name": cpl.trade_name,
        "Firmware Version": cpl.firmware,
        "Firmware Version Coding": cpl.firmware_coding,
        "Firmware Label": cpl.firmware_label,
        "SMETS/CHTS Version": cpl.smets_chts,
        "GBCS Version": cpl.gbcs,
        "ESME Variant": cpl.esme_variant,
        "Manufacturer Image Hash": cpl.image_hash,
        "CPA Certificate": numbers[CertificateKind.CPA],
        "CPA Date Kind": dated[0].date_kind if dated else None,
        "CPA Date": dated[0].day if dated else None,
        "ZigBee Certificate": numbers[CertificateKind.ZIGBEE],
        "DLMS Certificate": numbers[CertificateKind.DLMS],
        "Status": cpl.status,
        "Status From": cpl.status_from,
        "Status Reason": cpl.status_reason,
        "Published On": cpl.published_on,
        "Release Date": fir.release_date,
        "Release Line": fir.release_line,
        "Upgradable From": "N/A" if before == () else _ids(before or ()),
        "Rollback From": _ids(fir.rollback_from),
        "Availability": fir.availability
        and fir.availability
        + (f": {'; '.join(fir.limited_to)}" if fir.limited_to else ""),
        "Mandatory Step": "yes" if fir.mandatory_step else "no",
        "Requires": _requirement(fir.requires),
        "Security Urgency": fir.security_urgency,
        "Change Class": "; ".join(fir.change_classes),
        "Release Notes": _notes(fir.notes),
        "Contact Role": contact.role if contact else "",
        "Contact Email": contact.email if contact else "",
        "Contact Confirmed": contact.confirmed_on if contact else None,
        "Support Until": fir.support_until,
        "DCC Loaded": _loading(fir.loading),
        "Hold": (fir.hold.reason or "yes") if fir.hold else "",
    }
    return {
        name: "" if said is None else str(said)
        for name in NAMES
        if (said := cells.get(name, ...)) is not ...
    }


def _ids(ids: Iterable[int]) -> str:
    return "; ".join(map(str, ids))


def _requirement(requires: Requirement | None) -> str:
    if requires is None:
        return ""
    parts = {
        "entries ": ", ".join(map(str, requires.hub_entries)),
        "GBCS ": requires.least_gbcs,
        "CHTS ": requires.least_chts,
        "HAN ": requires.han_variant,
    }
    return "; ".join(label + text for label, text in parts.items() if text)


def _notes(notes: ReleaseNotes | None) -> str:
    if notes is None:
        return ""
    lines = {
        "": (notes.summary,),
        "Security: ": notes.security,
        "Fixes: ": notes.fixes,
        "Features: ": notes.features,
        "Known issues: ": notes.known_issues,
        "IRPs: ": notes.irps,
    }
    told = [label + "; ".join(items) for label, items in lines.items() if any(items)]
    return "\n".join([*told, *filter(None, [notes.reference])])


def _loading(loading: DCCLoading | None) -> str:
    if loading is None:
        return ""
    if loading.state is Loading.LOADED:
        return str(loading.on or "yes")
    if loading.state is Loading.NOT_LOADED:
        return "no"
    return f"{loading.state}: {loading.reason}"
