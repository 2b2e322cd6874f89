"""A run that was cut off goes on; what it saw signed is held against what is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from entries import an_entry
from firtree.client import mirror as mirroring
from firtree.client import rotations
from firtree.errors import UnavailableError, VerificationError
from firtree.ledger.notes import Signer
from firtree.statements.types.key_rotation import rotation
from mirrored import LocalLog, mirror, told, verify
from registers import SIGNER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firtree.statements.disclosure import DisclosedStatement


def test_a_log_that_forks_between_two_runs_is_evidence(tmp_path: Path) -> None:
    first = LocalLog(tmp_path / "first.db")
    first.fill(10)
    folder = tmp_path / "mirror"
    mirror(folder, first)
    first.register.close()
    (tmp_path / "second.db").write_bytes((tmp_path / "first.db").read_bytes())
    first = LocalLog(tmp_path / "first.db")
    second = LocalLog(tmp_path / "second.db", seed=9)
    first.fill(300, first=100)
    second.fill(700, first=500)
    signed = first.checkpoint()

    complete = first.statements
    _break_off(first)
    with pytest.raises(UnavailableError):
        mirror(folder, first)

    with pytest.raises(VerificationError, match="contradicts itself"):
        mirror(folder, second)
    evidence = [path for path in (folder / "evidence").rglob("*") if path.is_file()]
    assert signed in {path.read_bytes() for path in evidence}
    first.statements = complete  # type: ignore[method-assign]
    assert mirror(folder, first).checkpoint.size == first.register.size()
    assert told(verify(folder)) == []


def _break_off(log: LocalLog) -> None:
    """Let a log answer how much may be seen, and then nothing more."""
    statements, calls = log.statements, iter(range(9))

    def broken(start: int, stop: int) -> Iterator[DisclosedStatement]:
        if next(calls):
            raise UnavailableError("the network is gone")
        return statements(start, stop)

    log.statements = broken  # type: ignore[method-assign]


@pytest.mark.parametrize("more", [0, 1, 5, 250, 600])
def test_a_log_that_goes_on_after_a_run_was_cut_off_is_mirrored(
    tmp_path: Path, more: int
) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.fill(250)
    folder = tmp_path / "mirror"
    complete = log.bundle

    def broken(_number: int, _width: int) -> bytes:
        raise UnavailableError("the network is gone")

    mirror(folder, log)
    log.fill(300, first=1000)
    calls = iter(range(9))
    log.bundle = lambda number, width: (  # type: ignore[method-assign]
        complete(number, width) if not next(calls) else broken(number, width)
    )
    with pytest.raises(UnavailableError):
        mirror(folder, log)
    log.bundle = complete  # type: ignore[method-assign]
    log.fill(more, first=5000)

    assert mirror(folder, log).checkpoint.size == log.register.size()
    assert told(verify(folder)) == []


def test_a_log_that_went_back_behind_a_run_that_was_cut_off_is_evidence(
    tmp_path: Path,
) -> None:
    log = LocalLog(tmp_path / "log.db")
    log.fill(20)
    folder = tmp_path / "mirror"
    mirror(folder, log)
    log.register.close()
    (tmp_path / "older.db").write_bytes((tmp_path / "log.db").read_bytes())
    log, older = LocalLog(tmp_path / "log.db"), LocalLog(tmp_path / "older.db")
    log.fill(30, first=100)
    older.record(an_entry(100))

    _break_off(log)
    with pytest.raises(UnavailableError):
        mirror(folder, log)

    with pytest.raises(VerificationError, match="shows an older state"):
        mirror(folder, older)


def test_a_rotation_is_looked_for_in_pieces_that_a_server_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotations, "_AT_ONCE", 5)
    log = LocalLog(tmp_path / "log.db")
    mirror(tmp_path / "mirror", log)
    log.fill(12)
    second = Signer(SIGNER.name, bytes([9]) * 32)
    log.record(rotation(SIGNER, second, None))
    log.fill(9, first=100)
    log.signers = [second]
    asked: list[int] = []
    statements = log.statements

    def counted(start: int, stop: int) -> Iterator[DisclosedStatement]:
        asked.append(stop - start)
        return statements(start, stop)

    log.statements = counted  # type: ignore[method-assign]
    monkeypatch.setattr(mirroring, "BLOCKS_AT_ONCE", 1)

    done = mirror(tmp_path / "mirror", log)

    assert [str(key) for key in done.new_keys] == [str(second.verifier)]
    # Pieces of five until the rotation has come, then the run itself.
    assert asked[:3] == [5, 5, 5]
    assert 5 not in asked[3:]
