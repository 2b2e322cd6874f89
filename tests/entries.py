"""Entries for tests: short to write, valid unless a test wants otherwise."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec

from firtree.catalogue.entry import CPLPart, Entry, FIRPart
from firtree.catalogue.outline import Outline, outline_of
from firtree.catalogue.pathways import Pathways
from firtree.devices import DeviceType, HardwareModel
from firtree.parties import Contact

DAY = date(2026, 11, 22)
FIRST_DAY = date(2024, 1, 1)
DESK = Contact(
    role="Firmware release desk",
    email="firmware@maker.example",
    confirmed_on=date(2026, 11, 1),
)
MODEL = HardwareModel(
    device_type=DeviceType.ESME,
    manufacturer="AB01",
    model_identifier="010A",
    hardware_version="03",
    hardware_revision="0B",
)
CPL_FIELDS = frozenset(CPLPart.__struct_fields__)


def an_entry(entry_id: int, **changes: Any) -> Entry:
    """Make an entry; each id is released a day later than the one before.

    ``changes`` are fields of either part, by name.
    """
    day = FIRST_DAY + timedelta(days=entry_id)
    contact = changes.pop("contact", DESK)
    cpl: dict[str, Any] = {
        "model": MODEL,
        "manufacturer_name": "Alder Meters",
        "firmware": f"{entry_id:08X}",
        "image_hash": f"{entry_id:064X}",
        "published_on": day,
    }
    fir: dict[str, Any] = {"release_date": day}
    for name, value in changes.items():
        (cpl if name in CPL_FIELDS else fir)[name] = value
    return Entry(id=entry_id, cpl=CPLPart(**cpl), fir=FIRPart(**fir), contact=contact)


def a_model(**changes: Any) -> HardwareModel:
    """Make a hardware model like the usual one, but for some fields."""
    return msgspec.structs.replace(MODEL, **changes)


def an_outline(entry_id: int, **changes: Any) -> Outline:
    """Make the outline of such an entry."""
    return outline_of(an_entry(entry_id, **changes))


def ways_of(entries: Iterable[Entry], **circumstances: Any) -> Pathways:
    """Make the pathways of entries."""
    return Pathways(map(outline_of, entries), **circumstances)
