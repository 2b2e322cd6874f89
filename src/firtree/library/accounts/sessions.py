"""Sessions: begun at sign-in, given a new secret at each change of what they may do."""

from typing import NamedTuple

from firtree.errors import NotFoundError, NotSignedInError
from firtree.library.accounts.access_log import Event, Note, note
from firtree.library.accounts.gate import Client, Gate
from firtree.library.accounts.ports import (
    AccountsReading,
    AccountsWriting,
    Device,
    Person,
    Session,
)
from firtree.library.accounts.secret import key_of, new_secret, short
from firtree.library.accounts.visitor import Visitor
from firtree.text import counted

# Of one person at once; the oldest goes when another is begun.
SESSIONS_MOST = 10


class SignedIn(NamedTuple):
    """What a sign-in hands over to the browser.

    Attributes:
        secret: of the session's cookie.
        device: secret of the device's cookie.
        session: as it is kept.
    """

    secret: str
    device: str
    session: Session


def begin(
    tx: AccountsWriting, gate: Gate, person: Person, client: Client, *, way: str
) -> SignedIn:
    """Begin a session with a secret of its own; the one before on this device ends.

    Args:
        tx: holds the lock.
        gate: what is needed.
        person: who has proved who it is.
        client: from where.
        way: ``password``, ``passkey`` or ``demo``.

    Raises:
        NotSignedInError: none of the person's parties may act today.
    """
    now = gate.now()
    old = tx.session(key_of(client.session)) if client.session else None
    party, acting_for = _acts_as(tx, gate, person, old)
    if old is not None:
        tx.remove(old)
        tx.revoke()
    for surplus in tx.sessions(person.id)[SESSIONS_MOST - 1 :]:
        tx.remove(surplus)
        tx.revoke()
    secret, device = new_secret(gate.entropy), client.device
    known = tx.device(key_of(device)) if device else None
    if known is None or known.person != person.id:
        device = new_secret(gate.entropy)
    tx.put(Device(key_of(device), person.id, now))
    session = Session(
        key_of(secret),
        person.id,
        party,
        acting_for,
        way,
        way != "password",
        now,
        now,
        client.address,
        client.agent,
    )
    tx.put(session)
    note(tx, now, _noted(Event.SIGNED_IN, session, way))
    tx.sweep(now, sessions_since=now - gate.limits.absolute)
    return SignedIn(secret, device, session)


def act_for(gate: Gate, visitor: Visitor, party: int, acting_for: int) -> SignedIn:
    """Change as which party, and for which, a session acts; it gets a new secret.

    Raises:
        NotFoundError: the person is not of that party, or it may not act for that one.
        NotSignedInError: the session has ended.
    """
    now = gate.now()
    with gate.accounts.writing() as tx:
        old = _own(tx, visitor)
        own = {each.party for each in tx.memberships(old.person)}
        choices = gate.parties.choices(party, gate.today) if party in own else []
        if acting_for not in {choice.acting_for for choice in choices}:
            raise NotFoundError("there is no such party to act for")
        changed = old._replace(party=party, acting_for=acting_for)
        after = rotated(tx, gate, old, changed)
        note(tx, now, _noted(Event.ACTED_FOR, after.session)._replace(about=acting_for))
    return after


def rotated(
    tx: AccountsWriting, gate: Gate, old: Session, changed: Session
) -> SignedIn:
    """Put a changed session in place of one, with a new secret; the old one is dead."""
    secret = new_secret(gate.entropy)
    session = changed._replace(id=key_of(secret), seen_at=gate.now())
    tx.remove(old)
    tx.put(session)
    tx.revoke()
    return SignedIn(secret, "", session)


def sign_out(gate: Gate, visitor: Visitor) -> None:
    """End the session somebody came in with; harmless where it has ended."""
    with gate.accounts.writing() as tx:
        session = tx.session(visitor.key)
        if session is None:
            return
        tx.remove(session)
        tx.revoke()
        note(tx, gate.now(), _noted(Event.SIGNED_OUT, session))


def sign_out_everywhere(gate: Gate, visitor: Visitor) -> int:
    """End all sessions of a person, this one too; tell how many."""
    with gate.accounts.writing() as tx:
        session = _own(tx, visitor)
        ended = end_all(tx, visitor.person)
        told = _noted(Event.SIGNED_OUT, session, "everywhere")
        note(tx, gate.now(), told)
    return ended


def end_all(
    tx: AccountsWriting, person: int, *, but: bytes = b"", links: bool = True
) -> int:
    """End a person's sessions, all but one, and links to a new password.

    Args:
        tx: holds the lock.
        person: whose.
        but: id of the session that is left; empty = none is.
        links: whether the links end too.

    Returns:
        How many sessions have ended.
    """
    for link in tx.invitations() if links else ():
        if link.person == person:
            tx.remove(link)
    sessions = [each for each in tx.sessions(person) if each.id != but]
    for session in sessions:
        tx.remove(session)
    tx.revoke()
    return len(sessions)


def end_session(gate: Gate, visitor: Visitor, named: str, *, address: str = "") -> None:
    """End one of a person's own sessions.

    Args:
        gate: what is needed.
        visitor: whose.
        named: as ``secret.short`` names it.
        address: from where, shortened.

    Raises:
        NotFoundError: there is none.
    """
    with gate.accounts.writing() as tx:
        for session in tx.sessions(visitor.person):
            if short(session.id) == named:
                tx.remove(session)
                tx.revoke()
                told = _noted(Event.SIGNED_OUT, session, "elsewhere")
                note(tx, gate.now(), told._replace(address=address))
                return
    raise NotFoundError("there is no such session")


def check_fresh(tx: AccountsReading, gate: Gate, visitor: Visitor) -> Session:
    """Check that somebody signed in a few minutes ago at most.

    What signing in depends on is changed only then (ASVS 7.5.1), and, where the person
    has a passkey, only by passkey.

    Raises:
        NotSignedInError: it must sign in again first.
    """
    session = _own(tx, visitor)
    weak = not session.strong and bool(tx.passkeys(session.person))
    if weak or gate.now() >= session.created_at + gate.limits.fresh:
        raise NotSignedInError(
            "for this you must have signed in in the last "
            + counted(gate.limits.fresh.seconds // 60, "minute")
            + (", with a passkey" if weak else ""),
            hint="sign in again, then do it once more",
        )
    return session


def is_fresh(tx: AccountsReading, gate: Gate, visitor: Visitor) -> bool:
    """Tell whether what signing in depends on can be changed now, without a new one."""
    try:
        check_fresh(tx, gate, visitor)
    except NotSignedInError:
        return False
    return True


def _own(tx: AccountsReading, visitor: Visitor) -> Session:
    session = tx.session(visitor.key)
    if session is None:
        raise NotSignedInError("this session has ended", hint="sign in again")
    return session


def _acts_as(
    tx: AccountsReading, gate: Gate, person: Person, old: Session | None
) -> tuple[int, int]:
    """Give as which party a person acts, and for which: as before, if it still may.

    Else it is the first of the person's parties that may act today.
    """
    own, today = [each.party for each in tx.memberships(person.id)], gate.today
    ways = [(party, 0) for party in own]
    if old is not None and old.person == person.id and old.party in own:
        ways = [(old.party, old.acting_for), (old.party, 0), *ways]
    for party, acting_for in ways:
        if gate.parties.principal(party, acting_for, today) is not None:
            return party, acting_for
    raise NotSignedInError(
        "none of the parties of this account may act today",
        hint="ask an administrator",
    )


def _noted(event: Event, session: Session, detail: str = "") -> Note:
    return Note(event, session.person, session.party, 0, session.address, detail)
