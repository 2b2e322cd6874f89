"""How much of the entries somebody may see, told to mirrors of what it was given.

A mirror answers with the words that the server has for the same asker: it needs to know
whether there may be more than it holds.
"""

import msgspec

from firtree.access import Scope
from firtree.devices import ModelKey


class ReachWire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of the entries somebody may see.

    ``makers`` is null where the entries of all manufacturers are within reach;
    ``models`` are pairs of manufacturer and model, single ones that are besides.
    ``private``: private parts, and who recorded what, are within reach; ``own`` are
    codes of which the latter is.
    """

    makers: tuple[str, ...] | None = None
    models: tuple[tuple[str, str], ...] = ()
    fir: bool = True
    people: bool = True
    private: bool = False
    own: tuple[str, ...] = ()


def reach_wire(scope: Scope) -> ReachWire:
    """Write what a scope reaches of entries and contacts."""
    return ReachWire(
        makers=None if scope.makers is None else tuple(sorted(scope.makers)),
        models=tuple(sorted((key.manufacturer, key.model) for key in scope.models)),
        fir=scope.fir,
        people=scope.people,
        private=scope.private,
        own=tuple(sorted(scope.own)),
    )


def read_reach(wire: ReachWire) -> Scope:
    """Read it back; :func:`reach_wire` writes the same of it."""
    return Scope(
        makers=None if wire.makers is None else frozenset(wire.makers),
        models=frozenset(ModelKey(*pair) for pair in wire.models),
        fir=wire.fir,
        people=wire.people,
        private=wire.private,
        own=frozenset(wire.own),
    )


def common_reach(one: Scope, other: Scope) -> Scope:
    """Give what is within the reach of both."""
    models = frozenset(
        key
        for key in one.models | other.models
        if one.covers(key) and other.covers(key)
    )
    makers = (
        other.makers
        if one.makers is None
        else one.makers
        if other.makers is None
        else one.makers & other.makers
    )
    return Scope(
        makers=makers,
        models=models,
        fir=one.fir and other.fir,
        people=one.people and other.people,
        private=one.private and other.private,
        own=one.own & other.own,
    )


def joint_reach(one: Scope, other: Scope) -> Scope:
    """Give what is within the reach of either, as far as a scope can say it.

    Where it cannot, because the two see different sections, give the other one.
    """
    if is_within_reach(other, one):
        return one
    if is_within_reach(one, other) or _sections(one) != _sections(other):
        return other
    is_whole = one.makers is None or other.makers is None
    return Scope(
        makers=None if is_whole else (one.makers or _NONE) | (other.makers or _NONE),
        models=one.models | other.models,
        fir=one.fir,
        people=one.people,
        private=one.private,
        own=one.own | other.own,
    )


_NONE: frozenset[str] = frozenset()


def is_within_reach(one: Scope, other: Scope) -> bool:
    """Tell whether all that one reaches of entries is within the reach of the other.

    Who recorded what is not looked at: no answer rests on it.
    """
    covers = other.makers is None or (
        one.makers is not None and one.makers <= other.makers
    )
    more = zip(_sections(one), _sections(other), strict=True)
    return (
        covers
        and all(other.covers(key) for key in one.models)
        and all(theirs or not ours for ours, theirs in more)
    )


def _sections(scope: Scope) -> tuple[bool, bool, bool]:
    return scope.fir, scope.people, scope.private
