"""The JSON of lists: manufacturers, models, releases, ways, findings.

These shapes are promises; renaming a field inside firtree never changes them.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from firtree.catalogue.checks import Finding
from firtree.catalogue.entry import Entry
from firtree.exchange.to_wire import finding_wire
from firtree.exchange.wire import (
    BlockedRouteWire,
    ContactWire,
    LogWire,
    NotedWire,
    StepWire,
)


class ManufacturerWire(msgspec.Struct, frozen=True, kw_only=True):
    """A manufacturer, and how much the register holds of it."""

    code: str
    name: str | None
    contact: ContactWire | None
    models: int
    entries: int
    statuses: Mapping[str, int]


class ManufacturersWire(msgspec.Struct, frozen=True):
    """Some manufacturers; ``next_cursor`` is null on the last page."""

    manufacturers: tuple[ManufacturerWire, ...]
    next_cursor: str | None
    log: LogWire


class NewestWire(msgspec.Struct, frozen=True):
    """The newest entry of a model that may be installed."""

    entry: int
    firmware: str
    release_date: date | None


class ModelWire(msgspec.Struct, frozen=True, kw_only=True):
    """A hardware model; ``newest`` is null where nothing may be installed."""

    manufacturer: str
    manufacturer_name: str | None
    model: str
    device_types: tuple[str, ...]
    trade_names: tuple[str, ...]
    entries: int
    statuses: Mapping[str, int]
    newest: NewestWire | None


class ModelsWire(msgspec.Struct, frozen=True):
    """Some hardware models; ``next_cursor`` is null on the last page."""

    models: tuple[ModelWire, ...]
    next_cursor: str | None
    log: LogWire


class ReleaseWire(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a manufacturer that share one Manufacturer Image."""

    manufacturer: str
    image_hash: str
    entries: tuple[int, ...]
    more_entries: bool


class ReleasesWire(msgspec.Struct, frozen=True):
    """Some releases; ``next_cursor`` is null on the last page."""

    releases: tuple[ReleaseWire, ...]
    next_cursor: str | None
    log: LogWire


class EndWire(msgspec.Struct, frozen=True):
    """An end of a way."""

    entry: int
    firmware_version: str
    status: str


class PathwayWire(msgspec.Struct, frozen=True, kw_only=True):
    """The way from one entry to another; ``pathway`` is null where there is none."""

    start: EndWire = msgspec.field(name="from")
    end: EndWire = msgspec.field(name="to")
    pathway: tuple[int, ...] | None
    blocked_route: BlockedRouteWire | None
    steps: tuple[StepWire, ...]
    reasons: tuple[NotedWire, ...]
    log: LogWire


class EntryFindingWire(msgspec.Struct, frozen=True, kw_only=True):
    """What a check finds in an entry: where, what was there, what to do."""

    entry: int
    manufacturer: str
    manufacturer_name: str | None
    model: str
    firmware: str
    code: str
    severity: str
    column: str
    text: str
    expected: str | None
    found: str | None


class FindingTotalsWire(msgspec.Struct, frozen=True, kw_only=True):
    """What is found in the entries of a manufacturer.

    ``entries_to_mend`` have a finding that is more than a note, ``entries_noted``
    have notes only.
    """

    manufacturer: str
    manufacturer_name: str | None
    entries: int
    entries_to_mend: int
    entries_noted: int
    severities: Mapping[str, int]
    codes: Mapping[str, int]


class FindingsWire(msgspec.Struct, frozen=True):
    """Some findings; ``totals`` is null where there are too many entries to count."""

    findings: tuple[EntryFindingWire, ...]
    totals: tuple[FindingTotalsWire, ...] | None
    next_cursor: str | None
    log: LogWire


def entry_finding_wires(
    entry: Entry, maker_name: str, found: Iterable[Finding]
) -> list[EntryFindingWire]:
    """Write what is found in an entry."""
    key = entry.model.key
    return [
        EntryFindingWire(
            entry=entry.id,
            manufacturer=key.manufacturer,
            manufacturer_name=maker_name or entry.cpl.manufacturer_name or None,
            model=key.model,
            firmware=entry.cpl.firmware,
            **msgspec.structs.asdict(finding_wire(one)),
        )
        for one in found
    ]
