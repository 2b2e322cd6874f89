"""Who came in, and how: beside the principal, which says what the party may see."""

from enum import StrEnum
from typing import NamedTuple

from firtree.access import PUBLIC, TABLE, Principal, Right
from firtree.parties import PartyKind

# What everybody may: no rights that a token need be given.
OPEN_RIGHTS = frozenset(TABLE[PartyKind.PUBLIC])


class Via(StrEnum):
    """How somebody came in."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a word
    DEMO = "demo"
    NOBODY = "nobody"


class Visitor(NamedTuple):
    """A person who asks.

    Attributes:
        person: its id; 0 = nobody is signed in.
        name: e-mail, as shown to the person itself.
        party: as which party.
        party_name: its name.
        acting_for: the party it acts for; 0 = itself.
        acting_name: its name; empty = itself.
        via: how it came in.
        strong: whether by passkey; a decision of an administrator asks for it.
        rights: what a token may; None = all that the principal may.
        key: SHA-256 of the session's or token's secret.
    """

    person: int = 0
    name: str = ""
    party: int = 0
    party_name: str = ""
    acting_for: int = 0
    acting_name: str = ""
    via: Via = Via.NOBODY
    strong: bool = False
    rights: frozenset[Right] | None = None
    key: bytes = b""

    def holds(self, right: Right) -> bool:
        """Tell whether the way in leaves a right that the principal has."""
        return self.rights is None or right in self.rights or right in OPEN_RIGHTS


class Found(NamedTuple):
    """What was found out about who asks."""

    principal: Principal
    visitor: Visitor


NOBODY = Visitor()
UNKNOWN = Found(PUBLIC, NOBODY)
