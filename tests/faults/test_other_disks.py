"""Another disk than the register's is full, or its own may not be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from commands import firtree, started
from firtree import wiring
from firtree.settings import Settings
from firtree.wiring.fencing import accept
from running import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENTRIES = 300  # so many that no copy of them fits a disk of one megabyte


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an example register that is only read."""
    folder = tmp_path_factory.mktemp("example")
    firtree(folder, "demo", "--entries", str(ENTRIES))
    return folder / "var"


@pytest.fixture
def disk(small_disk: Callable[[int], Path]) -> Path:
    """Mount a disk that is too small."""
    return small_disk(1)


def assert_full(told: str, folder: Path) -> None:
    """Check that the folder is named whose disk is full, and nothing else."""
    assert "firtree: the disk is full" in told or "refused to read or write" in told
    assert f"disk of {folder}" in told
    assert told.count("hint") == 1
    assert "data folder" not in told


def test_a_backup_names_the_disk_that_is_full(data: Path, disk: Path) -> None:
    done = firtree(data, "backup", "--data", ".", "-o", str(disk), code=75)

    assert_full(done.stderr, disk)
    assert list(disk.iterdir()) == []


def test_a_restore_names_the_disk_that_is_full_and_can_be_run_again(
    data: Path, disk: Path, tmp_path: Path
) -> None:
    firtree(tmp_path, "backup", "--data", str(data), "-o", "b.db")
    restoring = ("restore", "b.db", "--new-origin", "--data")
    new = disk / "new"

    done = firtree(tmp_path, *restoring, str(new), code=75)
    assert_full(done.stderr, new)
    # With room, the same goes on from what was left.
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(new, elsewhere)
    firtree(tmp_path, *restoring, str(elsewhere))
    assert "sound" in firtree(tmp_path, "doctor", "--data", str(elsewhere)).stdout


def test_a_mirror_names_the_disk_that_is_full_and_goes_on_later(
    data: Path, disk: Path, tmp_path: Path
) -> None:
    key = firtree(data, "log", "key", "--data", ".").stdout.strip()
    made = firtree(
        data,
        *("token", "new", "--data", ".", "--party", "1"),
        *("--email", "administrator@demo.example"),
    )
    token = tmp_path / "token"
    token.write_text(next(w for w in made.stdout.split() if w.startswith("firtree_")))
    token.chmod(0o600)
    folder = disk / "mirror"
    with Server("serve", "--data", data, health="/health/ready") as server:
        mirroring = ("log", "mirror", server.url)
        options = ("--key", key, "--token-file", str(token))
        done = firtree(tmp_path, *mirroring, str(folder), *options, code=75)

        assert f"the disk of {folder}" in done.stderr or f"to {folder}" in done.stderr
        assert "data folder" not in done.stderr
        # What was taken in is verified and kept; nothing else is left.
        if folder.exists():
            shutil.copytree(folder, tmp_path / "mirror")
        firtree(tmp_path, *mirroring, "mirror", *options)
    firtree(tmp_path, "log", "verify", "mirror")


@pytest.mark.parametrize(
    "arguments",
    [
        ("doctor", "--data", "."),
        ("import", "--data", ".", "table.xlsx", "--dry-run"),
        ("verify", "--data", ".", "table.xlsx"),
    ],
)
def test_a_full_folder_for_temporary_files_is_named(
    data: Path, disk: Path, arguments: tuple[str, ...]
) -> None:
    export = ("export", "--data", ".", "-o", "table.xlsx", "--overwrite")
    firtree(data, *export)
    (disk / "filler").write_bytes(bytes(1000 << 10))

    environ = {**os.environ, "TMPDIR": str(disk)}
    done = started(*arguments, folder=data, environ=environ)

    assert done.returncode == 75, done.stderr
    assert f"disk of {disk}" in done.stderr
    assert "is full" in done.stderr or "refused to read or write" in done.stderr
    assert "var" not in done.stderr.replace(str(disk), "")
    assert [path.name for path in disk.iterdir()] == ["filler"]


SORTED = """
import sys
from pathlib import Path
from sqlalchemy import text
from firtree.cli.main import show_error
from firtree.errors import FirtreeError
from firtree.storage.sqlite import SQLiteRegister
try:
    with SQLiteRegister(Path(sys.argv[1])).reading() as tx:
        tx.connection.execute(text(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 80000) SELECT randomblob(1000) AS b FROM n ORDER BY b"
        )).fetchone()
except FirtreeError as error:
    show_error(error)
"""


def test_what_a_database_puts_aside_is_not_told_as_its_own_disk(
    data: Path, disk: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SORTED, str(data / wiring.DATABASE_FILE)],
        env={**os.environ, "TMPDIR": str(disk)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "the disk of the folder for temporary files is full" in done.stderr
    assert f"free space on the disk of {disk}, or let TMPDIR" in done.stderr


@pytest.fixture
def read_only(data: Path, small_disk: Callable[[int], Path]) -> Iterator[Path]:
    """Give a register on a disk that may not be written."""
    disk = small_disk(20)
    folder = disk / "var"
    shutil.copytree(data, folder)
    accept(Settings(data=str(folder)))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield folder
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@pytest.mark.parametrize(
    "arguments",
    [("doctor",), ("serve",), ("export", "-o", "x.csv"), ("init",), ("party", "list")],
)
def test_a_register_on_a_read_only_disk_is_told_of(
    read_only: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = firtree(tmp_path, *arguments, "--data", str(read_only), code=75)

    assert done.stderr == (
        "firtree: the register's file cannot be opened, because its disk is read-only\n"
        f"firtree: hint: mount the disk of {read_only} for writing, or ask a mirror "
        "(firtree log mirror)\n"
    )


def test_a_new_register_on_a_read_only_disk_is_refused(
    read_only: Path, tmp_path: Path
) -> None:
    new = read_only.parent / "new"
    done = firtree(tmp_path, "init", "--data", str(new), code=75)

    assert f"cannot write to {new}: Read-only file system" in done.stderr
    assert not wiring.exists(Settings(data=str(new)))
