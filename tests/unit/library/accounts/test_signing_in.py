"""Signing in by password: who comes in, who does not, and what that shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from accounts import (
    ALDER,
    BEECH,
    CHEAP,
    MAIL,
    PASSWORD,
    Chance,
    Counting,
    FixedParties,
    a_client,
    a_doorkeeper,
    a_gate,
    a_member,
    visitor_of,
)
from firtree.errors import (
    FirtreeError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    ThrottledError,
)
from firtree.library.accounts import people, sessions
from firtree.library.accounts.access_log import Event
from firtree.library.accounts.passwords import Passwords, check_password
from firtree.library.accounts.ports import Membership
from firtree.library.accounts.secret import key_of, short
from firtree.library.accounts.signing_in import change_password, sign_in_by_password
from firtree.library.accounts.throttling import (
    PER_ACCOUNT,
    PER_ADDRESS,
    PER_DEVICE,
    WINDOW,
)
from firtree.library.accounts.visitor import NOBODY, Via
from registers import Clock

if TYPE_CHECKING:
    from firtree.library.accounts.gate import Client, Gate
    from firtree.library.accounts.sessions import SignedIn

OTHER = "another lemon hums quietly"


def events(gate: Gate) -> list[str]:
    """Give what was noted, oldest first."""
    with gate.accounts.reading() as tx:
        return [row.event for row in tx.all_noted()]


def come_in(gate: Gate, client: Client | None = None) -> SignedIn:
    """Sign in with the right password."""
    return sign_in_by_password(gate, MAIL, PASSWORD, client or a_client())


def fail(
    gate: Gate, *, email: str = MAIL, client: Client | None = None
) -> FirtreeError:
    """Sign in with a wrong password."""
    with pytest.raises((NotSignedInError, ThrottledError)) as refused:
        sign_in_by_password(gate, email, OTHER, client or a_client())
    return refused.value


def test_the_right_password_comes_in() -> None:
    gate = a_gate()
    a_member(gate)

    found = visitor_of(
        gate, sign_in_by_password(gate, f" {MAIL.upper()} ", PASSWORD, a_client())
    )

    assert (found.name, found.party, found.party_name) == (MAIL, ALDER, "Alder Meters")
    assert (found.via, found.strong, found.rights) == (Via.SESSION, False, None)
    assert events(gate)[-1] == Event.SIGNED_IN


def test_a_refusal_does_not_say_why_and_takes_the_same_work() -> None:
    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    gate = a_gate(passwords=Passwords(Chance(), hasher))
    a_member(gate)
    disabled = a_member(gate, "bob@alder.example")
    people.disable(gate, disabled.session.person, NOBODY)
    gate.passwords.matches(None, "")
    told, work = set(), set()
    for email, password in (
        (MAIL, OTHER),
        ("nobody@alder.example", OTHER),
        ("nobody@alder.example", PASSWORD),
        ("bob@alder.example", PASSWORD),
        ("bob@alder.example", OTHER),
        ("", ""),
        ("x" * 5000, "y" * 5000),
    ):
        before, noted = hasher.worked, len(events(gate))
        with pytest.raises(NotSignedInError) as refused:
            sign_in_by_password(gate, email, password, a_client(source=email[:9]))
        told.add((str(refused.value), refused.value.hint))
        work.add((hasher.worked - before, len(events(gate)) - noted))

    assert len(told) == 1
    assert work == {(1, 1)}


@pytest.mark.parametrize("email", [MAIL, "nobody@alder.example"])
def test_the_first_to_come_takes_the_same_work_known_or_not(email: str) -> None:
    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    gate = a_gate(passwords=Passwords(Chance(), hasher))
    a_member(gate)
    before = hasher.worked

    with pytest.raises(NotSignedInError):
        sign_in_by_password(gate, email, OTHER, a_client())

    assert hasher.worked - before == 2


def test_what_unknown_people_are_compared_with_is_made_once_in_the_background() -> None:
    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(Chance(), hasher)

    passwords.warm()
    assert not passwords.matches(None, PASSWORD)  # waits for it

    assert hasher.worked == 2


def test_a_weaker_hash_is_made_anew_at_sign_in() -> None:
    gate = a_gate()
    a_member(gate)
    better = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1, hash_len=8)
    stronger = gate._replace(passwords=Passwords(Chance(), better))

    come_in(stronger)

    with gate.accounts.reading() as tx:
        kept = tx.password(1)
    assert kept is not None
    assert not better.check_needs_rehash(kept.hash)
    come_in(stronger)


def test_guessing_is_slowed_by_account_known_or_not() -> None:
    for email in (MAIL, "nobody@alder.example"):
        clock = Clock()
        gate = a_gate(clock=clock)
        a_member(gate)
        for turn in range(PER_ACCOUNT):
            client = a_client(source=f"198.51.100.{turn}")
            assert isinstance(fail(gate, email=email, client=client), NotSignedInError)
        refused = fail(gate, email=email)
        assert isinstance(refused, ThrottledError)
        assert 1 <= refused.wait_s <= WINDOW.seconds
        clock.move(WINDOW.seconds)
        assert isinstance(fail(gate, email=email), NotSignedInError)


def test_the_owner_comes_in_on_a_known_device_while_a_stranger_guesses() -> None:
    gate = a_gate()
    known = a_client(device=a_member(gate).device)
    for turn in range(PER_ACCOUNT + 1):
        fail(gate, client=a_client(source=f"198.51.100.{turn}"))
    with pytest.raises(ThrottledError):
        come_in(gate)

    assert come_in(gate, known).device == known.device


def test_a_known_device_is_slowed_too_and_only_its_owners() -> None:
    gate = a_gate()
    known = a_client(device=a_member(gate).device)
    a_member(gate, "bob@alder.example")
    for _ in range(10):
        fail(gate, client=known)

    assert isinstance(fail(gate, client=known), ThrottledError)
    come_in(gate)
    bobs = sign_in_by_password(gate, "bob@alder.example", PASSWORD, known)
    assert bobs.device != known.device


def test_guessing_is_slowed_by_network_and_others_are_not() -> None:
    gate = a_gate()
    a_member(gate)
    for turn in range(PER_ADDRESS):
        fail(gate, email=f"p{turn}@alder.example")

    with pytest.raises(ThrottledError):
        come_in(gate)
    come_in(gate, a_client(source="203.0.113.1"))


def spent_network(gate: Gate) -> None:
    """Try so many unknown e-mails that a network's tries are not judged any more."""
    for turn in range(PER_ADDRESS + 1):
        refused = fail(gate, email=f"p{turn}@alder.example")
    assert isinstance(refused, ThrottledError)


def test_the_owner_comes_in_on_a_known_device_while_the_network_guesses() -> None:
    gate = a_gate()
    known = a_client(device=a_member(gate).device)
    spent_network(gate)
    with pytest.raises(ThrottledError):
        come_in(gate)

    for _ in range(PER_DEVICE - 1):
        assert isinstance(fail(gate, client=known), NotSignedInError)
    come_in(gate, known)


def test_whoever_is_signed_in_changes_the_password_while_the_network_guesses() -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate))
    spent_network(gate)

    changed = change_password(gate, visitor, PASSWORD, OTHER, a_client())

    assert visitor_of(gate, changed).name == MAIL


def test_tries_to_change_a_password_are_counted_by_person() -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate))
    bob = visitor_of(gate, a_member(gate, "bob@alder.example"))
    for turn in range(PER_ACCOUNT):
        client = a_client(source=f"198.51.100.{turn}")
        with pytest.raises(InvalidInputError):
            change_password(gate, visitor, OTHER, OTHER, client)
    with pytest.raises(ThrottledError):
        change_password(gate, visitor, PASSWORD, OTHER, a_client())

    change_password(gate, bob, PASSWORD, OTHER, a_client())
    come_in(gate)


def test_a_refusal_for_too_many_tries_says_what_is_counted_and_what_helps() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    member = a_member(gate)
    known, visitor = a_client(device=member.device), visitor_of(gate, member)
    told = []
    for _ in range(PER_DEVICE + 1):
        by_device = fail(gate, client=known)
    told.append(by_device)
    clock.move(30)
    for turn in range(PER_ACCOUNT + 1):
        by_account = fail(gate, client=a_client(source=f"198.51.100.{turn}"))
    told.append(by_account)
    for turn in range(PER_ADDRESS + 1):
        by_network = fail(gate, email=f"p{turn}@alder.example")
    told.append(by_network)
    for _ in range(PER_ACCOUNT + 1):
        with pytest.raises((InvalidInputError, ThrottledError)) as refused:
            change_password(gate, visitor, OTHER, OTHER, known)
    told.append(refused.value)
    clock.move(14 * 60)
    told.append(fail(gate, email="p1@alder.example"))

    instead = ", or sign in with a passkey if you have one"
    assert [(str(one), one.hint) for one in told] == [
        ("too many tries to sign in with this browser", f"wait 15 minutes{instead}"),
        ("too many tries to sign in with this e-mail", f"wait 15 minutes{instead}"),
        ("too many tries to sign in from this network", f"wait 15 minutes{instead}"),
        ("too many tries to change the password", "wait 15 minutes"),
        ("too many tries to sign in from this network", f"wait 1 minute{instead}"),
    ]


def refusals(gate: Gate) -> list[tuple[int, str, str]]:
    """Give whom each noted refusal names, from where, and its detail."""
    with gate.accounts.reading() as tx:
        return [
            (row.person, row.address, row.detail)
            for row in tx.all_noted()
            if row.event == Event.SIGN_IN_REFUSED
        ]


@pytest.mark.parametrize(("email", "person"), [(MAIL, 1), ("nobody@alder.example", 0)])
def test_tries_that_are_not_judged_are_noted_once_a_minute(
    email: str, person: int
) -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    a_member(gate)
    for _ in range(PER_ACCOUNT):
        fail(gate, email=email)
    noted = refusals(gate)
    assert noted == [(person, "192.0.2.0/24", "password")] * PER_ACCOUNT

    for minute in range(1, 4):
        for turn in range(5):
            client = a_client(source=f"198.51.100.{turn}")
            assert isinstance(fail(gate, email=email, client=client), ThrottledError)
        told = (person, "192.0.2.0/24", "password, too many tries")
        assert refusals(gate) == [*noted, *[told] * minute]
        clock.move(60)


def test_a_network_that_tries_too_much_is_noted_once_a_minute_for_all_accounts() -> (
    None
):
    gate = a_gate()
    for turn in range(PER_ADDRESS + 20):
        fail(gate, email=f"p{turn}@alder.example")

    details = [detail for _, _, detail in refusals(gate)]
    assert details == ["password"] * PER_ADDRESS + ["password, too many tries"]


def test_a_change_of_password_that_is_not_judged_is_noted() -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate))
    for _ in range(PER_ACCOUNT):
        with pytest.raises(InvalidInputError):
            change_password(gate, visitor, OTHER, OTHER, a_client())
    for _ in range(3):
        with pytest.raises(ThrottledError):
            change_password(gate, visitor, OTHER, OTHER, a_client())

    assert refusals(gate) == [(1, "192.0.2.0/24", "password, too many tries")]


def test_success_clears_the_count_of_the_account_but_not_of_the_network() -> None:
    gate = a_gate()
    a_member(gate)
    for _ in range(PER_ACCOUNT - 1):
        fail(gate)
    come_in(gate)
    for _ in range(PER_ACCOUNT):
        assert isinstance(fail(gate), NotSignedInError)
    assert isinstance(fail(gate), ThrottledError)


def test_a_secret_that_was_there_before_sign_in_is_never_taken_over() -> None:
    gate = a_gate()
    first = a_member(gate)
    planted = a_client(session=first.secret)

    second = come_in(gate, planted)

    assert second.secret != first.secret
    doorkeeper, _ = a_doorkeeper(gate)
    assert doorkeeper.by_session(first.secret) is None
    assert come_in(gate, a_client(session="x" * 43)).secret != "x" * 43


def test_who_signs_in_again_goes_on_acting_as_before() -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate, party=BEECH))
    acting = sessions.act_for(gate, visitor, BEECH, ALDER)

    again = visitor_of(gate, come_in(gate, a_client(session=acting.secret)))

    assert (again.party, again.acting_for, again.acting_name) == (
        BEECH,
        ALDER,
        "Alder Meters",
    )


def test_a_person_has_ten_sessions_at_most_and_the_oldest_ends() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    first = a_member(gate)
    for _ in range(sessions.SESSIONS_MOST):
        clock.move(1)
        come_in(gate)

    with gate.accounts.reading() as tx:
        kept = {row.id for row in tx.sessions(1)}
    assert len(kept) == sessions.SESSIONS_MOST
    assert key_of(first.secret) not in kept


def test_who_may_not_go_on_as_before_signs_in_as_the_first_party_that_may() -> None:
    gate = a_gate()
    parties = gate.parties
    assert isinstance(parties, FixedParties)
    visitor = visitor_of(gate, a_member(gate))
    with gate.accounts.writing() as tx:
        tx.put(Membership(visitor.person, BEECH, gate.now()))
    acting = sessions.act_for(gate, visitor, BEECH, ALDER)

    parties.appointed.clear()
    again = come_in(gate, a_client(session=acting.secret))
    assert (again.session.party, again.session.acting_for) == (BEECH, 0)
    del parties.principals[BEECH]
    again = come_in(gate, a_client(session=again.secret))
    assert (again.session.party, again.session.acting_for) == (ALDER, 0)
    assert visitor_of(gate, again).party == ALDER
    del parties.principals[ALDER]
    with pytest.raises(NotSignedInError, match="none of the parties"):
        come_in(gate, a_client(session=again.secret))


def test_who_was_taken_out_of_a_party_does_not_go_on_as_it() -> None:
    gate = a_gate()
    first = a_member(gate)
    with gate.accounts.writing() as tx:
        tx.put(Membership(first.session.person, BEECH, gate.now()))
        tx.remove(Membership(first.session.person, ALDER, gate.now()))

    again = come_in(gate, a_client(session=first.secret))

    assert again.session.party == BEECH


def test_acting_for_another_party_is_visible_and_gives_a_new_secret() -> None:
    gate = a_gate()
    before = a_member(gate, party=BEECH)
    visitor = visitor_of(gate, before)

    after = sessions.act_for(gate, visitor, BEECH, ALDER)

    assert a_doorkeeper(gate)[0].by_session(before.secret) is None
    found = a_doorkeeper(gate)[0].by_session(after.secret)
    assert found is not None
    assert found.principal == gate.parties.principal(ALDER, 0, gate.today)
    assert found.visitor.acting_name == "Alder Meters"
    assert events(gate)[-1] == Event.ACTED_FOR
    for party, acting_for in ((BEECH, 99), (99, 0), (ALDER, 0)):
        with pytest.raises(NotFoundError):
            sessions.act_for(gate, found.visitor, party, acting_for)


def test_an_appointment_that_ends_leaves_the_party_itself() -> None:
    gate = a_gate()
    signed_in = a_member(gate, party=BEECH)
    acting = sessions.act_for(gate, visitor_of(gate, signed_in), BEECH, ALDER)
    gate.parties.appointed.clear()  # type: ignore[attr-defined]

    assert visitor_of(gate, acting).acting_for == 0


def test_signing_out_ends_the_session_and_everywhere_ends_all() -> None:
    gate = a_gate()
    one, two, three = a_member(gate), come_in(gate), come_in(gate)
    doorkeeper, _ = a_doorkeeper(gate)

    sessions.sign_out(gate, visitor_of(gate, one))
    assert doorkeeper.by_session(one.secret) is None
    assert doorkeeper.by_session(two.secret) is not None

    assert sessions.sign_out_everywhere(gate, visitor_of(gate, two)) == 2
    assert (
        doorkeeper.by_session(two.secret) is doorkeeper.by_session(three.secret) is None
    )
    with pytest.raises(NotSignedInError):
        sessions.sign_out_everywhere(gate, NOBODY._replace(key=two.session.id))


def test_one_ends_only_ones_own_sessions() -> None:
    gate = a_gate()
    mine, other = a_member(gate), a_member(gate, "bob@alder.example")
    named = short(other.session.id)

    with pytest.raises(NotFoundError):
        sessions.end_session(gate, visitor_of(gate, mine), named)

    visitor_of(gate, other)
    sessions.end_session(gate, visitor_of(gate, other), named)
    assert a_doorkeeper(gate)[0].by_session(other.secret) is None


def test_a_changed_password_ends_other_sessions_and_gives_a_new_secret() -> None:
    gate = a_gate()
    here, there = a_member(gate), come_in(gate)

    after = change_password(gate, visitor_of(gate, here), PASSWORD, OTHER, a_client())

    doorkeeper, _ = a_doorkeeper(gate)
    assert (
        doorkeeper.by_session(here.secret)
        is doorkeeper.by_session(there.secret)
        is None
    )
    assert doorkeeper.by_session(after.secret) is not None
    sign_in_by_password(gate, MAIL, OTHER, a_client())
    with pytest.raises(NotSignedInError):
        come_in(gate)


def test_a_password_is_changed_only_with_the_old_one_and_soon_after_sign_in() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    visitor = visitor_of(gate, a_member(gate))
    for _ in range(PER_ACCOUNT):
        with pytest.raises(InvalidInputError, match="the password until now"):
            change_password(gate, visitor, OTHER, OTHER, a_client())
    with pytest.raises(ThrottledError):
        change_password(gate, visitor, PASSWORD, OTHER, a_client())
    clock.move(600)
    with pytest.raises(NotSignedInError, match="last 10 minutes"):
        change_password(gate, visitor, PASSWORD, OTHER, a_client())

    clock.move(600)
    come_in(gate)


def test_no_time_makes_a_password_old() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    a_member(gate)
    clock.move(timedelta(days=4000).total_seconds())

    come_in(gate)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 14,
        "x" * 257,
        "a" * 40,
        "123456789012345",
        "abcdefghijklmnop",
        "passwordpassword",
        "firtree-smets-gbcs",
        "ada@alder.example",
        "AlderMeters12345",
        "qwertyuiopasdfg",
    ],
)
def test_a_password_that_is_short_or_guessable_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError, match="password: expected"):
        check_password(password, (MAIL, "Alder Meters"))


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "ünïcode lemons sing ☂", "x7#Qm2!vT9@pL4z", "w" + "jk xq wp zt " * 21],
)
def test_any_other_password_is_taken(password: str) -> None:
    check_password(password, (MAIL, "Alder Meters"))


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_password_is_compared_exactly_as_it_came(one: str, other: str) -> None:
    one, other = (text.encode(errors="replace").decode() for text in (one, other))
    passwords = Passwords(Chance(), CHEAP)

    assert passwords.matches(passwords.hash(one), other) == (one == other)
    assert not passwords.matches(passwords.hash(one), one + " ")
    assert not passwords.matches(passwords.hash(one), one + "\0")
