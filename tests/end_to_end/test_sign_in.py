"""Signing in over HTTP: who comes in, who is sent where, and what a refusal shows."""

from __future__ import annotations

import re
from hashlib import sha256
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts import PASSWORD
from authenticator import Authenticator
from firtree.access import KEEPER, Right
from firtree.library.accounts import people
from firtree.library.accounts.access_log import Event
from firtree.library.accounts.invitations import invite, invite_back
from firtree.library.accounts.throttling import PER_ACCOUNT, PER_ADDRESS, WINDOW
from firtree.library.accounts.visitor import NOBODY
from firtree.parties.party import Suspension
from firtree.web.app import URLS
from firtree.web.forms import safe_next
from served import ask
from visiting import ADA, ADMIN, ALDER, HTTPS, LOCAL, NOA, ROOT, SAM, SORREL, House

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from visiting import Browser

OTHER = "another lemon hums quietly"
HTML = {"Accept": "text/html"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a register with people, reached on this machine."""
    made = House(tmp_path / "r.db")
    for email in (ADA, ROOT, SAM, NOA):
        made.person(email)
    yield made
    made.close()


def test_pages_lead_whoever_is_not_signed_in_to_sign_in_and_back(house: House) -> None:
    browser = house.browser()
    asked = browser.get("/manufacturers?at=2&cursor=")

    assert asked.status_code == 303
    where = asked.headers["location"]
    assert where == "/sign-in?next=%2Fmanufacturers%3Fat%3D2%26cursor%3D"
    page = browser.get(where)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    back = browser.post("/sign-in", email=SAM, password=PASSWORD, next="/diff?from=0")
    assert (back.status_code, back.headers["location"]) == (303, "/diff?from=0")
    assert browser.get("/diff?from=0").status_code == 200


def test_programs_without_a_token_are_told_how_to_come_in(house: House) -> None:
    for method, path in (
        ("GET", "/api/v1/entries"),
        ("POST", "/api/v1/assessments"),
        ("GET", "/api/v1/access-log"),
        ("GET", "/export/fir.csv"),
    ):
        response = ask(house.app, method, LOCAL + path)
        assert response.status_code == 401, path
        assert response.headers["www-authenticate"] == 'Bearer realm="firtree"'
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "not-signed-in"
    for path in (
        "/health/live",
        "/log/checkpoint",
        "/openapi.json",
        "/static/icon.svg",
    ):
        assert ask(house.app, "GET", LOCAL + path).status_code == 200


def test_password_fields_hide_what_is_typed_and_know_managers(house: House) -> None:
    browser = house.browser()
    pages = [browser.get("/sign-in").text]
    link = invite(house.gate, SORREL, "new@sorrel.example").secret
    pages.append(browser.get(f"/invitation/{link}").text)
    pages.append(house.browser(SAM).get("/account").text)
    known = {"password", "old", "new"}
    fields = [tag for text in pages for tag in re.findall(r"<input[^>]*>", text)]
    found = [tag for tag in fields if re.search(r'name="(\w+)"', tag)[1] in known]  # type: ignore[index]

    for page in pages:  # whose password it is, said in a field that managers see
        assert re.search(r'<input (?!.*type="hidden")[^>]*autocomplete="username', page)
    assert len(found) == 4
    for tag in found:
        assert 'type="password"' in tag
        assert re.search(r'autocomplete="(current|new)-password"', tag)
    assert 'autocomplete="username webauthn"' in pages[0]


def test_who_is_signed_in_stands_on_every_page(house: House) -> None:
    browser = house.browser(SAM)
    for path in ("/", "/diff", "/account", "/nowhere"):
        page = browser.get(path).text
        assert SAM in page
        assert "Sorrel Energy" in page
        assert 'action="/sign-out"' in page


@pytest.mark.parametrize("address", ["", HTTPS])
def test_cookies_are_kept_from_scripts_other_sites_and_open_lines(
    tmp_path: Path, address: str
) -> None:
    house = House(tmp_path / "r.db", address=address)
    house.person(SAM)
    browser = house.browser()
    written = []
    browser.get("/sign-in")
    written += browser.set_cookies
    browser.post("/sign-in", email=SAM, password=PASSWORD, next="/")
    written += browser.set_cookies
    browser.get("/account")
    browser.post("/account/password", old=PASSWORD, new=OTHER, username=SAM)
    written += browser.set_cookies
    browser.get("/account")
    browser.post("/sign-out")
    written += browser.set_cookies
    house.close()

    assert len(written) == 5
    for cookie in written:
        (morsel,) = SimpleCookie(cookie).values()
        assert morsel.key.startswith("__Host-firtree" if address else "firtree")
        assert bool(morsel["secure"]) is bool(address)
        assert morsel["httponly"] is True
        assert morsel["samesite"].lower() == "lax"
        assert morsel["path"] == "/"
        assert not morsel["domain"]
    assert "firtree" not in browser.cookies
    assert "__Host-firtree" not in browser.cookies


def test_a_session_is_dead_after_signing_out(house: House) -> None:
    browser = house.browser(SAM)
    kept = dict(browser.cookies)
    browser.get("/account")
    gone = browser.post("/sign-out")
    assert gone.headers["location"] == "/sign-in?why=out"
    assert gone.headers["clear-site-data"] == '"cache"'

    browser.cookies = kept
    assert browser.get("/account").status_code == 303


def test_a_secret_planted_before_sign_in_is_not_taken_over(house: House) -> None:
    thief = house.browser(NOA)
    planted = thief.cookies["firtree"]
    victim = house.browser()
    victim.cookies["firtree"] = planted
    victim.sign_in(SAM)

    assert victim.cookies["firtree"] != planted
    assert thief.get("/account").status_code == 303


def test_each_sign_in_and_each_change_gives_another_secret(house: House) -> None:
    browser, seen = house.browser(SAM), set()
    seen.add(browser.cookies["firtree"])
    browser.sign_in(SAM)
    seen.add(browser.cookies["firtree"])
    browser.add_passkey(Authenticator())
    seen.add(browser.cookies["firtree"])
    browser.get("/account")
    browser.post("/account/password", old=PASSWORD, new=OTHER, username=SAM)
    seen.add(browser.cookies["firtree"])

    assert len(seen) == 4
    for old in seen - {browser.cookies["firtree"]}:
        other = house.browser()
        other.cookies["firtree"] = old
        assert other.get("/account").status_code == 303


def bare(response: httpx.Response, *texts: str) -> tuple[Any, ...]:
    """Give an answer without what differs each time."""
    body = re.sub(r"[0-9a-f]{64}", "", response.text)
    for text in texts:
        body = body.replace(text, "…")
    names = sorted(name for name in response.headers if name != "content-length")
    return (response.status_code, names, body)


def test_a_refusal_looks_the_same_whoever_it_is(house: House) -> None:
    passkey_only = house.browser()
    invited, device = invite(house.gate, ALDER, "key@alder.example"), Authenticator()
    passkey_only.get(f"/invitation/{invited.secret}")
    sent = {"code": invited.secret, "name": "Kay"}
    options = passkey_only.script("/invitation/passkey/options", **sent).json()
    made = device.create(options, house.site)
    assert (
        passkey_only.script("/invitation/passkey", answer=made, **sent).status_code
        == 200
    )
    people.disable(house.gate, people.person_called(house.gate, NOA).id, NOBODY)
    told = set()
    for email in (
        "nobody@alder.example",
        SAM,
        ROOT,
        NOA,
        "key@alder.example",
        "no mail",
    ):
        browser = house.browser()
        browser.get("/sign-in")
        refused = browser.post("/sign-in", email=email, password=OTHER, next="/")
        told.add(repr(bare(refused, email)))
        assert "firtree" not in browser.cookies
    browser = house.browser()
    browser.get("/sign-in")
    right = browser.post("/sign-in", email=NOA, password=PASSWORD, next="/")

    assert {repr(bare(right, NOA))} == told
    assert len(told) == 1
    assert "do not belong together" in right.text


def test_too_many_tries_are_told_without_saying_more(house: House) -> None:
    for email in (SAM, "nobody@alder.example"):
        browser = house.browser()
        for _ in range(PER_ACCOUNT):
            browser.sign_in(email, OTHER)
        refused = browser.sign_in(email, PASSWORD)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= WINDOW.seconds
        assert "Too many tries to sign in with this e-mail." in refused.text
        assert "or sign in with a passkey if you have one" in refused.text
        assert 'action="/sign-in"' in refused.text
        assert "firtree" not in browser.cookies


def test_a_network_that_guesses_keeps_nobody_out_who_need_not_guess(
    house: House,
) -> None:
    device, owner, signed_in = Authenticator(), house.browser(ADA), house.browser(SAM)
    owner.add_passkey(device)
    owner.get("/account")
    owner.post("/sign-out")
    stranger = house.browser()
    for turn in range(PER_ADDRESS + 1):
        refused = stranger.sign_in(f"p{turn}@alder.example", OTHER)
    assert refused.status_code == 429
    assert "from this network" in refused.text
    assert house.browser().sign_in(SAM).status_code == 429

    assert owner.sign_in(ADA).status_code == 303
    assert house.browser().sign_in_by_passkey(device).status_code == 200
    signed_in.get("/account")
    given = {"old": PASSWORD, "new": OTHER, "username": SAM}
    assert signed_in.post("/account/password", **given).status_code == 303
    link = invite(house.gate, ALDER).secret
    stranger.get(f"/invitation/{link}")
    told = stranger.post(
        "/invitation", code=link, email=SAM, name="Eve", password=OTHER
    )
    assert (told.status_code, "retry-after" in told.headers) == (429, True)
    assert 'action="/invitation"' in told.text


def test_too_many_wrong_old_passwords_are_told_on_the_page(house: House) -> None:
    browser = house.browser(SAM)
    for _ in range(PER_ACCOUNT + 1):
        browser.get("/account")
        told = browser.post("/account/password", old=OTHER, new=OTHER, username=SAM)

    assert (told.status_code, "retry-after" in told.headers) == (429, True)
    assert "Too many tries to change the password. Wait " in told.text
    assert 'action="/account/password"' in told.text


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example",
     "/\t/evil.example", "/a\r\nSet-Cookie: x=y", "javascript:alert(1)", "", "evil",
     "/é", "/" + "x" * 2000, "/ //evil.example"],
)  # fmt: skip
def test_sign_in_never_leads_to_another_site(house: House, path: str) -> None:
    browser = house.browser()
    browser.get("/sign-in")
    response = browser.post("/sign-in", email=SAM, password=PASSWORD, next=path)

    assert response.headers["location"] == "/"
    assert "x" not in browser.cookies


@example("/%2f%2fevil.example")
@example("/%5cevil.example")
@example("/..//evil.example")
@given(st.text(alphabet="/\\:.@ \t\r\n%2fevil?#", max_size=12))
def test_what_a_browser_makes_of_a_way_on_is_this_site(text: str) -> None:
    path = safe_next(text)

    # WHATWG URL: tabs and line ends are taken out, backslashes are slashes.
    read = re.sub(r"[\t\r\n]", "", path).replace("\\", "/")
    assert (
        urlsplit(urljoin("https://fir.example/sign-in", read)).netloc == "fir.example"
    )
    assert path.isprintable()


def test_a_passkey_is_added_and_comes_in(house: House) -> None:
    browser, device = house.browser(ROOT), Authenticator()
    assert browser.get("/people").status_code == 403
    assert browser.get("/access-log").status_code == 403
    assert browser.get("/").status_code == 403
    account = browser.get("/account")
    assert "Add one here" in account.text
    assert browser.add_passkey(device).json() == {"next": "/account"}
    assert browser.get("/people").status_code == 200

    number = people.person_called(house.gate, ROOT).id
    assert f"person {number}<" in browser.get("/people").text
    rows = house.noted()
    for event in (Event.REFUSED, Event.PASSKEY_ADDED):
        found = {row.address for row in rows if row.event == event}
        assert found == {"127.0.0.0/24"}, event

    again = house.browser()
    assert again.sign_in_by_passkey(device).json() == {"next": "/account"}
    assert again.get("/people").status_code == 200
    weak = house.browser(ROOT)
    assert weak.get("/people").status_code == 403
    assert "Sign in with yours" in weak.get("/account").text
    assert weak.get("/api/v1/entries").status_code == 403


def test_an_administrator_without_a_passkey_can_do_nothing_but_add_one(
    house: House,
) -> None:
    admin, device = house.browser(ROOT), Authenticator()
    admin.add_passkey(device)
    other = house.browser()
    other.sign_in_by_passkey(device)
    assert other.get("/people").status_code == 200
    before = admin.cookies["firtree"]
    (named,) = re.findall(r'name="named" value="(\w+)"', passkeys_of(admin))

    removed = admin.post("/account/passkeys/remove", named=named)

    assert (removed.status_code, removed.headers["location"]) == (303, "/account")
    assert admin.cookies["firtree"] != before
    for path in ("/people", "/", "/access-log"):
        assert admin.get(path).status_code == 403, path
    assert other.get("/account").status_code == 303
    assert admin.add_passkey(Authenticator(b"\x08" * 32)).status_code == 200
    assert admin.get("/people").status_code == 200


def passkeys_of(browser: Browser) -> str:
    """Give the part of the account's page about passkeys."""
    page = browser.get("/account").text
    return page[page.index("passkeys-heading") : page.index("password-heading")]


SENT = re.compile(r'<form action="(/[^"]+)"')
SESSIONS = {"/account/sessions/end", "/account/sessions/end-all"}
HELD_BACK = {"/sign-out", *SESSIONS}


def test_who_needs_a_passkey_first_is_shown_the_way_and_no_form_that_refuses(
    house: House,
) -> None:
    browser = house.browser(ROOT)
    for path in ("/people", "/", "/nowhere"):
        page = browser.get(path).text
        assert set(SENT.findall(page)) == {"/sign-out"}, path
        assert page.count('href="/account"') == 3, path
        assert 'href="/people"' not in page
        assert "/export/" not in page
    account = browser.get("/account").text
    assert set(SENT.findall(account)) == HELD_BACK | {"/account/password"}
    assert "Add a passkey, and you can make tokens here." in account

    browser.add_passkey(Authenticator())
    found = set(SENT.findall(browser.get("/account").text))
    assert "/account/tokens" in found
    assert "/people/invite" in SENT.findall(browser.get("/people").text)
    account = house.browser(ROOT).get("/account").text
    assert set(SENT.findall(account)) == HELD_BACK
    assert "data-passkey" not in account
    assert 'href="/sign-in?next=/account&amp;why=again"' in account
    assert "sign in again with your passkey" in account


def test_what_can_be_changed_only_soon_after_sign_in_is_offered_only_then(
    house: House,
) -> None:
    browser = house.browser(SAM)
    offered = {"/account/password", "/account/tokens"}
    account = browser.get("/account").text
    assert offered <= set(SENT.findall(account))
    assert "sign in again" not in account
    house.clock.move(601)
    account = browser.get("/account").text
    assert set(SENT.findall(account)) == HELD_BACK
    assert account.count("sign in again</a>: that must have been") == 3


def test_only_who_cannot_do_without_a_passkey_is_told_so_when_invited(
    house: House,
) -> None:
    for party, count in ((SORREL, 0), (ADMIN, 1)):
        link = invite(house.gate, party).secret
        page = house.browser().get(f"/invitation/{link}").text
        assert page.count("can do nothing here without one") == count
        assert page.count("you can do nothing here but add a passkey") == count


def test_what_is_hard_to_undo_asks_first_and_says_what_it_does(house: House) -> None:
    admin = house.browser(ROOT)
    admin.add_passkey(Authenticator())
    house.token(SAM)
    house.browser(ADA).add_passkey(Authenticator(b"\x08" * 32))
    asking = r'<details class="sure"><summary>.*?</summary><form action="([^"]+)".*?'
    asking += r"<p>[^<]+</p><button[^>]*>Yes, "
    for browser, path, hard in (
        (admin, "/people", {"disable", "remove-passkeys", "take-out"}),
        (admin, "/account", {"passkeys/remove"}),
        (house.browser(SAM), "/account", {"tokens/revoke"}),
    ):
        page = browser.get(path).text
        asked = re.findall(asking, page)
        assert set(asked) == {f"{path}/{one}" for one in hard}
        assert len(asked) == sum(one in set(asked) for one in SENT.findall(page))


def test_others_need_no_passkey_unless_it_is_set_so(tmp_path: Path) -> None:
    for setting, status in (
        ("administrators", 200),
        ("everybody", 403),
        ("nobody", 200),
    ):
        house = House(tmp_path / f"{setting}.db")
        house.entrance.gate = house.gate._replace(
            limits=house.gate.limits._replace(passkey_for=setting)
        )
        house.person(SAM)
        assert house.browser(SAM).get("/").status_code == status
        house.close()


def test_passkeys_are_offered_at_names_only(house: House) -> None:
    assert "data-passkey" in house.browser().get("/sign-in").text
    numbers = house.browser(base="http://127.0.0.1:8000").get("/sign-in").text
    assert "data-passkey" not in numbers
    assert "http://localhost:8000/sign-in" in numbers


def test_what_signing_in_depends_on_is_changed_soon_after_it(house: House) -> None:
    browser = house.browser(SAM)
    house.clock.move(601)
    browser.get("/account")
    for path, fields in (
        ("/account/password", {"old": PASSWORD, "new": OTHER}),
        ("/account/tokens", {"name": "n", "right": "read entries", "days": "9"}),
    ):
        response = browser.post(path, **fields)
        assert response.headers["location"] == "/sign-in?next=/account&why=again"
    refused = browser.script("/account/passkeys/options")
    assert refused.status_code == 401
    assert "a few minutes ago" in browser.get("/sign-in?next=/account&why=again").text
    browser.sign_in(SAM)
    browser.get("/account")

    made = browser.post("/account/tokens", name="n", right="read entries", days="9")
    (token,) = re.findall(r"firtree_[0-9A-Za-z]{49}", made.text)
    shown = {"Authorization": f"Bearer {token}"}
    assert (
        ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=shown).status_code
        == 200
    )
    assert token not in browser.get("/account").text


def test_tokens_are_told_apart_by_a_number_that_tells_nothing_of_them(
    house: House,
) -> None:
    browser = house.browser(SAM)
    browser.get("/account")
    numbers = []
    for _ in range(2):
        made = browser.post("/account/tokens", name="n", right="read entries", days="9")
        (token,) = re.findall(r"firtree_[0-9A-Za-z]{49}", made.text)
        numbers.append(sha256(token.encode()).hexdigest()[:16])
        assert f"token “n”, number <code>{numbers[-1]}</code>" in made.text

    page = browser.get("/account").text
    assert page.count("number <code>") == 2
    for number in numbers:
        row = page[page.index(f"number <code>{number}</code>") :].partition("</tr>")[0]
        assert re.search(r'data-label="Made">22 Nov 2026', row), row
    assert "firtree_" not in page.replace("firtree_…", "")


def test_each_row_of_the_access_log_has_a_heading(house: House) -> None:
    page = house.browser(SAM).get("/access-log").text

    rows = page.partition("<tbody")[2].split("<tr ")[1:]
    assert rows
    for row in rows:
        assert row.count('<th scope="row" role="rowheader" data-label="When">') == 1
        assert row.count("<td") == 3


def test_a_session_is_idle_for_half_an_hour_at_most(house: House) -> None:
    browser = house.browser(SAM)
    house.clock.move(30 * 60 - 1)
    assert browser.get("/account").status_code == 200
    house.later.flush()
    house.clock.move(30 * 60)

    assert browser.get("/account").status_code == 303


def test_a_link_may_be_looked_at_and_is_used_up_by_accepting(
    house: House,
) -> None:
    admin, device = house.browser(ROOT), Authenticator()
    admin.add_passkey(device)
    admin.get("/people")
    shown = admin.post("/people/invite", party=str(SORREL), email="new@sorrel.example")
    (link,) = re.findall(
        r"http://localhost:8000(/invitation/[0-9A-Za-z]{43})", shown.text
    )
    guest = house.browser()
    for _ in range(3):
        page = guest.get(link)
        assert "Sorrel Energy" in page.text
    code = link.rpartition("/")[2]
    short = guest.post(
        "/invitation", code=code, name="New", email="", password=OTHER[:14]
    )
    assert short.status_code == 422
    assert "15 to 256 characters" in short.text
    given = {"code": code, "name": "<b>New</b>", "email": "", "password": OTHER}
    accepted = guest.post("/invitation", **given)

    assert accepted.headers["location"] == "/account"
    account = guest.get("/account").text
    assert "new@sorrel.example" in account
    assert "&lt;b&gt;New&lt;/b&gt;" in account
    assert house.browser().get(link).status_code == 404
    assert guest.post("/invitation", **given).status_code == 404


def test_an_administrator_helps_people_and_shuts_them_out(house: House) -> None:
    admin, sam = house.browser(ROOT), house.browser(SAM)
    admin.add_passkey(Authenticator())
    number = str(people.person_called(house.gate, SAM).id)
    admin.get("/people")
    assert admin.post("/people/sign-out", person=number).status_code == 303
    assert sam.get("/account").status_code == 303
    sam.sign_in(SAM)
    link = admin.post("/people/recover", person=number)
    (code,) = re.findall(r"/invitation/([0-9A-Za-z]{43})", link.text)
    sam.get(f"/invitation/{code}")
    assert sam.post("/invitation", code=code, password=OTHER).status_code == 303
    admin.get("/people")
    assert admin.post("/people/disable", person=number).status_code == 303
    assert sam.get("/account").status_code == 303
    assert admin.post("/people/enable", person=number).status_code == 303
    assert sam.sign_in(SAM, OTHER).status_code == 303
    party = {"person": number, "party": str(SORREL)}
    assert admin.post("/people/take-out", **party).status_code == 303
    assert sam.get("/account").status_code == 303
    own = str(people.person_called(house.gate, ROOT).id)
    assert "your own account" in admin.post("/people/disable", person=own).text
    assert admin.post("/people/disable", person="x").status_code == 422
    assert admin.post("/people/disable", person="999").status_code == 404

    noted = set(house.events())
    assert {Event.INVITED, Event.ACCOUNT_DISABLED, Event.MEMBERSHIP_ENDED} <= noted


def test_only_administrators_keep_people(house: House) -> None:
    browser = house.browser(SAM)
    assert browser.get("/people").status_code == 404
    browser.get("/account")
    for url in URLS:
        if url.right is Right.MANAGE_PEOPLE and url.method == "POST":
            assert browser.post(url.path, person="1", party="1").status_code == 404


def test_nobody_ends_or_revokes_what_is_anothers(house: House) -> None:
    sam, ada = house.browser(SAM), house.browser(ADA)
    house.token(ADA)
    person = people.person_called(house.gate, ADA)
    with house.gate.accounts.reading() as tx:
        session, token = tx.sessions(person.id)[0], tx.tokens(person.id)[0]
    sam.get("/account")
    for path, row in (("sessions/end", session), ("tokens/revoke", token)):
        named = row.id[:8].hex()
        other = sam.post(f"/account/{path}", named=named)
        none = sam.post(f"/account/{path}", named="0" * 16)
        assert (other.status_code, bare(other)) == (404, bare(none))
    assert ada.get("/account").status_code == 200


def test_a_link_of_a_suspended_party_and_its_sessions_are_dead(house: House) -> None:
    sam, token = house.browser(SAM), house.token(SAM)
    link = invite(house.gate, SORREL)
    shown = {"Authorization": f"Bearer {token}"}
    assert sam.get("/account").status_code == 200
    asked = ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=shown)
    assert asked.status_code == 200

    day = house.parties.today()
    house.parties.suspend(KEEPER, SORREL, Suspension(since=day, reason="a test"))

    assert sam.get("/account").status_code == 303
    asked = ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=shown)
    assert asked.status_code == 401
    assert house.browser().sign_in(SAM).status_code == 422
    guest = house.browser()
    guest.get(f"/invitation/{link.secret}")
    given = {"code": link.secret, "name": "N", "email": "n@sorrel.example"}
    refused = guest.post("/invitation", password=OTHER, **given)
    assert refused.status_code == 422
    assert "None of the parties of this account may act today" in refused.text
    assert guest.get("/account").status_code == 303
    house.parties.suspend(KEEPER, SORREL, None)
    assert guest.post("/invitation", password=OTHER, **given).status_code == 303
    assert guest.get("/account").status_code == 200


def test_one_click_signs_in_to_an_example_and_to_nothing_else(tmp_path: Path) -> None:
    for demo, status in ((True, 303), (False, 404)):
        house = House(tmp_path / f"{demo}.db", demo=demo)
        house.person(ADA)
        house.person(SAM)
        browser = house.browser()
        page = browser.get("/sign-in").text
        assert ("Try it as" in page) is demo
        assert browser.post("/sign-in/demo", email=SAM, next="/").status_code == 404
        response = browser.post("/sign-in/demo", email=ADA, next="/account")
        assert response.status_code == status
        assert (browser.get("/account").status_code == 200) is demo
        house.close()


def test_links_to_begin_anew_and_to_join_are_told_apart(house: House) -> None:
    back = invite_back(house.gate, people.person_called(house.gate, SAM).id)
    page = house.browser().get(f"/invitation/{back.secret}").text
    assert "Set a new password" in page
    assert "Your name" not in page
    join = invite(house.gate, ADMIN, SAM)
    sam = house.browser(SAM)
    assert "Join with this account" in sam.get(f"/invitation/{join.secret}").text
    assert sam.post("/invitation/join", code=join.secret).status_code == 303
    page = sam.get("/account").text
    assert 'value="1 0"' in page
    assert sam.post("/account/acting", acting="1 0").status_code == 303
    assert "Code administrator" in sam.get("/account").text
    assert sam.post("/account/acting", acting="2 0").status_code == 404
    assert sam.post("/account/acting", acting="x").status_code == 404


def _suspended(house: House) -> None:
    day = house.parties.today()
    house.parties.suspend(KEEPER, SORREL, Suspension(since=day, reason="a test"))


def _disabled(house: House) -> None:
    people.disable(house.gate, people.person_called(house.gate, SAM).id, NOBODY)


def _left(house: House) -> None:
    number = people.person_called(house.gate, SAM).id
    people.take_out(house.gate, number, SORREL, NOBODY)


@pytest.mark.parametrize("end", [_suspended, _disabled, _left])
def test_every_way_in_ends_in_the_very_next_request(
    house: House, end: Callable[[House], None]
) -> None:
    device = Authenticator()
    password, passkey = house.browser(SAM), house.browser(SAM)
    passkey.add_passkey(device)
    shown = {"Authorization": f"Bearer {house.token(SAM)}"}
    for browser in (password, passkey):
        assert browser.get("/").status_code == 200

    end(house)

    for browser in (password, passkey):
        assert browser.get("/").status_code == 303
    answer = ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=shown)
    assert answer.status_code == 401
    assert house.browser().sign_in(SAM).status_code == 422
    assert house.browser().sign_in_by_passkey(device).status_code == 401


@pytest.mark.postgres
def test_people_come_in_where_the_register_is_in_postgresql(
    tmp_path: Path, register_url: str
) -> None:
    from registers import a_postgresql_register  # noqa: PLC0415

    house = House(tmp_path, a_postgresql_register(register_url))
    house.person(SAM)
    browser = house.browser(SAM)
    assert browser.get("/").status_code == 200
    shown = {"Authorization": f"Bearer {house.token(SAM)}"}
    for _ in range(2):
        answer = ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=shown)
        assert answer.status_code == 200
    wrong = {"Authorization": "Bearer firtree_" + "0" * 49}
    answer = ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=wrong)
    assert answer.status_code == 401
    browser.get("/account")
    browser.post("/sign-out")
    assert browser.get("/").status_code == 303
    house.close()
