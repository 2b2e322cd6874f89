"""A backup and a full mirror make the same log again, with its own key."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from commands import firtree
from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.errors import FirtreeError, InvalidInputError, VerificationError
from firtree.ledger.notes import Checkpoint
from firtree.parties import Contact
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.storage.copying import copy_to_file
from firtree.wiring import erasing
from firtree.wiring.backup import back_up
from firtree.wiring.catching_up import restore_continued
from firtree.wiring.checkup import checkup
from firtree.wiring.rotation import rotate_key

ORIGIN = "log.example/continued"
SMITH = Contact(role="Jo Smith", email="jo.smith@maker.example")


def quiet(*_told: object) -> None:
    """Tell nothing."""


def record(settings: Settings, *ids: int, **changes: Any) -> None:
    with wiring.opened(settings) as parts:
        statements = [
            Statement(subject=an_entry(n, **changes), by="keeper") for n in ids
        ]
        parts.recorder.record(statements, KEEPER)


def rows(settings: Settings) -> list[Any]:
    with wiring.opened(settings) as parts, parts.register.reading() as tx:
        return list(tx.statements(0, tx.head().size))


def mirrored(settings: Settings, folder: Path) -> Path:
    """Make a full mirror: its register, and the checkpoint beside the tiles."""
    for name in ("register", "log"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    database = folder / "register" / "firtree.db"
    database.unlink(missing_ok=True)
    with wiring.opened(settings) as parts:
        copy_to_file(parts.register, database, quiet)
        note = parts.lookup.log(KEEPER).checkpoint
    (folder / "log" / "checkpoint").write_text(note)
    return folder


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """Make a register, a backup of it, record more, and mirror that."""
    made = Settings(data=str(tmp_path / "old"))
    wiring.make(made, origin=ORIGIN)
    record(made, *range(1, 301))
    record(made, 5, contact=SMITH)
    back_up(made, tmp_path / "b.db", quiet)
    record(made, 6, 7)
    record(made, 300, trade_name="later")
    mirrored(made, tmp_path / "mirror")
    return made


def lost(old: Settings, name: str = "new") -> Settings:
    """Give an empty folder with the key of a register that was lost."""
    folder = Path(old.data).with_name(name)
    folder.mkdir(mode=0o700)
    shutil.copy2(Path(old.data) / "log.key", folder / "log.key")
    return Settings(data=str(folder))


def restore(new: Settings, tmp_path: Path, **named: Any) -> Any:
    return restore_continued(
        tmp_path / "b.db", new, tmp_path / "mirror", progress=quiet, **named
    )


def refused(new: Settings, tmp_path: Path) -> FirtreeError:
    with pytest.raises(FirtreeError) as caught:
        restore(new, tmp_path)
    return caught.value


def test_the_same_log_goes_on(old: Settings, tmp_path: Path) -> None:
    new = lost(old)

    restored = restore(new, tmp_path)

    assert restored.origin == ORIGIN
    assert restored.frontier.size == 305
    assert rows(new) == rows(old)
    assert checkup(new, quiet).found == 0
    record(new, 8)
    with wiring.opened(old) as one, one.register.reading() as tx:
        before = list(tx.ends(0))
    with wiring.opened(new) as other, other.register.reading() as tx:
        assert list(tx.ends(0))[:-1] == before


def test_a_mirror_that_became_fuller_is_read_too(old: Settings, tmp_path: Path) -> None:
    mirror, new = tmp_path / "mirror", lost(old)
    (mirror / "register").rename(mirror / "register-2")

    assert restore(new, tmp_path).frontier.size == 305
    assert rows(new) == rows(old)


def test_what_was_erased_after_the_backup_does_not_come_back(
    old: Settings, tmp_path: Path
) -> None:
    erasing.erase(old, erasing.plan(old, 301, "people"), "asked for")
    mirrored(old, tmp_path / "mirror")
    new = lost(old)
    assert b"Jo Smith" in (tmp_path / "b.db").read_bytes()

    restore(new, tmp_path)

    assert rows(new) == rows(old)
    assert rows(new)[301].people is None
    assert checkup(new, quiet).found == 0
    folder = Path(new.data)
    assert not [p for p in folder.iterdir() if b"Jo Smith" in p.read_bytes()]


def test_a_key_that_was_rotated_after_the_backup_is_asked_for(
    old: Settings, tmp_path: Path
) -> None:
    stale = lost(old, "stale")
    rotate_key(old, both_for_days=9)
    mirrored(old, tmp_path / "mirror")

    assert "is not the one that signs" in str(refused(stale, tmp_path))
    new = lost(old)
    restore(new, tmp_path)
    assert checkup(new, quiet).found == 0


def test_a_mirror_that_is_older_than_what_was_signed_is_refused(
    old: Settings, tmp_path: Path
) -> None:
    record(old, 9)
    new = lost(old)
    shutil.copy2(Path(old.data) / "log.fence", Path(new.data) / "log.fence")

    said = refused(new, tmp_path)

    assert isinstance(said, VerificationError)
    assert "went back: its log has 305 statements" in str(said)
    mirrored(old, tmp_path / "mirror")
    assert restore(new, tmp_path).frontier.size == 306


def test_a_mirror_of_another_log_or_an_older_one_is_refused(
    old: Settings, tmp_path: Path
) -> None:
    other = Settings(data=str(tmp_path / "other"))
    wiring.make(other, origin="log.example/other")
    mirrored(other, tmp_path / "mirror")
    new = lost(old)
    assert "the mirror is of log.example/other at 1" in str(refused(new, tmp_path))

    fork = Settings(data=str(tmp_path / "fork"))
    Path(fork.data).mkdir()
    shutil.copy2(Path(old.data) / "log.key", Path(fork.data) / "log.key")
    (Path(fork.data) / "log.key.new").touch()
    wiring.make(fork)
    record(fork, *range(1, 310))
    mirrored(fork, tmp_path / "mirror")
    assert "two logs of one name" in str(refused(new, tmp_path))

    earlier = tmp_path / "mirror" / "log" / "checkpoint"
    with wiring.opened(old) as parts, parts.register.reading() as tx:
        first = next(iter(tx.ends(0)))
        text = str(Checkpoint(ORIGIN, first.size, first.root))
        earlier.write_text(parts.signer.sign(text))
    assert "use a mirror of the same log" in refused(new, tmp_path).hint


def test_a_mirror_that_may_not_see_everything_is_refused(
    old: Settings, tmp_path: Path
) -> None:
    database = tmp_path / "mirror" / "register" / "firtree.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE statement SET people = NULL WHERE leaf_index = 303")
        connection.commit()
    new = lost(old)

    said = refused(new, tmp_path)

    assert "does not hold section people of statement 303" in str(said)
    assert "may read everything" in said.hint
    with closing(wiring.register_of(new)) as left, left.reading() as tx:
        assert tx.head().size == 0


@pytest.mark.parametrize(("left", "ok"), [(b"", True), (b"a page", False)])
def test_a_mirror_is_used_if_all_of_it_is_in_its_file(
    old: Settings, tmp_path: Path, left: bytes, *, ok: bool
) -> None:
    new = lost(old)
    database = tmp_path / "mirror" / "register" / "firtree.db"
    database.with_name("firtree.db-wal").write_bytes(left)

    if ok:
        assert restore(new, tmp_path).frontier.size == len(rows(new))
    else:
        assert "its last run was cut off" in str(refused(new, tmp_path))


def test_a_mirror_that_was_changed_is_refused(old: Settings, tmp_path: Path) -> None:
    database = tmp_path / "mirror" / "register" / "firtree.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE statement SET core = x'7b7d' WHERE leaf_index = 303")
        connection.commit()

    said = str(refused(lost(old), tmp_path))

    assert "statement 303: section 'core' does not match its commitment" in said


def test_a_folder_without_key_or_mirror_is_refused(
    old: Settings, tmp_path: Path
) -> None:
    empty = Settings(data=str(tmp_path / "empty"))
    said = refused(empty, tmp_path)
    assert f"{empty.data} has no log.key" in str(said)
    assert "put log.key there from where it is kept" in said.hint
    assert "--new-origin" in said.hint
    assert not Path(empty.data).exists()
    shutil.rmtree(tmp_path / "mirror")
    assert "there is no mirror in" in str(refused(lost(old), tmp_path))
    with pytest.raises(InvalidInputError, match="there is no mirror"):
        restore_continued(tmp_path / "b.db", old, tmp_path / "nothing", progress=quiet)


def test_a_register_that_is_there_is_not_overwritten(
    old: Settings, tmp_path: Path
) -> None:
    assert "there is a register already" in str(refused(old, tmp_path))
    assert len(rows(old)) == 305


def test_the_command_goes_on_or_says_why_not(old: Settings, tmp_path: Path) -> None:
    lost(old)
    restoring = ("restore", "b.db", "--data", "new")
    both = firtree(
        tmp_path, *restoring, "--new-origin", "--continue-from", "mirror", code=2
    )
    dry = firtree(tmp_path, *restoring, "--continue-from", "mirror", "--dry-run")
    told = firtree(tmp_path, *restoring, "--continue-from", "mirror").stdout

    assert "choose one of" in both.stderr
    assert "caught up from mirror; nothing was changed" in dry.stdout
    assert f"{ORIGIN} goes on with 305 statements" in told
    assert "ask your witnesses" in told


@pytest.mark.postgres
def test_a_register_in_postgresql_is_caught_up_as_well(
    old: Settings, tmp_path: Path, postgres_url: str
) -> None:
    new = Settings(data=lost(old).data, database=postgres_url)

    restore(new, tmp_path)

    assert rows(new) == rows(old)
    assert checkup(new, quiet).found == 0
