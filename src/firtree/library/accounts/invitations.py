"""Invitations: one-time links by which people join parties and recover accounts.

They are made and withdrawn here, and accepted in :mod:`.accepting`.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from firtree.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    Problem,
)
from firtree.library.accounts.access_log import Event, Note, note, note_for
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.ports import (
    AccountsWriting,
    Invitation,
)
from firtree.library.accounts.secret import key_of, new_secret, short
from firtree.library.accounts.signing_in import folded
from firtree.library.accounts.visitor import NOBODY, Visitor
from firtree.parties import email_address
from firtree.text import shown

JOIN, RECOVER = "join", "recover"


class Invited(NamedTuple):
    """A made invitation: the secret of its link, and how it is kept."""

    secret: str
    invitation: Invitation


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
    mail = mail_of(email) if email else ""
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
    note_of(tx, now, told, invitation)
    return Invited(secret, invitation)


def note_of(
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
                note_of(tx, gate.now(), told, each)
                return
    raise NotFoundError("there is no such invitation")


def mail_of(text: str) -> str:
    """Read an e-mail, as people are found by it.

    Raises:
        InvalidInputError: it is none.
    """
    mail = folded(text)
    try:
        return email_address(mail)
    except ValueError as error:
        problem = Problem("e-mail", "email", str(error), shown(text))
        raise InvalidInputError(str(problem), problems=(problem,)) from None
