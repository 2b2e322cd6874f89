"""Accepting an invitation: by whoever has its link, at first or signed in already."""

from collections.abc import Mapping
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
from firtree.library.accounts.invitations import JOIN, RECOVER, mail_of, note_of
from firtree.library.accounts.passwords import check_password
from firtree.library.accounts.ports import (
    AccountsReading,
    AccountsWriting,
    Invitation,
    Membership,
    Password,
    Person,
)
from firtree.library.accounts.secret import is_secret, key_of
from firtree.library.accounts.sessions import SignedIn, begin, end_all
from firtree.library.accounts.signing_in import refused
from firtree.library.accounts.throttling import Counted, link_tried, succeeded
from firtree.library.accounts.visitor import Visitor
from firtree.text import plain_text, shown

NAME_MOST = 100
_HANDLE_OCTETS = 16


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
    mail = invitation.email or mail_of(email)
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
    mail = invitation.email or mail_of(given.email)
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
        note_of(tx, gate.now(), told._replace(address=client.address), invitation)
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


def _name(text: str) -> str:
    try:
        return plain_text(text.strip(), most=NAME_MOST)
    except ValueError as error:
        problem = Problem("name", "name", str(error), shown(text))
        raise InvalidInputError(str(problem), problems=(problem,)) from None
