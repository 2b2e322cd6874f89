"""The first page: it offers each party what that party may see, and no more."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest

from firtree.access import KEEPER, Principal, Right
from firtree.devices import ModelKey
from firtree.errors import UnavailableError
from firtree.library.accounts.gate import Limits
from firtree.library.demo import SHOWCASE, invent
from firtree.parties import PartyKind
from firtree.parties.party import Appointment, Party
from firtree.text import london_day
from principals import a_principal
from registers import START
from served import Served, ask
from visiting import LOCAL, NOA, SAM, SORREL, House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODES = {one.manufacturer for one in SHOWCASE}
# The second of its maker's two, so that the first of all is another's.
SINGLE = ModelKey(SHOWCASE[4].manufacturer, SHOWCASE[4].model)
VIEWER = a_principal(PartyKind.MAP, "map", party=8, viewed_models=frozenset({SINGLE}))


def maker(code: str) -> Principal:
    """Give a manufacturer that holds one code."""
    return a_principal(PartyKind.MANUFACTURER, "maker", frozenset({code}), party=2)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give an example register."""
    made = Served(tmp_path_factory.mktemp("first") / "register.db")
    made.record(*invent(60, seed=1, today=london_day(made.clock())))
    yield made
    made.close()


def tried(served: Served, principal: Principal) -> list[str]:
    """Give the addresses of the meters that somebody's first page offers to try."""
    page = ask(served.app_for(principal), "GET", "/")
    assert page.status_code == 200
    found = re.search(r'<ul class="examples">(.*?)</ul>', page.text, re.DOTALL)
    assert (found is not None) == ("examples-heading" in page.text)
    return re.findall(r'href="([^"]+)"', unescape(found[1])) if found else []


@pytest.mark.parametrize(
    "principal",
    [KEEPER, *map(maker, sorted(CODES)), VIEWER],
    ids=lambda one: f"{one.name} {'/'.join(one.makers)}",
)
def test_only_meters_within_reach_are_offered_to_try(
    example: Served, principal: Principal
) -> None:
    app = example.app_for(principal)
    addresses = tried(example, principal)

    for address in addresses:
        answer = ask(app, "GET", address)
        assert answer.status_code == 200
        assert "not among what you may see" not in answer.text, address
    assert len(addresses) == len(
        [
            one
            for one in SHOWCASE
            if principal == KEEPER
            or one.manufacturer in principal.makers
            or (one.manufacturer, one.model) in principal.viewed_models
        ]
    )


def test_one_meter_is_not_called_several(example: Served) -> None:
    page = ask(example.app_for(VIEWER), "GET", "/").text

    assert "Try this one</h2>" in page
    assert "one of these" not in page


def test_where_none_is_within_reach_none_is_offered(example: Served) -> None:
    assert tried(example, maker("0000")) == []


def test_a_register_that_is_no_example_offers_none(tmp_path: Path) -> None:
    served = Served(tmp_path / "register.db")

    assert tried(served, KEEPER) == []
    assert tried(served, maker(SHOWCASE[0].manufacturer)) == []
    served.close()


# --- whoever reads no entries --------------------------------------------------------

ASH = "ash@aspen.example"
BARRED = "There is nothing here that you may see"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a register with people, reached on this machine."""
    made = House(tmp_path / "r.db")
    made.person(NOA)
    yield made
    made.close()


def joined(house: House, kind: PartyKind, *suppliers: int, until: int = 9) -> None:
    """Admit a party that may act for suppliers until so many days on; invite Ash."""
    day = START.date()
    appointments = tuple(
        Appointment(supplier=one, since=day, until=day + timedelta(days=until))
        for one in suppliers
    )
    party = Party(id=1, name="Aspen", kinds=(kind,), appointments=appointments)
    number, _ = house.parties.admit(KEEPER, party)
    house.person(ASH, number)


def test_an_agent_is_led_to_whom_it_may_act_for(house: House) -> None:
    joined(house, PartyKind.AGENT, SORREL)
    browser = house.browser(ASH)

    page = browser.get("/")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "may act for Sorrel Energy today" in page.text
    assert "administrator" not in page.text
    where, anchor = re.findall(r'class="button" href="([^#"]+)#([^"]+)"', page.text)[0]
    account = browser.get(where).text
    assert f'id="{anchor}"' in account
    choice = re.findall(r'name="acting" value="([^"]+)"> [^<]*Sorrel', account)[0]
    assert browser.post("/account/acting", acting=choice).status_code == 303
    assert "Is this meter’s firmware up to date?" in browser.get("/").text


def test_an_agent_whose_appointment_is_over_is_told_who_enters_one(
    house: House,
) -> None:
    joined(house, PartyKind.SHARED_RESOURCE_PROVIDER, SORREL, until=2)
    house.clock.move(3 * 24 * 3600)

    page = house.browser(ASH).get("/").text

    assert "today it is appointed by none: an administrator enters" in page
    assert "Sorrel" not in page


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (PartyKind.MOP, "An administrator grants which makers and hardware models"),
        (PartyKind.MAP, "An administrator grants which makers and hardware models"),
        (PartyKind.NETWORK_PARTY, "A network party reads none."),
    ],
)
def test_others_are_told_what_an_administrator_can_do(
    house: House, kind: PartyKind, told: str
) -> None:
    joined(house, kind)

    page = house.browser(ASH).get("/")

    assert page.status_code == 200
    assert told in page.text
    assert "act for" not in page.text


def test_everything_that_the_welcome_names_is_there(house: House) -> None:
    browser = house.browser(NOA)
    page = browser.get("/").text
    main = page[page.index("<main") : page.index("</main>")]

    found = set(re.findall(r'href="([^"]+)"', main))

    assert found == {"/parties/4", "/trail", "/access-log", "/account"}
    for address in found:
        assert browser.get(address).status_code == 200, address


def test_every_other_page_is_as_one_that_never_was(house: House) -> None:
    browser = house.browser(NOA)

    def plain(path: str) -> str:
        answer = browser.get(path)
        assert answer.status_code == 404
        assert BARRED in answer.text
        return answer.text

    never = plain("/nowhere")
    assert 'href="/"' in never
    for path in ("/entries/1", "/findings", "/?q=alder", "/?at=1"):
        assert plain(path) == never, path


def test_programs_are_refused_as_they_were(house: House) -> None:
    bearer = f"Bearer {house.token(NOA, [Right.READ_TRAIL])}"
    head = {"Authorization": bearer, "Accept": "text/html"}

    refused = [
        house.browser(NOA).get("/", Accept="application/json"),
        ask(house.app, "GET", LOCAL + "/", headers=head),
    ]

    assert [answer.status_code for answer in refused] == [404, 404]
    assert "Welcome" not in refused[1].text


def test_whoever_must_come_in_by_passkey_is_told_that_first(tmp_path: Path) -> None:
    house = House(tmp_path / "r.db", limits=Limits(passkey_for="everybody"))
    house.person(NOA)

    page = house.browser(NOA).get("/")

    assert page.status_code == 404
    assert "Welcome" not in page.text
    assert "Go to your account’s page" in page.text
    house.close()


def test_whoever_reads_entries_or_has_not_signed_in_is_not_welcomed(
    house: House,
) -> None:
    house.person(SAM)

    assert "Is this meter’s firmware up to date?" in house.browser(SAM).get("/").text
    assert house.browser().get("/").status_code == 303
    assert ask(house.app, "GET", LOCAL + "/").status_code == 401


def test_where_the_parties_cannot_be_asked_the_welcome_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = house.browser(NOA)
    browser.get("/account")

    def lost(*_: object) -> None:
        raise UnavailableError("the database does not answer")

    monkeypatch.setattr(house.parties, "choices", lost)

    assert browser.get("/").status_code == 503
