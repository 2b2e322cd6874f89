"""The API, asked for through the whole application."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from entries import DESK, MODEL, a_model, an_entry
from firtree.access import KEEPER, PUBLIC, Principal, Right
from firtree.catalogue.entry import Hold, ReleaseNotes, Status
from firtree.devices import DeviceType
from firtree.errors import UnavailableError
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.parties import Parties
from firtree.parties import Maker, PartyKind
from firtree.storage.memory import MemoryRegister
from firtree.web.app import URLS, Url, create_app
from principals import a_principal
from rebuilt import check_rebuilt
from registers import SIGNER, Clock, a_recorder, checkpoint_of
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

GAS = a_model(device_type=DeviceType.GSME, model_identifier="0B01")
OTHER = msgspec.structs.replace(MODEL, manufacturer="CD02")
ENTRIES = (
    an_entry(1, upgradable_from=(), contact=None),
    an_entry(
        2,
        upgradable_from=(1,),
        contact=None,
        mandatory_step=True,
        notes=ReleaseNotes(summary="Keeps time."),
    ),
    an_entry(3, upgradable_from=(2,), contact=None),
    an_entry(4, model=GAS, status=Status.WITHDRAWN, status_from=date(2025, 1, 1)),
    an_entry(5, model=GAS, image_hash="", hold=Hold(reason="Trial")),
    an_entry(6, model=OTHER),
)
DEVICE = {"manufacturer": "AB01", "model": "010A030B", "firmware": "00000001"}
FIXED = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
)
API = [url for url in URLS if url.path.startswith(("/api", "/log", "/health"))]
# What stands for the parameters of paths; nine statements are recorded.
FILLED = {
    "{entry_id:int}": "1",
    "{index:int}": "1",
    "{tile:path}": "0/000.p/9",
    "{party_id:int}": "1",
}
# Nobody signs in here, and there are no parties: these have tests of their own.
OF_PARTIES = ("/api/v1/access-log", "/api/v1/parties/1")


def filled(path: str) -> str:
    """Put values in the place of a path's parameters."""
    for parameter, value in FILLED.items():
        path = path.replace(parameter, value)
    return path


PATHS = [(url.method, filled(url.path)) for url in API]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a register that the tests of this module only read."""
    made = Served(tmp_path_factory.mktemp("api") / "register.db")
    made.record(
        Maker(code="AB01", name="Alder", contact=DESK),
        Maker(code="CD02", name="Birch", contact=DESK),
        *ENTRIES,
    )
    made.clock.move(60)
    yield made
    check_rebuilt(made.register)
    made.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """Give a register of the test's own."""
    made = Served(tmp_path / "register.db")
    made.record(Maker(code="AB01", name="Alder", contact=DESK), ENTRIES[0])
    made.clock.move(60)
    yield made
    check_rebuilt(made.register)
    made.close()


def good(response: httpx.Response) -> Any:
    """Give what an answer says."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def problem(response: httpx.Response, status: int) -> Any:
    """Give what a problem document says."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    found = response.json()
    assert found["status"] == status
    assert {"title", "detail", "code"} <= set(found)
    assert set(found) <= {"title", "status", "detail", "code", "hint", "errors"}
    return found


def places(response: httpx.Response) -> list[str]:
    """Give the places a 422 names."""
    found = problem(response, 422)
    assert all(set(one) == {"pointer", "expected", "found"} for one in found["errors"])
    assert all(one["expected"] and one["found"] for one in found["errors"])
    return [one["pointer"] for one in found["errors"]]


# The shapes, written out: renaming a key breaks the programs of others.
KEYS = {
    "answer": (
        "device standing standing_text entry target alternatives pathway blocked_route "
        "steps register_target advice contact warnings reasons log"
    ),
    "device": "device_type manufacturer model firmware",
    "step": (
        "entry firmware_version image_hash release_date urgency mandatory notes "
        "conditions"
    ),
    "notes": "summary security fixes features known_issues irps reference",
    "contact": "role email phone url confirmed_on",
    "log": "size checkpoint",
    "entry": (
        "id device_type generation manufacturer manufacturer_name model "
        "model_identifier hardware_version hardware_revision trade_name esme_variant "
        "firmware firmware_coding firmware_label smets_chts gbcs image_hash "
        "certificates status status_from status_reason published_on release_date "
        "release_line upgradable_from confirmed_edges rollback_from rollback_allowed "
        "availability limited_to mandatory_step activation_order_note requires "
        "interrupts_hub_power min_hardware max_hardware ota_manufacturer_code "
        "ota_image_type image_size_octets signed_firmware_valid_to change_classes "
        "security_urgency metrology_software_id notes support_until sbom_reference "
        "sbom_sha256 hold loading contact"
    ),
    "entry answer": (
        "entry manufacturer_contact release more_in_release findings recorded log"
    ),
    "finding": "code severity column text expected found",
    "recorded": "statement at",
}


def check_keys(value: dict[str, Any], shape: str) -> None:
    """Check that a value has the keys of a shape, in their order."""
    assert list(value) == KEYS[shape].split()


def test_an_assessment_has_the_documented_keys_and_no_others(served: Served) -> None:
    found = good(served.get("/api/v1/assessment", params=DEVICE))

    check_keys(found, "answer")
    check_keys(found["device"], "device")
    check_keys(found["contact"], "contact")
    check_keys(found["log"], "log")
    for step in found["steps"]:
        check_keys(step, "step")
    check_keys(found["steps"][0]["notes"], "notes")
    for name in ("advice", "reasons"):
        assert all(list(one) == ["code", "text"] for one in found[name])
    assert all(
        list(one) == ["code", "level", "text", "entry"] for one in found["warnings"]
    )


def test_an_assessment_says_what_to_install(served: Served) -> None:
    found = good(served.get("/api/v1/assessment", params=DEVICE))

    assert (found["standing"], found["entry"], found["target"]) == ("behind", 1, 3)
    assert found["pathway"] == [2, 3]
    assert [step["mandatory"] for step in found["steps"]] == [True, False]
    assert found["contact"]["email"] == DESK.email


def test_a_model_that_is_not_known_is_an_answer_and_no_error(served: Served) -> None:
    found = good(
        served.get("/api/v1/assessment", params=DEVICE | {"model": "FFFFFFFF"})
    )

    check_keys(found, "answer")
    assert found["standing"] == "unknown-model"
    assert found["pathway"] is None


def test_an_entry_has_the_documented_keys_and_no_others(served: Served) -> None:
    found = good(served.get("/api/v1/entries/4"))

    check_keys(found, "entry answer")
    check_keys(found["entry"], "entry")
    check_keys(found["recorded"], "recorded")
    assert found["findings"]
    check_keys(found["findings"][0], "finding")
    assert found["recorded"]["statement"] == 6
    assert found["entry"]["status"] == "Withdrawn"


FILTERS: list[tuple[dict[str, str], list[int]]] = [
    ({}, [1, 2, 3, 4, 5, 6]),
    ({"device_type": "gsme"}, [4, 5]),
    ({"device_type": "SAPC"}, [1, 2, 3, 6]),
    ({"device_type": "CHF"}, []),
    ({"manufacturer": "ab01"}, [1, 2, 3, 4, 5]),
    ({"model": "010a030b"}, [1, 2, 3, 6]),
    ({"firmware": "00000002"}, [2]),
    ({"hash": f"{6:064x}"}, [6]),
    ({"status": "withdrawn"}, [4]),
    ({"status": "Active", "device_type": "GSME"}, [5]),
    ({"manufacturer": "nobody"}, []),
    ({"effective_at": "2024-12-31", "status": "Active"}, [1, 2, 3, 4, 5, 6]),
    ({"effective_at": "2024-01-03"}, [1, 2]),
    ({"at": "1"}, []),
    ({"cursor": "4"}, [5, 6]),
    ({"limit": "1000"}, [1, 2, 3, 4, 5, 6]),
    ({"manufacturer": "", "status": ""}, [1, 2, 3, 4, 5, 6]),
]


@pytest.mark.parametrize(("params", "ids"), FILTERS)
def test_entries_are_filtered(
    served: Served, params: dict[str, str], ids: list[int]
) -> None:
    found = good(served.get("/api/v1/entries", params=params))

    assert list(found) == ["entries", "found_by", "next_cursor", "log"]
    assert [entry["id"] for entry in found["entries"]] == ids
    for entry in found["entries"]:
        check_keys(entry, "entry")


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
def test_pages_cover_every_entry_once(served: Served, limit: int) -> None:
    seen: list[int] = []
    cursor, pages = "", 0
    while pages <= 6:
        params = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
        found = good(served.get("/api/v1/entries", params=params))
        assert len(found["entries"]) <= limit
        seen.extend(entry["id"] for entry in found["entries"])
        cursor, pages = found["next_cursor"], pages + 1
        if cursor is None:
            break

    assert seen == [1, 2, 3, 4, 5, 6]
    assert pages == -(-6 // limit)


SEARCHES: list[tuple[dict[str, str], list[int]]] = [
    ({"q": "0000000"}, [6, 5, 3, 2, 1, 4]),
    ({"q": "alder"}, [5, 3, 2, 1, 4, 6]),  # 6 is of a maker with another name
    ({"q": "alder", "at": "1"}, []),
    ({"q": "alder", "status": "Withdrawn"}, [4]),
    ({"q": "alder", "device_type": "GSME", "limit": "1"}, [5]),
    ({"q": "alder", "device_type": "GSME", "limit": "1", "cursor": "1"}, [4]),
    ({"q": "2"}, [2]),
    ({"q": "keep time"}, [2]),
    ({"q": "keep time", "model": "010A030B"}, [2]),
    ({"q": "alder", "effective_at": "2024-01-04"}, [3, 2, 1]),
    ({"q": "zebra"}, []),
    ({"q": " "}, [1, 2, 3, 4, 5, 6]),
]


@pytest.mark.parametrize(("params", "ids"), SEARCHES)
def test_entries_are_searched_the_best_first(
    served: Served, params: dict[str, str], ids: list[int]
) -> None:
    found = good(served.get("/api/v1/entries", params=params))

    assert [entry["id"] for entry in found["entries"]] == ids
    if params["q"].strip():
        assert len(found["found_by"]) == len(ids)
        assert all(found["found_by"])
    else:
        assert found["found_by"] is None


def test_a_search_says_by_what_each_entry_was_found(served: Served) -> None:
    found = good(served.get("/api/v1/entries?q=2+time"))

    assert found["found_by"] == [
        [
            {"field": "id", "text": "2"},
            {"field": "notes", "text": "Keeps time."},
        ]
    ]


WRONG: list[tuple[str, list[str]]] = [
    ("/api/v1/entries?limit=0", ["limit"]),
    ("/api/v1/entries?limit=1001", ["limit"]),
    ("/api/v1/entries?limit=x", ["limit"]),
    ("/api/v1/entries?limit=1_0", ["limit"]),
    ("/api/v1/entries?cursor=x", ["cursor"]),
    ("/api/v1/entries?cursor=-1", ["cursor"]),
    ("/api/v1/entries?cursor=9999999999999999999", ["cursor"]),
    ("/api/v1/entries?status=Removed", ["status"]),
    ("/api/v1/entries?device_type=METER", ["device_type"]),
    (f"/api/v1/entries?hash={'0' * 65}", ["hash"]),
    (f"/api/v1/entries?model={'0' * 201}", ["model"]),
    ("/api/v1/entries?manufacturer=%00", ["manufacturer"]),
    (f"/api/v1/entries?q={'0' * 201}", ["q"]),
    ("/api/v1/entries?q=a+b+c+d+e+f+g+h+i+j+k", ["q"]),
    ("/api/v1/entries?q=%00", ["q"]),
    ("/api/v1/entries?colour=green", ["colour"]),
    ("/api/v1/entries?limit=1&limit=2&colour=green", ["colour", "limit"]),
    ("/api/v1/entries/0", ["entry_id"]),
    ("/api/v1/entries/99999999999999999999", ["entry_id"]),
    ("/api/v1/entries/1?colour=green", ["colour"]),
    ("/api/v1/assessment?model=a&firmware=b", ["manufacturer"]),
    ("/api/v1/assessment?manufacturer=&model=a&firmware=b", ["manufacturer"]),
    (
        f"/api/v1/assessment?manufacturer={'x' * 41}&model=a&firmware=b",
        ["manufacturer"],
    ),
    (
        "/api/v1/assessment?manufacturer=a&model=b&firmware=c&device_type=METER",
        ["device_type"],
    ),
    ("/api/v1/assessment?manufacturer=F0E1", ["model", "firmware"]),
    ("/api/v1/assessment", ["manufacturer", "model", "firmware"]),
    ("/api/v1/assessment?model=a&fw=1&fw=2", ["manufacturer", "firmware", "fw", "fw"]),
    ("/api/v1/entries?limit=x&foo=1", ["limit", "foo"]),
    ("/api/v1/entries?limit=x&status=a&status=b&hash=c", ["limit", "status"]),
    ("/api/v1/diff?limit=x&begin=1", ["from", "begin"]),
    ("/api/v1/diff?from=1&limit=x&to=2", ["limit"]),
    ("/api/v1/entries/1?proof=x&limit=1", ["proof", "limit"]),
    ("/api/v1/statements?start=x&from=1", ["start", "from"]),
    ("/api/v1/entries?at=x", ["at"]),
    ("/api/v1/entries?at=99999", ["at"]),
    ("/api/v1/entries?at=2999-01-01", ["at"]),
    ("/api/v1/entries?effective_at=x", ["effective_at"]),
    ("/api/v1/entries?effective_at=2999-01-01", ["effective_at"]),
    ("/api/v1/entries?effective_at=1999-01-01", ["effective_at"]),
    ("/api/v1/diff?from=x", ["from"]),
    ("/api/v1/diff?from=1&to=99999", ["to"]),
    ("/log/proof/consistency?from=x", ["from"]),
    ("/log/proof/consistency?from=x&to=y&size=1", ["from", "to", "size"]),
]


@pytest.mark.parametrize(("url", "expected"), WRONG)
def test_a_wrong_parameter_is_named_with_what_was_expected(
    served: Served, url: str, expected: list[str]
) -> None:
    assert places(served.get(url)) == expected


def test_a_wrong_parameter_is_shown_as_it_was_given(served: Served) -> None:
    (one,) = problem(served.get("/api/v1/entries?limit=x"), 422)["errors"]

    assert one == {"pointer": "limit", "expected": "a whole number", "found": "'x'"}
    (one,) = problem(served.get("/api/v1/entries/0"), 422)["errors"]
    assert one["pointer"] == "entry_id"
    assert one["found"] == "'0'"


def test_an_empty_parameter_is_shown_as_empty(served: Served) -> None:
    asked = "/api/v1/assessment?manufacturer=&model=0A10&firmware=1"
    (one,) = problem(served.get(asked), 422)["errors"]

    assert (one["pointer"], one["found"]) == ("manufacturer", "''")


@pytest.mark.parametrize(
    "url",
    [
        "/api/v1/entries/77",
        "/api/v1/entries/1_0",
        "/api/v1/entries/007",
        "/api/v1/entries/one",
        "/api/v2/entries",
        "/log/nothing",
        "/health",
        "/schema",
        "/docs",
        "/.env",
    ],
)
def test_what_is_not_there_is_a_problem_document(served: Served, url: str) -> None:
    assert problem(served.get(url), 404)["code"] in {"http-404", "not-found"}


def test_a_missing_entry_comes_with_a_hint(served: Served) -> None:
    found = problem(served.get("/api/v1/entries/77"), 404)

    assert found["detail"] == "there is no entry 77"
    assert found["hint"] == "search by manufacturer, model, version or hash"


MOMENTS = [
    ("2026-11-22", 9),
    ("2026-11-22T14:00:00Z", 9),
    ("2026-11-22T13:30:00Z", 1),
    ("9", 9),
    ("1", 1),
]


@pytest.mark.parametrize(("at", "size"), MOMENTS)
def test_a_past_state_is_answered_from(served: Served, at: str, size: int) -> None:
    found = good(served.get("/api/v1/assessment", params=DEVICE | {"at": at}))

    assert found["log"]["size"] == size
    assert found["standing"] == ("behind" if size == 9 else "unknown-model")


@pytest.mark.parametrize(
    "params",
    [
        {"at": "2026-11-23"},
        {"at": "2026-11-22T23:00:00Z"},
        {"at": "2026-11-21"},
        {"at": "10"},
        {"at": "0"},
        {"at": "now"},
        {"at": "x" * 41},
        {"effective_at": "2026-11-23"},
        {"effective_at": "9"},
        {"effective_at": "soon"},
    ],
)
@pytest.mark.parametrize("url", ["/api/v1/assessment", "/api/v1/entries/1"])
def test_a_moment_that_cannot_be_asked_about_is_refused(
    served: Served, url: str, params: dict[str, str]
) -> None:
    device = DEVICE if url.endswith("assessment") else {}

    found = problem(served.get(url, params=device | params), 422)

    assert found["detail"].startswith(f"{next(iter(params))}: ")


def test_later_records_leave_past_answers_as_they_were(own: Served) -> None:
    asked = [
        ("/api/v1/assessment", DEVICE | {"at": "3"}),
        ("/api/v1/entries", {"at": "3"}),
        ("/api/v1/entries/1", {"at": "3"}),
    ]
    before = [good(own.get(url, params=params)) for url, params in asked]

    own.record(an_entry(1, trade_name="Changed"), an_entry(2, upgradable_from=(1,)))

    after = [good(own.get(url, params=params)) for url, params in asked]
    for one in (*before, *after):
        del one["log"]["checkpoint"]
    assert after == before
    assert good(own.get("/api/v1/entries/1"))["entry"]["trade_name"] == "Changed"
    assert good(own.get("/api/v1/assessment", params=DEVICE))["target"] == 2


@pytest.mark.parametrize("count", [1, 10_000])
def test_many_devices_are_assessed_in_their_order(served: Served, count: int) -> None:
    devices = [DEVICE | {"firmware": f"{n % 7:08X}"} for n in range(count)]

    found = good(served.post("/api/v1/assessments", json={"devices": devices}))

    assert list(found) == ["assessments", "log"]
    answers = found["assessments"]
    asked = [device["firmware"] for device in devices]
    assert [answer["device"]["firmware"] for answer in answers] == asked
    alone = good(served.get("/api/v1/assessment", params=devices[-1]))
    assert answers[-1] == alone
    assert {answer["log"]["size"] for answer in answers} == {found["log"]["size"]}


def test_an_own_list_narrows_the_target(served: Served) -> None:
    body = {"devices": [DEVICE], "approved": [{"entry": 2, "since": "2026-01-01"}]}

    (found,) = good(served.post("/api/v1/assessments", json=body))["assessments"]

    assert (found["target"], found["register_target"]) == (2, 3)


def test_many_devices_are_assessed_at_a_past_state(served: Served) -> None:
    body = {"devices": [DEVICE]}

    found = good(served.post("/api/v1/assessments?at=1", json=body))

    assert found["log"]["size"] == 1
    assert found["assessments"][0]["standing"] == "unknown-model"


BAD_BODIES: list[tuple[Any, list[str]]] = [
    ({}, ["devices"]),
    ([], ["body"]),
    ({"devices": []}, ["devices"]),
    ({"devices": [DEVICE] * 10_001}, ["devices"]),
    ({"devices": DEVICE}, ["devices"]),
    ({"devices": [DEVICE], "colour": "green"}, ["colour"]),
    ({"devices": [{"manufacturer": "AB01", "model": "1"}]}, ["devices/0/firmware"]),
    ({"devices": [DEVICE, DEVICE | {"colour": "green"}]}, ["devices/1/colour"]),
    ({"devices": [DEVICE | {"model": 1}]}, ["devices/0/model"]),
    ({"devices": [None]}, ["devices/0"]),
    (
        {"devices": [DEVICE | {"model": "", "firmware": "x" * 41}]},
        ["devices/0/model", "devices/0/firmware"],
    ),
    (
        {"devices": [DEVICE | {"device_type": "METER"}, DEVICE | {"model": "a\0"}]},
        ["devices/0/device_type", "devices/1/model"],
    ),
    ({"devices": [DEVICE], "approved": [{"entry": "x"}]}, ["approved/0/entry"]),
    (
        {"devices": [DEVICE], "approved": [{"entry": 1, "since": "soon"}]},
        ["approved/0/since"],
    ),
    ({"devices": [DEVICE], "approved": [{"entry": 0}]}, ["approved/0/entry"]),
    (
        {
            "devices": [DEVICE],
            "approved": [
                {"entry": 1},
                {"entry": 1},
                {"entry": 1, "since": "2026-01-01"},
            ],
        },
        ["approved/2/since"],
    ),
]


@pytest.mark.parametrize(
    ("body", "expected"), BAD_BODIES, ids=[str(bad) for _, bad in BAD_BODIES]
)
def test_every_wrong_place_of_a_body_is_named(
    served: Served, body: Any, expected: list[str]
) -> None:
    assert places(served.post("/api/v1/assessments", json=body)) == expected


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("octets", "headers", "status"),
    [
        (b"{", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b'{"devices":[{"manufacturer":"\\ud800"}]}', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b'{"devices":' + b"[" * 100_000, JSON, 400),
        (b"", JSON, 422),
        (b'{"devices":[]}', {"content-type": "text/plain"}, 415),
        (
            b'{"devices":[{"manufacturer":"a","model":"b","firmware":"c"}]}',
            {"content-type": "text/plain"},
            415,
        ),
        (b" " * (4 << 20), JSON, 400),
        (b" " * ((4 << 20) + 1), JSON, 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    served: Served, octets: bytes, headers: dict[str, str], status: int
) -> None:
    response = served.post("/api/v1/assessments", content=octets, headers=headers)

    problem(response, status)


def test_an_etag_saves_the_answer_until_the_register_changes(own: Served) -> None:
    for url in ("/api/v1/entries", "/api/v1/entries/1", "/api/v1/assessment"):
        params = DEVICE if url.endswith("assessment") else {}
        first = own.get(url, params=params)
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        assert first.headers["vary"] == "Cookie, Authorization, Accept"

        for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = own.get(url, params=params, headers={"If-None-Match": held})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
        assert own.get(url, params=params, headers={"If-None-Match": '"other"'}).content

        own.record(an_entry(9))
        changed = own.get(url, params=params, headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag


def test_an_etag_does_not_confirm_an_entry_that_is_not_there(served: Served) -> None:
    problem(served.get("/api/v1/entries/77", headers={"If-None-Match": "*"}), 404)


def test_principals_have_etags_of_their_own(served: Served) -> None:
    supplier = served.app_for(a_principal(PartyKind.IMPORT_SUPPLIER, "Supplier"))

    assert (
        ask(supplier, "GET", "/api/v1/entries/1").headers["etag"]
        != served.get("/api/v1/entries/1").headers["etag"]
    )


def test_the_checkpoint_is_signed_and_that_of_the_answers(served: Served) -> None:
    response = served.get("/log/checkpoint")

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint_of(response.text).size == served.register.size()
    found = good(served.get("/api/v1/entries/1"))
    assert found["log"] == {
        "size": served.register.size(),
        "checkpoint": response.text,
    }


def test_health_tells_in_a_word(served: Served) -> None:
    for name in ("live", "ready"):
        response = served.get(f"/health/{name}")
        assert (response.status_code, response.text) == (200, f"{name}\n")
        assert response.headers["cache-control"] == "no-store"


def test_a_register_that_cannot_be_reached_is_503() -> None:
    class Gone(MemoryRegister):
        def size(self) -> int:
            raise UnavailableError("the database cannot be reached", hint="try again")

    register = Gone()
    lookup = Lookup(register, Models(register), SIGNER, now=Clock())
    app = create_app(
        lookup,
        Parties(register, a_recorder(register), now=Clock()),
        authenticate=lambda _: KEEPER,
        in_threads=False,
        close=lambda: None,
    )

    for url in ("/health/ready", "/log/checkpoint", "/api/v1/entries"):
        found = problem(ask(app, "GET", url), 503)
        assert found["detail"] == "the database cannot be reached"
        assert found["hint"] == "try again in a moment"
    assert ask(app, "GET", "/health/live").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [p for p in PATHS if p[0] == "GET" and p[1] not in OF_PARTIES],
)
def test_head_is_get_without_the_body(served: Served, method: str, path: str) -> None:
    needed = {
        "/api/v1/assessment": DEVICE,
        "/api/v1/diff": {"from": "0"},
        "/api/v1/pathway": {"from": "1", "to": "2"},
        "/api/v1/statements": {"start": "0"},
        "/log/proof/inclusion": {"index": "3"},
        "/log/proof/consistency": {"from": "1"},
    }
    params = needed.get(path, {})
    got = ask(served.app, method, path, params=params)

    head = ask(served.app, "HEAD", path, params=params)

    assert head.content == b""
    assert head.status_code == got.status_code == 200
    for response in (head, got):
        assert len(response.headers.pop("request-id")) == 16
    assert head.headers == got.headers


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("other", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "X"])
def test_other_methods_are_refused_with_those_that_are_not(
    served: Served, method: str, path: str, other: str
) -> None:
    response = ask(served.app, other, path)

    problem(response, 405)
    assert response.headers["allow"] == ("GET, HEAD" if method == "GET" else "POST")


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/xml"])
def test_programs_get_problem_documents_whatever_they_accept(
    served: Served, accept: str
) -> None:
    for url in ("/api/v1/entries/77", "/log/nothing", "/health/nothing"):
        problem(served.get(url, headers={"Accept": accept}), 404)


async def _broken() -> None:
    raise RuntimeError("the password is hush")


def test_a_fault_is_500_with_nothing_of_its_inside(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    urls = (*URLS, Url("GET", "/api/broken", _broken, Right.READ_ENTRIES))
    app = create_app(
        served.lookup,
        served.parties,
        authenticate=lambda _: KEEPER,
        in_threads=False,
        close=lambda: None,
        urls=urls,
    )

    with caplog.at_level(logging.ERROR, "firtree.web"):
        response = ask(app, "GET", "/api/broken")

    found = problem(response, 500)
    assert found["code"] == "internal"
    assert "hush" not in response.text
    assert "fault in GET '/api/broken'" in caplog.text
    (record,) = caplog.records
    assert record.request == response.headers["request-id"]  # type: ignore[attr-defined]
    assert set(FIXED) <= set(response.headers)


def test_every_answer_has_the_fixed_headers(served: Served) -> None:
    answers = [
        *(ask(served.app, method, path) for method, path in PATHS),
        served.get("/nowhere"),
        served.get("/openapi.json"),
        served.get("/static/nothing.css"),
        ask(served.app, "PUT", "/api/v1/entries"),
        served.get("/health/live", headers={"Host": "evil.example"}),
    ]

    for response in answers:
        assert set(FIXED) <= set(response.headers), response.url
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]", 200),
        ("[::1]:8000", 200),
        ("firtree.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:8000", 421),
        ("evil.example:127.0.0.1", 421),
        ("", 421),
    ],
)
def test_a_foreign_host_name_is_refused(served: Served, host: str, status: int) -> None:
    response = served.get("/health/live", headers={"Host": host})

    assert response.status_code == status
    if status == 421:
        assert response.json()["code"] == "http-421"


async def _harmless() -> str:
    return "harmless"


@pytest.mark.parametrize("right", [None, "read entries please", 7])
def test_a_handler_without_a_declared_right_does_not_start(
    served: Served, right: Any
) -> None:
    with pytest.raises(TypeError, match="/api/v1/new: this handler has no declared"):
        create_app(
            served.lookup,
            served.parties,
            authenticate=lambda _: KEEPER,
            in_threads=False,
            close=lambda: None,
            urls=(*URLS, Url("GET", "/api/v1/new", _harmless, right)),
        )


NO_READERS = [
    PUBLIC,
    *(a_principal(PartyKind(k), "x") for k in ("MAP", "MOP", "agent")),
]


@pytest.mark.parametrize("principal", NO_READERS)
def test_who_may_not_read_entries_finds_nothing_anywhere(
    served: Served, principal: Principal
) -> None:
    app = served.app_for(principal)

    for url in URLS:
        response = ask(app, url.method, filled(url.path))
        if url.right is Right.READ_ENTRIES:
            expected = 401 if principal is PUBLIC else 404
            assert response.status_code == expected, url.path
            assert "010A" not in response.text
        assert "Alder" not in response.text


def test_a_maker_sees_its_own_codes_everywhere(served: Served) -> None:
    app = served.app_for(
        a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
    )
    mine = DEVICE | {"manufacturer": "CD02", "firmware": "00000006"}

    page = good(ask(app, "GET", "/api/v1/entries"))
    assert [entry["id"] for entry in page["entries"]] == [6]
    for params in ({"manufacturer": "AB01"}, {"firmware": "00000001"}):
        assert not good(ask(app, "GET", "/api/v1/entries", params=params))["entries"]
    assert good(ask(app, "GET", "/api/v1/entries/6"))["entry"]["id"] == 6
    missing = problem(ask(app, "GET", "/api/v1/entries/77"), 404)
    hidden = problem(ask(app, "GET", "/api/v1/entries/1"), 404)
    assert hidden["detail"].replace("1", "77") == missing["detail"]
    assert good(ask(app, "GET", "/api/v1/assessment", params=mine))["entry"] == 6
    other = good(ask(app, "GET", "/api/v1/assessment", params=DEVICE))
    assert other["standing"] == "unknown-model"
    assert other["contact"] is None
    body = {"devices": [DEVICE, mine]}
    found = good(ask(app, "POST", "/api/v1/assessments", json=body))
    standings = [answer["standing"] for answer in found["assessments"]]
    assert standings == ["unknown-model", "current"]


def test_answers_are_json_without_numbers_that_lose_digits(served: Served) -> None:
    text = served.get("/api/v1/entries").text

    json.loads(text, parse_float=lambda found: pytest.fail(f"a float: {found}"))


def test_a_release_that_is_cut_says_so_on_page_and_api(tmp_path: Path) -> None:
    made = Served(tmp_path / "r.db")
    shared = [an_entry(n, image_hash="AB" * 32) for n in range(1, 203)]
    made.record(*shared[:200])
    few = made.get("/api/v1/entries/7").json(), made.get("/entries/7").text
    made.record(*shared[200:])
    many = made.get("/api/v1/entries/7").json(), made.get("/entries/7").text
    last = made.get("/api/v1/entries/202").json()["release"]

    assert [len(few[0]["release"]), few[0]["more_in_release"]] == [200, False]
    assert "<p>199 other entries share the same Manufacturer Image.</p>" in few[1]
    assert [len(many[0]["release"]), many[0]["more_in_release"]] == [200, True]
    assert "More than 199 other entries share the same Manufacturer Image" in many[1]
    assert last == [*range(1, 201), 202]
    made.close()
