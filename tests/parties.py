"""Parties of tests: one to be changed, and any."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from firtree.parties import ADMITTED, Contact, PartyKind
from firtree.parties.party import (
    Appointment,
    Holding,
    KeyPurpose,
    Mandate,
    Party,
    PartyKey,
    Suspension,
    ViewedModel,
    Viewing,
)

SINCE = date(2026, 1, 1)

LETTERS = st.characters(codec="utf-8", exclude_categories=["C", "Z"])
NAME = st.text(LETTERS, min_size=1, max_size=30)
CODE = st.text("ABCDEF0123456789", min_size=1, max_size=8)
DAYS = st.lists(st.dates(), min_size=2, max_size=2).map(sorted)
CONTACT = st.builds(Contact, role=NAME, email=st.just("desk@maker.example"))


def dated(kind: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Build something that holds from a day on, with or without a last one."""
    whole = DAYS.flatmap(
        lambda days: st.builds(
            kind, since=st.just(days[0]), until=st.just(days[1]), **fields
        )
    )
    return whole | st.builds(kind, since=st.dates(), **fields)


def some(what: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Give a few."""
    return st.lists(what, max_size=2).map(tuple)


MODEL = st.builds(ViewedModel, CODE, CODE)
VIEWING = dated(Viewing, makers=some(CODE), models=st.tuples(MODEL))
PARTY = st.builds(
    Party,
    id=st.integers(1, 2**53),
    name=NAME,
    kinds=st.lists(st.sampled_from(ADMITTED), min_size=1, max_size=3, unique=True).map(
        tuple
    ),
    suspension=st.none() | st.builds(Suspension, since=st.dates(), reason=NAME),
    succeeded_by=st.integers(0, 9),
    codes=some(dated(Holding, code=CODE)),
    mandates=some(dated(Mandate, maker=st.integers(1, 99))),
    appointments=some(dated(Appointment, supplier=st.integers(1, 99))),
    viewings=some(VIEWING),
    keys=some(
        dated(PartyKey, purpose=st.sampled_from(KeyPurpose), key=NAME, note=NAME)
    ),
    contacts=some(CONTACT),
)


def a_party(number: int, *kinds: PartyKind, **fields: Any) -> Party:
    """Make a party, a gas supplier unless said otherwise."""
    return Party(
        id=number,
        name=fields.pop("name", f"Party {number}"),
        kinds=kinds or (PartyKind.GAS_SUPPLIER,),
        **fields,
    )


def holding(*codes: str, since: date = SINCE) -> tuple[Holding, ...]:
    """Hold codes from a day on."""
    return tuple(Holding(code=code, since=since) for code in codes)
