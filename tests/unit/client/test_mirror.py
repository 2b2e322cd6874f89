"""A mirror takes in what the signed checkpoint stands for, and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest

from entries import an_entry
from firtree.access import KEEPER, PUBLIC
from firtree.catalogue.answer import Device
from firtree.catalogue.entry import Availability
from firtree.client.mirror_state import read_state, write_state
from firtree.client.rotations import keys_in
from firtree.errors import InvalidInputError, UnavailableError, VerificationError
from firtree.exchange.files import silent
from firtree.ledger.cosignatures import CosignatureVerifier
from firtree.ledger.notes import Checkpoint, Note, Signer
from firtree.library.lookup import Lookup
from firtree.library.models import Models
from firtree.parties import Contact, PartyKind
from firtree.statements.types.erasure import Erasure
from firtree.statements.types.key_rotation import KeyRotation, rotation
from firtree.wiring import mirrors
from mirrored import POLICY, LocalLog, flip, mirror, told, verify
from principals import a_principal
from registers import ALDER, SIGNER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from firtree.access import Principal
    from firtree.statements.disclosure import DisclosedStatement

READER = a_principal(PartyKind.IMPORT_SUPPLIER, "Rowan Energy")
MAKER = a_principal(PartyKind.MANUFACTURER, "Alder", frozenset({"AB01"}))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a log of two full blocks and a little more."""
    path = tmp_path_factory.mktemp("filled") / "log.db"
    made = LocalLog(path)
    made.fill(560)
    made.register.close()
    return path


@pytest.fixture
def log(filled: Path, tmp_path: Path) -> Iterator[LocalLog]:
    """Give such a log."""
    shutil.copy(filled, tmp_path / "log.db")
    made = LocalLog(tmp_path / "log.db")
    yield made
    made.register.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give where the mirror is."""
    return tmp_path / "mirror"


def test_a_mirror_holds_the_whole_log_and_is_sound(log: LocalLog, folder: Path) -> None:
    done = mirror(folder, log)

    found = verify(folder)
    assert told(found) == []
    assert found.is_sound
    assert done.checkpoint.size == log.register.size() == 562
    assert done.before == 0
    assert done.state.replayed
    assert done.state.hidden == 0
    assert found.seen is not None
    assert found.seen.statements == 562
    assert found.seen.replayed
    assert (folder / "log" / "checkpoint").read_bytes() == log.checkpoint()
    for path in ("tile/0/001", "tile/1/000.p/2", "tile/entries/002.p/50"):
        assert (folder / "log" / path).is_file()


def test_sections_are_for_the_owner_of_a_mirror_alone(
    log: LocalLog, folder: Path
) -> None:
    mirror(folder, log)

    public = b"".join(
        p.read_bytes() for p in (folder / "log").rglob("*") if p.is_file()
    )
    assert b"Alder" not in public
    assert (folder / "mirror.json").stat().st_mode & 0o077 == 0


def test_a_log_that_grew_is_taken_in_from_where_the_mirror_is(
    log: LocalLog, folder: Path
) -> None:
    sizes = []
    for count, first in ((1, 1000), (100, 1100), (200, 1300), (256, 2000), (0, 1)):
        mirror(folder, log)
        if count:
            log.fill(count, first)
        done = mirror(folder, log)
        assert told(verify(folder)) == []
        assert done.state.replayed
        sizes.append(done.checkpoint.size)

    assert sizes == [563, 663, 863, 1119, 1119]
    # Of tiles that are full by now, the partial ones are gone.
    assert not (folder / "log" / "tile" / "0" / "002.p").exists()


def test_every_small_size_can_be_mirrored(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log.db")
    for number in range(1, 12):
        log.record(an_entry(number))
        mirror(tmp_path / "one", log)
        mirror(tmp_path / f"each-{number}", log)
        assert told(verify(tmp_path / "one")) == []
        assert told(verify(tmp_path / f"each-{number}")) == []
    log.register.close()


def test_entries_that_change_and_move_are_replayed(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.record(an_entry(1), an_entry(2), an_entry(1, firmware="00000009"))
    mirror(tmp_path / "m", log)
    moved = an_entry(
        2, model=msgspec.structs.replace(an_entry(2).model, manufacturer="CD02")
    )
    log.record(moved)
    log.record(an_entry(2), an_entry(3))

    assert mirror(tmp_path / "m", log).state.replayed
    assert told(verify(tmp_path / "m")) == []
    log.register.close()


def test_a_supplier_mirrors_what_it_may_see(log: LocalLog, folder: Path) -> None:
    log.principal = READER

    done = mirror(folder, log)

    # Who recorded a statement is not told to it; nothing answers rest on is missing.
    assert done.state.hidden == 0
    assert done.state.replayed
    found = verify(folder)
    assert told(found) == []
    assert found.seen is not None
    assert found.seen.absent > 0


def test_a_manufacturer_mirrors_its_own_and_is_told_that_there_is_more(
    log: LocalLog, folder: Path
) -> None:
    log.record(an_entry(9000, model=_other_model()))
    log.principal = MAKER

    done = mirror(folder, log)

    assert done.state.hidden == 1
    assert not done.state.replayed
    found = verify(folder)
    assert told(found) == []
    assert found.seen is not None
    assert not found.seen.replayed


def test_who_may_see_nothing_mirrors_the_leaves(log: LocalLog, folder: Path) -> None:
    class Closed(LocalLog):
        """A log of which nothing is disclosed."""

        def statements(self, _start: int, _stop: int) -> Iterator[DisclosedStatement]:
            return iter(())

    log.__class__ = Closed
    log.principal = PUBLIC

    done = mirror(folder, log)

    assert done.state.hidden == done.checkpoint.size
    assert told(verify(folder)) == []


def _other_model() -> object:
    return msgspec.structs.replace(an_entry(1).model, manufacturer="CD02")


def test_the_wrong_key_is_refused(log: LocalLog, folder: Path) -> None:
    other = Signer(SIGNER.name, bytes(32))
    policy = POLICY.replace(str(SIGNER.verifier), str(other.verifier))

    with pytest.raises(VerificationError, match="bears no signature"):
        mirror(folder, log, policy=policy)

    assert not (folder / "log").exists()


def test_a_quorum_that_is_not_met_is_refused(log: LocalLog, folder: Path) -> None:
    witness = CosignatureVerifier(
        "witness.example/w", Signer("x", bytes(32)).verifier.public
    )
    policy = POLICY.replace("quorum none", f"witness w {witness}\nquorum w")

    with pytest.raises(VerificationError, match="the quorum 'w' is not met"):
        mirror(folder, log, policy=policy)


def _changed_leaf(log: LocalLog) -> None:
    bundle = log.bundle

    def changed(number: int, width: int) -> bytes:
        octets = bytearray(bundle(number, width))
        octets[40 + 193 * 5] ^= 1
        return bytes(octets)

    log.__dict__["bundle"] = changed


def _changed_tile(log: LocalLog) -> None:
    log.__dict__["tile"] = lambda _level, _number, width: bytes(32 * width)


def _short_tile(log: LocalLog) -> None:
    log.__dict__["tile"] = lambda _level, _number, _width: bytes(31)


def _short_bundle(log: LocalLog) -> None:
    bundle = log.bundle
    log.__dict__["bundle"] = lambda number, width: bundle(number, width)[:-1]


def _statements(
    log: LocalLog, change: Callable[[DisclosedStatement], DisclosedStatement | None]
) -> None:
    statements = log.statements

    def changed(start: int, stop: int) -> Iterator[DisclosedStatement]:
        yield from filter(None, map(change, statements(start, stop)))

    log.__dict__["statements"] = changed


def _changed_section(log: LocalLog) -> None:
    def change(one: DisclosedStatement) -> DisclosedStatement:
        head, core, *rest = one.body.sections
        core = core.replace(b"Alder", b"Elder") if core else core
        return one._replace(body=one.body._replace(sections=(head, core, *rest)))  # type: ignore[arg-type]

    _statements(log, change)


def _changed_commitments(log: LocalLog) -> None:
    _statements(
        log, lambda one: one._replace(body=one.body._replace(commitments=bytes(160)))
    )


def _other_leaf(log: LocalLog) -> None:
    _statements(log, lambda one: one._replace(leaf=one.leaf.replace(b"2026", b"2027")))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_changed_leaf, "they do not lead to the root"),
        (_changed_tile, "tiles of level 1 of https://log.example"),
        (_short_tile, "tile 1/000 of https://log.example: it has another length"),
        (_short_bundle, "entry bundle 2 of https://log.example: an entry bundle that"),
        (_changed_section, "statement 1 of https://log.example: section 'core'"),
        (_changed_commitments, "statement 0 of https://log.example: the commitments"),
        (_other_leaf, "statement 0 of https://log.example: its leaf is not the one"),
    ],
)
def test_what_is_not_signed_for_is_never_kept(
    change: Callable[[LocalLog], None], said: str, log: LocalLog, folder: Path
) -> None:
    honest = log.__dict__.copy()
    change(log)
    with pytest.raises(VerificationError) as caught:
        mirror(folder, log)
    assert said.removeprefix("tile 1/000") in str(caught.value) or said in str(
        caught.value
    )
    assert caught.value.hint
    assert not (folder / "log" / "checkpoint").exists()

    log.__dict__.clear()
    log.__dict__.update(honest)
    mirror(folder, log)
    assert told(verify(folder)) == []


def test_a_changed_leaf_in_a_full_block_is_named_by_its_bundle(
    log: LocalLog, folder: Path
) -> None:
    bundle = log.bundle

    def changed(number: int, width: int) -> bytes:
        octets = bytearray(bundle(number, width))
        octets[40] ^= number == 1
        return bytes(octets)

    log.__dict__["bundle"] = changed

    with pytest.raises(VerificationError, match="entry bundle 1 of"):
        mirror(folder, log)


def test_a_log_that_goes_back_is_evidence(log: LocalLog, folder: Path) -> None:
    before = log.checkpoint()
    mirror(folder, log)
    log.fill(3, 5000)
    kept = log.checkpoint()
    mirror(folder, log)
    log.__dict__["checkpoint"] = lambda: before

    with pytest.raises(VerificationError, match="shows an older state") as caught:
        mirror(folder, log)

    assert "562 statements, not 565" in str(caught.value)
    assert _evidence(folder) == {"kept": kept, "found": before}
    assert (folder / "log" / "checkpoint").read_bytes() == kept
    assert told(verify(folder)) == []


def _evidence(folder: Path) -> dict[str, bytes]:
    return {
        path.stem.rpartition("-")[2]: path.read_bytes()
        for path in (folder / "evidence").iterdir()
    }


@pytest.mark.parametrize("more", [0, 1, 300])
def test_a_fork_is_evidence_with_both_notes_signed(
    more: int, log: LocalLog, folder: Path, tmp_path: Path
) -> None:
    mirror(folder, log)
    # The same key, and salts of another chance: the same size, and another tree.
    fork = LocalLog(tmp_path / "fork.db", seed=2)
    fork.fill(560)
    fork.fill(more, 6000)

    with pytest.raises(VerificationError, match="the log contradicts itself"):
        mirror(folder, fork)

    notes = _evidence(folder)
    for note in notes.values():
        SIGNER.verifier.verify(note)
    assert notes["kept"] != notes["found"]
    assert told(verify(folder)) == []
    fork.register.close()


def test_a_fork_within_the_open_block_is_evidence(tmp_path: Path) -> None:
    log, fork = (LocalLog(tmp_path / f"{n}.db", seed=n) for n in (1, 2))
    mirror(tmp_path / "m", log)
    fork.fill(20)

    with pytest.raises(VerificationError, match="statement 0 has changed"):
        mirror(tmp_path / "m", fork)

    assert set(_evidence(tmp_path / "m")) == {"kept", "found"}
    for one in (log, fork):
        one.register.close()


def test_a_hidden_newest_entry_makes_the_mirror_partial(
    log: LocalLog, folder: Path
) -> None:
    newest = log.record(an_entry(9001)) - 1
    log.principal = READER
    _statements(log, lambda one: None if one.number == newest else one)

    done = mirror(folder, log)

    # The leaf cannot be hidden: that there is a statement more is seen and said.
    assert done.checkpoint.size == newest + 1
    assert done.state.hidden == 1
    assert not done.state.replayed
    assert told(verify(folder)) == []


def test_a_state_that_leaves_the_newest_entry_out_is_refused(
    log: LocalLog, folder: Path
) -> None:
    log.record(an_entry(9001))  # it has the map in memory from now on
    with sqlite3.connect(log.register.path) as database:
        database.execute("UPDATE map_leaf SET list = x'5b5d' WHERE kind = 'model'")
    database.close()
    cheat = LocalLog.__new__(LocalLog)
    cheat.__dict__.update(log.__dict__)
    cheat.record(an_entry(9002))

    with pytest.raises(VerificationError, match="lead to another state") as caught:
        mirror(folder, cheat)

    assert "tell its keeper and witnesses" in caught.value.hint
    assert not (folder / "log" / "checkpoint").exists()


def test_another_log_is_not_mirrored_into_the_same_folder(
    log: LocalLog, folder: Path
) -> None:
    mirror(folder, log)
    other = Signer("other.example/log", bytes(32))
    text = Checkpoint(other.name, 600, bytes(32))
    log.__dict__["checkpoint"] = lambda: other.sign(str(text)).encode()
    state = read_state(folder)
    policy = f"{state.policy.partition('quorum')[0]}log {other.verifier}\nquorum none\n"
    write_state(folder, msgspec.structs.replace(state, policy=policy))

    with pytest.raises(
        VerificationError, match=r"a mirror of log\.example/firtree-test"
    ):
        mirror(folder, log)


def test_a_run_that_stops_anywhere_goes_on_there(log: LocalLog, folder: Path) -> None:
    calls = 0

    def limited(most: int) -> None:
        nonlocal calls
        calls = 0
        for name in ("bundle", "statements", "tile"):
            log.__dict__[name] = _counted(getattr(LocalLog, name), most)

    def _counted(method: Callable[..., object], most: int) -> Callable[..., object]:
        def counted(*args: object) -> object:
            nonlocal calls
            calls += 1
            if calls > most:
                raise UnavailableError("the network is gone", hint="try again")
            return method(log, *args)

        return counted

    for most in range(8):
        limited(most)
        with pytest.raises(UnavailableError) if most < 6 else _nothing():
            mirror(folder, log)
        checkpoint = folder / "log" / "checkpoint"
        assert checkpoint.exists() == (most >= 6)

    assert told(verify(folder)) == []


class _nothing:  # noqa: N801 - a context that expects nothing
    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, *_args: object) -> None:
        """End."""


def test_a_damaged_state_file_is_named_and_can_be_mended(
    log: LocalLog, folder: Path
) -> None:
    mirror(folder, log)
    flip(folder / "mirror.json", 30)

    with pytest.raises(VerificationError, match=r"mirror\.json is damaged") as caught:
        mirror(folder, log)
    with pytest.raises(InvalidInputError, match="with it the policy"):
        verify(folder)

    assert "remove this file" in caught.value.hint
    (folder / "mirror.json").unlink()
    mirror(folder, log)
    assert told(verify(folder)) == []


def test_the_note_kept_is_the_one_served(log: LocalLog, folder: Path) -> None:
    mirror(folder, log)

    note = Note.parse((folder / "log" / "checkpoint").read_bytes())
    assert Checkpoint.parse(note.text).size == 562


@pytest.mark.parametrize("principal", [KEEPER, READER])
@pytest.mark.parametrize("section", ["people", "fir"])
def test_what_is_erased_at_the_source_is_destroyed_in_the_mirror(
    section: str, principal: Principal, tmp_path: Path
) -> None:
    log = LocalLog(tmp_path / "log.db", principal=principal)
    contact = Contact(role="Zebrano desk", email="zebrano@alder.example")
    number = log.record(an_entry(1, contact=contact, release_line="padauk")) - 1
    before, after = tmp_path / "before", tmp_path / "after"
    mirror(before, log)
    assert b"zebrano" in _register_octets(before)
    assert b"padauk" in _register_octets(before)

    log.record(Erasure(statement=number, section=section, reason="asked for"))
    mirror(before, log)
    mirror(after, log)

    for folder in (before, after):
        assert told(verify(folder)) == []
        assert read_state(folder).hidden == 0
        assert read_state(folder).replayed
        kept = _register_octets(folder)
        assert (b"zebrano" in kept) == (section == "fir")
        assert (b"padauk" in kept) == (section == "people")
    log.register.close()


def _register_octets(folder: Path) -> bytes:
    """Give every octet that is kept of a register."""
    return b"".join(p.read_bytes() for p in (folder / "register").iterdir())


def test_after_a_killed_run_what_was_erased_is_not_called_hidden(
    log: LocalLog, folder: Path
) -> None:
    log.record(Erasure(statement=5, section="fir", reason="asked for"))
    done = mirror(folder, log).state
    killed = msgspec.structs.replace(done, size=0, counted=0, replayed=False)
    write_state(folder, killed)
    log.record(an_entry(9000))

    assert mirror(folder, log).state.hidden == done.hidden == 0


def test_an_erasure_that_was_not_obeyed_is_named(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log.db")
    contact = Contact(role="Firmware desk", email="desk@alder.example")
    number = log.record(an_entry(1, contact=contact)) - 1
    mirror(tmp_path / "m", log)
    path = tmp_path / "m" / "register" / "firtree.db"
    with closing(sqlite3.connect(path)) as database:
        people, salts = database.execute(
            "SELECT people, salts FROM statement WHERE leaf_index = ?", (number,)
        ).fetchone()
    log.record(Erasure(statement=number, section="people"))
    mirror(tmp_path / "m", log)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE statement SET people = ?, salts = ? WHERE leaf_index = ?",
            (people, salts, number),
        )

    (line,) = told(verify(tmp_path / "m"))

    assert "section 'people' was erased by statement 3, and is still here" in line
    log.register.close()


# the log's key is rotated

SECOND, THIRD = (Signer(SIGNER.name, bytes([n]) * 32) for n in (2, 3))


@pytest.mark.parametrize("principal", [KEEPER, READER])
@pytest.mark.parametrize("both", [True, False])
def test_a_mirror_follows_rotations_that_the_known_key_signed(
    log: LocalLog,
    folder: Path,
    principal: Principal,
    both: bool,  # noqa: FBT001
) -> None:
    log.principal = principal
    mirror(folder, log)
    log.record(rotation(SIGNER, SECOND, None))
    log.fill(3)
    log.signers = [SECOND, SIGNER] if both else [SECOND]

    done = mirror(folder, log)

    assert done.new_keys == (SECOND.verifier,)
    assert done.checkpoint.size == log.register.size()
    assert read_state(folder).policy == (
        f"log {SIGNER.verifier}\nquorum none\nlog {SECOND.verifier}\n"
    )
    assert done.state.replayed
    # From then on the new key alone is enough, and leads on to the next.
    log.record(rotation(SECOND, THIRD, None))
    log.signers = [THIRD]
    assert mirror(folder, log).new_keys == (THIRD.verifier,)
    log.fill(2)
    assert mirror(folder, log).new_keys == ()
    assert verify(folder).is_sound


def test_two_rotations_since_the_last_run_are_followed(
    log: LocalLog, folder: Path
) -> None:
    mirror(folder, log)
    log.record(rotation(SIGNER, SECOND, None))
    log.record(rotation(SECOND, THIRD, None))
    log.signers = [THIRD]

    assert mirror(folder, log).new_keys == (SECOND.verifier, THIRD.verifier)


def forged(**changed: str) -> KeyRotation:
    return msgspec.structs.replace(rotation(SIGNER, SECOND, None), **changed)


@pytest.mark.parametrize(
    "rotated",
    [
        rotation(THIRD, SECOND, None),
        forged(signed=SECOND.sign(rotation(SIGNER, SECOND, None).text)),
        forged(signed=SIGNER.sign(rotation(SIGNER, SECOND, None).text)),
        forged(signed="junk"),
        rotation(SECOND, SIGNER, None),
    ],
)
def test_a_key_that_the_known_one_did_not_sign_for_is_not_followed(
    log: LocalLog, folder: Path, rotated: KeyRotation
) -> None:
    before = mirror(folder, log)
    log.record(rotated)
    log.signers = [SECOND]

    with pytest.raises(VerificationError, match="bears no signature of"):
        mirror(folder, log)

    assert read_state(folder) == before.state
    # Recorded in a log of the known key, it is taken in and gives no trust.
    log.signers = [SIGNER]
    assert mirror(folder, log).new_keys == ()


def test_a_rotation_that_is_shown_but_not_recorded_is_not_remembered(
    log: LocalLog, folder: Path
) -> None:
    class Showing(LocalLog):
        """Shows a rotation when it is asked ahead, and another statement later."""

        asked = 0

        def statements(self, start: int, stop: int) -> Iterator[DisclosedStatement]:
            self.asked += 1
            for one in super().statements(start, stop):
                yield shown if self.asked == 1 else one

    mirror(folder, log)
    other = LocalLog(folder.parent / "other.db")
    other.fill(560)
    other.record(rotation(SIGNER, SECOND, None))
    (shown,) = other.statements(562, 563)
    other.register.close()
    log.register.close()
    showing = Showing(folder.parent / "log.db")
    showing.fill(1)
    showing.signers = [SECOND]

    with pytest.raises(VerificationError, match="bears no signature of"):
        mirror(folder, showing)

    assert keys_in(read_state(folder).policy) == (SIGNER.verifier,)
    assert read_state(folder).size == 562
    showing.register.close()


def test_a_run_that_was_killed_after_a_rotation_follows_it_later(
    log: LocalLog, folder: Path
) -> None:
    mirror(folder, log)
    kept = read_state(folder)
    log.record(rotation(SIGNER, SECOND, None))
    mirror(folder, log)
    write_state(folder, kept)  # what the run had taken in, without its end
    log.fill(1)
    log.signers = [SIGNER, SECOND]

    assert mirror(folder, log).new_keys == (SECOND.verifier,)


@pytest.mark.parametrize(
    ("name", "target"), [("Rowan Energy", 2), ("Sorrel Energy", 1)]
)
def test_what_is_limited_is_judged_as_the_server_judges_it(
    folder: Path, name: str, target: int
) -> None:
    supplier = a_principal(PartyKind.IMPORT_SUPPLIER, name)
    source = LocalLog(folder.parent / "limited.db", principal=supplier)
    limited = {"availability": Availability.LIMITED, "limited_to": ("Rowan Energy",)}
    source.record(an_entry(1), an_entry(2, upgradable_from=(1,), **limited))
    mirror(folder, source)
    source.record(ALDER)
    mirror(folder, source)
    device = Device(manufacturer="AB01", model="010A030B", firmware="00000001")

    with mirrors.opened_mirror(folder, progress=silent) as kept:
        answer = kept.assessment(device)

    lookup = Lookup(source.register, Models(source.register), SIGNER, now=source.clock)
    served = lookup.assess(supplier, device, lookup.view())
    assert answer.target == served.target == target
    assert answer.pathway == served.pathway
    assert answer.standing == served.standing
    source.register.close()
