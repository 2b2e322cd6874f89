"""Sign in by password, and change it."""

import unicodedata

from firtree.errors import InvalidInputError, NotSignedInError, Problem
from firtree.library.accounts.access_log import Event, Note, note, note_for
from firtree.library.accounts.gate import Client, Gate
from firtree.library.accounts.passwords import check_password
from firtree.library.accounts.ports import AccountsReading, Password, Person
from firtree.library.accounts.sessions import (
    SignedIn,
    begin,
    check_fresh,
    end_all,
    rotated,
)
from firtree.library.accounts.throttling import (
    change_tried,
    password_tried,
    succeeded,
)
from firtree.library.accounts.visitor import Visitor

# RFC 5321, 4.5.3.1.3, less the brackets.
EMAIL_MOST = 254


def folded(email: str) -> str:
    """Give an e-mail as it is kept: in one Unicode form and case, no blanks around."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def refusal() -> NotSignedInError:
    """Give the one refusal: it does not say what was wrong."""
    return NotSignedInError(
        "the e-mail and the password do not belong together",
        hint="try again; an administrator can make a link to begin anew",
    )


def sign_in_by_password(
    gate: Gate, email: str, password: str, client: Client
) -> SignedIn:
    """Sign in somebody who knows the password of an e-mail.

    Unknown e-mail, wrong password and disabled account look the same and take the same
    work: two transactions, and one comparison of argon2.

    Raises:
        NotSignedInError: they do not belong together, or no party of the account may
            act today.
        ThrottledError: there were too many tries.
    """
    address = folded(email[: EMAIL_MOST + 1])
    with gate.accounts.writing() as tx:
        person = tx.person_called(address)
        kept = tx.password(person.id) if person else None
        now = gate.now()
        tries = password_tried(tx, now, email=address, person=person, client=client)
    tries.check()
    right = gate.passwords.matches(kept.hash if kept else None, password)
    renewed = _renewed(gate, kept, password) if right else None
    with gate.accounts.writing() as tx:
        if person is not None and right and _is_still(tx, person, kept):
            succeeded(tx, tries)
            if renewed is not None:
                tx.put(renewed)
            return begin(tx, gate, person, client, way="password")
        told = refused(person, client, "password")
        note_for(tx, gate.now(), told, told.person)
    raise refusal()


def _renewed(gate: Gate, kept: Password | None, password: str) -> Password | None:
    """Hash a right password anew where its hash is weaker than today's."""
    if kept is None or not gate.passwords.is_outdated(kept.hash):
        return None
    return kept._replace(hash=gate.passwords.hash(password))


def refused(person: Person | None, client: Client, way: str) -> Note:
    """Give what is noted of a sign-in that was refused."""
    number = person.id if person else 0
    return Note(Event.SIGN_IN_REFUSED, number, 0, 0, client.address, way)


def change_password(
    gate: Gate, visitor: Visitor, old: str, new: str, client: Client
) -> SignedIn:
    """Change, or set, one's own password; all other sessions end.

    Args:
        gate: what is needed.
        visitor: whose; its session gets a new secret.
        old: the password until now; asked for where there is one.
        new: the password from now on.
        client: from where.

    Raises:
        InvalidInputError: the new one is not taken, or the old one is not right.
        ThrottledError: there were too many tries with an old one.
    """
    check_password(new, (visitor.name, visitor.party_name))
    with gate.accounts.writing() as tx:
        check_fresh(tx, gate, visitor)
        person, kept = tx.person(visitor.person), tx.password(visitor.person)
        tries = change_tried(tx, gate.now(), visitor.person, client)
    tries.check()
    if kept is not None and not gate.passwords.matches(kept.hash, old):
        problem = Problem("old password", "old", "the password until now", "another")
        raise InvalidInputError(str(problem), problems=(problem,))
    hashed = gate.passwords.hash(new)
    with gate.accounts.writing() as tx:
        session = tx.session(visitor.key)
        if person is None or session is None or tx.password(person.id) != kept:
            raise NotSignedInError("this session has ended", hint="sign in again")
        succeeded(tx, tries)
        tx.put(Password(person.id, hashed, gate.now()))
        end_all(tx, person.id, but=session.id)
        about = Note(
            Event.PASSWORD_CHANGED, person.id, session.party, 0, client.address
        )
        note(tx, gate.now(), about)
        return rotated(tx, gate, session, session)


def sign_in_to_demo(gate: Gate, email: str, client: Client) -> SignedIn:
    """Sign in as one of the people of an example register, without more ado.

    The caller has made sure that the register is an example.

    Raises:
        NotSignedInError: there is no such person.
    """
    with gate.accounts.writing() as tx:
        person = tx.person_called(folded(email))
        if person is None or person.disabled_at is not None:
            raise refusal()
        return begin(tx, gate, person, client, way="demo")


def _is_still(tx: AccountsReading, person: Person, kept: Password | None) -> bool:
    """Tell whether nothing has changed while the password was compared."""
    current = tx.person(person.id)
    usable = current is not None and current.disabled_at is None
    return usable and tx.password(person.id) == kept
