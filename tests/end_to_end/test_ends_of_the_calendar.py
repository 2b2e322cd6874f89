"""The first and the last day of the calendar are dates like any other, wherever met."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from entries import an_entry
from firtree.access import KEEPER
from firtree.catalogue.entry import (
    Certificate,
    CertificateKind,
    DateKind,
    DCCLoading,
    Hold,
    Loading,
    Status,
)
from firtree.parties import Contact, Maker, PartyKind
from firtree.parties.party import Suspension
from firtree.web.app import URLS
from parties import a_party, holding
from served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firtree.catalogue.entry import Entry

ENDS = (date.min, date.max)
ASKED = (
    *("0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31", "0000-01-01"),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:01:14.999999Z", "0001-01-01T00:01:15Z"),
    *("0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"),
    *("9999-12-31T23:59:59.999999Z", "9999-12-31T22:59:59Z"),
    *("0", "-1", str(2**53), str(2**63), str(10**18 - 1), str(10**30)),
)
PARAMETERS = ("at", "effective_at", "from", "to", "cursor", "after", "start")
_DEVICE = "manufacturer=AB01&model=010A030B&firmware=00000001"
_MORE = {
    "/assessment": _DEVICE,
    "/api/v1/assessment": _DEVICE,
    "/pathway": "from=1&to=2",
    "/api/v1/pathway": "from=1&to=2",
    "/api/v1/diff": "from=0",
    "/log/proof/inclusion": "index=0&size=1",
    "/log/proof/consistency": "from=1&to=2",
    "/": "q=alder",
    "/api/v1/entries": "q=alder",
}
_IN_PATHS = {
    "entry_id": 1,
    "party_id": 1,
    "index": 1,
    "code": "AB01",
    "model": "010A030B",
}
_IN_PATHS["manufacturer"] = "AB01"


def _paths() -> Iterator[str]:
    """Give every page and every part of the API that can be asked."""
    for url in URLS:
        if url.method != "GET" or "{tile" in url.path or "{name" in url.path:
            continue
        yield re.sub(r"\{(\w+):\w+\}", lambda m: str(_IN_PATHS.get(m[1], 1)), url.path)


def _entry(number: int, day: date) -> Entry:
    """Make an entry all of whose dates are one."""
    certificate = Certificate(
        kind=CertificateKind.CPA,
        number="CPA-1",
        issued=day,
        date_kind=DateKind.EXPIRY,
        day=day,
    )
    return an_entry(
        number,
        certificates=(certificate,),
        status=Status.WITHDRAWN if number > 2 else Status.ACTIVE,
        status_from=day,
        published_on=day,
        release_date=day,
        support_until=day,
        signed_firmware_valid_to=day,
        contact=Contact(role="Desk", email="desk@maker.example", confirmed_on=day),
        loading=DCCLoading(state=Loading.LOADED, on=day),
        hold=Hold(reason="a fault", since=day) if number == 4 else None,
        upgradable_from=(number - 1,) if number > 1 else (),
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a register in which every date stands at an end of the calendar."""
    made = Served(tmp_path_factory.mktemp("ends") / "r.db")
    contact = Contact(role="Desk", email="desk@maker.example", confirmed_on=date.min)
    made.record(Maker(code="AB01", name="Alder", contact=contact))
    made.record(*(_entry(n, ENDS[n % 2]) for n in range(1, 5)))
    made.record(
        a_party(1, PartyKind.MANUFACTURER, codes=holding("AB01", since=ENDS[0]))
    )
    yield made
    made.close()


@pytest.mark.parametrize("path", sorted(_paths()))
def test_no_date_or_number_that_is_asked_about_breaks_an_answer(
    served: Served, path: str
) -> None:
    others = [part for part in _MORE.get(path, "").split("&") if part]
    for name in PARAMETERS:
        kept = [part for part in others if not part.startswith(f"{name}=")]
        for value in ASKED:
            query = "&".join([*kept, f"{name}={quote(value)}"])
            answer = served.get(f"{path}?{query}")
            assert answer.status_code in {200, 303, 404, 422}, (query, answer.text)
            if "the parameter" in answer.text:  # it is none of this URL
                break


def test_devices_are_assessed_at_any_moment_or_refused(served: Served) -> None:
    device = dict(part.split("=") for part in _DEVICE.split("&"))
    for name in ("at", "effective_at"):
        for value in ASKED:
            answer = served.post(
                f"/api/v1/assessments?{name}={quote(value)}",
                json={"devices": [device]},
            )
            assert answer.status_code in {200, 422}, (name, value, answer.text)


def test_dates_at_the_ends_are_given_out_as_they_are(served: Served) -> None:
    for day, number in zip(ENDS, (2, 1), strict=True):
        entry = served.get(f"/api/v1/entries/{number}").json()["entry"]
        page = served.get(f"/entries/{number}").text

        assert entry["release_date"] == str(day)
        assert f"{day.day} {day:%b} {day.year}" in page


def test_a_beginning_before_all_days_compares_with_nothing(served: Served) -> None:
    for begin in ("0001-01-01T00:00:00Z", "0001-01-01", "0"):
        answer = served.get(f"/api/v1/diff?from={begin}")
        page = served.get(f"/diff?from={begin}")

        assert (answer.status_code, page.status_code) == (200, 200)
        assert answer.json()["changes"][0]["subject"] == "maker/AB01"


@pytest.mark.parametrize("day", ENDS)
def test_a_party_may_be_suspended_or_succeeded_on_any_day(
    tmp_path: Path, day: date
) -> None:
    served = Served(tmp_path / "r.db")
    maker = PartyKind.MANUFACTURER
    for name, codes in (("Alder", holding("AB01", since=date.min)), ("Birch", ())):
        served.parties.admit(KEEPER, a_party(1, maker, name=name, codes=codes))
    suspension = Suspension(since=day, reason="left the scheme")

    served.parties.succeed(KEEPER, 1, 2, day, "merged")
    served.parties.suspend(KEEPER, 1, suspension)

    taker = served.parties.one(KEEPER, 2).party
    assert [one.since for one in taker.codes] == [day]
    assert served.parties.one(KEEPER, 1).suspended == (day == date.min)
    assert served.get("/api/v1/trail").status_code == 200
    served.close()
