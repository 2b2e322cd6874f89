"""Parties and the trail, on pages and over the API, as people meet them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from authenticator import Authenticator
from entries import DESK, an_entry
from firtree.access import KEEPER, Right
from firtree.parties import PartyKind
from firtree.statements.types.erasure import Erasure
from parties import a_party
from served import ask
from visiting import ADA, ALDER, LOCAL, NOA, ROOT, SAM, SORREL, Browser, House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

PARTS = ("codes", "mandates", "appointments", "viewings", "contacts")
SEEN = re.compile(r'name="seen" value="(\d+)"')


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "r.db")
    for email in (ADA, ROOT, SAM, NOA):
        made.person(email)
    yield made
    made.close()


def administrator(house: House) -> Browser:
    """Give the administrator's browser, come in by passkey."""
    browser, device = house.browser(ROOT), Authenticator()
    browser.add_passkey(device)
    browser.sign_in_by_passkey(device)
    return browser


def form(**changed: Any) -> dict[str, Any]:
    return {**dict.fromkeys(PARTS, ""), **changed}


def change(browser: Browser, party: int, **fields: Any) -> httpx.Response:
    page = browser.get(f"/parties/{party}").text
    match = SEEN.search(page)
    assert match is not None
    return browser.post(f"/parties/{party}/change", seen=match[1], **form(**fields))


def text_of(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


def test_an_administrator_admits_a_party(house: House) -> None:
    browser = administrator(house)
    browser.get("/parties")
    admitted = browser.post(
        "/parties",
        **form(
            name="Birch Metering",
            kinds=["manufacturer", "MAP"],
            codes="CD02 from 2026-01-01",
            contacts="Firmware desk; firmware@birch.example",
        ),
    )

    assert (admitted.status_code, admitted.headers["location"]) == (303, "/parties/5")
    page = text_of(browser.get("/parties/5"))
    assert "CD02 from 2026-01-01" in page
    assert "Firmware desk; firmware@birch.example" in page
    assert "Birch Metering" in text_of(browser.get("/parties"))
    assert "party changed" in house.events()


def test_what_was_written_wrongly_comes_back_to_be_mended(house: House) -> None:
    browser = administrator(house)
    browser.get("/parties")
    size = house.register.size()
    wrong = form(name="Birch <b>", kinds=["manufacturer"], codes="CD02 2026")
    page = browser.post("/parties", **wrong)

    assert page.status_code == 422
    assert "Manufacturer codes, line 1: expected" in text_of(page)
    assert 'value="Birch &lt;b&gt;"' in page.text
    assert "CD02 2026</textarea>" in page.text
    assert house.register.size() == size


def test_a_change_of_a_party_that_has_changed_meanwhile_is_refused(
    house: House,
) -> None:
    browser = administrator(house)
    page = browser.get(f"/parties/{SORREL}").text
    match = SEEN.search(page)
    assert match is not None
    changed = change(browser, SORREL, name="Sorrel & Co", kinds=["gas supplier"])
    assert changed.status_code == 303
    late = browser.post(
        f"/parties/{SORREL}/change",
        seen=match[1],
        **form(name="Sorrel Ltd", kinds=["gas supplier"]),
    )
    assert late.status_code == 422
    assert "has changed since you looked" in text_of(late)
    assert house.parties.party_name(SORREL) == "Sorrel & Co"


def test_a_suspended_partys_people_and_tokens_are_dead_at_once(house: House) -> None:
    browser, sam, token = administrator(house), house.browser(SAM), house.token(SAM)
    shown = {"Authorization": f"Bearer {token}"}
    asked = ("GET", f"{LOCAL}/api/v1/manufacturers")
    assert ask(house.app, *asked, headers=shown).status_code == 200
    assert sam.get("/manufacturers").status_code == 200

    page = browser.get(f"/parties/{SORREL}").text
    match = SEEN.search(page)
    assert match is not None
    browser.post(
        f"/parties/{SORREL}/suspension", since="", reason="left", seen=match[1]
    )

    assert ask(house.app, *asked, headers=shown).status_code == 401
    assert sam.get("/manufacturers").status_code == 303
    page = browser.get(f"/parties/{SORREL}").text
    match = SEEN.search(page)
    assert match is not None
    browser.post(f"/parties/{SORREL}/reinstatement", seen=match[1])
    assert house.browser(SAM).get("/manufacturers").status_code == 200


def test_a_succession_is_shown_before_it_is_recorded(house: House) -> None:
    taker, _ = house.parties.admit(
        KEEPER, a_party(9, PartyKind.MANUFACTURER, name="Birch Metering")
    )
    browser = administrator(house)
    browser.get(f"/parties/{ALDER}")
    size = house.register.size()
    asked = {"taker": str(taker), "on": "2026-11-25", "reason": "bought"}
    shown = browser.post(f"/parties/{ALDER}/succession", **asked)

    assert shown.status_code == 200
    assert "AB01 goes from Alder Meters to Birch Metering" in text_of(shown)
    assert house.register.size() == size
    done = browser.post(f"/parties/{ALDER}/succession", confirmed="yes", **asked)
    assert done.status_code == 303
    assert house.register.size() == size + 3
    assert "What it held went to" in text_of(browser.get(f"/parties/{ALDER}"))
    wrong = browser.post(f"/parties/{ALDER}/succession", **{**asked, "on": "soon"})
    assert wrong.status_code == 422


@pytest.mark.parametrize("email", [ADA, SAM, NOA])
def test_others_see_their_own_party_and_decide_nothing(
    house: House, email: str
) -> None:
    browser = house.browser(email)
    own = {ADA: ALDER, SAM: SORREL, NOA: 4}[email]
    page = browser.get(f"/parties/{own}")

    assert page.status_code == 200
    assert "/change" not in page.text
    listed = browser.get("/parties").text
    assert re.findall(r'href="/parties/(\d+)"', listed) == [str(own)]
    assert "Admit a party" not in listed
    assert browser.get("/parties/1").status_code == 404
    sent = browser.post(f"/parties/{own}/change", **form(name="Mine", seen="1"))
    assert sent.status_code == 404
    assert house.parties.party_name(own) != "Mine"


def test_who_may_read_no_entries_is_led_to_the_page_that_says_why(
    house: House,
) -> None:
    browser = house.browser(NOA)

    assert browser.get("/").status_code == 200
    for address in ("/entries/1", "/no-such-page"):
        page = browser.get(address)
        assert page.status_code == 404
        assert "You may not read any entries as things stand" in page.text
        assert 'role="search"' not in page.text
        assert text_of(page).count("here is nothing here that you may see") <= 2

    assert 'role="search"' in house.browser(SAM).get("/no-such-page").text


def test_an_administrator_without_a_passkey_decides_nothing(house: House) -> None:
    browser = house.browser(ROOT)
    browser.get("/account")
    sent = browser.post("/parties", **form(name="Birch", kinds=["DCC"]))

    assert sent.status_code == 403
    assert "passkey" in text_of(sent)


def test_no_token_decides_anything_about_parties(house: House) -> None:
    size = house.register.size()
    token = house.token(ROOT, (Right.READ_PARTIES,))
    shown = {"Authorization": f"Bearer {token}"}
    listed = ask(house.app, "GET", f"{LOCAL}/api/v1/parties", headers=shown)
    assert len(listed.json()["parties"]) == 4
    for path in ("/parties", "/parties/2/change", "/parties/2/suspension"):
        sent = ask(house.app, "POST", LOCAL + path, headers=shown, data=form(name="x"))
        assert sent.status_code == 403, path
    assert house.register.size() == size


def test_each_party_finds_who_made_what_concerns_it(house: House) -> None:
    house.record(an_entry(1))
    ada = text_of(house.browser(ADA).get("/trail"))
    assert "Entry added" in ada
    assert "entry 1, AB01 010A030B" in ada
    assert "keeper" in ada
    sam = text_of(house.browser(SAM).get("/trail"))
    assert "Party admitted" in sam
    assert "Entry added" not in sam


def test_the_trail_says_what_was_erased_of_which_entry(house: House) -> None:
    size = house.record(an_entry(1, contact=DESK))
    house.record(Erasure(statement=size - 1, section="people", reason="asked for"))

    for browser in (administrator(house), house.browser(ADA)):
        source = browser.get("/trail").text
        assert "Section erased" in source
        words = f"contacts of entry 1 in statement {size - 1}"
        assert f'<a href="/entries/1/history">{words}</a>' in source
        assert "erasure/" not in source
        assert "asked for" not in source
    assert "erased" not in text_of(house.browser(SAM).get("/trail"))


def test_parties_and_the_trail_are_read_in_pages_by_programs(house: House) -> None:
    house.record(*(an_entry(number) for number in range(1, 6)))
    token = house.token(ROOT, (Right.READ_PARTIES, Right.READ_TRAIL))
    shown = {"Authorization": f"Bearer {token}"}

    def every(path: str, key: str) -> list[int]:
        found: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            url = f"{LOCAL}{path}?limit=2{more}"
            page = ask(house.app, "GET", url, headers=shown)
            assert page.status_code == 200, page.text
            found += [one.get("id", one.get("statement")) for one in page.json()[key]]
            cursor = page.json()["next_cursor"]
        return found

    assert every("/api/v1/parties", "parties") == [1, 2, 3, 4]
    assert every("/api/v1/trail", "statements") == list(range(9, -1, -1))
    one = ask(house.app, "GET", f"{LOCAL}/api/v1/parties/2", headers=shown)
    assert one.json()["party"]["codes"][0]["code"] == "AB01"
    again = {**shown, "If-None-Match": one.headers["etag"]}
    same = ask(house.app, "GET", f"{LOCAL}/api/v1/parties/2", headers=again)
    assert same.status_code == 304
    proven = ask(house.app, "GET", f"{LOCAL}/api/v1/parties/2?proof=1", headers=again)
    (listed,) = proven.json()["proof"]["lists"]
    assert (listed["kind"], listed["name"]) == ("party", "party\n2")
    newest = json.loads(listed["list"])[0][1]
    assert newest == one.json()["statement"]
    assert [s["index"] for s in proven.json()["proof"]["statements"]] == [newest]
