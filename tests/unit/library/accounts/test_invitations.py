"""Invitations: used once, for a time, and for who they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts import (
    ADMINISTRATORS,
    ALDER,
    BEECH,
    MAIL,
    PASSWORD,
    a_client,
    a_doorkeeper,
    a_gate,
    a_member,
    visitor_of,
)
from authenticator import SITE, Authenticator
from firtree.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    ThrottledError,
)
from firtree.library.accounts import people, sessions
from firtree.library.accounts.accepting import (
    Accepting,
    accept,
    ask_for_passkey,
    join,
    look_at,
)
from firtree.library.accounts.invitations import invite, invite_back, withdraw
from firtree.library.accounts.secret import short
from firtree.library.accounts.signing_in import change_password, sign_in_by_password
from firtree.library.accounts.throttling import PER_ADDRESS
from firtree.library.accounts.visitor import NOBODY, Visitor
from registers import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from firtree.library.accounts.gate import Gate

OTHER = "another lemon hums quietly"
ADA = Accepting(MAIL, "Ada", PASSWORD)


def test_an_invitation_is_accepted_once_and_looking_does_not_count() -> None:
    gate = a_gate()
    invited = invite(gate, ALDER)
    for _ in range(3):
        assert look_at(gate, invited.secret).party == ALDER

    found = visitor_of(gate, accept(gate, invited.secret, ADA, a_client()))

    assert (found.name, found.party, found.strong) == (MAIL, ALDER, False)
    with pytest.raises(NotFoundError, match="not good"):
        accept(
            gate, invited.secret, ADA._replace(email="bob@alder.example"), a_client()
        )


def test_an_invitation_runs_out() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    early, late = invite(gate, ALDER), invite(gate, ALDER)
    clock.move(72 * 3600 - 1)
    accept(gate, early.secret, ADA, a_client())
    clock.move(1)

    with pytest.raises(NotFoundError):
        accept(gate, late.secret, ADA._replace(email="bob@alder.example"), a_client())


@pytest.mark.parametrize("secret", ["", "x" * 43, "é" * 43])
def test_other_texts_are_no_invitations(secret: str) -> None:
    gate = a_gate()
    invite(gate, ALDER)

    with pytest.raises(NotFoundError):
        look_at(gate, secret)


def test_the_e_mail_of_an_invitation_wins() -> None:
    gate = a_gate()
    invited = invite(gate, ALDER, MAIL)

    found = accept(
        gate, invited.secret, ADA._replace(email="eve@evil.example"), a_client()
    )

    assert visitor_of(gate, found).name == MAIL


@pytest.mark.parametrize(
    "given",
    [
        ADA._replace(password=""),
        ADA._replace(password="short"),  # noqa: S106 - too short
        ADA._replace(email="no address"),
        ADA._replace(name=""),
        ADA._replace(name="a\nb"),
        ADA._replace(name="x" * 101),
    ],
)
def test_what_is_not_good_leaves_the_link_good(given: Accepting) -> None:
    gate = a_gate()
    invited = invite(gate, ALDER)
    with pytest.raises(InvalidInputError):
        accept(gate, invited.secret, given, a_client())

    accept(gate, invited.secret, ADA, a_client())


def test_a_passkey_alone_is_enough() -> None:
    gate, device = a_gate(), Authenticator()
    invited = invite(gate, ADMINISTRATORS, MAIL)
    options = ask_for_passkey(gate, invited.secret, "", SITE)
    given = Accepting(MAIL, "Ada", "", device.create(options), SITE)

    found = visitor_of(gate, accept(gate, invited.secret, given, a_client()))

    assert found.strong
    with gate.accounts.reading() as tx:
        person = tx.person(found.person)
        assert tx.password(found.person) is None
    assert person is not None
    assert person.handle == device.handle


def test_a_passkey_asked_for_by_one_link_is_not_taken_with_another() -> None:
    gate, device = a_gate(), Authenticator()
    one, two = invite(gate, ALDER), invite(gate, ALDER)
    options = ask_for_passkey(gate, one.secret, MAIL, SITE)
    given = Accepting(MAIL, "Ada", "", device.create(options), SITE)

    with pytest.raises(InvalidInputError):
        accept(gate, two.secret, given, a_client())
    with gate.accounts.reading() as tx:
        assert tx.people() == []


@pytest.mark.parametrize("named", ["", MAIL])
def test_a_link_tells_nobodys_passkeys_and_not_who_has_an_account(named: str) -> None:
    gate, device = a_gate(), Authenticator()
    first = invite(gate, ADMINISTRATORS, MAIL)
    answer = device.create(ask_for_passkey(gate, first.secret, "", SITE))
    given = Accepting(MAIL, "Ada", "", answer, SITE)
    accept(gate, first.secret, given, a_client())
    link = invite(gate, ALDER, named)

    known, unknown = (
        ask_for_passkey(gate, link.secret, email, SITE)
        for email in (MAIL, "nobody@alder.example")
    )

    assert known["excludeCredentials"] == []
    differing = {key for key in known if known[key] != unknown[key]}
    assert differing <= {"challenge", "user"}
    assert known["user"]["id"] == unknown["user"]["id"]


def test_who_has_an_account_is_not_asked_of_a_link_without_end() -> None:
    gate = a_gate()
    a_member(gate)
    link = invite(gate, ALDER)
    for _ in range(PER_ADDRESS):
        with pytest.raises(ConflictError, match="already"):
            accept(gate, link.secret, ADA, a_client())
    new = ADA._replace(email="bob@alder.example")

    for given in (ADA, new):
        with pytest.raises(ThrottledError, match="from this network") as refused:
            accept(gate, link.secret, given, a_client())
        assert refused.value.hint == "wait 15 minutes"
    with pytest.raises(ThrottledError):
        sign_in_by_password(gate, MAIL, PASSWORD, a_client())
    with gate.accounts.reading() as tx:
        noted = [(row.person, row.detail) for row in tx.all_noted()]
    assert noted.count((1, "invitation")) == PER_ADDRESS
    assert noted.count((0, "invitation, too many tries")) == 1
    accept(gate, link.secret, new, a_client(source="203.0.113.1"))


def test_links_that_are_accepted_are_not_counted() -> None:
    gate = a_gate()
    for turn in range(PER_ADDRESS + 1):
        given = ADA._replace(email=f"p{turn}@alder.example")
        accept(gate, invite(gate, ALDER).secret, given, a_client())

    named = invite(gate, ALDER, "bob@alder.example")
    for turn in range(PER_ADDRESS + 1):
        with pytest.raises((NotSignedInError, ThrottledError)) as refused:
            sign_in_by_password(gate, f"q{turn}@alder.example", OTHER, a_client())
    assert isinstance(refused.value, ThrottledError)
    accept(gate, named.secret, ADA, a_client())


def test_somebody_with_an_account_joins_with_it() -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate))
    invited = invite(gate, BEECH, MAIL)
    with pytest.raises(ConflictError, match="already"):
        accept(gate, invited.secret, ADA, a_client())
    stranger = visitor_of(gate, a_member(gate, "bob@alder.example"))
    with pytest.raises(NotFoundError):
        join(gate, invited.secret, stranger, a_client())

    assert join(gate, invited.secret, visitor, a_client()) == BEECH

    with gate.accounts.reading() as tx:
        assert [row.party for row in tx.memberships(visitor.person)] == [ALDER, BEECH]
    with pytest.raises(NotFoundError):
        join(gate, invited.secret, visitor, a_client())
    with pytest.raises(ConflictError):
        invite(gate, BEECH, MAIL)


def test_nobody_is_invited_to_a_party_that_may_not_act() -> None:
    with pytest.raises(NotFoundError, match="no party 99"):
        invite(a_gate(), 99)


def test_an_invitation_can_be_withdrawn() -> None:
    gate = a_gate()
    invited = invite(gate, ALDER)
    with pytest.raises(NotFoundError):
        withdraw(gate, "0" * 16, NOBODY)
    withdraw(gate, short(invited.invitation.id), NOBODY)

    with pytest.raises(NotFoundError):
        look_at(gate, invited.secret)


def _recovered(gate: Gate) -> str:
    with gate.accounts.reading() as tx:
        person = tx.person_called(MAIL)
    assert person is not None
    return invite_back(gate, person.id).secret


def test_a_link_to_begin_anew_sets_the_password_and_ends_everything() -> None:
    clock = Clock()
    gate = a_gate(clock=clock)
    before = a_member(gate)
    secret = _recovered(gate)

    after = accept(gate, secret, Accepting("", "", OTHER), a_client())

    doorkeeper, _ = a_doorkeeper(gate)
    assert doorkeeper.by_session(before.secret) is None
    assert doorkeeper.by_session(after.secret) is not None
    with pytest.raises(NotSignedInError):
        sign_in_by_password(gate, MAIL, PASSWORD, a_client())
    late = _recovered(gate)
    clock.move(24 * 3600)
    with pytest.raises(NotFoundError):
        look_at(gate, late)


def _uses_another_link(gate: Gate, _visitor: Visitor) -> None:
    accept(gate, _recovered(gate), Accepting("", "", OTHER), a_client())


@pytest.mark.parametrize(
    "end",
    [
        _uses_another_link,
        sessions.sign_out_everywhere,
        lambda gate, visitor: people.sign_out(gate, visitor.person, NOBODY),
        lambda gate, visitor: people.disable(gate, visitor.person, NOBODY),
        lambda gate, visitor: change_password(
            gate, visitor, PASSWORD, OTHER, a_client()
        ),
    ],
)
def test_a_link_to_begin_anew_ends_with_all_the_rest(
    end: Callable[[Gate, Visitor], object],
) -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate))
    joining, secret = invite(gate, BEECH, "bo@beech.example"), _recovered(gate)

    end(gate, visitor)
    people.enable(gate, visitor.person, NOBODY)

    with pytest.raises(NotFoundError, match="not good"):
        look_at(gate, secret)
    assert look_at(gate, joining.secret)


def test_a_link_to_begin_anew_stays_when_lost_passkeys_are_removed() -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate))
    secret = _recovered(gate)

    people.remove_passkeys(gate, visitor.person, NOBODY)

    assert look_at(gate, secret).person == visitor.person


def test_a_link_is_no_way_round_a_passkey() -> None:
    gate, device = a_gate(), Authenticator()
    invited = invite(gate, ADMINISTRATORS, MAIL)
    options = ask_for_passkey(gate, invited.secret, "", SITE)
    accept(
        gate,
        invited.secret,
        Accepting(MAIL, "Ada", "", device.create(options), SITE),
        a_client(),
    )
    secret, thief = _recovered(gate), Authenticator(b"\x66" * 32)
    options = ask_for_passkey(gate, secret, "", SITE)
    stolen = Accepting("", "", "", thief.create(options), SITE)
    with pytest.raises(InvalidInputError, match="does not replace"):
        accept(gate, secret, stolen, a_client())

    found = visitor_of(gate, accept(gate, secret, Accepting("", "", OTHER), a_client()))

    assert not found.strong
    with gate.accounts.reading() as tx:
        assert [key.id for key in tx.passkeys(found.person)] == [device.credential]


def test_the_disabled_are_not_invited_back() -> None:
    gate = a_gate()
    a_member(gate)
    secret = _recovered(gate)
    people.disable(gate, 1, NOBODY)
    with pytest.raises(NotFoundError):
        invite_back(gate, 1)
    with pytest.raises(NotFoundError):
        accept(gate, secret, Accepting("", "", OTHER), a_client())

    people.enable(gate, 1, NOBODY)
    sign_in_by_password(gate, MAIL, PASSWORD, a_client())


def test_people_are_listed_with_what_they_hold() -> None:
    gate = a_gate()
    a_member(gate)

    (shown,) = people.people(gate)

    assert (shown.person.email, shown.parties) == (MAIL, ((ALDER, "Alder Meters"),))
    assert (shown.password, shown.passkeys, shown.tokens) == (True, 0, 0)


def test_nobody_locks_itself_out() -> None:
    gate = a_gate()
    visitor = visitor_of(gate, a_member(gate))
    with pytest.raises(InvalidInputError):
        people.disable(gate, visitor.person, visitor)
    with pytest.raises(InvalidInputError):
        people.take_out(gate, visitor.person, ALDER, visitor)
    with pytest.raises(NotFoundError):
        people.take_out(gate, visitor.person, BEECH, visitor)
