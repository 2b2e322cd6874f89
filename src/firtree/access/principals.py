"""Which principal a party is on a day."""

from datetime import date
from typing import NamedTuple

from firtree.access import Principal
from firtree.devices import ModelKey
from firtree.parties import AGENTS, SUPPLIERS, VIEWERS, PartyKind
from firtree.parties.directory import Directory
from firtree.parties.party import Party


class Choice(NamedTuple):
    """As whom a party's people may act.

    Attributes:
        acting_for: id of the supplier an agent acts for; 0 = the party itself.
        name: as it is shown.
    """

    acting_for: int
    name: str


def principal_of(
    directory: Directory, party_id: int, acting_for: int, day: date
) -> Principal | None:
    """Give the principal of a party on a day.

    Args:
        directory: all parties.
        party_id: of the party whose people ask.
        acting_for: id of the supplier it acts for as an agent; 0 = itself.
        day: in London.

    Returns:
        None where there is no such party, one of the two is suspended, the other is
        no supplier (any more), or the agent is not appointed on that day.
    """
    party = directory.party(party_id)
    if party is None or party.is_suspended(day):
        return None
    if acting_for:
        return _agent(directory, party, acting_for, day)
    kinds = frozenset(party.kinds)
    viewings = [v for v in party.viewings if kinds & VIEWERS and v.holds_on(day)]
    is_maker = PartyKind.MANUFACTURER in kinds
    return Principal(
        kinds=kinds,
        name=party.name,
        party=party.id,
        makers=party.codes_on(day) if is_maker else frozenset(),
        viewed_makers=frozenset(code for one in viewings for code in one.makers),
        viewed_models=frozenset(ModelKey(*m) for one in viewings for m in one.models),
    )


def _agent(
    directory: Directory, party: Party, acting_for: int, day: date
) -> Principal | None:
    """Give an agent the rights of the supplier it acts for, and no others."""
    supplier = directory.party(acting_for)
    if supplier is None or supplier.is_suspended(day):
        return None
    kinds = frozenset(supplier.kinds) & SUPPLIERS
    if not kinds or acting_for not in _appointed(party, day):
        return None
    return Principal(
        kinds=kinds,
        name=supplier.name,
        party=party.id,
        via=party.name,
    )


def _appointed(party: Party, day: date) -> list[int]:
    if not AGENTS & set(party.kinds):
        return []
    return [one.supplier for one in party.appointments if one.holds_on(day)]


def choices(directory: Directory, party_id: int, day: date) -> list[Choice]:
    """Give as whom a party's people may act on a day, itself first."""
    found: list[Choice] = []
    party = directory.party(party_id)
    for acting_for in (0, *(_appointed(party, day) if party else ())):
        known = principal_of(directory, party_id, acting_for, day)
        if known is not None:
            found.append(Choice(acting_for, known.name))
    return found
