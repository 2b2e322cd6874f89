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
