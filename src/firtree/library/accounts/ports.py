"""What signing in needs of the outside: where people are kept, and their parties.

Adapters: ``storage/accounts.py`` (SQLite and PostgreSQL) and
``storage/accounts_memory.py``; ``tests/contracts/test_accounts.py`` holds them to these
words.

These are desk tables: ordinary rows, changed and removed, never part of the register.
Secrets are never kept: of a session, token, invitation, device or challenge there is
the SHA-256 of its secret (256 random bits, so that no slow hash is needed); of a
password there is its argon2id hash.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeAlias

from firtree.access import Principal
from firtree.access.principals import Choice


class Person(NamedTuple):
    """Somebody who can sign in.

    Attributes:
        id: from 1, never used again.
        email: in lower case (Unicode case folding); unique.
        name: as shown to others.
        handle: 16 random octets by which passkeys know the person (WebAuthn, user
            handle); says nothing about who it is.
        created_at: when.
        disabled_at: when an administrator disabled the account; None = it is not.
    """

    id: int
    email: str
    name: str
    handle: bytes
    created_at: datetime
    disabled_at: datetime | None = None


class Membership(NamedTuple):
    """A person may act as a party."""

    person: int
    party: int
    since_at: datetime


class Password(NamedTuple):
    """A person's password, as argon2's own text of parameters, salt and hash."""

    person: int
    hash: str
    changed_at: datetime


class Passkey(NamedTuple):
    """A WebAuthn credential of a person.

    Attributes:
        id: credential id, at most 1,023 octets.
        person: whose.
        public_key: COSE key.
        sign_count: of its last use; 0 where the authenticator counts nothing.
        name: as the person calls it.
        created_at, used_at: when it was added and last used.
    """

    id: bytes
    person: int
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None = None


class Session(NamedTuple):
    """Somebody signed in on one device.

    Attributes:
        id: SHA-256 of the cookie's secret.
        person: who.
        party: as which party.
        acting_for: the party it acts for; 0 = itself.
        way: ``password``, ``passkey`` or ``demo``.
        strong: whether it was begun, or confirmed, by passkey.
        created_at: at sign-in; a rotation keeps it, so that the absolute limit holds.
        seen_at: last used, to the minute.
        address: shortened, for the person to recognise.
        agent: browser and system, for the person to recognise.
    """

    id: bytes
    person: int
    party: int
    acting_for: int
    way: str
    strong: bool
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


class Invitation(NamedTuple):
    """A one-time link.

    Attributes:
        id: SHA-256 of the link's secret.
        kind: ``join`` a party, or ``recover`` an account.
        party: that is joined; 0 for a recovery.
        person: whose account is recovered; 0 for joining.
        email: of who is invited; empty = whoever holds the link says it.
        by: the administrator's person; 0 = the keeper on its own machine.
        created_at, expires_at: from when to when it can be accepted.
    """

    id: bytes
    kind: str
    party: int
    person: int
    email: str
    by: int
    created_at: datetime
    expires_at: datetime


class Token(NamedTuple):
    """An API token.

    Attributes:
        id: SHA-256 of the token's text.
        person: whose; it is dead with the person.
        party: as which party it asks; it is dead with the party.
        acting_for: the party it asks for; 0 = itself.
        name: as the person calls it.
        rights: which of the person's rights it has, as ``access.Right`` writes them,
            joined by commas.
        created_at, expires_at: from when to when it is good.
        used_at: last used, to the hour.
    """

    id: bytes
    person: int
    party: int
    acting_for: int
    name: str
    rights: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Device(NamedTuple):
    """A browser on which a person has signed in: SHA-256 of its cookie's secret."""

    id: bytes
    person: int
    seen_at: datetime


class Tries(NamedTuple):
    """Failed tries to sign in.

    Attributes:
        key: SHA-256 of what is counted: an account, a device or an address.
        since_at: when the counting began.
        counted: how many since then.
    """

    key: bytes
    since_at: datetime
    counted: int


class Challenge(NamedTuple):
    """A WebAuthn challenge that is waited for, once.

    Attributes:
        id: SHA-256 of the challenge.
        purpose: ``sign-in``, or ``add`` for adding a passkey.
        owner: SHA-256 of whose it is: of the session or invitation; empty for sign-in.
        expires_at: until when it can be answered.
    """

    id: bytes
    purpose: str
    owner: bytes
    expires_at: datetime


class Setting(NamedTuple):
    """A setting that touches safety, as of the last start of a server."""

    name: str
    value: str


class Noted(NamedTuple):
    """A row of the access log.

    Attributes:
        number: from 1, without gaps.
        at: when.
        event: what happened, one of ``access_log.Event``.
        person: who; 0 = not known, or the keeper on its own machine.
        party: as which party; 0 = not known, or the keeper.
        about: the party it concerns, where it is another; 0 = none.
        address: shortened; empty = on the keeper's machine.
        detail: what of, such as the name of a file; never a secret or an address.
        previous: hash of the row before, 32 octets; zeros for the first.
        hash: of this row, 32 octets.
    """

    number: int
    at: datetime
    event: str
    person: int
    party: int
    about: int
    address: str
    detail: str
    previous: bytes
    hash: bytes


Row: TypeAlias = (
    Person
    | Membership
    | Password
    | Passkey
    | Session
    | Invitation
    | Token
    | Device
    | Tries
    | Challenge
    | Setting
    | Noted
)


class AccountsReading(Protocol):
    """One consistent state of what is kept of people."""

    def person(self, number: int) -> Person | None:
        """Give a person by id."""

    def person_called(self, email: str) -> Person | None:
        """Give a person by folded e-mail."""

    def people(self) -> list[Person]:
        """Give everybody, by id."""

    def memberships(self, person: int) -> list[Membership]:
        """Give the parties a person may act as, by party."""

    def password(self, person: int) -> Password | None:
        """Give a person's password."""

    def passkey(self, credential: bytes) -> Passkey | None:
        """Give a passkey by its credential id."""

    def passkeys(self, person: int) -> list[Passkey]:
        """Give a person's passkeys, oldest first."""

    def session(self, key: bytes) -> Session | None:
        """Give a session by the hash of its secret."""

    def sessions(self, person: int) -> list[Session]:
        """Give a person's sessions, newest first."""

    def invitation(self, key: bytes) -> Invitation | None:
        """Give an invitation by the hash of its secret."""

    def invitations(self) -> list[Invitation]:
        """Give all that were not accepted, newest first."""

    def token(self, key: bytes) -> Token | None:
        """Give a token by the hash of its text."""

    def tokens(self, person: int) -> list[Token]:
        """Give a person's tokens, newest first."""

    def all_tokens(self) -> list[Token]:
        """Give everybody's tokens, newest first."""

    def device(self, key: bytes) -> Device | None:
        """Give a known device by the hash of its secret."""

    def tries(self, key: bytes) -> Tries | None:
        """Give the failed tries counted under a key."""

    def challenge(self, key: bytes) -> Challenge | None:
        """Give a challenge by its hash."""

    def settings(self) -> list[Setting]:
        """Give the settings of the last start, by name."""

    def last_noted(self) -> Noted | None:
        """Give the newest row of the access log."""

    def noted(self, *, before: datetime | None, party: int, limit: int) -> list[Noted]:
        """Give rows of the access log, newest first.

        Args:
            before: only rows that were written before that; None = all.
            party: only rows of or about this party; 0 = all.
            limit: how many at most.
        """

    def all_noted(self) -> Iterator[Noted]:
        """Yield the access log, oldest first."""


class AccountsWriting(AccountsReading, Protocol):
    """A unit of work; holds the one lock on these tables until it ends."""

    def put(self, row: Row) -> None:
        """Add a row, or put it in place of the one with its key."""

    def remove(self, row: Row) -> None:
        """Remove the row with this row's key; harmless where there is none."""

    def revoke(self) -> None:
        """Make every process look anew who may come in (the version goes up)."""

    def sweep(self, now: datetime, *, sessions_since: datetime) -> None:
        """Remove what has run out.

        Invitations, challenges and tries that are past; devices not seen for a year;
        sessions begun before ``sessions_since``; tokens that ran out a year ago.
        """

    def forget_noted(self, before: datetime) -> int:
        """Remove rows of the access log older than a moment; tell how many."""


class Marks(NamedTuple):
    """What a found visitor depends on: the log's size, and the version of accounts."""

    size: int
    version: int


class Accounts(Protocol):
    """Where people are kept.  Safe to share between threads."""

    def reading(self) -> AbstractContextManager[AccountsReading]:
        """Look at one consistent state; never waits for a writer."""

    def writing(self) -> AbstractContextManager[AccountsWriting]:
        """Begin a unit of work: leave the block to commit durably, raise to undo.

        The lock is taken before anything is read.

        Raises:
            UnavailableError: others kept us waiting too long, or the disk is full.
        """

    def marks(self) -> Marks:
        """Give the log's size and the version; cheap enough to ask at every request.

        A revocation committed by another process is told within a quarter of a
        second; by this process, at once.
        """


class Parties(Protocol):
    """Who the parties are, as the register says today."""

    def principal(self, party: int, acting_for: int, day: date) -> Principal | None:
        """Give what a party may see; the same value for all its people.

        Args:
            party: its number.
            acting_for: the party it acts for; 0 = itself.
            day: in London.

        Returns:
            None where the party is unknown or suspended, or not appointed that day.
        """

    def party_name(self, party: int) -> str:
        """Give its name; empty where there is none."""

    def listed(self, day: date) -> list[tuple[int, str]]:
        """Give number and name of every party that may act that day, by name."""

    def choices(self, party: int, day: date) -> list[Choice]:
        """Give whom it can act for that day, itself first; none where suspended."""
