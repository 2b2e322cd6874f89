"""Backups are whole, and restoring one never forks a log."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from commands import as_json, firtree
from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.errors import (
    FirtreeError,
    InvalidInputError,
    UnavailableError,
    VerificationError,
)
from firtree.ledger.notes import Checkpoint, Verifier
from firtree.parties import Maker
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.statements.types.opening import Opening
from firtree.storage.copying import check_file
from firtree.wiring.backup import back_up, manifest_path, read_manifest
from firtree.wiring.checkup import checkup
from firtree.wiring.restoring import restore_as_new
from mirrored import LocalLog, mirror, verify

if TYPE_CHECKING:
    from firtree.library.ports import StatementRow
    from firtree.statements.types import Subject

OLD, NEW = "log.example/old", "log.example/new"
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)


def quiet(*_told: object) -> None:
    """Tell nothing."""


@pytest.fixture(params=["sqlite", POSTGRESQL])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Make a register of 300 entries, some of them in two versions."""
    database = ""
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres_url")
    made = Settings(data=str(tmp_path / "old"), database=database)
    wiring.make(made, origin=OLD)
    record(made, Maker(code="AB01", name="Alder"), *map(an_entry, range(1, 301)))
    record(made, an_entry(1, trade_name="Alder One"))
    return made


def record(settings: Settings, *subjects: Subject) -> None:
    with wiring.opened(settings) as parts:
        statements = [Statement(subject=one, by="keeper") for one in subjects]
        parts.recorder.record(statements, KEEPER)


def rows(settings: Settings) -> list[StatementRow]:
    """Give all statements of a register."""
    with wiring.opened(settings) as parts, parts.register.reading() as tx:
        return list(tx.statements(0, tx.head().size))


def opening(settings: Settings) -> Opening:
    with wiring.opened(settings) as parts:
        found = wiring.opening_of(parts.register)
    assert found is not None
    return found


def test_a_backup_is_restored_as_a_new_log_that_names_the_old_one(
    settings: Settings, tmp_path: Path
) -> None:
    manifest = back_up(settings, tmp_path / "b.db", quiet)
    new = Settings(data=str(tmp_path / "new"))

    restored = restore_as_new(tmp_path / "b.db", new, origin=NEW, progress=quiet)

    assert restored.frontier is not None
    assert restored.frontier.size == manifest.log.size == 303
    found = checkup(new, quiet)
    assert (found.origin, found.found) == (NEW, 0)
    first, before = opening(new), opening(settings)
    assert (first.origin, first.demo) == (NEW, before.demo)
    assert first.verifier_key != before.verifier_key
    named = Verifier.parse(before.verifier_key).verify(first.continues)
    with wiring.opened(settings) as parts, parts.register.reading() as tx:
        head = tx.head()
    assert Checkpoint.parse(named) == Checkpoint(OLD, 303, head.frontier.root)


@pytest.mark.parametrize("name", ["a?b#c%20d&e", "f\udcffg", "file:x", ":memory:"])
def test_a_folder_may_have_any_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    old, new = Settings(data=f"{name}/old"), Settings(data=f"{name}/new")
    Path(name).mkdir()
    wiring.make(old, origin=OLD)
    record(old, Maker(code="AB01", name="Alder"), an_entry(1))

    manifest = back_up(old, Path(name), quiet)
    copy = Path(name, manifest.file)
    restore_as_new(copy, new, origin=NEW, progress=quiet)
    source = LocalLog(Path(name, "log.db"))
    mirror(Path(name, "mirror"), source)
    source.register.close()

    assert read_manifest(copy) == manifest
    assert checkup(new, quiet).found == 0
    assert not verify(Path(name, "mirror")).faults
    # Nothing was made under another name.
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_a_backup_has_a_name_that_its_manifest_can_tell(
    settings: Settings, tmp_path: Path
) -> None:
    before = set(tmp_path.iterdir())

    with pytest.raises(InvalidInputError, match="a name in UTF-8"):
        back_up(settings, tmp_path / "b\udcff.db", quiet)

    assert set(tmp_path.iterdir()) == before


def test_every_statement_keeps_number_body_and_transaction(
    settings: Settings, tmp_path: Path
) -> None:
    back_up(settings, tmp_path / "b.db", quiet)
    new = Settings(data=str(tmp_path / "new"))
    restore_as_new(tmp_path / "b.db", new, origin="", progress=quiet)

    old_rows, new_rows = rows(settings), rows(new)

    assert [row[2:] for row in new_rows[1:]] == [row[2:] for row in old_rows[1:]]
    assert all(a.leaf != b.leaf for a, b in zip(old_rows, new_rows, strict=True))
    with wiring.opened(new) as parts, parts.register.reading() as tx:
        assert [end.size for end in tx.ends(0)] == [1, 302, 303]
    record(new, an_entry(2, trade_name="afterwards"))
    assert checkup(new, quiet).found == 0


def test_a_backup_holds_one_state_while_others_write(
    settings: Settings, tmp_path: Path
) -> None:
    ended = threading.Event()

    def write() -> None:
        with wiring.opened(settings) as parts:
            for number in range(1000, 1060):
                one = Statement(subject=an_entry(number), by="keeper")
                parts.recorder.record([one], KEEPER)
                if ended.is_set():
                    return

    writer = threading.Thread(target=write)
    writer.start()
    sizes = [back_up(settings, tmp_path / f"{n}.db", quiet).log.size for n in range(3)]
    ended.set()
    writer.join()

    assert sizes == sorted(sizes)
    for number, size in enumerate(sizes):
        assert check_file(tmp_path / f"{number}.db", quiet).size == size


def test_a_folder_that_is_not_there_is_no_name_of_a_file(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "register"))
    wiring.make(settings, origin="log.example/backed-up")

    with pytest.raises(InvalidInputError, match=r"expected a folder that is there"):
        back_up(settings, tmp_path / "every night", quiet)
    assert not (tmp_path / "every night").exists()


@pytest.mark.parametrize("out", ["a file/x.db", "nowhere/x.db"])
def test_a_place_that_cannot_be_written_is_one_clear_line(
    tmp_path: Path, out: str
) -> None:
    settings = Settings(data=str(tmp_path / "register"))
    wiring.make(settings, origin="log.example/backed-up")
    (tmp_path / "a file").write_text("in the way")

    with pytest.raises(UnavailableError, match=r"x\.db cannot be written"):
        back_up(settings, tmp_path / out, quiet)


def test_the_key_is_in_no_backup(settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path / "b.db", quiet)

    key = (Path(settings.data) / "log.key").read_text().strip()
    written = (tmp_path / "b.db").read_bytes()
    written += manifest_path(tmp_path / "b.db").read_bytes()

    assert key.rpartition("+")[2].encode() not in written
    assert b"PRIVATE" not in written
    for path in (tmp_path / "b.db", manifest_path(tmp_path / "b.db")):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.postgres
def test_a_register_moves_from_sqlite_to_postgresql_by_a_backup(
    tmp_path: Path, postgres_url: str
) -> None:
    old = Settings(data=str(tmp_path / "old"))
    wiring.make(old, origin=OLD)
    record(old, an_entry(1), an_entry(2))
    back_up(old, tmp_path / "b.db", quiet)
    new = Settings(data=str(tmp_path / "new"), database=postgres_url)

    restore_as_new(tmp_path / "b.db", new, origin=NEW, progress=quiet)

    assert checkup(new, quiet).found == 0
    assert [row[2:] for row in rows(new)[1:]] == [row[2:] for row in rows(old)[1:]]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Give the backup of a small register in SQLite."""
    made = Settings(data=str(tmp_path / "old"))
    wiring.make(made, origin=OLD)
    record(made, an_entry(1), an_entry(2))
    back_up(made, tmp_path / "b.db", quiet)
    return tmp_path / "b.db"


def refused(backup: Path, **named: Any) -> FirtreeError:
    """Try to restore; nothing may be left of it."""
    new = Settings(data=str(backup.parent / "new"))
    with pytest.raises(FirtreeError) as caught:
        restore_as_new(backup, new, **{"origin": "", "progress": quiet, **named})
    assert not Path(new.data).exists()
    return caught.value


def rewritten(backup: Path, sql: str) -> None:
    """Change a backup, and let its manifest tell of the changed file."""
    with closing(sqlite3.connect(backup)) as database:
        assert database.execute(sql).rowcount > 0
        database.commit()
    path = manifest_path(backup)
    manifest = json.loads(path.read_text())
    manifest["sha256"] = sha256(backup.read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))


def test_a_damaged_backup_is_refused(backup: Path) -> None:
    octets = bytearray(backup.read_bytes())
    octets[-1] ^= 1
    backup.write_bytes(octets)

    said = refused(backup)

    assert isinstance(said, VerificationError)
    assert "is not the file that was backed up" in str(said)


def test_a_backup_without_its_manifest_is_refused(backup: Path) -> None:
    manifest_path(backup).unlink()

    assert "keep them together" in refused(backup).hint
    backup.unlink()
    assert str(refused(backup)) == f"there is no file {backup}"


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}'])
def test_a_manifest_of_another_form_is_refused(backup: Path, text: str) -> None:
    manifest_path(backup).write_text(text)

    said = refused(backup)
    assert "is no manifest of a backup" in str(said)
    assert "put back the manifest that was written with it" in said.hint


def test_a_backup_that_was_rewritten_with_its_manifest_is_refused(
    backup: Path,
) -> None:
    copy = backup.read_bytes(), manifest_path(backup).read_bytes()
    for sql, told in {
        "UPDATE statement SET leaf = leaf || ''": "column leaf: expected octets",
        "UPDATE statement SET leaf = CAST(replace(leaf, '2026', '2025') AS BLOB)": (
            "another root"
        ),
        "DELETE FROM statement WHERE leaf_index = 2": "another root",
        "UPDATE statement SET core = x'7b7d' WHERE leaf_index = 1": "does not match",
    }.items():
        rewritten(backup, sql)
        if told == "does not match":
            new = Settings(data=str(backup.parent / "new"))
            with pytest.raises(VerificationError, match="section 'core' does not ma"):
                restore_as_new(backup, new, origin="", progress=quiet)
            with closing(wiring.register_of(new)) as left, left.reading() as tx:
                assert tx.head().size == 0
        else:
            assert told in str(refused(backup))
        backup.write_bytes(copy[0])
        manifest_path(backup).write_bytes(copy[1])


def test_another_state_s_checkpoint_is_refused(backup: Path, tmp_path: Path) -> None:
    record(Settings(data=str(tmp_path / "old")), an_entry(3))
    back_up(Settings(data=str(tmp_path / "old")), tmp_path / "later.db", quiet)
    path = manifest_path(backup)
    manifest = json.loads(path.read_text())
    later = json.loads(manifest_path(tmp_path / "later.db").read_text())
    manifest["log"]["checkpoint"] = later["log"]["checkpoint"]
    path.write_text(json.dumps(manifest))

    assert "checkpoint is of 4 statements" in str(refused(backup))


def test_the_old_name_is_refused(backup: Path) -> None:
    assert "another name than that of the old log" in str(refused(backup, origin=OLD))


def test_a_folder_with_a_register_or_its_key_is_refused(backup: Path) -> None:
    old = Settings(data=str(backup.parent / "old"))
    for gone in ("nothing", "firtree.db"):
        (Path(old.data) / gone).unlink(missing_ok=True)
        with pytest.raises(InvalidInputError, match=r"the key of log\.example/old"):
            restore_as_new(backup, old, origin="", progress=quiet)


def test_a_restore_that_was_interrupted_is_run_again(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = Settings(data=str(backup.parent / "new"))

    def stop(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("firtree.wiring.restoring.begin_anew", stop)
    with pytest.raises(KeyboardInterrupt):
        restore_as_new(backup, new, origin=NEW, progress=quiet)
    monkeypatch.undo()

    restored = restore_as_new(backup, new, origin=NEW, progress=quiet)

    assert restored.origin == NEW
    assert checkup(new, quiet).found == 0


@pytest.mark.usefixtures("backup")
def test_the_commands_say_what_is_lost_and_what_to_do(tmp_path: Path) -> None:
    made = as_json(tmp_path, "backup", "--data", "old", "-o", ".")
    again = firtree(tmp_path, "backup", "--data", "old", "-o", "b.db", code=1).stderr
    restoring = ("restore", made["file"], "--data", "new")
    unsaid = firtree(tmp_path, *restoring, code=2).stderr
    dry = firtree(tmp_path, *restoring, "--new-origin", "--dry-run").stdout
    assert not (tmp_path / "new").exists()
    told = firtree(tmp_path, *restoring, "--new-origin").stdout

    assert "there is a file b.db already" in again
    assert "--new-origin" in unsaid
    assert "will be lost" in dry
    assert "nothing was changed" in dry
    assert "began the log firtree.local/register-" in told
    assert "never start a copy of log.example/old again" in told
    assert read_manifest(tmp_path / made["file"]).log.size == 3
    assert as_json(tmp_path, "doctor", "--data", "new")["sound"]
