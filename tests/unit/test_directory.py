"""The rules that hold between parties, and what a succession makes of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.parties import PartyKind
from firtree.parties.directory import Directory
from firtree.parties.party import Appointment, Holding, Mandate, Party, Viewing
from parties import SINCE, a_party, holding

DAY = date(2026, 11, 28)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
MAKER, AGENT = PartyKind.MANUFACTURER, PartyKind.AGENT

ALDER = a_party(1, MAKER, name="Alder Meters", codes=holding("AB01", "AB02"))
BIRCH = a_party(2, MAKER, name="Birch Metering", codes=holding("CD02"))
DCC = a_party(3, PartyKind.DCC, mandates=(Mandate(maker=1, since=SINCE),))
ROWAN = a_party(4, PartyKind.IMPORT_SUPPLIER, name="Rowan Energy")
ALL = Directory([BIRCH, ALDER, DCC, ROWAN])


def problems(party: Party) -> list[str]:
    return [str(problem) for problem in ALL.problems(party)]


def test_ids_are_never_used_again() -> None:
    assert ALL.next_id() == 5
    assert Directory(()).next_id() == 1


@pytest.mark.parametrize("party", ALL.parties.values())
def test_a_party_is_no_problem_beside_the_others(party: Party) -> None:
    assert problems(party) == []


def test_a_name_that_differs_in_case_or_blanks_alone_is_taken() -> None:
    # What is limited to a party would be offered to another otherwise.
    for name in ("alder meters", "Alder  Meters", "ALDER   meters"):
        other = a_party(9, PartyKind.NETWORK_PARTY, name=name)

        assert problems(other) == [
            "name: expected a name that no other party has, found that of party 1"
        ]


def test_everything_that_is_wrong_is_named_at_once() -> None:
    wrong = a_party(
        9,
        PartyKind.NETWORK_PARTY,
        name="ALDER METERS",
        codes=holding("AB01"),
        mandates=(Mandate(maker=4, since=DAY), Mandate(maker=99, since=DAY)),
        appointments=(Appointment(supplier=1, since=DAY),),
        viewings=(Viewing(since=DAY, makers=("AB01",)),),
    )

    assert problems(wrong) == [
        "name: expected a name that no other party has, found that of party 1",
        "codes: expected none for a party that is no manufacturer, found 1",
        (
            "appointments: expected none for a party that is no agent or shared "
            "resource provider, found 1"
        ),
        "viewings: expected none for a party that is no MAP or MOP, found 1",
        (
            "codes: expected AB01 on days on which nobody else holds it, "
            "found from 2026-01-01, when party 1 holds it"
        ),
        "mandates: expected another party that is manufacturer, found party 4",
        "mandates: expected another party that is manufacturer, found party 99",
        (
            "appointments: expected another party that is gas supplier or import "
            "supplier, found party 1"
        ),
    ]


def test_what_others_are_given_by_a_party_ends_before_it_is_something_else() -> None:
    desk = a_party(5, AGENT, appointments=(Appointment(supplier=4, since=SINCE),))
    ended = Appointment(supplier=4, since=SINCE, until=DAY)
    mop = a_party(4, PartyKind.MOP, name="Rowan Energy")
    gas = a_party(4, PartyKind.GAS_SUPPLIER, name="Rowan Energy")
    directory = Directory([*ALL.parties.values(), desk])

    assert list(map(str, directory.problems(mop))) == [
        (
            "kinds: expected gas supplier or import supplier, until appointments of "
            "party 5 end, found MOP"
        ),
    ]
    assert directory.problems(gas) == []
    assert list(map(str, directory.problems(a_party(1, PartyKind.DCC)))) == [
        "kinds: expected manufacturer, until mandates of party 3 end, found DCC",
    ]
    after = a_party(5, AGENT, appointments=(ended,))
    assert Directory([ROWAN, after]).problems(mop) == []


def test_nobody_submits_for_itself() -> None:
    assert problems(a_party(1, MAKER, mandates=(Mandate(maker=1, since=DAY),)))


@pytest.mark.parametrize(
    ("since", "until", "free"),
    [
        (DAY, None, False),
        (BEFORE - timedelta(days=9), BEFORE, False),
        (AFTER, AFTER, True),
        (SINCE - timedelta(days=9), SINCE - timedelta(days=1), True),
        (SINCE - timedelta(days=9), SINCE, False),
    ],
)
def test_a_code_has_one_holder_on_each_day(
    since: date, until: date | None, *, free: bool
) -> None:
    ended = Holding(code="AB01", since=SINCE, until=DAY)
    others = Directory([a_party(1, MAKER, codes=(ended,))])
    taken = Holding(code="AB01", since=since, until=until)

    assert (not others.problems(a_party(2, MAKER, codes=(taken,)))) is free


def test_one_party_cannot_hold_a_code_twice_on_a_day() -> None:
    assert problems(a_party(1, MAKER, codes=holding("AB01", "AB01")))


def test_a_succession_passes_codes_and_mandates_on_from_its_day() -> None:
    giver = a_party(
        1,
        MAKER,
        PartyKind.MAP,
        AGENT,
        codes=(
            Holding(code="AB00", since=SINCE, until=BEFORE),
            Holding(code="AB01", since=SINCE),
            Holding(code="AB02", since=AFTER, until=AFTER),
        ),
        mandates=(Mandate(maker=2, since=SINCE), Mandate(maker=5, since=SINCE)),
        viewings=(Viewing(since=SINCE, makers=("CD02",)),),
        appointments=(Appointment(supplier=4, since=SINCE),),
    )
    sedge = a_party(5, MAKER)
    directory = Directory([giver, BIRCH, DCC, ROWAN, sedge])

    made = directory.handover(giver, BIRCH, DAY, "bought")

    assert made.succession.codes == ("AB01", "AB02")
    left, gained, submitter = made.parties
    assert left.succeeded_by == 2
    assert left.codes == (
        Holding(code="AB00", since=SINCE, until=BEFORE),
        Holding(code="AB01", since=SINCE, until=BEFORE),
    )
    assert left.codes_on(DAY) == frozenset()
    ended = {one.until for one in (*left.mandates, *left.viewings, *left.appointments)}
    assert ended == {BEFORE}
    assert gained.codes == (
        *BIRCH.codes,
        Holding(code="AB01", since=DAY),
        Holding(code="AB02", since=AFTER, until=AFTER),
    )
    assert gained.mandates == (Mandate(maker=5, since=DAY),)
    assert (gained.viewings, gained.appointments) == ((), ())
    assert submitter.id == DCC.id
    assert submitter.mandates == (Mandate(maker=1, since=SINCE, until=BEFORE),)


@given(st.dates(date(2025, 6, 1), date(2027, 6, 1)), st.integers(-400, 400))
def test_on_each_day_a_code_is_held_by_the_one_or_the_other(
    on: date, offset: int
) -> None:
    made = ALL.handover(ALDER, BIRCH, on, "bought")
    left, gained = made.parties[:2]
    day = on + timedelta(days=offset)

    held = left.codes_on(day), gained.codes_on(day) - BIRCH.codes_on(day)
    assert not held[0] & held[1]
    assert held[0] | held[1] == ALDER.codes_on(day)
    assert bool(held[0]) is (day < on and day >= SINCE)
    assert not Directory([*ALL.parties.values(), *made.parties]).problems(gained)
