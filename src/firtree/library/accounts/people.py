"""What administrators see and do with people: list, disable, enable, take out."""

from typing import NamedTuple

from firtree.errors import InvalidInputError, NotFoundError
from firtree.library.accounts.access_log import Event, Note, note, note_for
from firtree.library.accounts.gate import Gate
from firtree.library.accounts.ports import AccountsWriting, Membership, Person
from firtree.library.accounts.sessions import end_all
from firtree.library.accounts.visitor import Visitor


class PersonShown(NamedTuple):
    """A person with the names of its parties, and by what it can come in."""

    person: Person
    parties: tuple[tuple[int, str], ...]
    password: bool
    passkeys: int
    tokens: int


def people(gate: Gate) -> list[PersonShown]:
    """Give everybody, by id."""
    with gate.accounts.reading() as tx:
        return [
            PersonShown(
                person,
                tuple(
                    (each.party, gate.parties.party_name(each.party))
                    for each in tx.memberships(person.id)
                ),
                tx.password(person.id) is not None,
                len(tx.passkeys(person.id)),
                len(tx.tokens(person.id)),
            )
            for person in tx.people()
        ]


def add_demo_person(gate: Gate, party: int, email: str, name: str) -> Person:
    """Add somebody invented to an example register, who comes in by one click alone."""
    with gate.accounts.writing() as tx:
        now = gate.now()
        number = max((each.id for each in tx.people()), default=0) + 1
        made = Person(number, email, name, gate.entropy(16), now)
        tx.put(made)
        tx.put(Membership(number, party, now))
    return made


def person_called(gate: Gate, email: str) -> Person:
    """Give a person by e-mail.

    Raises:
        NotFoundError: there is none.
    """
    with gate.accounts.reading() as tx:
        found = tx.person_called(email.strip().casefold())
    if found is None:
        raise NotFoundError(
            f"there is no person {email!r}", hint="firtree people lists them"
        )
    return found


def as_visitor(gate: Gate, person: Person, party: int = 0) -> Visitor:
    """Give a person as a visitor, for what the keeper does on its own machine.

    Args:
        gate: what is needed.
        person: who.
        party: as which of its parties; 0 = the only one.

    Raises:
        InvalidInputError: it has several and none was chosen.
        NotFoundError: it is not of that party.
    """
    with gate.accounts.reading() as tx:
        own = [each.party for each in tx.memberships(person.id)]
    if not party and len(own) == 1:
        party = own[0]
    if not party and own:
        raise InvalidInputError(
            f"{person.email} is of parties {', '.join(map(str, own))}",
            hint="choose one with --party",
        )
    if party not in own:
        raise NotFoundError(f"{person.email} is not of party {party}")
    name = gate.parties.party_name(party)
    return Visitor(person.id, person.email, party, name)


def sign_out(gate: Gate, number: int, by: Visitor, *, address: str = "") -> int:
    """End all sessions of a person; tell how many.

    Raises:
        NotFoundError: there is no such person.
    """
    with gate.accounts.writing() as tx:
        _person(tx, number)
        ended = end_all(tx, number)
        _note(tx, gate, Event.SIGNED_OUT, number, by=by, address=address)
    return ended


def disable(gate: Gate, number: int, by: Visitor, *, address: str = "") -> None:
    """Disable an account: its sessions end, and its tokens are dead.

    Raises:
        NotFoundError: there is no such person.
        InvalidInputError: it is one's own.
    """
    if number == by.person:
        raise InvalidInputError(
            "this is your own account", hint="ask another administrator"
        )
    with gate.accounts.writing() as tx:
        person = _person(tx, number)
        tx.put(person._replace(disabled_at=gate.now()))
        end_all(tx, number)
        _note(tx, gate, Event.ACCOUNT_DISABLED, number, by=by, address=address)


def enable(gate: Gate, number: int, by: Visitor, *, address: str = "") -> None:
    """Enable a disabled account; its tokens are good again until they run out.

    Raises:
        NotFoundError: there is no such person.
    """
    with gate.accounts.writing() as tx:
        tx.put(_person(tx, number)._replace(disabled_at=None))
        _note(tx, gate, Event.ACCOUNT_ENABLED, number, by=by, address=address)


def remove_passkeys(gate: Gate, number: int, by: Visitor, *, address: str = "") -> int:
    """Remove a person's passkeys, all lost; its sessions end.  Tell how many.

    Raises:
        NotFoundError: there is no such person.
        InvalidInputError: it is one's own account.
    """
    if number == by.person:
        raise InvalidInputError(
            "this is your own account", hint="remove them on your own page"
        )
    with gate.accounts.writing() as tx:
        _person(tx, number)
        passkeys = tx.passkeys(number)
        for passkey in passkeys:
            tx.remove(passkey)
        # A link may have been made for this very case.
        end_all(tx, number, links=False)
        _note(tx, gate, Event.PASSKEY_REMOVED, number, by=by, address=address)
    return len(passkeys)


def take_out(
    gate: Gate, number: int, party: int, by: Visitor, *, address: str = ""
) -> None:
    """End a person's membership of a party; what it has as that party ends.

    Raises:
        NotFoundError: the person is not of the party.
        InvalidInputError: it is one's own membership of the party one acts as.
    """
    if (number, party) == (by.person, by.party):
        raise InvalidInputError(
            "this is your own membership", hint="ask another administrator"
        )
    with gate.accounts.writing() as tx:
        if party not in {each.party for each in tx.memberships(number)}:
            raise NotFoundError("there is no such person of this party")
        tx.remove(Membership(number, party, gate.now()))
        for session in tx.sessions(number):
            if session.party == party:
                tx.remove(session)
        for token in tx.tokens(number):
            if token.party == party:
                tx.remove(token)
        tx.revoke()
        told = Note(Event.MEMBERSHIP_ENDED, by.person, by.party, party, address)
        note(tx, gate.now(), told._replace(detail=f"person {number}"))


def _person(tx: AccountsWriting, number: int) -> Person:
    found = tx.person(number)
    if found is None:
        raise NotFoundError("there is no such person")
    return found


def _note(
    tx: AccountsWriting,
    gate: Gate,
    event: Event,
    number: int,
    *,
    by: Visitor,
    address: str,
) -> None:
    told = Note(event, by.person, by.party, 0, address, f"person {number}")
    note_for(tx, gate.now(), told, number)
