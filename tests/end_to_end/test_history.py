"""What changed, asked for through the whole application."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

from entries import DESK, a_model, an_entry
from firtree.access import KEEPER
from firtree.catalogue.entry import Hold, PrivatePart, Status
from firtree.errors import ThrottledError, UnavailableError
from firtree.library.accounts import people
from firtree.library.accounts.visitor import NOBODY
from firtree.parties import Maker, PartyKind
from firtree.web import growth
from firtree.web.growth import WAITING_EACH, Growth
from principals import a_principal
from served import HOST, Served, ask
from visiting import ADA, LOCAL, SAM, SORREL, House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALDER = Maker(code="AB01", name="Alder", contact=DESK)
BIRCH = Maker(code="CD02", name="Birch", contact=DESK)
OF_BIRCH = a_model(manufacturer="CD02")
SECRET = PrivatePart(advisory_reference="SSC-7")
SUPPLIER = a_principal(PartyKind.IMPORT_SUPPLIER, "Rowan Energy")
BIRCH_ITSELF = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
HISTORY = "/api/v1/entries/1/history"
LINES = "application/x-ndjson"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a register with four transactions after the first."""
    made = Served(tmp_path_factory.mktemp("history") / "register.db")
    made.record(ALDER, BIRCH, an_entry(1), an_entry(2, model=OF_BIRCH))
    withdrawn = an_entry(
        1, status=Status.WITHDRAWN, status_from=date(2026, 11, 22), trade_name="<b>"
    )
    made.record(withdrawn)
    made.record(msgspec.structs.replace(withdrawn, private=SECRET))
    made.record(an_entry(1, hold=Hold(reason="Trial")), an_entry(3), an_entry(4))
    made.clock.move(60)
    yield made
    made.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """Give a register of the test's own."""
    made = Served(tmp_path / "register.db")
    made.record(ALDER, an_entry(1))
    yield made
    made.close()


def good(response: httpx.Response) -> Any:
    """Give what a good answer holds."""
    assert response.status_code == 200, response.text
    return response.json()


def refused(response: httpx.Response, status: int = 422) -> Any:
    """Give the problem document of an error."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return response.json()


# one entry


def test_a_history_has_every_version_beside_the_one_before(served: Served) -> None:
    found = good(served.get(HISTORY))

    assert found.keys() == {"entry", "versions", "next_cursor", "log"}
    assert (found["entry"], found["next_cursor"]) == (1, None)
    newest, secret, withdrawn, first = found["versions"]
    assert newest.keys() == {
        *("statement", "at", "by", "effective_from", "since", "until"),
        *("kind", "differences", "entry", "erased"),
    }
    assert [v["kind"] for v in found["versions"]] == [
        *("entry-restored", "entry-changed", "entry-removed", "entry-added"),
    ]
    assert [v["statement"] for v in found["versions"]] == [7, 6, 5, 3]
    assert [(v["since"], v["until"]) for v in found["versions"]] == [
        (8, None),
        (7, 8),
        (6, 7),
        (4, 6),
    ]
    assert first["differences"] is None
    assert first["by"] == "keeper"
    assert {d["field"] for d in withdrawn["differences"]} == {
        *("trade_name", "status", "status_from"),
    }
    assert secret["differences"] == [
        {
            "field": "advisory_reference",
            "label": "Advisory Reference",
            "before": None,
            "after": "SSC-7",
        }
    ]
    assert newest["entry"]["hold"] == {"reason": "Trial", "since": None}
    assert withdrawn["entry"]["status"] == "Withdrawn"
    assert found["log"]["size"] == 10


def test_pages_of_a_history_follow_each_other(served: Served) -> None:
    first = good(served.get(HISTORY, params={"limit": 3}))
    last = good(
        served.get(HISTORY, params={"limit": 3, "cursor": first["next_cursor"]})
    )

    assert [v["statement"] for v in first["versions"]] == [7, 6, 5]
    assert [(v["statement"], v["until"]) for v in last["versions"]] == [(3, 6)]
    assert last["next_cursor"] is None


def test_a_history_as_recorded_then_ends_there(served: Served) -> None:
    found = good(served.get(HISTORY, params={"at": "6"}))

    assert [(v["since"], v["until"]) for v in found["versions"]] == [(6, None), (4, 6)]
    assert found["log"]["size"] == 6


def test_what_a_reader_may_not_see_is_in_no_version(served: Served) -> None:
    response = ask(served.app_for(SUPPLIER), "GET", HISTORY)

    assert "SSC-7" not in response.text
    assert {v["by"] for v in good(response)["versions"]} == {None}
    for principal, path in (
        (BIRCH_ITSELF, HISTORY),
        (KEEPER, "/api/v1/entries/9/history"),
        (KEEPER, "/api/v1/entries/+1/history"),
        (KEEPER, "/api/v1/entries/0_1/history"),
    ):
        refused(ask(served.app_for(principal), "GET", path), 404)


@pytest.mark.parametrize("cursor", ["-1", "x", "4", "999", "9" * 18, "9" * 30, "0"])
def test_a_history_refuses_a_cursor_it_never_gave(served: Served, cursor: str) -> None:
    found = refused(served.get(HISTORY, params={"cursor": cursor}))

    assert "cursor" in found["detail"]


# two states


def test_two_states_are_compared(served: Served) -> None:
    found = good(served.get("/api/v1/diff", params={"from": "5"}))

    assert found["from"] == {"size": 5, "day": "2026-11-22"}
    assert found["to"] == {"size": 10, "day": "2026-11-22"}
    assert found["next_cursor"] is None
    changed, new, _ = found["changes"]
    assert changed.keys() == {
        *("kind", "subject", "statement", "at", "by", "differences"),
        *("entry", "maker"),
    }
    assert (changed["kind"], changed["subject"]) == ("entry-changed", "entry/1")
    assert changed["differences"] == [
        {"field": "hold", "label": "Hold", "before": None, "after": "Trial"}
    ]
    assert (new["kind"], new["differences"]) == ("entry-added", [])
    assert new["entry"]["id"] == 3


ADDED = ["maker-added", "maker-added", "entry-added", "entry-added"]


@pytest.mark.parametrize(
    ("begin", "end", "kinds"),
    [
        ("5", "6", ["entry-removed"]),
        ("7", "10", ["entry-restored", "entry-added", "entry-added"]),
        ("0", "5", ADDED),
        ("4", "9", [*ADDED[:2], "entry-added", "entry-added"]),
        ("10", "10", []),
        ("2026-11-22", "", []),
        ("2026-11-21", "2026-11-22T14:00:00Z", ADDED),
        ("2026-11-22T14:00:00Z", "2026-11-22T15:59:59.999999Z", ["entry-removed"]),
    ],
)
def test_what_became_of_things_is_named(
    served: Served, begin: str, end: str, kinds: list[str]
) -> None:
    params = {"from": begin, "to": end} if end else {"from": begin}

    found = good(served.get("/api/v1/diff", params=params))["changes"]

    assert [one["kind"] for one in found] == kinds


def test_pages_of_a_comparison_follow_each_other(served: Served) -> None:
    whole = good(served.get("/api/v1/diff", params={"from": "0"}))["changes"]
    found: list[Any] = []
    params: dict[str, str] = {"from": "0", "to": "10", "limit": "2"}
    while True:
        page = good(served.get("/api/v1/diff", params=params))
        found += page["changes"]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]

    assert found == whole
    assert len(whole) == 6


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({}, "from: expected a value, found nothing"),
        ({"from": ""}, "from: expected"),
        ({"from": "x"}, "from: expected a date"),
        ({"from": "11"}, "from: expected a log size from 0 to 10, found '11'"),
        ({"from": "-1"}, "from: expected a date"),
        ({"from": "8", "to": "5"}, "from: expected what is not later than '5'"),
        ({"from": "1", "to": "9" * 40}, "to: expected a log size from 0 to 10"),
        ({"from": "1", "to": "9" * 41}, "to: expected"),
        ({"from": "2026-11-23"}, "from: expected a past or present moment"),
        ({"from": "1", "limit": "0"}, "limit: expected"),
        ({"from": "1", "cursor": "x"}, "cursor: expected"),
        ({"from": "1", "at": "2"}, "query: expected one of cursor, from, limit, to"),
    ],
)
def test_states_that_cannot_be_compared_are_refused(
    served: Served, params: dict[str, str], told: str
) -> None:
    assert told in refused(served.get("/api/v1/diff", params=params))["detail"]


def test_a_comparison_knows_what_its_reader_may_see(served: Served) -> None:
    supplier, birch = served.app_for(SUPPLIER), served.app_for(BIRCH_ITSELF)
    secret = {"from": "6", "to": "7"}

    assert len(good(served.get("/api/v1/diff", params=secret))["changes"]) == 1
    assert not good(ask(supplier, "GET", "/api/v1/diff", params=secret))["changes"]
    found = good(ask(birch, "GET", "/api/v1/diff", params={"from": "0"}))
    assert [c["subject"] for c in found["changes"]] == ["maker/CD02", "entry/2"]


# statements in order


def test_the_feed_gives_every_statement_in_order(served: Served) -> None:
    found = good(served.get("/api/v1/changes"))

    assert found.keys() == {"changes", "next", "log"}
    assert [one["statement"] for one in found["changes"]] == list(range(10))
    assert (found["next"], found["log"]["size"]) == (10, 10)
    opening, maker, _, entry = found["changes"][:4]
    assert entry.keys() == {
        *("statement", "at", "kind", "subject", "by", "effective_from", "replaces"),
        *("entry", "maker", "register", "party", "succession", "access_log"),
        *("key_rotation", "erasure"),
    }
    assert opening["kind"] == "register-opened"
    assert opening["register"]["demo"] is True
    assert (maker["kind"], maker["maker"]["code"]) == ("maker-added", "AB01")
    assert (entry["kind"], entry["entry"]["id"]) == ("entry-added", 1)
    assert found["changes"][5]["kind"] == "entry-changed"
    assert found["changes"][5]["replaces"] == 3


def test_the_feed_goes_on_from_where_it_ended(served: Served) -> None:
    since, found = 0, []
    while True:
        params = {"since": since, "limit": 3}
        page = good(served.get("/api/v1/changes", params=params))
        found += [one["statement"] for one in page["changes"]]
        if page["next"] == since:
            break
        since = page["next"]

    assert found == list(range(10))


def test_statements_that_are_not_yours_leave_a_gap_and_no_trace(
    served: Served,
) -> None:
    app = served.app_for(BIRCH_ITSELF)
    found = good(ask(app, "GET", "/api/v1/changes", params={"limit": 5}))

    assert [one["subject"] for one in found["changes"]] == [
        *("register", "maker/CD02", "entry/2"),
    ]
    assert found["next"] == 5
    rest = ask(app, "GET", "/api/v1/changes", params={"since": 5})
    assert good(rest)["changes"] == []
    assert good(rest)["next"] == 10
    stream = ask(app, "GET", "/api/v1/changes", params={"format": "ndjson"})
    assert "AB01" not in stream.text
    supplier = ask(served.app_for(SUPPLIER), "GET", "/api/v1/changes")
    assert "SSC-7" not in supplier.text
    assert {one["by"] for one in good(supplier)["changes"]} == {None}


@pytest.mark.parametrize(
    "named", [{"params": {"format": "ndjson"}}, {"headers": {"Accept": LINES}}]
)
def test_the_feed_streams_lines_and_says_where_they_end(
    served: Served, named: dict[str, Any]
) -> None:
    response = served.get("/api/v1/changes", **named)

    assert response.status_code == 200
    assert response.headers["content-type"] == LINES
    *lines, end = [json.loads(line) for line in response.text.splitlines()]
    assert lines == good(served.get("/api/v1/changes"))["changes"]
    assert end.keys() == {"next", "log"}
    assert (end["next"], end["log"]["size"]) == (10, 10)


def test_a_stream_may_be_cut_and_gone_on_with(served: Served) -> None:
    params = {"format": "ndjson", "since": 2, "limit": 3}
    lines = served.get("/api/v1/changes", params=params).text.splitlines()

    assert [json.loads(line).get("statement") for line in lines] == [2, 3, 4, None]
    assert json.loads(lines[-1])["next"] == 5


def test_a_long_stream_is_made_of_pieces(own: Served) -> None:
    own.record(*(an_entry(n) for n in range(2, 1002)))

    lines = own.get("/api/v1/changes", params={"format": "ndjson"}).text.splitlines()

    numbers = [json.loads(line).get("statement") for line in lines]
    assert numbers == [*range(1003), None]


def test_head_of_a_stream_reads_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = {"format": "ndjson"}
    got = served.get("/api/v1/changes", params=params)
    monkeypatch.delattr("firtree.library.history.version_of")

    head = ask(served.app, "HEAD", "/api/v1/changes", params=params)

    assert (head.status_code, head.content) == (200, b"")
    for response in (head, got):
        del response.headers["request-id"]
    assert head.headers == got.headers


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"since": "11"}, "since: expected a log size from 0 to 10, found '11'"),
        ({"since": "11", "wait": "5"}, "since: expected a log size from 0 to 10"),
        ({"since": "11", "format": "ndjson"}, "since: expected a log size from"),
        ({"since": "-1"}, "since: expected"),
        ({"since": "x"}, "since: expected a whole number"),
        ({"since": str(2**60)}, "since: expected"),
        ({"limit": "0"}, "limit: expected"),
        ({"limit": "1001"}, "limit: expected a whole number from 1 to 1000"),
        ({"wait": "61"}, "wait: expected"),
        ({"wait": "-1"}, "wait: expected"),
        ({"format": "xml"}, "format: expected json or ndjson, found 'xml'"),
        ({"at": "3"}, "query: expected one of format, limit, since, wait"),
    ],
)
def test_the_feed_refuses_what_it_cannot_give(
    served: Served, params: dict[str, str], told: str
) -> None:
    assert told in refused(served.get("/api/v1/changes", params=params))["detail"]


@pytest.mark.parametrize("url", [HISTORY, "/api/v1/diff?from=1", "/api/v1/changes"])
def test_an_answer_that_is_held_already_is_not_sent_again(
    own: Served, url: str
) -> None:
    first = own.get(url)
    held = {"If-None-Match": first.headers["etag"]}

    assert own.get(url, headers=held).status_code == 304
    own.record(an_entry(1, trade_name="New"))
    again = own.get(url, headers=held)
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]


# waiting


def both(served: Served, later: Any, **params: Any) -> tuple[httpx.Response, float]:
    """Ask for changes, do something a little later; give the answer and its seconds."""

    async def asked() -> tuple[httpx.Response, float]:
        transport = httpx.ASGITransport(app=served.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            loop = asyncio.get_running_loop()
            begun = loop.time()
            get = asyncio.create_task(client.get("/api/v1/changes", params=params))
            await asyncio.sleep(0.1)
            if later is not None:
                await asyncio.to_thread(later)
            return await get, loop.time() - begun

    return asyncio.run(asked())


def test_who_waits_hears_of_a_statement_as_soon_as_it_is_recorded(own: Served) -> None:
    response, seconds = both(own, lambda: own.record(an_entry(2)), since=3, wait=30)

    assert [one["subject"] for one in good(response)["changes"]] == ["entry/2"]
    assert good(response)["next"] == 4
    assert 0.1 <= seconds < 5


def test_who_need_not_wait_is_answered_at_once(own: Served) -> None:
    response, seconds = both(own, None, since=2, wait=30)

    assert good(response)["next"] == 3
    assert seconds < 5


def test_waiting_ends_with_nothing_when_the_time_is_over(own: Served) -> None:
    response, seconds = both(own, None, since=3, wait=1)

    assert good(response) == {**good(response), "changes": [], "next": 3}
    assert 1 <= seconds < 5


def test_a_stream_may_wait_too(own: Served) -> None:
    response, _ = both(
        own, lambda: own.record(an_entry(2)), since=3, wait=30, format="ndjson"
    )

    assert [
        json.loads(line).get("statement") for line in response.text.splitlines()
    ] == [
        *(3, None),
    ]


def test_only_so_many_may_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "CHECK_EVERY_S", 0.01)
    size = [3]

    async def waited() -> None:
        waiting = Growth(lambda: size[0], most=3, each=2)
        tasks = [asyncio.create_task(waiting.beyond(3, 30, 7)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ThrottledError, match="2 of your questions are waiting"):
            await waiting.beyond(3, 30, 7)
        tasks.append(asyncio.create_task(waiting.beyond(3, 30, 8)))
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError, match="too many are waiting"):
            await waiting.beyond(3, 30, 9)
        await waiting.beyond(2, 30, 7)  # who need not wait may always ask
        tasks[0].cancel()  # and who has gone leaves its place
        await asyncio.sleep(0)
        tasks[0] = asyncio.create_task(waiting.beyond(3, 30, 7))
        size[0] = 4
        await asyncio.gather(*tasks)
        await waiting.beyond(4, 0.02, 7)

    asyncio.run(waited())


def test_one_asker_leaves_places_for_others_to_wait(tmp_path: Path) -> None:
    house = House(tmp_path / "r.db")
    tokens = []
    for email in (SAM, ADA):
        house.person(email)
        tokens.append(house.token(email))
    path = f"/api/v1/changes?since={house.register.size()}&wait=1"

    async def asked() -> list[int]:
        transport = httpx.ASGITransport(app=house.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
            heads = [{"Authorization": f"Bearer {text}"} for text in tokens]
            gets = [client.get(path, headers=heads[0]) for _ in range(30)]
            answers = await asyncio.gather(*gets, client.get(path, headers=heads[1]))
        return [each.status_code for each in answers]

    *own, other = asyncio.run(asked())
    house.close()

    assert (own.count(200), own.count(429)) == (WAITING_EACH, 30 - WAITING_EACH)
    assert other == 200


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_who_waits_is_answered_with_the_rights_of_afterwards(
    tmp_path: Path, form: str
) -> None:
    house = House(tmp_path / "r.db")
    house.record(ALDER)
    house.person(SAM)
    head = {"Authorization": f"Bearer {house.token(SAM)}"}
    since = house.register.size()

    def taken_out() -> None:
        sam = people.person_called(house.gate, SAM).id
        people.take_out(house.gate, sam, SORREL, NOBODY)
        house.record(an_entry(1))

    path = f"/api/v1/changes?since={since}&wait=30&format={form}"
    app = house.app

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
            get = asyncio.create_task(client.get(path, headers=head))
            await asyncio.sleep(0.1)
            await asyncio.to_thread(taken_out)
            return await get

    response = asyncio.run(asked())
    house.close()

    assert response.status_code == 401
    assert "entry/1" not in response.text
