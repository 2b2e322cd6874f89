"""A log's key is rotated, and one usable state is left at any moment."""

from __future__ import annotations

import dataclasses
import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

import plain_http
from commands import as_json, firtree, run
from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER, PUBLIC
from firtree.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    VerificationError,
)
from firtree.exchange.history_wire import statement_wire
from firtree.ledger.notes import Note, Signer, Verifier, verify_checkpoint
from firtree.library.history import History
from firtree.library.keeping.keys import LogKeys, keys_of_log, rotate
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.statements.types.key_rotation import rotation, verify_rotation
from firtree.wiring import rotation as rotating
from firtree.wiring.background import witnessing
from firtree.wiring.backup import back_up
from firtree.wiring.checkup import checkup
from firtree.wiring.fencing import accept
from firtree.wiring.keyfile import KEY_FILE, NEXT_KEY_FILE, OLD_KEY_FILE, signer_of
from firtree.wiring.restoring import restore_as_new
from running import Server, wait_for

ORIGIN = "log.example/rotation"
OLD, NEW, THIRD = (Signer(ORIGIN, bytes([n]) * 32) for n in (1, 2, 3))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Make a register of one entry."""
    made = Settings(data=str(tmp_path / "var"))
    wiring.make(made, origin=ORIGIN)
    record(made, 1)
    return made


def record(settings: Settings, number: int) -> None:
    with wiring.opened(settings) as parts:
        one = Statement(subject=an_entry(number), by="keeper")
        parts.recorder.record([one], KEEPER)


def checkpoint(settings: Settings) -> Note:
    with wiring.opened(settings) as parts:
        return Note.parse(parts.lookup.log(KEEPER).checkpoint)


def keys(settings: Settings) -> LogKeys:
    with wiring.opened_register(settings) as register, register.reading() as tx:
        return keys_of_log(tx)


def test_after_a_rotation_both_keys_sign_for_a_time(settings: Settings) -> None:
    old = signer_of(settings).verifier

    rotated = rotating.rotate_key(settings, both_for_days=90)

    assert rotated.new == signer_of(settings).verifier != old
    note = checkpoint(settings)
    assert [key.has_signed(note) for key in (rotated.new, old)] == [True, True]
    for policy in ([old], [rotated.new], [old, rotated.new]):
        assert verify_checkpoint(note, policy).size == 3
    assert keys(settings) == LogKeys(rotated.new, (old,), rotated.both_until)
    record(settings, 2)
    assert checkup(settings, lambda *_told: None).found == 0


def test_when_the_time_is_over_the_new_key_signs_alone(settings: Settings) -> None:
    old = signer_of(settings).verifier
    rotated = rotating.rotate_key(settings, both_for_days=1)
    assert rotated.both_until is not None
    later = datetime.combine(
        rotated.both_until + timedelta(days=1), datetime.min.time(), UTC
    )

    with wiring.opened(settings) as parts:
        both: Any = parts.signer
        both._signer._now = lambda: later  # noqa: SLF001 - two days go by
        note = Note.parse(parts.lookup.log(KEEPER).checkpoint)

    assert len(note.signatures) == 1
    with pytest.raises(VerificationError):
        verify_checkpoint(note, [old])
    assert keys(settings).signing(rotated.both_until) == (rotated.new, old)
    assert keys(settings).signing(later.date()) == (rotated.new,)


def test_a_rotation_may_take_effect_at_once(settings: Settings) -> None:
    rotated = rotating.rotate_key(settings, both_for_days=0)

    assert rotated.both_until is None
    assert len(checkpoint(settings).signatures) == 1


def test_keys_follow_one_another(settings: Settings) -> None:
    first = signer_of(settings).verifier
    second = rotating.rotate_key(settings, both_for_days=9).new
    third = rotating.rotate_key(settings, both_for_days=9).new

    assert keys(settings).all == (third, second, first)
    note = checkpoint(settings)
    assert [key.has_signed(note) for key in (first, second, third) if key] == [
        *(False, True, True)
    ]


class CrashError(Exception):
    """Where the machine stops."""


@pytest.mark.parametrize(
    "step",
    ["next_key", "rotate", "rotate, done", "finish_rotation", "write_durably", "done"],
)
def test_a_crash_at_any_step_leaves_one_usable_state(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    old = signer_of(settings).verifier
    step, _, is_done = step.partition(", ")

    def crash(module: Any, name: str, *, afterwards: bool = False) -> None:
        real = getattr(module, name)

        def stop(*args: object, **named: object) -> None:
            if afterwards:
                real(*args, **named)
            raise CrashError

        monkeypatch.setattr(module, name, stop)

    if step == "write_durably":  # the old key is kept, the new one not yet in place
        crash(Path, "replace")
    elif step != "done":
        crash(rotating, step, afterwards=bool(is_done))
    if step == "done":
        rotating.rotate_key(settings, both_for_days=9)
    else:
        with pytest.raises(CrashError):
            rotating.rotate_key(settings, both_for_days=9)
    monkeypatch.undo()

    is_rotated = step in {"finish_rotation", "write_durably", "done"} or bool(is_done)
    assert (keys(settings).current != old) == is_rotated
    record(settings, 2)
    note = checkpoint(settings)
    assert keys(settings).current.has_signed(note)
    assert old.has_signed(note)
    assert checkup(settings, lambda *_told: None).found == 0
    assert signer_of(settings).verifier == keys(settings).current
    # Whatever was left half done is taken up by the next one.
    again = rotating.rotate_key(settings, both_for_days=9)
    assert again.new == keys(settings).current
    assert not (Path(settings.data) / NEXT_KEY_FILE).exists()
    for name in (KEY_FILE, OLD_KEY_FILE):
        assert (Path(settings.data) / name).stat().st_mode & 0o777 == 0o600


def test_a_folder_with_an_older_key_is_told_so(settings: Settings) -> None:
    path = Path(settings.data) / KEY_FILE
    old = path.read_bytes()
    rotating.rotate_key(settings, both_for_days=9)
    path.write_bytes(old)

    with pytest.raises(Exception, match="was rotated, and this folder has an older"):
        record(settings, 2)


def test_a_workbook_of_before_the_rotation_is_still_verified(
    settings: Settings, tmp_path: Path
) -> None:
    firtree(tmp_path, "export", "-o", "before.xlsx")
    rotating.rotate_key(settings, both_for_days=0)
    firtree(tmp_path, "export", "--at", "2", "-o", "after.xlsx")

    for name in ("before.xlsx", "after.xlsx"):
        assert as_json(tmp_path, "verify", name)["intact"] is True


def test_a_restored_log_has_keys_of_its_own(settings: Settings, tmp_path: Path) -> None:
    rotating.rotate_key(settings, both_for_days=9)
    back_up(settings, tmp_path / "b.db", lambda *_told: None)
    new = Settings(data=str(tmp_path / "new"))
    restore_as_new(
        tmp_path / "b.db", new, origin="log.example/new", progress=lambda *_told: None
    )

    assert keys(new).all == (signer_of(new).verifier,)
    rotated = rotating.rotate_key(new, both_for_days=9)
    assert keys(new).current == rotated.new
    assert len(keys(new).all) == 2
    assert checkup(new, lambda *_told: None).found == 0


def test_a_rotation_that_is_not_signed_by_both_is_refused() -> None:
    good = rotation(OLD, NEW, date(2027, 1, 1))
    assert verify_rotation(good) == (OLD.verifier, NEW.verifier)
    note = Note.parse(good.signed)
    other = Signer("log.example/other", bytes(32))

    for changed in (
        {"signed": str(note._replace(signatures=note.signatures[:1]))},
        {"signed": str(note._replace(signatures=note.signatures[1:]))},
        {"new_key": str(THIRD.verifier)},
        {"both_until": date(2028, 1, 1)},
        {"origin": "log.example/other"},
        {"old_key": "junk"},
        {"signed": "junk"},
    ):
        with pytest.raises(VerificationError):
            verify_rotation(msgspec.structs.replace(good, **changed))
    for old, new in ((OLD, OLD), (OLD, other), (other, NEW)):
        with pytest.raises(VerificationError):
            verify_rotation(rotation(old, new, None))


def test_a_rotation_from_another_key_is_not_recorded(settings: Settings) -> None:
    with wiring.opened(settings) as parts:
        arguments = (parts.recorder, parts.register)
        current = signer_of(settings)
        with pytest.raises(ConflictError, match="rotated meanwhile"):
            rotate(KEEPER, *arguments, OLD, NEW, both_until=None)
        with pytest.raises(NotFoundError):
            rotate(PUBLIC, *arguments, current, NEW, both_until=None)
        forged = rotation(OLD, NEW, None)
        # Recorded past all checks, it ends the signing.
        with pytest.raises(VerificationError, match="another key than the log had"):
            parts.recorder.record([Statement(subject=forged, by="x")], KEEPER)
    with pytest.raises(VerificationError, match="another key than the log had"):
        keys(settings)


def test_everybody_may_read_a_rotation(settings: Settings) -> None:
    rotated = rotating.rotate_key(settings, both_for_days=9)

    with wiring.opened(settings) as parts:
        history = History(parts.register, now=parts.now)
        (version,) = history.statements(KEEPER, 2, 3, limit=9).versions
    wire = statement_wire(version)

    assert (wire.kind, wire.subject) == ("key-rotated", "log-key")
    assert wire.key_rotation is not None
    assert wire.key_rotation.new_key == str(rotated.new)
    assert Verifier.parse(wire.key_rotation.old_key).verify(wire.key_rotation.signed)


def test_the_command_says_what_to_do_next(settings: Settings, tmp_path: Path) -> None:
    dry = firtree(tmp_path, "log", "rotate-key", "--dry-run").stdout
    assert keys(settings).before == ()
    told = firtree(tmp_path, "log", "rotate-key", "--both-for", "30").stdout
    report = as_json(tmp_path, "log", "rotate-key", "--both-for", "0")
    at_once = firtree(tmp_path, "log", "rotate-key", "--both-for", "0").stdout

    assert "the new line alone belongs into their policies" in at_once
    assert "nothing was changed" in dry
    assert "the old key signs too until 20" in told
    assert "both lines belong into their policies" in told
    assert report["both_until"] is None
    assert report["witnesses"] == []
    assert str(keys(settings).current) in at_once
    assert report["new_key"] == str(keys(settings).before[0])


@pytest.mark.parametrize("days", [0, 30])
def test_the_own_policy_file_is_told_of_with_the_line_it_needs(
    settings: Settings, tmp_path: Path, days: int
) -> None:
    file = tmp_path / "witnesses.policy"
    other = Signer("log.example/other", bytes(32)).verifier
    old = f"log {other}\nlog {signer_of(settings).verifier}\nquorum none\n"
    file.write_text(old)
    own = dataclasses.replace(settings, witness_policy=str(file))
    environ = {**os.environ, "FIRTREE_WITNESS_POLICY": str(file)}

    done = run(
        *("log", "rotate-key", "--both-for", str(days)),
        folder=tmp_path,
        environ=environ,
    )

    *_, said, line = done.stdout.splitlines()
    assert f"change your own {file} (FIRTREE_WITNESS_POLICY) too" in said
    assert line == f"  log {signer_of(settings).verifier}"
    with wiring.opened(own) as parts:
        found = witnessing(own, parts)
        assert found is not None
        # While both sign, either line will do.
        assert found.outdated.endswith(line.strip() if days == 0 else "")
        assert bool(found.outdated) == (days == 0)
        file.write_text(f"{line.strip()}\nquorum none\n")
        found = witnessing(own, parts)
        assert found is not None
        assert found.outdated == ""
        file.write_text(f"log {other}\nquorum none\n")
        with pytest.raises(InvalidInputError, match="expected a log line with the"):
            witnessing(own, parts)


def test_a_policy_has_both_keys_while_both_sign(
    settings: Settings, tmp_path: Path
) -> None:
    old = str(signer_of(settings).verifier)
    before = firtree(tmp_path, "log", "policy").stdout
    firtree(tmp_path, "log", "rotate-key", "--both-for", "30")
    new = str(signer_of(settings).verifier)

    assert firtree(tmp_path, "log", "key").stdout.split() == [new, old]
    assert as_json(tmp_path, "log", "key")["also_signing"] == [old]
    policy = firtree(tmp_path, "log", "policy").stdout
    assert [f"log {key}" in policy for key in (new, old)] == [True, True]
    assert f"log {old}" in before
    # A proof made after the rotation is checked with the policy of before it.
    firtree(tmp_path, "log", "prove", "1", "-o", "1.proof")
    for name, text in (("before", before), ("after", policy)):
        (tmp_path / name).write_text(text)
        firtree(tmp_path, "log", "check", "1.proof", "--policy", name)


@pytest.mark.postgres
def test_another_host_needs_the_new_key(tmp_path: Path, postgres_url: str) -> None:
    one = Settings(data=str(tmp_path / "one"), database=postgres_url)
    wiring.make(one, origin=ORIGIN)
    two = Settings(data=str(tmp_path / "two"), database=postgres_url)
    shutil.copytree(one.data, two.data)
    rotating.rotate_key(one, both_for_days=9)

    with pytest.raises(Exception, match="was rotated, and this folder has an older"):
        accept(two)
    shutil.copy2(Path(one.data) / KEY_FILE, Path(two.data) / KEY_FILE)
    accept(two)
    record(two, 1)
    record(one, 2)


# while servers run


def served_keys(server: Server, *known: Verifier) -> list[bool]:
    """Ask a server for its checkpoint; say which of some keys have signed it."""
    note = Note.parse(
        plain_http.get(f"{server.url}/log/checkpoint").raise_for_status().text
    )
    return [key.has_signed(note) for key in known]


@pytest.mark.parametrize(("days", "old_signs"), [(30, True), (0, False)])
def test_a_running_server_signs_with_the_new_key_at_once(
    settings: Settings,
    days: int,
    old_signs: bool,  # noqa: FBT001
) -> None:
    old = signer_of(settings).verifier
    server = Server("serve", "--data", settings.data, health="/health/ready")
    with server:
        assert served_keys(server, old) == [True]
        rotated = rotating.rotate_key(settings, both_for_days=days)
        assert rotated.new is not None

        assert served_keys(server, rotated.new, old) == [True, old_signs]
        again = rotating.rotate_key(settings, both_for_days=days)
        assert again.new is not None
        assert served_keys(server, again.new, rotated.new, old) == [
            *(True, old_signs, False)
        ]
        assert plain_http.get(server.url + "/health/ready").status_code == 200


def two_hosts(folder: Path, url: str) -> tuple[Settings, Settings]:
    """Make a register of two hosts, each with its folder."""
    one = Settings(data=str(folder / "one"), database=url)
    wiring.make(one, origin=ORIGIN)
    two = Settings(data=str(folder / "two"), database=url)
    shutil.copytree(one.data, two.data)
    accept(two)
    return one, two


@pytest.mark.postgres
def test_a_running_server_without_the_new_key_says_so_and_signs_nothing(
    tmp_path: Path, postgres_url: str
) -> None:
    one, two = two_hosts(tmp_path, postgres_url)
    old = signer_of(two).verifier
    ready = "/health/ready"
    server = Server(
        *("serve", "--data", two.data),
        health=ready,
        environ={"FIRTREE_DATABASE": postgres_url},
    )
    with server:
        # As long as both sign, the old key alone is good enough.
        both = rotating.rotate_key(one, both_for_days=30).new
        assert both is not None
        wait_for(lambda: served_keys(server, both, old) == [False, True])
        assert plain_http.get(server.url + ready).status_code == 200

        new = rotating.rotate_key(one, both_for_days=0).new
        assert new is not None
        wait_for(lambda: plain_http.get(server.url + ready).status_code == 503)
        problem = plain_http.get(f"{server.url}/log/checkpoint").json()
        assert problem["status"] == 503
        assert "was rotated, and this folder has an older one" in problem["detail"]

        shutil.copy2(Path(one.data) / KEY_FILE, Path(two.data) / KEY_FILE)
        assert plain_http.get(server.url + ready).status_code == 200
        assert served_keys(server, new, old) == [True, False]


@pytest.mark.postgres
def test_what_cannot_be_signed_any_more_is_not_recorded(
    tmp_path: Path, postgres_url: str
) -> None:
    one, two = two_hosts(tmp_path, postgres_url)
    with wiring.opened(two) as parts:
        statement = Statement(subject=an_entry(1), by="keeper")
        rotating.rotate_key(one, both_for_days=0)
        with pytest.raises(UnavailableError, match="has an older one") as refused:
            parts.recorder.record([statement], KEEPER)
        assert "no restart is needed" in refused.value.hint
        with parts.register.reading() as tx:
            assert tx.head().size == 2

        shutil.copy2(Path(one.data) / KEY_FILE, Path(two.data) / KEY_FILE)
        recorded = parts.recorder.record([statement], KEEPER)
        assert keys(one).current.has_signed(Note.parse(recorded.checkpoint))
    assert checkup(one, lambda *_told: None).found == 0
