"""Conditions on the Communications Hub: met, unmet or unknown."""

import msgspec
import pytest

from entries import a_model, an_entry, ways_of
from firtree.catalogue.conditions import Hub, Met, conditions_of
from firtree.catalogue.entry import Entry, Hold, Requirement
from firtree.devices import DeviceType, ModelKey

HUB = Hub(manufacturer=" ab01", model="0c0a030b", firmware="00000047")
MODEL = a_model(device_type=DeviceType.CHF, model_identifier="0C0A")
FIRST = an_entry(70, model=MODEL, gbcs="3.2", smets_chts="CHTS V1.3")
SECOND = an_entry(71, model=MODEL, upgradable_from=(70,), gbcs="4.1")
WAYS = ways_of([FIRST, SECOND])


def states(
    hub: Hub | None = HUB, entry: Entry | None = SECOND, **requires: object
) -> list[str]:
    requirement = msgspec.convert(requires, Requirement)
    ways = WAYS if entry else None
    return [c.state.value for c in conditions_of(requirement, hub, entry, ways)]


def test_a_hub_is_matched_like_any_device() -> None:
    assert HUB.key == ModelKey("AB01", "0C0A030B")


def test_no_requirement_asks_nothing() -> None:
    assert conditions_of(None, None, None, None) == ()
    assert conditions_of(Requirement(), HUB, SECOND, WAYS) == ()


@pytest.mark.parametrize(
    ("entries", "runs", "state"),
    [
        ([70], FIRST, "met"),
        ([70], SECOND, "met"),
        ([71], FIRST, "unmet"),
        ([9, 71], SECOND, "met"),
        ([9], SECOND, "unmet"),
        ([71], None, "unknown"),
    ],
)
def test_a_hub_entry_or_one_reached_from_it_suffices(
    entries: list[int], runs: Entry | None, state: str
) -> None:
    assert states(entry=runs, hub_entries=entries) == [state]


def test_a_hub_meets_it_though_nobody_may_go_there_any_more() -> None:
    held = msgspec.structs.replace(SECOND.fir, hold=Hold())
    runs = msgspec.structs.replace(SECOND, fir=held)
    wants = Requirement(hub_entries=(70,))

    (condition,) = conditions_of(wants, HUB, runs, ways_of([FIRST, runs]))

    assert condition.state is Met.MET


@pytest.mark.parametrize(
    ("has", "least", "state"),
    [
        ("4.1", "4.1", "met"),
        ("4.10", "4.9", "met"),
        ("3.2", "4.1", "unmet"),
        ("4", "4.0", "met"),
        ("4.0", "4", "met"),
        ("4", "4.1", "unmet"),
        ("4.1.1", "4.1", "met"),
        ("GBCS v4.1", "4.1", "met"),
        ("", "4.1", "unknown"),
        ("4.1", "the newest", "unknown"),
    ],
)
def test_a_least_version_is_compared_by_its_numbers(
    has: str, least: str, state: str
) -> None:
    by_gbcs = an_entry(70, model=MODEL, gbcs=has)
    by_chts = an_entry(70, model=MODEL, smets_chts=has)

    assert states(entry=by_gbcs, least_gbcs=least) == [state]
    assert states(entry=by_chts, least_chts=least) == [state]
    assert states(entry=None, least_gbcs=least, least_chts=least) == ["unknown"] * 2


@pytest.mark.parametrize(
    ("has", "state"),
    [("dual band", "met"), ("Single Band", "unmet"), ("", "unknown")],
)
def test_a_han_variant_is_compared_without_case(has: str, state: str) -> None:
    hub = msgspec.structs.replace(HUB, han_variant=has)

    assert states(hub, han_variant="Dual Band") == [state]
    assert states(None, han_variant="Dual Band") == ["unknown"]


def test_each_condition_is_named() -> None:
    wants = Requirement(
        hub_entries=(70, 71), least_gbcs="4.1", least_chts="1.4", han_variant="Dual"
    )

    found = conditions_of(wants, HUB, SECOND, WAYS)

    assert [condition.kind for condition in found] == [
        "hub-entry",
        "least-gbcs",
        "least-chts",
        "han-variant",
    ]
    assert found[0].entries == (70, 71)
    assert found[0].text == (
        "Communications Hub on entry 70, 71, or on one reached from there"
    )
    assert found[2].text == "Communications Hub with CHTS 1.4 or later"
