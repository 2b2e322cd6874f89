"""Usable entries, hardware ranges, valid steps and the ways made of them."""

from datetime import date
from typing import Any

import msgspec
import pytest

from entries import DAY, a_model, an_outline
from firtree.catalogue.entry import Availability, Hold, Status
from firtree.catalogue.pathways import Pathways, newest, usable
from firtree.devices import DeviceType, Generation

A = an_outline(1)
ASKER = "Birch Energy"
_LIMITED = Availability.LIMITED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"availability": Availability.AVAILABLE}, True),
        ({"availability": Availability.ON_REQUEST}, True),
        ({"availability": Availability.NOT_FOR_NEW}, True),
        ({"availability": _LIMITED, "limited_to": (ASKER,)}, True),
        ({"availability": _LIMITED, "limited_to": ("Ash Gas",)}, False),
        ({"availability": _LIMITED, "limited_to": ("BIRCH  energy",)}, True),
        ({"availability": _LIMITED}, False),
        ({"availability": Availability.WITHDRAWN}, False),
        ({"hold": Hold()}, False),
        ({"image_hash": ""}, False),
        ({"status": Status.EXPIRED}, False),
        ({"status": Status.WITHDRAWN}, False),
        ({"status": Status.CANCELLED}, False),
        *(
            ({"model": a_model(device_type=kind)}, kind.updates_over_the_air)
            for kind in DeviceType
        ),
    ],
)
def test_an_outline_is_usable_by_rule_1(
    changes: dict[str, Any],
    expected: bool,  # noqa: FBT001
) -> None:
    assert usable(an_outline(2, **changes), ASKER) is expected


def test_what_is_limited_is_not_usable_for_nobody_in_particular() -> None:
    limited = an_outline(2, availability=_LIMITED, limited_to=(ASKER,))

    assert not usable(limited)
    assert not usable(msgspec.structs.replace(limited, limited_to=("",)), "")


@pytest.mark.parametrize(
    ("least", "most", "fits"),
    [
        ("", "", True),
        ("030B", "030B", True),
        ("030b", "030b", True),
        ("030C", "", False),
        ("", "030A", False),
        ("", "030a", False),
        ("0000", "FFFF", True),
        ("any", "any", True),
        ("FF", "00", True),
    ],
)
def test_hardware_lies_in_the_range_of_the_image(
    least: str,
    most: str,
    fits: bool,  # noqa: FBT001
) -> None:
    entry = an_outline(2, min_hardware=least, max_hardware=most)

    assert entry.fits is fits


def test_hardware_that_is_not_hexadecimal_fits_every_range() -> None:
    model = a_model(generation=Generation.SMETS1, hardware_version="rev. 2")

    assert an_outline(2, model=model, min_hardware="FFFF").fits


def test_an_edge_to_itself_to_nowhere_or_to_another_type_is_none() -> None:
    gas = a_model(device_type=DeviceType.GSME)
    ways = Pathways(
        [
            an_outline(1, upgradable_from=(1, 99)),
            an_outline(2, upgradable_from=(1,), model=gas),
            an_outline(3, upgradable_from=(1,)),
        ]
    )

    assert ways.declared == {1: [3], 2: [], 3: []}
    assert ways.steps == ways.declared


def test_a_step_past_a_mandatory_entry_is_none_but_for_a_confirmed_one() -> None:
    skipped = an_outline(2, upgradable_from=(1,), mandatory_step=True)
    free = Pathways(
        [A, skipped, an_outline(3, upgradable_from=(1, 2), confirmed_edges=(1,))]
    )
    ways = Pathways([A, skipped, an_outline(3, upgradable_from=(1, 2))])

    assert ways.skipping == {(1, 3)}
    assert ways.path(1, 3) == [2, 3]
    assert free.skipping == frozenset()
    assert free.path(1, 3) == [3]


def test_a_mandatory_entry_on_no_way_between_cuts_nothing() -> None:
    aside = an_outline(2, upgradable_from=(1,), mandatory_step=True)

    ways = Pathways([A, aside, an_outline(3, upgradable_from=(1,))])

    assert ways.path(1, 3) == [3]


def test_a_way_leads_only_through_valid_steps() -> None:
    ways = Pathways(
        [
            A,
            an_outline(2, upgradable_from=(1,), hold=Hold()),
            an_outline(3, upgradable_from=(2,)),
        ]
    )

    assert ways.path(1, 3) is None
    assert ways.path(2, 3) == [3]
    assert ways.path(1, 1) == []
    assert ways.blocked_route(1, 3) == ([2, 3], 2)


def test_there_is_no_blocked_route_where_none_was_declared_or_none_is_blocked() -> None:
    ways = Pathways([A, an_outline(2, upgradable_from=(1,)), an_outline(3)])

    assert ways.blocked_route(1, 2) is None
    assert ways.blocked_route(1, 3) is None
    assert ways.blocked_route(1, 1) is None


def test_ends_are_newest_first() -> None:
    ways = Pathways([A, *(an_outline(n, upgradable_from=(1,)) for n in (4, 2, 3))])

    assert [end.id for end in ways.ends(1)] == [4, 3, 2]
    assert [end.id for end in ways.ends(2)] == [2]


def test_approval_counts_from_its_day() -> None:
    entries = [A, *(an_outline(n, upgradable_from=(1,)) for n in (2, 3, 4, 5))]
    approved = {2: None, 3: DAY, 4: date(2026, 11, 23)}

    assert Pathways(entries, approved=approved, day=DAY).usable == {2, 3}
    assert Pathways(entries, approved=approved).usable == {2, 3, 4}
    assert Pathways(entries, approved={}).usable == frozenset()


def test_the_newest_goes_by_release_then_publication_then_id() -> None:
    day = date(2026, 1, 1)
    same: dict[str, Any] = {"release_date": day, "published_on": day}

    assert newest([an_outline(1, release_date=DAY), an_outline(2)]).id == 1
    assert (
        newest(
            [an_outline(1, published_on=DAY, release_date=day), an_outline(2, **same)]
        ).id
        == 1
    )
    assert newest([an_outline(2, **same), an_outline(1, **same)]).id == 2
    assert (
        newest(
            [
                an_outline(1, published_on=DAY, release_date=None),
                an_outline(2, published_on=None),
            ]
        ).id
        == 1
    )
    assert (
        newest(
            [
                an_outline(2, published_on=None, release_date=None),
                an_outline(1, published_on=day),
            ]
        ).id
        == 1
    )


def test_a_cycle_that_can_be_left_has_no_end() -> None:
    ways = Pathways(
        [
            an_outline(1, upgradable_from=(2,)),
            an_outline(2, upgradable_from=(1,)),
            an_outline(3, upgradable_from=(2,)),
        ]
    )

    assert [end.id for end in ways.ends(1)] == [3]


def test_a_long_chain_is_walked_in_little_time() -> None:
    count = 5000
    ways = Pathways(
        [an_outline(1)]
        + [an_outline(n, upgradable_from=(n - 1,)) for n in range(2, count + 1)]
    )
    seen: list[int] = []
    ways.steps = _Counted(ways.steps, seen)

    assert [end.id for end in ways.ends(1)] == [count]
    assert len(ways.path(1, count) or ()) == count - 1
    assert len(seen) < 10 * count


class _Counted(dict[int, Any]):
    """Edges that note each look at them."""

    def __init__(self, edges: Any, seen: list[int]) -> None:
        super().__init__(edges)
        self._seen = seen

    def __getitem__(self, start: int) -> Any:
        self._seen.append(start)
        return super().__getitem__(start)

    def get(self, start: int, default: Any = None) -> Any:
        self._seen.append(start)
        return super().get(start, default)
