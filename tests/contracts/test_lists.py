"""The lists of a register: manufacturers, models, releases, and who shares an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from entries import a_model, an_entry
from firtree.access import Scope
from firtree.catalogue.entry import Status
from firtree.devices import ModelKey
from firtree.library.list_ports import ImageKey, Sharer, Tally
from firtree.library.ports import Filter
from firtree.parties import Maker
from firtree.statements.types.entry import read_entry
from registers import ALDER, OPENING, Clock, a_recorder, record

if TYPE_CHECKING:
    from firtree.library.ports import Reading, Register

ALL = Scope(private=True)
FIRST, NO_IMAGE = ModelKey("", ""), ImageKey("", "")
SIBLING = a_model(hardware_revision="0C")
OTHERS = a_model(manufacturer="CD02")
SHARED, OWN = f"{5:064X}", f"{1:064X}"
MODEL, NEXT, THEIRS = "010A030B", "010A030C", ModelKey("CD02", "010A030B")


class Filled(NamedTuple):
    """A register, and the sizes it had."""

    register: Register
    then: int
    now: int


@pytest.fixture
def filled(register: Register) -> Filled:
    """Record three makers; then one entry changes its model and image, one its status.

    Maker BB00 has no entries, manufacturer CD02 no maker.
    """
    clock = Clock()
    recorder = a_recorder(register, now=clock)
    record(recorder, OPENING, ALDER, Maker(code="BB00", name="Birch"))
    then = record(
        recorder,
        an_entry(1),
        an_entry(2, image_hash=SHARED),
        an_entry(7, image_hash=SHARED, model=OTHERS),
        an_entry(4, image_hash=""),
    ).size
    clock.move()
    now = record(
        recorder,
        an_entry(3, image_hash=SHARED),
        an_entry(1, model=SIBLING, image_hash=SHARED),
        an_entry(2, image_hash=SHARED, status=Status.EXPIRED),
        an_entry(9, model=a_model(manufacturer="EE05"), image_hash=OWN),
    ).size
    return Filled(register, then, now)


def manufacturers(reading: Reading, size: int) -> list[str]:
    """Give all codes, one a page."""
    codes: list[str] = []
    while found := reading.manufacturers(
        ALL, size=size, after=codes[-1] if codes else "", limit=1
    ):
        codes += found
    return codes


def models(reading: Reading, scope: Scope, code: str, size: int) -> list[ModelKey]:
    """Give all models, one a page."""
    keys: list[ModelKey] = []
    while found := reading.models(
        scope, code, size=size, after=keys[-1] if keys else FIRST, limit=1
    ):
        keys += found
    return keys


def releases(
    reading: Reading, size: int, code: str = "", image_hash: str = ""
) -> list[ImageKey]:
    """Give all releases, one a page."""
    keys: list[ImageKey] = []
    while found := reading.releases(
        *(ALL, code, image_hash),
        size=size,
        after=keys[-1] if keys else NO_IMAGE,
        limit=1,
    ):
        keys += found
    return keys


def test_manufacturers_are_those_of_makers_and_of_entries(filled: Filled) -> None:
    some = Scope(makers=frozenset({"CD02", "AB01"}))
    with filled.register.reading() as reading:
        assert manufacturers(reading, filled.now) == ["AB01", "BB00", "CD02", "EE05"]
        assert reading.manufacturers(some, size=9, after="AB01", limit=9) == ["CD02"]
        assert reading.manufacturers(ALL, size=9, after="EE05", limit=9) == []


def test_a_tally_counts_what_holds_at_a_size(filled: Filled) -> None:
    with filled.register.reading() as reading:
        assert reading.tally(ALL, "AB01", filled.then) == Tally(1, {"Active": 3})
        now = reading.tally(ALL, "AB01", filled.now)
        assert now == Tally(2, {"Active": 3, "Expired": 1})
        assert now.entries == 4
        assert reading.tally(ALL, "EE05", filled.then) == Tally(0, {})
        assert reading.tally(ALL, "BB00", filled.now) == Tally(0, {})


def test_models_are_those_with_entries_in_order(filled: Filled) -> None:
    alder = Scope(makers=frozenset({"AB01"}))
    with filled.register.reading() as reading:
        first = [ModelKey("AB01", MODEL), THEIRS]
        assert models(reading, ALL, "", filled.then) == first
        assert models(reading, ALL, "", filled.now) == [
            *(ModelKey("AB01", MODEL), ModelKey("AB01", NEXT)),
            *(THEIRS, ModelKey("EE05", MODEL)),
        ]
        assert models(reading, ALL, "CD02", filled.now) == [THEIRS]
        assert models(reading, alder, "", filled.then) == first[:1]
        assert models(reading, alder, "CD02", filled.now) == []
        assert models(reading, ALL, "BB00", filled.now) == []


def test_single_models_are_within_reach_without_their_makers(filled: Filled) -> None:
    one, at = Scope(makers=frozenset({"EE05"}), models=frozenset({THEIRS})), filled.now
    mine = Scope(makers=frozenset(), models=frozenset({ModelKey("AB01", NEXT)}))
    wanted = Filter()
    with filled.register.reading() as reading:
        assert models(reading, one, "", at) == [THEIRS, ModelKey("EE05", MODEL)]
        assert models(reading, mine, "AB01", at) == [ModelKey("AB01", NEXT)]
        assert models(reading, mine, "CD02", at) == []
        assert reading.manufacturers(one, size=at, after="", limit=9) == [
            *("CD02", "EE05")
        ]
        assert reading.tally(mine, "AB01", at) == Tally(1, {"Active": 1})
        key = ImageKey(SHARED, "AB01")
        every = reading.ids_of_release(ALL, key, size=at, limit=9)
        some = reading.ids_of_release(mine, key, size=at, limit=9)
        rows = reading.entry_rows(every)
        assert some == [n for n in every if rows[n].model == NEXT] != every
        seen = reading.page(wanted, mine, size=at, after=0, limit=99)
        everything = reading.page(wanted, ALL, size=at, after=0, limit=99)
        ids = [read_entry(s.core).id for s in everything]
        assert [read_entry(s.core).id for s in seen] == [
            n for n in ids if reading.entry_rows([n])[n].key == ModelKey("AB01", NEXT)
        ]
        chosen = reading.chosen(ids, wanted, mine, size=at)
        assert [s.number for s in chosen] == [s.number for s in seen]
        assert seen


def test_the_ids_of_a_maker_come_in_order(filled: Filled) -> None:
    with filled.register.reading() as reading:

        def ids(size: int, after: int, limit: int) -> list[int]:
            return reading.ids_of_maker("AB01", size=size, after=after, limit=limit)

        assert ids(filled.then, 0, 9) == [1, 2, 4]
        assert ids(filled.now, 0, 9) == [1, 2, 3, 4]
        assert ids(filled.now, 1, 2) == [2, 3]
        assert ids(filled.now, 4, 9) == []


def test_a_release_is_a_maker_and_an_image(filled: Filled) -> None:
    alder, theirs = ImageKey(SHARED, "AB01"), ImageKey(SHARED, "CD02")
    lone = ImageKey(OWN, "EE05")
    with filled.register.reading() as reading:
        assert releases(reading, filled.now) == [lone, alder, theirs]
        assert releases(reading, filled.then) == [
            *(ImageKey(OWN, "AB01"), alder, theirs)
        ]
        assert releases(reading, filled.now, "AB01") == [alder]
        assert releases(reading, filled.now, "", SHARED) == [alder, theirs]
        assert releases(reading, filled.now, "CD02", OWN) == []
        some = Scope(makers=frozenset({"EE05"}))
        seen = reading.releases(some, "", "", size=filled.now, after=NO_IMAGE, limit=9)
        assert seen == [lone]
        assert reading.ids_of_release(ALL, alder, size=filled.now, limit=9) == [1, 2, 3]
        assert reading.ids_of_release(ALL, alder, size=filled.now, limit=2) == [1, 2]
        assert reading.ids_of_release(ALL, alder, size=filled.then, limit=9) == [2]


def test_those_who_share_an_image_come_maker_by_maker(filled: Filled) -> None:
    with filled.register.reading() as reading:
        found = list(reading.sharers([SHARED, OWN, "77"], filled.now))
        assert found == [
            *(Sharer(OWN, "EE05", 9), Sharer(SHARED, "AB01", 1)),
            *(Sharer(SHARED, "AB01", 2), Sharer(SHARED, "AB01", 3)),
            Sharer(SHARED, "CD02", 7),
        ]
        assert list(reading.sharers([], filled.now)) == []
