"""A party checks itself: what it is, its days, its codes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firtree.parties import PartyKind
from firtree.parties.party import (
    Holding,
    Party,
    Succession,
    Suspension,
    ViewedModel,
    Viewing,
    check_code,
    check_name,
    check_reason,
)
from parties import PARTY, a_party

DAY = date(2026, 11, 28)
YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


@given(PARTY)
def test_a_party_is_read_as_it_was_written(party: Party) -> None:
    assert msgspec.json.decode(msgspec.json.encode(party), type=Party) == party


@given(st.dates(), st.dates(), st.dates())
def test_what_is_dated_holds_from_its_first_to_its_last_day(
    since: date, until: date, day: date
) -> None:
    if until < since:
        with pytest.raises(ValueError, match="a last day that is not before"):
            Holding(code="AB01", since=since, until=until)
        return

    held = Holding(code="AB01", since=since, until=until)
    assert held.holds_on(day) is (since <= day <= until)
    assert Holding(code="AB01", since=since).holds_on(day) is (since <= day)


def test_codes_are_those_held_on_a_day() -> None:
    party = a_party(
        1,
        PartyKind.MANUFACTURER,
        codes=(
            Holding(code="AB01", since=YESTERDAY, until=YESTERDAY),
            Holding(code="AB02", since=DAY),
            Holding(code="AB03", since=TOMORROW),
        ),
    )

    assert party.codes_on(YESTERDAY) == {"AB01"}
    assert party.codes_on(DAY) == {"AB02"}
    assert party.codes_on(TOMORROW) == {"AB02", "AB03"}


def test_a_suspension_counts_from_its_day() -> None:
    party = a_party(1, suspension=Suspension(since=DAY, reason="left the scheme"))

    assert [party.is_suspended(day) for day in (YESTERDAY, DAY, TOMORROW)] == [
        *(False, True, True)
    ]
    assert not a_party(1).is_suspended(DAY)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": 0}, "id is 1 or more"),
        ({"name": ""}, "a name of 1 to 100"),
        ({"name": " Alder"}, "no blank at its ends"),
        ({"name": "x" * 101}, "1 to 100 characters"),
        ({"name": "a\nb"}, "without control characters"),
        ({"kinds": ()}, "at least one kind"),
        ({"kinds": (PartyKind.MAP, PartyKind.MAP)}, "each named once"),
        ({"kinds": (PartyKind.KEEPER,)}, "kinds of party from administrator"),
        ({"kinds": (PartyKind.PUBLIC,)}, "kinds of party from"),
        ({"kinds": (PartyKind.CPL_READER,)}, "kinds of party from"),
    ],
)
def test_a_party_that_breaks_a_rule_cannot_be_made(
    fields: dict[str, Any], expected: str
) -> None:
    good: dict[str, Any] = {"id": 1, "name": "Alder", "kinds": (PartyKind.DCC,)}
    Party(**good)

    with pytest.raises(ValueError, match=expected):
        Party(**{**good, **fields})


def test_a_viewing_names_what_may_be_viewed() -> None:
    model = ViewedModel("AB01", "010A030B")
    assert Viewing(since=DAY, models=(model,)).models == (model,)

    with pytest.raises(ValueError, match="at least one manufacturer code or"):
        Viewing(since=DAY)
    with pytest.raises(ValueError, match="a code in upper case"):
        Viewing(since=DAY, models=(ViewedModel("AB01", "010a030b"),))
    with pytest.raises(ValueError, match="a code in upper case"):
        Viewing(since=DAY, makers=("ab01",))


def test_a_succession_is_between_two_parties_for_a_reason() -> None:
    with pytest.raises(ValueError, match="a party other than"):
        Succession(giver=1, taker=1, on=DAY, reason="bought")
    with pytest.raises(ValueError, match="a reason of 1 to 200"):
        Succession(giver=1, taker=2, on=DAY, reason="  ")


@pytest.mark.parametrize("text", ["", "ab01", " AB01", "AB01 ", "A" * 31, "A\tB"])
def test_a_code_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a "):
        check_code(text)


def test_texts_of_the_right_form_are_given_back() -> None:
    assert check_code("AB01") == "AB01"
    assert check_name("Ålder & Sons") == "Ålder & Sons"
    assert check_reason("merged") == "merged"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("dcc", PartyKind.DCC), (" Gas Supplier ", PartyKind.GAS_SUPPLIER)],
)
def test_a_kind_is_read_whatever_its_case(text: str, kind: PartyKind) -> None:
    assert PartyKind.parse(text) is kind


@pytest.mark.parametrize("text", ["", "keeper", "public", "supplier"])
def test_what_cannot_be_admitted_is_no_kind(text: str) -> None:
    with pytest.raises(ValueError, match="one of administrator, import supplier"):
        PartyKind.parse(text)
