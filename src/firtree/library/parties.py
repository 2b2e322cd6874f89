"""Parties: who they are, which principal each is today, and decisions about them.

Every decision is taken under the state it was looked up in: if the register has grown
meanwhile it is looked up and decided anew, a few times; if the party itself has
changed since the person looked, it is refused.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from firtree.access import Principal, Right, scope_of
from firtree.access.principals import Choice, choices, principal_of
from firtree.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    VerificationError,
)
from firtree.library.ports import Register
from firtree.library.record import Recorded, Recorder
from firtree.library.views import missing
from firtree.parties.directory import Directory, Handover
from firtree.parties.party import Party, Suspension
from firtree.statements.party_keys import read_key_note
from firtree.statements.statement import Statement
from firtree.statements.types import Subject
from firtree.statements.types.erasure import is_erasure
from firtree.statements.types.party import read_party
from firtree.text import london_day

_TRIES = 5


class Known(NamedTuple):
    """All parties as of a log size.

    Attributes:
        size: that log size.
        directory: the parties.
        numbers: of each party's newest statement, by its id.
    """

    size: int
    directory: Directory
    numbers: dict[int, int]


class PartyView(NamedTuple):
    """A party as somebody may see it.

    Attributes:
        party: the party.
        number: of its newest statement, counted from 0; a change says which version
            it was decided on.
        suspended: whether it is today.
    """

    party: Party
    number: int
    suspended: bool


Decide = Callable[[Known], Iterable[Subject]]


class Parties:
    """Asks and decides about parties.  Safe to share between threads.

    Args:
        register: where they are kept.
        recorder: records decisions.
        now: the clock.
    """

    def __init__(
        self, register: Register, recorder: Recorder, *, now: Callable[[], datetime]
    ) -> None:
        self._register = register
        self._recorder = recorder
        self._now = now
        self._lock = threading.Lock()
        self._known = Known(-1, Directory(()), {})

    def today(self) -> date:
        """Give the day it is in London."""
        return london_day(self._now())

    def known(self) -> Known:
        """Give all parties as of the newest state; read again only if any changed.

        What was erased of a party is a change of it: it is not known any more.
        """
        known, size = self._known, self._register.size()
        if known.size == size:
            return known
        with self._register.reading() as tx:
            if known.size < 0 or _touches_parties(tx.touched(known.size)):
                size = tx.head().size
                stored = tx.parties(size)
                read = [read_party(s.core, people=s.people) for s in stored]
                numbers = {
                    party.id: one.number
                    for party, one in zip(read, stored, strict=True)
                }
                known = Known(size, Directory(read), numbers)
            else:
                known = known._replace(size=size)
        with self._lock:
            if known.size >= self._known.size:
                self._known = known
        return known

    def principal(self, party: int, acting_for: int, day: date) -> Principal | None:
        """Give the principal of a party on a day; None = it may not act then."""
        return principal_of(self.known().directory, party, acting_for, day)

    def choices(self, party: int, day: date) -> list[Choice]:
        """Give as whom a party's people may act on a day, itself first."""
        return choices(self.known().directory, party, day)

    def party_name(self, party: int) -> str:
        """Give a party's name; empty where there is no such party."""
        found = self.known().directory.party(party)
        return found.name if found else ""

    def listed(self, day: date) -> list[tuple[int, str]]:
        """Give id and name of every party that may act on a day, by name."""
        parties = self.known().directory.parties.values()
        active = [one for one in parties if not one.is_suspended(day)]
        return sorted(((one.id, one.name) for one in active), key=lambda one: one[::-1])

    def every(self, principal: Principal) -> list[PartyView]:
        """List the parties that somebody may see, by id."""
        scope, known = scope_of(principal, Right.READ_PARTIES), self.known()
        return [
            self._view(known, party)
            for party in known.directory.parties.values()
            if scope.covers_party(party.id)
        ]

    def one(self, principal: Principal, party_id: int) -> PartyView:
        """Give a party.

        Raises:
            NotFoundError: there is none, or it is not the principal's to see.
        """
        scope, known = scope_of(principal, Right.READ_PARTIES), self.known()
        party = known.directory.party(party_id)
        if party is None or not scope.covers_party(party_id):
            raise _no_party(party_id, partial=not scope.parties)
        return self._view(known, party)

    def _view(self, known: Known, party: Party) -> PartyView:
        suspended = party.is_suspended(self.today())
        return PartyView(party, known.numbers[party.id], suspended)

    def admit(self, principal: Principal, party: Party) -> tuple[int, Recorded]:
        """Admit a party.

        Args:
            principal: an administrator, or the keeper.
            party: its id is given here, whatever it says.

        Returns:
            Its id, and the log after it.

        Raises:
            InvalidInputError: it breaks a rule; every one that it breaks is named.
        """
        given = 0

        def decide(known: Known) -> list[Subject]:
            nonlocal given
            given = known.directory.next_id()
            new = msgspec.structs.replace(party, id=given)
            return [_checked(known.directory, new)]

        recorded = self._record(principal, decide)
        return given, recorded

    def change(
        self,
        principal: Principal,
        party_id: int,
        change: Callable[[Party], Party],
        *,
        seen: int | None = None,
    ) -> Recorded | None:
        """Change a party.

        Args:
            principal: an administrator, or the keeper.
            party_id: which.
            change: gives the party as it is to be, from what it is.
            seen: number of the version the change was decided on; None = any.

        Returns:
            The log after it; None where nothing changes.

        Raises:
            InvalidInputError: it breaks a rule; every one that it breaks is named.
            ConflictError: the party has changed since.
            NotFoundError: there is no such party.
        """

        def decide(known: Known) -> list[Subject]:
            party = _current(known, party_id, seen)
            changed = msgspec.structs.replace(change(party), id=party_id)
            return [] if changed == party else [_checked(known.directory, changed)]

        return self._record_any(principal, decide)

    def suspend(
        self,
        principal: Principal,
        party_id: int,
        suspension: Suspension | None,
        *,
        seen: int | None = None,
    ) -> Recorded | None:
        """Suspend a party, or reinstate it where ``suspension`` is None.

        Raises:
            ConflictError, NotFoundError: as ``change``.
            InvalidInputError: the party is the asker's own.
        """
        scope_of(principal, Right.MANAGE_PARTIES)
        if principal.party == party_id and suspension is not None:
            raise InvalidInputError(
                f"party {party_id} is your own, and cannot be suspended by itself",
                hint="an administrator of another party can, or the keeper",
            )

        def suspended(party: Party) -> Party:
            return msgspec.structs.replace(party, suspension=suspension)

        return self.change(principal, party_id, suspended, seen=seen)

    def handover(
        self, principal: Principal, giver: int, taker: int, on: date, reason: str
    ) -> Handover:
        """Tell what a succession would change; nothing is recorded.

        Raises:
            InvalidInputError: it breaks a rule; every one that it breaks is named.
            NotFoundError: one of the two is not there.
        """
        scope_of(principal, Right.MANAGE_PARTIES)
        return _handover(self.known().directory, giver, taker, on, reason)

    def succeed(
        self, principal: Principal, giver: int, taker: int, on: date, reason: str
    ) -> Recorded:
        """Record that what one party holds goes to another.

        Raises:
            InvalidInputError: it breaks a rule; every one that it breaks is named.
            NotFoundError: one of the two is not there.
        """

        def decide(known: Known) -> list[Subject]:
            made = _handover(known.directory, giver, taker, on, reason)
            return [made.succession, *made.parties]

        return self._record(principal, decide)

    def register_key(
        self, principal: Principal, party_id: int, note: str, origin: str
    ) -> Recorded | None:
        """Register a public key of a party by the note that the party has signed.

        Args:
            principal: an administrator, or the keeper.
            party_id: whose.
            note: see ``docs/formats/log.md``.
            origin: of this log.

        Raises:
            InvalidInputError: the note is for another log or party, of another form,
                or not signed by the party's signing key; a first signing key signs
                itself.
            NotFoundError: there is no such party.
        """
        today = self.today()

        def with_key(party: Party) -> Party:
            try:
                key = read_key_note(note, origin, party, today)
            except VerificationError as error:
                raise InvalidInputError(
                    f"the note of a key for party {party_id}: {error}",
                    hint="have the party sign it anew: firtree party key-note",
                ) from None
            if any(one.key == key.key and one.holds_on(today) for one in party.keys):
                return party
            return msgspec.structs.replace(party, keys=(*party.keys, key))

        return self.change(principal, party_id, with_key)

    def _record(self, principal: Principal, decide: Decide) -> Recorded:
        recorded = self._record_any(principal, decide)
        if recorded is None:
            raise InvalidInputError("there is nothing to record")
        return recorded

    def _record_any(self, principal: Principal, decide: Decide) -> Recorded | None:
        scope_of(principal, Right.MANAGE_PARTIES)
        for tries in range(_TRIES):
            known = self.known()
            subjects = list(decide(known))
            if not subjects:
                return None
            by = principal.name
            statements = [Statement(subject=subject, by=by) for subject in subjects]
            try:
                return self._recorder.record(
                    statements,
                    principal,
                    right=Right.MANAGE_PARTIES,
                    at_size=known.size,
                )
            except ConflictError:
                if tries == _TRIES - 1:
                    raise
        raise AssertionError  # pragma: no cover - the loop returns or raises


def _current(known: Known, party_id: int, seen: int | None) -> Party:
    """Give a party as it is, which must be the version that was decided on."""
    party = _existing(known.directory, party_id)
    if seen not in {None, known.numbers[party_id]}:
        raise ConflictError(
            f"party {party_id} has changed since you looked; nothing was recorded",
            hint="look at it again, then decide again",
        )
    return party


def _touches_parties(touched: Iterable[tuple[str, str]]) -> bool:
    return any(
        (kind == "party" and name.startswith("party\n")) or is_erasure(kind, name)
        for kind, name in touched
    )


def _checked(directory: Directory, party: Party) -> Party:
    if problems := directory.problems(party):
        raise InvalidInputError.of(problems, f"party {party.id}")
    return party


def _handover(
    directory: Directory, giver: int, taker: int, on: date, reason: str
) -> Handover:
    parties = _existing(directory, giver), _existing(directory, taker)
    try:
        made = directory.handover(*parties, on, reason)
    except ValueError as error:
        raise InvalidInputError(f"succession: expected {error}") from None
    after = Directory([*directory.parties.values(), *made.parties])
    problems = [one for party in made.parties for one in after.problems(party)]
    if problems:
        raise InvalidInputError.of(problems, "the succession")
    return made


def _existing(directory: Directory, party_id: int) -> Party:
    if (party := directory.party(party_id)) is None:
        raise _no_party(party_id)
    return party


def _no_party(party_id: int, *, partial: bool = False) -> NotFoundError:
    return NotFoundError(
        missing(f"party {party_id}", partial=partial), hint="see the list of parties"
    )
