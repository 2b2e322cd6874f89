"""A witness cosigns what has only grown, and says exactly what the protocol says."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from firtree.errors import (
    FirtreeError,
    InvalidInputError,
    UnavailableError,
    VerificationError,
)
from firtree.ledger.notes import Checkpoint, Note, Signer
from firtree.ledger.submissions import (
    SIZE_MEDIA_TYPE,
    Submission,
    origin_hash,
    read_cosignatures,
)
from firtree.witness.judging import RefusedError
from firtree.witness.store import CONTRADICTIONS_MOST, Store
from firtree.witness.witness import Witness
from registers import START, Clock
from witnesses import ORIGIN, History, a_cosigner, seed

if TYPE_CHECKING:
    from pathlib import Path

COSIGNER = a_cosigner("w1")
TRUE, FALSE = History(), History("false")


class Kept:
    """A witness with its memory and its clock."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.store = Store(folder / "witness.db", wait_s=20)
        self.store.make()
        self.witness = Witness(self.store, COSIGNER, now=self.clock)
        self.trust(TRUE.signer)

    def trust(self, signer: Signer) -> None:
        """Trust a log's key."""
        with self.store.writing() as tx:
            tx.trust(signer.verifier)

    def send(self, old: int, new: int, history: History = TRUE) -> Note:
        """Send a checkpoint; give it with the cosignature that came back."""
        answer = self.witness.add_checkpoint(history.body(old, new))
        return history.note(new).with_signatures(read_cosignatures(answer.encode()))

    def refusal(self, body: bytes) -> RefusedError:
        """Send what is refused; nothing changes by it."""
        before = self.latest()
        with pytest.raises(RefusedError) as refused:
            self.witness.add_checkpoint(body)
        assert self.latest() == before
        return refused.value

    def latest(self) -> str:
        """Give the checkpoint cosigned last."""
        return self.store.note(origin_hash(ORIGIN))

    def size(self) -> int:
        """Give the size cosigned last."""
        return Checkpoint.parse(Note.parse(self.latest()).text).size


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """Make a witness that trusts one log."""
    return Kept(tmp_path)


def test_a_log_that_grows_is_cosigned(kept: Kept) -> None:
    for old, new in ((0, 0), (0, 1), (1, 2), (2, 256), (256, 257), (257, 600)):
        kept.clock.move(60)
        note = kept.send(old, new)
        assert COSIGNER.verifier.cosigned_at(note) == kept.clock()
        assert Note.parse(kept.latest()) == note
        assert kept.witness.checkpoint(origin_hash(ORIGIN)) == str(note)


@pytest.mark.parametrize("size", [0, 7])
def test_the_same_checkpoint_is_cosigned_again_with_the_time_it_is(
    kept: Kept, size: int
) -> None:
    kept.send(0, size)
    kept.clock.move(3600)

    note = kept.send(size, size)

    assert COSIGNER.verifier.cosigned_at(note) == START + timedelta(hours=1)
    assert Note.parse(kept.latest()) == note


def test_further_lines_are_cosigned_too(kept: Kept) -> None:
    note = TRUE.note(7, more="a further line\n")
    answer = kept.witness.add_checkpoint(Submission(0, (), note).encode())

    cosigned = note.with_signatures(read_cosignatures(answer.encode()))
    assert COSIGNER.verifier.cosigned_at(cosigned) == START
    assert kept.latest() == str(cosigned)


def test_signatures_of_strangers_are_not_told(kept: Kept) -> None:
    stranger = Signer("other.example", seed("other")).signature(TRUE.note(7).text)
    note = TRUE.note(7).with_signatures([stranger])
    kept.witness.add_checkpoint(Submission(0, (), note).encode())

    signers = [line.name for line in Note.parse(kept.latest()).signatures]
    assert signers == [ORIGIN, COSIGNER.name]


def test_another_form_is_400(kept: Kept) -> None:
    bad_text = Note.parse(TRUE.signer.sign("no\ncheckpoint\n"))
    for body in (b"", b"old 0\n\n", Submission(0, (), bad_text).encode()):
        assert kept.refusal(body).status == 400


def test_an_unknown_log_is_404(kept: Kept) -> None:
    other = History(signer=Signer("other.example", seed("log")))

    assert kept.refusal(other.body(0, 7)).status == 404


def test_a_checkpoint_that_its_log_has_not_signed_is_403(kept: Kept) -> None:
    stranger = History(signer=Signer(ORIGIN, seed("stranger")))
    assert kept.refusal(stranger.body(0, 7)).status == 403

    good = TRUE.note(7)
    wrong = good.signatures[0]._replace(octets=bytes(64))
    for lines in ((wrong,), (good.signatures[0], wrong)):
        body = Submission(0, (), good._replace(signatures=lines)).encode()
        refused = kept.refusal(body)
        assert refused.status == 403
        assert "wrong signature" in refused.body


def test_an_old_size_above_the_new_one_is_400(kept: Kept) -> None:
    kept.send(0, 7)

    refused = kept.refusal(Submission(8, (), TRUE.note(7)).encode())

    assert (refused.status, refused.body) == (400, "old 8 is above the size 7\n")


@pytest.mark.parametrize(("old", "new"), [(0, 9), (0, 7), (6, 9), (8, 9), (0, 0)])
def test_another_old_size_is_409_with_the_size(kept: Kept, old: int, new: int) -> None:
    kept.send(0, 7)

    refused = kept.refusal(TRUE.body(old, new))

    assert (refused.status, refused.body) == (409, "7\n")
    assert refused.media_type == SIZE_MEDIA_TYPE == "text/x.tlog.size"


def test_what_was_never_cosigned_has_size_zero(kept: Kept) -> None:
    refused = kept.refusal(TRUE.body(5, 7))

    assert (refused.status, refused.body) == (409, "0\n")


def test_a_tree_that_does_not_continue_the_last_one_is_422(kept: Kept) -> None:
    kept.send(0, 7)
    proof = TRUE.proof(7, 9)
    for body in (
        FALSE.body(7, 9),
        FALSE.body(7, 7),
        Submission(7, proof[:-1], TRUE.note(9)).encode(),
        Submission(7, (*proof, bytes(32)), TRUE.note(9)).encode(),
        Submission(7, (), TRUE.note(9)).encode(),
        Submission(7, proof, TRUE.note(7)).encode(),
    ):
        assert kept.refusal(body).status == 422


def test_a_proof_from_nothing_is_422(kept: Kept) -> None:
    refused = kept.refusal(Submission(0, TRUE.proof(7, 9), TRUE.note(9)).encode())

    assert refused.status == 422


def test_an_empty_tree_with_another_root_is_422(kept: Kept) -> None:
    text = str(Checkpoint(ORIGIN, 0, bytes(32)))
    note = Note(text, (TRUE.signer.signature(text),))

    assert kept.refusal(Submission(0, (), note).encode()).status == 422


def test_checkpoints_that_contradict_each_other_are_kept(kept: Kept) -> None:
    kept.send(0, 7)
    before = kept.latest()
    for _ in range(3):  # once each
        kept.refusal(FALSE.body(7, 7))
    kept.refusal(FALSE.body(7, 9))

    found = kept.store.contradictions()

    assert [each.cosigned for each in found] == [before, before]
    assert [each.note for each in found] == [str(FALSE.note(7)), str(FALSE.note(9))]
    assert {each.origin for each in found} == {ORIGIN}


def test_not_more_than_a_thousand_contradictions_are_kept(kept: Kept) -> None:
    kept.send(0, 7)
    with kept.store.writing() as tx:
        for n in range(CONTRADICTIONS_MOST + 5):
            tx.contradicted(ORIGIN, TRUE.note(7, more=f"{n}\n"), START)

    assert len(kept.store.contradictions()) == CONTRADICTIONS_MOST


def test_a_log_cannot_use_up_what_is_kept_of_others(kept: Kept) -> None:
    other = History("other", Signer("other.example", seed("other")))
    forked = History("forked", other.signer)
    kept.trust(other.signer)
    kept.send(0, 7)
    kept.send(0, 3, other)
    with kept.store.writing() as tx:
        for n in range(CONTRADICTIONS_MOST):
            tx.contradicted(ORIGIN, TRUE.note(7, more=f"{n}\n"), START)

    assert kept.refusal(forked.body(3, 4)).status == 422

    of_other = [c for c in kept.store.contradictions() if c.origin == "other.example"]
    assert [each.note for each in of_other] == [str(forked.note(4))]


def test_one_proof_of_two_histories_is_kept_whatever_was_kept_before(
    kept: Kept,
) -> None:
    kept.send(0, 7)
    with kept.store.writing() as tx:
        for n in range(CONTRADICTIONS_MOST):
            tx.contradicted(ORIGIN, TRUE.note(7, more=f"{n}\n"), START)
    for body in (FALSE.body(7, 9), FALSE.body(7, 7)):
        assert kept.refusal(body).status == 422
    fork = FALSE.signer.sign(str(Checkpoint(ORIGIN, 7, bytes(32))))
    kept.refusal(Submission(7, (), Note.parse(fork)).encode())

    *before, last = kept.store.contradictions()

    assert len(before) == CONTRADICTIONS_MOST
    assert not any(each.proves_a_fork for each in before)
    assert last.note == str(FALSE.note(7))
    assert last.proves_a_fork


def test_a_log_may_have_two_keys(kept: Kept) -> None:
    new = History(signer=Signer(ORIGIN, seed("next")))
    kept.send(0, 7)
    assert kept.refusal(new.body(7, 9)).status == 403

    kept.trust(new.signer)
    kept.send(7, 9, new)
    kept.send(9, 11)
    with kept.store.writing() as tx:
        assert tx.distrust(TRUE.signer.verifier)
        assert not tx.distrust(TRUE.signer.verifier)
    assert kept.refusal(TRUE.body(11, 12)).status == 403
    kept.send(11, 12, new)


def test_a_log_that_is_trusted_no_more_stays_known(kept: Kept) -> None:
    kept.send(0, 7)
    with kept.store.writing() as tx:
        tx.distrust(TRUE.signer.verifier)
    assert kept.refusal(TRUE.body(7, 9)).status == 404
    (known,) = kept.store.known()
    assert (known.origin, known.vkeys, known.size) == (ORIGIN, (), 7)

    kept.trust(TRUE.signer)
    assert kept.refusal(TRUE.body(0, 9)).body == "7\n"


def test_logs_do_not_mix(kept: Kept) -> None:
    other = History("other", Signer("other.example", seed("other")))
    kept.trust(other.signer)
    kept.send(0, 7)
    kept.send(0, 3, other)
    kept.send(7, 9)
    kept.send(3, 4, other)

    assert [(k.origin, k.size) for k in kept.store.known()] == [
        (ORIGIN, 9),
        ("other.example", 4),
    ]
    for history in (TRUE, other):
        name = origin_hash(history.signer.name)
        assert history.signer.verifier.verify(kept.witness.checkpoint(name))


def test_what_was_never_cosigned_is_not_told(kept: Kept) -> None:
    with pytest.raises(RefusedError) as refused:
        kept.witness.checkpoint(origin_hash(ORIGIN))

    assert refused.value.status == 404


def test_the_largest_size_is_kept(kept: Kept) -> None:
    text = str(Checkpoint(ORIGIN, 2**63 - 1, bytes(32)))
    note = Note(text, (TRUE.signer.signature(text),))
    kept.witness.add_checkpoint(Submission(0, (), note).encode())

    assert kept.size() == 2**63 - 1


def test_requests_at_once_never_roll_a_log_back(kept: Kept) -> None:
    kept.send(0, 100)
    bodies = [TRUE.body(100, 100 + n) for n in range(1, 33)]

    def sent(body: bytes) -> int | str:
        try:
            kept.witness.add_checkpoint(body)
        except RefusedError as refused:
            return refused.body
        return 200

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(sent, bodies))

    assert answers.count(200) == 1
    size = 101 + answers.index(200)
    assert kept.size() == size
    assert set(answers) == {200, f"{size}\n"}


# the memory


def test_a_witness_without_its_memory_does_not_work(tmp_path: Path) -> None:
    store = Store(tmp_path / "witness.db")

    for ask in (store.check, store.known, lambda: store.note("00" * 32)):
        with pytest.raises(InvalidInputError, match="is not there") as refused:
            ask()
        assert "with a new key" in refused.value.hint
    assert not (tmp_path / "witness.db").exists()


def test_a_memory_that_is_damaged_is_told(tmp_path: Path) -> None:
    (tmp_path / "witness.db").write_bytes(b"no database at all" * 500)

    with pytest.raises(VerificationError, match="damaged"):
        Store(tmp_path / "witness.db").check()


def test_another_database_is_no_memory(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "witness.db")) as database:
        database.execute("CREATE TABLE t (a)")

    with pytest.raises(InvalidInputError, match="is of version 0"):
        Store(tmp_path / "witness.db").check()


def test_making_it_is_finished_after_it_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "witness.db").touch()
    for _ in range(3):
        Store(tmp_path / "witness.db").make()

    assert Store(tmp_path / "witness.db").known() == []


def test_a_memory_that_was_used_is_not_taken_over(kept: Kept) -> None:
    with pytest.raises(InvalidInputError, match="is the memory of a witness") as told:
        kept.store.make()
    assert "put that witness's witness.key back" in told.value.hint
    kept.send(0, 7)
    with kept.store.writing() as tx:
        tx.distrust(TRUE.signer.verifier)
    with pytest.raises(InvalidInputError, match="and its key is not beside it"):
        kept.store.make()

    assert kept.size() == 7


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "witness.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (a)")
    before = path.read_bytes()

    with pytest.raises(InvalidInputError, match="is of version 0"):
        Store(path).make()
    assert path.read_bytes() == before


def test_what_failed_was_not_cosigned(kept: Kept, tmp_path: Path) -> None:
    kept.send(0, 7)
    impatient = Witness(
        Store(tmp_path / "witness.db", wait_s=0.1), COSIGNER, now=kept.clock
    )
    with kept.store.writing(), pytest.raises(UnavailableError, match="locked"):
        impatient.add_checkpoint(TRUE.body(7, 9))
    assert kept.size() == 7

    with pytest.raises(FirtreeError), kept.store.writing() as tx:
        tx.cosigned(TRUE.checkpoint(9), TRUE.note(9), START)
        raise UnavailableError("something in between")
    assert kept.size() == 7
    kept.send(7, 9)


def test_each_commit_is_on_the_disk_before_it_is_told(kept: Kept) -> None:
    asked: list[str] = []
    with kept.store.writing() as tx:
        connection = tx._connection  # noqa: SLF001 - what SQLite itself says
        for pragma in ("synchronous", "journal_mode"):
            asked += map(str, connection.execute(f"PRAGMA {pragma}").fetchone())

    assert asked == ["3", "delete"]
