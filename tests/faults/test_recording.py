"""Recording in three outcomes: done; failed, not done; failed, yet done."""

from __future__ import annotations

import base64
import random
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from entries import an_entry
from firtree.errors import UnavailableError
from firtree.storage.memory import MemoryRegister
from rebuilt import check_rebuilt
from registers import (
    a_postgresql_register,
    a_recorder,
    an_sqlite_register,
    record,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from firtree.library.ports import Register, Writing
    from registers import SQLRegister


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give where a register is: a file, or a URL."""
    if request.param == "sqlite":
        return str(tmp_path / "firtree.sqlite")
    url: str = request.getfixturevalue("register_url")
    return url


def opened(place: str) -> SQLRegister:
    """Open the register that is, or will be, at a place."""
    if "://" in place:
        return a_postgresql_register(place, lock_wait_s=10)
    return an_sqlite_register(Path(place), lock_wait_s=10)


# killed


@pytest.mark.parametrize(
    ("kills", "children"),
    [
        *((3, 1), (3, 2)),
        *(pytest.param(20, n, marks=pytest.mark.long) for n in (1, 2)),
    ],
)
def test_what_a_killed_process_told_is_still_there(
    place: str, start: Callable[..., Any], kills: int, children: int
) -> None:
    register = opened(place)
    chance = random.Random(kills)  # noqa: S311 - the same moments each time
    told: dict[int, bytes] = {}
    for turn in range(kills):
        batch = (1, 7, 300)[turn % 3]
        running = [start(place, count=100_000, batch=batch) for _ in range(children)]
        # The first line says that it records; then it may be at any step of it.
        said = [child.stdout.readline() for child in running]
        time.sleep(chance.uniform(0, 0.15))
        for child in running:
            child.kill()
        said += [line for child in running for line in child.stdout.readlines()]
        for child in running:
            child.stdout.close()
            assert child.wait(10) == -9
        for line in said:
            if line.endswith(b"\n"):
                size, root = line.split()
                assert told.setdefault(int(size), root) == root, "a number told twice"
        with register.writing():
            pass  # a server may still be at the commit of a client that is gone
        check_rebuilt(register)

    with register.reading() as reading:
        kept = {end.size: base64.b64encode(end.root) for end in reading.ends(0)}
    assert len(told) >= kills * children
    assert told.items() <= kept.items()
    record(a_recorder(register), an_entry(1))
    check_rebuilt(register)
    register.close()


# failed, not done; failed, yet done


def test_an_error_before_the_commit_leaves_nothing(place: str) -> None:
    register = opened(place)
    recorder = a_recorder(register)
    record(recorder, an_entry(1))

    def fail(_connection: object) -> None:
        raise OSError("the power went")

    event.listen(register.engine, "commit", fail)
    with pytest.raises(OSError, match="the power went"):
        record(recorder, an_entry(2))
    event.remove(register.engine, "commit", fail)

    with register.reading() as reading:
        assert reading.entry_rows([1, 2]).keys() == {1}
    assert register.size() == check_rebuilt(register) == 1
    # The same recorder goes on from what was committed.
    assert record(recorder, an_entry(2)).size == check_rebuilt(register) == 2
    register.close()


class OneMoreError(Exception):
    """What a caller sees of a commit whose answer was lost."""


def test_a_commit_whose_answer_was_lost_is_done_once(place: str) -> None:
    register = opened(place)
    recorder = a_recorder(register)
    record(recorder, an_entry(1))
    losing = _LosingAnswers(register)
    unlucky = a_recorder(losing, seed=9)

    with pytest.raises(OneMoreError):
        record(unlucky, an_entry(2))

    assert check_rebuilt(register) == 2
    # A recorder that was told of a failure reads what is there before it goes on.
    losing.lucky = True
    assert record(unlucky, an_entry(3)).size == 3
    assert record(recorder, an_entry(4)).size == check_rebuilt(register) == 4
    register.close()


class _LosingAnswers:
    """A register whose commits are done, but seem to fail."""

    def __init__(self, register: Register) -> None:
        self.reading, self.size = register.reading, register.size
        self.close = register.close
        self.outlines_of_model = register.outlines_of_model
        self.entries_numbered = register.entries_numbered
        self.list_since = register.list_since
        self.lucky = False
        self._register = register

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Commit, then fail."""
        with self._register.writing() as tx:
            yield tx
        if not self.lucky:
            raise OneMoreError


def test_memory_fails_like_a_database() -> None:
    register = MemoryRegister()
    recorder = a_recorder(_LosingAnswers(register))

    with pytest.raises(OneMoreError):
        record(recorder, an_entry(1))

    assert check_rebuilt(register) == 1


# a full disk


def test_a_full_sqlite_database_says_so_and_stays_whole(tmp_path: Path) -> None:
    register = an_sqlite_register(tmp_path / "firtree.sqlite")
    limit = [2**30]

    def confine(connection: sqlite3.Connection, *_others: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limit[0]}")

    event.listen(register.engine, "checkout", confine)
    recorder = a_recorder(register)
    record(recorder, *(an_entry(n) for n in range(1, 301)))
    with register.engine.connect() as connection:
        limit[0] = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 3

    with pytest.raises(UnavailableError, match="the disk is full; nothing") as refused:
        record(recorder, *(an_entry(n) for n in range(1, 301)))
    assert "free some space" in refused.value.hint
    assert register.size() == check_rebuilt(register) == 300

    limit[0] = 2**30
    assert record(recorder, an_entry(1)).size == check_rebuilt(register) == 301
    register.close()


LIMITED = """
import resource, signal, sys
from pathlib import Path
from entries import an_entry
from firtree.errors import UnavailableError
from rebuilt import check_rebuilt
from registers import *
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
register = an_sqlite_register(Path(sys.argv[1]))
recorder = a_recorder(register)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
done = 0
try:
    while True:
        record(recorder, *(an_entry(n) for n in range(1, 101)))
        done += 100
except UnavailableError as error:
    print(error)
assert register.size() == check_rebuilt(register) == done, done
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
record(recorder, an_entry(1))
assert check_rebuilt(register) == done + 1
register.close()
"""


def test_a_file_that_may_not_grow_loses_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    path = tmp_path / "firtree.sqlite"
    child = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )

    assert child.stderr == ""
    # The write that failed was the commit's, so its outcome is not promised.
    assert child.stdout.strip() == "it is not known whether this was recorded"
    register = an_sqlite_register(path)
    assert check_rebuilt(register) % 100 == 1
    register.close()


@pytest.mark.long
def test_a_full_disk_says_so_and_recording_goes_on_when_it_is_not(
    small_disk: Callable[[int], Path],
) -> None:
    disk = small_disk(2)
    register = an_sqlite_register(disk / "firtree.sqlite")
    recorder = a_recorder(register)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(500_000))
    done = 0
    with pytest.raises(UnavailableError, match="the disk is full; nothing was recor"):
        for _ in range(100):
            done = record(recorder, *(an_entry(n) for n in range(1, 51))).size

    assert done >= 50
    assert register.size() == check_rebuilt(register) == done
    ballast.unlink()
    assert record(recorder, an_entry(1)).size == check_rebuilt(register) == done + 1
    register.close()


# order on the disk


def test_a_checkpoint_is_told_after_its_statement_is_on_the_disk(
    tmp_path: Path,
    child_command: Callable[..., list[str]],
    environment: dict[str, str],
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is absent")
    database, trace = tmp_path / "firtree.sqlite", tmp_path / "trace"
    an_sqlite_register(database).close()
    calls = "trace=write,pwrite64,fsync,fdatasync"
    strace = ["strace", "-f", "-y", "-o", str(trace), "-e", calls]
    traced = subprocess.run(
        [*strace, *child_command(database, count=3)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    if traced.returncode and "ptrace" in traced.stderr.lower():
        pytest.skip("this machine refuses ptrace")
    assert traced.returncode == 0, traced.stderr

    steps = [step for line in trace.read_text().splitlines() if (step := _step(line))]
    # Told thrice; before each, the log of writes is synced after it was written.
    assert steps.count("told") == 3
    told = [place for place, step in enumerate(steps) if step == "told"]
    for before, place in zip([-1, *told], told, strict=False):
        between = steps[before + 1 : place]
        assert "written" in between
        assert between[-1] == "synced", between[-5:]


def _step(line: str) -> str:
    """Name a system call: of the write-ahead log, or of telling a checkpoint."""
    if re.search(r"\bf(data)?sync\(\d+<[^>]*-wal>\)", line):
        return "synced"
    if re.search(r"\bp?write(64)?\(\d+<[^>]*-wal>", line):
        return "written"
    return "told" if re.search(r"\bwrite\(1<", line) else ""
