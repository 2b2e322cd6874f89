"""Folders for the time of a run: they go with it, or with the next one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from firtree.client.scratch import PREFIX, scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = """
import sys, tempfile
from firtree.client.scratch import scratch_folder
tempfile.tempdir = sys.argv[1]
with scratch_folder() as folder:
    (folder / "kept").write_text("what was verified")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have folders made in a place of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def a_run(place: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start another process that has a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_a_folder_goes_with_its_run(place: Path) -> None:
    with pytest.raises(KeyboardInterrupt), scratch_folder() as folder:
        (folder / "kept").write_text("x")
        assert [one.name for one in place.iterdir()] == [folder.name]
        raise KeyboardInterrupt

    assert list(place.iterdir()) == []


def test_the_folder_of_a_run_that_was_killed_goes_with_the_next(place: Path) -> None:
    with a_run(place) as (process, left):
        process.kill()
        process.wait()
    assert (left / "kept").exists()

    with scratch_folder() as folder:
        assert [one.name for one in place.iterdir()] == [folder.name]


def test_the_folder_of_a_run_that_goes_on_stays(place: Path) -> None:
    with a_run(place) as (_, others), scratch_folder() as outer, scratch_folder():
        assert (others / "kept").exists()
        assert outer.exists()
        assert others.name.startswith(PREFIX)


def test_what_only_has_the_name_of_such_a_folder_stays(place: Path) -> None:
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    (place / f"{PREFIX}link").symlink_to(elsewhere)
    (place / f"{PREFIX}file").write_text("x")

    with scratch_folder():
        assert (elsewhere / "kept").exists()
        assert (place / f"{PREFIX}file").exists()
