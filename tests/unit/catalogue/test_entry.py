"""Entries: their order, their parts, and what was in force on a day."""

from datetime import date, timedelta
from typing import Any

import pytest

from entries import DAY, a_model, an_entry
from firtree.catalogue.clocks import in_force
from firtree.catalogue.entry import ReleaseNotes, Requirement, Status
from firtree.devices import DeviceType, Generation

PUBLISHED = date(2026, 1, 10)
REMOVED = date(2026, 6, 1)
ONE_DAY = timedelta(days=1)


def test_a_version_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="8 hexadecimal digits"):
        an_entry(1, firmware="1.2.3")


def test_an_entry_shows_what_it_is_made_of() -> None:
    model = a_model(generation=Generation.SMETS1)
    entry = an_entry(1, model=model, firmware="v1.2b", release_line="LTS")

    assert entry.model == model
    assert entry.device_type is DeviceType.ESME
    assert (entry.firmware_key, entry.line, entry.active) == ("V1.2B", "LTS", True)


def test_the_order_falls_back_on_publication() -> None:
    assert an_entry(1, published_on=PUBLISHED).order[1:] == (PUBLISHED, 1)
    assert an_entry(1, published_on=PUBLISHED, release_date=None).order == (
        PUBLISHED,
        PUBLISHED,
        1,
    )
    assert an_entry(1, published_on=None, release_date=None).order[0] == date.min


def test_what_asks_or_says_nothing_is_empty() -> None:
    assert Requirement().empty
    assert not Requirement(least_gbcs="4.1").empty
    assert ReleaseNotes().empty
    assert not ReleaseNotes(summary="x").empty


@pytest.mark.parametrize(
    ("changes", "day", "status"),
    [
        ({}, PUBLISHED - ONE_DAY, None),
        ({}, PUBLISHED, Status.ACTIVE),
        ({"status": Status.EXPIRED, "status_from": REMOVED}, REMOVED, Status.EXPIRED),
        (
            {"status": Status.EXPIRED, "status_from": REMOVED},
            REMOVED - ONE_DAY,
            Status.ACTIVE,
        ),
        ({"status": Status.EXPIRED}, PUBLISHED, Status.EXPIRED),
        ({"published_on": None}, date.min, Status.ACTIVE),
        ({"status_from": REMOVED}, PUBLISHED, Status.ACTIVE),
    ],
)
def test_an_entry_is_put_back_to_a_day_by_its_own_dates(
    changes: dict[str, Any], day: date, status: Status | None
) -> None:
    entry = an_entry(1, **{"published_on": PUBLISHED, **changes})

    then = in_force(entry, day)

    assert (then and then.cpl.status) == status


def test_before_its_removal_an_entry_gives_no_reason_for_it() -> None:
    removed = an_entry(
        1,
        published_on=PUBLISHED,
        status=Status.WITHDRAWN,
        status_from=REMOVED,
        status_reason="fault",
    )

    then = in_force(removed, REMOVED - ONE_DAY)

    assert then == an_entry(1, published_on=PUBLISHED, status_from=PUBLISHED)
    assert in_force(removed, DAY) is removed
