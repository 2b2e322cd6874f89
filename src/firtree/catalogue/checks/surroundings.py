"""What a check needs to know besides the entry, and the questions rules share."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import msgspec

from firtree.catalogue.checks.finding import Finding
from firtree.catalogue.checks.neighbours import Neighbours, Some
from firtree.catalogue.entry import Coding, Entry
from firtree.catalogue.specifications import ENDS
from firtree.parties import Contact, Maker


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a check needs to know besides the entry itself.

    Args:
        day: the day in London on which the check is made.
        same_model: every other entry with the same manufacturer and DeviceModel,
            removed ones included, any order; the entry itself makes no difference.
            ``Neighbours`` can be shared by all entries of a model.
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

    def __post_init__(self) -> None:
        if not isinstance(self.same_model, Neighbours):
            found = Neighbours(self.same_model)
            msgspec.structs.force_setattr(self, "same_model", found)

    @property
    def neighbours(self) -> Neighbours:
        """The entries of ``same_model``, sorted out."""
        if not isinstance(self.same_model, Neighbours):
            raise TypeError("same_model is made Neighbours when it is set")
        return self.same_model


Rule = Callable[[Entry, Surroundings], Iterator[Finding]]


def earlier(entry: Entry, around: Surroundings, coding: Coding | None = None) -> Some:
    """Give the entries of the hardware model before this one.

    An entry without any date is as old as can be, but the one that is checked is new.
    """
    own = entry.fir.release_date or entry.cpl.published_on or around.day
    return around.neighbours.family(entry).before(entry, own, coding)


def same_maker(entry: Entry, other: Entry) -> bool:
    """Tell whether two entries have the same manufacturer code."""
    own, theirs = entry.model.manufacturer, other.model.manufacturer
    return own == theirs or entry.model.key.manufacturer == other.model.key.manufacturer


def same_model(entry: Entry, other: Entry) -> bool:
    """Tell whether two entries are of one hardware model, device family included."""
    return entry.model == other.model or (
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
