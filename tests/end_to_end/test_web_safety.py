"""What protects people and the register on the web: forms, headers, limits, logs."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from litestar import Response

from accounts import PASSWORD
from authenticator import Authenticator
from firtree.access import CPL_READER, DECISIONS, KEEPER, Right
from firtree.exchange.accounts_wire import AccessLogWire
from firtree.library.accounts import people
from firtree.library.accounts.access_log import Event, verify_chain
from firtree.library.accounts.invitations import invite_back
from firtree.library.accounts.tokens import TOKEN_RIGHTS
from firtree.web.app import URLS, Url, create_app
from firtree.web.entrance import agent_of, source_of
from firtree.web.head import RequestHead, cookie_of, read_head
from firtree.web.lines import OneLine
from served import ask
from visiting import ADA, HTTPS, LOCAL, NOA, ROOT, SAM, SORREL, House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def filled(url: Url) -> str:
    """Give the path of a URL, with something in its places."""
    return re.sub(r"\{\w+:\w+\}", "1", url.path)


RIGHTS = {filled(url): url.right for url in URLS if url.method == "POST"}
POSTS = list(RIGHTS)
PAGES = [path for path in POSTS if not path.startswith("/api/")]
# The one batch of questions: it reads, although it is a POST.
READING_POSTS = {"/api/v1/assessments"}
OWN = {"Origin": LOCAL, "Sec-Fetch-Site": "same-origin"}
FORM = "application/x-www-form-urlencoded"
SCRIPTED = ("/options", "/passkey", "/account/passkeys")
DEVICE = {"devices": [{"manufacturer": "AB01", "model": "010A030B", "firmware": "0"}]}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a register with people, reached on this machine."""
    made = House(tmp_path / "r.db")
    for email in (ADA, ROOT, SAM, NOA):
        made.person(email)
    yield made
    made.close()


def bearing(token: str) -> dict[str, str]:
    """Give the header by which a program comes in."""
    return {"Authorization": f"Bearer {token}"}


def kept(house: House) -> list[Any]:
    """Give all that forms may change, and the log's size."""
    with house.gate.accounts.reading() as tx:
        people = [person.id for person in tx.people()]
        owned = [(tx.password(n), tx.passkeys(n), tx.tokens(n)) for n in people]
        sessions = [session[:7] for n in people for session in tx.sessions(n)]
        memberships = [tx.memberships(n) for n in people]
        rest = [memberships, tx.invitations(), house.register.size()]
        return [tx.people(), owned, sessions, rest]


def sent(
    house: House, path: str, cookie: str, csrf: str, headers: dict[str, str]
) -> httpx.Response:
    """Send something to a URL that takes forms, or JSON of a script."""
    shown = {"Cookie": cookie, **headers}
    if path.endswith(SCRIPTED) or path.startswith("/api/"):
        body = DEVICE if path.startswith("/api/") else {"code": "x"}
        shown["X-CSRF-Token"] = csrf
        return ask(house.app, "POST", LOCAL + path, json=body, headers=shown)
    fields = {"csrf": csrf, "email": SAM, "password": PASSWORD}
    return ask(house.app, "POST", LOCAL + path, data=fields, headers=shown)


FOREIGN: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost"},
    {"Origin": "https://localhost:8000"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": LOCAL, "Sec-Fetch-Site": "cross-site"},
]


def test_what_another_page_sends_changes_nothing(house: House) -> None:
    browser = house.browser(ROOT)
    browser.add_passkey(Authenticator())
    browser.get("/account")
    cookie = f"firtree={browser.cookies['firtree']}"
    before = kept(house)
    for place, path in enumerate(POSTS):
        # Each of them somewhere, and all of them at one place of each kind.
        whole = path in {"/sign-out", "/account/passkeys", "/api/v1/assessments"}
        for headers in FOREIGN if whole else [FOREIGN[place % len(FOREIGN)]]:
            response = sent(house, path, cookie, browser.csrf, headers)
            assert response.status_code == 403, (path, headers)
            assert "page of this site" in response.text

    assert kept(house) == before


def test_a_form_needs_the_token_of_its_own_session(house: House) -> None:
    browser, other = house.browser(ROOT), house.browser(SAM)
    browser.add_passkey(Authenticator())
    browser.get("/account")
    other.get("/account")
    old = browser.csrf
    browser.sign_in(ROOT)
    browser.get("/account")
    cookie = f"firtree={browser.cookies['firtree']}"
    before = kept(house)
    for path in POSTS:
        if RIGHTS[path] not in {Right.SIGN_IN, Right.OWN_ACCOUNT}:
            continue  # for these this session is too weak: tried below
        for csrf in ("", "0" * 64, other.csrf, old, browser.csrf[:-1]):
            response = sent(house, path, cookie, csrf, OWN)
            assert response.status_code == 403, (path, csrf)
            assert "of another session" in response.text
    assert kept(house) == before


def test_people_and_the_api_need_the_token_too(house: House) -> None:
    browser, device = house.browser(ROOT), Authenticator()
    browser.add_passkey(device)
    cookie = f"firtree={browser.cookies['firtree']}"
    before = kept(house)
    for path in POSTS:
        if RIGHTS[path] not in {Right.SIGN_IN, Right.OWN_ACCOUNT}:
            assert sent(house, path, cookie, "0" * 64, OWN).status_code == 403, path
    assert kept(house) == before
    browser.get("/account")
    good = sent(house, "/api/v1/assessments", cookie, browser.csrf, OWN)
    assert good.status_code == 200


def test_before_sign_in_a_form_is_bound_to_the_browser(house: House) -> None:
    one, two = house.browser(), house.browser()
    one.get("/sign-in")
    two.get("/sign-in")
    form = f"firtree-form={one.cookies['firtree-form']}"

    assert sent(house, "/sign-in", form, two.csrf, OWN).status_code == 403
    assert sent(house, "/sign-in", "", two.csrf, OWN).status_code == 403
    assert sent(house, "/sign-in", form, one.csrf, OWN).status_code == 303


def test_a_program_with_a_token_sends_no_form_token_and_its_cookie_counts_for_nothing(
    house: House,
) -> None:
    browser = house.browser(SAM)
    shown = bearing(house.token(SAM)) | {
        "Cookie": f"firtree={browser.cookies['firtree']}"
    }
    url = LOCAL + "/api/v1/assessments"

    assert ask(house.app, "POST", url, json=DEVICE, headers=shown).status_code == 200
    wrong = shown | bearing("firtree_" + "0" * 49)
    assert ask(house.app, "POST", url, json=DEVICE, headers=wrong).status_code == 401
    account = ask(house.app, "GET", LOCAL + "/account", headers=shown)
    assert account.status_code == 403


def test_a_form_is_small_and_of_its_own_kind(house: House) -> None:
    browser, device = house.browser(ROOT), Authenticator()
    browser.add_passkey(device)
    browser.get("/account")
    cookie = {"Cookie": f"firtree={browser.cookies['firtree']}"}
    shown = cookie | OWN | {"X-CSRF-Token": browser.csrf}
    before = kept(house)
    big = b"csrf=" + b"x" * (1 << 17)
    for path in PAGES:
        url = LOCAL + path
        for kind in ("text/plain", "multipart/form-data; boundary=x", ""):
            named = shown | ({"Content-Type": kind} if kind else {})
            answer = ask(house.app, "POST", url, content=b"csrf=x", headers=named)
            assert answer.status_code in {400, 415}, (path, kind)
        kind = "application/json" if path.endswith(SCRIPTED) else FORM
        named = shown | {"Content-Type": kind}
        answer = ask(house.app, "POST", url, content=big, headers=named)
        assert answer.status_code == 413, path
    assert kept(house) == before


def test_a_form_with_other_fields_or_bad_octets_is_refused(house: House) -> None:
    browser = house.browser(SAM)
    browser.get("/account")
    assert browser.post("/account/acting", acting="1 0", extra="x").status_code == 422
    assert browser.post("/account/acting", acting="1\x000").status_code == 422
    shown = {"Cookie": f"firtree={browser.cookies['firtree']}", **OWN}
    shown["Content-Type"] = "application/x-www-form-urlencoded"
    for body in (b"\xff=1", b"csrf=%ff", b"a&b&&", b"&".join([b"a=1"] * 100)):
        url = LOCAL + "/account/acting"
        response = ask(house.app, "POST", url, content=body, headers=shown)
        assert response.status_code in {400, 403}, body


def test_what_is_sent_needs_a_right_that_changes_something_but_for_one() -> None:
    changing = DECISIONS | {Right.SIGN_IN}

    assert {
        url.path for url in URLS if url.method != "GET" and url.right not in changing
    } == READING_POSTS


def test_opening_pages_changes_nothing(house: House) -> None:
    device = Authenticator()
    admin = house.browser(ROOT)
    admin.add_passkey(device)
    browsers = [
        admin,
        *(house.browser(email) for email in (ADA, SAM, NOA)),
        house.browser(),
    ]
    before = kept(house)
    for url in URLS:
        if url.method == "GET" and "{" not in url.path:
            for browser in browsers:
                browser.get(url.path)
    for browser in browsers:
        for path in ("/invitation/x", "/entries/1", "/entries/1/history", "/static/x"):
            browser.get(path)

    assert kept(house) == before


def test_tokens_are_refused_what_they_were_not_given(house: House) -> None:
    house.token(ROOT)
    all_rights = bearing(house.token(ROOT, TOKEN_RIGHTS))
    log_only = bearing(house.token(ROOT, [Right.READ_ACCESS_LOG]))

    for url in URLS:
        path = filled(url)
        response = ask(house.app, url.method, LOCAL + path, headers=all_rights)
        if url.right in DECISIONS:
            assert response.status_code == 403, path
            assert "no token decides" in response.text
        else:
            assert response.status_code not in {401, 403}, path
    assert (
        ask(
            house.app, "GET", LOCAL + "/api/v1/access-log", headers=log_only
        ).status_code
        == 200
    )
    refused = ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=log_only)
    assert refused.status_code == 403
    assert refused.json()["code"] == "not-allowed"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic c2FtOng=",
        "Bearer x",
        "Bearer a b",
        "bearer firtree_" + "0" * 49,
        "Bearer \xe9",
    ],
)
def test_what_is_no_token_is_told_so(house: House, header: str) -> None:
    shown = {"Authorization": header.encode("latin-1")}
    response = ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=shown)

    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert (
        ask(house.app, "GET", LOCAL + "/health/live", headers=shown).status_code == 200
    )


def test_a_session_is_no_token_and_a_token_no_session(house: House) -> None:
    browser, token = house.browser(SAM), house.token(SAM)
    url = LOCAL + "/api/v1/entries"
    ask(house.app, "GET", url, headers=bearing(token))
    browser.get("/")
    secret = browser.cookies["firtree"]

    assert ask(house.app, "GET", url, headers=bearing(secret)).status_code == 401
    as_cookie = {"Cookie": f"firtree={token}"}
    assert ask(house.app, "GET", url, headers=as_cookie).status_code == 401


def policy_of(response: httpx.Response) -> dict[str, list[str]]:
    """Read a content security policy."""
    parts = response.headers["content-security-policy"].split(";")
    return {name: values for name, *values in (part.split() for part in parts)}


@pytest.mark.parametrize("address", ["", HTTPS])
def test_every_answer_has_its_headers(tmp_path: Path, address: str) -> None:
    house = House(tmp_path / "r.db", address=address)
    house.person(SAM)
    browser = house.browser(SAM)
    evil = {"Host": "evil.example"}
    answers = [browser.get(url.path) for url in URLS if url.method == "GET"]
    answers += [
        browser.get("/nowhere"),
        house.browser().get("/account"),
        browser.post("/account/acting", acting="9 9"),
        ask(house.app, "PUT", house.base + "/"),
        ask(house.app, "GET", house.base + "/", headers=evil),
    ]
    assert {200, 303, 404, 405, 421} <= {answer.status_code for answer in answers}
    seen = set()
    for answer in answers:
        policy = policy_of(answer)
        assert policy["default-src"] == policy["object-src"] == ["'none'"]
        assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        for sources in policy.values():
            assert set(sources) <= {"'none'", "'self'", "data:"}
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "camera=()" in answer.headers["permissions-policy"]
        hsts = answer.headers.get("strict-transport-security")
        assert hsts == ("max-age=31536000; includeSubDomains" if address else None)
        assert not [n for n in answer.headers if n.startswith("access-control-")]
        seen.add(answer.headers["request-id"])
        kind = answer.headers.get("content-type", "")
        if kind.startswith(("text/", "image/svg")):
            assert "charset=utf-8" in kind
    assert len(seen) == len(answers)
    house.close()


def test_a_request_id_is_never_taken_from_outside(house: House) -> None:
    shown = {"Request-Id": "mine", "X-Request-Id": "mine"}
    response = ask(house.app, "GET", LOCAL + "/health/live", headers=shown)

    assert re.fullmatch("[0-9a-f]{16}", response.headers["request-id"])


def raw(house: House, *headers: tuple[bytes, bytes]) -> int:
    """Send headers as they are; give the status."""
    import asyncio  # noqa: PLC0415

    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/health/live",
        "raw_path": b"/health/live",
        "query_string": b"",
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    asyncio.run(house.app(scope, receive, send))  # type: ignore[arg-type]
    return statuses[0]


def test_a_request_names_one_host_and_a_right_one(house: House) -> None:
    good = (b"host", b"LOCALHOST:8000")
    assert raw(house, good) == 200
    assert raw(house, (b"host", b"127.0.0.1")) == 200
    assert raw(house, good, good) == 400
    assert raw(house) == 400
    for name in (
        b"",
        b"evil.example",
        b"localhost.evil.example",
        b"localhost:x",
        b"[::1",
    ):
        assert raw(house, (b"host", name)) == 421, name


def test_with_a_public_address_its_host_is_answered(tmp_path: Path) -> None:
    house = House(tmp_path / "r.db", address="https://fir.example:8443")
    assert raw(house, (b"host", b"fir.example:8443")) == 200
    assert raw(house, (b"host", b"localhost:8000")) == 200
    assert raw(house, (b"host", b"other.example")) == 421
    house.close()


def _from(client: str, forwarded: str, proxies: int) -> str:
    head = RequestHead(forwarded=forwarded.encode())
    return source_of({"client": (client, 1)}, head, proxies)


def test_only_proxies_of_the_operators_say_who_asks() -> None:
    assert _from("192.0.2.1", "198.51.100.9", 0) == "192.0.2.1"
    assert _from("192.0.2.1", "198.51.100.9", 1) == "198.51.100.9"
    assert _from("192.0.2.1", "203.0.113.5, 198.51.100.9", 1) == "198.51.100.9"
    assert (
        _from("192.0.2.1", "203.0.113.5, 198.51.100.9, 192.0.2.7", 2) == "198.51.100.9"
    )
    assert _from("192.0.2.1", "198.51.100.9", 2) == "192.0.2.1"
    assert _from("192.0.2.1", "nonsense", 1) == ""
    assert _from("::ffff:192.0.2.1", "", 0) == "192.0.2.1"
    assert (
        _from("2001:db8::1:2:3:4", "", 0) == _from("2001:db8::9", "", 0) == "2001:db8::"
    )


def test_cookies_are_read_strictly() -> None:
    assert cookie_of(b"a=1; firtree=x; b=2", "firtree") == "x"
    assert cookie_of(b"firtree=x; firtree=x", "firtree") == "x"
    assert cookie_of(b"firtree=x; firtree=y", "firtree") == ""
    assert cookie_of(b"xfirtree=x", "firtree") == ""
    assert cookie_of(b"firtree-device=x", "firtree") == ""
    joined = read_head([(b"cookie", b"a=1"), (b"cookie", b"firtree=x")])
    assert cookie_of(joined.cookie, "firtree") == "x"


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko Firefox/145.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142 Edg/142", "Edge on Windows"),
        ("<script>", "another program"),
        ("", "another program"),
    ],
)
def test_a_browser_is_recognised_by_a_few_words(agent: str, shown: str) -> None:
    assert agent_of(agent) == shown


def test_what_costs_much_is_answered_so_often_a_minute(tmp_path: Path) -> None:
    house = House(tmp_path / "r.db", costly=3)
    house.person(SAM)
    house.person(ADA)
    shown, other = bearing(house.token(SAM)), bearing(house.token(ADA))
    urls = ["/export/fir.csv", "/api/v1/entries?q=alder", "/?q=alder"]
    for url in urls:
        assert ask(house.app, "GET", LOCAL + url, headers=shown).status_code == 200
    refused = ask(house.app, "GET", LOCAL + urls[0], headers=shown)
    assert refused.status_code == 429
    assert refused.json()["code"] == "throttled"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert ask(house.app, "GET", LOCAL + urls[0], headers=other).status_code == 200
    for cheap in ("/api/v1/entries", "/", "/api/v1/entries?firmware=q"):
        assert ask(house.app, "GET", LOCAL + cheap, headers=shown).status_code == 200
    sent_many = ask(
        house.app, "POST", LOCAL + "/api/v1/assessments", json=DEVICE, headers=shown
    )
    assert sent_many.status_code == 429
    house.clock.move(int(refused.headers["retry-after"]))
    assert ask(house.app, "GET", LOCAL + urls[1], headers=shown).status_code == 200
    house.close()


def test_one_person_cannot_fill_the_access_log_with_its_own_acts(
    tmp_path: Path,
) -> None:
    house = House(tmp_path / "r.db", costly=3)
    house.person(SAM)
    browser = house.browser(SAM)
    before = len(house.noted())

    answers = []
    for _ in range(9):
        browser.get("/account")
        acted = browser.post("/account/acting", acting=f"{SORREL} 0")
        answers.append(acted.status_code)

    assert answers == [303] * 3 + [429] * 6
    assert len(house.noted()) - before == 3
    assert browser.post("/sign-out").status_code == 303
    house.close()


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/entries?q=alder",
        "/api/v1/entries?%71=alder",
        "/api/v1/entries?limit=1&%71=alder",
        "/?%71=alder",
        "/api/v1/statements?start=0",
        "/api/v1/statements?start=0&limit=10000",
        "/api/v1/changes?format=ndjson",
        "/api/v1/changes?%66ormat=ndjson&since=0",
        "/export/fir.csv",
    ],
)
def test_what_costs_much_is_counted_however_it_is_written(
    tmp_path: Path, path: str
) -> None:
    house = House(tmp_path / "r.db", costly=1)
    house.person(SAM)
    shown = bearing(house.token(SAM))
    for cheap in ("/api/v1/entries?cursor=", "/api/v1/entries?manufacturer=q"):
        assert ask(house.app, "GET", LOCAL + cheap, headers=shown).status_code != 429

    statuses = [
        ask(house.app, "GET", LOCAL + path, headers=shown).status_code for _ in "ab"
    ]

    assert statuses == [200, 429]
    house.close()


def test_a_stream_of_changes_is_counted_and_a_page_is_not(tmp_path: Path) -> None:
    house = House(tmp_path / "r.db", costly=1)
    house.person(SAM)
    shown = bearing(house.token(SAM))
    lines = {**shown, "Accept": "application/x-ndjson"}

    def asked(path: str, headers: dict[str, str]) -> httpx.Response:
        return ask(house.app, "GET", f"{LOCAL}/api/v1/changes{path}", headers=headers)

    assert asked("", lines).headers["content-type"] == "application/x-ndjson"
    refused = asked("", lines)
    assert refused.status_code == 429
    told = refused.json()["hint"]
    assert "many devices or statements in one question" in told
    assert "for a file again only when its ETag has changed" in told
    for path, headers in (("", shown), ("?format=json", lines), ("?wait=0", shown)):
        assert asked(path, headers).status_code == 200
    assert asked("?format=xml", shown).status_code == 422
    house.close()


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("by_header", [True, False])
def test_a_stream_of_changes_is_counted_and_noted_whoever_asks(
    tmp_path: Path, *, by_header: bool, signed_in: bool
) -> None:
    house = House(tmp_path / "r.db", costly=2, public=CPL_READER)
    house.person(SAM)
    headers = bearing(house.token(SAM)) if signed_in else {}
    headers |= {"Accept": "application/x-ndjson"} if by_header else {}
    url = f"{LOCAL}/api/v1/changes{'' if by_header else '?format=ndjson'}"

    def statuses(method: str = "GET") -> list[int]:
        house.clock.move(60)
        return [
            ask(house.app, method, url, headers=headers).status_code for _ in range(3)
        ]

    def taken() -> list[tuple[str, int]]:
        return [(r.event, r.party) for r in house.noted() if r.detail == "changes"]

    assert statuses("HEAD") == [200, 200, 429]
    assert taken() == []
    for day in range(1, 3):
        assert statuses() == statuses() == [200, 200, 429]
        assert taken() == [(Event.DOWNLOADED, SORREL if signed_in else 0)] * day
        house.clock.move(24 * 3600)
    house.close()


def test_what_costs_much_is_documented(house: House) -> None:
    document = ask(house.app, "GET", LOCAL + "/openapi.json").json()
    for url in URLS:
        if url.documented is not None:
            path = re.sub(r":\w+\}", "}", url.path)
            answers = document["paths"][path][url.method.lower()]["responses"]
            assert ("429" in answers) is bool(url.costly), url.path
            assert {"400", "401", "403", "421"} <= set(answers)
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_the_access_log_says_in_words_what_a_link_was_for(house: House) -> None:
    sam = people.person_called(house.gate, SAM).id
    invite_back(house.gate, sam)

    page = house.browser(SAM).get("/access-log").text

    assert f"Invited: a link to set a new password, person {sam}<" in page
    assert "recover" not in page


def test_the_access_log_is_read_by_those_it_concerns(house: House) -> None:
    admin = house.browser(ROOT)
    admin.add_passkey(Authenticator())
    sam, ada = house.browser(SAM), house.browser(ADA)
    ask(house.app, "GET", LOCAL + "/export/fir.csv", headers=bearing(house.token(SAM)))
    house.browser().sign_in(ADA, "wrong")
    house.later.flush()

    def rows(browser: Any, query: str = "") -> AccessLogWire:
        response = browser.get("/api/v1/access-log" + query)
        return msgspec.json.decode(response.content, type=AccessLogWire)

    everything, sams, adas = (rows(browser).rows for browser in (admin, sam, ada))
    assert len(everything) > len(sams) + len(adas)
    assert all(3 in {row.party, row.about} for row in sams)
    assert all(2 in {row.party, row.about} for row in adas)
    assert {(row.number, row.previous, row.hash) for row in sams} == {(None,) * 3}
    events = {row.event for row in sams}
    assert {
        Event.DOWNLOADED,
        Event.TOKEN_USED,
        Event.SIGNED_IN,
        Event.TOKEN_MADE,
    } <= events
    (download,) = [row for row in sams if row.event == Event.DOWNLOADED]
    assert download.detail.startswith("fir-")
    assert download.detail.endswith(".csv")
    page = sam.get("/access-log").text
    assert "Downloaded: fir-" in page
    (used,) = [row for row in sams if row.event == Event.TOKEN_USED]
    assert f"Token used: token {used.detail}<" in page
    assert "Signed in: with a password<" in page
    assert house.browser(NOA).get("/access-log").status_code == 200
    everything = rows(admin).rows
    first = rows(admin, "?limit=2")
    second = rows(admin, f"?limit=2&cursor={first.next_cursor}")
    assert [*first.rows, *second.rows] == list(everything[:4])
    assert rows(admin, "?cursor=1").rows == ()
    for email in (SAM, ADA, ROOT, "192.0.2.7"):
        assert email not in admin.get("/api/v1/access-log").text
    with house.gate.accounts.reading() as tx:
        verify_chain(tx.all_noted(), {})


def test_statements_that_are_taken_are_noted_once_a_day(house: House) -> None:
    shown = bearing(house.token(SAM))
    url = LOCAL + "/api/v1/statements?start=0&limit=1"
    assert ask(house.app, "HEAD", url, headers=shown).status_code == 200
    house.later.flush()
    assert not [row for row in house.noted() if row.detail == "statements"]

    for _ in range(2):
        assert ask(house.app, "GET", url, headers=shown).status_code == 200
    house.later.flush()

    (taken,) = [row for row in house.noted() if row.detail == "statements"]
    assert (taken.event, taken.party) == (Event.DOWNLOADED, 3)


def test_refusals_are_noted_once_a_day(house: House) -> None:
    shown = bearing(house.token(SAM, [Right.READ_ACCESS_LOG]))
    for day in range(1, 3):
        for _ in range(3):
            for headers in (shown, bearing("firtree_x")):
                ask(house.app, "GET", LOCAL + "/api/v1/entries", headers=headers)
            assert house.events().count(Event.REFUSED) == 2 * day
        house.clock.move(24 * 3600)


async def _broken() -> Response[bytes]:
    raise RuntimeError("boom\nFORGED")


def test_no_request_begins_a_line_of_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Url("GET", "/x/{name:str}", _broken, Right.READ_HEALTH)
    app = create_app(
        house.lookup,
        house.parties,
        authenticate=lambda _: KEEPER,
        in_threads=False,
        close=lambda: None,
        urls=(*URLS, broken),
    )
    with caplog.at_level(logging.INFO):
        answer = ask(app, "GET", LOCAL + "/x/a%0aFORGED%1b[31m")

    assert answer.status_code == 500
    (record,) = [r for r in caplog.records if r.name == "firtree.web"]
    line = OneLine().format(record)
    assert "\n" not in line
    assert "\x1b" not in line
    told = msgspec.json.decode(line)
    assert told["request"] == answer.headers["request-id"]
    assert "boom" in told["error"]
    assert told["level"] == "error"


def test_markup_in_names_is_shown_as_text(house: House) -> None:
    evil = "<script>alert(1)</script>{{7*7}}{0.__class__}%s"
    browser = house.browser(SAM)
    browser.get("/account")
    browser.post("/account/tokens", name=evil, right="read entries", days="9")
    page = browser.get("/account").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}{0.__class__}%s" in page


def test_unknown_ids_of_any_size_are_not_found(house: House) -> None:
    admin = house.browser(ROOT)
    admin.add_passkey(Authenticator())
    admin.get("/people")
    for number in ("0", "9" * 15):
        assert admin.post("/people/disable", person=number).status_code == 404
        assert admin.post("/people/invite", party=number).status_code == 404
    assert admin.post("/people/disable", person="9" * 40).status_code == 422
    assert admin.post("/people/invite", party="-1").status_code == 422
