"""party-recorded: a party, in full."""

import msgspec

from firtree.access import Scope
from firtree.ledger.canonical import canonical
from firtree.parties import Contact, PartyKind
from firtree.parties.party import (
    Appointment,
    Holding,
    Mandate,
    Party,
    PartyKey,
    Suspension,
    Viewing,
)
from firtree.statements.types.form import Form, Kind, Parts, StatementType, decoded
from firtree.text import Whole


class PartyCore(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Section ``core`` of a party: all but its contacts."""

    id: Whole
    name: str
    kinds: tuple[PartyKind, ...]
    suspension: Suspension | None = None
    succeeded_by: Whole = 0
    codes: tuple[Holding, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    viewings: tuple[Viewing, ...] = ()
    keys: tuple[PartyKey, ...] = ()


class PartyPeople(msgspec.Struct, frozen=True, kw_only=True):
    """Section ``people`` of a party: its role mailboxes."""

    contacts: tuple[Contact, ...]


_CORE = msgspec.json.Decoder(PartyCore)
_PEOPLE = msgspec.json.Decoder(PartyPeople)
_FIELDS = PartyCore.__struct_fields__


def read_party(
    core: bytes,
    _fir: bytes | None = None,
    people: bytes | None = None,
    _private: bytes | None = None,
) -> Party:
    """Read a party from its sections; an absent or erased one counts as blank.

    Raises:
        VerificationError: a section is not of its format.
    """
    known = decoded(_CORE, core, "core")
    contacts = decoded(_PEOPLE, people, "people").contacts if people else ()
    return Party(contacts=contacts, **_fields(known))  # type: ignore[arg-type]


def _fields(one: Party | PartyCore) -> dict[str, object]:
    return {name: getattr(one, name) for name in _FIELDS}


def _write(party: Party) -> Parts:
    core = canonical(PartyCore(**_fields(party)))  # type: ignore[arg-type]
    people = canonical(PartyPeople(contacts=party.contacts)) if party.contacts else b""
    return Parts(core, people=people)


def _reaches(party: Party, scope: Scope) -> bool:
    return scope.covers_party(party.id)


def party_name(party_id: int) -> str:
    """Give the name of a party in the state map's kind ``party``."""
    return f"party\n{party_id}"


FORM = Form(
    statement_type=StatementType.PARTY_RECORDED,
    subject=Party,
    name=lambda party: f"party/{party.id}",
    listed=lambda party: ("party", party_name(party.id)),
    kinds=(Kind.PARTY_ADMITTED, Kind.PARTY_CHANGED),
    write=_write,
    read=read_party,
    reaches=_reaches,
    heads=_reaches,
)
