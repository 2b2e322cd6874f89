"""Who is found by a secret, for how long, and what ends it at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from accounts import (
    ALDER,
    BEECH,
    MAIL,
    a_doorkeeper,
    a_gate,
    a_member,
    visitor_of,
)
from firtree.access import Right
from firtree.errors import (
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
)
from firtree.library.accounts import people, sessions, tokens
from firtree.library.accounts.access_log import Event
from firtree.library.accounts.gate import Limits
from firtree.library.accounts.secret import (
    is_secret,
    is_token,
    new_secret,
    new_token,
    short,
)
from firtree.library.accounts.visitor import NOBODY, Via
from firtree.storage.accounts_memory import MemoryAccounts
from registers import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from firtree.library.accounts.gate import Gate
    from firtree.library.accounts.tokens import MadeToken

READ = frozenset({Right.READ_ENTRIES})


def a_token(gate: Gate, days: int = 90) -> MadeToken:
    """Make a token of the first person."""
    with gate.accounts.reading() as tx:
        person = tx.person(1)
    assert person is not None
    owner = people.as_visitor(gate, person)
    return tokens.make_token(gate, owner, name="nightly", rights=READ, days=days)


def test_a_session_ends_when_it_is_idle() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    secret = a_member(gate).secret
    doorkeeper, later = a_doorkeeper(gate)
    clock.move(29 * 60)
    assert doorkeeper.by_session(secret) is not None
    later.flush()
    clock.move(30 * 60 - 1)
    assert doorkeeper.by_session(secret) is not None
    later.flush()
    clock.move(30 * 60)

    assert doorkeeper.by_session(secret) is None


@pytest.mark.parametrize("idle_min", [1, 2, 10, 30])
def test_a_session_in_use_goes_on_however_short_its_idle_time(idle_min: int) -> None:
    clock, idle = Clock(), timedelta(minutes=idle_min)
    gate = a_gate(clock=clock, limits=Limits(idle=idle))
    secret = a_member(gate).secret
    doorkeeper, later = a_doorkeeper(gate)
    pause_s = 0.8 * idle.total_seconds()
    for _ in range(9):
        for wait_s in (pause_s, 0.05 * idle.total_seconds()):
            clock.move(wait_s)
            assert doorkeeper.recall_session(secret) or doorkeeper.by_session(secret)
            later.flush()
    clock.move(idle.total_seconds())

    assert doorkeeper.recall_session(secret) is None
    assert doorkeeper.by_session(secret) is None


def test_a_session_in_steady_use_ends_after_its_absolute_limit() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    secret = a_member(gate).secret
    doorkeeper, later = a_doorkeeper(gate)
    for _ in range(12 * 60 - 1):
        clock.move(60)
        assert doorkeeper.by_session(secret) is not None
        later.flush()
    clock.move(59)
    assert doorkeeper.recall_session(secret) is not None
    clock.move(1)

    assert doorkeeper.recall_session(secret) is None
    assert doorkeeper.by_session(secret) is None


def test_what_was_found_holds_a_minute_at_most() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    secret = a_member(gate).secret
    doorkeeper, _ = a_doorkeeper(gate)
    assert doorkeeper.recall_session(secret) is None
    found = doorkeeper.by_session(secret)
    assert doorkeeper.recall_session(secret) is found
    clock.move(59)
    assert doorkeeper.recall_session(secret) is found
    clock.move(1)

    assert doorkeeper.recall_session(secret) is None


def test_a_new_statement_or_day_makes_it_be_looked_for_again() -> None:
    sizes, clock = [1], Clock()
    gate = a_gate(MemoryAccounts(lambda: sizes[0]), clock)
    secret = a_member(gate).secret
    doorkeeper, _ = a_doorkeeper(gate)
    doorkeeper.by_session(secret)
    sizes[0] += 1
    assert doorkeeper.recall_session(secret) is None

    clock.move(timedelta(hours=11, minutes=59, seconds=30).total_seconds())
    secret = a_member(gate, "bob@alder.example").secret
    doorkeeper.by_session(secret)
    assert doorkeeper.recall_session(secret) is not None
    clock.move(30)  # midnight in London
    assert doorkeeper.recall_session(secret) is None


def _suspended(gate: Gate) -> None:
    del gate.parties.principals[ALDER]  # type: ignore[attr-defined]


def _left(gate: Gate) -> None:
    people.take_out(gate, 1, ALDER, NOBODY)


def _disabled(gate: Gate) -> None:
    people.disable(gate, 1, NOBODY)


@pytest.mark.parametrize("end", [_suspended, _left, _disabled])
def test_suspension_leaving_and_disabling_end_sessions_and_tokens_at_once(
    end: Callable[[Gate], None],
) -> None:
    sizes = [1]
    gate = a_gate(MemoryAccounts(lambda: sizes[0]))
    secret, token = a_member(gate).secret, a_token(gate).text
    doorkeeper, _ = a_doorkeeper(gate)
    assert doorkeeper.by_session(secret) is not None
    assert doorkeeper.by_token(token, "") is not None
    assert doorkeeper.recall_session(secret) is not None
    assert doorkeeper.recall_token(token, "") is not None

    end(gate)
    sizes[0] += end is _suspended  # a party is suspended by a statement

    assert (
        doorkeeper.recall_session(secret) is doorkeeper.recall_token(token, "") is None
    )
    assert doorkeeper.by_session(secret) is doorkeeper.by_token(token, "") is None


def test_a_token_has_the_rights_it_was_given_until_it_runs_out() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    a_member(gate)
    text = a_token(gate, days=2).text
    doorkeeper, _ = a_doorkeeper(gate)

    found = doorkeeper.by_token(text, "192.0.2.0/24")
    assert found is not None
    assert (found.visitor.via, found.visitor.rights) == (Via.TOKEN, READ)
    assert not found.visitor.strong
    assert found.visitor.holds(Right.READ_ENTRIES)
    assert found.visitor.holds(Right.READ_HEALTH)
    assert not found.visitor.holds(Right.READ_ACCESS_LOG)
    assert not found.visitor.holds(Right.OWN_ACCOUNT)
    clock.move(2 * 24 * 3600 - 1)
    assert doorkeeper.by_token(text, "") is not None
    clock.move(1)
    assert doorkeeper.recall_token(text, "") is None
    assert doorkeeper.by_token(text, "") is None


def test_a_revoked_token_is_dead_and_only_its_owner_revokes_it() -> None:
    gate = a_gate()
    a_member(gate)
    made = a_token(gate)
    doorkeeper, _ = a_doorkeeper(gate)
    doorkeeper.by_token(made.text, "")
    other = visitor_of(gate, a_member(gate, "bob@alder.example"))
    named = short(made.token.id)
    with pytest.raises(NotFoundError):
        tokens.revoke_token(gate, named, other)

    with gate.accounts.reading() as tx:
        person = tx.person(1)
    assert person is not None
    tokens.revoke_token(gate, named, people.as_visitor(gate, person))

    assert doorkeeper.recall_token(made.text, "") is None
    assert doorkeeper.by_token(made.text, "") is None


@pytest.mark.parametrize(
    "rights",
    [
        (),
        (Right.RECORD,),
        (Right.MANAGE_PEOPLE,),
        (Right.OWN_ACCOUNT,),
        (Right.READ_LOG,),
    ],
)
def test_no_token_can_decide_or_keep_accounts(rights: tuple[Right, ...]) -> None:
    gate = a_gate()
    owner = visitor_of(gate, a_member(gate, party=1))._replace(strong=True)

    with pytest.raises(InvalidInputError, match="rights: expected one or more of"):
        tokens.make_token(gate, owner, name="n", rights=rights)


def test_a_token_has_only_rights_of_its_owner() -> None:
    gate = a_gate()
    owner = visitor_of(gate, a_member(gate, party=BEECH))

    with pytest.raises(NotFoundError):
        tokens.make_token(gate, owner, name="n", rights=READ)


@pytest.mark.parametrize("days", [0, 367, -1])
def test_a_token_is_good_for_a_year_at_most(days: int) -> None:
    gate = a_gate()
    a_member(gate)

    with pytest.raises(InvalidInputError, match="days: expected 1 to 366 days"):
        a_token(gate, days=days)


def test_tokens_are_made_soon_after_sign_in_and_by_passkey_where_one_is_needed() -> (
    None
):
    clock = Clock()
    gate = a_gate(clock=clock)
    administrator = visitor_of(gate, a_member(gate, "root@admin.example", party=1))
    with pytest.raises(NotAllowedError, match="by passkey"):
        tokens.make_token(gate, administrator, name="n", rights=READ)
    visitor = visitor_of(gate, a_member(gate))
    tokens.make_token(gate, visitor, name="n", rights=READ)
    clock.move(600)

    with pytest.raises(NotSignedInError):
        tokens.make_token(gate, visitor, name="n", rights=READ)


def test_use_is_noted_coarsely_and_off_the_way() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    signed_in = a_member(gate)
    made = a_token(gate)
    doorkeeper, later = a_doorkeeper(gate)
    for _ in range(120):
        clock.move(60)
        doorkeeper.by_token(made.text, "192.0.2.0/24")
        doorkeeper.by_token(made.text, "198.51.100.0/24")
        doorkeeper.by_session(signed_in.secret) if clock.at.minute < 20 else None
    with gate.accounts.reading() as tx:
        assert tx.token(made.token.id) == made.token
    later.flush()

    with gate.accounts.reading() as tx:
        token, session = tx.token(made.token.id), tx.session(signed_in.session.id)
        used = [row.address for row in tx.all_noted() if row.event == Event.TOKEN_USED]
    assert token is not None
    assert token.used_at is not None
    assert session is not None
    assert session.seen_at > session.created_at
    assert used == ["192.0.2.0/24", "198.51.100.0/24"]


def test_what_ended_meanwhile_does_not_come_back_by_a_later_note() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    signed_in = a_member(gate)
    made = a_token(gate)
    doorkeeper, later = a_doorkeeper(gate)
    clock.move(120)
    visitor = doorkeeper.by_session(signed_in.secret)
    doorkeeper.by_token(made.text, "")
    assert visitor is not None
    sessions.sign_out(gate, visitor.visitor)
    tokens.revoke_token(gate, short(made.token.id), visitor.visitor)

    later.flush()

    with gate.accounts.reading() as tx:
        assert tx.session(signed_in.session.id) is None
        assert tx.token(made.token.id) is None


@pytest.mark.parametrize(
    "text",
    ["", "x", "x" * 43, "firtree_" + "0" * 49, "é" * 43, "\0" * 43, "0" * 42 + "="],
)
def test_other_texts_are_nobodys(text: str) -> None:
    gate = a_gate()
    a_member(gate)
    doorkeeper, _ = a_doorkeeper(gate)

    assert doorkeeper.recall_token(text, "") is None
    assert doorkeeper.by_session(text) is None
    assert doorkeeper.by_token(text, "") is None


def test_a_session_is_no_token_and_a_token_no_session() -> None:
    gate = a_gate()
    secret = a_member(gate).secret
    text = a_token(gate).text
    doorkeeper, _ = a_doorkeeper(gate)

    assert doorkeeper.by_token(secret, "") is None
    assert doorkeeper.by_session(text) is None


def test_a_token_is_recognised_by_its_form() -> None:
    # CRC-32 of the bits of zero, worked out by zlib's crc32 of "firtree_" + 43 zeros.
    zero = "firtree_" + "0" * 43 + "3CUzjO"
    counted = new_token(bytes)
    largest = new_token(lambda octets: b"\xff" * octets)

    assert counted[:51] == zero[:51]
    assert is_token(counted)
    assert is_token(largest)
    assert len(counted) == len(largest) == 57
    for place in range(57):
        other = "1" if counted[place] != "1" else "2"
        assert not is_token(counted[:place] + other + counted[place + 1 :])
    assert not is_token(counted + "0")
    assert not is_token(counted + "\n")
    assert is_secret(new_secret(lambda octets: b"\xff" * octets))


def test_secrets_are_kept_as_hashes_alone() -> None:
    gate = a_gate()
    signed_in = a_member(gate)
    made = a_token(gate)
    accounts = gate.accounts
    assert isinstance(accounts, MemoryAccounts)

    kept = repr(accounts._committed)  # noqa: SLF001 - all that is kept

    for secret in (signed_in.secret, signed_in.device, made.text, made.text[8:51]):
        assert secret not in kept
    assert MAIL in kept


def test_parties_people_are_found_with_one_value() -> None:
    gate = a_gate()
    one, two = a_member(gate), a_member(gate, "bob@alder.example")
    doorkeeper, _ = a_doorkeeper(gate)
    first, second = doorkeeper.by_session(one.secret), doorkeeper.by_session(two.secret)

    assert first is not None
    assert second is not None
    assert first.principal is second.principal
    assert first.visitor != second.visitor


def test_a_statement_costs_no_look_at_the_rows_unless_it_ends_something() -> None:
    sizes = [1]
    gate = a_gate(MemoryAccounts(lambda: sizes[0]))
    secret = a_member(gate).secret
    doorkeeper, _ = a_doorkeeper(gate)
    first = doorkeeper.by_session(secret)
    accounts = gate.accounts
    assert isinstance(accounts, MemoryAccounts)
    rows, accounts._committed = accounts._committed, {}  # noqa: SLF001 - out of reach

    sizes[0] += 1
    assert doorkeeper.recall_session(secret) is None
    assert doorkeeper.by_session(secret) == first
    assert doorkeeper.recall_session(secret) == first
    _suspended(gate)
    sizes[0] += 1
    assert doorkeeper.by_session(secret) is None
    accounts._committed = rows  # noqa: SLF001
    assert doorkeeper.by_session(secret) is None
