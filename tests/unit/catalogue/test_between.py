"""The way from one entry to another."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import a_model, an_entry, ways_of
from firtree.catalogue.answer import BlockedRoute, Circumstances
from firtree.catalogue.between import Between, may_not_be_installed, way_between
from firtree.catalogue.entry import Availability, Entry, Hold, Status
from firtree.catalogue.outline import outline_of
from firtree.catalogue.pathways import usable
from firtree.devices import DeviceType

GONE: dict[str, Any] = {
    "status": Status.WITHDRAWN,
    "status_from": date(2025, 3, 1),
}


def between(start: int, end: int, *entries: Entry, asker: str = "Larkrise") -> Between:
    """Find the way between two of some entries."""
    ways = ways_of(entries, asker=asker)
    context = Circumstances(day=date(2026, 11, 1), asker=asker)
    return way_between(ways.outlines[start], ways.outlines[end], ways, context)


def codes(way: Between) -> list[str]:
    """Give the codes of the reasons."""
    return [one.code for one in way.reasons]


A = an_entry(1, upgradable_from=())
B = an_entry(2, upgradable_from=(1,))
C = an_entry(3, upgradable_from=(2,))


def test_declared_steps_lead_on() -> None:
    way = between(1, 3, A, B, C)

    assert way.pathway == (2, 3)
    assert way.reasons[0].text == "Declared steps lead from entry 1 to entry 3."


def test_from_an_entry_to_itself_there_is_nothing_to_do() -> None:
    way = between(2, 2, A, B, C)

    assert (way.pathway, way.blocked, codes(way)) == ((), None, ["same-entry"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"upgradable_from": None}, "path-unknown"),
        ({"upgradable_from": ()}, "factory-only"),
        ({"upgradable_from": (9,)}, "not-declared"),
        ({"upgradable_from": (3,)}, "not-declared"),
    ],
)
def test_why_no_way_is_known_is_said(changes: dict[str, Any], code: str) -> None:
    way = between(1, 2, A, an_entry(2, **changes), C)

    assert (way.pathway, way.blocked, codes(way)) == (None, None, [code])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (GONE, "it was removed from the CPL (withdrawn)"),
        ({"hold": Hold()}, "it is on hold"),
        ({"availability": Availability.WITHDRAWN}, "its maker has withdrawn it"),
        (
            {"availability": Availability.LIMITED, "limited_to": ("Others",)},
            "it is limited to other parties",
        ),
        ({"image_hash": ""}, "it has no image hash"),
        ({"min_hardware": "FFFF"}, "its image is for other hardware"),
    ],
)
def test_what_blocks_a_declared_way_is_said(changes: dict[str, Any], why: str) -> None:
    way = between(1, 3, A, an_entry(2, upgradable_from=(1,), **changes), C)

    assert way.pathway is None
    assert way.blocked == BlockedRoute((2, 3), 2)
    (reason,) = way.reasons
    assert reason.code == "blocked"
    assert f"entry 2 may not be installed: {why}." in reason.text


def test_a_display_has_no_route() -> None:
    display = a_model(device_type=DeviceType.IHD)
    way = between(
        1,
        2,
        an_entry(1, model=display),
        an_entry(2, model=display, upgradable_from=(1,)),
    )

    assert way.pathway is None
    assert "no route leads to its type" in way.reasons[0].text


def test_what_is_limited_to_the_asker_may_be_installed() -> None:
    offered = an_entry(
        2,
        upgradable_from=(1,),
        availability=Availability.LIMITED,
        limited_to=("Larkrise",),
    )

    assert between(1, 2, A, offered).pathway == (2,)
    assert between(1, 2, A, offered, asker="Others").pathway is None


def test_a_way_back_is_for_what_is_removed_or_held() -> None:
    back = an_entry(1, upgradable_from=(), rollback_from=(2,))
    kept = between(2, 1, back, B)
    gone = between(2, 1, back, an_entry(2, upgradable_from=(1,), **GONE))
    held = between(2, 1, back, an_entry(2, upgradable_from=(1,), hold=Hold()))

    assert (kept.pathway, codes(kept)) == (
        None,
        ["factory-only", "way-back-not-offered"],
    )
    assert (gone.pathway, codes(gone)) == ((1,), ["way-back"])
    assert held == gone


some = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(Status),
        "hold": st.none() | st.just(Hold()),
        "availability": st.none() | st.sampled_from(Availability),
        "limited_to": st.sampled_from([(), ("Larkrise",)]),
        "image_hash": st.sampled_from(["", "A" * 64]),
        "min_hardware": st.sampled_from(["", "FFFF"]),
        "mandatory_step": st.booleans(),
        "upgradable_from": st.none()
        | st.lists(st.integers(1, 5), max_size=3, unique=True).map(tuple),
        "rollback_from": st.lists(st.integers(1, 5), max_size=2).map(tuple),
    },
)


@given(st.lists(some, min_size=2, max_size=5), st.data())
def test_there_is_a_way_or_a_reason(
    changes: list[dict[str, Any]], data: st.DataObject
) -> None:
    entries = [an_entry(n, **each) for n, each in enumerate(changes, 1)]
    start, end = (data.draw(st.integers(1, len(entries))) for _ in "ab")

    way = between(start, end, *entries)

    assert way.reasons
    assert (way.blocked is None) or way.pathway is None
    if way.pathway:
        assert way.pathway[-1] == end
        assert all(
            may_not_be_installed(outline_of(entries[n - 1]), "Larkrise") == ""
            for n in way.pathway
        )
    if way.blocked:
        by = entries[way.blocked.blocked_by - 1]
        assert may_not_be_installed(outline_of(by), "Larkrise")


@given(some)
def test_what_may_not_be_installed_is_not_usable_or_does_not_fit(
    changes: dict[str, Any],
) -> None:
    outline = outline_of(an_entry(1, **changes))

    may = usable(outline, "Larkrise") and outline.fits
    assert may is (may_not_be_installed(outline, "Larkrise") == "")
