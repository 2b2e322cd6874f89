"""The JSON of parties: shapes, and how they are written.

These shapes are promises, as those of ``wire.py`` are.
"""

from datetime import date

import msgspec

from firtree.exchange.to_wire import contact_wire
from firtree.exchange.wire import ContactWire
from firtree.parties.party import (
    Appointment,
    Holding,
    Mandate,
    Party,
    PartyKey,
    Succession,
    Viewing,
)
from firtree.statements.types.access_log import AccessLogHead


class HoldingWire(msgspec.Struct, frozen=True, kw_only=True):
    """A manufacturer code, from the first to the last day it is held."""

    code: str
    since: date
    until: date | None


class MandateWire(msgspec.Struct, frozen=True, kw_only=True):
    """Another party for which this one may submit."""

    maker: int
    since: date
    until: date | None


class AppointmentWire(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier for which this party acts."""

    supplier: int
    since: date
    until: date | None


class ViewedModelWire(msgspec.Struct, frozen=True, kw_only=True):
    """A hardware model: DUIS DeviceManufacturer and DeviceModel."""

    manufacturer: str
    model: str


class ViewingWire(msgspec.Struct, frozen=True, kw_only=True):
    """What a MAP or MOP may read."""

    makers: tuple[str, ...]
    models: tuple[ViewedModelWire, ...]
    since: date
    until: date | None


class PartyKeyWire(msgspec.Struct, frozen=True, kw_only=True):
    """A public key; ``note`` is the signed note that registered it."""

    purpose: str
    key: str
    note: str
    since: date
    until: date | None


class SuspensionWire(msgspec.Struct, frozen=True, kw_only=True):
    """Since when a party is suspended, and why."""

    since: date
    reason: str


class PartyWire(msgspec.Struct, frozen=True, kw_only=True):
    """A party; ``succeeded_by`` is the id of the party that took its holdings over."""

    id: int
    name: str
    kinds: tuple[str, ...]
    suspension: SuspensionWire | None
    succeeded_by: int | None
    codes: tuple[HoldingWire, ...]
    mandates: tuple[MandateWire, ...]
    appointments: tuple[AppointmentWire, ...]
    viewings: tuple[ViewingWire, ...]
    keys: tuple[PartyKeyWire, ...]
    contacts: tuple[ContactWire, ...]


class SuccessionWire(msgspec.Struct, frozen=True, kw_only=True):
    """What went from one party to another."""

    giver: int
    taker: int
    on: date
    reason: str
    codes: tuple[str, ...]


class AccessLogWire(msgspec.Struct, frozen=True, kw_only=True):
    """How far the access log had come."""

    day: date
    number: int
    digest: str


def party_wire(party: Party) -> PartyWire:
    """Write a party."""
    ended = party.suspension
    contacts = (contact_wire(one) for one in party.contacts)
    return PartyWire(
        id=party.id,
        name=party.name,
        kinds=tuple(kind.value for kind in party.kinds),
        suspension=(
            SuspensionWire(since=ended.since, reason=ended.reason) if ended else None
        ),
        succeeded_by=party.succeeded_by or None,
        codes=tuple(map(_holding, party.codes)),
        mandates=tuple(map(_mandate, party.mandates)),
        appointments=tuple(map(_appointment, party.appointments)),
        viewings=tuple(map(_viewing, party.viewings)),
        keys=tuple(map(_key, party.keys)),
        contacts=tuple(contact for contact in contacts if contact is not None),
    )


def _holding(one: Holding) -> HoldingWire:
    return HoldingWire(code=one.code, since=one.since, until=one.until)


def _mandate(one: Mandate) -> MandateWire:
    return MandateWire(maker=one.maker, since=one.since, until=one.until)


def _appointment(one: Appointment) -> AppointmentWire:
    return AppointmentWire(supplier=one.supplier, since=one.since, until=one.until)


def _viewing(one: Viewing) -> ViewingWire:
    models = (ViewedModelWire(**key._asdict()) for key in one.models)
    return ViewingWire(
        makers=one.makers, models=tuple(models), since=one.since, until=one.until
    )


def _key(one: PartyKey) -> PartyKeyWire:
    return PartyKeyWire(
        purpose=one.purpose.value,
        key=one.key,
        note=one.note,
        since=one.since,
        until=one.until,
    )


def succession_wire(one: Succession) -> SuccessionWire:
    """Write a succession."""
    return SuccessionWire(
        giver=one.giver, taker=one.taker, on=one.on, reason=one.reason, codes=one.codes
    )


def access_log_wire(head: AccessLogHead) -> AccessLogWire:
    """Write a head of the access log."""
    return AccessLogWire(day=head.day, number=head.number, digest=head.digest)
