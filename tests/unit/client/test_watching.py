"""Watching a register from the outside: what is told, and what is passed over."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

from entries import a_model, an_entry
from firtree.client.answers import WithinTime
from firtree.client.looking import MODELS_MOST
from firtree.client.things import Thing
from firtree.client.watching import Kept, Seen, watch
from firtree.errors import InvalidInputError, UnavailableError
from firtree.ledger.notes import Checkpoint, Note, Signer
from firtree.ledger.policy import Policy, TrustedLog, Witness
from firtree.library.witnesses.ports import Reply
from registers import ALDER, SIGNER
from served import Served
from witnesses import a_cosigner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
COSIGNER = a_cosigner("w1")
BARE = Policy(logs=(TrustedLog(SIGNER.verifier),))
WITNESSED = BARE._replace(witnesses=(Witness("w1", COSIGNER.verifier),), quorum="w1")
MODEL = a_model()
OWN = Thing("model", f"{MODEL.key.manufacturer}/{MODEL.key.model}")
MAKER = Thing("maker", MODEL.key.manufacturer)
FIRST = Thing("entry", "1")
ALL = (FIRST, OWN, MAKER)
NOT_SHOWN = (
    "{thing}: not shown to you, or there is none; check the {named} and the token"
)

Change = Callable[[bytes], bytes]


class Watcher:
    """A reader who watches a register, and a keeper in between who may lie."""

    def __init__(self, path: Path) -> None:
        self.served = Served(path)
        self.kept = Kept()
        self.asked: list[str] = []
        self.lies: dict[str, Change | int] = {}
        self.policy = BARE

    def fetch(
        self, path: str, *, most: int, parameters: Mapping[str, str] | None = None
    ) -> Reply:
        """Implements ``Fetch``."""
        assert most > 0
        self.asked.append(path)
        answer: httpx.Response = self.served.get(path, params=dict(parameters or {}))
        body, status = answer.content, answer.status_code
        for place, lie in self.lies.items():
            if path.startswith(place):
                if isinstance(lie, int):
                    return Reply(lie, "text/plain", b"no\n")
                body, status = lie(body), 200
        return Reply(status, answer.headers["content-type"], body)

    def watch(self, *things: Thing) -> Seen:
        """Look once; keep what was seen, if all is well."""
        seen = watch(
            self.fetch,
            self.policy,
            self.kept,
            things,
            now=self.served.clock(),
            max_age=DAY,
        )
        if not seen.wrong:
            self.kept = Kept(seen.note, seen.things)
        return seen

    def wrong(self, *things: Thing) -> str:
        """Look once, and find one thing wrong; what was kept stays."""
        before = self.kept
        seen = self.watch(*things)
        assert self.kept == before
        (told,) = seen.wrong
        return told


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[Watcher]:
    """Make a reader who has seen a register with two entries."""
    watcher = Watcher(tmp_path / "r.db")
    code = MODEL.key.manufacturer
    maker = msgspec.structs.replace(ALDER, code=code)
    watcher.served.record(maker, an_entry(1), an_entry(2))
    assert watcher.watch(*ALL).wrong == ()
    yield watcher
    watcher.served.close()


def test_where_all_is_well_nothing_is_told(watcher: Watcher) -> None:
    for _ in range(2):
        seen = watcher.watch(*ALL)
        assert (seen.wrong, seen.changed, seen.late) == ((), (), "")
        watcher.served.record(an_entry(9, model=a_model(manufacturer="FFFF")))
    assert set(watcher.kept.things or {}) == {str(thing) for thing in ALL}


def test_changes_of_ones_own_things_are_told_once(watcher: Watcher) -> None:
    size = watcher.served.record(an_entry(1, trade_name="New"), an_entry(3))

    seen = watcher.watch(FIRST, OWN)

    was = watcher.kept.things
    assert was is not None
    assert seen.wrong == ()
    assert seen.changed == (
        f"entry 1 was changed by statement {size - 2} (it was 2)",
        f"{OWN}: entry 1 was changed by statement {size - 2} (it was 2)",
        f"{OWN}: entry 3 was added by statement {size - 1}",
    )
    assert watcher.watch(FIRST, OWN).changed == ()


def test_a_new_model_of_a_watched_maker_is_told(watcher: Watcher) -> None:
    other = a_model(model_identifier="600D")
    watcher.served.record(an_entry(7, model=other))

    seen = watcher.watch(MAKER)

    (told,) = seen.changed
    assert told.startswith(f"model {other.key.manufacturer}/{other.key.model}: entry 7")
    assert "was added by statement 4" in told


def test_a_change_of_the_maker_is_told(watcher: Watcher) -> None:
    renamed = msgspec.structs.replace(ALDER, code=MAKER.name, name="Another Name")
    watcher.served.record(renamed)

    assert watcher.watch(*ALL).changed == (
        f"{MAKER} was changed by statement 4 (it was 1)",
    )


def test_an_entry_that_moves_to_another_model_is_told(watcher: Watcher) -> None:
    watcher.served.record(an_entry(2, model=a_model(model_identifier="600D")))

    (told,) = watcher.watch(OWN).changed

    assert told == f"{OWN}: entry 2 is listed no more"


def test_what_is_watched_for_the_first_time_is_no_change(watcher: Watcher) -> None:
    watcher.served.record(an_entry(1, trade_name="New"))
    second = Thing("entry", "2")

    assert watcher.watch(second).changed == ()


def test_a_maker_without_models_is_watched(watcher: Watcher) -> None:
    lonely = Thing("maker", "0A0A")
    assert watcher.watch(lonely).changed == ()

    watcher.served.record(msgspec.structs.replace(ALDER, code="0A0A"))
    (told,) = watcher.watch(lonely).changed
    assert told == "maker 0A0A was added by statement 4"


# what is not there, or not the reader's


def test_an_entry_that_was_never_seen_is_no_alarm_and_is_named_each_time(
    watcher: Watcher,
) -> None:
    watcher.served.record(an_entry(1, trade_name="New"))
    for changed in (1, 0):
        seen = watcher.watch(Thing("entry", "99"), FIRST)

        assert seen.wrong == ()
        assert len(seen.changed) == changed
        assert seen.unknown == (NOT_SHOWN.format(thing="entry 99", named="number"),)
    assert "entry 99" not in (watcher.kept.things or {})

    watcher.served.record(an_entry(99))
    assert watcher.watch(Thing("entry", "99")).unknown == ()


@pytest.mark.parametrize(
    ("thing", "named"),
    [
        (Thing("maker", "NOPE"), "code"),
        (Thing("model", "FFFF/00000001"), "maker and model"),
        (Thing("model", "AB01/12/34"), "maker and model"),
    ],
)
def test_a_maker_or_model_that_is_not_there_is_named_the_first_time(
    watcher: Watcher, thing: Thing, named: str
) -> None:
    first, second = watcher.watch(thing), watcher.watch(thing)

    assert first.unknown == (NOT_SHOWN.format(thing=thing, named=named),)
    assert (first.wrong, first.changed) == ((), ())
    assert (second.wrong, second.changed, second.unknown) == ((), (), ())


def test_an_entry_that_was_seen_in_the_list_of_its_model_is_an_alarm(
    watcher: Watcher,
) -> None:
    watcher.lies = {"/api/v1/entries": 404}

    told = watcher.wrong(Thing("entry", "2"))

    assert told.startswith("entry 2: it was shown last time, and is not shown now")


# a keeper who lies


def test_a_checkpoint_that_is_not_the_logs_is_told(watcher: Watcher) -> None:
    stranger = Signer(SIGNER.name, bytes(32))
    for lie in (
        lambda note: note.replace(b"\n4\n", b"\n5\n"),
        lambda note: stranger.sign(Note.parse(note).text).encode(),
        lambda _note: b"<html>",
        lambda _note: b"\xff",
    ):
        watcher.lies = {"/log/checkpoint": lie}
        assert "the checkpoint does not verify" in watcher.wrong()


def resigned(size: int, root: bytes) -> Change:
    """Serve another checkpoint, well signed."""
    note = SIGNER.sign(str(Checkpoint(SIGNER.name, size, root)))
    return lambda _note: note.encode()


def test_two_histories_of_one_size_are_told(watcher: Watcher) -> None:
    watcher.lies = {"/log/checkpoint": resigned(4, bytes(32))}

    assert "the log has two histories: two checkpoints of size 4" in watcher.wrong()


def test_a_log_that_goes_back_is_told(watcher: Watcher) -> None:
    watcher.lies = {"/log/checkpoint": resigned(3, bytes(32))}

    assert "it had 4 statements last time, and is shown with 3 now" in watcher.wrong()


def test_a_log_that_does_not_continue_is_told(watcher: Watcher) -> None:
    watcher.served.record(an_entry(3))
    for lie in (
        resigned(5, bytes(32)),
        resigned(9, bytes(32)),
    ):
        watcher.lies = {"/log/checkpoint": lie}
        told = watcher.wrong()
        assert "does not continue" in told or "answered 422" in told


def proof_changed(name: str, value: Any) -> Change:
    """Change a member of a proof."""

    def change(body: bytes) -> bytes:
        found = json.loads(body)
        found[name] = value
        return json.dumps(found).encode()

    return change


@pytest.mark.parametrize(
    "lie",
    [
        proof_changed("hashes", []),
        proof_changed("hashes", ["AAAA"]),
        proof_changed("hashes", ["not base64"]),
        proof_changed("hashes", [base64.b64encode(bytes(32)).decode()] * 70),
        proof_changed("hashes", 7),
        lambda _body: b"<html>",
        lambda _body: b"[" * 100_000,
        404,
        422,
        302,
    ],
)
def test_a_bad_proof_of_consistency_is_told(
    watcher: Watcher, lie: Change | int
) -> None:
    watcher.served.record(an_entry(3))
    watcher.lies = {"/log/proof/consistency": lie}

    told = watcher.wrong()

    assert "/log/proof/consistency" in told or "does not continue" in told


def test_another_log_is_told(watcher: Watcher) -> None:
    other = Signer("other.example", bytes(32))
    watcher.policy = Policy((*BARE.logs, TrustedLog(other.verifier)))
    note = other.sign(str(Checkpoint(other.name, 4, bytes(32))))
    watcher.lies = {"/log/checkpoint": lambda _note: note.encode()}

    assert "the log is 'other.example', and was 'log.example" in watcher.wrong()


def without_newest(body: bytes) -> bytes:
    """Hide the newest item of every list."""
    found = json.loads(body)
    for each in found["proof"]["lists"]:
        items = json.loads(each["list"]) if each["list"] else []
        each["list"] = json.dumps(items[:-1], separators=(",", ":"))
    return json.dumps(found).encode()


def without_lists(body: bytes) -> bytes:
    """Prove nothing of lists."""
    found = json.loads(body)
    found["proof"]["lists"] = []
    return json.dumps(found).encode()


def without_proof(body: bytes) -> bytes:
    """Give no proof."""
    found = json.loads(body)
    del found["proof"]
    return json.dumps(found).encode()


@pytest.mark.parametrize("thing", ALL)
@pytest.mark.parametrize("lie", [without_newest, without_lists, without_proof, 404])
def test_a_keeper_that_hides_something_is_told(
    watcher: Watcher, thing: Thing, lie: Change | int
) -> None:
    watcher.lies = {"/api/v1/assessment": lie, "/api/v1/entries": lie}

    assert watcher.wrong(thing)


def test_a_model_that_is_not_told_any_more_is_asked_for_all_the_same(
    watcher: Watcher,
) -> None:
    watcher.served.record(an_entry(1, trade_name="New"))
    watcher.lies = {"/api/v1/models": proof_changed("models", [])}

    seen = watcher.watch(MAKER)

    assert [told.partition(" was changed")[0] for told in seen.changed] == [
        f"{OWN}: entry 1"
    ]


def test_more_models_than_can_be_asked_about_are_none(watcher: Watcher) -> None:
    def many(body: bytes) -> bytes:
        found = json.loads(body)
        found["models"] *= MODELS_MOST + 1
        return json.dumps(found).encode()

    watcher.lies = {"/api/v1/models": many}
    watcher.asked.clear()

    assert "lists more than 10,000 models of it" in watcher.wrong(MAKER)
    assert not any("assessment" in path for path in watcher.asked)


def test_a_run_ends_some_time_however_much_a_server_has_one_ask() -> None:
    clock, asked = [0.0], list[str]()

    def slow(
        path: str, *, most: int, parameters: Mapping[str, str] | None = None
    ) -> Reply:
        assert (most, parameters) == (7, {"a": "b"})
        asked.append(path)
        clock[0] += 59
        return Reply(200, "text/plain", b"")

    fetch = WithinTime(slow, most_s=90, elapsed=lambda: clock[0])
    for _ in range(2):
        assert fetch("/x", most=7, parameters={"a": "b"}).status == 200
    with pytest.raises(UnavailableError, match="minutes for all that was asked"):
        fetch("/x", most=7, parameters={"a": "b"})
    assert len(asked) == 2


def test_a_list_of_models_without_an_end_is_told(watcher: Watcher) -> None:
    watcher.lies = {"/api/v1/models": lambda _body: ENDLESS}

    assert "the list of its models has no end" in watcher.wrong(MAKER)


ENDLESS = json.dumps(
    {"models": [], "next_cursor": "x", "log": {"size": 4, "checkpoint": ""}}
).encode()


def test_an_answer_of_an_older_state_is_told(watcher: Watcher) -> None:
    old = watcher.served.get(
        "/api/v1/entries/1", params={"proof": "1", "at": "4"}
    ).content
    watcher.served.record(an_entry(1, trade_name="New"))
    watcher.lies = {"/api/v1/entries/1": lambda _body: old}

    assert "entry 1: proven under another checkpoint" in watcher.wrong(FIRST)


def test_what_was_proven_before_cannot_be_undone(watcher: Watcher) -> None:
    known = dict(watcher.kept.things or {})
    (item,) = known["entry 1"]
    for kept in (
        item._replace(number=item.number + 7),
        item._replace(body="00" * 32),
    ):
        watcher.kept = Kept(watcher.kept.note, known | {"entry 1": [kept]})
        assert "contradicts what was proven last time" in watcher.wrong(FIRST)


# the server cannot answer


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_cannot_answer_now_is_no_liar(
    watcher: Watcher, status: int
) -> None:
    watcher.served.record(an_entry(3))
    for path in ("/log/checkpoint", "/log/proof", "/api/v1/assessment"):
        watcher.lies = {path: status}
        with pytest.raises(UnavailableError, match="cannot answer now"):
            watcher.watch(OWN)


def test_who_is_not_let_in_is_told_to_give_a_token(watcher: Watcher) -> None:
    watcher.lies = {"/api/v1/entries": 401}

    with pytest.raises(InvalidInputError, match="does not let this reader in") as told:
        watcher.watch(FIRST)
    assert "--token-file" in told.value.hint


# witnesses


def cosigned(watcher: Watcher, ago: timedelta) -> Change:
    """Serve the checkpoint with a cosignature of some time ago."""

    def change(note: bytes) -> bytes:
        found = Note.parse(note)
        line = COSIGNER.cosign(found.text, watcher.served.clock() - ago)
        return str(found.with_signatures([line])).encode()

    return change


def test_a_checkpoint_has_to_be_cosigned_lately(watcher: Watcher) -> None:
    watcher.policy = WITNESSED
    assert "quorum 'w1' is not met" in watcher.wrong(*ALL)

    watcher.lies = {"/log/checkpoint": cosigned(watcher, DAY)}
    assert watcher.watch(*ALL).late == ""
    watcher.lies = {"/log/checkpoint": cosigned(watcher, DAY + HOUR)}
    seen = watcher.watch(*ALL)
    assert seen.wrong == ()
    assert "is not current" in seen.late
    assert "more than 24 hours ago" in seen.late


def test_a_checkpoint_that_is_cosigned_in_the_future_is_late(watcher: Watcher) -> None:
    watcher.policy = WITNESSED
    watcher.lies = {"/log/checkpoint": cosigned(watcher, -10 * MINUTE)}
    assert watcher.watch(*ALL).late == ""

    for ahead in (11 * MINUTE, 365 * DAY):
        watcher.lies = {"/log/checkpoint": cosigned(watcher, -ahead)}
        seen = watcher.watch(*ALL)
        assert seen.wrong == ()
        assert "by this clock is still to come" in seen.late
