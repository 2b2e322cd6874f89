"""Proofs over HTTP: checked as a stranger would, who trusts the log's key alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from entries import DESK, MODEL, an_entry
from firtree.catalogue.answer import Device
from firtree.catalogue.entry import PrivatePart, Status
from firtree.errors import VerificationError
from firtree.exchange.proof_wire import (
    DisclosedWire,
    StateProofWire,
    read_disclosed,
    read_state_proof,
)
from firtree.exchange.to_wire import assessment_wire, entry_wire
from firtree.exchange.wire import LogWire
from firtree.ledger.logproof import LogProof
from firtree.ledger.policy import Policy, TrustedLog
from firtree.ledger.statemap import map_key
from firtree.parties import Maker, PartyKind
from firtree.statements.recomputing import assess_shown, entries_shown
from firtree.statements.stateproof import (
    ProvenStatement,
    Shown,
    verify_recorded,
    verify_state_proof,
)
from firtree.statements.types.entry import read_entry
from firtree.text import london_day
from principals import a_principal
from registers import SIGNER
from served import Served, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from firtree.access import Principal

POLICY = Policy(logs=(TrustedLog(SIGNER.verifier),))
OTHER = msgspec.structs.replace(MODEL, manufacturer="CD02")
SECRET = PrivatePart(mapping_evidence="a letter")
READER = a_principal(PartyKind.IMPORT_SUPPLIER, "Ash Energy")
ALDER = a_principal(PartyKind.MANUFACTURER, "Alder", frozenset({"AB01"}))
BIRCH = a_principal(PartyKind.MANUFACTURER, "Birch", frozenset({"CD02"}))
PUBLIC = a_principal(PartyKind.PUBLIC, "public")
DEVICE = {"manufacturer": "AB01", "model": "010A030B", "firmware": "00000001"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a register in which an entry was recorded twice."""
    made = Served(tmp_path_factory.mktemp("proofs") / "register.db")
    made.record(
        Maker(code="AB01", name="Alder", contact=DESK),
        an_entry(1, upgradable_from=(), contact=None),
        msgspec.structs.replace(
            an_entry(2, upgradable_from=(1,), contact=None), private=SECRET
        ),
    )
    made.record(an_entry(6, model=OTHER))
    made.record(
        an_entry(3, upgradable_from=(2,)),
        an_entry(1, status=Status.WITHDRAWN, status_from=date(2026, 11, 1)),
    )
    made.clock.move(60)
    yield made
    made.close()


def get(served: Served, path: str, who: Principal, **params: Any) -> httpx.Response:
    """Ask the API as somebody."""
    app = served.app_for(who)
    return ask(app, "GET", f"/api/v1/{path}", params=params)


def proof_of(answer: httpx.Response) -> Shown:
    """Verify the state proof of an answer, by the log's key."""
    assert answer.status_code == 200, answer.text
    wire = msgspec.convert(answer.json()["proof"], StateProofWire)
    return verify_state_proof(read_state_proof(wire), POLICY)


def opened(answer: httpx.Response) -> list[str]:
    """Verify one statement; name the sections that are open."""
    assert answer.status_code == 200, answer.text
    found = answer.json()
    statement = read_disclosed(msgspec.convert(found["statement"], DisclosedWire))
    log_proof = LogProof.parse(found["log_proof"])
    assert log_proof.leaf_index == statement.number
    recorded, cosigned = verify_recorded(
        ProvenStatement(statement, log_proof.hashes), log_proof.note, POLICY
    )
    assert cosigned.at is None
    assert recorded.statement == statement
    sections = found["statement"]["sections"]
    return [name for name, one in sections.items() if one["text"] is not None]


def test_each_reader_gets_its_sections_and_can_verify_all(served: Served) -> None:
    everything = ["head", "core", "fir", "people", "private"]
    assert opened(served.get("/api/v1/statements/3")) == everything
    assert opened(get(served, "statements/3", READER)) == ["core", "fir", "people"]
    own = ["head", "core", "fir", "people"]
    assert opened(get(served, "statements/3", ALDER)) == own


def test_every_statement_is_proven_at_every_state(served: Served) -> None:
    for size in (1, 4, 5, 7):
        for index in range(size):
            answer = served.get(f"/api/v1/statements/{index}?at={size}")
            assert opened(answer)
            note = LogProof.parse(answer.json()["log_proof"]).note
            assert note.split("\n")[1] == str(size)
        assert served.get(f"/api/v1/statements/{size}?at={size}").status_code == 404


def test_what_is_not_yours_looks_as_if_it_were_not_there(served: Served) -> None:
    not_yours = get(served, "statements/3", BIRCH)
    not_there = get(served, "statements/99", BIRCH)

    assert not_yours.status_code == not_there.status_code == 404
    assert not_yours.json()["detail"] == ("no statement 3 is among what you may see")
    assert not_there.json()["detail"] == "no statement 99 is among what you may see"
    assert get(served, "statements/3", PUBLIC).status_code in {401, 404}
    # Not even to who guesses its ETag.
    app = served.app_for(BIRCH)
    held = ask(app, "GET", "/api/v1/statements/3", headers={"If-None-Match": "*"})
    assert held.status_code == 404


def test_an_answer_that_is_held_already_is_not_sent_again(served: Served) -> None:
    for url in (
        "/api/v1/statements/3",
        "/api/v1/entries/2?proof=1",
        f"/api/v1/assessment?proof=1&{'&'.join(f'{k}={v}' for k, v in DEVICE.items())}",
    ):
        etag = served.get(url).headers["etag"]
        again = served.get(url, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
    plain = served.get("/api/v1/entries/2").headers["etag"]
    assert plain != served.get("/api/v1/entries/2?proof=1").headers["etag"]


@pytest.mark.parametrize("path", ["statements/01", "statements/-1", "statements/x"])
def test_a_number_has_one_spelling(served: Served, path: str) -> None:
    assert served.get(f"/api/v1/{path}").status_code in {404, 422}


def test_an_entry_is_shown_to_be_the_listed_one(served: Served) -> None:
    answer = get(served, "entries/2", READER, proof=1)
    shown = proof_of(answer)

    [(names, items)] = shown.lists.items()
    assert names == ("model", "AB01\n010A030B")
    assert [item[:2] for item in items or ()] == [(1, 6), (2, 3), (3, 5)]
    assert list(shown.statements) == [3]
    _, core, fir, people, private = shown.statements[3].statement.body.sections
    assert private is None
    entry = read_entry(core or b"", fir, people, private)
    assert as_json(entry_wire(entry)) == answer.json()["entry"]
    assert shown.checkpoint.size == answer.json()["log"]["size"] == 7


def as_json(wire: object) -> Any:
    """Give what a reader of JSON gets."""
    return msgspec.json.decode(msgspec.json.encode(wire))


def device_of(named: dict[str, str]) -> Device:
    """Make the device of a question."""
    return msgspec.convert(named, Device)


def computed(served: Served, shown: Shown, device: Device, who: str) -> Any:
    """Give the JSON of an assessment by what is shown alone."""
    day = london_day(served.clock())
    answer = assess_shown(shown, device, day=day, asker=who)
    return as_json(assessment_wire(device, answer, LogWire(0, "")))


@pytest.mark.parametrize("firmware", ["00000001", "00000002", "00000003", "00000009"])
def test_an_assessment_is_what_the_catalogue_says_of_the_proven_entries(
    served: Served, firmware: str
) -> None:
    device = DEVICE | {"firmware": firmware}
    for who in (READER, ALDER):
        answer = get(served, "assessment", who, **device, proof=1)
        shown = proof_of(answer)

        assert set(shown.lists) == {
            ("model", "AB01\n010A030B"),
            ("party", "maker\nAB01"),
        }
        assert [e.id for e in entries_shown(shown, device_of(device).key)] == [1, 2, 3]
        given, ours = (
            answer.json(),
            computed(served, shown, device_of(device), who.name),
        )
        for name in ("proof", "log"):
            given.pop(name)
            ours.pop(name, None)
        assert ours == given


def test_an_unknown_model_is_shown_to_be_absent_where_nobody_elses_is_seen(
    served: Served,
) -> None:
    unknown = DEVICE | {"model": "0FFF0000"}
    whole = proof_of(get(served, "assessment", READER, **unknown, proof=1))

    assert whole.lists["model", "AB01\n0FFF0000"] is None
    assert entries_shown(whole, device_of(unknown).key) == []


def test_a_manufacturer_is_not_shown_a_neighbour_of_somebody_else(
    served: Served,
) -> None:
    seen = set()
    for number in range(40):
        unknown = DEVICE | {"model": f"0FFF{number:04X}"}
        wire = get(served, "assessment", ALDER, **unknown, proof=1).json()["proof"]
        ends = {
            one["end"]["key"]
            for one in wire["lists"]
            if one["list"] is None and one["end"]
        }
        seen |= ends
    own = proof_of(get(served, "assessment", ALDER, **DEVICE, proof=1))
    assert seen <= {map_key(*names).hex() for names in own.lists}


def test_another_makers_model_is_not_shown_at_all(served: Served) -> None:
    shown = proof_of(get(served, "assessment", BIRCH, **DEVICE, proof=1))

    assert shown.lists == {}
    assert shown.statements == {}


def test_a_past_state_is_proven_as_it_was(served: Served) -> None:
    for size, listed in ((4, [(1, 2), (2, 3)]), (5, [(1, 2), (2, 3)])):
        answer = served.get(f"/api/v1/entries/2?proof=1&at={size}")
        shown = proof_of(answer)
        items = shown.lists["model", "AB01\n010A030B"] or ()
        assert [item[:2] for item in items] == listed
        assert shown.checkpoint.size == size
    unknown = {**DEVICE, "manufacturer": "CD02"}
    before = proof_of(get(served, "assessment", READER, **unknown, proof=1, at="4"))
    after = proof_of(get(served, "assessment", READER, **unknown, proof=1, at="5"))
    assert before.lists["model", "CD02\n010A030B"] is None
    assert after.lists["model", "CD02\n010A030B"] is not None


def test_a_keeper_that_hides_the_newest_entry_is_found_out(served: Served) -> None:
    honest = get(served, "assessment", READER, **DEVICE, proof=1).json()["proof"]
    older = get(served, "assessment", READER, **DEVICE, proof=1, at="5").json()["proof"]

    def refused(forged: dict[str, Any]) -> str:
        with pytest.raises(VerificationError) as caught:
            wire = msgspec.convert(forged, StateProofWire)
            shown = verify_state_proof(read_state_proof(wire), POLICY)
            assess_shown(shown, device_of(DEVICE), day=date(2026, 11, 23), asker="")
        return str(caught.value)

    # The older list under the newest checkpoint; with its own proof or the new one.
    assert "does not lead" in refused(honest | {"lists": older["lists"]})
    model = honest["lists"][0] | {"list": older["lists"][0]["list"]}
    lists = [model, *honest["lists"][1:]]
    assert "another value" in refused(honest | {"lists": lists})
    # A statement left out of what is shown, or an older one in its place.
    fewer = [one for one in honest["statements"] if one["index"] != 5]
    assert "listed, but not shown" in refused(honest | {"statements": fewer})
    first = [one for one in older["statements"] if one["index"] == 2]
    assert "statement 2: " in refused(honest | {"statements": first})
    # The old checkpoint's leaf, as if it were the newest.
    assert "not in the tree" in refused(honest | {"leaf": older["leaf"]})
    # All of it from the past is consistent, and says of itself how old it is.
    wire = msgspec.convert(older, StateProofWire)
    assert verify_state_proof(read_state_proof(wire), POLICY).checkpoint.size == 5
