"""Dates of an entry may be anything a table can say; no answer breaks at them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from entries import DESK, an_entry
from firtree.catalogue.entry import Certificate, CertificateKind, DateKind, Status
from firtree.parties import Maker
from published import a_publication, a_workbook, verified
from registers import START
from served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKED = "manufacturer=AB01&model=010A030B&firmware=00000001"
PATHS = [
    "/",
    "/entries/1",
    "/entries/1/history",
    "/models/AB01/010A030B",
    "/manufacturers/AB01",
    f"/assessment?{ASKED}",
    f"/assessment?{ASKED}&effective_at=2020-01-01",
    "/findings",
    "/?q=alder",
    "/diff?from=1",
    "/api/v1/entries",
    "/api/v1/entries?effective_at=2020-01-01",
    "/api/v1/changes",
    "/api/v1/findings",
    f"/api/v1/assessment?{ASKED}&proof=1",
    f"/api/v1/assessment?{ASKED}&effective_at=2020-01-01",
    *(f"/export/fir.{form}" for form in ("xlsx", "csv", "json", "parquet")),
    *(f"/export/answers.{form}" for form in ("csv", "json", "parquet")),
]


@pytest.fixture(scope="module", params=[date.min, date.max], ids=["first", "last"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Give a register whose every date is the first or the last of the calendar."""
    day: date = request.param
    made = Served(tmp_path_factory.mktemp("far") / "register.db")
    held = [
        Certificate(
            kind=kind, number="1", issued=day, date_kind=DateKind.EXPIRY, day=day
        )
        for kind in CertificateKind
    ]
    dates = {
        "published_on": day,
        "status_from": day,
        "release_date": day,
        "signed_firmware_valid_to": day,
        "support_until": day,
        "certificates": tuple(held),
    }
    contact = msgspec.structs.replace(DESK, confirmed_on=day)
    made.record(
        Maker(code="AB01", name="Alder", contact=contact),
        an_entry(1, contact=contact, **dates),
        an_entry(2, contact=contact, upgradable_from=(1,), **dates),
        an_entry(3, contact=contact, status=Status.WITHDRAWN, **dates),
    )
    made.clock.move(60)
    yield made
    made.close()


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_with_dates_far_away_is_given(served: Served, path: str) -> None:
    assert served.get(path).status_code == 200


def test_a_workbook_with_dates_far_away_verifies(
    served: Served, tmp_path: Path
) -> None:
    octets = a_workbook(a_publication(served.register, START.date()), tmp_path)

    assert verified(served.register, octets).intact
