"""Access, pure: who asks, and the one table of who may see and do what.

Deny by default: what the table does not grant is refused, and a refusal looks like
"not there" (:class:`~firtree.errors.NotFoundError`).
"""

from enum import StrEnum

import msgspec

from firtree.errors import NotFoundError
from firtree.parties import PartyKind


class Right(StrEnum):
    """What a handler or use case may ask for."""

    READ_ENTRIES = "read entries"
    READ_LOG = "read the log"
    READ_HEALTH = "read health"
    READ_STATIC = "read what is the same for everybody"
    RECORD = "record statements"


class Principal(msgspec.Struct, frozen=True):
    """Who acts.

    Args:
        kind: what the party is.
        name: of the party, as *limited* availability and statements name it.
        makers: manufacturer codes it holds, upper case; for manufacturers.
    """

    kind: PartyKind
    name: str
    makers: frozenset[str] = frozenset()


KEEPER = Principal(PartyKind.KEEPER, "keeper")
PUBLIC = Principal(PartyKind.PUBLIC, "public")


class Scope(msgspec.Struct, frozen=True):
    """What part of the register a right reaches.

    Args:
        makers: manufacturer codes within reach; None = all.
        fir: whether FIR information is within reach.
        people: whether contacts are.
        private: whether private parts are.
    """

    makers: frozenset[str] | None = None
    fir: bool = True
    people: bool = True
    private: bool = False

    def covers(self, manufacturer: str) -> bool:
        """Tell whether entries of a manufacturer code are within reach."""
        return self.makers is None or manufacturer in self.makers

    @property
    def heads(self) -> bool:
        """Whether it is told who recorded a statement: to whom it concerns."""
        return self.private or self.makers is not None


_EVERYTHING = Scope(private=True)
_ALL_ENTRIES = Scope()
_OWN = Scope(makers=frozenset())  # its codes are filled in for the principal
_NO_DATA = Scope(makers=frozenset(), fir=False, people=False)

_OPEN = dict.fromkeys((Right.READ_HEALTH, Right.READ_LOG, Right.READ_STATIC), _NO_DATA)
_READER = {**_OPEN, Right.READ_ENTRIES: _ALL_ENTRIES}

# The one table.  A kind or a right that is not here is refused.
TABLE: dict[PartyKind, dict[Right, Scope]] = {
    PartyKind.KEEPER: dict.fromkeys(Right, _EVERYTHING),
    PartyKind.ADMINISTRATOR: {**_OPEN, Right.READ_ENTRIES: _EVERYTHING},
    PartyKind.IMPORT_SUPPLIER: _READER,
    PartyKind.GAS_SUPPLIER: _READER,
    PartyKind.DCC: _READER,
    PartyKind.SSC: {**_OPEN, Right.READ_ENTRIES: _EVERYTHING},
    PartyKind.MANUFACTURER: {**_OPEN, Right.READ_ENTRIES: _OWN},
    PartyKind.MAP: _OPEN,
    PartyKind.MOP: _OPEN,
    PartyKind.NETWORK_PARTY: _OPEN,
    PartyKind.AGENT: _OPEN,
    PartyKind.PUBLIC: _OPEN,
}


def scope_of(principal: Principal, right: Right) -> Scope:
    """Give what a right reaches for somebody.

    Raises:
        NotFoundError: the table does not grant it; it looks like "not there".
    """
    scope = TABLE.get(principal.kind, {}).get(right)
    if scope is None:
        raise NotFoundError("there is no such thing here")
    if scope is _OWN:
        return Scope(makers=principal.makers)
    return scope
