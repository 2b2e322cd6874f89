"""The access log's head as a statement, and the log held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts import a_gate, a_member
from firtree.errors import VerificationError
from firtree.library.accounts import heads
from firtree.library.accounts.access_log import row_hash
from firtree.library.accounts.settings_noted import note_settings
from firtree.storage.accounts_memory import MemoryAccounts
from firtree.storage.memory import MemoryRegister
from rebuilt import check_rebuilt
from registers import OPENING, Clock, a_recorder, record

if TYPE_CHECKING:
    from firtree.library.accounts.gate import Gate
    from firtree.library.record import Recorder

DAY_S = 24 * 3600


class Kept:
    """A register in memory with an access log beside it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.register = MemoryRegister()
        self.recorder: Recorder = a_recorder(self.register, now=self.clock)
        record(self.recorder, OPENING)
        self.gate: Gate = a_gate(MemoryAccounts(self.register.size), self.clock)

    def keep(self) -> int | None:
        """Do the daily work; give the log's size where something was recorded."""
        done = heads.keep(self.gate, self.register, self.recorder)
        return done.size if done else None


def test_a_days_head_is_recorded_once() -> None:
    kept = Kept()
    assert kept.keep() is None
    a_member(kept.gate)
    assert kept.keep() == 2
    a_member(kept.gate, "bob@alder.example")
    assert kept.keep() is None
    kept.clock.move(DAY_S)
    assert kept.keep() == 3
    kept.clock.move(DAY_S)
    assert kept.keep() is None

    with kept.register.reading() as tx:
        found = list(heads.recorded_heads(tx))
    assert [head.number for head in found] == [6, 3]
    assert heads.verify(kept.gate, kept.register) == (6, 2)
    check_rebuilt(kept.register)


def test_a_log_that_was_written_anew_is_found_out() -> None:
    kept = Kept()
    a_member(kept.gate)
    kept.keep()
    with kept.gate.accounts.writing() as tx:
        previous = bytes(32)
        for row in list(tx.all_noted()):
            changed = row._replace(person=row.person + 1, previous=previous)
            changed = changed._replace(hash=row_hash(changed))
            previous = changed.hash
            tx.put(changed)

    with pytest.raises(VerificationError, match="not the one that was recorded"):
        heads.verify(kept.gate, kept.register)


def test_old_rows_are_forgotten_daily_and_older_heads_say_nothing() -> None:
    kept = Kept()
    a_member(kept.gate)
    kept.keep()
    kept.clock.move(732 * DAY_S)
    a_member(kept.gate, "bob@alder.example")
    kept.keep()

    rows, held = heads.verify(kept.gate, kept.register)
    assert (rows, held) == (3, 1)


def test_rows_that_are_gone_before_their_time_are_missed() -> None:
    kept = Kept()
    a_member(kept.gate)
    kept.keep()
    kept.clock.move(DAY_S)
    a_member(kept.gate, "bob@alder.example")
    kept.keep()
    a_member(kept.gate, "cat@alder.example")
    with kept.gate.accounts.writing() as tx:
        for row in list(tx.all_noted())[:4]:
            tx.remove(row)

    with pytest.raises(VerificationError, match="row 4 of the access log is missing"):
        heads.verify(kept.gate, kept.register)


def test_a_changed_setting_is_noted_once_with_both_values() -> None:
    kept = Kept()
    settings = {"passkey_for": "administrators", "proxies": "0"}
    assert note_settings(kept.gate, settings) == 0
    assert note_settings(kept.gate, settings) == 0
    assert note_settings(kept.gate, settings | {"passkey_for": "nobody"}) == 1
    assert note_settings(kept.gate, settings | {"passkey_for": "nobody"}) == 0

    with kept.gate.accounts.reading() as tx:
        (row,) = tx.all_noted()
    assert row.detail == "passkey_for: administrators → nobody"
