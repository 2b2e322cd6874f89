"""Somebody who may read a register that is served, with a token of theirs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from firtree.access import Right
from firtree.library.accounts.people import as_visitor
from firtree.library.accounts.ports import Membership, Person
from firtree.library.accounts.tokens import make_token
from firtree.parties import PartyKind
from firtree.parties.party import Holding, Party
from firtree.wiring.accounts import gate_of
from registers import ALDER, record

if TYPE_CHECKING:
    from firtree.settings import Settings
    from firtree.wiring import Parts


def a_reader(parts: Parts, settings: Settings) -> str:
    """Record the party of the maker Alder; give a token of one of its people."""
    holding = Holding(code=ALDER.code, since=date(2020, 1, 1))
    party = Party(
        id=7, name="Alder Meters", kinds=(PartyKind.MANUFACTURER,), codes=(holding,)
    )
    return of_a_party(parts, settings, party)


def of_a_party(parts: Parts, settings: Settings, party: Party, *more: Right) -> str:
    """Record a party; give a token of one of its people, whose number is its own.

    It may read entries; ``more`` are further rights.
    """
    record(parts.recorder, party)
    gate = gate_of(parts, settings)
    email = f"ada@party-{party.id}.example"
    person = Person(party.id, email, "Ada", bytes(16), parts.now())
    with gate.accounts.writing() as tx:
        tx.put(person)
        tx.put(Membership(person.id, party.id, parts.now()))
    owner = as_visitor(gate, person)
    rights = frozenset({Right.READ_ENTRIES, *more})
    return make_token(gate, owner, name="tests", rights=rights, days=1).text
