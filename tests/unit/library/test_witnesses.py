"""Checkpoints are sent to witnesses, cosignatures kept, and the right one served."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from entries import an_entry
from firtree.access import KEEPER
from firtree.errors import UnavailableError, VerificationError
from firtree.ledger.cosignatures import Cosigner
from firtree.ledger.notes import Checkpoint, Note, Signer
from firtree.ledger.policy import Group, Policy, TrustedLog, Witness
from firtree.ledger.submissions import ANSWER_OCTETS_MOST, Submission
from firtree.library.keeping.seen import Seen, check_seen
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.library.witnesses import sending
from firtree.library.witnesses.looking import sightings
from firtree.library.witnesses.ports import Reply, WitnessState
from firtree.library.witnesses.sending import (
    LONGEST_WAIT,
    Sender,
    waiting_after,
)
from firtree.library.witnesses.serving import Served, signatures_in
from firtree.statements.sayings import May, age
from firtree.statements.stateproof import verify_state_proof
from firtree.storage.duties_memory import MemoryDuties
from firtree.storage.memory import MemoryRegister
from firtree.witness import witness as witness_room
from firtree.witness.judging import RefusedError
from firtree.witness.store import Store
from registers import OPENING, SIGNER, START, Clock, a_recorder, record
from witnesses import a_cosigner

NAMES = ("w1", "w2", "w3")
HOUR = timedelta(hours=1)


class Web:
    """Real witnesses behind a function, which may be down, slow or hostile."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.witnesses: dict[str, witness_room.Witness] = {}
        self.wrong: dict[str, Callable[[bytes], Reply]] = {}
        self.sent: list[tuple[str, int]] = []
        for name in NAMES:
            path = folder / f"{name}.db"
            store = Store(path)
            if not path.exists():  # the witnesses of an earlier house go on
                store.make()
            with store.writing() as tx:
                tx.trust(SIGNER.verifier)
            cosigner = a_cosigner(name)
            self.witnesses[name] = witness_room.Witness(store, cosigner, now=clock)

    def __call__(self, url: str, body: bytes, *, most: int) -> Reply:
        """Implements ``Post``."""
        assert most == ANSWER_OCTETS_MOST
        name = url.removeprefix("https://").removesuffix(".example/add-checkpoint")
        self.sent.append((name, Submission.parse(body).old))
        if name in self.wrong:
            return self.wrong[name](body)
        return self.answer(name, body)

    def answer(self, name: str, body: bytes) -> Reply:
        """Answer as the witness would over HTTP."""
        try:
            told = self.witnesses[name].add_checkpoint(body)
        except RefusedError as refused:
            return Reply(refused.status, refused.media_type, refused.body.encode())
        return Reply(200, "text/plain", told.encode())


def down(_body: bytes) -> Reply:
    """Do not answer."""
    raise UnavailableError("it cannot be reached: refused")


class House:
    """A register with its witnesses."""

    def __init__(self, folder: Path, quorum: str = "two") -> None:
        self.clock = Clock()
        self.register = MemoryRegister()
        self.recorder = a_recorder(self.register, now=self.clock)
        self.book = MemoryDuties()
        self.web = Web(folder, self.clock)
        self.policy = Policy(
            logs=(TrustedLog(SIGNER.verifier),),
            witnesses=tuple(
                Witness(name, a_cosigner(name).verifier, f"https://{name}.example/")
                for name in NAMES
            ),
            groups=(Group("two", 2, NAMES),),
            quorum=quorum,
        )
        self.served = Served(self.register, SIGNER, self.policy, self.book)
        record(self.recorder, OPENING)

    @property
    def sender(self) -> Sender:
        """A sender without a memory of its own."""
        return Sender(
            self.register,
            SIGNER,
            self.policy,
            self.book,
            self.web,
            now=self.clock,
        )

    def grow(self, count: int = 1) -> int:
        """Record something; give the size."""
        size = self.register.size()
        for number in range(count):
            size = record(self.recorder, an_entry(size + number)).size
        return size

    def send(self) -> None:
        """Send once."""
        self.web.sent.clear()
        self.sender.send()

    def state(self, name: str) -> WitnessState:
        """Give the state of a witness."""
        vkey = str(a_cosigner(name).verifier)
        return next(each for each in self.book.states() if each.vkey == vkey)

    def checkpoint(self) -> tuple[int, set[str]]:
        """Give the size that is served, and who has cosigned it."""
        note = Note.parse(self.served.checkpoint(KEEPER))
        found = self.policy.verify(note)
        return found.checkpoint.size, set(found.times)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Make a register with three witnesses, of which two suffice."""
    return House(tmp_path)


def test_a_checkpoint_is_sent_to_all_and_served_with_their_cosignatures(
    house: House,
) -> None:
    house.send()

    assert house.checkpoint() == (1, set(NAMES))
    assert sorted(house.web.sent) == [(name, 0) for name in NAMES]
    for name in NAMES:
        vkey = str(a_cosigner(name).verifier)
        assert house.state(name) == WitnessState(vkey, 1, START)


@pytest.mark.parametrize("count", [1, 2, 255, 300])
def test_the_newest_checkpoint_is_sent_with_a_proof(house: House, count: int) -> None:
    house.send()
    size = house.grow(count)
    house.send()

    assert house.checkpoint() == (size, set(NAMES))
    assert sorted(house.web.sent) == [(name, 1) for name in NAMES]


def test_nothing_is_sent_while_nothing_changes_until_an_hour_has_passed(
    house: House,
) -> None:
    house.send()
    house.clock.move(3599)
    house.send()
    assert house.web.sent == []

    house.clock.move(1)
    house.send()
    assert sorted(house.web.sent) == [(name, 1) for name in NAMES]
    note = Note.parse(house.served.checkpoint(KEEPER))
    assert house.policy.verify(note).at == START + HOUR


def test_what_too_few_have_cosigned_is_not_served(house: House) -> None:
    house.send()
    house.web.wrong = {"w1": down, "w2": down}
    size = house.grow()
    house.send()
    assert house.checkpoint() == (1, set(NAMES))

    del house.web.wrong["w2"]
    house.clock.move(60)
    house.send()
    assert house.checkpoint() == (size, {"w2", "w3"})


def test_before_anything_is_cosigned_nothing_is_served(house: House) -> None:
    with pytest.raises(UnavailableError, match="cosigned by enough witnesses yet"):
        house.served.checkpoint(KEEPER)


def test_where_no_witness_is_asked_for_all_is_served(tmp_path: Path) -> None:
    house = House(tmp_path, quorum="none")
    assert house.checkpoint() == (1, set())

    house.send()
    assert house.checkpoint() == (1, set(NAMES))
    size = house.grow()
    assert house.checkpoint() == (size, set())


def test_cosignatures_of_who_is_a_witness_no_more_do_not_count(house: House) -> None:
    house.web.wrong = {"w3": down}
    house.send()
    assert house.checkpoint() == (1, {"w1", "w2"})

    rest = house.policy._replace(
        witnesses=house.policy.witnesses[1:], groups=(Group("two", 2, NAMES[1:]),)
    )
    served = Served(house.register, SIGNER, rest, house.book)
    with pytest.raises(UnavailableError):
        served.checkpoint(KEEPER)


def test_a_register_put_back_to_an_old_state_serves_none_of_the_later_sizes(
    house: House, tmp_path: Path
) -> None:
    house.grow(5)
    house.send()
    old = House(tmp_path)
    old.book = house.book
    old.served = Served(old.register, SIGNER, old.policy, house.book)

    with pytest.raises(UnavailableError):
        old.served.checkpoint(KEEPER)
    old.clock.move(7200)
    old.send()
    assert {sent for _, sent in old.web.sent} == {0}
    told = old.state("w1").error
    assert "it has cosigned size 6, and this log has 1" in told
    assert "this register may be an old copy" in told


def test_a_witness_that_has_come_further_or_less_far_tells_its_size(
    house: House,
) -> None:
    house.grow(3)
    house.send()
    size = house.grow(3)
    for guess in (0, 2, 7):
        vkey = str(a_cosigner("w1").verifier)
        house.book.failed(WitnessState(vkey, guess))
    house.book.failed(WitnessState(vkey, 2))
    house.send()

    sent = [old for name, old in house.web.sent if name == "w1"]
    assert sent == [2, 4]
    assert house.state("w1").size == size


def test_a_witness_that_fails_is_left_alone_for_longer_each_time(house: House) -> None:
    house.web.wrong = {"w1": down}
    tries: list[datetime] = []
    for _ in range(3000):
        house.send()
        if ("w1", 0) in house.web.sent:
            tries.append(house.clock())
        house.clock.move(1)

    waits = [later - one for one, later in pairwise(tries)]
    assert waits == [waiting_after(n) for n in range(1, len(waits) + 1)]
    assert waits[:4] == [timedelta(seconds=s) for s in (2, 4, 8, 16)]
    assert waiting_after(10**6) == LONGEST_WAIT
    state = house.state("w1")
    assert state.error == "it cannot be reached: refused"
    assert state.failures == len(tries)

    house.web.wrong = {}
    house.clock.move(3600)
    house.send()
    assert house.state("w1") == WitnessState(state.vkey, 1, house.clock())


def a_reply(status: int, body: bytes, media_type: str = "text/plain") -> Any:
    """Make a witness that always answers so."""
    return lambda _body: Reply(status, media_type, body)


FOREIGN = Cosigner("w1.example", bytes(32))


def forged(body: bytes) -> Reply:
    """Cosign in the name of w1, with another key."""
    line = FOREIGN.cosign(Submission.parse(body).note.text, START)
    return Reply(200, "text/plain", f"{line}\n".encode())


def of_another_text(body: bytes) -> Reply:
    """Cosign something else."""
    text = Submission.parse(body).note.text + "more\n"
    line = a_cosigner("w1").cosign(text, START)
    return Reply(200, "text/plain", f"{line}\n".encode())


def of_another_time(body: bytes) -> Reply:
    """Cosign with a clock that is wrong."""
    line = a_cosigner("w1").cosign(Submission.parse(body).note.text, START + HOUR)
    return Reply(200, "text/plain", f"{line}\n".encode())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (forged, "without its own cosignature"),
        (of_another_text, "wrong signature of w1"),
        (of_another_time, "its clock and this one differ: it says 2026-11-22 13:00"),
        (a_reply(200, b""), "not a signed note"),
        (a_reply(200, b"\xff\n"), "not UTF-8"),
        (a_reply(302, b""), "it answered 302: ''"),
        (a_reply(500, b"x" * 500), "it answered 500: 'xxx"),
        (a_reply(422, b"no\nmore"), "it answered 422: 'no'"),
        (a_reply(403, b"x" * 500), "it may not trust the log's key"),
        (a_reply(404, b""), "it may not trust the log's key"),
        (a_reply(409, b"1\n"), "it answered 409: '1'"),
        (a_reply(409, b"0\n", "text/x.tlog.size"), "it answered 409: '0'"),
        (a_reply(409, b"99\n"), "it answered 409: '99'"),
        (a_reply(409, b"-1\n", "text/x.tlog.size"), "expected a tree size"),
        (a_reply(409, b"99\n", "text/x.tlog.size"), "it has cosigned size 99"),
    ],
)
def test_what_a_hostile_witness_answers_is_not_kept(
    house: House, wrong: Any, told: str
) -> None:
    house.web.wrong = {"w1": wrong}
    house.send()

    assert told in house.state("w1").error
    assert len(house.state("w1").error) < 200
    assert house.state("w1").size == 0
    assert house.checkpoint() == (1, {"w2", "w3"})
    assert len([name for name, _ in house.web.sent if name == "w1"]) <= 2


def test_a_witness_may_sign_with_further_keys(house: House) -> None:
    def both(body: bytes) -> Reply:
        own = house.web.answer("w1", body)
        return own._replace(body=forged(body).body + own.body)

    house.web.wrong = {"w1": both}
    house.send()

    assert house.checkpoint() == (1, set(NAMES))


def test_a_slow_witness_keeps_no_other_waiting(house: House) -> None:
    others = threading.Barrier(3, timeout=10)

    def waits(name: str) -> Callable[[bytes], Reply]:
        def answer(body: bytes) -> Reply:
            others.wait()  # passes when all three are being asked at once
            return house.web.answer(name, body)

        return answer

    house.web.wrong = {name: waits(name) for name in NAMES}
    house.send()

    assert house.checkpoint() == (1, set(NAMES))


def test_a_witness_without_an_address_is_not_sent_to(house: House) -> None:
    first, *rest = house.policy.witnesses
    house.policy = house.policy._replace(witnesses=(first._replace(url=""), *rest))
    house.send()

    assert {name for name, _ in house.web.sent} == {"w2", "w3"}


def test_old_cosignatures_are_forgotten(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SIZES_KEPT_MOST", 5)
    for _ in range(3):
        house.grow()
        house.send()
    assert {each.size for each in house.book.signatures()} == {4}

    house.web.wrong = {"w1": down, "w2": down}
    for _ in range(8):
        house.grow()
        house.send()
    sizes = {each.size for each in house.book.signatures()}
    assert sizes == set(range(8, 13))
    assert house.register.size() == 12


def test_a_fault_in_what_is_sent_is_not_swallowed(house: House) -> None:
    def broken(_body: bytes) -> Reply:
        raise ZeroDivisionError

    house.web.wrong = {"w1": broken}
    with pytest.raises(ZeroDivisionError):
        house.send()
    assert house.checkpoint() == (1, {"w2", "w3"})


def test_proofs_bear_the_cosignatures_of_their_checkpoint(house: House) -> None:
    lookup = Lookup(
        house.register,
        Models(house.register),
        SIGNER,
        now=house.clock,
        signatures=signatures_in(house.book, SIGNER.name),
    )
    key = an_entry(1).model.key
    bare = lookup.proofs.of_model(KEEPER, key, 1)
    with pytest.raises(VerificationError, match="quorum 'two' is not met"):
        verify_state_proof(bare, house.policy)

    house.send()
    shown = verify_state_proof(lookup.proofs.of_model(KEEPER, key, 1), house.policy)
    assert age(shown.cosigned, house.clock()).code is May.CURRENT
    assert set(shown.cosigned.times) == set(NAMES)


def test_what_was_sent_is_kept_with_its_cosignature(house: House) -> None:
    house.send()
    house.grow()
    new = Signer(SIGNER.name, bytes(32))
    served = Served(house.register, new, house.policy, house.book)
    note = Note.parse(served.checkpoint(KEEPER))

    assert [line.name for line in note.signatures] == [
        *(new.name, SIGNER.name),
        *sorted(key.name for key in map(a_cosigner, NAMES)),
    ]
    for keys in ((SIGNER,), (new,), (new, SIGNER)):
        logs = tuple(TrustedLog(key.verifier) for key in keys)
        found = house.policy._replace(logs=logs).verify(note)
        assert (found.checkpoint.size, set(found.times)) == (1, set(NAMES))
    of_size = signatures_in(house.book, SIGNER.name)
    assert of_size(1) == list(note.signatures[1:])
    assert of_size(2) == []
    # Another log's lines, left in the same place, are none of this one.
    other = Served(house.register, OTHER, house.policy, house.book)
    assert SIGNER.name not in {
        line.name for line in Note.parse(other.checkpoint(KEEPER)).signatures
    }


# what witnesses have seen


def test_witnesses_tell_what_they_have_seen(house: House) -> None:
    def get(url: str) -> Reply:
        name, _, path = url.removeprefix("https://").partition(".example/")
        if name == "w3":
            raise UnavailableError("it cannot be reached: refused")
        try:
            note = house.web.witnesses[name].checkpoint(path.partition("/")[0])
        except RefusedError as refused:
            return Reply(refused.status, refused.media_type, refused.body.encode())
        return Reply(200, "text/plain", note.encode())

    def seen() -> dict[str, int]:
        found = sightings(house.policy, SIGNER.name, [SIGNER.verifier], get)
        return {each.witness: each.checkpoint.size for each in found}

    assert seen() == {}
    house.web.wrong = {"w2": down}
    house.send()
    assert seen() == {"w1": 1}
    house.web.wrong = {}
    house.clock.move(60)
    size = house.grow()
    house.send()
    assert seen() == {"w1": size, "w2": size}


OTHER = Signer("other.example", bytes(32))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, "text/plain", b""),
        Reply(200, "text/plain", b"<html>"),
        Reply(200, "text/plain", b"\xff"),
        Reply(200, "text/plain", OTHER.sign("other.example\n7\nAAAA\n").encode()),
        Reply(
            200,
            "text/plain",
            OTHER.sign(str(Checkpoint(OTHER.name, 7, bytes(32)))).encode(),
        ),
        Reply(
            200,
            "text/plain",
            OTHER.sign(str(Checkpoint(SIGNER.name, 7, bytes(32)))).encode(),
        ),
    ],
)
def test_what_is_no_checkpoint_of_this_log_is_not_seen(
    house: House, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [SIGNER.verifier, OTHER.verifier]
    found = sightings(house.policy, SIGNER.name, keys, lambda _url: reply)

    assert found == []
    assert "witness w1 was not asked: " in caplog.text


def test_a_copy_of_before_a_change_of_key_believes_what_a_witness_cosigned(
    house: House,
) -> None:
    cosigner = a_cosigner("w1")
    later = Checkpoint(SIGNER.name, 7, bytes(32))
    note = Note.parse(Signer(SIGNER.name, bytes(32)).sign(str(later)))
    line = cosigner.cosign(note.text, house.clock())

    def seen(signed: Note) -> list[tuple[str, int]]:
        reply = Reply(200, "text/plain", str(signed).encode())
        found = sightings(
            house.policy, SIGNER.name, [SIGNER.verifier], lambda _url: reply
        )
        return [(each.witness, each.checkpoint.size) for each in found]

    assert seen(note) == []
    assert seen(note.with_signatures([line])) == [("w1", 7)]
    with pytest.raises(VerificationError, match="went back"):
        check_seen(house.register, [Seen(7, later.root, "witness w1")])


def test_what_is_served_is_signed_by_the_log(house: House) -> None:
    house.send()
    note = Note.parse(house.served.checkpoint(KEEPER))

    with house.register.reading() as tx:
        root = tx.head().frontier.root
    text = SIGNER.verifier.verify(str(note))
    assert Checkpoint.parse(text) == Checkpoint(SIGNER.name, 1, root)
    with pytest.raises(VerificationError):
        house.policy._replace(logs=()).verify(note)
