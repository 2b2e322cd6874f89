"""Invitations: one-time links by which people join parties and recover accounts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from firtree.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    Problem,
)
from firtree.library.accounts import passkeys
from firtree.library.accounts.access_log import Event, Note, note, note_for
from firtree.library.accounts.gate import Client, Gate
from firtree.library.accounts.passwords import check_password
from firtree.library.accounts.ports import (
    AccountsReading,
    AccountsWriting,
    Invitation,
    Membership,
    Password,
    Person,
)
from firtree.library.accounts.secret import is_secret, key_of, new_secret, short
from firtree.library.accounts.sessions import SignedIn, begin, end_all
from firtree.library.accounts.signing_in import folded, refused
from firtree.library.accounts.throttling import Counted, link_tried, succeeded
from firtree.library.accounts.visitor import NOBODY, Visitor
from firtree.parties import email_address
from firtree.text import plain_text, shown

JOIN, RECOVER = "join", "recover"
NAME_MOST = 100
_HANDLE_OCTETS = 16


class Invited(NamedTuple):
    """A made invitation: the secret of its link, and how it is kept."""

    secret: str
    invitation: Invitation


class Accepting(NamedTuple):
    """What whoever accepts an invitation gives.

    Attributes:
        email: its own; the invitation's wins where it names one.
        name: as shown to others.
        password: empty = none.
        passkey: what the browser answered; None = none.  At least one of the two.
        site: which web site the passkey is for.
    """

    email: str
    name: str
    password: str = ""
    passkey: Mapping[str, Any] | None = None
    site: passkeys.Site = passkeys.Site("", "")


def invite(
    gate: Gate, party: int, email: str = "", by: Visitor = NOBODY, *, address: str = ""
) -> Invited:
    """Invite somebody to act as a party.

    Args:
        gate: what is needed.
        party: which.
        email: of whom; empty = whoever has the link.
        by: the administrator; nobody = the keeper on its own machine.
        address: from where, shortened.

    Raises:
        NotFoundError: there is no such party, or it may not act today.
        InvalidInputError: the e-mail is none.
        ConflictError: that person is of the party already.
    """
    if gate.parties.principal(party, 0, gate.today) is None:
        raise NotFoundError(f"there is no party {party} that may act today")
    mail = _email(email) if email else ""
    with gate.accounts.writing() as tx:
        known = tx.person_called(mail) if mail else None
        if known and party in {each.party for each in tx.memberships(known.id)}:
            raise ConflictError(
                f"{mail} is of this party already",
                hint="to give somebody a new way in, make a link to recover",
            )
        return _made(
            tx, gate, by, address, kind=JOIN, party=party, person=0, email=mail
        )


def invite_back(
    gate: Gate, person: int, by: Visitor = NOBODY, *, address: str = ""
) -> Invited:
    """Make a link by which somebody who forgot the password sets another.

    Accepting it ends all sessions and tokens.  Passkeys stay as they are, so that a
    link is no way round them; a lost one is removed by ``people.remove_passkeys``.

    Raises:
        NotFoundError: there is no such person, or the account is disabled.
    """
    with gate.accounts.writing() as tx:
        found = tx.person(person)
        if found is None or found.disabled_at is not None:
            raise NotFoundError("there is no such person")
        return _made(
            tx,
            gate,
            by,
            address,
            kind=RECOVER,
            party=0,
            person=person,
            email=found.email,
        )


def _made(
    tx: AccountsWriting,
    gate: Gate,
    by: Visitor,
    address: str,
    **facts: Any,  # noqa: ANN401 - fields of an invitation
) -> Invited:
    secret, now = new_secret(gate.entropy), gate.now()
    invitation = Invitation(
        id=key_of(secret),
        by=by.person,
        created_at=now,
        expires_at=now + _time_of(gate, facts["kind"]),
        **facts,
    )
    tx.put(invitation)
    told = Note(Event.INVITED, by.person, by.party, invitation.party, address)
    _note(tx, now, told, invitation)
    return Invited(secret, invitation)


def _note(
    tx: AccountsWriting, at: datetime, told: Note, invitation: Invitation
) -> None:
    """Note what became of an invitation; of a new password, all who are concerned."""
    if invitation.kind == RECOVER:
        detail = f"{RECOVER}, person {invitation.person}"
        note_for(tx, at, told._replace(detail=detail), invitation.person)
    else:
        note(tx, at, told._replace(detail=invitation.kind))


def _time_of(gate: Gate, kind: str) -> timedelta:
    return gate.limits.recovery if kind == RECOVER else gate.limits.invitation


def withdraw(gate: Gate, named: str, by: Visitor, *, address: str = "") -> None:
    """Withdraw an invitation that was not accepted.

    Raises:
        NotFoundError: there is none that ``secret.short`` names so.
    """
    with gate.accounts.writing() as tx:
        for each in tx.invitations():
            if short(each.id) == named:
                tx.remove(each)
                event = Event.INVITATION_WITHDRAWN
                told = Note(event, by.person, by.party, each.party, address)
                _note(tx, gate.now(), told, each)
                return
    raise NotFoundError("there is no such invitation")


def look_at(gate: Gate, secret: str) -> Invitation:
    """Give the invitation of a link, without accepting it.

    Raises:
        NotFoundError: there is none, it was accepted, or its time is over.
    """
    with gate.accounts.reading() as tx:
        return _open(tx, gate, secret)


def handle_for(tx: AccountsReading, invitation: Invitation) -> bytes:
    """Give the user handle that a passkey of whoever accepts is made for.

    The person does not exist yet: the handle follows from the invitation.
    """
    person = tx.person(invitation.person) if invitation.person else None
    if person is not None:
        return person.handle
    return sha256(b"handle\n" + invitation.id).digest()[:_HANDLE_OCTETS]


def ask_for_passkey(
    gate: Gate, secret: str, email: str, site: passkeys.Site
) -> dict[str, Any]:
    """Make the options by which whoever accepts makes a passkey.

    Raises:
        NotFoundError: the link is not good.
        InvalidInputError: the e-mail is none.
    """
    with gate.accounts.reading() as tx:
        invitation = _open(tx, gate, secret)
        handle = handle_for(tx, invitation)
    mail = invitation.email or _email(email)
    return passkeys.ask_for_new(gate, invitation.id, site, email=mail, handle=handle)


def accept(gate: Gate, secret: str, given: Accepting, client: Client) -> SignedIn:
    """Accept an invitation, and be signed in; the link is used up.

    Raises:
        NotFoundError: the link is not good (any more).
        InvalidInputError: what was given is not; the link stays good.
        ConflictError: there is an account of that e-mail: sign in to join with it.  Or
            none of the person's parties may act today; the link stays good.
        ThrottledError: too many e-mails were tried from there.
    """
    invitation = look_at(gate, secret)
    mail = invitation.email or _email(given.email)
    name = _name(given.name) if not invitation.person else ""
    if given.passkey is None or given.password:
        party = gate.parties.party_name(invitation.party)
        check_password(given.password, (mail, name, party))
    tries = _tried(gate, invitation, mail, client)
    made = _made_of(gate, invitation, given)
    with gate.accounts.writing() as tx:
        invitation = _open(tx, gate, secret)
        person = _person(tx, gate, invitation, mail, name)
        _new_ways_in(tx, gate, invitation, person=person, made=made)
        if invitation.party:
            tx.put(Membership(person.id, invitation.party, gate.now()))
        tx.remove(invitation)
        succeeded(tx, tries)
        told = Note(Event.INVITATION_ACCEPTED, person.id, invitation.party)
        _note(tx, gate.now(), told._replace(address=client.address), invitation)
        return _come_in(tx, gate, person, client, way=made.way)


class _Made(NamedTuple):
    """New ways in, checked: the hash of a password, a passkey, or both."""

    hashed: str
    passkey: passkeys.Answer | None

    @property
    def way(self) -> str:
        return "password" if self.passkey is None else "passkey"


def _made_of(gate: Gate, invitation: Invitation, given: Accepting) -> _Made:
    hashed = gate.passwords.hash(given.password) if given.password else ""
    if given.passkey is None:
        return _Made(hashed, None)
    site, answer = given.site, given.passkey
    return _Made(hashed, passkeys.check_new(gate, invitation.id, site, answer))


def _come_in(
    tx: AccountsWriting, gate: Gate, person: Person, client: Client, *, way: str
) -> SignedIn:
    """Sign in who has accepted; to sign in once more would not help who cannot."""
    try:
        return begin(tx, gate, person, client, way=way)
    except NotSignedInError as error:
        raise ConflictError(
            str(error), hint="ask an administrator; until then the link is kept"
        ) from None


def _tried(gate: Gate, invitation: Invitation, mail: str, client: Client) -> Counted:
    """Count an e-mail that whoever holds an open link says, as a try to sign in.

    The answer tells whether there is an account of it, so that the person knows to sign
    in; a link must not be good for asking about many.

    Raises:
        ConflictError: there is an account of that e-mail.
        ThrottledError: too many were tried from there.
    """
    if invitation.kind != JOIN or invitation.email:
        return Counted()
    with gate.accounts.writing() as tx:
        tries = link_tried(tx, gate.now(), client)
        known = tx.person_called(mail) if tries.refusal is None else None
        if known is not None:
            told = refused(known, client, "invitation")
            note_for(tx, gate.now(), told, known.id)
    tries.check()
    if known is not None:
        raise _taken()
    return tries


def join(gate: Gate, secret: str, visitor: Visitor, client: Client) -> int:
    """Join a further party with the account that is signed in; tell which.

    Raises:
        NotFoundError: the link is not good, or is for somebody else.
    """
    with gate.accounts.writing() as tx:
        invitation = _open(tx, gate, secret)
        if invitation.kind != JOIN or invitation.email not in {"", visitor.name}:
            raise NotFoundError("this link is for another account")
        tx.put(Membership(visitor.person, invitation.party, gate.now()))
        tx.remove(invitation)
        told = Note(Event.INVITATION_ACCEPTED, visitor.person, invitation.party)
        note(tx, gate.now(), told._replace(address=client.address, detail=JOIN))
        return invitation.party


def _new_ways_in(
    tx: AccountsWriting,
    gate: Gate,
    invitation: Invitation,
    *,
    person: Person,
    made: _Made,
) -> None:
    """Set password and passkey; whoever begins anew is signed out everywhere."""
    if invitation.kind == RECOVER:
        for token in tx.tokens(person.id):
            tx.remove(token)
        end_all(tx, person.id)
    if made.hashed:
        tx.put(Password(person.id, made.hashed, gate.now()))
    if made.passkey is not None:
        if tx.passkeys(person.id):
            raise InvalidInputError(
                "this account has a passkey, which the link does not replace",
                hint="set a password; an administrator can remove a lost passkey",
            )
        passkeys.keep(tx, gate, person.id, made.passkey, "first passkey")


def _person(
    tx: AccountsWriting, gate: Gate, invitation: Invitation, mail: str, name: str
) -> Person:
    """Find the person who recovers, or make the one who joins."""
    if invitation.kind == RECOVER:
        found = tx.person(invitation.person)
        if found is None or found.disabled_at is not None:
            raise _gone()
        return found
    if tx.person_called(mail) is not None:
        raise _taken()
    number = max((each.id for each in tx.people()), default=0) + 1
    made = Person(number, mail, name, handle_for(tx, invitation), gate.now())
    tx.put(made)
    return made


def _open(tx: AccountsReading, gate: Gate, secret: str) -> Invitation:
    found = tx.invitation(key_of(secret)) if is_secret(secret) else None
    if found is None or found.expires_at <= gate.now():
        raise _gone()
    return found


def _taken() -> ConflictError:
    return ConflictError(
        "there is an account of this e-mail already",
        hint="sign in with it, then open the link again",
    )


def _gone() -> NotFoundError:
    return NotFoundError(
        "this link is not good, or not any more",
        hint="ask whoever sent it for a new one",
    )


def _email(text: str) -> str:
    mail = folded(text)
    try:
        return email_address(mail)
    except ValueError as error:
        problem = Problem("e-mail", "email", str(error), shown(text))
        raise InvalidInputError(str(problem), problems=(problem,)) from None


def _name(text: str) -> str:
    try:
        return plain_text(text.strip(), most=NAME_MOST)
    except ValueError as error:
        problem = Problem("name", "name", str(error), shown(text))
        raise InvalidInputError(str(problem), problems=(problem,)) from None
