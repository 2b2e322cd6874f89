"""A signer takes up the keys that its log names, as soon as it can."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from firtree.access import KEEPER
from firtree.errors import InvalidInputError, UnavailableError
from firtree.ledger.notes import Checkpoint, Note, Signer
from firtree.library.keeping.keys import LogKeys
from firtree.statements.statement import Statement
from firtree.statements.types.key_rotation import rotation
from firtree.storage.memory import MemoryRegister
from firtree.wiring.current_key import CurrentSigner
from registers import OPENING, SIGNER, a_recorder, record

SECOND = Signer(SIGNER.name, bytes([2]) * 32)
LAST_DAY = date(2026, 12, 1)


class Folder:
    """The keys of a folder, and the day."""

    def __init__(self) -> None:
        self.signers = [SIGNER]
        self.today = date(2026, 11, 22)
        self.asked = 0

    def find(self, keys: LogKeys) -> Signer:
        """Find what signs for the keys of a log."""
        self.asked += 1
        for signer in self.signers:
            if signer.verifier == keys.current:
                return signer
        raise InvalidInputError("this folder has an older key")


class Lame(MemoryRegister):
    """A register that cannot be reached now and then."""

    reachable = True

    def list_since(self, key: bytes) -> int:
        """Fail where it cannot be reached."""
        if not self.reachable:
            raise UnavailableError("the database cannot be reached")
        return super().list_since(key)

    def reading(self) -> Any:
        """Likewise."""
        if not self.reachable:
            raise UnavailableError("the database cannot be reached")
        return super().reading()


@pytest.fixture
def register() -> Lame:
    made = Lame()
    record(a_recorder(made), OPENING)
    return made


@pytest.fixture
def folder() -> Folder:
    return Folder()


@pytest.fixture
def signer(register: Lame, folder: Folder) -> CurrentSigner:
    return CurrentSigner(
        register, LogKeys(SIGNER.verifier), folder.find, today=lambda: folder.today
    )


def rotate(register: Lame, until: date | None) -> None:
    statement = Statement(subject=rotation(SIGNER, SECOND, until), by="keeper")
    a_recorder(register).record([statement], KEEPER)


def signed_by(signer: CurrentSigner, key: Signer, size: int) -> bool:
    text = str(Checkpoint(SIGNER.name, size, bytes(32)))
    return key.verifier.has_signed(Note.parse(signer.sign(text)))


def test_the_files_are_asked_again_only_after_a_rotation(
    register: Lame, folder: Folder, signer: CurrentSigner
) -> None:
    for size in (1, 2, 2, 1, 3):
        assert signed_by(signer, SIGNER, size)
    assert folder.asked == 1

    folder.signers.append(SECOND)
    rotate(register, None)

    # What is no larger than what was signed before needs no look.
    assert signed_by(signer, SIGNER, 3)
    assert signed_by(signer, SECOND, 4)
    assert signed_by(signer, SECOND, 1)
    assert signer.verifiers == (SECOND.verifier,)
    assert folder.asked == 2


def test_the_old_key_signs_on_for_as_long_as_it_may(
    register: Lame, folder: Folder, signer: CurrentSigner
) -> None:
    rotate(register, LAST_DAY)

    assert signed_by(signer, SIGNER, 2)
    folder.today = LAST_DAY
    assert signed_by(signer, SIGNER, 2)
    folder.today = date(2026, 12, 2)
    for size in (2, 3):
        with pytest.raises(UnavailableError, match="this folder has an older key"):
            signed_by(signer, SIGNER, size)
    with register.reading() as tx, pytest.raises(UnavailableError):
        signer.check(tx, tx.head())

    folder.signers.append(SECOND)
    with register.reading() as tx:
        signer.check(tx, tx.head())
    assert signed_by(signer, SECOND, 2)


def test_what_was_committed_is_signed_though_the_register_is_out_of_reach(
    register: Lame, folder: Folder, signer: CurrentSigner
) -> None:
    register.reachable = False
    assert signed_by(signer, SIGNER, 2)

    register.reachable = True
    folder.signers.append(SECOND)
    rotate(register, None)
    assert signed_by(signer, SECOND, 2)


def test_a_warning_is_not_told_twice(
    register: Lame, signer: CurrentSigner, caplog: pytest.LogCaptureFixture
) -> None:
    rotate(register, LAST_DAY)

    for size in (2, 2, 3):
        signed_by(signer, SIGNER, size)

    assert [record.message for record in caplog.records] == [
        "this folder has an older key"
    ]
