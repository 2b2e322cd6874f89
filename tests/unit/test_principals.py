"""As whom a party's people act on a day."""

from __future__ import annotations

from datetime import date, timedelta

from firtree.access import Right, scope_of
from firtree.access.principals import choices, principal_of
from firtree.devices import ModelKey
from firtree.parties import PartyKind
from firtree.parties.directory import Directory
from firtree.parties.party import (
    Appointment,
    Holding,
    Suspension,
    ViewedModel,
    Viewing,
)
from parties import SINCE, a_party

DAY = date(2026, 11, 28)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
GONE = Suspension(since=DAY, reason="left")

ALDER = a_party(
    1,
    PartyKind.MANUFACTURER,
    codes=(
        Holding(code="AB01", since=SINCE),
        Holding(code="AB02", since=SINCE, until=BEFORE),
        Holding(code="AB03", since=AFTER),
    ),
)
ROWAN = a_party(2, PartyKind.IMPORT_SUPPLIER, PartyKind.MOP, name="Rowan Energy")
SEDGE = a_party(3, PartyKind.GAS_SUPPLIER, suspension=GONE)
DESK = a_party(
    4,
    PartyKind.AGENT,
    name="The Desk",
    appointments=(
        Appointment(supplier=2, since=SINCE),
        Appointment(supplier=3, since=SINCE),
        Appointment(supplier=5, since=AFTER),
    ),
)
TEAL = a_party(5, PartyKind.GAS_SUPPLIER)
ASSETS = a_party(
    6,
    PartyKind.MAP,
    viewings=(
        Viewing(since=SINCE, makers=("AB01",), models=(ViewedModel("CD02", "0A"),)),
        Viewing(since=SINCE, until=BEFORE, makers=("EE05",)),
    ),
)
ALL = Directory([ALDER, ROWAN, SEDGE, DESK, TEAL, ASSETS])


def test_a_maker_holds_the_codes_of_the_day() -> None:
    for day, codes in ((BEFORE, {"AB01", "AB02"}), (AFTER, {"AB01", "AB03"})):
        found = principal_of(ALL, 1, 0, day)
        assert found is not None
        assert found.makers == codes
        assert (found.party, found.name, found.via) == (1, "Party 1", "")


def test_codes_count_for_makers_only() -> None:
    former = a_party(9, PartyKind.DCC, codes=ALDER.codes)
    found = principal_of(Directory([former]), 9, 0, DAY)

    assert found is not None
    assert not found.makers


def test_nobody_acts_for_a_party_that_is_suspended_or_not_there() -> None:
    assert principal_of(ALL, 3, 0, BEFORE) is not None
    for party, acting_for in ((3, 0), (99, 0), (4, 3), (4, 99)):
        assert principal_of(ALL, party, acting_for, DAY) is None


def test_an_agent_has_the_rights_of_the_supplier_it_acts_for() -> None:
    found = principal_of(ALL, 4, 2, DAY)

    assert found is not None
    assert found.kinds == {PartyKind.IMPORT_SUPPLIER}
    assert (found.name, found.via, found.party) == ("Rowan Energy", "The Desk", 4)
    scope = scope_of(found, Right.READ_PARTIES)
    assert scope.covers_party(4)
    assert not scope.covers_party(2)


def test_an_agent_acts_only_for_those_that_appointed_it_and_only_then() -> None:
    assert principal_of(ALL, 4, 5, DAY) is None
    assert principal_of(ALL, 4, 5, AFTER) is not None
    assert principal_of(ALL, 4, 1, DAY) is None
    assert principal_of(ALL, 2, 5, DAY) is None


def test_appointments_count_for_agents_only() -> None:
    former = a_party(9, PartyKind.DCC, appointments=DESK.appointments)

    assert principal_of(Directory([former, ROWAN]), 9, 2, DAY) is None


def test_a_map_views_what_it_was_granted_for_the_day() -> None:
    found = principal_of(ALL, 6, 0, DAY)

    assert found is not None
    assert found.viewed_makers == {"AB01"}
    assert found.viewed_models == {ModelKey("CD02", "0A")}
    earlier = principal_of(ALL, 6, 0, BEFORE)
    assert earlier is not None
    assert earlier.viewed_makers == {"AB01", "EE05"}


def test_viewings_count_for_maps_and_mops_only() -> None:
    former = a_party(9, PartyKind.DCC, viewings=ASSETS.viewings)
    found = principal_of(Directory([former]), 9, 0, DAY)

    assert found is not None
    assert not found.viewed_makers
    assert not found.viewed_models


def test_people_choose_between_their_party_and_those_it_acts_for() -> None:
    assert choices(ALL, 4, DAY) == [(0, "The Desk"), (2, "Rowan Energy")]
    assert choices(ALL, 4, AFTER)[-1] == (5, "Party 5")
    assert choices(ALL, 2, DAY) == [(0, "Rowan Energy")]
    assert choices(ALL, 3, DAY) == choices(ALL, 99, DAY) == []


def test_nobody_acts_for_a_party_that_is_no_supplier_any_more() -> None:
    former = a_party(2, PartyKind.NETWORK_PARTY, PartyKind.MOP, name="Rowan Energy")
    directory = Directory([former, DESK])

    assert principal_of(directory, 4, 2, DAY) is None
    assert [choice.acting_for for choice in choices(directory, 4, DAY)] == [0]
