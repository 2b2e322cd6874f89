"""Access, pure: who asks, and the one table of who may see and do what.

Deny by default: what the table does not grant is refused, and a refusal looks like
"not there" (:class:`~firtree.errors.NotFoundError`).  ``docs/access.md`` is the table
in words; a test holds the two together.
"""

from enum import StrEnum
from functools import lru_cache, reduce

import msgspec

from firtree.devices import ModelKey
from firtree.errors import NotFoundError
from firtree.parties import PartyKind


class Right(StrEnum):
    """What a handler or use case may ask for."""

    READ_ENTRIES = "read entries"
    READ_LOG = "read the log"
    READ_HEALTH = "read health"
    READ_STATIC = "read what is the same for everybody"
    RECORD = "record statements"
    SIGN_IN = "sign in"
    OWN_ACCOUNT = "keep one's own account"
    READ_PARTIES = "read parties"
    READ_TRAIL = "read the trail"
    READ_ACCESS_LOG = "read the access log"
    MANAGE_PARTIES = "admit, change and suspend parties"
    MANAGE_PEOPLE = "invite and disable people"


# What changes something: never with a token, and for administrators only with a
# passkey (unless the keeper has set otherwise).
DECISIONS = frozenset(
    {Right.RECORD, Right.OWN_ACCOUNT, Right.MANAGE_PARTIES, Right.MANAGE_PEOPLE}
)


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts: a party, whoever sits at its desk.

    Args:
        kinds: what the party is, as far as rights go.
        name: as *limited* availability and statements name it.
        party: id of the party; 0 = none (the keeper itself, or nobody known).
        via: name of the agent that acts for it; empty = it acts itself.
        makers: manufacturer codes it holds today, upper case.
        viewed_makers: codes it may read as a MAP or MOP.
        viewed_models: single hardware models it may read as such.
    """

    kinds: frozenset[PartyKind]
    name: str
    party: int = 0
    via: str = ""
    makers: frozenset[str] = frozenset()
    viewed_makers: frozenset[str] = frozenset()
    viewed_models: frozenset[ModelKey] = frozenset()


KEEPER = Principal(kinds=frozenset({PartyKind.KEEPER}), name="keeper")
PUBLIC = Principal(kinds=frozenset({PartyKind.PUBLIC}), name="public")
# Where the keeper's settings open the CPL part to everybody.
CPL_READER = Principal(kinds=frozenset({PartyKind.CPL_READER}), name="public")


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What part of the register a right reaches.

    Args:
        makers: manufacturer codes within reach; None = all.
        models: single hardware models within reach besides.
        fir: whether FIR information is within reach.
        people: whether contacts are.
        private: whether private parts, and who recorded what, are.
        own: codes whose statements concern the asker; it is told who recorded them.
        party: the asker's own party; 0 = none.
        parties: whether every party is within reach.
    """

    makers: frozenset[str] | None = None
    models: frozenset[ModelKey] = frozenset()
    fir: bool = True
    people: bool = True
    private: bool = False
    own: frozenset[str] = frozenset()
    party: int = 0
    parties: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every hardware model is within reach."""
        return self.makers is None

    @property
    def codes(self) -> frozenset[str] | None:
        """Manufacturer codes of which anything is within reach; None = all."""
        if self.makers is None or not self.models:
            return self.makers
        return self.makers | {key.manufacturer for key in self.models}

    @property
    def findings(self) -> "Scope":
        """The part of it whose findings are within reach.

        They compare an entry with its maker's other ones, so whoever reaches single
        models of a maker is told none of that maker.
        """
        makers = self.makers if self.fir else _NONE
        return msgspec.structs.replace(self, makers=makers, models=frozenset())

    def covers(self, key: ModelKey) -> bool:
        """Tell whether the entries of a hardware model are within reach."""
        makers = self.makers
        return makers is None or key.manufacturer in makers or key in self.models

    def covers_maker(self, code: str) -> bool:
        """Tell whether a manufacturer is within reach, or one of its models."""
        makers = self.makers
        if makers is None or code in makers:
            return True
        return any(key.manufacturer == code for key in self.models)

    @property
    def sees_all(self) -> bool:
        """Whether nothing but private parts is out of reach.

        Whoever does not see all of something is told nothing about what it may not
        see, not even that there is none.
        """
        return self.makers is None and self.fir and self.people

    def sees_all_of(self, key: ModelKey) -> bool:
        """Tell whether nothing but private parts of a hardware model is out of reach.

        Its entries with their FIR information and contacts, and its maker's contact.
        """
        return self.fir and self.people and self.covers(key)

    def sees_all_of_maker(self, code: str) -> bool:
        """Tell whether that holds for all hardware models of a manufacturer."""
        known = self.makers is None or code in self.makers
        return known and self.fir and self.people

    def covers_party(self, party: int) -> bool:
        """Tell whether a party's own record is within reach."""
        return self.parties or (party != 0 and party == self.party)

    def concerns(self, code: str) -> bool:
        """Tell whether the asker is told who recorded what of a manufacturer code."""
        return self.private or code in self.own


_EVERYTHING = Scope(private=True, parties=True)
_ALL_ENTRIES = Scope()
_CPL_PART = Scope(fir=False, people=False)
_NO_DATA = Scope(makers=frozenset(), fir=False, people=False)
# These three are filled in for the principal.
_OWN = Scope(makers=frozenset())
_VIEWED = Scope(makers=frozenset(), models=frozenset({ModelKey("", "")}))
_ITSELF = Scope(makers=frozenset(), fir=False)

_Row = dict[Right, Scope]
_OPEN: _Row = dict.fromkeys(
    (Right.READ_HEALTH, Right.READ_LOG, Right.READ_STATIC, Right.SIGN_IN), _NO_DATA
)
_PARTY: _Row = {
    **_OPEN,
    Right.OWN_ACCOUNT: _ITSELF,
    Right.READ_PARTIES: _ITSELF,
    Right.READ_TRAIL: _ITSELF,
    Right.READ_ACCESS_LOG: _ITSELF,
}
_READER: _Row = {**_PARTY, Right.READ_ENTRIES: _ALL_ENTRIES}
_OVERSEER: _Row = {**_PARTY, Right.READ_ENTRIES: Scope(private=True)}
_ADMINISTRATOR: _Row = {
    **_PARTY,
    **dict.fromkeys(
        (
            Right.READ_ENTRIES,
            Right.READ_PARTIES,
            Right.READ_TRAIL,
            Right.READ_ACCESS_LOG,
            Right.MANAGE_PARTIES,
            Right.MANAGE_PEOPLE,
        ),
        _EVERYTHING,
    ),
}

# The one table.  A kind or a right that is not here is refused.
TABLE: dict[PartyKind, _Row] = {
    PartyKind.KEEPER: dict.fromkeys(Right, _EVERYTHING),
    PartyKind.ADMINISTRATOR: _ADMINISTRATOR,
    PartyKind.IMPORT_SUPPLIER: _READER,
    PartyKind.GAS_SUPPLIER: _READER,
    PartyKind.DCC: _READER,
    PartyKind.SSC: _OVERSEER,
    PartyKind.MANUFACTURER: {**_PARTY, Right.READ_ENTRIES: _OWN},
    PartyKind.MAP: {**_PARTY, Right.READ_ENTRIES: _VIEWED},
    PartyKind.MOP: {**_PARTY, Right.READ_ENTRIES: _VIEWED},
    PartyKind.NETWORK_PARTY: _PARTY,
    PartyKind.AGENT: _PARTY,
    PartyKind.SHARED_RESOURCE_PROVIDER: _PARTY,
    PartyKind.PUBLIC: _OPEN,
    PartyKind.CPL_READER: {**_OPEN, Right.READ_ENTRIES: _CPL_PART},
}


@lru_cache(maxsize=4096)
def scope_of(principal: Principal, right: Right) -> Scope:
    """Give what a right reaches for somebody: all that its kinds reach.

    Raises:
        NotFoundError: the table does not grant it; it looks like "not there".
    """
    granted = [TABLE[kind].get(right) for kind in principal.kinds if kind in TABLE]
    scopes = [_filled(scope, principal) for scope in granted if scope is not None]
    reached = [scope for scope in scopes if scope is not None]
    if not reached:
        raise NotFoundError("there is nothing here that you may see")
    return reduce(_joined, reached)


def _filled(scope: Scope, principal: Principal) -> Scope | None:
    """Put what belongs to the principal into a scope of the table; None = nothing."""
    own, party = principal.makers, principal.party
    if scope is _OWN:
        return Scope(makers=own, own=own, party=party)
    if scope is _ITSELF:
        held = own if PartyKind.MANUFACTURER in principal.kinds else frozenset[str]()
        return Scope(makers=held, own=held, party=party)
    if scope is _VIEWED:
        makers, models = principal.viewed_makers, principal.viewed_models
        if not makers and not models:
            return None
        return Scope(makers=makers, models=models, party=party)
    return msgspec.structs.replace(scope, party=party)


def _joined(one: Scope, other: Scope) -> Scope:
    """Give what either reaches.

    Sound because only scopes of parties meet here, which all see contacts and FIR
    information of what they reach, and private parts only where they reach all.
    """
    whole = one.makers is None or other.makers is None
    return Scope(
        makers=None if whole else (one.makers or _NONE) | (other.makers or _NONE),
        models=frozenset() if whole else one.models | other.models,
        fir=one.fir or other.fir,
        people=one.people or other.people,
        private=one.private or other.private,
        own=one.own | other.own,
        party=one.party,
        parties=one.parties or other.parties,
    )


_NONE: frozenset[str] = frozenset()
