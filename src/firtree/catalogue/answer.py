"""What is asked about a device, what an answer depends on, and the answer itself."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import msgspec

from firtree.catalogue.conditions import Condition, Hub
from firtree.catalogue.entry import Entry, ReleaseNotes, Urgency
from firtree.catalogue.specifications import ENDS
from firtree.catalogue.words import SHOWN, SHOWN_INSTEAD, Silence, Standing
from firtree.devices import DeviceType, ModelKey
from firtree.parties import Contact, Maker


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device as somebody asks about it.

    Args:
        device_type: as the asker has it; None = not given.
        manufacturer: DUIS ``DeviceManufacturer``, any case.
        model: DUIS ``DeviceModel``, any case.
        firmware: firmware version as read from it, any case.
        hub: what is known of its Communications Hub; None = nothing.
        read_on: day the version was read; None = not said.
    """

    device_type: DeviceType | None = None
    manufacturer: str
    model: str
    firmware: str
    hub: Hub | None = None
    read_on: date | None = None

    @property
    def key(self) -> ModelKey:
        """What it is matched by."""
        return ModelKey.of(self.manufacturer, self.model)


class Observed(NamedTuple):
    """What the field reports of an entry.

    Attributes:
        failure_rate_high: whether failures are above the limit in force.
        image_mismatch: whether a wrong image was reported.
    """

    failure_rate_high: bool = False
    image_mismatch: bool = False


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an assessment depends on besides the device and its model.

    Args:
        day: the day in London to which dates are compared.
        asker: name of the asking party, for *limited* availability.
        approved: the asker's own list, with the day from which (R12); None = none.
        maker: the device's maker, for its mailbox.
        siblings: entries of the same manufacturer and model identifier with other
            hardware; needed only where the firmware or the model is not listed.
        observed: field reports by CPL Entry ID.
        ends: last days of specification versions.
        reconstructed: whether the entries were put back to ``day`` by their dates.
        stale_after_days: when a contact counts as stale, days.
        partial: whether some of what the answer could rest on may be out of the
            asker's sight.
        unread: whether some of it may stand in rows of a table that could not be read.
    """

    day: date
    asker: str | None = None
    approved: Mapping[int, date | None] | None = None
    maker: Maker | None = None
    siblings: tuple[Entry, ...] = ()
    observed: Mapping[int, Observed] = {}
    ends: Mapping[str, date] = ENDS
    reconstructed: bool = False
    stale_after_days: int = 90
    partial: bool = False
    unread: bool = False

    def silence(self, *, erased: bool = False) -> Silence | None:
        """Say why something may be missing; None = nobody has said it.

        Args:
            erased: whether it stood, if anywhere, in a section that is not there.
        """
        if self.partial:
            return Silence.UNSEEN
        if self.unread:
            return Silence.UNREAD
        return Silence.ERASED if erased else None


class Noted(msgspec.Struct, frozen=True):
    """A code that is stable, with a text for people."""

    code: str
    text: str


class AnswerWarning(msgspec.Struct, frozen=True):
    """A warning: code, level (stop, caution, info), text, the entry it is about."""

    code: str
    level: str
    text: str
    entry: int | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One entry to install on the way."""

    entry: int
    firmware_version: str
    image_hash: str
    release_date: date | None
    urgency: Urgency | None
    mandatory: bool
    notes: ReleaseNotes | None
    conditions: tuple[Condition, ...]


class BlockedRoute(msgspec.Struct, frozen=True):
    """The declared way that would lead on, and the entry that blocks it."""

    pathway: tuple[int, ...]
    blocked_by: int


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one device.

    Args:
        standing: see :class:`~firtree.catalogue.words.Standing`.
        entry: CPL Entry ID the device runs; None where it is not listed.
        target: CPL Entry ID it should run; its own when current; None where there
            is nothing to name.
        alternatives: other entries that may be meant, newest first.
        pathway: ids to install in order; empty when current, None when no way is
            known.
        blocked_route: the declared way that is blocked, if there is one.
        steps: one per id of the pathway.
        register_target: the target by the register alone, where an own list limits.
        advice, reasons, warnings: in the order they are to be read.
        contact: the mailbox to ask; None = the register holds none.
        silence: why there may be more than it rests on; None = there is not.
    """

    standing: Standing
    entry: int | None = None
    target: int | None = None
    alternatives: tuple[int, ...] = ()
    pathway: tuple[int, ...] | None = None
    blocked_route: BlockedRoute | None = None
    steps: tuple[Step, ...] = ()
    register_target: int | None = None
    advice: tuple[Noted, ...] = ()
    contact: Contact | None = None
    warnings: tuple[AnswerWarning, ...] = ()
    reasons: tuple[Noted, ...] = ()
    silence: Silence | None = None

    @property
    def partial(self) -> bool:
        """Whether some of what it could rest on may be out of the asker's sight."""
        return self.silence is Silence.UNSEEN

    @property
    def standing_text(self) -> str:
        """The standing in the words shown to people."""
        shown = SHOWN[self.standing]
        if self.silence is None:
            return shown
        return SHOWN_INSTEAD[self.silence].get(self.standing, shown)
