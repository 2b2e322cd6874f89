"""The table of rights: written out here again, so that no grant slips in."""

import pytest

from firtree.access import TABLE, Principal, Right, Scope, scope_of
from firtree.errors import NotFoundError
from firtree.parties import PartyKind

OPEN = {Right.READ_HEALTH, Right.READ_LOG, Right.READ_STATIC}
READING = OPEN | {Right.READ_ENTRIES}
GRANTED: dict[PartyKind, set[Right]] = {
    PartyKind.KEEPER: set(Right),
    PartyKind.ADMINISTRATOR: READING,
    PartyKind.IMPORT_SUPPLIER: READING,
    PartyKind.GAS_SUPPLIER: READING,
    PartyKind.DCC: READING,
    PartyKind.SSC: READING,
    PartyKind.MANUFACTURER: READING,
    PartyKind.MAP: OPEN,
    PartyKind.MOP: OPEN,
    PartyKind.NETWORK_PARTY: OPEN,
    PartyKind.AGENT: OPEN,
    PartyKind.PUBLIC: OPEN,
}
PRIVATE = {PartyKind.KEEPER, PartyKind.ADMINISTRATOR, PartyKind.SSC}


@pytest.mark.parametrize("kind", PartyKind)
@pytest.mark.parametrize("right", Right)
def test_a_right_is_granted_where_the_table_says_so_and_nowhere_else(
    kind: PartyKind, right: Right
) -> None:
    somebody = Principal(kind, "somebody", frozenset({"AB01"}))

    if right in GRANTED[kind]:
        assert isinstance(scope_of(somebody, right), Scope)
    else:
        with pytest.raises(NotFoundError, match=r"^there is no such thing here$"):
            scope_of(somebody, right)


def test_every_kind_has_its_line_in_the_table() -> None:
    assert set(TABLE) == set(PartyKind) == set(GRANTED)


def test_what_the_table_does_not_know_is_refused() -> None:
    stranger = Principal("visitor", "x")  # type: ignore[arg-type]
    supplier = Principal(PartyKind.IMPORT_SUPPLIER, "x")

    for somebody, right in ((stranger, Right.READ_LOG), (supplier, "read everything")):
        with pytest.raises(NotFoundError):
            scope_of(somebody, right)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", PartyKind)
def test_a_right_that_is_the_same_for_everybody_reaches_no_data(
    kind: PartyKind,
) -> None:
    if kind is PartyKind.KEEPER:
        return
    for right in OPEN:
        scope = scope_of(Principal(kind, "x", frozenset({"AB01"})), right)
        assert scope == Scope(makers=frozenset(), fir=False, people=False)
        assert not scope.covers("AB01")


@pytest.mark.parametrize("kind", [k for k, v in GRANTED.items() if v >= READING])
def test_private_parts_are_for_three_kinds(kind: PartyKind) -> None:
    scope = scope_of(Principal(kind, "x"), Right.READ_ENTRIES)

    assert scope.private is (kind in PRIVATE)
    assert scope.fir
    assert scope.people


def test_a_maker_reaches_its_own_codes_only() -> None:
    mine = Principal(PartyKind.MANUFACTURER, "Alder", frozenset({"AB01", "AB02"}))
    nobody = Principal(PartyKind.MANUFACTURER, "Alder")

    scope = scope_of(mine, Right.READ_ENTRIES)
    assert [scope.covers(code) for code in ("AB01", "AB02", "CD03", "")] == [
        *(True, True, False, False)
    ]
    assert not scope_of(nobody, Right.READ_ENTRIES).covers("AB01")


def test_codes_are_for_makers_only() -> None:
    supplier = Principal(PartyKind.IMPORT_SUPPLIER, "x", frozenset({"AB01"}))

    assert scope_of(supplier, Right.READ_ENTRIES).makers is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (PartyKind.KEEPER, True),
        (PartyKind.ADMINISTRATOR, True),
        (PartyKind.SSC, True),
        (PartyKind.MANUFACTURER, True),
        (PartyKind.GAS_SUPPLIER, False),
        (PartyKind.DCC, False),
    ],
)
def test_who_recorded_a_statement_is_told_to_those_it_concerns(
    kind: PartyKind, *, told: bool
) -> None:
    scope = scope_of(Principal(kind, "x", frozenset({"AB01"})), Right.READ_ENTRIES)

    assert scope.heads is told
