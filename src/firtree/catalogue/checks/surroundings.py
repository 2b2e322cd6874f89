"""What a check needs to know besides the entry, and the questions rules share."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import msgspec

from firtree.catalogue.checks.finding import Finding
from firtree.catalogue.entry import Entry, Status
from firtree.catalogue.specifications import ENDS
from firtree.parties import Contact, Maker


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a check needs to know besides the entry itself.

    Args:
        day: the day in London on which the check is made.
        same_model: every other entry with the same manufacturer and DeviceModel,
            removed ones included, any order.
        named: the entries named by id in *Upgradable From*, *Rollback From* and the
            requirements, where they exist.
        same_hash: every other entry with the same image hash, of any maker.
        maker: the maker of the entry; None = not known.
        ends: last days of specification versions.
        stale_after_days: after how many days a contact should be confirmed again.
    """

    day: date
    same_model: tuple[Entry, ...]
    named: Mapping[int, Entry]
    same_hash: tuple[Entry, ...]
    maker: Maker | None
    ends: Mapping[str, date] = ENDS
    stale_after_days: int = 90


Rule = Callable[[Entry, Surroundings], Iterator[Finding]]


def others(entry: Entry, around: Surroundings) -> list[Entry]:
    """Give the other entries of the hardware model, by id."""
    return sorted(
        (
            other
            for other in around.same_model
            if other.id != entry.id and same_model(entry, other)
        ),
        key=lambda other: other.id,
    )


def earlier(entry: Entry, around: Surroundings) -> list[Entry]:
    """Give the entries of the hardware model before this one, by id.

    Dates decide, and ids on the same day.  A cancelled entry does not count; an entry
    without any date is as old as can be, but the one that is checked is new.
    """
    own = entry.fir.release_date or entry.cpl.published_on or around.day
    return [
        other
        for other in others(entry, around)
        if other.cpl.status is not Status.CANCELLED
        and (
            (other.order[0] < own)
            or (other.order[0] == own and (entry.id <= 0 or other.id < entry.id))
        )
    ]


def same_maker(entry: Entry, other: Entry) -> bool:
    """Tell whether two entries have the same manufacturer code."""
    return entry.model.key.manufacturer == other.model.key.manufacturer


def same_model(entry: Entry, other: Entry) -> bool:
    """Tell whether two entries are of one hardware model, device family included."""
    return (
        entry.model.key == other.model.key
        and entry.device_type.family == other.device_type.family
    )


def publication_day(entry: Entry, around: Surroundings) -> date:
    """Give the day an entry is judged on: its publication, or the day of the check."""
    return entry.cpl.published_on or around.day


def contact_of(entry: Entry, around: Surroundings) -> Contact | None:
    """Give the contact that counts: the entry's own, else the maker's."""
    if entry.contact is not None:
        return entry.contact
    return around.maker.contact if around.maker else None
