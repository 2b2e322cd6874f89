"""What every adapter promises of people, sessions, tokens and the access log."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from accounts import ALDER, KEY, MAIL, Chance, a_client, a_gate, rows_of_each_kind
from authenticator import SITE, Authenticator
from entries import an_entry
from firtree.errors import (
    FirtreeError,
    InvalidInputError,
    UnavailableError,
)
from firtree.library.accounts import passkeys
from firtree.library.accounts.accepting import Accepting, accept, ask_for_passkey
from firtree.library.accounts.invitations import invite
from firtree.library.accounts.ports import Invitation, Noted, Person, Session, Token
from firtree.storage.accounts import SQLAccounts
from firtree.storage.accounts_memory import MemoryAccounts
from firtree.storage.postgresql import PostgreSQLRegister
from firtree.storage.sqlite import SQLiteRegister
from registers import START, a_recorder, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from firtree.library.accounts.gate import Gate
    from firtree.library.accounts.ports import Accounts, AccountsReading
    from firtree.library.ports import Register
    from registers import SQLRegister

MINUTE = timedelta(minutes=1)
READ: dict[str, Callable[[AccountsReading], Any]] = {
    "Person": lambda tx: tx.person(1),
    "Membership": lambda tx: next(iter(tx.memberships(1)), None),
    "Password": lambda tx: tx.password(1),
    "Passkey": lambda tx: tx.passkey(b"\x00credential"),
    "Session": lambda tx: tx.session(KEY),
    "Invitation": lambda tx: tx.invitation(KEY),
    "Token": lambda tx: tx.token(KEY),
    "Device": lambda tx: tx.device(KEY),
    "Tries": lambda tx: tx.tries(KEY),
    "Challenge": lambda tx: tx.challenge(KEY),
    "Setting": lambda tx: next(iter(tx.settings()), None),
    "Noted": lambda tx: tx.last_noted(),
}


@pytest.fixture
def accounts(register: Register) -> Accounts:
    """Give empty accounts of each kind."""
    if isinstance(register, SQLiteRegister | PostgreSQLRegister):
        return SQLAccounts(register)
    return MemoryAccounts(register.size, lock_wait_s=0.3)


@pytest.mark.parametrize("row", rows_of_each_kind(), ids=lambda row: type(row).__name__)
def test_what_is_put_is_read_changed_and_removed(accounts: Accounts, row: Any) -> None:
    read = READ[type(row).__name__]
    key = 2 if type(row).__name__ == "Membership" else 1
    changed = row._make([*row[:key], *(_other(value) for value in row[key:])])

    with accounts.writing() as tx:
        assert read(tx) is None
        tx.put(row)
        assert read(tx) == row
        tx.put(changed)
    with accounts.reading() as tx:
        assert read(tx) == changed
    with accounts.writing() as tx:
        tx.remove(row)
        tx.remove(row)
    with accounts.reading() as tx:
        assert read(tx) is None


def _other(value: Any) -> Any:
    """Give another value of the same kind."""
    if isinstance(value, bytes):
        return b"x" * len(value)
    if isinstance(value, str):
        return value + "é"
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else START + MINUTE


def test_an_error_undoes_the_whole_unit_of_work(accounts: Accounts) -> None:
    before = accounts.marks()
    with pytest.raises(ZeroDivisionError), accounts.writing() as tx:
        for row in rows_of_each_kind():
            tx.put(row)
        tx.revoke()
        raise ZeroDivisionError

    with accounts.reading() as tx:
        assert [read(tx) for read in READ.values()] == [None] * len(READ)
    assert accounts.marks() == before


def test_an_e_mail_is_one_persons(accounts: Accounts) -> None:
    ada = Person(1, MAIL, "Ada", bytes(16), START)

    with pytest.raises((ValueError, IntegrityError)), accounts.writing() as tx:
        tx.put(ada)
        tx.put(ada._replace(id=2))

    with accounts.writing() as tx:
        tx.put(ada)
        tx.put(ada._replace(name="Ada B", disabled_at=START))
    with accounts.reading() as tx:
        assert tx.person_called(MAIL) == tx.person(1)
        assert tx.people() == [ada._replace(name="Ada B", disabled_at=START)]
        assert tx.person_called("ADA@alder.example") is None


def test_the_version_goes_up_with_each_revocation(accounts: Accounts) -> None:
    first = accounts.marks()
    with accounts.writing() as tx:
        tx.put(rows_of_each_kind()[0])
    assert accounts.marks() == first
    with accounts.writing() as tx:
        tx.revoke()

    assert accounts.marks() == first._replace(version=first.version + 1)


def test_the_marks_tell_the_logs_size(register: Register, accounts: Accounts) -> None:
    assert accounts.marks().size == 0
    record(a_recorder(register), an_entry(1))

    assert accounts.marks().size == 1


def test_another_process_hears_of_a_revocation(
    database: Callable[..., SQLRegister],
) -> None:
    here, there = SQLAccounts(database()), SQLAccounts(database())
    first = there.marks()
    with here.writing() as tx:
        tx.revoke()

    assert here.marks().version == first.version + 1
    deadline = time.monotonic() + 5
    while there.marks() == first and time.monotonic() < deadline:
        time.sleep(0.01)
    assert there.marks() == here.marks()


def test_a_second_writer_waits_and_sees_what_the_first_wrote(
    accounts: Accounts,
) -> None:
    begun, seen = threading.Event(), []

    def second() -> None:
        begun.wait()
        with accounts.writing() as tx:
            seen.append(tx.person(1))

    thread = threading.Thread(target=second)
    thread.start()
    with accounts.writing() as tx:
        begun.set()
        time.sleep(0.1)
        tx.put(rows_of_each_kind()[0])
    thread.join()

    assert seen == [rows_of_each_kind()[0]]


def test_a_writer_that_waits_too_long_gives_up(accounts: Accounts) -> None:
    refused: list[Exception] = []

    def second() -> None:
        try:
            with accounts.writing():
                pass
        except UnavailableError as error:
            refused.append(error)

    with accounts.writing() as tx:
        tx.put(rows_of_each_kind()[0])
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()

    assert "writing" in str(refused[0])


def test_a_reader_keeps_its_state(accounts: Accounts) -> None:
    with accounts.reading() as tx:
        assert tx.people() == []
        with accounts.writing() as other:
            other.put(rows_of_each_kind()[0])
        assert tx.people() == []


def test_a_link_and_a_challenge_used_at_once_by_many_open_once(
    database: Callable[..., SQLRegister],
) -> None:
    gates = [
        a_gate(SQLAccounts(database()))._replace(entropy=Chance(n)) for n in range(4)
    ]
    invited, device = invite(gates[0], ALDER, MAIL), Authenticator()
    barrier, came, refused = threading.Barrier(4), [], []

    def all_at_once(use: Callable[[Gate], object]) -> None:
        def one(gate: Gate) -> None:
            barrier.wait()
            try:
                came.append(use(gate))
            except FirtreeError as error:
                refused.append(type(error))

        threads = [threading.Thread(target=one, args=(gate,)) for gate in gates]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    options = ask_for_passkey(gates[0], invited.secret, "", SITE)
    given = Accepting(MAIL, "Ada", "", device.create(options), SITE)
    all_at_once(lambda gate: accept(gate, invited.secret, given, a_client()))
    # The question of the passkey is used up first.
    assert (len(came), refused) == (1, [InvalidInputError] * 3)

    answer = device.get(passkeys.ask_to_sign_in(gates[0], SITE, a_client()))
    all_at_once(
        lambda gate: passkeys.sign_in_by_passkey(gate, answer, a_client(), SITE)
    )
    assert (len(came), refused[3:]) == (2, [InvalidInputError] * 3)
    with gates[0].accounts.reading() as tx:
        assert len(tx.people()) == 1
        assert len(tx.sessions(1)) == 2
        assert [row.number for row in tx.all_noted()] == [1, 2, 3, 4]


def test_lists_are_in_their_order(accounts: Accounts) -> None:
    session = next(r for r in rows_of_each_kind() if isinstance(r, Session))
    token = next(r for r in rows_of_each_kind() if isinstance(r, Token))
    invitation = next(r for r in rows_of_each_kind() if isinstance(r, Invitation))
    keys = [bytes([n]) * 32 for n in (3, 1, 2)]
    with accounts.writing() as tx:
        for n, key in enumerate(keys):
            when = START + n * MINUTE
            tx.put(session._replace(id=key, created_at=when))
            tx.put(token._replace(id=key, created_at=when, person=1 + n % 2))
            tx.put(invitation._replace(id=key, created_at=when))
        tx.put(session._replace(id=KEY, person=2))

    with accounts.reading() as tx:
        assert [row.id for row in tx.sessions(1)] == keys[::-1]
        assert [row.id for row in tx.tokens(1)] == [keys[2], keys[0]]
        assert [row.id for row in tx.all_tokens()] == keys[::-1]
        assert [row.id for row in tx.invitations()] == keys[::-1]
        assert tx.sessions(3) == []


def test_what_has_run_out_is_swept_away(accounts: Accounts) -> None:
    now = START + timedelta(hours=12)
    with accounts.writing() as tx:
        for row in rows_of_each_kind():
            tx.put(row)
        tx.sweep(START - MINUTE, sessions_since=START - MINUTE)
        assert None not in [read(tx) for read in READ.values()]
        tx.sweep(now, sessions_since=START)

    with accounts.reading() as tx:
        gone = {name for name, read in READ.items() if read(tx) is None}
    assert gone == {"Session", "Invitation", "Challenge"}
    with accounts.writing() as tx:
        tx.sweep(START + timedelta(days=366), sessions_since=START)
        gone = {name for name, read in READ.items() if read(tx) is None}
    assert gone == {"Session", "Invitation", "Challenge", "Tries", "Device", "Token"}


def test_the_access_log_is_read_by_party_and_in_pages(accounts: Accounts) -> None:
    first = next(r for r in rows_of_each_kind() if isinstance(r, Noted))
    rows = [
        first._replace(number=n, at=START + n * MINUTE, party=n % 3, about=n // 8)
        for n in range(1, 10)
    ]
    with accounts.writing() as tx:
        for row in rows:
            tx.put(row)

    with accounts.reading() as tx:
        assert list(tx.all_noted()) == rows
        assert tx.last_noted() == rows[-1]
        found = tx.noted(before=None, party=0, limit=4)
        assert [row.number for row in found] == [9, 8, 7, 6]
        found = tx.noted(before=START + 9 * MINUTE, party=1, limit=9)
        assert [row.number for row in found] == [8, 7, 4, 1]
    with accounts.writing() as tx:
        assert tx.forget_noted(START + 3 * MINUTE) == 2
        assert next(tx.all_noted()).number == 3
