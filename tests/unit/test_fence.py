"""The fence: what it notices, and that it is whole at any moment."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entries import an_entry
from firtree import wiring
from firtree.access import KEEPER
from firtree.errors import (
    FirtreeError,
    InvalidInputError,
    UnavailableError,
    VerificationError,
)
from firtree.settings import Settings
from firtree.statements.statement import Statement
from firtree.wiring.fence import FENCE_FILE, FenceFile, Line
from firtree.wiring.fencing import accept, look
from firtree.wiring.keyfile import signer_of

ORIGIN = "log.example/fence"
ROOT = bytes(range(32))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Make a register of three statements."""
    made = Settings(data=str(tmp_path / "var"))
    wiring.make(made, origin=ORIGIN)
    grow(made, 1, 2)
    return made


def grow(settings: Settings, *ids: int) -> int:
    """Record entries one by one; give the size."""
    with wiring.opened(settings) as parts:
        for number in ids:
            one = Statement(subject=an_entry(number), by="keeper")
            size = parts.recorder.record([one], KEEPER).size
    return size


def copied(settings: Settings, name: str) -> Settings:
    folder = Path(settings.data)
    shutil.copytree(folder, folder.with_name(name))
    return Settings(data=str(folder.with_name(name)))


def refused(settings: Settings) -> FirtreeError:
    """Try to open a register; give what was said."""
    with pytest.raises(FirtreeError) as caught, wiring.opened(settings):
        pass
    return caught.value


def test_a_register_that_goes_on_is_opened_again_and_again(settings: Settings) -> None:
    assert grow(settings, 3) == 4
    assert grow(settings, 4) == 5

    found = look(settings)
    assert found.seen is not None
    assert (found.seen.size, found.size) == (5, 5)


def test_a_database_that_went_back_is_refused(settings: Settings) -> None:
    database = Path(settings.data) / wiring.DATABASE_FILE
    old = database.read_bytes()
    grow(settings, 3)
    with database.open("r+b") as file:  # the same file with older content
        file.truncate()
        file.write(old)

    said = refused(settings)

    assert isinstance(said, VerificationError)
    assert "went back: its log has 3 statements, but the fence file" in str(said)
    assert "has seen one of 4" in str(said)
    with pytest.raises(VerificationError, match="went back"):
        accept(settings)


def test_a_copied_folder_started_beside_the_original_is_refused(
    settings: Settings,
) -> None:
    copy = copied(settings, "copy")

    said = refused(copy)

    assert "this is a copy: the fence file" in str(said)
    assert "firtree log fence --accept" in said.hint
    assert grow(settings, 3) == 4  # the original goes on


def test_a_copy_with_a_fence_elsewhere_is_refused_too(tmp_path: Path) -> None:
    fence = tmp_path / "elsewhere" / "fence"
    fence.parent.mkdir()
    original = Settings(data=str(tmp_path / "var"), fence=str(fence))
    wiring.make(original, origin=ORIGIN)
    shutil.copytree(tmp_path / "var", tmp_path / "copy")
    assert not (tmp_path / "var" / FENCE_FILE).exists()

    said = refused(Settings(data=str(tmp_path / "copy"), fence=str(fence)))

    assert "the database is not the one that the fence file" in str(said)


def test_a_copy_that_is_accepted_is_used_and_the_fork_is_noticed_afterwards(
    settings: Settings,
) -> None:
    copy = copied(settings, "copy")
    assert accept(copy).size == 3
    assert grow(copy, 3) == 4
    grow(settings, 4)

    theirs = look(copy).seen
    assert theirs is not None
    with wiring.opened_register(settings) as register:
        ours = wiring.fence_of(settings, register, signer_of(settings))
    # A checkpoint of the same size and another root is never signed here.
    with pytest.raises(VerificationError, match="another log of size 4 was signed"):
        ours.note(theirs.size, theirs.root)


def test_a_log_that_is_another_one_at_a_signed_size_is_refused(
    settings: Settings,
) -> None:
    path = Path(settings.data) / FENCE_FILE
    line = newest(path)
    other = line._replace(root=ROOT)
    path.write_bytes(other.encode() * 2)

    assert f"has seen the root {ROOT.hex()}" in str(refused(settings))


def test_a_moved_folder_goes_on(settings: Settings) -> None:
    moved = Path(settings.data).rename(Path(settings.data).with_name("moved"))

    assert grow(Settings(data=str(moved)), 3) == 4


@pytest.mark.parametrize("content", [None, b"", b"junk", b" " * 1024])
def test_a_fence_that_tells_nothing_is_refused_until_it_is_accepted(
    settings: Settings, content: bytes | None
) -> None:
    path = Path(settings.data) / FENCE_FILE
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    said = refused(settings)

    assert ("is damaged" if content is not None else "is not there") in str(said)
    assert accept(settings).seen is None
    assert grow(settings, 3) == 4


def test_the_fence_of_another_register_is_refused(settings: Settings) -> None:
    other = Settings(data=settings.data + "2")
    wiring.make(other, origin="log.example/other")
    shutil.copy(Path(other.data) / FENCE_FILE, Path(settings.data) / FENCE_FILE)

    assert "is that of log.example/other" in str(refused(settings))
    with pytest.raises(InvalidInputError, match=r"that of log\.example/other"):
        accept(settings)


def test_a_slot_that_was_half_written_leaves_the_other(settings: Settings) -> None:
    path = Path(settings.data) / FENCE_FILE
    octets = path.read_bytes()
    lines = [Line.parse(octets[n : n + 512]) for n in (0, 512)]
    sizes = [line.size if line else 0 for line in lines]
    newer = sizes.index(max(sizes)) * 512
    with path.open("r+b") as file:
        file.seek(newer + 40)
        file.write(b"\0" * 100)

    found = look(settings)

    assert found.seen is not None
    assert found.seen.size == min(sizes) == 2
    assert grow(settings, 3) == 4


def newest(path: Path) -> Line:
    octets = path.read_bytes()
    lines = [Line.parse(octets[n : n + 512]) for n in (0, 512)]
    return max((line for line in lines if line), key=lambda line: line.size)


def test_a_database_that_goes_back_while_a_process_runs_is_not_written_to(
    settings: Settings,
) -> None:
    path = Path(settings.data) / FENCE_FILE
    with wiring.opened(settings) as parts:
        line = newest(path)
        with path.open("r+b") as file:
            file.write(line._replace(size=9).encode() * 2)
        one = Statement(subject=an_entry(3), by="keeper")
        with pytest.raises(VerificationError, match="went back"):
            parts.recorder.record([one], KEEPER)
        assert parts.register.size() == 3


def test_what_was_recorded_but_cannot_be_noted_is_not_signed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> int:
        raise OSError(28, "No space left on device")

    one = Statement(subject=an_entry(3), by="keeper")
    with wiring.opened(settings) as parts:
        monkeypatch.setattr(os, "pwrite", full)
        with pytest.raises(
            UnavailableError, match="what was recorded stays, and nothing"
        ):
            parts.recorder.record([one], KEEPER)
        with pytest.raises(UnavailableError, match="nothing is signed"):
            parts.lookup.log(KEEPER)
        monkeypatch.undo()
        assert parts.lookup.log(KEEPER).size == 4
    assert newest(Path(settings.data) / FENCE_FILE).size == 4


def test_a_fence_is_synced_once_a_second_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, synced = [100.0], []
    fence = FenceFile(
        tmp_path / "fence", origin=ORIGIN, database="file/1", monotonic=lambda: clock[0]
    )
    fence.make(0, bytes(32))
    monkeypatch.setattr(os, "fdatasync", lambda _file: synced.append(clock[0]))
    for size in range(1, 9):
        fence.note(size, ROOT)
        clock[0] += 0.4

    assert synced == pytest.approx([100.0, 101.2, 102.4])
    assert newest(tmp_path / "fence").size == 8


def test_an_older_size_never_takes_the_place_of_a_newer_one(tmp_path: Path) -> None:
    path = tmp_path / "fence"
    FenceFile(path, origin=ORIGIN, database="file/1").make(0, bytes(32))
    fences = [FenceFile(path, origin=ORIGIN, database="file/1") for _ in range(4)]

    def note(fence: FenceFile, first: int) -> None:
        for size in range(first, 200, 4):
            fence.note(size, size.to_bytes(32))

    threads = [
        threading.Thread(target=note, args=(fence, first))
        for first, fence in enumerate(fences, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert newest(path) == Line(
        ORIGIN, 199, (199).to_bytes(32), path.stat().st_ino, "file/1"
    )


@given(
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="+"),
        min_size=1,
        max_size=120,
    ),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**64 - 1),
)
def test_a_line_is_read_as_it_was_written(
    origin: str, size: int, root: bytes, number: int
) -> None:
    line = Line(origin, size, root, number, "file/1")

    octets = line.encode()

    assert len(octets) == 512
    assert Line.parse(octets) == line


@given(st.data())
def test_a_line_with_any_octet_changed_is_not_read(data: st.DataObject) -> None:
    line = Line(ORIGIN, 1042, ROOT, 77, "file/1").encode()
    used = len(line.rstrip())
    place = data.draw(st.integers(0, used - 1))
    other = data.draw(st.integers(0, 255).filter(lambda n: n != line[place]))

    assert Line.parse(line[:place] + bytes([other]) + line[place + 1 :]) is None


@pytest.mark.postgres
def test_hosts_of_one_postgresql_database_have_a_fence_each(
    tmp_path: Path, postgres_url: str
) -> None:
    first = Settings(data=str(tmp_path / "one"), database=postgres_url)
    wiring.make(first, origin=ORIGIN)
    second = Settings(data=str(tmp_path / "two"), database=postgres_url)
    Path(second.data).mkdir()
    shutil.copy2(tmp_path / "one" / "log.key", tmp_path / "two" / "log.key")

    assert "is not there" in str(refused(second))
    assert accept(second).size == 1
    assert [grow(first, 1), grow(second, 2), grow(first, 3)] == [2, 3, 4]
