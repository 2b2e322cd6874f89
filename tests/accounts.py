"""People, parties and secrets for tests."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Literal

from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from firtree.access import Principal
from firtree.access.principals import Choice
from firtree.library.accounts.accepting import Accepting, accept
from firtree.library.accounts.doorkeeper import Doorkeeper
from firtree.library.accounts.gate import Client, Gate
from firtree.library.accounts.invitations import invite
from firtree.library.accounts.later import Later
from firtree.library.accounts.passwords import Passwords
from firtree.library.accounts.ports import (
    Challenge,
    Device,
    Invitation,
    Membership,
    Noted,
    Passkey,
    Password,
    Person,
    Row,
    Session,
    Setting,
    Token,
    Tries,
)
from firtree.parties import PartyKind
from firtree.storage.accounts_memory import MemoryAccounts
from principals import a_principal
from registers import START, Clock

if TYPE_CHECKING:
    from datetime import date, datetime

    from firtree.library.accounts.ports import Accounts
    from firtree.library.accounts.sessions import SignedIn
    from firtree.library.accounts.visitor import Visitor

KEY = bytes(range(32))
MAIL = "ada@alder.example"


def rows_of_each_kind(at: datetime = START) -> list[Row]:
    """Give one row of every kind, about person 1."""
    return [
        Person(1, MAIL, "Ada", bytes(16), at),
        Membership(1, 7, at),
        Password(1, "$argon2id$…", at),
        Passkey(b"\x00credential", 1, b"\xa5", 3, "key ring", at),
        Session(KEY, 1, 7, 0, "password", False, at, at, "192.0.2.0/24", "Firefox"),  # noqa: FBT003
        Invitation(KEY, "join", 7, 0, MAIL, 1, at, at),
        Token(KEY, 1, 7, 0, "nightly", "read entries", at, at),
        Device(KEY, 1, at),
        Tries(KEY, at, 2),
        Challenge(KEY, "add", KEY, at),
        Setting("address", "https://fir.example"),
        Noted(1, at, "signed-in", 1, 7, 0, "192.0.2.0/24", "password", bytes(32), KEY),
    ]


class FixedParties:
    """Implements ``Parties`` with a list that can be changed.

    Args:
        principals: by number; party 8 acts for 7 where ``appointed`` says so.
    """

    def __init__(self, principals: dict[int, Principal]) -> None:
        self.principals = principals
        self.appointed: set[tuple[int, int]] = set()

    def principal(self, party: int, acting_for: int, day: date) -> Principal | None:  # noqa: ARG002, D102
        if party not in self.principals:
            return None
        if acting_for and (party, acting_for) not in self.appointed:
            return None
        return self.principals.get(acting_for or party)

    def party_name(self, party: int) -> str:  # noqa: D102
        found = self.principals.get(party)
        return found.name if found else ""

    def listed(self, day: date) -> list[tuple[int, str]]:  # noqa: ARG002, D102
        return sorted((n, each.name) for n, each in self.principals.items())

    def choices(self, party: int, day: date) -> list[Choice]:  # noqa: ARG002, D102
        if party not in self.principals:
            return []
        others = sorted(other for own, other in self.appointed if own == party)
        named = [Choice(other, self.party_name(other)) for other in others]
        return [Choice(0, self.party_name(party)), *named]


ADMINISTRATORS, ALDER, BEECH = 1, 7, 8
PASSWORD = "four unrelated lemons sing"  # noqa: S105 - of nobody
CHEAP = PasswordHasher.from_parameters(CHEAPEST)


def fixed_parties() -> FixedParties:
    """Give an administrator, a manufacturer, and an agent that may act for it."""
    found = FixedParties(
        {
            ADMINISTRATORS: a_principal(PartyKind.ADMINISTRATOR, "Code administrator"),
            ALDER: a_principal(
                PartyKind.MANUFACTURER, "Alder Meters", makers=frozenset({"AB01"})
            ),
            BEECH: a_principal(PartyKind.AGENT, "Beech Services"),
        }
    )
    found.appointed.add((BEECH, ALDER))
    return found


class Counting(PasswordHasher):
    """A cheap hasher that counts its work: hashes made and compared."""

    worked = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        """Count, then hash."""
        self.worked += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        """Count, then compare."""
        self.worked += 1
        return super().verify(hash, password)


def a_gate(
    accounts: Accounts | None = None, clock: Clock | None = None, **changed: Any
) -> Gate:
    """Give everything that signing in needs, with cheap passwords."""
    chance = Chance()
    gate = Gate(
        accounts=accounts or MemoryAccounts(),
        parties=fixed_parties(),
        passwords=Passwords(chance, CHEAP),
        now=clock or Clock(),
        entropy=chance,
    )
    return gate._replace(**changed)


def a_client(**changed: Any) -> Client:
    """Give a browser on a network of nobody (RFC 5737)."""
    client = Client("192.0.2.0/24", "192.0.2.7", "Firefox on Linux")
    return client._replace(**changed)


def a_member(
    gate: Gate, email: str = MAIL, party: int = ALDER, password: str = PASSWORD
) -> SignedIn:
    """Invite somebody, and have the invitation accepted."""
    invited = invite(gate, party, email)
    given = Accepting(email, "Ada", password)
    return accept(gate, invited.secret, given, a_client())


def a_doorkeeper(gate: Gate) -> tuple[Doorkeeper, Later]:
    """Give a doorkeeper whose later writes wait to be flushed."""
    later = Later(gate.accounts, threaded=False)
    return Doorkeeper(gate, later), later


def visitor_of(gate: Gate, signed_in: SignedIn) -> Visitor:
    """Give who came in by a session."""
    found = a_doorkeeper(gate)[0].by_session(signed_in.secret)
    assert found is not None
    return found.visitor


class Chance:
    """Random octets that are the same each time."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 - secrets of tests

    def __call__(self, octets: int) -> bytes:
        """Give that many."""
        return self._random.randbytes(octets)
