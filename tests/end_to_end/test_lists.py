"""Lists, ways and findings: over the API, and as pages."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from entries import DESK, a_model, an_entry
from firtree.catalogue.entry import Hold, Status
from firtree.devices import DeviceType, Generation, HardwareModel
from firtree.library import quality
from firtree.parties import Maker, PartyKind
from principals import a_principal
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

GAS = a_model(device_type=DeviceType.GSME, model_identifier="0B01")
THEIRS = a_model(manufacturer="CD02")
ODD = HardwareModel(
    device_type=DeviceType.ESME,
    generation=Generation.SMETS1,
    manufacturer="A/B & C",
    model_identifier="M/1 ?",
)
SHARED = f"{77:064X}"
ENTRIES = (
    an_entry(1, upgradable_from=()),
    an_entry(2, upgradable_from=(1,), mandatory_step=True),
    an_entry(3, upgradable_from=(1, 2), contact=None),
    an_entry(4, upgradable_from=(3,), hold=Hold()),
    an_entry(5, model=GAS, status=Status.EXPIRED),
    an_entry(6, model=THEIRS, image_hash=SHARED, upgradable_from=(98,)),
    an_entry(7, model=THEIRS, image_hash=SHARED, upgradable_from=(6,)),
    an_entry(8, model=ODD, firmware="1.0"),
)
MAKER = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a register that the tests only read; entry 7 was recorded last."""
    made = Served(tmp_path_factory.mktemp("lists") / "register.db")
    made.record(
        Maker(code="AB01", name="Alder", contact=DESK),
        Maker(code="CD02", name="Birch"),
        *ENTRIES[:6],
        ENTRIES[7],
    )
    made.record(ENTRIES[6])
    made.clock.move(60)
    yield made
    made.close()


def good(response: httpx.Response) -> Any:
    """Give what an answer says."""
    assert response.status_code == 200, response.text
    return response.json()


def all_pages(served: Served, path: str, member: str, **asked: str) -> list[Any]:
    """Follow the cursor to the end, one a page."""
    found: list[Any] = []
    asked["limit"] = "1"
    while True:
        page = good(served.get(f"/api/v1/{path}", params=asked))
        found += page[member]
        if page["next_cursor"] is None:
            return found
        asked["cursor"] = page["next_cursor"]


def page(served: Served, path: str, status: int = 200, **asked: str) -> str:
    """Give the text of a page."""
    url = f"{path}?{urlencode(asked)}" if asked else path
    response = served.get(url, headers={"accept": "text/html"})
    assert response.status_code == status, response.text
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.text))
    return re.sub(r"\s+", " ", text)


def test_manufacturers_are_listed_with_counts_and_contact(served: Served) -> None:
    found = good(served.get("/api/v1/manufacturers"))

    assert [one["code"] for one in found["manufacturers"]] == [
        *("A/B & C", "AB01", "CD02")
    ]
    odd, alder, _ = found["manufacturers"]
    assert (odd["name"], odd["contact"], odd["entries"]) == (None, None, 1)
    assert alder["contact"]["email"] == DESK.email
    assert (alder["models"], alder["entries"]) == (2, 5)
    assert alder["statuses"] == {"Active": 4, "Expired": 1}
    assert found["log"]["size"] == 11


@pytest.mark.parametrize(
    ("path", "member", "key"),
    [
        ("manufacturers", "manufacturers", "code"),
        ("models", "models", "model"),
        ("releases", "releases", "image_hash"),
        ("findings", "findings", "entry"),
    ],
)
def test_a_list_is_the_same_in_any_number_of_pages(
    served: Served, path: str, member: str, key: str
) -> None:
    whole = good(served.get(f"/api/v1/{path}"))

    assert whole["next_cursor"] is None
    assert len(whole[member]) > 2
    assert all_pages(served, path, member) == whole[member]
    assert all(one[key] for one in whole[member])


def test_models_are_chosen_by_manufacturer_and_type(served: Served) -> None:
    of_alder = all_pages(served, "models", "models", manufacturer="ab01")
    assert [one["model"] for one in of_alder] == ["010A030B", "0B01030B"]
    assert of_alder[0]["newest"] == {
        "entry": 3,
        "firmware": "00000003",
        "release_date": "2024-01-04",
    }
    assert of_alder[1]["newest"] is None
    gas = all_pages(served, "models", "models", device_type="GSME")
    assert [one["model"] for one in gas] == ["0B01030B"]
    like_a_controller = all_pages(served, "models", "models", device_type="SAPC")
    assert [one["device_types"] for one in like_a_controller] == [["ESME"]] * 3


def test_a_release_names_the_entries_that_share_an_image(served: Served) -> None:
    by_hash = all_pages(served, "releases", "releases", hash=SHARED.lower())
    by_maker = all_pages(served, "releases", "releases", manufacturer="cd02")

    assert by_hash == by_maker
    assert by_hash == [
        {
            "manufacturer": "CD02",
            "image_hash": SHARED,
            "entries": [6, 7],
            "more_entries": False,
        }
    ]
    then = good(served.get(f"/api/v1/releases?hash={SHARED}&at=10"))
    assert then["releases"][0]["entries"] == [6]


def test_the_way_between_two_entries_is_told(served: Served) -> None:
    found = good(served.get("/api/v1/pathway?from=1&to=3"))

    assert found["from"] == {
        "entry": 1,
        "firmware_version": "00000001",
        "status": "Active",
    }
    assert found["to"]["entry"] == 3
    assert found["pathway"] == [2, 3]
    assert [step["firmware_version"] for step in found["steps"]] == [
        *("00000002", "00000003")
    ]
    assert found["reasons"][0]["code"] == "route"


def test_what_blocks_a_way_is_told(served: Served) -> None:
    found = good(served.get("/api/v1/pathway?from=2&to=4"))

    assert (found["pathway"], found["steps"]) == (None, [])
    assert found["blocked_route"] == {"pathway": [3, 4], "blocked_by": 4}
    assert "it is on hold" in found["reasons"][0]["text"]


@pytest.mark.parametrize(
    ("query", "status", "pointers"),
    [
        ("from=1", 422, ["to"]),
        ("to=1", 422, ["from"]),
        ("from=0&to=1", 422, ["from"]),
        ("from=1&to=1.5", 422, ["to"]),
        ("from=1&to=6", 422, ["to"]),
        ("from=1&to=2&via=3", 422, ["via"]),
        ("from=1&to=99", 404, []),
    ],
)
def test_a_way_that_cannot_be_asked_for_is_refused(
    served: Served, query: str, status: int, pointers: list[str]
) -> None:
    response = served.get(f"/api/v1/pathway?{query}")

    assert response.status_code == status
    found = response.json()
    assert [one["pointer"] for one in found.get("errors", [])] == pointers


def test_findings_are_those_of_the_entries(served: Served) -> None:
    found = good(served.get("/api/v1/findings"))

    for entry in ENTRIES:
        own = good(served.get(f"/api/v1/entries/{entry.id}"))["findings"]
        here = [one for one in found["findings"] if one["entry"] == entry.id]
        assert [{name: one[name] for name in own[0]} for one in here] == own
        assert {one["model"] for one in here} == {entry.model.key.model}


def test_findings_are_chosen_and_counted(served: Served) -> None:
    query = {"manufacturer": "cd02", "code": "unknown-predecessor"}
    (one,) = all_pages(served, "findings", "findings", **query)
    assert (one["entry"], one["column"], one["found"]) == (6, "Upgradable From", "98")
    found = good(served.get("/api/v1/findings", params=query))
    (totals,) = found["totals"]
    assert (totals["manufacturer_name"], totals["entries"]) == ("Birch", 2)
    assert totals["entries_to_mend"] == 2
    assert totals["codes"]["hash-reused"] == 2
    assert totals["severities"]["refuse"] > 0
    refused = all_pages(served, "findings", "findings", severity="refuse")
    assert {one["severity"] for one in refused} == {"refuse"}


def test_where_there_is_too_much_to_count_it_says_so(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = good(served.get("/api/v1/findings"))["findings"]
    monkeypatch.setattr(quality, "COUNTED_MOST", 3)

    assert good(served.get("/api/v1/findings"))["totals"] is None
    assert all_pages(served, "findings", "findings") == whole
    assert "too many entries to count" in page(served, "/findings")
    (birch,) = good(served.get("/api/v1/findings?manufacturer=CD02"))["totals"]
    assert birch["entries"] == 2


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("findings?code=nothing-like-it", "code"),
        ("findings?severity=grave", "severity"),
        ("findings?cursor=x", "cursor"),
        ("findings?limit=201", "limit"),
        ("manufacturers?cursor=%21", "cursor"),
        ("models?cursor=QUIwMQ", "cursor"),
        ("models?device_type=TOASTER", "device_type"),
        ("models?limit=0", "limit"),
        ("releases?cursor=AAAA", "cursor"),
        ("releases?at=2099-01-01", "at"),
        ("manufacturers?effective_at=2026-01-01", "effective_at"),
    ],
)
def test_a_parameter_that_means_nothing_is_named(
    served: Served, query: str, pointer: str
) -> None:
    response = served.get(f"/api/v1/{query}")

    assert response.status_code == 422
    assert [one["pointer"] for one in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    "path", ["manufacturers", "models", "releases", "findings", "pathway?from=6&to=7"]
)
def test_an_answer_that_is_held_already_is_not_sent_again(
    served: Served, path: str
) -> None:
    first = served.get(f"/api/v1/{path}")
    again = served.get(
        f"/api/v1/{path}", headers={"if-none-match": first.headers["etag"]}
    )

    assert (again.status_code, again.content) == (304, b"")


def test_a_maker_is_listed_its_own_only(served: Served) -> None:
    app = served.app_for(MAKER)

    def asked(path: str) -> Any:
        return good(ask(app, "GET", f"/api/v1/{path}"))

    assert [one["code"] for one in asked("manufacturers")["manufacturers"]] == ["CD02"]
    assert {one["manufacturer"] for one in asked("models")["models"]} == {"CD02"}
    assert {one["manufacturer"] for one in asked("releases")["releases"]} == {"CD02"}
    assert {one["manufacturer"] for one in asked("findings")["findings"]} == {"CD02"}
    assert asked("models?manufacturer=AB01")["models"] == []
    assert ask(app, "GET", "/api/v1/pathway?from=1&to=3").status_code == 404
    assert ask(app, "GET", "/api/v1/pathway?from=6&to=1").status_code == 404


# pages


def test_one_finds_from_manufacturers_to_an_entry(served: Served) -> None:
    """Each page links the next; names that do not fit a path too."""
    address = "/manufacturers"
    for wanted in ("/manufacturers?code=", "/models?manufacturer=", "/entries/8"):
        response = served.get(address, headers={"accept": "text/html"})
        links = map(html.unescape, re.findall(r'href="([^"]+)"', response.text))
        address = next(link for link in links if link.startswith(wanted))

    assert "A/B & C M/1 ?" in page(served, address)


def test_a_manufacturers_page_says_what_there_is(served: Served) -> None:
    text = page(served, "/manufacturers/ab01")

    assert "Alder" in text
    assert DESK.email in text
    assert "Removed (expired) 1" in text
    assert "0B01030B" in text
    assert "entry 3 : 00000003" in text
    gone = page(served, "/manufacturers/FFFF", 404)
    assert "There is no such manufacturer here" in gone


def test_a_models_page_shows_the_way_to_the_newest(served: Served) -> None:
    text = page(served, "/models/AB01/010A030B")

    assert "4 entries, 4 current" in text
    assert "The longest way to it takes 2 steps, from entry 1" in text
    assert "2 steps from entry 1" in text
    assert "it is the newest" in text
    assert "no way known from entry 4" in text
    assert "None of its entries may be installed now." in page(
        served, "/models/AB01/0B01030B"
    )


def test_a_past_model_has_the_entries_it_had(served: Served) -> None:
    then = page(served, "/models/CD02/010A030B", at="10")

    assert "As recorded at log size 10" in then
    assert "1 entry, 1 current" in then
    assert "2 entries, 2 current" in page(served, "/models/CD02/010A030B")


def test_a_pathways_page_tells_the_steps(served: Served) -> None:
    text = page(served, "/pathway?from=1&to=3")

    assert "From entry 1 to entry 3: 2 steps" in text
    assert "May not be skipped" in text
    blocked = page(served, "/pathway?from=3&to=4")
    assert "no way" in blocked
    assert "it is on hold" in blocked
    assert "nothing to do" in page(served, "/pathway?from=3&to=3")


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"from": "1", "to": "6"}, 422, "a device keeps its hardware model"),
        ({"from": "1", "to": "99"}, 404, "There is no entry 99."),
        ({"from": "x", "to": "3"}, 422, "Give a CPL Entry ID such as 1042, found 'x'"),
        (
            {"from": "", "to": "3"},
            422,
            "Give a CPL Entry ID such as 1042, found nothing",
        ),
        ({"from": "9" * 400, "to": "3"}, 422, "Give a CPL Entry ID such as 1042"),
        ({"from": "0" * 20 + "1" * 20, "to": "3"}, 422, "such as 1042, found"),
        ({"from": "0", "to": "3"}, 422, "such as 1042, found"),
        ({"from": "١", "to": "3"}, 422, "such as 1042, found"),
    ],
)
def test_a_pathways_page_says_what_to_change(
    served: Served, asked: dict[str, str], status: int, said: str
) -> None:
    assert said in page(served, "/pathway", status, **asked)


def test_the_findings_page_is_a_list_to_work_through(served: Served) -> None:
    text = page(served, "/findings")

    assert "7 of 8 entries have something to mend" in text
    assert "Upgradable From names entry 98 , which is not in the register" in text
    own = page(served, "/findings", manufacturer="CD02", code="unknown-predecessor")
    assert "2 of 2 entries have something to mend" in own
    assert "Data quality of Birch" in own
    none = page(served, "/findings", code="hash-of-sample")
    assert "Nothing is found that fits what was chosen." in none


def test_an_empty_register_has_empty_lists(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = Served(tmp_path_factory.mktemp("empty") / "register.db")
    assert "There are none yet" in page(made, "/manufacturers")
    assert "Nothing is found." in page(made, "/findings")
    assert good(made.get("/api/v1/findings"))["totals"] == []
    made.close()
