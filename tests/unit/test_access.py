"""The table of rights: written out here again, so that no grant slips in."""

from __future__ import annotations

from itertools import combinations

import pytest

from firtree.access import (
    CPL_READER,
    DECISIONS,
    KEEPER,
    PUBLIC,
    TABLE,
    Principal,
    Right,
    Scope,
    scope_of,
)
from firtree.devices import ModelKey
from firtree.errors import NotFoundError
from firtree.parties import ADMITTED, PartyKind
from principals import a_principal

OPEN = {Right.READ_HEALTH, Right.READ_LOG, Right.READ_STATIC, Right.SIGN_IN}
PARTY = OPEN | {
    *(Right.OWN_ACCOUNT, Right.READ_PARTIES, Right.READ_TRAIL, Right.READ_ACCESS_LOG)
}
READING = PARTY | {Right.READ_ENTRIES}
GRANTED: dict[PartyKind, set[Right]] = {
    PartyKind.KEEPER: set(Right),
    PartyKind.ADMINISTRATOR: READING | {Right.MANAGE_PARTIES, Right.MANAGE_PEOPLE},
    PartyKind.IMPORT_SUPPLIER: READING,
    PartyKind.GAS_SUPPLIER: READING,
    PartyKind.DCC: READING,
    PartyKind.SSC: READING,
    PartyKind.MANUFACTURER: READING,
    PartyKind.MAP: READING,
    PartyKind.MOP: READING,
    PartyKind.NETWORK_PARTY: PARTY,
    PartyKind.AGENT: PARTY,
    PartyKind.SHARED_RESOURCE_PROVIDER: PARTY,
    PartyKind.PUBLIC: OPEN,
    PartyKind.CPL_READER: OPEN | {Right.READ_ENTRIES},
}
WHOLE = {
    *(PartyKind.KEEPER, PartyKind.ADMINISTRATOR, PartyKind.SSC, PartyKind.DCC),
    *(PartyKind.IMPORT_SUPPLIER, PartyKind.GAS_SUPPLIER, PartyKind.CPL_READER),
}
READERS = [kind for kind, rights in GRANTED.items() if Right.READ_ENTRIES in rights]
PRIVATE = {PartyKind.KEEPER, PartyKind.ADMINISTRATOR, PartyKind.SSC}
MINE, OTHERS = ModelKey("AB01", "010A030B"), ModelKey("CD02", "010A030B")


def somebody(kind: PartyKind) -> Principal:
    """Give a party of a kind that holds, and may view, one code."""
    codes = frozenset({"AB01"})
    return a_principal(kind, "somebody", codes, party=7, viewed_makers=codes)


@pytest.mark.parametrize("kind", PartyKind)
@pytest.mark.parametrize("right", Right)
def test_a_right_is_granted_where_the_table_says_so_and_nowhere_else(
    kind: PartyKind, right: Right
) -> None:
    if right in GRANTED[kind]:
        assert isinstance(scope_of(somebody(kind), right), Scope)
    else:
        refusal = r"^there is nothing here that you may see$"
        with pytest.raises(NotFoundError, match=refusal):
            scope_of(somebody(kind), right)


def test_every_kind_has_its_line_in_the_table() -> None:
    assert set(TABLE) == set(PartyKind) == set(GRANTED)
    assert set(PartyKind) - set(ADMITTED) == {
        *(PartyKind.KEEPER, PartyKind.PUBLIC, PartyKind.CPL_READER)
    }


def test_what_the_table_does_not_know_is_refused() -> None:
    stranger = a_principal("visitor", "x")  # type: ignore[arg-type]
    nobody = Principal(kinds=frozenset(), name="x")
    supplier = a_principal(PartyKind.IMPORT_SUPPLIER, "x")

    for who, right in (
        (stranger, Right.READ_LOG),
        (nobody, Right.READ_STATIC),
        (supplier, "read everything"),
    ):
        with pytest.raises(NotFoundError):
            scope_of(who, right)


@pytest.mark.parametrize("kind", PartyKind)
def test_a_right_that_is_the_same_for_everybody_reaches_no_data(
    kind: PartyKind,
) -> None:
    if kind is PartyKind.KEEPER:
        return
    for right in OPEN:
        scope = scope_of(somebody(kind), right)
        assert (scope.codes, scope.fir, scope.people) == (frozenset(), False, False)
        assert not scope.covers(MINE)
        assert not scope.parties


@pytest.mark.parametrize("kind", READERS)
def test_entries_are_read_whole_by_some_and_what_is_private_by_three(
    kind: PartyKind,
) -> None:
    scope = scope_of(somebody(kind), Right.READ_ENTRIES)

    assert scope.covers(MINE)
    assert scope.covers(OTHERS) is scope.is_whole is (kind in WHOLE)
    assert scope.private is (kind in PRIVATE)
    assert scope.fir is scope.people is (kind is not PartyKind.CPL_READER)


def test_a_maker_reaches_its_own_codes_only() -> None:
    mine = a_principal(PartyKind.MANUFACTURER, "Alder", frozenset({"AB01", "AB02"}))
    nobody = a_principal(PartyKind.MANUFACTURER, "Alder")

    scope = scope_of(mine, Right.READ_ENTRIES)
    assert [scope.covers_maker(code) for code in ("AB01", "AB02", "CD03", "")] == [
        *(True, True, False, False)
    ]
    assert not scope.covers(ModelKey("", ""))
    assert not scope_of(nobody, Right.READ_ENTRIES).covers_maker("AB01")


def test_codes_are_for_makers_only() -> None:
    supplier = a_principal(PartyKind.IMPORT_SUPPLIER, "x", frozenset({"AB01"}))
    viewer = a_principal(
        PartyKind.MAP, "x", frozenset({"AB01"}), viewed_models=frozenset({MINE})
    )

    assert not scope_of(supplier, Right.READ_ENTRIES).own
    assert not scope_of(viewer, Right.READ_ENTRIES).own
    assert not scope_of(viewer, Right.READ_TRAIL).concerns("AB01")


@pytest.mark.parametrize("kind", [PartyKind.MAP, PartyKind.MOP])
def test_a_map_or_mop_reads_what_it_was_granted_and_without_a_grant_nothing(
    kind: PartyKind,
) -> None:
    some = a_principal(
        kind,
        "x",
        viewed_makers=frozenset({"AB01"}),
        viewed_models=frozenset({OTHERS}),
    )
    scope = scope_of(some, Right.READ_ENTRIES)

    assert scope.codes == frozenset({"AB01", "CD02"})
    assert scope.covers(ModelKey("AB01", "anything"))
    assert scope.covers(OTHERS)
    assert not scope.covers(ModelKey("CD02", "010A030C"))
    assert scope.covers_maker("CD02")
    assert scope.findings.covers_maker("AB01")
    assert not scope.findings.covers_maker("CD02")
    with pytest.raises(NotFoundError):
        scope_of(a_principal(kind, "x"), Right.READ_ENTRIES)


def test_a_party_of_several_kinds_reaches_what_each_of_them_reaches() -> None:
    codes = frozenset({"AB01"})
    both = Principal(
        kinds=frozenset({PartyKind.GAS_SUPPLIER, PartyKind.MANUFACTURER}),
        name="x",
        party=7,
        makers=codes,
    )

    scope = scope_of(both, Right.READ_ENTRIES)
    assert scope == Scope(own=codes, party=7)
    assert scope.concerns("AB01")
    assert not scope.concerns("CD02")


@pytest.mark.parametrize("pair", list(combinations(ADMITTED, 2)))
def test_what_two_kinds_reach_together_is_what_one_of_them_reaches(
    pair: tuple[PartyKind, PartyKind],
) -> None:
    codes, viewed = frozenset({"AB01"}), frozenset({"EE05"})

    def reached(*kinds: PartyKind) -> Scope | None:
        who = Principal(
            kinds=frozenset(kinds),
            name="x",
            makers=codes,
            viewed_makers=viewed,
            viewed_models=frozenset({OTHERS}),
        )
        try:
            return scope_of(who, Right.READ_ENTRIES)
        except NotFoundError:
            return None

    one, other, both = reached(pair[0]), reached(pair[1]), reached(*pair)
    alone = [scope for scope in (one, other) if scope is not None]
    for key in (MINE, OTHERS, ModelKey("EE05", "00000000")):
        covered = both is not None and both.covers(key)
        assert covered is any(scope.covers(key) for scope in alone)
        told = both is not None and both.findings.covers(key)
        assert told is any(scope.findings.covers(key) for scope in alone)
        private = both is not None and both.covers(key) and both.private
        assert private is any(s.covers(key) and s.private for s in alone)


@pytest.mark.parametrize("kind", ADMITTED)
def test_a_party_sees_itself_and_only_administrators_see_every_party(
    kind: PartyKind,
) -> None:
    every = kind is PartyKind.ADMINISTRATOR
    for right in (Right.READ_PARTIES, Right.READ_TRAIL, Right.READ_ACCESS_LOG):
        scope = scope_of(somebody(kind), right)
        assert scope.covers_party(7)
        assert scope.covers_party(8) is scope.parties is every
        assert not (scope.covers_party(0) and not every)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (PartyKind.KEEPER, True),
        (PartyKind.ADMINISTRATOR, True),
        (PartyKind.SSC, True),
        (PartyKind.MANUFACTURER, True),
        (PartyKind.GAS_SUPPLIER, False),
        (PartyKind.DCC, False),
        (PartyKind.MAP, False),
    ],
)
def test_who_recorded_a_statement_is_told_to_those_it_concerns(
    kind: PartyKind, *, told: bool
) -> None:
    scope = scope_of(somebody(kind), Right.READ_ENTRIES)

    assert scope.concerns("AB01") is told
    assert scope.concerns("CD02") is (kind in PRIVATE)


def test_whatever_changes_something_is_a_decision() -> None:
    assert {right for right in Right if not right.value.startswith("read")} == {
        *DECISIONS,
        Right.SIGN_IN,
    }


def test_nobody_and_the_keeper_are_no_parties() -> None:
    assert KEEPER.party == PUBLIC.party == CPL_READER.party == 0
    assert not scope_of(PUBLIC, Right.READ_LOG).covers_party(0)
