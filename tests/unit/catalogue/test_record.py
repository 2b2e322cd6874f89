"""The entries of one model: found by version, with pathways that may be shared."""

from datetime import date

from entries import DAY, MODEL, an_entry
from firtree.catalogue.answer import Circumstances
from firtree.catalogue.entry import Availability, Status
from firtree.catalogue.record import ModelRecord

A = an_entry(1)
B = an_entry(2, upgradable_from=(1,))
LIMITED = an_entry(
    3,
    upgradable_from=(1,),
    availability=Availability.LIMITED,
    limited_to=("Birch Energy",),
)


def test_versions_are_found_in_any_case_active_and_newest_first() -> None:
    same = {"firmware": "0000000A"}
    record = ModelRecord.of(
        MODEL.key,
        [
            an_entry(4, **same, status=Status.EXPIRED, release_date=date(2030, 1, 1)),
            an_entry(3, **same),
            an_entry(2, **same, release_date=date(2029, 1, 1)),
            A,
        ],
    )

    assert [entry.id for entry in record.entries] == [1, 2, 3, 4]
    assert [entry.id for entry in record.listed(" 0000000a ")] == [2, 3, 4]
    assert record.listed("0000000B") == []


def test_pathways_are_shared_where_the_asker_makes_no_difference() -> None:
    record = ModelRecord.of(MODEL.key, [A, B])

    assert record.ways is record.ways
    assert record.ways_for(Circumstances(day=DAY, asker="Birch Energy")) is record.ways


def test_pathways_of_an_asker_or_an_own_list_are_their_own() -> None:
    record = ModelRecord.of(MODEL.key, [A, B, LIMITED])

    assert record.ways_for(Circumstances(day=DAY)) is record.ways
    named = record.ways_for(Circumstances(day=DAY, asker="Birch Energy"))
    other = record.ways_for(Circumstances(day=DAY, asker="Ash Gas"))
    listed = record.ways_for(Circumstances(day=DAY, approved={2: None}))
    assert record.ways_for(Circumstances(day=DAY, asker="Ash Gas")) is not named
    assert named.usable == {1, 2, 3}
    assert other.usable == {1, 2}
    assert listed.usable == {2}


def test_pathways_of_an_own_list_are_made_once_for_many_devices() -> None:
    record = ModelRecord.of(MODEL.key, [A, B]).apart()
    mine, yours = {2: None}, {1: None}

    ways = record.ways_for(Circumstances(day=DAY, approved=mine))
    assert record.ways_for(Circumstances(day=DAY, approved=mine)) is ways
    assert record.ways_for(Circumstances(day=DAY, approved=yours)).usable == {1}
    assert record.ways_for(Circumstances(day=DAY, approved=mine)).usable == {2}
    assert [entry.id for entry in record.entries] == [1, 2]
