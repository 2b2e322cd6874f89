"""What a device's Communications Hub is, and when it was read, told over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from entries import DESK, a_model, an_entry
from firtree.catalogue.entry import Requirement
from firtree.devices import DeviceType
from firtree.parties import Maker
from served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

HUB = a_model(device_type=DeviceType.CHF, model_identifier="0C0B")
DEVICE = {"manufacturer": "AB01", "model": "010A030B", "firmware": "00000001"}
OLD = {"manufacturer": "ab01", "model": "0C0B030B", "firmware": "0000000A"}
NEW = {**OLD, "firmware": "0000000B"}
KINDS = ("hub-entry", "least-gbcs", "least-chts", "han-variant")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a register with a step that asks everything of the hub."""
    made = Served(tmp_path_factory.mktemp("hub") / "register.db")
    requires = Requirement(
        hub_entries=(11,),
        least_gbcs="4.0",
        least_chts="1.5",
        han_variant="Dual Band",
    )
    made.record(
        Maker(code="AB01", name="Alder", contact=DESK),
        an_entry(1, upgradable_from=()),
        an_entry(2, upgradable_from=(1,), requires=requires),
        an_entry(10, model=HUB, gbcs="3.2", smets_chts="CHTS V1.4"),
        an_entry(
            11, model=HUB, gbcs="4.1", smets_chts="CHTS V1.5", upgradable_from=(10,)
        ),
    )
    made.clock.move(60)
    yield made
    made.close()


def assessed(served: Served, **changes: Any) -> Any:
    """Give the answer for the device with something more said of it."""
    body = {"devices": [{**DEVICE, **changes}]}
    response = served.post("/api/v1/assessments", json=body)
    assert response.status_code == 200, response.text
    return response.json()["assessments"][0]


def states(answer: Any) -> dict[str, str]:
    """Give the state of each condition of the only step."""
    (step,) = answer["steps"]
    return {one["kind"]: one["state"] for one in step["conditions"]}


def codes(answer: Any) -> set[str]:
    """Give the codes of an answer's warnings."""
    return {one["code"] for one in answer["warnings"]}


def places(response: httpx.Response) -> list[str]:
    """Give the places a 422 names."""
    assert response.status_code == 422, response.text
    return [one["pointer"] for one in response.json()["errors"]]


@pytest.mark.parametrize("hub", [None, {**OLD, "model": "FFFF030B"}])
def test_without_a_known_hub_conditions_are_unknown(served: Served, hub: Any) -> None:
    answer = assessed(served, hub=hub)

    assert states(answer) == dict.fromkeys(KINDS, "unknown")
    assert "hub-unknown" in codes(answer)


def test_a_hub_that_falls_short_meets_no_condition(served: Served) -> None:
    answer = assessed(served, hub={**OLD, "han_variant": "Single Band"})

    assert states(answer) == dict.fromkeys(KINDS, "unmet")
    assert "hub-condition-unmet" in codes(answer)


def test_a_hub_that_is_new_enough_meets_each_condition(served: Served) -> None:
    answer = assessed(served, hub={**NEW, "han_variant": "dual band"})

    assert states(answer) == dict.fromkeys(KINDS, "met")
    assert not {"hub-unknown", "hub-condition-unmet"} & codes(answer)


def test_a_hub_need_not_say_its_han_variant(served: Served) -> None:
    found = states(assessed(served, hub={**NEW, "han_variant": None}))

    assert found.pop("han-variant") == "unknown"
    assert set(found.values()) == {"met"}


def test_an_old_reading_is_warned_of(served: Served) -> None:
    assert "reading-old" in codes(assessed(served, read_on="2026-09-01"))
    assert "reading-old" not in codes(assessed(served, read_on="2026-11-22"))
    assert "reading-old" not in codes(assessed(served))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"hub": {**OLD, "firmware": ""}}, ["devices/1/hub/firmware"]),
        ({"hub": {**OLD, "model": "A" * 41}}, ["devices/1/hub/model"]),
        ({"hub": {**OLD, "manufacturer": "A\0"}}, ["devices/1/hub/manufacturer"]),
        ({"hub": {**OLD, "han_variant": "A" * 41}}, ["devices/1/hub/han_variant"]),
        ({"hub": {**OLD, "gbcs": "4.1"}}, ["devices/1/hub/gbcs"]),
        ({"hub": {"manufacturer": "AB01", "model": "1"}}, ["devices/1/hub/firmware"]),
        ({"hub": "AB01"}, ["devices/1/hub"]),
        ({"read_on": "2026-11-23"}, ["devices/1/read_on"]),
        ({"read_on": "22/11/2026"}, ["devices/1/read_on"]),
        ({"read_on": 5}, ["devices/1/read_on"]),
        (
            {"read_on": "2030-01-01", "hub": {**OLD, "firmware": "", "model": ""}},
            ["devices/1/hub/model", "devices/1/hub/firmware", "devices/1/read_on"],
        ),
    ],
)
def test_what_is_wrong_with_a_hub_or_a_reading_is_named(
    served: Served, changes: Any, expected: list[str]
) -> None:
    body = {"devices": [DEVICE, {**DEVICE, **changes}]}

    response = served.post("/api/v1/assessments", json=body)

    assert places(response) == expected
    assert all(one["expected"] and one["found"] for one in response.json()["errors"])
